/**
 * From the words of `hbd unit` to what is to run: the command line of the service with absolute
 * paths, and what it needs of the machine by its configuration.
 */

import { dirname, join, resolve } from "@std/path";
import { findConfigFile, loadClientConfig } from "../client/config.ts";
import { parseServer } from "../client/server_name.ts";
import { type CommandLine, UsageError } from "../config/command_line.ts";
import type { Config } from "../config/config.ts";
import type { ConfigOverrides } from "../config/load.ts";
import { RULES } from "../config/places.ts";
import { DEFAULT_CONFIG, toConfig } from "../config/schema.ts";
import { checkYamlFile, readConfigFile } from "../config/yaml_file.ts";
import type { Need } from "../unit/reach.ts";
import type { ProgramName, Service } from "../unit/service.ts";
import { serveOptions } from "./serve_args.ts";

/** How the programs are run on this machine. */
export interface Programs {
  /** The command without arguments of its own, the absolute path first. Rejects with a ToolError. */
  readonly launcher: (program: ProgramName) => Promise<readonly [string, ...string[]]>;
  /** The root of the source tree; null: these are executables. */
  readonly sourceDir: string | null;
  /** The home of who asks. */
  readonly home: string;
}

/** A service and the files that it must be able to use. */
export interface Wanted {
  readonly service: Service;
  readonly needs: readonly Need[];
}

/** Options of serve that a service is given as they are; those with paths have code of their own. */
const AS_THEY_ARE = ["--bind", "--http-port", "--udp-port", "--no-ui", "--verbose"];

/** Options that say nothing about a client. */
const SERVER_ONLY = ["--bind", "--http-port", "--udp-port", "--state-dir", "--no-ui"];

/** The service that a command line asks for. Rejects with a UsageError or a ConfigError. */
export async function wantedService(line: CommandLine, programs: Programs): Promise<Wanted> {
  for (const text of [...line.words, ...line.given.values()]) {
    // deno-lint-ignore no-control-regex -- these are what is looked for
    if (!/[\u0000-\u001f\u007f]/.test(text)) continue;
    throw new UsageError(`No unit can have control characters: got ${JSON.stringify(text)}`);
  }
  return await (line.given.has("--client") ? client(line, programs) : server(line, programs));
}

async function server({ words, given }: CommandLine, programs: Programs): Promise<Wanted> {
  const { configFile, overrides, stateDir } = serveOptions(words.slice(1), given);
  const file = configFile === null ? null : resolve(configFile);
  const config = await configWithoutSecrets(file, overrides);
  const launcher = await programs.launcher("hbd");
  const options = AS_THEY_ARE.filter((name) => given.has(name)).flatMap((name) =>
    given.get(name) === "" ? [name] : [name, given.get(name) ?? ""]
  );
  const writes = writtenBy(file, config);
  return {
    service: {
      program: "hbd",
      command: [
        ...launcher,
        "serve",
        ...words.slice(1),
        ...options,
        ...(file === null ? [] : ["-c", file]),
      ],
      ...common(given, programs),
      stateDir: stateDir === null ? null : resolve(stateDir),
      writes: writes.map(({ path }) => path),
      hasLowPort: portsOf(config).some((port) => port > 0 && port < 1024),
      isSandboxed: true,
    },
    needs: [
      ...programNeeds(launcher, programs),
      ...filesReadBy(file, config),
      ...(stateDir === null ? [] : [written("The state folder", resolve(stateDir))]),
      ...writes,
    ],
  };
}

/** What the service takes from its environment need not be in this one. */
async function configWithoutSecrets(
  file: string | null,
  { isPositional: _, ...overrides }: ConfigOverrides,
): Promise<Config> {
  if (file === null) return { ...DEFAULT_CONFIG, ...overrides };
  const { data } = checkYamlFile(await readConfigFile(file, "hbd"), file, RULES);
  return { ...toConfig(data), ...overrides };
}

async function client({ words, given }: CommandLine, programs: Programs): Promise<Wanted> {
  for (const name of SERVER_ONLY) {
    if (given.has(name)) throw new UsageError(`Option "${name}" does not go with "--client"`);
  }
  const servers = words.slice(1);
  const wrong = servers.find((server) => parseServer(server) === null);
  if (wrong !== undefined) {
    throw new UsageError(`SERVER must be a name or an address, with or without :PORT: "${wrong}"`);
  }
  const isForUser = given.has("--user");
  const named = given.get("--config");
  const file = named !== undefined
    ? resolve(named)
    // A service of the machine has no home to find it in.
    : isForUser
    ? await findConfigFile(programs.home)
    : null;
  if (servers.length === 0 && file === null) {
    throw new UsageError("A client needs a server: hbd unit systemd --client SERVER, or -c FILE");
  }
  const overrides = servers.length === 0 ? {} : { servers: [...servers] };
  const { commands, plugins, selfUpdate, spoolDir } = await loadClientConfig(
    file,
    overrides,
    Deno.hostname(),
  );
  // Plugins of the user's own, and those of Nagios.
  const runsOthers = commands.size > 0 || selfUpdate ||
    [...plugins.values()].some((options) =>
      options !== false && ("exec" in options || "commands" in options)
    );
  const launcher = await programs.launcher("hbc");
  return {
    service: {
      program: "hbc",
      command: [
        ...launcher,
        "-b",
        ...(given.has("--verbose") ? ["-v"] : []),
        ...(file === null ? [] : ["-c", file]),
        ...servers,
      ],
      ...common(given, programs),
      stateDir: null,
      writes: spoolDir === null ? [] : [spoolDir],
      hasLowPort: false,
      isSandboxed: !runsOthers,
    },
    needs: [
      ...programNeeds(launcher, programs),
      ...(file === null ? [] : [read("The configuration", file)]),
      ...(spoolDir === null ? [] : [written("spool_dir", spoolDir)]),
    ],
  };
}

function common(
  given: CommandLine["given"],
  { sourceDir }: Programs,
): Pick<Service, "isForUser" | "isFromSource" | "runAs"> {
  return {
    isForUser: given.has("--user"),
    isFromSource: sourceDir !== null,
    runAs: given.get("--run-as") ?? null,
  };
}

function programNeeds(launcher: readonly [string, ...string[]], programs: Programs): Need[] {
  return [
    { what: "The program", path: launcher[0], use: "run" },
    ...(programs.sourceDir === null
      ? []
      : [read("The source tree,", join(programs.sourceDir, "main.ts"))]),
  ];
}

function filesReadBy(file: string | null, { web, dns }: Config): Need[] {
  if (file === null) return [];
  const named: readonly (readonly [string, string | null])[] = [
    ["wss_pem", web.certFile],
    ["wss_key", web.keyFile],
    ["The key of the DNS,", dns.keyFile],
  ];
  return [
    read("The configuration", file),
    // Paths in the file count from where it is.
    ...named.flatMap(([what, path]) =>
      path === null ? [] : [read(what, resolve(dirname(file), path))]
    ),
  ];
}

function writtenBy(file: string | null, { journal, beatLog, logFile }: Config): Need[] {
  if (file === null) return [];
  const here = dirname(file);
  return [
    ...(journal.enabled && journal.dir !== null
      ? [written("journal_dir", resolve(here, journal.dir))]
      : []),
    ...(beatLog === null ? [] : [written("The folder of beat_log,", inFolder(here, beatLog))]),
    ...(logFile === null ? [] : [written("The folder of logfile,", inFolder(here, logFile))]),
  ];
}

function inFolder(here: string, file: string): string {
  return dirname(resolve(here, file));
}

function read(what: string, path: string): Need {
  return { what, path, use: "read" };
}

function written(what: string, path: string): Need {
  return { what, path, use: "write" };
}

function portsOf({ httpPort, udpPort, web }: Config): readonly number[] {
  return [httpPort, udpPort, web.wsPort, web.wssPort, ...web.extraPorts].filter(
    (port) => port !== null,
  );
}
