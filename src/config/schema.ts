/**
 * Every configuration key in one place: its name in the file, its type and range, its default, its
 * help text, and whether a reload takes it up. Loading, `hbd check`, the command line's ranges and
 * the test of docs/CONFIG.md are all derived from here.
 *
 * Keys of a subject are in a file of their own, from where `fileShape` takes them:
 *
 *   schema_hosts.ts         below hosts.<name>
 *   schema_alerts.ts        thresholds and when people are told (rules: threshold_tree.ts)
 *   schema_maintenance.ts   planned times
 *   schema_notify.ts        who is notified (one channel: schema_channels.ts, channel_config.ts)
 *   schema_outward.ts       DNS, heartbeat_to, metrics
 *   schema_users.ts         who may log in
 *   schema_web.ts           ports and TLS for people, sessions, history, status page
 *
 * The file has flat snake_case keys; the program uses `Config`. `toConfig()` and `toFile()`, and
 * their parts in those files, are the only places that know both spellings. No files, paths or YAML
 * here.
 */

import { z } from "zod";
import type { Config } from "./config.ts";
import {
  hostName,
  isHostOrAddress,
  key,
  type Keys,
  keysOf,
  mapping,
  named,
  path,
  RELOADS,
  secretKey,
  WANTS_BOOLEAN,
  WANTS_PATH,
  wholeNumber,
} from "./keys.ts";
import {
  grace,
  interval,
  tolerance,
  WANTS_GRACE,
  WANTS_INTERVAL,
  WANTS_TOLERANCE,
} from "./rhythm.ts";
import { alertShape, fromAlerts, toAlerts } from "./schema_alerts.ts";
import { fromHost, hostSchema, toHost } from "./schema_hosts.ts";
import { fromWindow, maintenanceShape, toWindow } from "./schema_maintenance.ts";
import { fromNotify, notifyShape, toNotify } from "./schema_notify.ts";
import { fromOutward, outwardShape, toDns, toTarget } from "./schema_outward.ts";
import { fromUsers, toUsers, usersShape } from "./schema_users.ts";
import { fromWeb, toWeb, webShape } from "./schema_web.ts";
import {
  KEY_RULE,
  literally,
  pingSecrets,
  type SecretLookup,
  secretText,
  WANTS_PING_SECRETS,
  wantsSecret,
  writeSecret,
} from "./secret_text.ts";

const fileName = z.string().max(200).regex(/^(?!\.{1,2}$)[^/\\\p{Cc}]+$/u);

const updateShape = {
  version: key(z.string().min(1).max(64), "a version, say 0.2.0", ""),
  url: key(z.url({ protocol: /^https?$/ }), "an http or https address", ""),
  sha256: key(z.string().regex(/^[0-9a-f]{64}$/), "64 hexadecimal digits in lower case", ""),
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
    z.string().refine(isHostOrAddress).default("0.0.0.0"),
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
    WANTS_BOOLEAN,
    "Take datagrams of plain text for beats of the address they come from",
    RELOADS,
  ),
  udp_ack: key(
    z.boolean().default(true),
    WANTS_BOOLEAN,
    "Whether datagrams are acknowledged; clients measure their round trip by it",
    RELOADS,
  ),
  default_key: secretKey(
    secretText(KEY_RULE).nullable().default(null),
    wantsSecret(KEY_RULE),
    "Key of every host that has none of its own",
  ),
  require_key: key(
    z.boolean().default(false),
    WANTS_BOOLEAN,
    "Whether what is not signed is refused, whatever host it is from",
    RELOADS,
  ),
  auth_window: key(
    z.number().min(1).max(86_400).default(60),
    "a number of seconds from 1 to 86400",
    "How far the time in a signed message may be from the server's",
    RELOADS,
  ),
  command_token: secretKey(
    secretText(KEY_RULE).nullable().default(null),
    wantsSecret(KEY_RULE),
    "Whoever shows it may see and change everything",
  ),
  ping_key: secretKey(
    z.preprocess((v) => v ?? [], pingSecrets).default([]),
    WANTS_PING_SECRETS,
    "Stands in the address of pings by name; whoever has one may beat for every host",
  ),
  ping_create: key(
    z.boolean().default(false),
    WANTS_BOOLEAN,
    "Whether a ping of an unknown host makes it",
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
    WANTS_BOOLEAN,
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
    WANTS_BOOLEAN,
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
    named(mapping(hostSchema), hostName),
    "a mapping of host names to their keys",
    "Single hosts with values of their own",
    RELOADS,
  ),
  ...alertShape,
  ...maintenanceShape,
  ...notifyShape,
  ...outwardShape,
  ...usersShape,
  ...webShape,
};

/** Checks a parsed configuration file (mappings as `Map` or object) and fills in the defaults. */
export const fileSchema = mapping(z.strictObject(fileShape));

/** A checked configuration file: its own keys, all present. */
export type FileConfig = z.output<typeof fileSchema>;

/** The keys at the top level of the file, in the order of the help. */
export const KEYS: Keys = keysOf(fileShape);

/** The keys below `client_update`. */
export const UPDATE_KEYS: Keys = keysOf(updateShape);

/**
 * Turns a checked file into the program's configuration; paths stay as they are written.
 *
 * @param secret what each secret is
 */
export function toConfig(file: FileConfig, secret: SecretLookup = literally): Config {
  const hosts = new Map(
    Array.from(file.hosts, ([name, host]) => [name, toHost(host, secret)] as const),
  );
  const people = toUsers(file, secret);
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
      defaultKey: file.default_key && secret(file.default_key),
      requireKey: file.require_key,
      windowS: file.auth_window,
      commandToken: file.command_token && secret(file.command_token),
    },
    pings: { keys: file.ping_key.map(secret), create: file.ping_create },
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
    hosts,
    ...toAlerts(file),
    maintenance: file.maintenance.map(toWindow),
    notify: toNotify(file, hosts, people.users, secret),
    dns: toDns(file),
    heartbeatTo: file.heartbeat_to.map((target) => toTarget(target, secret)),
    metricsMaxHosts: file.metrics_max_hosts,
    ...people,
    web: toWeb(file),
  };
}

/**
 * Turns a configuration back into the file's keys; the inverse of `toConfig()`, but for secrets:
 * they are what is shown of them.
 */
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
    default_key: config.auth.defaultKey && writeSecret(config.auth.defaultKey),
    require_key: config.auth.requireKey,
    auth_window: config.auth.windowS,
    command_token: config.auth.commandToken && writeSecret(config.auth.commandToken),
    ping_key: config.pings.keys.map(writeSecret),
    ping_create: config.pings.create,
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
    hosts: new Map(Array.from(config.hosts, ([name, host]) => [name, fromHost(host)])),
    ...fromAlerts(config),
    maintenance: config.maintenance.map(fromWindow),
    ...fromNotify(config.notify),
    ...fromOutward(config.dns, config.heartbeatTo, config.metricsMaxHosts),
    ...fromUsers(config),
    ...fromWeb(config.web),
  };
}

/** The configuration without a file and without arguments. */
export const DEFAULT_CONFIG: Config = toConfig(fileSchema.parse({}));

/** Names the file keys that differ between the two and that only a restart takes up. */
export function keysNeedingRestart(before: Config, after: Config): readonly string[] {
  const old = new Map<string, unknown>(Object.entries(toFile(before)));
  return Object.entries(toFile(after))
    .filter(([name, value]) => KEYS.get(name)?.reload === false && !isSame(old.get(name), value))
    .map(([name]) => name);
}

/** Of the values that such keys have: plain ones, and lists of them. */
function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
