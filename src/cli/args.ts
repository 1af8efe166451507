/**
 * Turns the words of the command line into a `Command`, or says in one line what is wrong with
 * them. Only syntax and ranges are judged here: no file is read and nothing is started.
 */

import {
  type CommandLine,
  type OptionSpec,
  splitCommandLine,
  UsageError,
} from "../config/command_line.ts";
import { didYouMean } from "../config/load.ts";
import { shortName, WANTS_NAME } from "../config/keys.ts";
import { DEFAULT_CONFIG } from "../config/schema.ts";
import type { PasswdOptions } from "./passwd.ts";
import {
  POSITIONAL_INTERVAL_S,
  POSITIONAL_TOLERANCE_PCT,
  SERVE_OPTIONS,
  type ServeOptions,
  serveOptions,
} from "./serve_args.ts";
import { refuseFrom, type Tool } from "./tool.ts";
import { toolOf, TOOLS } from "./tools.ts";
import type { TopOptions } from "./top.ts";

/** What the command line asks for. */
export type Command =
  | { readonly name: "serve"; readonly options: ServeOptions }
  | { readonly name: "check"; readonly configFile: string | null }
  | { readonly name: "notify-test"; readonly channel: string; readonly configFile: string | null }
  | { readonly name: "passwd"; readonly options: PasswdOptions }
  | { readonly name: "top"; readonly options: TopOptions }
  | { readonly name: "tool"; readonly tool: Tool; readonly line: CommandLine }
  | { readonly name: "help" }
  | { readonly name: "version" };

/** The help text. */
export const USAGE: string = `Usage:
  hbd [serve] [PORT [INTERVAL_S [TOLERANCE_PCT]]] [options]   receive heartbeats
  hbd top [URL] [--token TOKEN]       look at a server that runs (default: http://localhost:${DEFAULT_CONFIG.httpPort}/)
  hbd check [-c FILE]                 check a configuration and print the effective one
  hbd notify-test CHANNEL [-c FILE]   send a test by a channel, and say what its provider answered
  hbd passwd USER [--write -c FILE]   ask for a password, and print what to put under "users"
${rows(TOOLS.flatMap(({ usage }) => usage), "  hbd ", 38)}
With PORT given this way, INTERVAL_S is ${POSITIONAL_INTERVAL_S} and TOLERANCE_PCT is ${POSITIONAL_TOLERANCE_PCT} unless given too.
Every missed beat is then told, and on the desktop, unless the configuration says otherwise.

Options:
  -c, --config FILE   configuration file (default: none, built-in defaults)
      --bind ADDR     address to listen on (default: ${DEFAULT_CONFIG.bindAddress})
      --http-port N   HTTP port, 0 takes any free one (default: ${DEFAULT_CONFIG.httpPort})
      --udp-port N    UDP port, 0 takes any free one, "off" none (default: ${DEFAULT_CONFIG.udpPort})
      --state-dir DIR folder for the server's state (default: the platform's own place)
      --write         with passwd: put the password into the configuration file
      --no-ui         plain output, also on a terminal (default: a screen there; ? shows its keys)
      --token TOKEN   with top: a key of that server (default: HBD_TOKEN of the environment)
  -f, --foreground    stay in the foreground (always so, accepted for old scripts)
  -v, --verbose       say more (default: off)
  -h, --help          show this help
      --version       show the version
${toolOptions()}
Examples:
  hbd                         listen on port ${DEFAULT_CONFIG.httpPort}, learn each sender's rhythm
  hbd 7777 30                 listen on port 7777, expect a beat every 30 s, ±${POSITIONAL_TOLERANCE_PCT}%
  hbd -c hbd.yaml --no-ui     run with a configuration file and plain output
  hbd top server:50004        watch that server's hosts on this terminal
  hbd check -c hbd.yaml       see what that file means

Command line goes over file, file over default. See docs/CONFIG.md for the keys of the file.
`;

const COMMANDS = [
  ...["serve", "top", "check", "notify-test", "passwd", "help", "version"],
  ...TOOLS.map(({ name }) => name),
];

/** Every spelling of an option: its long name, and what its value is called if it takes one. */
const OPTIONS: ReadonlyMap<string, OptionSpec> = new Map([
  ...SERVE_OPTIONS,
  ["--write", { name: "--write" }],
  ["--token", { name: "--token", value: "TOKEN" }],
  ...["-h", "--help"].map((s) => [s, { name: "--help" }] as const),
  ["--version", { name: "--version" }],
]);

/**
 * Reads the command line, without the program's name.
 *
 * @throws {UsageError} for whatever is unknown, missing, out of range, given twice or too much
 */
export function parseCommandLine(args: readonly string[]): Command {
  const tool = toolOf(args[0] ?? "");
  if (tool !== null) {
    if (args.some((arg) => arg === "-h" || arg === "--help")) return { name: "help" };
    return { name: "tool", tool, line: splitCommandLine(args.slice(1), tool.options) };
  }
  const { words, given } = splitCommandLine(args, OPTIONS);
  const first = words[0] ?? "";
  if (given.has("--help") || first === "help") return { name: "help" };
  if (given.has("--version") || first === "version") return { name: "version" };
  if (first === "top") return topCommand(words.slice(1), given);
  if (first === "check") return checkCommand(words.slice(1), given);
  if (first === "notify-test") return notifyTestCommand(words.slice(1), given);
  if (first === "passwd") return passwdCommand(words.slice(1), given);
  if (/^\p{L}/u.test(first) && first !== "serve") {
    throw new UsageError(`Unknown command "${first}": ${didYouMean(first, COMMANDS)}`);
  }
  if (given.has("--write")) throw new UsageError('Option "--write" goes with "passwd" only');
  if (given.has("--token")) throw new UsageError('Option "--token" goes with "top" only');
  return {
    name: "serve",
    options: serveOptions(first === "serve" ? words.slice(1) : words, given),
  };
}

function topCommand(words: readonly string[], given: ReadonlyMap<string, string>): Command {
  refuseFrom(words, 1);
  for (const option of given.keys()) {
    if (option === "--token") continue;
    throw new UsageError(`Option "${option}" does not go with "top": only --token TOKEN does`);
  }
  const [word = "localhost"] = words;
  return { name: "top", options: { url: serverUrl(word), token: given.get("--token") ?? null } };
}

/** The address of a server: a whole URL, or a name with or without a port. */
function serverUrl(word: string): URL {
  const hasScheme = /^[a-z][a-z+.-]*:\/\//i.test(word);
  const url = URL.parse(hasScheme ? word : `http://${word}`);
  const isWeb = url !== null && ["http:", "https:"].includes(url.protocol) && url.username === "";
  if (!isWeb) {
    throw new UsageError(
      `URL must be that of a server, like http://server:${DEFAULT_CONFIG.httpPort}/ or server: ` +
        `got "${word}"`,
    );
  }
  // Without a scheme it is no web server that is meant, but one of ours.
  if (!hasScheme && url.port === "" && !/:80(\/|$)/.test(word)) {
    url.port = String(DEFAULT_CONFIG.httpPort);
  }
  url.search = url.hash = "";
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

function checkCommand(words: readonly string[], given: ReadonlyMap<string, string>): Command {
  refuseFrom(words, 0);
  return { name: "check", configFile: configFileOnly("check", given) };
}

function notifyTestCommand(words: readonly string[], given: ReadonlyMap<string, string>): Command {
  refuseFrom(words, 1);
  const [channel = ""] = words;
  if (channel === "") {
    throw new UsageError("notify-test needs the name of a channel: hbd notify-test CHANNEL");
  }
  return { name: "notify-test", channel, configFile: configFileOnly("notify-test", given) };
}

function passwdCommand(words: readonly string[], given: ReadonlyMap<string, string>): Command {
  refuseFrom(words, 1);
  const [user = ""] = words;
  if (user === "") throw new UsageError("passwd needs the name of a user: hbd passwd USER");
  if (!shortName.safeParse(user).success) {
    throw new UsageError(`USER must be ${WANTS_NAME}: got ${user.length} characters`);
  }
  const isWriting = given.has("--write");
  const rest = new Map([...given].filter(([option]) => option !== "--write"));
  const file = configFileOnly("passwd", rest);
  if (isWriting && file === null) {
    throw new UsageError(`Option "--write" needs a file to write to: -c FILE`);
  }
  return { name: "passwd", options: { user, writeTo: isWriting ? file : null } };
}

/** The configuration file, for commands that take no other option. */
function configFileOnly(command: string, given: ReadonlyMap<string, string>): string | null {
  for (const option of given.keys()) {
    if (option === "--config") continue;
    throw new UsageError(`Option "${option}" does not go with "${command}": only -c FILE does`);
  }
  return given.get("--config") ?? null;
}

/** Rows of the help: what is written, and from column `width` on what it means. */
function rows(
  list: readonly (readonly [written: string, meaning: string])[],
  before: string,
  width: number,
): string {
  return list.map(([written, meaning]) => {
    const start = `${before}${written}`;
    const gap = start.length < width - 1
      ? " ".repeat(width - start.length)
      : `\n${" ".repeat(width)}`;
    return `${start}${gap}${meaning}\n`;
  }).join("");
}

function toolOptions(): string {
  const described = TOOLS.filter(({ optionHelp }) => optionHelp.length > 0);
  return described.map(({ name, optionHelp }) =>
    `\nOptions of ${name}:\n${rows(optionHelp, "      ", 26)}`
  ).join("");
}
