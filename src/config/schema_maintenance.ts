/**
 * The keys of planned times in which hosts may be silent, and their way into the program's
 * configuration and back. Times are local ones, of the window's zone.
 *
 *   - {hosts: [db-*], daily: "03:00-04:00", zone: Europe/Zurich, reason: backup}
 *   - {group: lab, weekly: "mon-fri 22:00-02:00"}
 *   - {hosts: web1, from: 2026-11-01T22:00, to: 2026-11-02T02:00}
 */

import { z } from "zod";
import type { MaintenanceWindow } from "./config.ts";
import {
  complain,
  hostName,
  inner,
  key,
  keysOf,
  mapping,
  oneOrList,
  RELOADS,
  shortName,
  WANTS_NAME,
} from "./keys.ts";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const DAY_MINUTES = 1440;
const TIMES = /^([01]\d|2[0-3]):([0-5]\d) *- *(?:([01]\d|2[0-3]):([0-5]\d)|24:00)$/;
const WANTS_TIMES = 'local times such as "03:00-04:00"';
const WANTS_MOMENT = "a local date and time such as 2026-11-01T22:00, without an offset";

/** What a time zone must be. */
export const WANTS_ZONE = 'a time zone by its IANA name, say "Europe/Zurich"';

const moment = z.string().refine((text) => momentOf(text) !== null);

const windowShape = {
  hosts: inner(
    oneOrList(hostName).refine((names) => names.length > 0).optional(),
    'a name of a host, with "*" for any run of characters, or a list of such',
  ),
  group: inner(shortName.nullable().default(null), WANTS_NAME),
  daily: inner(z.string().refine((text) => timesOf(text) !== null).optional(), WANTS_TIMES),
  weekly: inner(
    z.string().refine((text) => weekOf(text) !== null).optional(),
    `days and ${WANTS_TIMES}: "sun 02:00-04:00", "mon,wed 22:00-02:00", "mon-fri 12:00-13:00"`,
  ),
  from: inner(moment.optional(), WANTS_MOMENT),
  to: inner(moment.optional(), WANTS_MOMENT),
  zone: inner(z.string().refine(isZone).default("UTC"), WANTS_ZONE),
  reason: inner(z.string().max(1000).default(""), "a text of at most 1000 characters"),
};

const windowSchema = z.strictObject(windowShape).superRefine(
  ({ daily, weekly, from, to }, ctx) => {
    const kinds = [daily, weekly, from ?? to].filter((kind) => kind !== undefined);
    if (kinds.length !== 1) {
      complain(ctx, [], 'needs one of "daily", "weekly", and "from" with "to"');
      return;
    }
    if (daily !== undefined || weekly !== undefined) return;
    if (from === undefined || to === undefined) {
      complain(ctx, [], `needs "${from === undefined ? "from" : "to"}" as well`);
      return;
    }
    const [start, end] = [momentOf(from), momentOf(to)];
    if (start !== null && end !== null && Temporal.PlainDateTime.compare(start, end) >= 0) {
      complain(ctx, ["to"], `must be after "from" (${from}): got ${to}`);
    }
  },
);
type WindowFile = z.output<typeof windowSchema>;

/** The keys of a window. */
export const WINDOW_KEYS = keysOf(windowShape);

/** What a window must be. */
export const WANTS_WINDOW = 'a mapping with "daily", "weekly", or "from" and "to"';

/** The key at the top of the file. */
export const maintenanceShape = {
  maintenance: key(
    z.preprocess((v) => v ?? [], z.array(mapping(windowSchema)).max(10_000)).default([]),
    "a list of windows, each with hosts or a group and a time",
    "Planned times in which hosts may be silent",
    RELOADS,
  ),
};

/** Turns a checked window into the program's. */
export function toWindow(file: WindowFile): MaintenanceWindow {
  return {
    hosts: file.hosts ?? [],
    group: file.group,
    when: whenOf(file),
    zone: file.zone,
    reason: file.reason,
  };
}

/** Turns the program's window back into the file's keys. */
export function fromWindow({ hosts, group, when, zone, reason }: MaintenanceWindow): WindowFile {
  return {
    ...(hosts.length > 0 && { hosts: [...hosts] }),
    group,
    ...(when.kind === "daily" && { daily: timesText(when) }),
    ...(when.kind === "weekly" &&
      { weekly: `${when.days.map((day) => DAYS[day - 1]).join(",")} ${timesText(when)}` }),
    ...(when.kind === "once" && { from: when.from, to: when.to }),
    zone,
    reason,
  };
}

function whenOf({ daily, weekly, from = "", to = "" }: WindowFile): MaintenanceWindow["when"] {
  const times = daily === undefined ? null : timesOf(daily);
  if (times !== null) return { kind: "daily", ...times };
  const week = weekly === undefined ? null : weekOf(weekly);
  if (week !== null) return { kind: "weekly", ...week };
  return { kind: "once", from: from.replace(" ", "T"), to: to.replace(" ", "T") };
}

interface Times {
  /** Minutes after midnight. */
  readonly from: number;
  readonly to: number;
}

function timesOf(text: string): Times | null {
  const match = TIMES.exec(text);
  if (match === null) return null;
  const [, fromHour, fromMinute, hour = 24, minute = 0] = match;
  return {
    from: Number(fromHour) * 60 + Number(fromMinute),
    // The end of this day is the start of the next.
    to: (Number(hour) * 60 + Number(minute)) % DAY_MINUTES,
  };
}

function weekOf(text: string): Times & { readonly days: readonly number[] } | null {
  const [, words = "", rest = ""] = /^([a-z, -]*[a-z]) +(\d.*)$/.exec(text.toLowerCase()) ?? [];
  const times = timesOf(rest);
  const days = words.split(",").map((word) => daysOf(word.trim()));
  if (times === null || days.includes(null)) return null;
  return { days: [...new Set(days.flatMap((some) => some ?? []))].sort(), ...times };
}

/** The days, from 1 for Monday, of "mon" or "fri-sun"; a range may go over the end of the week. */
function daysOf(text: string): readonly number[] | null {
  const [first = "", last = first, ...more] = text.split("-").map((word) => word.trim());
  const [start, end] = [DAYS.indexOf(first), DAYS.indexOf(last)];
  if (start < 0 || end < 0 || more.length > 0) return null;
  const count = (end - start + DAYS.length) % DAYS.length + 1;
  return Array.from({ length: count }, (_, i) => (start + i) % DAYS.length + 1);
}

function timesText({ from, to }: Times): string {
  return `${clock(from)}-${clock(to)}`;
}

function clock(minutes: number): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

function momentOf(text: string): Temporal.PlainDateTime | null {
  if (!/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?$/.test(text)) return null;
  try {
    return Temporal.PlainDateTime.from(text, { overflow: "reject" });
  } catch {
    return null;
  }
}

/** True for a time zone that is known here. */
export function isZone(text: string): boolean {
  // An offset is no zone: it does not know of summer time.
  if (!/^[A-Za-z]/.test(text)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: text });
    return true;
  } catch {
    return false;
  }
}
