/**
 * Turns the words of the command line into what hbc is to do, or says in one line what is wrong
 * with them. Only syntax is judged here, values and ranges by the rules of the configuration: no
 * file is read and nothing is started.
 */

import { type OptionSpec, splitCommandLine, UsageError } from "../config/command_line.ts";
import { CLIENT_KEYS, type ClientFile, clientFileSchema } from "./config.ts";

/** What hbc does: beat until it is stopped, or send one message and end. */
export type Task =
  | { readonly kind: "beat" }
  | { readonly kind: "once" }
  | { readonly kind: "boot" }
  | { readonly kind: "note"; readonly text: string };

/** How to run. */
export interface RunOptions {
  readonly task: Task;
  /** The configuration file; null looks in the usual places. */
  readonly configFile: string | null;
  /** What goes over the file, by the file's own keys. */
  readonly overrides: Partial<Pick<ClientFile, "servers" | "name" | "interval" | "key" | "boot">>;
  readonly background: boolean;
  readonly verbose: boolean;
  /** Show what would be sent instead of sending it. */
  readonly print: boolean;
}

/** What the command line asks for. */
export type ClientCommand =
  | { readonly name: "run"; readonly options: RunOptions }
  | { readonly name: "help" }
  | { readonly name: "version" };

/** The help text. */
export const USAGE: string = `Usage:
  hbc [options] SERVER[:PORT] [SERVER…]   send heartbeats, to port 50003 unless given

Options:
  -c, --config FILE   configuration file (default: ~/.hbc.yaml, else ~/.hbc.json, else none)
  -d, --daemon        run in the background and log to syslog
  -v, --verbose       say more (default: state changes only)
  -b                  send a boot message at the start and a shutdown message at the stop
      --boot          send one boot message, then exit
  -m, --message TEXT  send one note for people, then exit
      --once          send one beat, then exit
      --print         show what would be sent, send nothing
      --name NAME     name of this host (default: its host name)
      --interval S    seconds between beats (default: 30)
      --key KEY       key to sign with; better kept in the file, as others can see arguments
  -h, --help          show this help
      --version       show the version

Exit code: 0 done and acknowledged, 1 failed, 2 bad arguments.

Examples:
  hbc heartbeat.example.com            beat every 30 s
  hbc -b -d monitor [2001:db8::5]:50003    two servers, in the background
  hbc -m "backup done" monitor         tell people something

Command line goes over file, file over default. See docs/HBC.md for the keys of the file.
`;

/** Every spelling of an option: its one name, and what its value is called if it takes one. */
const OPTIONS: ReadonlyMap<string, OptionSpec> = new Map<string, OptionSpec>([
  ...both("-c", "--config", "FILE"),
  ...both("-d", "--daemon"),
  ...both("-v", "--verbose"),
  ["-b", { name: "-b" }],
  ["--boot", { name: "--boot" }],
  ...both("-m", "--message", "TEXT"),
  ["--once", { name: "--once" }],
  ["--print", { name: "--print" }],
  ["--name", { name: "--name", value: "NAME" }],
  ["--interval", { name: "--interval", value: "S" }],
  ["--key", { name: "--key", value: "KEY" }],
  ...both("-h", "--help"),
  ["--version", { name: "--version" }],
]);

function both(short: string, name: string, value?: string): [string, OptionSpec][] {
  const info: OptionSpec = value === undefined ? { name } : { name, value };
  return [[short, info], [name, info]];
}

/**
 * Reads the command line, without the program's name.
 *
 * @throws {UsageError} for whatever is unknown, missing, out of range, given twice or contradictory
 */
export function parseArgs(args: readonly string[]): ClientCommand {
  const { words, given } = splitCommandLine(args, OPTIONS);
  if (given.has("--help")) return { name: "help" };
  if (given.has("--version")) return { name: "version" };
  const task = taskOf(given);
  for (const option of ["--daemon", "-b"]) {
    if (!given.has(option) || (task.kind === "beat" && !given.has("--print"))) continue;
    throw new UsageError(
      `Option "${option}" is for a client that stays: leave out --once, --boot, -m and --print`,
    );
  }
  const name = given.get("--name");
  const interval = given.get("--interval");
  const key = given.get("--key");
  return {
    name: "run",
    options: {
      task,
      configFile: given.get("--config") ?? null,
      overrides: {
        ...(words.length > 0 && { servers: words.map((word) => valueOfServer(word)) }),
        ...(name !== undefined && { name: valueOf("name", "--name", name) }),
        ...(interval !== undefined && { interval: valueOf("interval", "--interval", interval) }),
        ...(key !== undefined && { key: valueOf("key", "--key", key) }),
        ...(given.has("-b") && { boot: true }),
      },
      background: given.has("--daemon"),
      verbose: given.has("--verbose"),
      print: given.has("--print"),
    },
  };
}

function taskOf(given: ReadonlyMap<string, string>): Task {
  const tasks = ["--once", "--boot", "--message"].filter((option) => given.has(option));
  if (tasks.length > 1) throw new UsageError(`Only one of ${tasks.join(" and ")} at a time`);
  if (given.has("--once")) return { kind: "once" };
  if (given.has("--boot")) return { kind: "boot" };
  const text = given.get("--message");
  return text === undefined ? { kind: "beat" } : { kind: "note", text };
}

/** Judges `text` by the rule of the configuration key; numbers are plain decimal ones. */
function valueOf<K extends "name" | "interval" | "key">(
  key: K,
  label: string,
  text: string,
): NonNullable<ClientFile[K]> {
  const value = key === "interval" && /^\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  const result = clientFileSchema.safeParse({ [key]: value });
  const found = result.data?.[key];
  if (found !== undefined && found !== null) return found as NonNullable<ClientFile[K]>;
  throw new UsageError(`${label} must be ${CLIENT_KEYS.get(key)?.wants}: got "${text}"`);
}

function valueOfServer(text: string): string {
  if (clientFileSchema.safeParse({ servers: [text] }).success) return text;
  throw new UsageError(
    `SERVER must be a host name or an address, with or without a port: got "${text}"; ` +
      "write an IPv6 address as [::1]:50003",
  );
}
