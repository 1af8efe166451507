/**
 * The client's configuration: every key with its type, range, default and help text in one place,
 * and the way from the file to `ClientConfig`. The file is YAML or JSON with the same keys.
 */

import { dirname, join, resolve } from "@std/path";
import { z } from "zod";
import { ConfigError, type FileRules, parseYamlFile, readConfigFile } from "../config/yaml_file.ts";
import { type Key, makeKey } from "../wire/envelope.ts";
import { parseServer, type ServerName } from "./server_name.ts";

/** What is known about a key besides its type. */
export interface ClientKeyInfo {
  /** What a right value is, to follow "must be". */
  readonly wants: string;
  /** What the key is for. */
  readonly help: string;
}

const YEAR_S = 31_536_000;
const infos = z.registry<ClientKeyInfo>();

function key<T extends z.ZodType>(type: T, wants: string, help: string): T {
  infos.add(type, { wants, help });
  return type;
}

/** YAML mappings arrive as `Map`s, and one whose entries are all commented out as null. */
function mapping<T extends z.ZodType>(type: T) {
  return z.preprocess((v) => v instanceof Map ? Object.fromEntries(v) : v ?? {}, type);
}

/** The same all the way down, for what plugins read themselves. */
function plain(value: unknown): unknown {
  if (value instanceof Map) {
    return Object.fromEntries(Array.from(value, ([name, inner]) => [String(name), plain(inner)]));
  }
  return Array.isArray(value) ? value.map(plain) : value;
}

const argv = z.array(z.string().regex(/^[^\0]*$/)).min(1).refine(([program]) => program !== "");
const word = z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/);
const pluginOptions = z.preprocess(
  (value) => value ?? {},
  z.union([z.literal(false), z.preprocess(plain, z.record(z.string(), z.unknown()))]),
);

const shape = {
  servers: key(
    z.array(z.string().refine((text) => parseServer(text) !== null)).default([]),
    "a list of servers, each a host name or address with or without a port (monitor, [::1]:50003)",
    "Servers to beat to, where the command line names none",
  ),
  name: key(
    z.string().regex(/^\P{Cc}{1,255}$/u).nullable().default(null),
    "1 to 255 characters without control characters",
    "Name of this host; its host name when not set",
  ),
  interval: key(
    z.number().min(0.1).max(YEAR_S).default(30),
    `a number of seconds from 0.1 to ${YEAR_S}`,
    "Seconds between beats",
  ),
  grace: key(
    z.number().min(0).max(YEAR_S).nullable().default(null),
    `a number of seconds from 0 to ${YEAR_S}`,
    "How late a beat may be; the server decides when not set",
  ),
  key: key(
    z.string().min(1).max(1024).nullable().default(null),
    "a text of 1 to 1024 characters",
    "Secret shared with the server: everything is signed with it",
  ),
  boot: key(
    z.boolean().default(false),
    "true or false",
    "Whether start and stop are told as boot and shutdown of the host (-b)",
  ),
  plugins: key(
    z.preprocess((v) => v ?? new Map(), z.map(word, pluginOptions)).default(new Map()),
    "a mapping of plugin names to their options, or to false",
    "Plugins with options of their own, switched off, or added",
  ),
  commands: key(
    z.preprocess((v) => v ?? new Map(), z.map(word, argv)).default(new Map()),
    "a mapping of command names to a program and its arguments: restart: [systemctl, restart, x]",
    "What the server may have run here; nothing else",
  ),
  command_timeout: key(
    z.number().positive().max(86_400).default(60),
    "a number of seconds above 0 and at most 86400",
    "Seconds after which a command is killed",
  ),
  self_update: key(
    z.boolean().default(false),
    "true or false",
    "Whether the server may replace this program by a newer one",
  ),
  spool_dir: key(
    z.string().regex(/^(?!~(\/|$))[^\0]+$/).nullable().default(null),
    `the path of a folder, without "~"`,
    "Folder for what could not be delivered; the platform's own place when not set",
  ),
  spool_max_bytes: key(
    z.int().min(4096).max(2 ** 40).default(10_485_760),
    `a whole number from 4096 to ${2 ** 40}`,
    "Most bytes that are kept for later; the oldest are dropped",
  ),
};

/** Checks a parsed configuration file and fills in the defaults. */
export const clientFileSchema = mapping(z.strictObject(shape));

/** A checked configuration file: its own keys, all present. */
export type ClientFile = z.output<typeof clientFileSchema>;

/** The keys of the file, in the order of the help. */
export const CLIENT_KEYS: ReadonlyMap<string, ClientKeyInfo> = new Map(
  Object.entries(shape).flatMap(([name, type]) => {
    const info = infos.get(type as z.ZodType);
    return info === undefined ? [] : [[name, info] as const];
  }),
);

/** Options of a plugin as the file has them; false switches it off. */
export type PluginOptions = Readonly<Record<string, unknown>> | false;

/** The effective configuration: defaults, file and command line taken together. */
export interface ClientConfig {
  /** At least one. */
  readonly servers: readonly ServerName[];
  /** The name of this host. */
  readonly name: string;
  /** Seconds between beats. */
  readonly intervalS: number;
  /** Seconds that a beat may be late; null leaves it to the server. */
  readonly graceS: number | null;
  readonly key: Key | null;
  readonly boot: boolean;
  readonly plugins: ReadonlyMap<string, PluginOptions>;
  /** Names to programs with their arguments. */
  readonly commands: ReadonlyMap<string, readonly string[]>;
  readonly commandTimeoutS: number;
  readonly selfUpdate: boolean;
  /** The folder for the spool; null is the platform's own place. */
  readonly spoolDir: string | null;
  readonly spoolMaxBytes: number;
}

const RULES: FileRules<ClientFile> = {
  schema: clientFileSchema,
  known: (path) => path.length === 0 ? [...CLIENT_KEYS.keys()] : [],
  wanted([top, name]) {
    if (top === undefined) return `a mapping, one "key: value" a line`;
    if (top === "plugins" && name !== undefined) return "a mapping of options, or false";
    if (top === "commands" && name !== undefined) {
      return "a list of a program and its arguments, all texts";
    }
    return CLIENT_KEYS.get(top)?.wants;
  },
  wrongKey: ([top, name, deeper], { code }) =>
    (top === "plugins" || top === "commands") && name !== undefined && deeper === undefined &&
      code === "invalid_format"
      ? `A name in ${top} must be 1 to 64 letters, digits, "_", "-" or "."`
      : null,
};

/**
 * Loads the configuration: command line over file over default.
 *
 * @param file the path of the file; null is none
 * @param overrides what the command line says, by the keys of the file
 * @param hostname the name of this machine
 * @throws {ConfigError} when the file cannot be read or used, or no server is named anywhere
 */
export async function loadClientConfig(
  file: string | null,
  overrides: Partial<ClientFile>,
  hostname: string,
): Promise<ClientConfig> {
  const values = file === null
    ? clientFileSchema.parse({})
    : parseClientFile(await readConfigFile(file, "hbc"), file);
  const config = toClientConfig({ ...values, ...overrides }, hostname);
  if (config.servers.length > 0) return config;
  throw new ConfigError(
    "No server is named: give one on the command line (hbc monitor.example.com) " +
      'or in the configuration ("servers: [monitor.example.com]")',
  );
}

/**
 * Reads the text of a configuration file; `spool_dir` is resolved against the folder of `fileName`.
 *
 * @throws {ConfigError} naming every problem
 */
export function parseClientFile(text: string, fileName: string): ClientFile {
  const file = parseYamlFile(text, fileName, RULES);
  return {
    ...file,
    spool_dir: file.spool_dir && resolve(dirname(fileName), file.spool_dir),
  };
}

function toClientConfig(file: ClientFile, hostname: string): ClientConfig {
  return {
    servers: file.servers.map(parseServer).filter((server) => server !== null),
    name: file.name ?? hostname,
    intervalS: file.interval,
    graceS: file.grace,
    key: file.key === null ? null : makeKey(file.key),
    boot: file.boot,
    plugins: file.plugins,
    commands: file.commands,
    commandTimeoutS: file.command_timeout,
    selfUpdate: file.self_update,
    spoolDir: file.spool_dir,
    spoolMaxBytes: file.spool_max_bytes,
  };
}

/** The configuration file in the usual places, or null when there is none. */
export async function findConfigFile(home: string | undefined): Promise<string | null> {
  if (!home) return null;
  for (const name of [".hbc.yaml", ".hbc.json"]) {
    const path = join(home, name);
    try {
      await Deno.lstat(path);
      return path;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) return path;
    }
  }
  return null;
}
