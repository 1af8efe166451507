/**
 * What the parts of the schema have in common: how a key is declared, with its rule and its help
 * text beside its type, and the values that many keys take (names, paths, addresses, lists).
 *
 * No key is declared here: `schema.ts` lists them, and names the files of the subjects.
 */

import { z } from "zod";

/** What is known about a key besides its type. */
export interface KeyInfo {
  /** What a right value is, to follow "must be". */
  readonly wants: string;
  /** What the key is for. */
  readonly help: string;
  /** Whether a reload takes the key up; the others need a restart. */
  readonly reload: boolean;
  /** Whether texts there are never shown. */
  readonly isSecret: boolean;
}

/** Keys by their names. */
export type Keys = ReadonlyMap<string, KeyInfo>;

const YEAR_S = 31_536_000;
const infos = z.registry<KeyInfo>();

/** To follow the help text: a reload takes the key up. */
export const RELOADS = true;

/** The type of a key, with what is known about the key. */
export function key<T extends z.ZodType>(type: T, wants: string, help: string, reload = false): T {
  return described(type, { wants, help, reload, isSecret: false });
}

/** The same for a key whose texts are never shown, and that a reload takes up. */
export function secretKey<T extends z.ZodType>(type: T, wants: string, help = ""): T {
  return described(type, { wants, help, reload: RELOADS, isSecret: true });
}

/** Several keys may have the same type, but each has its own words. */
function described<T extends z.ZodType>(type: T, info: KeyInfo): T {
  const own = type.clone();
  infos.add(own, info);
  return own;
}

/** The same for a key of a mapping inside the file: a reload takes it up, the docs explain it. */
export function inner<T extends z.ZodType>(type: T, wants: string): T {
  return key(type, wants, "", RELOADS);
}

/** A key that takes whole numbers in a range. */
export function wholeNumber<const D extends number>(
  from: number,
  to: number,
  byDefault: D,
  help: string,
  reload = false,
) {
  const type = z.int().min(from).max(to).default(byDefault);
  return key(type, `a whole number from ${from} to ${to}`, help, reload);
}

/** A key that takes seconds, at most a year; a reload takes it up. */
export function seconds<const D extends number>(from: number, byDefault: D, help: string) {
  const type = z.number().min(from).max(YEAR_S).default(byDefault);
  return key(type, `a number of seconds from ${from} to ${YEAR_S}`, help, RELOADS);
}

/** The keys of the mapping of which this is the shape. */
export function keysOf(shape: Readonly<Record<string, z.ZodType>>): Keys {
  return new Map(
    Object.entries(shape).flatMap(([name, type]) => {
      const info = infos.get(type);
      return info === undefined ? [] : [[name, info] as const];
    }),
  );
}

/** YAML mappings arrive as `Map`s, and one whose entries are all commented out as null. */
export function mapping<T extends z.ZodType>(type: T) {
  return z.preprocess((v) => v instanceof Map ? Object.fromEntries(v) : v ?? {}, type);
}

/** Entries by names that the user gives; the same for what is not there. */
export function named<T extends z.ZodType>(type: T, name: z.ZodString = shortName) {
  return z.preprocess((v) => v ?? new Map(), z.map(name, type)).default(new Map());
}

/** One text, or a list of them. */
export function oneOrList<T extends z.ZodType<string, unknown>>(type: T) {
  return z.preprocess((v) => typeof v === "string" ? [v] : v, z.array(type).max(1000));
}

/**
 * Complains about a value with words of its own.
 *
 * @param message follows the name of the key: "must not be above …"
 */
export function complain(
  ctx: z.core.$RefinementCtx,
  path: readonly (string | number)[],
  message: string,
): void {
  ctx.addIssue({ code: "custom", path: [...path], message, params: { isComplete: true } });
}

/** The message of an issue that `complain()` raised; null for any other. */
export function complaintOf(issue: z.core.$ZodIssue): string | null {
  return issue.code === "custom" && issue.params?.isComplete === true ? issue.message : null;
}

/** A host's name. */
export const hostName = z.string().regex(/^\P{Cc}{1,255}$/u);

/** The name of a channel, a set of thresholds, a group. */
export const shortName = z.string().regex(/^\P{Cc}{1,64}$/u);
/** What it must be. */
export const WANTS_NAME = "1 to 64 characters without control characters";

/** A single line. */
export const line = z.string().regex(/^\P{Cc}{1,1000}$/u);
/** What it must be. */
export const WANTS_LINE = "a text of 1 to 1000 characters without control characters";

/** A path; `~` is not understood. */
export const path = z.string().regex(/^(?!~(\/|$))[^\0]+$/);
/** What it must be. */
export const WANTS_PATH = `the path of a file, without "~"`;

/** What a switch must be. */
export const WANTS_BOOLEAN = "true or false";

/** Whether it is an http or https address. */
export function isWebUrl(text: string): boolean {
  return /^https?:\/\/[^/\s]/i.test(text) && !/[\s\p{Cc}]/u.test(text) && URL.canParse(text);
}

/** The address of a service, without slash at the end; shown, so it must not hold a password. */
export const serviceUrl = z.string()
  .refine((text) => isWebUrl(text) && !/^\w+:\/\/[^/]*@/.test(text) && !/[?#]/.test(text))
  .transform((text) => text.replace(/\/+$/, ""));
/** What it must be. */
export const WANTS_SERVICE_URL =
  'an http or https address without user name, "?" and "#", say https://chat.example.com';

/** A host name or address with an optional port: `a.example:53`, `[::1]:53`, `::1`. */
export function splitHostPort(
  text: string,
): { readonly hostname: string; readonly port: number | null } | null {
  if (z.ipv6().safeParse(text).success) return { hostname: text, port: null };
  const [, v6, name = "", digits] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const hostname = v6 ?? name;
  const port = digits === undefined ? null : Number(digits);
  const isRight = v6 === undefined ? isHostOrAddress(name) : z.ipv6().safeParse(v6).success;
  return isRight && (port === null || (port >= 1 && port <= 65_535)) ? { hostname, port } : null;
}

/** Whether it is a host name or an IP address. */
export function isHostOrAddress(text: string): boolean {
  if (z.ipv4().safeParse(text).success || z.ipv6().safeParse(text).success) return true;
  // What ends in a number is a mistyped IPv4 address, not a name (RFC 1123, section 2.1).
  return z.hostname().safeParse(text).success && !/(^|\.)\d+$/.test(text);
}
