/**
 * A past as a server lives it: a monitor that is told things and ticked, the journal that it writes,
 * and what it would have shown at each moment.
 */

import fc from "fast-check";
import { LineWriter } from "../../src/journal/line.ts";
import type { AlertRecord } from "../../src/monitor/alerts/record.ts";
import { Monitor } from "../../src/monitor/monitor.ts";
import type { WatchSettings } from "../../src/monitor/settings.ts";
import type { HostSnapshot } from "../../src/monitor/snapshot.ts";
import type { Fields } from "../../src/wire/datagram.ts";
import { LocalTime } from "../../src/wire/local_time.ts";
import { START_MS } from "../monitor/alerts/support.ts";
import { udpMessage } from "../monitor/support.ts";

/** What is shown at a moment. */
export interface Shown {
  readonly atMs: number;
  readonly seq: number;
  readonly hosts: readonly HostSnapshot[];
  readonly alerts: readonly Pick<AlertRecord, "id" | "kind" | "host" | "level" | "sinceMs">[];
}

/**
 * What `monitor` shows at `atMs`, but for what the journal does not tell: copies of messages, and by
 * how much a pause moved the deadlines of the hosts `paused`.
 */
export function shown(
  monitor: Monitor,
  atMs: number,
  paused: ReadonlySet<string> = new Set(),
): Shown {
  monitor.showAt(atMs);
  const hosts = monitor.hosts(0, 1000).map((host) => ({
    ...host,
    deadlineMs: paused.has(host.name) ? null : host.deadlineMs,
    client: host.client === null ? null : { ...host.client, duplicates: 0 },
  }));
  const alerts = [...monitor.alerts?.active() ?? []].map((
    { id, kind, host, level, sinceMs },
  ) => ({ id, kind, host, level, sinceMs }));
  return {
    atMs,
    seq: monitor.seq,
    hosts: hosts.sort((a, b) => a.name < b.name ? -1 : 1),
    alerts: alerts.sort((a, b) => Number(a.id) - Number(b.id)),
  };
}

export class Lived {
  readonly monitor: Monitor;
  readonly #lines = new LineWriter(new LocalTime());
  nowMs = START_MS;
  #latestMs = START_MS;
  /** The journal, a line each. */
  readonly lines: string[] = [];
  /** In the order of time. Where the clock was set back, a moment comes twice: it is left out. */
  readonly moments: Shown[] = [];
  /** Hosts that ever were paused. */
  readonly paused = new Set<string>();

  constructor(settings: WatchSettings) {
    this.monitor = new Monitor(settings);
  }

  get text(): string {
    return this.lines.join("");
  }

  send(fields: Fields, dialect?: string): void {
    const message = {
      ...udpMessage(fields),
      ...(dialect === undefined ? {} : { dialect, transport: "http", path: "/ping/x" } as const),
    };
    const receipt = this.monitor.receive(message, this.nowMs);
    if (receipt.outcome !== "taken") return;
    for (const event of receipt.before) this.lines.push(this.#lines.event(event));
    this.lines.push(this.#lines.message(receipt.seq, message, receipt.late, this.nowMs));
    for (const event of receipt.after) this.lines.push(this.#lines.event(event));
    this.#alerts();
  }

  /** Time passes; the server looks at its hosts four times a second. */
  pass(forMs: number): void {
    const endMs = this.nowMs + forMs;
    while (this.nowMs < endMs) {
      this.nowMs = Math.min(endMs, this.nowMs + 250);
      this.tick();
    }
  }

  tick(): void {
    const { events } = this.monitor.tick(this.nowMs, 1000);
    for (const event of events) this.lines.push(this.#lines.event(event));
    this.#alerts();
  }

  deaf(shiftMs: number, beatsLost = true): void {
    this.nowMs += shiftMs;
    const event = this.monitor.deaf({ shiftMs, beatsLost }, this.nowMs);
    this.lines.push(this.#lines.event(event));
    while ((this.moments.at(-1)?.atMs ?? -Infinity) >= this.nowMs) this.moments.pop();
  }

  pause(host: string, forMs: number | null): void {
    const pause = { fromMs: this.nowMs, untilMs: this.nowMs + (forMs ?? 0), reason: "work" };
    this.monitor.pause(host, forMs === null ? null : pause, this.nowMs);
    this.paused.add(host);
    this.#alerts();
  }

  drop(host: string): void {
    this.monitor.drop(host, this.nowMs);
    this.#alerts();
  }

  /** Notes what is shown now. */
  look(): void {
    if (this.nowMs < this.#latestMs) return;
    if (this.moments.at(-1)?.atMs === this.nowMs) this.moments.pop();
    this.moments.push(shown(this.monitor, this.nowMs));
    this.#latestMs = this.nowMs;
  }

  #alerts(): void {
    for (const event of this.monitor.takeAlertEvents()) this.lines.push(this.#lines.event(event));
  }
}

type Step = (lived: Lived, n: number) => void;

const host = fc.constantFrom("a", "b", "c", "d");

const fields = fc.constantFrom<Fields>(
  { ID: "HTB" },
  { ID: "HTB" },
  { ID: "HTB" },
  { ID: "HTB", interval: 2, rtt: 12.5, ver: "0.1.0" },
  { ID: "HTB", grace: 3.5, run: "r" },
  { ID: "START", run: "r" },
  { ID: "FAIL", message: "disk full", run: "r" },
  { ID: "BOOT" },
  { ID: "SHUTDOWN" },
  { ID: "SHUTDOWN", back_in: 5 },
  { ID: "MSG", message: "two\nlines", level: "info" },
  { ID: "PLG", plugin: "cpu", data: { load: 91 } },
  { ID: "PLG", plugin: "cpu", data: { load: 5 } },
);

const send = fc.record({
  name: host,
  boot: fc.constantFrom(null, null, null, "m.1", "m.2"),
  seq: fc.integer({ min: 0, max: 50 }),
  fields,
  dialect: fc.constantFrom(undefined, undefined, "healthchecks"),
}).map(({ name, boot, seq, fields, dialect }): Step => (lived, n) =>
  lived.send({
    ...fields,
    name,
    ...(boot === null ? {} : { boot_id: boot, seq }),
    // A clock of its own, by which no two messages are the same one sent again.
    time: START_MS / 1000 + n,
  }, dialect)
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 16, arbitrary: send },
  {
    weight: 8,
    arbitrary: fc.integer({ min: 0, max: 12_000 }).map((ms): Step => (lived) => lived.pass(ms)),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 0, max: 120_000 }).map((ms): Step => (lived) => lived.pass(ms)),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: -5000, max: 60_000 }).map((ms): Step => (lived) => lived.deaf(ms)),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(host, fc.option(fc.integer({ min: 1, max: 60_000 }))).map((
      [name, forMs],
    ): Step =>
    (lived) => lived.pause(name, forMs)),
  },
  { weight: 1, arbitrary: host.map((name): Step => (lived) => lived.drop(name)) },
);

/** Any past. */
export const steps: fc.Arbitrary<readonly Step[]> = fc.array(step, { maxLength: 60 });

/** Lives through `steps`, looking after each, and between two of them. */
export function live(settings: WatchSettings, steps: readonly Step[]): Lived {
  const lived = new Lived(settings);
  for (const [n, step] of steps.entries()) {
    step(lived, n);
    lived.look();
    // The server looks meanwhile: else what it finds late is told late, too.
    lived.pass(100);
    lived.look();
  }
  return lived;
}
