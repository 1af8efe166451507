/**
 * From hosts that go down and come up to alerts. A host that falls silent is held back for a moment,
 * to see whether others do, too; then it is part of an incident or an alert of its own. One that
 * says itself that it is down is told at once.
 */

import type { HostEvent } from "../events.ts";
import { DOWN, type Watch } from "../watch.ts";
import type { AlertBook } from "./book.ts";
import type { Fallen } from "./common_cause.ts";
import type { Desk } from "./desk.ts";
import type { Incidents } from "./incidents.ts";
import type { IncidentMembers } from "./members.ts";
import type { AlertSettings } from "./settings.ts";
import { evidenceOf, silenceOf } from "./silence.ts";
import { silenceText } from "./texts.ts";

/**
 * Time for which a host is held back, milliseconds: until the next tick. People are told within a
 * second after the deadline.
 */
const HOLD_MS = 200;

/** Hosts told of in one go: a few milliseconds of work. */
const AT_ONCE = 1000;

/** A host that was told by itself may still turn out to be part of an incident for this long. */
const LATELY_MS = 120_000;

/** Such hosts remembered. */
const LATELY_KEPT = 1000;

export interface SilenceOptions {
  readonly watch: Watch;
  readonly book: AlertBook;
  readonly desk: Desk;
  readonly incidents: Incidents;
  readonly members: IncidentMembers;
  readonly settings: () => AlertSettings;
}

export class Silences {
  readonly #options: SilenceOptions;
  #held: Fallen[] = [];
  #heldSinceMs = 0;
  #lately: Fallen[] = [];

  constructor(options: SilenceOptions) {
    this.#options = options;
  }

  /** `row` went down. */
  down(row: number, event: HostEvent): void {
    const { watch, settings } = this.#options;
    if (event.reason !== undefined) return this.failed(row, event.atMs);
    const graceMs = event.graceMs ?? 0;
    const overdueMs = event.silenceMs - (event.intervalMs ?? 0) - graceMs;
    const expectedMs = watch.listening.at(event.atMs) - Math.max(0, overdueMs) - graceMs;
    const fallen = { row, expectedMs, event };
    if (!settings().isWatched(event.host)) {
      watch.recency.forget(row);
      return this.#alone(fallen, event.atMs);
    }
    if (this.#held.length === 0) this.#heldSinceMs = event.atMs;
    this.#held.push(fallen);
  }

  /** `row` is down though it speaks: its silence before is not told any more, nor one after. */
  failed(row: number, nowMs: number): void {
    const { watch, desk } = this.#options;
    const failure = watch.reports.failure(row);
    if (failure === null) return;
    this.dropped(row);
    watch.recency.forget(row);
    const host = watch.hosts.names[row] ?? "";
    const { atMs, cause, text } = failure;
    const what = { kind: "down", host, metric: null, level: "CRITICAL" } as const;
    const evidence = { kind: "report", cause, text, atMs } as const;
    desk.judge({ ...what, text: `${host} - ${text}`, evidence, sinceMs: atMs }, nowMs);
  }

  /** One more interval of the silence of `row` has passed. */
  missed(row: number, event: HostEvent): void {
    const { book, desk, settings, watch } = this.#options;
    if (!settings().everyMiss || event.missed < 2) return;
    const known = book.find({ kind: "down", host: event.host, metric: null });
    if (known === null || known.evidence.kind !== "silence") return;
    const evidence = evidenceOf(watch, row, event);
    const text = silenceText(event.host, evidence);
    desk.missed({ ...known, text, evidence }, event.missed, event.atMs);
  }

  /** `host`, which was down, is not any more: `how` says what became of it. */
  over(host: string, how: string, nowMs: number): void {
    const { book, desk } = this.#options;
    const known = book.find({ kind: "down", host, metric: null });
    if (known === null) return;
    const isBack = known.evidence.kind === "report" && how === "heartbeat is back";
    desk.end(known, `${host} - ${isBack ? "is well again" : how}`, nowMs);
  }

  /** The host of `row` is gone: it is not told of any more. */
  dropped(row: number): void {
    this.#held = this.#held.filter((one) => one.row !== row);
    this.#lately = this.#lately.filter((one) => one.row !== row);
  }

  /** Tells of what was held back long enough. Returns true when there is more. */
  tick(nowMs: number): boolean {
    // A clock that was set back must not hold anything back.
    if (this.#held.length > 0 && Math.abs(nowMs - this.#heldSinceMs) >= HOLD_MS) {
      this.#release(nowMs);
      if (this.#held.length > 0) return true;
    }
    this.#options.incidents.tick(nowMs);
    return false;
  }

  /** After recovery: `row` is down, and nothing is known of an alert. */
  restore(row: number, nowMs: number): void {
    const { watch } = this.#options;
    if (watch.reports.failure(row) !== null) return this.failed(row, nowMs);
    const host = watch.hosts.names[row] ?? "";
    const { silenceMs, missed, intervalMs, graceMs } = silenceOf(watch, row, nowMs);
    const times = { silenceMs, missed, intervalMs, graceMs };
    this.down(row, { type: "down", seq: watch.seq, atMs: nowMs, host, ...times });
  }

  /** Tells of what was held back. */
  #release(nowMs: number): void {
    const { incidents, watch } = this.#options;
    const isStillDown = ({ row }: Fallen) => watch.hosts.state[row] === DOWN;
    const held = this.#held.splice(0, AT_ONCE).filter(isStillDown);
    const lately = this.#lately.filter((one) =>
      isStillDown(one) && this.#isAlone(one) && nowMs - one.event.atMs < LATELY_MS
    );
    const known = new Set(lately);
    const rest = held.length === 0 ? lately : incidents.take(held, lately, nowMs);
    for (const one of rest) if (!known.has(one)) this.#alone(one, nowMs);
    for (const { row } of held) watch.recency.forget(row);
    this.#lately = rest.slice(-LATELY_KEPT);
  }

  #isAlone({ row }: Fallen): boolean {
    return this.#options.members.of(row) === 0;
  }

  #alone({ row, event }: Fallen, nowMs: number): void {
    const { watch, desk } = this.#options;
    const evidence = evidenceOf(watch, row, event);
    const text = silenceText(event.host, evidence);
    const what = { kind: "down", host: event.host, metric: null, level: "CRITICAL" } as const;
    desk.judge({ ...what, text, evidence, sinceMs: event.atMs }, nowMs);
  }
}
