/**
 * `replay`: how long the state at a past moment takes, from a journal of 100 MB (1000 hosts, a beat a
 * minute), and how long the main loop is kept from its work meanwhile.
 *
 * The Worker and all around it are those of the server; the loop is that of this process, which does
 * nothing else but look every 2 ms how late it is. Fair: what the Worker hands over is JSON text of
 * all the hosts, as it goes to a browser. Beside it `whatif` over the same journal, in lines a second.
 */

import { join } from "@std/path";
import { DEFAULT_CONFIG } from "../../src/config/schema.ts";
import { alertSettings } from "../../src/alert_settings.ts";
import { LineWriter } from "../../src/journal/line.ts";
import { Replayer } from "../../src/replay/replayer.ts";
import { whatIf } from "../../src/replay/what_if.ts";
import { watchSettings } from "../../src/watch_settings.ts";
import { readClientMessage } from "../../src/wire/client_message.ts";
import { LocalTime } from "../../src/wire/local_time.ts";
import { type Bench, BenchError, type Figure } from "./harness.ts";

const HOSTS = 1000;
const JOURNAL_BYTES = 100_000_000;

/** Beats of a host are so far apart. */
const INTERVAL_S = 60;

/** The loop of a server may be this late at most while somebody looks back. */
const WANTED_STALL_MS = 50;

const EVERYTHING = { user: null, via: "anonymous", reach: "everything", most: "monitor" } as const;

/** Measures it. */
export async function replayTime(bench: Bench): Promise<Figure> {
  const dir = await bench.tempDir();
  const config = { ...DEFAULT_CONFIG, intervalS: INTERVAL_S };
  const { sinceMs, untilMs, lines } = await writeJournal(join(dir, "messages.journal"));
  const place = { dir, file: "messages.journal" };
  using replayer = new Replayer({
    place,
    config: () => config,
    madeAfter: () => 0,
    hostname: "bench",
    limitMs: 300_000,
  });
  const { signal } = new AbortController();
  const look = (atMs: number) => replayer.state({ atMs, who: EVERYTHING, signal });
  // The Worker itself starts but once.
  await look(sinceMs);
  using loop = new LoopWatch();
  const wholeMs = await timed(() => look(untilMs));
  const steps: number[] = [];
  for (const part of [0.9, 0.5, 0.51, 0.1]) {
    steps.push(await timed(() => look(sinceMs + part * (untilMs - sinceMs))));
  }
  const stallMs = loop.worstMs;
  const settings = { ...watchSettings(config), alerts: alertSettings(config, "bench") };
  const whatIfMs = await timed(() => whatIf(place, settings, { sinceMs: 0, untilMs }));
  const shown = steps.map((ms) => `${Math.round(ms)} ms`).join(", ");
  return {
    name: "replay",
    measured: `${(wholeMs / 1000).toFixed(1)} s, stalls up to ${stallMs.toFixed(0)} ms`,
    wanted: `stalls up to ${WANTED_STALL_MS} ms`,
    ok: stallMs <= WANTED_STALL_MS,
    notes: [
      `${lines} lines, ${HOSTS} hosts, ${JOURNAL_BYTES / 1e6} MB: ` +
      `${Math.round(lines / wholeMs * 1000)} lines/s to the end`,
      `after that, moments in between: ${shown}`,
      `whatif: ${Math.round(lines / whatIfMs * 1000)} lines/s`,
    ],
  };
}

async function timed(what: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  if (await what() === null) throw new BenchError("There is no journal to read");
  return performance.now() - startMs;
}

/** Looks how late timers of this thread are. */
class LoopWatch implements Disposable {
  readonly #timer: ReturnType<typeof setInterval>;
  #lastMs = performance.now();
  worstMs = 0;

  constructor() {
    this.#timer = setInterval(() => {
      const nowMs = performance.now();
      this.worstMs = Math.max(this.worstMs, nowMs - this.#lastMs - 2);
      this.#lastMs = nowMs;
    }, 2);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

async function writeJournal(path: string) {
  const writer = new LineWriter(new LocalTime());
  const sinceMs = Date.UTC(2026, 0, 1);
  using file = await Deno.open(path, { write: true, create: true });
  const encoder = new TextEncoder();
  let [bytes, lines, atMs, text] = [0, 0, sinceMs, ""];
  while (bytes < JOURNAL_BYTES) {
    const name = `host-${lines % HOSTS}`;
    const fields = { ID: "HTB", name, time: atMs / 1000, interval: INTERVAL_S, rtt: 12.5 };
    const message = {
      ...readClientMessage(fields, "192.0.2.1", 4711),
      transport: "udp" as const,
      path: "HTB",
      payload: fields,
      payloadText: JSON.stringify(fields),
      parseError: false,
      signed: false,
    };
    text += writer.message(++lines, message, false, atMs);
    atMs += INTERVAL_S * 1000 / HOSTS;
    if (text.length < 1 << 20) continue;
    const chunk = encoder.encode(text);
    let written = 0;
    while (written < chunk.length) written += await file.write(chunk.subarray(written));
    bytes += chunk.length;
    text = "";
  }
  return { sinceMs, untilMs: atMs, lines };
}
