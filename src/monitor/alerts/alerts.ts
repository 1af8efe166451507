/**
 * The alerts of the monitor put together: what the watch and the doors bring goes in, and events
 * come out, for the journal and for those who tell people.
 */

import type { BeatFacts, MetricsFacts } from "../../wire/message.ts";
import type { AlertBookEvent, DropEvent, HostEvent } from "../events.ts";
import type { MetricsHistory } from "../history.ts";
import type { Level } from "../level.ts";
import { DOWN, UP, type Watch } from "../watch.ts";
import { AlertBook } from "./book.ts";
import { Desk } from "./desk.ts";
import { Incidents } from "./incidents.ts";
import { MetricAlerts } from "./metrics.ts";
import { LastHeard } from "./last_heard.ts";
import { type AlertRecord, isOfHost } from "./record.ts";
import type { AlertSettings } from "./settings.ts";
import { Silences } from "./silences.ts";

/** Things looked at in one go. */
const PER_TICK = 500;

const NO_EVENTS: readonly AlertBookEvent[] = [];

export class Alerts {
  readonly book = new AlertBook();
  readonly #watch: Watch;
  #settings: AlertSettings;
  readonly #lastHeard = new LastHeard();
  readonly #desk: Desk;
  readonly #metrics: MetricAlerts;
  readonly #incidents: Incidents;
  readonly #silences: Silences;
  #events: AlertBookEvent[] = [];

  constructor(watch: Watch, history: MetricsHistory, settings: AlertSettings) {
    this.#watch = watch;
    this.#settings = settings;
    const { book } = this;
    const common = {
      watch,
      book,
      members: watch.members,
      settings: () => this.#settings,
      nextSeq: () => ++watch.seq,
      emit: (event: AlertBookEvent) => {
        this.#events.push(event);
      },
    };
    const desk = this.#desk = new Desk({
      ...common,
      isDown: (host) => watch.hosts.state[watch.hosts.find(host) ?? -1] === DOWN,
      pausedUntil: (host, nowMs) => watch.pausedUntil(host, nowMs),
      pausedMs: (host, fromMs, toMs) => watch.pausedMs(host, fromMs, toMs),
    });
    const incidents = this.#incidents = new Incidents({
      ...common,
      desk,
      lastHeard: this.#lastHeard,
    });
    this.#silences = new Silences({ ...common, desk, incidents });
    this.#metrics = new MetricAlerts({ ...common, desk, history });
  }

  /** Judges by new settings; looks again at the alerts of the hosts `only`, or at all that hold. */
  configure(settings: AlertSettings, only?: readonly string[]): void {
    this.#settings = settings;
    if (only === undefined) this.#desk.scheduleAll();
    else for (const host of only) this.#desk.schedule(this.book.ofHost(host));
  }

  /**
   * A host was dropped, which had `row` and belonged to `incident` (0: none): nobody is told of it
   * any more.
   */
  dropped(event: DropEvent, row: number, incident: number): void {
    this.emit(event);
    this.#silences.dropped(row);
    this.#incidents.dropped(incident, event);
    this.#desk.dropped(event.host, event.atMs);
  }

  /** What has happened since the last call. */
  take(): readonly AlertBookEvent[] {
    if (this.#events.length === 0) return NO_EVENTS;
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** Something else that belongs among the events. */
  emit(event: AlertBookEvent): void {
    this.#events.push(event);
  }

  /** What the watch found. */
  hostEvent(event: HostEvent): void {
    const row = this.#watch.hosts.find(event.host);
    if (row === undefined) return;
    if (event.type === "down") this.#silences.down(row, event);
    else if (event.type === "missed") this.#silences.missed(row, event);
  }

  /** `row` is down though it speaks. */
  failed(row: number, nowMs: number): void {
    this.#silences.failed(row, nowMs);
  }

  /** `host`, which was down, beats again or said goodbye. */
  over(host: string, how: "is back" | "said goodbye", nowMs: number): void {
    this.#silences.over(host, how === "is back" ? "heartbeat is back" : "shut down", nowMs);
  }

  beat(beat: BeatFacts, intervalMs: number | null, nowMs: number): void {
    const group = this.#settings.groupOf(beat.host);
    this.#lastHeard.beat(beat.ip, group, this.#watch.listening.at(nowMs));
    this.#metrics.roundTrip(beat, intervalMs, nowMs);
  }

  sample(metrics: MetricsFacts, nowMs: number): void {
    this.#metrics.sample(metrics, nowMs);
  }

  /** Something is wrong with the server itself; level OK: it is well again. */
  server(part: string, level: Level, message: string, nowMs: number): void {
    const host = this.#settings.serverName;
    const text = level === "OK" ? `${host} - ${part}` : `${host} - ${part}: ${message}`;
    const evidence = { kind: "trouble", message } as const;
    this.#desk.judge({ kind: "server", host, metric: part, level, text, evidence }, nowMs);
  }

  acknowledge(
    id: string,
    untilMs: number | null,
    note: string,
    nowMs: number,
  ): AlertRecord | null {
    return this.#desk.acknowledge(id, untilMs, note, nowMs);
  }

  resumed(host: string, nowMs: number): void {
    this.#desk.resumed(host, nowMs);
  }

  /** Does what is due. Returns true when there is more. */
  tick(nowMs: number): boolean {
    const isMore = [
      this.#silences.tick(nowMs),
      this.#metrics.tick(nowMs, PER_TICK),
      this.#desk.tick(nowMs, PER_TICK),
    ];
    return isMore.includes(true);
  }

  /** Everything was read back: goes on from there. Looks at every host once. */
  restored(nowMs: number): void {
    const { state, names, rows } = this.#watch.hosts;
    for (const record of [...this.book.active()]) {
      if (isOfHost(record) && this.#watch.hosts.find(record.host) === undefined) {
        // A crash came between its drop and the end of this.
        this.#desk.endQuietly(record, nowMs);
        continue;
      }
      if (record.kind === "incident") this.#incidents.restore(record, nowMs);
      if (record.kind !== "down") continue;
      // What was stored of the host may be newer than what was of its alert.
      const now = state[this.#watch.hosts.find(record.host) ?? -1];
      if (now !== DOWN) this.over(record.host, now === UP ? "is back" : "said goodbye", nowMs);
    }
    for (let row = 0; row < rows; row++) {
      if (state[row] !== DOWN || this.#watch.members.of(row) !== 0) continue;
      const isTold = this.book.find({ kind: "down", host: names[row] ?? "", metric: null });
      if (isTold === null) this.#silences.restore(row, nowMs);
    }
    this.#metrics.restored(nowMs);
    this.#desk.scheduleAll();
  }
}
