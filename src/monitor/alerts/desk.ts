/**
 * Where conditions become alerts, and alerts become what people are told: every escalation, every
 * recovery, and a reminder now and then; nothing while a host is paused, one FLAPPING alert for what
 * changes all the time, and nothing twice.
 *
 * All that was told stands in the alert's record, so a restart tells nothing again and forgets
 * nothing.
 */

import type { AlertBookEvent, NotifyEvent } from "../events.ts";
import { isWorse, type Level } from "../level.ts";
import type { AlertBook, Subject } from "./book.ts";
import { Flapping } from "./flapping.ts";
import { type AlertRecord, type Evidence, isOfHost } from "./record.ts";
import type { AlertSettings } from "./settings.ts";
import { alertText, duration, recoveredText, reminderText } from "./texts.ts";
import { Timetable } from "./timetable.ts";

/** Nobody is told of the end of a silence that was shorter. */
const SHORT_DOWN_MS = 4000;

/** A stale alert is shown for so long after the last value. */
const STALE_KEPT_MS = 86_400_000;

/** What holds about a host or metric; level OK: nothing is wrong. */
export interface Condition extends Subject {
  readonly level: Level;
  /** In one line without the level: `web1 - cpu_monitor.cpu_percent = 85.0`. */
  readonly text: string;
  readonly evidence: Evidence;
  /** Since when; now, when left out. */
  readonly sinceMs?: number;
}

export interface DeskOptions {
  readonly book: AlertBook;
  readonly settings: () => AlertSettings;
  /** The next number of an event. */
  readonly nextSeq: () => number;
  readonly emit: (event: AlertBookEvent) => void;
  readonly isDown: (host: string) => boolean;
  /** Until when `host` is paused, epoch milliseconds; null: it is not. */
  readonly pausedUntil: (host: string, nowMs: number) => number | null;
  /** Milliseconds of a time between two moments in which `host` was paused. */
  readonly pausedMs: (host: string, fromMs: number, toMs: number) => number;
}

export class Desk {
  readonly #options: DeskOptions;
  readonly #book: AlertBook;
  readonly #flapping = new Flapping();
  readonly #due = new Timetable();

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#book = options.book;
  }

  /** Takes what holds now about a host or metric. */
  judge(condition: Condition, nowMs: number): void {
    const known = this.#book.find(condition);
    if (condition.level === "OK") {
      if (known !== null) this.end(known, condition.text, nowMs, condition.evidence);
    } else if (known === null) {
      this.#begin(condition, nowMs);
    } else if (known.level === condition.level && !known.isStale) {
      // The same with newer values: nothing happened.
      const { text, evidence } = condition;
      this.#book.put({ ...known, text, evidence });
    } else {
      this.#change(known, condition, nowMs);
    }
  }

  /** The condition of `known` does not hold any more: `text` says what does. */
  end(known: AlertRecord, text: string, nowMs: number, evidence = known.evidence): void {
    const isSilence = known.evidence.kind === "silence" || known.kind === "incident";
    const isShort = isSilence && nowMs - known.sinceMs < SHORT_DOWN_MS;
    const isNoise = this.#noteChange(known, "it is well now", nowMs);
    const record = { ...known, level: "OK", text, endedMs: nowMs, isStale: false } as const;
    if (known.told !== null && !isShort && !isNoise) {
      this.notify(known, "recovery", this.#recovery(known, text, nowMs), nowMs, evidence);
    }
    this.#put(record, nowMs);
  }

  /** Ends `known` without a word: something else tells of it from now on. */
  endQuietly(known: AlertRecord, nowMs: number): void {
    this.#put({ ...known, level: "OK", endedMs: nowMs, isStale: false }, nowMs);
  }

  /** Begins an alert of which people have been told in another way. */
  beginTold(condition: Condition, channels: readonly string[], nowMs: number): void {
    const told = { level: condition.level, atMs: nowMs, channels };
    const record = { ...this.#record(condition, nowMs), told };
    this.#remind(record);
    this.#put(record, nowMs);
  }

  /** Begins an alert that is not told here. Returns it. */
  beginUntold(condition: Condition, nowMs: number): AlertRecord {
    return this.#put(this.#record(condition, nowMs), nowMs);
  }

  /** Takes a new state of an alert that its owner has worked out; reminders follow what was told. */
  update(record: AlertRecord, nowMs: number): AlertRecord {
    this.#remind(record);
    return this.#put(record, nowMs);
  }

  /** One more interval of a silence that was told of has passed. */
  missed(known: AlertRecord, missed: number, nowMs: number): void {
    if (known.told === null || this.#isMuted(known, nowMs)) return;
    const text = `MISSED: ${known.text}, ${missed} missed`;
    this.notify(known, "reminder", text, nowMs);
  }

  /** The metric of `known` has not come for too long. `isTold`: its host's silence tells of it. */
  turnStale(known: AlertRecord, silentMs: number, isTold: boolean, nowMs: number): void {
    this.#due.add(nowMs + STALE_KEPT_MS, known.id);
    if (known.told === null || isTold || this.#isMuted(known, nowMs)) {
      this.#put({ ...known, isStale: true }, nowMs);
      return;
    }
    const text = `STALE: ${known.text}, was ${known.level}, no value for ${duration(silentMs)}`;
    this.notify(known, "alert", text, nowMs);
    const told = { ...known.told, level: "OK", atMs: nowMs } as const;
    this.#put({ ...known, isStale: true, told }, nowMs);
  }

  /** Somebody looks after alert `id` until `untilMs` (null: as long as it lasts). Null: none such. */
  acknowledge(
    id: string,
    untilMs: number | null,
    note: string,
    nowMs: number,
  ): AlertRecord | null {
    const known = this.#book.get(id);
    if (known === null || known.endedMs !== null) return null;
    const record = { ...known, ack: { atMs: nowMs, untilMs, note } };
    if (untilMs !== null) this.#due.add(untilMs, id);
    return this.#put(record, nowMs);
  }

  /** `host` is not paused any more: what was held back is told. */
  resumed(host: string, nowMs: number): void {
    for (const record of this.#book.ofHost(host)) this.#look(record, nowMs);
  }

  /** `host` is gone: its alerts end without a word. */
  dropped(host: string, nowMs: number): void {
    this.#flapping.forget(flapKey({ host, metric: null }));
    for (const record of this.#book.ofHost(host)) {
      if (!isOfHost(record)) continue;
      this.#flapping.forget(flapKey(record));
      if (record.endedMs === null) this.endQuietly(record, nowMs);
    }
  }

  /** Does what is due by `nowMs`, at most `limit` things. Returns true when there is more. */
  tick(nowMs: number, limit: number): boolean {
    for (let n = 0; n < limit; n++) {
      const id = this.#due.take(nowMs);
      if (id === null) return false;
      const record = this.#book.get(id);
      if (record !== null) this.#look(record, nowMs);
    }
    return true;
  }

  /** Sees to it that each alert that holds is looked at when its time comes. */
  scheduleAll(): void {
    this.schedule(this.#book.active());
  }

  /** The same for those of `records` that hold. */
  schedule(records: Iterable<AlertRecord>): void {
    for (const record of records) {
      const { kind, id, evidence, told, ack, endedMs } = record;
      if (endedMs !== null) continue;
      if (evidence.kind === "flapping") {
        this.#flapping.restore(flapKey(record), evidence.changesMs);
        this.#due.add(this.#flapping.settlesMs(flapKey(record)), id);
      } else if (record.isStale || (told === null && kind !== "incident")) {
        this.#due.add(-Infinity, id);
      } else {
        this.#remind(record);
      }
      if (typeof ack?.untilMs === "number") this.#due.add(ack.untilMs, id);
    }
  }

  /** Tells the audience of `record`, or those who were told before. Returns who was told. */
  notify(
    record: AlertRecord,
    kind: NotifyEvent["kind"],
    text: string,
    nowMs: number,
    evidence = record.evidence,
    audience = kind === "recovery"
      ? record.told?.channels ?? []
      : this.#options.settings().audienceOf(record.host),
  ): readonly string[] {
    if (audience.length === 0) return audience;
    const { id, host, metric } = record;
    const toldLevel = record.told?.level ?? "OK";
    const level = kind !== "recovery"
      ? record.level
      : toldLevel === "OK"
      ? record.worst
      : toldLevel;
    this.#options.emit({
      type: "notify",
      seq: this.#options.nextSeq(),
      atMs: nowMs,
      kind,
      level,
      alert: id,
      host,
      metric,
      text,
      evidence,
      sinceMs: record.sinceMs,
      channels: audience,
    });
    return audience;
  }

  #begin(condition: Condition, nowMs: number): void {
    if (condition.kind === "metric" && !this.#book.hasRoom(condition.host)) return;
    this.#tellOrHold(this.#record(condition, nowMs), nowMs);
  }

  #change(known: AlertRecord, { level, text, evidence }: Condition, nowMs: number): void {
    const worst = isWorse(level, known.worst) ? level : known.worst;
    const record = { ...known, level, worst, text, evidence, isStale: false };
    // Those who were told that it is stale believe that nobody knows.
    const isBack = known.isStale && known.told?.level === "OK";
    const isNews = isWorse(level, known.level) || known.told === null || isBack;
    if (isNews) return this.#tellOrHold(record, nowMs);
    // While it was stale there were no reminders.
    if (known.isStale) this.#remind(record);
    this.#put(record, nowMs);
  }

  #record({ kind, host, metric, level, text, evidence, sinceMs }: Condition, nowMs: number) {
    const seq = this.#options.nextSeq();
    const record: AlertRecord = {
      id: String(seq),
      kind,
      host,
      metric,
      level,
      worst: level,
      isStale: false,
      sinceMs: sinceMs ?? nowMs,
      endedMs: null,
      text,
      evidence,
      told: null,
      ack: null,
      seq,
    };
    return record;
  }

  /** Tells of an escalation, unless there is a reason not to. */
  #tellOrHold(record: AlertRecord, nowMs: number): void {
    if (this.#noteChange(record, `now ${record.text}`, nowMs)) {
      this.#put(record, nowMs);
      return;
    }
    this.#put(this.#tell(record, alertText(record), nowMs), nowMs);
  }

  /** Returns the record with what was told noted in it. */
  #tell(record: AlertRecord, text: string, nowMs: number): AlertRecord {
    const pausedUntil = this.#pausedUntil(record, nowMs);
    if (pausedUntil !== null) {
      this.#due.add(pausedUntil, record.id);
      return record;
    }
    const channels = this.notify(record, "alert", text, nowMs);
    if (channels.length === 0) return record;
    const before = record.told;
    const level = before !== null && isWorse(before.level, record.level)
      ? before.level
      : record.level;
    const all = before === null ? channels : [...new Set([...before.channels, ...channels])];
    const told = { ...record, told: { level, atMs: nowMs, channels: all } };
    this.#remind(told);
    return told;
  }

  /** Its time has come: tells what was held back, reminds, or finds that it has settled. */
  #look(record: AlertRecord, nowMs: number): void {
    if (record.endedMs !== null) return;
    if (record.isStale) return this.#lookAtStale(record, nowMs);
    if (record.kind === "flapping") return this.#lookAtFlapping(record, nowMs);
    if (this.#isFlapping(record)) return;
    // What was held back in a pause; what became worse in one, too.
    const isHeldBack = record.told === null || isWorse(record.level, record.told.level);
    if (isHeldBack && record.kind === "incident") return;
    if (record.told === null || isHeldBack) {
      const told = this.#tell(record, alertText(record), nowMs);
      if (told !== record) this.#put(told, nowMs);
      return;
    }
    const { renotifyMs } = this.#options.settings();
    if (renotifyMs === 0 || nowMs - record.told.atMs < renotifyMs) return;
    const told = { ...record, told: { ...record.told, atMs: nowMs } };
    this.#remind(told);
    if (this.#isMuted(record, nowMs)) {
      // Reminders begin anew when that is over.
      this.#book.put(told);
      return;
    }
    const audience = record.kind === "incident" ? record.told.channels : undefined;
    const text = reminderText(record, nowMs);
    this.notify(record, "reminder", text, nowMs, record.evidence, audience);
    this.#put(told, nowMs);
  }

  /** Ends it without a word when nothing has come for a day. */
  #lookAtStale(record: AlertRecord, nowMs: number): void {
    const { evidence } = record;
    const lastMs = evidence.kind === "reading" ? evidence.values.at(-1)?.atMs ?? 0 : 0;
    if (nowMs - lastMs >= STALE_KEPT_MS) this.endQuietly(record, nowMs);
    else this.#due.add(lastMs + STALE_KEPT_MS, record.id);
  }

  #remind({ id, told }: AlertRecord): void {
    const { renotifyMs } = this.#options.settings();
    if (told !== null && renotifyMs > 0) this.#due.add(told.atMs + renotifyMs, id);
  }

  /** Paused, or somebody looks after it. */
  #isMuted(record: AlertRecord, nowMs: number): boolean {
    const { ack } = record;
    if (ack !== null && (ack.untilMs ?? Infinity) > nowMs) return true;
    return this.#pausedUntil(record, nowMs) !== null;
  }

  /** The server itself is never paused, not even by a maintenance of every host. */
  #pausedUntil({ kind, host }: Subject, nowMs: number): number | null {
    return kind === "server" ? null : this.#options.pausedUntil(host, nowMs);
  }

  #recovery(known: AlertRecord, text: string, nowMs: number): string {
    const isSilence = known.kind === "down" || known.kind === "incident";
    if (!isSilence) return recoveredText(text, known.level);
    const pausedMs = this.#options.pausedMs(known.host, known.sinceMs, nowMs);
    const paused = pausedMs > 0 ? `, of which ${duration(pausedMs)} paused` : "";
    return `RECOVERED: ${text} after ${duration(this.#outageMs(known, nowMs))}${paused}`;
  }

  /** From the last heartbeat on, as far as that counts. */
  #outageMs({ evidence, sinceMs }: AlertRecord, nowMs: number): number {
    const before = evidence.kind === "silence"
      ? evidence.silenceMs
      : evidence.kind === "incident"
      ? evidence.windowMs
      : 0;
    return before + nowMs - sinceMs;
  }

  /** Notes that a host or metric changed. Returns true when that is told as flapping. */
  #noteChange(record: AlertRecord, now: string, nowMs: number): boolean {
    const { flapThreshold, isWatched } = this.#options.settings();
    const { kind, host, metric } = record;
    const canFlap = kind === "down" || kind === "metric";
    if (flapThreshold === 0 || !canFlap || !isWatched(host)) return false;
    const changesMs = this.#flapping.note(flapKey(record), nowMs);
    const evidence = { kind: "flapping", changesMs } as const;
    const known = this.#book.find({ kind: "flapping", host, metric });
    if (known !== null) {
      this.#book.put({ ...known, evidence });
      return true;
    }
    if (changesMs.length <= flapThreshold) return false;
    const name = metric === null ? host : `${host} - ${metric}`;
    const text = `${name} changed ${changesMs.length} times within an hour`;
    const condition = { kind: "flapping", host, metric, level: "WARNING", text, evidence } as const;
    const flapping = this.#record(condition, nowMs);
    const message = `FLAPPING: ${text}, ${now}; further changes are told when it settles`;
    this.#due.add(this.#flapping.settlesMs(flapKey(record)), flapping.id);
    this.#put(this.#tell(flapping, message, nowMs), nowMs);
    return true;
  }

  #isFlapping({ kind, host, metric }: Subject): boolean {
    if (kind !== "down" && kind !== "metric") return false;
    return this.#book.find({ kind: "flapping", host, metric }) !== null;
  }

  /** Ends it when nothing has changed for long enough, and tells how things stand now. */
  #lookAtFlapping(flapping: AlertRecord, nowMs: number): void {
    const settlesMs = this.#flapping.settlesMs(flapKey(flapping));
    if (settlesMs > nowMs) {
      this.#due.add(settlesMs, flapping.id);
      return;
    }
    const { host, metric } = flapping;
    const name = metric === null ? host : `${host} - ${metric}`;
    this.#put({ ...flapping, level: "OK", endedMs: nowMs }, nowMs);
    const kind = metric === null ? "down" : "metric";
    const known = this.#book.find({ kind, host, metric });
    if (known === null) {
      // It fell silent together with others: that is told, and so will be its return.
      const isDown = metric === null && this.#options.isDown(host);
      if (flapping.told === null || isDown) return;
      const text = `RECOVERED: ${name} has settled (FLAPPING -> OK)`;
      this.notify(flapping, "recovery", text, nowMs);
    } else {
      const text = `${known.level}: ${known.text} (no longer flapping)`;
      this.#put(this.#tell(known, text, nowMs), nowMs);
    }
  }

  /** Every change that must survive goes through here. */
  #put(record: AlertRecord, nowMs: number): AlertRecord {
    const numbered = { ...record, seq: this.#options.nextSeq() };
    this.#book.put(numbered);
    this.#options.emit({ type: "alert", seq: numbered.seq, atMs: nowMs, alert: numbered });
    return numbered;
  }
}

function flapKey({ host, metric }: Pick<AlertRecord, "host" | "metric">): string {
  return `${host}\n${metric ?? ""}`;
}
