/**
 * One cause, one message: hosts that fall silent together are one incident. It begins with one
 * message, grows without more, and ends with one when they are back. That suppresses messages alone:
 * every host is watched as before, and one that stays down when the others are back is an alert of
 * its own.
 */

import type { AlertBookEvent, DropEvent } from "../events.ts";
import type { Watch } from "../watch.ts";
import type { AlertBook } from "./book.ts";
import { commonWindow, type Fallen, type Window } from "./common_cause.ts";
import type { Desk } from "./desk.ts";
import type { IncidentMembers } from "./members.ts";
import type { LastHeard } from "./last_heard.ts";
import type { AlertRecord, IncidentEvidence } from "./record.ts";
import type { AlertSettings } from "./settings.ts";
import { silenceOf } from "./silence.ts";
import { alertText, listed, silenceText } from "./texts.ts";

/** Names in a message, and in an alert's evidence. */
const NAMES_TOLD = 10;
const NAMES_KEPT = 50;

/** Names in one event. */
const NAMES_PER_EVENT = 500;

/** When nothing has changed for this long after some came back, it is said how it stands. */
const SETTLED_MS = 60_000;

/** Who should have beaten within this time after the last of an incident's hosts joins it. */
const JOIN_MS = 120_000;

type Cause = IncidentEvidence["cause"];

/** An incident that goes on. */
interface Open {
  readonly id: string;
  /** What its hosts have in common: an address or a group; empty: that they are many. */
  readonly place: string;
  readonly cause: Cause;
  /** When the first of its hosts came back, listening time; null: none has. */
  firstBackMs: number | null;
  /** When the last of them fell silent, listening time. */
  joinedMs: number;
  /** Down when it was last looked at, and when that last changed. */
  down: number;
  changedMs: number;
  /** Down when people were last told. */
  toldDown: number;
  settleMs: number;
}

export interface IncidentOptions {
  readonly watch: Watch;
  readonly book: AlertBook;
  readonly desk: Desk;
  readonly members: IncidentMembers;
  readonly lastHeard: LastHeard;
  readonly settings: () => AlertSettings;
  readonly nextSeq: () => number;
  readonly emit: (event: AlertBookEvent) => void;
}

export class Incidents {
  readonly #options: IncidentOptions;
  readonly #open = new Map<string, Open>();

  constructor(options: IncidentOptions) {
    this.#options = options;
  }

  /**
   * Takes hosts that fell silent. `lately` are those of the last minutes that were told one by one
   * and are still down. Returns those of either that belong to no incident.
   */
  take(fallen: readonly Fallen[], lately: readonly Fallen[], nowMs: number): readonly Fallen[] {
    const { incidentHosts } = this.#options.settings();
    if (incidentHosts === 0) return [...lately, ...fallen];
    let rest = this.#takeMany(fallen, lately, nowMs);
    for (const cause of ["group", "address"] as const) {
      rest = this.#takePlaces(rest, cause, new Set(lately), nowMs);
    }
    return rest;
  }

  /** Looks at how the incidents stand. */
  tick(nowMs: number): void {
    for (const open of this.#open.values()) {
      const down = this.#options.members.down(Number(open.id));
      if (down !== open.down) {
        if (down < open.down) open.firstBackMs ??= this.#options.watch.listening.at(nowMs);
        open.down = down;
        open.changedMs = nowMs;
        this.#refresh(open);
      }
      if (down === 0) this.#end(open, [], nowMs);
      else if (down < open.toldDown && nowMs - open.changedMs >= open.settleMs) {
        this.#settle(open, nowMs);
      }
    }
  }

  /** A host that belonged to `incident` (0: to none) is gone: nobody waits for its return. */
  dropped(incident: number, { host, atMs }: DropEvent): void {
    const { members, book, desk } = this.#options;
    const open = this.#open.get(String(incident));
    const record = book.get(open?.id ?? "");
    if (open === undefined || record === null || record.evidence.kind !== "incident") return;
    open.down = members.down(incident);
    open.toldDown = Math.max(0, open.toldDown - 1);
    const { evidence } = record;
    const rest: IncidentEvidence = {
      ...evidence,
      total: Math.max(0, evidence.total - 1),
      down: open.down,
      toldDown: open.toldDown,
      hosts: evidence.hosts.filter((name) => name !== host),
    };
    const next = { ...record, evidence: rest };
    if (rest.total > 0) {
      desk.update(next, atMs);
      return;
    }
    this.#open.delete(open.id);
    members.close(incident);
    desk.endQuietly(next, atMs);
  }

  /** Goes on with an incident that was read back. */
  restore(record: AlertRecord, nowMs: number): void {
    const { id, evidence } = record;
    if (evidence.kind !== "incident") return;
    const down = this.#options.members.down(Number(id));
    this.#open.set(id, {
      id,
      place: evidence.place,
      cause: evidence.cause,
      firstBackMs: down < evidence.total ? this.#options.watch.listening.at(nowMs) : null,
      down,
      changedMs: nowMs,
      joinedMs: this.#options.watch.listening.at(evidence.lookedMs),
      toldDown: evidence.toldDown ?? evidence.total,
      settleMs: SETTLED_MS,
    });
    this.#refresh(this.#open.get(id));
  }

  #takeMany(
    fallen: readonly Fallen[],
    lately: readonly Fallen[],
    nowMs: number,
  ): readonly Fallen[] {
    const { watch, members, settings } = this.#options;
    const open = [...this.#open.values()].findLast(({ cause }) => cause === "many") ?? null;
    // Who should have beaten after others were back is silent for a reason of its own.
    const [before, after] = divide(
      fallen,
      ({ expectedMs }) => open !== null && expectedMs <= (open.firstBackMs ?? Infinity),
    );
    const rules = {
      recency: watch.recency,
      nowMs: watch.listening.at(nowMs),
      least: settings().incidentHosts,
      share: settings().incidentShare,
    };
    const ofOpen = open === null ? 0 : members.down(Number(open.id));
    // Long after the others, it belongs to them only if nobody else is heard, either.
    const limitMs = (open?.joinedMs ?? 0) + JOIN_MS;
    const isSoon = before.some(({ expectedMs }) => expectedMs <= limitMs);
    const grown = commonWindow(before, {
      ...rules,
      least: 1,
      known: lately,
      members: isSoon ? ofOpen : 0,
    });
    const begun = commonWindow(after, { ...rules, known: lately, members: 0 });
    const isIn = (window: Window | null) => ({ expectedMs }: Fallen) =>
      window !== null && expectedMs >= window.fromMs;
    if (open !== null && grown !== null) {
      const [joining, others] = divide([...lately, ...before], isIn(grown));
      this.#grow(open, joining, nowMs);
      return [...others, ...after];
    }
    if (begun !== null) {
      const [joining, others] = divide([...lately, ...after], isIn(begun));
      this.#begin("many", "", joining, begun, nowMs);
      return [...others, ...before];
    }
    return [...lately, ...fallen];
  }

  /** Finds addresses or groups of which nobody has beaten since the first should have. */
  #takePlaces(
    fallen: readonly Fallen[],
    cause: "address" | "group",
    lately: ReadonlySet<Fallen>,
    nowMs: number,
  ): readonly Fallen[] {
    const { lastHeard } = this.#options;
    const rest: Fallen[] = [];
    for (const [place, there] of Map.groupBy(fallen, (one) => this.#placeOf(one, cause))) {
      const open = [...this.#open.values()].find((other) =>
        other.cause === cause && other.place === place
      );
      const lastMs = cause === "group" ? lastHeard.ofGroup(place) : lastHeard.ofAddress(place);
      const fromMs = there.reduce((least, { expectedMs }) => Math.min(least, expectedMs), Infinity);
      const isNew = there.some((one) => !lately.has(one));
      const isAll = place !== "" && isNew && lastMs < fromMs;
      if (isAll && open !== undefined && open.firstBackMs === null) {
        this.#grow(open, there, nowMs);
      } else if (isAll && there.length >= 2) {
        this.#begin(cause, place, there, { fromMs, silent: there.length, beating: 0 }, nowMs);
      } else {
        rest.push(...there);
      }
    }
    return rest;
  }

  #placeOf({ row, event }: Fallen, cause: "address" | "group"): string {
    const { watch, settings } = this.#options;
    if (cause === "group") return settings().groupOf(event.host) ?? "";
    return watch.hosts.latestAddress(row);
  }

  #begin(
    cause: Cause,
    place: string,
    joining: readonly Fallen[],
    { fromMs, silent, beating }: Window,
    nowMs: number,
  ): void {
    const { desk, watch } = this.#options;
    const evidence: IncidentEvidence = {
      kind: "incident",
      cause,
      place,
      lookedMs: nowMs,
      silent,
      beating,
      windowMs: watch.listening.at(nowMs) - fromMs,
      total: 0,
      down: 0,
      hosts: [],
    };
    const host = labelOf(cause, place);
    const begun = desk.beginUntold(
      { kind: "incident", host, metric: null, level: "CRITICAL", text: host, evidence },
      nowMs,
    );
    const open: Open = {
      id: begun.id,
      place,
      cause,
      firstBackMs: null,
      joinedMs: watch.listening.at(nowMs),
      down: 0,
      changedMs: nowMs,
      toldDown: 0,
      settleMs: SETTLED_MS,
    };
    this.#open.set(open.id, open);
    this.#grow(open, joining, nowMs);
  }

  /** Adds hosts, and tells of the incident whoever looks after them and does not know yet. */
  #grow(open: Open, joining: readonly Fallen[], nowMs: number): void {
    const { desk, book, members, settings, watch } = this.#options;
    const record = book.get(open.id);
    if (record === null || record.evidence.kind !== "incident" || joining.length === 0) return;
    const audience = new Set<string>();
    const names: string[] = [];
    for (const { row, event: { host } } of joining) {
      const alone = book.find({ kind: "down", host, metric: null });
      if (alone !== null) desk.endQuietly(alone, nowMs);
      members.add(row, Number(open.id));
      names.push(host);
      for (const channel of settings().audienceOf(host)) audience.add(channel);
    }
    this.#emitGrouped(open.id, names, nowMs);
    const { evidence } = record;
    const grown: IncidentEvidence = {
      ...evidence,
      total: evidence.total + names.length,
      down: members.down(Number(open.id)),
      silent: Math.max(evidence.silent, evidence.total + names.length),
      hosts: [...evidence.hosts, ...names.slice(0, NAMES_KEPT)].slice(0, NAMES_KEPT),
    };
    open.down = grown.down;
    open.joinedMs = watch.listening.at(nowMs);
    open.toldDown = Math.max(open.toldDown, grown.down);
    open.changedMs = nowMs;
    const toldEvidence = { ...grown, toldDown: open.toldDown };
    const next = { ...record, evidence: toldEvidence, text: textOf(record.host, grown) };
    const known = record.told?.channels ?? [];
    const untold = [...audience].filter((channel) => !known.includes(channel));
    if (untold.length === 0) {
      desk.update(next, nowMs);
      return;
    }
    desk.notify(next, "alert", alertText(next), nowMs, grown, untold);
    const told = { level: next.level, atMs: nowMs, channels: [...known, ...untold] };
    desk.update({ ...next, told }, nowMs);
  }

  #emitGrouped(incident: string, names: readonly string[], nowMs: number): void {
    const { emit, nextSeq } = this.#options;
    for (let first = 0; first < names.length; first += NAMES_PER_EVENT) {
      const hosts = names.slice(first, first + NAMES_PER_EVENT);
      emit({ type: "grouped", seq: nextSeq(), atMs: nowMs, incident, hosts });
    }
  }

  /** Some are back and the others are not coming: says so. */
  #settle(open: Open, nowMs: number): void {
    const { members, settings, book, desk, watch } = this.#options;
    const record = book.get(open.id);
    if (record === null || record.evidence.kind !== "incident") return;
    if (open.down < settings().incidentHosts) {
      const rows = members.rows(Number(open.id));
      const channels = record.told?.channels ?? [];
      const names = rows.map((row) => watch.hosts.names[row] ?? "");
      this.#end(open, names, nowMs);
      for (const row of rows) {
        const evidence = silenceOf(watch, row, nowMs);
        const host = watch.hosts.names[row] ?? "";
        const text = silenceText(host, evidence);
        const condition = { kind: "down", host, metric: null, level: "CRITICAL" } as const;
        const sinceMs = record.sinceMs;
        desk.beginTold({ ...condition, text, evidence, sinceMs }, channels, nowMs);
      }
      return;
    }
    const { total } = record.evidence;
    const text = `RECOVERED: ${record.host} - ${total - open.down} of ${total} are back, ` +
      `${open.down} are still silent`;
    desk.notify(record, "recovery", text, nowMs);
    open.toldDown = open.down;
    open.settleMs *= 2;
    desk.update({ ...record, evidence: { ...record.evidence, toldDown: open.down } }, nowMs);
  }

  #end(open: Open, still: readonly string[], nowMs: number): void {
    const { book, desk, members } = this.#options;
    const record = book.get(open.id);
    this.#open.delete(open.id);
    members.close(Number(open.id));
    if (record === null || record.evidence.kind !== "incident") return;
    const { total } = record.evidence;
    const text = still.length === 0
      ? `${record.host} - all ${total} are back`
      : `${record.host} - ${total - still.length} of ${total} are back, still silent: ` +
        listed(still.slice(0, NAMES_TOLD), still.length);
    desk.end(record, text, nowMs, { ...record.evidence, down: still.length });
  }

  /** Shows how many are down now; nothing that must be written down. */
  #refresh(open: Open | undefined): void {
    const record = this.#options.book.get(open?.id ?? "");
    if (open === undefined || record === null || record.evidence.kind !== "incident") return;
    const evidence = { ...record.evidence, down: open.down };
    this.#options.book.put({ ...record, evidence });
  }
}

function labelOf(cause: Cause, place: string): string {
  if (cause === "many") return "many hosts";
  return cause === "group" ? `group ${place}` : `hosts at ${place}`;
}

/** `group web - 20 of 21 hosts that should have beaten are silent: a, b and 18 more`. */
function textOf(label: string, { silent, beating, hosts }: IncidentEvidence): string {
  return `${label} - ${silent} of ${silent + beating} hosts that should have beaten are silent: ` +
    listed(hosts.slice(0, NAMES_TOLD), silent);
}

function divide<T>(list: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  const [yes, no]: [T[], T[]] = [[], []];
  for (const item of list) (test(item) ? yes : no).push(item);
  return [yes, no];
}
