/**
 * What a server has heard of many machines for some hours: the state folder that it would have then,
 * made by the real monitor, journal and store under a clock that runs fast. On the pages of a server
 * that is started on it there is what there would be: bars, charts, uptime, alerts, events.
 *
 * It is the same each time, but for the hour at which it ends.
 */

import { join } from "@std/path";
import { alertSettings } from "../../src/alert_settings.ts";
import { parseConfig } from "../../src/config/load.ts";
import { HistoryBook } from "../../src/history/book.ts";
import { HistoryKeeper } from "../../src/history/keeper.ts";
import { LineWriter } from "../../src/journal/line.ts";
import { Monitor } from "../../src/monitor/monitor.ts";
import { checkpoint } from "../../src/store/checkpoint.ts";
import { KvStore } from "../../src/store/kv.ts";
import { watchSettings } from "../../src/watch_settings.ts";
import type { Fields } from "../../src/wire/datagram.ts";
import { LocalTime } from "../../src/wire/local_time.ts";
import type { Message } from "../../src/wire/message.ts";
import type { Hbd } from "../e2e/hbd.ts";
import { udpMessage } from "../monitor/support.ts";
import { type Machine, MACHINES } from "./machines.ts";

/** Time between two looks of the watchdog. */
const TICK_MS = 2000;

/** The journal ends so long before now: what is then sent comes after it. */
const END_MS = 1000;

const HOUR_MS = 3_600_000;

/** Time between two samples of a plugin. */
const SAMPLE_MS = 60_000;

/** Messages older than this are not in the journal any more: it has been rotated. */
const JOURNAL_MINUTES = 120;

/** Writes the last `hours` of `MACHINES` under `config` into the state folder `dir`. */
export async function writePast(dir: string, config: string, hours: number): Promise<void> {
  await Deno.mkdir(dir, { recursive: true });
  const settings = await parseConfig(config, "hbd.yaml");
  const watch = { ...watchSettings(settings), alerts: alertSettings(settings, "watch") };
  await using store = await KvStore.open(join(dir, "hbd.kv"));
  const past = new PastWriter(new Monitor(watch), store);
  const endMs = Date.now() - END_MS;
  const startMs = endMs - hours * HOUR_MS;
  const minuteAt = (atMs: number) => (endMs - atMs) / 60_000;
  const plans = MACHINES.map((machine, i) => ({
    machine,
    beatMs: startMs + i * 700,
    sampleMs: startMs + 5000 + i * 300,
  }));
  for (let nowMs = startMs; nowMs <= endMs; nowMs += TICK_MS) {
    for (const plan of plans) {
      const { machine } = plan;
      while (plan.beatMs <= nowMs) {
        const minute = minuteAt(plan.beatMs);
        const message = messageOf(machine, plan.beatMs, minute);
        if (message !== null) past.hear(message, plan.beatMs, minute < JOURNAL_MINUTES);
        const jitterMs = (random(plan.beatMs + 1) - 0.5) * 400 + (machine.lateMs?.(minute) ?? 0);
        plan.beatMs += machine.interval * 1000 + jitterMs;
      }
      if (machine.samples === undefined || plan.sampleMs > nowMs) continue;
      const minute = minuteAt(plan.sampleMs);
      const samples = machine.isSilent?.(minute) ? [] : machine.samples(minute, random);
      for (const [plugin, data] of samples) {
        const message = datagram(machine, plan.sampleMs, { ID: "PLG", plugin, data });
        past.hear(message, plan.sampleMs, minute < JOURNAL_MINUTES);
      }
      plan.sampleMs += SAMPLE_MS;
    }
    past.tick(nowMs);
    if (nowMs % HOUR_MS < TICK_MS) await past.writeHours(nowMs - 120_000);
  }
  await past.finish(endMs);
  await Deno.writeTextFile(join(dir, "messages.journal"), past.text());
}

/** A number from 0 to 1 that is the same for the same `seed`. */
export function random(seed: number): number {
  const x = Math.sin(seed * 12.9898) * 43_758.5453;
  return x - Math.floor(x);
}

/** What a machine says at a time; null: nothing. */
function messageOf(machine: Machine, atMs: number, minute: number): Message | null {
  if (machine.isSilent?.(minute) === true) return null;
  const goodbye = machine.goodbyeMinute;
  if (goodbye !== undefined && minute < goodbye) {
    const isFirst = minute >= goodbye - machine.interval / 60;
    return isFirst ? datagram(machine, atMs, { ID: "SHUTDOWN" }) : null;
  }
  if (machine.rtt === undefined) return post(machine, atMs, minute);
  const rtt = Math.round(10 * machine.rtt(minute, random(atMs))) / 10;
  return datagram(machine, atMs, {
    ...{ ID: "HTB", interval: machine.interval, rtt, ver: "0.1.0" },
    ...(machine.ip6 !== undefined && minute % 2 < 1 && { via: "6" }),
  });
}

function datagram(machine: Machine, atMs: number, fields: Fields): Message {
  const { via, ...rest } = fields;
  const whole = { ...rest, name: machine.name, time: Math.round(atMs) / 1000 };
  return udpMessage(whole, via === undefined ? machine.ip : machine.ip6);
}

function post(machine: Machine, atMs: number, minute: number): Message {
  const payload = { name: machine.name, interval: machine.interval, ...machine.says?.(minute) };
  const told = udpMessage({ ID: "HTB", ...payload }, machine.ip);
  return {
    ...told,
    transport: "http",
    path: "/",
    payload,
    payloadText: JSON.stringify(payload),
    sentMs: atMs,
  } as Message;
}

/** Writes down what the monitor makes of what it hears, as the server does. */
class PastWriter {
  readonly #monitor: Monitor;
  readonly #store: KvStore;
  readonly #keeper: HistoryKeeper;
  readonly #lines = new LineWriter(new LocalTime());
  readonly #text: string[] = [];
  #nowMs = 0;

  constructor(monitor: Monitor, store: KvStore) {
    this.#monitor = monitor;
    this.#store = store;
    this.#keeper = new HistoryKeeper({
      hours: monitor.hours,
      book: new HistoryBook(store),
      nowMs: () => this.#nowMs,
      days: () => 90,
      onTrouble: (error) => {
        throw error;
      },
    });
  }

  hear(message: Message, atMs: number, isKept: boolean): void {
    const now = Math.round(atMs);
    const receipt = this.#monitor.receive(message, now);
    if (receipt.outcome !== "taken") throw new Error(`${message.host}: ${receipt.outcome}`);
    for (const event of receipt.before) this.#text.push(this.#lines.event(event));
    if (isKept) this.#text.push(this.#lines.message(receipt.seq, message, receipt.late, now));
    for (const event of receipt.after) this.#text.push(this.#lines.event(event));
    this.#alerts();
  }

  tick(nowMs: number): void {
    this.#nowMs = nowMs;
    for (const event of this.#monitor.tick(nowMs, 1000).events) {
      this.#text.push(this.#lines.event(event));
    }
    this.#alerts();
  }

  /** Writes the hours that were over at `beforeMs`. */
  async writeHours(beforeMs: number): Promise<void> {
    this.#nowMs = beforeMs;
    await this.#keeper.work();
  }

  /** Leaves in the store what a server that stops leaves there. */
  async finish(nowMs: number): Promise<void> {
    await this.#keeper.stop();
    await checkpoint(this.#monitor, this.#store, nowMs);
  }

  /** The journal. */
  text(): string {
    return this.#text.join("");
  }

  #alerts(): void {
    for (const event of this.#monitor.takeAlertEvents()) {
      this.#text.push(this.#lines.event(event));
    }
  }
}

/** Beats for all machines that are well, by HTTP, until it is disposed of. */
export function keepBeating(hbd: Hbd): AsyncDisposable {
  const well = MACHINES.filter(({ isSilent, goodbyeMinute }) =>
    goodbyeMinute === undefined && isSilent?.(0) !== true
  );
  const said: Promise<unknown>[] = [];
  const beat = (machine: Machine) => {
    const payload = machine.rtt === undefined
      ? { name: machine.name, interval: machine.interval, ...machine.says?.(0) }
      : {
        ...{ ID: "HTB", name: machine.name, interval: machine.interval, ver: "0.1.0" },
        rtt: Math.round(10 * machine.rtt(0, random(Date.now()))) / 10,
      };
    const answer = fetch(hbd.url(), { method: "POST", body: JSON.stringify(payload) });
    said.push(answer.then((response) => response.body?.cancel()).catch(() => {}));
  };
  const timers = well.flatMap((machine, i) => [
    setTimeout(() => beat(machine), 150 * i),
    setInterval(() => beat(machine), 1000 * machine.interval),
  ]);
  return {
    async [Symbol.asyncDispose]() {
      timers.forEach(clearTimeout);
      await Promise.all(said);
    },
  };
}
