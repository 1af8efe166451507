/**
 * Every configuration key in one place: its name in the file, its type and range, its default, its
 * help text, and whether a reload takes it up. Loading, `hbd check`, the command line's ranges and
 * the test of docs/CONFIG.md are all derived from here.
 *
 * The file has flat snake_case keys; the program uses `Config`. `toConfig()` and `toFile()` are the
 * only places that know both spellings. No files, paths or YAML here.
 */

import { z } from "zod";
import type { Config } from "./config.ts";

/** What is known about a key besides its type. */
export interface KeyInfo {
  /** What a right value is, to follow "must be". */
  readonly wants: string;
  /** What the key is for. */
  readonly help: string;
  /** Whether a reload takes the key up; the others need a restart. */
  readonly reload: boolean;
}

const YEAR_S = 31_536_000;
const infos = z.registry<KeyInfo>();

function key<T extends z.ZodType>(type: T, wants: string, help: string, reload = false): T {
  infos.add(type, { wants, help, reload });
  return type;
}

function wholeNumber<const D extends number>(
  from: number,
  to: number,
  byDefault: D,
  help: string,
  reload = false,
) {
  const type = z.int().min(from).max(to).default(byDefault);
  return key(type, `a whole number from ${from} to ${to}`, help, reload);
}

function isBindAddress(text: string): boolean {
  if (z.ipv4().safeParse(text).success || z.ipv6().safeParse(text).success) return true;
  // What ends in a number is a mistyped IPv4 address, not a name (RFC 1123, section 2.1).
  return z.hostname().safeParse(text).success && !/(^|\.)\d+$/.test(text);
}

const RELOADS = true;
const WANTS_INTERVAL = `a number of seconds above 0 and at most ${YEAR_S}, or "auto"`;
const WANTS_TOLERANCE = "a number of percent from 0 to 1000";
const WANTS_GRACE = `a number of seconds from 0 to ${YEAR_S}`;
const WANTS_PATH = `the path of a file, without "~"`;

const interval = z.union([z.literal("auto"), z.number().positive().max(YEAR_S)]);
const tolerance = z.number().min(0).max(1000);
const grace = z.number().min(0).max(YEAR_S);
const path = z.string().regex(/^(?!~(\/|$))[^\0]+$/);
const fileName = z.string().max(200).regex(/^(?!\.{1,2}$)[^/\\\p{Cc}]+$/u);
const hostName = z.string().regex(/^\P{Cc}{1,255}$/u);

/** YAML mappings arrive as `Map`s, and one whose entries are all commented out as null. */
function mapping<T extends z.ZodType>(type: T) {
  return z.preprocess((v) => v instanceof Map ? Object.fromEntries(v) : v ?? {}, type);
}

const secret = z.string().min(16).max(200);
const WANTS_SECRET = "a text of 16 to 200 characters (say, from: openssl rand -base64 24)";

const updateShape = {
  version: key(z.string().min(1).max(64), "a version, say 0.2.0", ""),
  url: key(z.url({ protocol: /^https?$/ }), "an http or https address", ""),
  sha256: key(z.string().regex(/^[0-9a-f]{64}$/), "64 hexadecimal digits in lower case", ""),
};

const hostShape = {
  interval: key(interval.optional(), WANTS_INTERVAL, "", RELOADS),
  tolerance: key(tolerance.optional(), WANTS_TOLERANCE, "", RELOADS),
  grace: key(grace.optional(), WANTS_GRACE, "", RELOADS),
  key: key(secret.optional(), WANTS_SECRET, "", RELOADS),
  token: key(secret.optional(), WANTS_SECRET, "", RELOADS),
};

const fileShape = {
  interval: key(
    interval.default("auto"),
    WANTS_INTERVAL,
    `Seconds between beats; "auto" learns them from each sender`,
    RELOADS,
  ),
  tolerance: key(
    tolerance.default(20),
    WANTS_TOLERANCE,
    "How late a beat may be, in percent of the interval",
    RELOADS,
  ),
  grace: key(
    grace.nullable().default(null),
    WANTS_GRACE,
    "How late a beat may be, in seconds; replaces the tolerance",
    RELOADS,
  ),
  hbd_host: key(
    z.string().refine(isBindAddress).default("0.0.0.0"),
    "an IP address or a host name",
    "Address to listen on; 0.0.0.0 is every IPv4 address of the machine",
  ),
  hbd_port: wholeNumber(0, 65_535, 50_004, "HTTP port; 0 takes any free one"),
  hb_port: key(
    z.union([z.literal("off"), z.int().min(0).max(65_535)]).default(50_003),
    'a whole number from 0 to 65535, or "off"',
    'UDP port; 0 takes any free one, "off" none',
  ),
  udp_accept_text: key(
    z.boolean().default(true),
    "true or false",
    "Take datagrams of plain text for beats of the address they come from",
    RELOADS,
  ),
  udp_ack: key(
    z.boolean().default(true),
    "true or false",
    "Whether datagrams are acknowledged; clients measure their round trip by it",
    RELOADS,
  ),
  default_key: key(
    secret.nullable().default(null),
    WANTS_SECRET,
    "Key of every host that has none of its own",
    RELOADS,
  ),
  require_key: key(
    z.boolean().default(false),
    "true or false",
    "Whether what is not signed is refused, whatever host it is from",
    RELOADS,
  ),
  auth_window: key(
    z.number().min(1).max(86_400).default(60),
    "a number of seconds from 1 to 86400",
    "How far the time in a signed message may be from the server's",
    RELOADS,
  ),
  command_token: key(
    secret.nullable().default(null),
    WANTS_SECRET,
    "What people must show to queue commands for hosts; nobody can while it is not set",
    RELOADS,
  ),
  client_update: key(
    z.preprocess((v) => v ?? null, mapping(z.strictObject(updateShape)).nullable()).default(null),
    "a mapping with version, url and sha256",
    "The version of hbc that clients with self_update are told to install",
    RELOADS,
  ),
  max_samples: wholeNumber(1, 10_000, 100, "Samples kept of each plugin of each host", RELOADS),
  max_body: wholeNumber(1, 16_777_216, 65_536, "Largest accepted body in bytes", RELOADS),
  max_hosts: wholeNumber(1, 10_000_000, 1_000_000, "Most hosts that are remembered", RELOADS),
  journal_enabled: key(
    z.boolean().default(true),
    "true or false",
    "Whether every message is written to the journal",
  ),
  journal_dir: key(
    path.nullable().default(null),
    `the path of a folder, without "~"`,
    "Folder of the journal; the state folder when not set",
  ),
  journal_file: key(
    fileName.default("messages.journal"),
    "a plain file name of at most 200 characters, without a folder",
    "File name of the journal",
  ),
  journal_max_size: wholeNumber(
    4096,
    Number.MAX_SAFE_INTEGER,
    104_857_600,
    "Size in bytes at which the journal is rotated",
  ),
  journal_max_backups: wholeNumber(0, 10_000, 10, "Rotated journal files to keep"),
  journal_sync: key(
    z.boolean().default(false),
    "true or false",
    "Whether each write is forced to the disk before the answer; safer and slower",
  ),
  beat_log: key(
    path.nullable().default(null),
    WANTS_PATH,
    "File that gets one JSON line for each beat",
  ),
  logfile: key(
    path.nullable().default(null),
    WANTS_PATH,
    "File that gets the text log",
  ),
  hosts: key(
    z.preprocess(
      (v) => v ?? new Map(),
      z.map(hostName, mapping(z.strictObject(hostShape))),
    ).default(new Map()),
    "a mapping of host names to their keys",
    "Single hosts with their own interval, tolerance, grace, key or token",
    RELOADS,
  ),
};

/** Checks a parsed configuration file (mappings as `Map` or object) and fills in the defaults. */
export const fileSchema = mapping(z.strictObject(fileShape));

/** A checked configuration file: its own keys, all present. */
export type FileConfig = z.output<typeof fileSchema>;

/** The keys at the top level of the file, in the order of the help. */
export const KEYS: ReadonlyMap<string, KeyInfo> = keysOf(fileShape);

/** The keys below `hosts.<name>`. */
export const HOST_KEYS: ReadonlyMap<string, KeyInfo> = keysOf(hostShape);

/** The keys below `client_update`. */
export const UPDATE_KEYS: ReadonlyMap<string, KeyInfo> = keysOf(updateShape);

function keysOf(shape: Readonly<Record<string, z.ZodType>>): ReadonlyMap<string, KeyInfo> {
  return new Map(
    Object.entries(shape).flatMap(([name, type]) => {
      const info = infos.get(type);
      return info === undefined ? [] : [[name, info] as const];
    }),
  );
}

/** Turns a checked file into the program's configuration; paths stay as they are written. */
export function toConfig(file: FileConfig): Config {
  return {
    intervalS: file.interval,
    tolerancePct: file.tolerance,
    graceS: file.grace,
    bindAddress: file.hbd_host,
    httpPort: file.hbd_port,
    udpPort: file.hb_port === "off" ? null : file.hb_port,
    udpAcceptText: file.udp_accept_text,
    udpAck: file.udp_ack,
    auth: {
      defaultKey: file.default_key,
      requireKey: file.require_key,
      windowS: file.auth_window,
      commandToken: file.command_token,
    },
    clientUpdate: file.client_update,
    maxSamples: file.max_samples,
    maxBodyBytes: file.max_body,
    maxHosts: file.max_hosts,
    journal: {
      enabled: file.journal_enabled,
      dir: file.journal_dir,
      file: file.journal_file,
      maxSizeBytes: file.journal_max_size,
      maxBackups: file.journal_max_backups,
      sync: file.journal_sync,
    },
    beatLog: file.beat_log,
    logFile: file.logfile,
    hosts: new Map(
      Array.from(file.hosts, ([name, { interval, tolerance, grace, key, token }]) => [name, {
        ...(interval !== undefined && { intervalS: interval }),
        ...(tolerance !== undefined && { tolerancePct: tolerance }),
        ...(grace !== undefined && { graceS: grace }),
        ...(key !== undefined && { key }),
        ...(token !== undefined && { token }),
      }]),
    ),
  };
}

/** Turns a configuration back into the file's keys; the inverse of `toConfig()`. */
export function toFile(config: Config): FileConfig {
  return {
    interval: config.intervalS,
    tolerance: config.tolerancePct,
    grace: config.graceS,
    hbd_host: config.bindAddress,
    hbd_port: config.httpPort,
    hb_port: config.udpPort ?? "off",
    udp_accept_text: config.udpAcceptText,
    udp_ack: config.udpAck,
    default_key: config.auth.defaultKey,
    require_key: config.auth.requireKey,
    auth_window: config.auth.windowS,
    command_token: config.auth.commandToken,
    client_update: config.clientUpdate,
    max_samples: config.maxSamples,
    max_body: config.maxBodyBytes,
    max_hosts: config.maxHosts,
    journal_enabled: config.journal.enabled,
    journal_dir: config.journal.dir,
    journal_file: config.journal.file,
    journal_max_size: config.journal.maxSizeBytes,
    journal_max_backups: config.journal.maxBackups,
    journal_sync: config.journal.sync,
    beat_log: config.beatLog,
    logfile: config.logFile,
    hosts: new Map(
      Array.from(config.hosts, ([name, { intervalS, tolerancePct, graceS, key, token }]) => [name, {
        ...(intervalS !== undefined && { interval: intervalS }),
        ...(tolerancePct !== undefined && { tolerance: tolerancePct }),
        ...(graceS !== undefined && { grace: graceS }),
        ...(key !== undefined && { key }),
        ...(token !== undefined && { token }),
      }]),
    ),
  };
}

/** The configuration without a file and without arguments. */
export const DEFAULT_CONFIG: Config = toConfig(fileSchema.parse({}));

/** Names the file keys that differ between the two and that only a restart takes up. */
export function keysNeedingRestart(before: Config, after: Config): readonly string[] {
  const old = new Map<string, unknown>(Object.entries(toFile(before)));
  return Object.entries(toFile(after))
    .filter(([name, value]) => KEYS.get(name)?.reload === false && old.get(name) !== value)
    .map(([name]) => name);
}
