/**
 * `hbd unit systemd|launchd`: prints what makes the server, or with `--client` the client, a service
 * of this machine, or installs it and takes it away again.
 */

import { dirname, join, resolve } from "@std/path";
import { type CommandLine, UsageError } from "../config/command_line.ts";
import { install, type Manager, uninstall, type Unit } from "../unit/install.ts";
import { launchdPlist } from "../unit/launchd.ts";
import type { Machine } from "../unit/machine.ts";
import { outOfReach } from "../unit/reach.ts";
import { type ProgramName, type Service, UnitError } from "../unit/service.ts";
import { systemdUnit } from "../unit/systemd.ts";
import { exists } from "./places.ts";
import { SERVE_OPTIONS } from "./serve_args.ts";
import { option, type Tool, ToolError, type ToolOutput } from "./tool.ts";
import { type Programs, wantedService } from "./unit_service.ts";

/** Where a unit is made and installed; tests give one of their own. */
export type UnitWorld = Omit<Machine, "say"> & Programs;

/** The command, on the machine that `world` gives. */
export function unitTool(world: () => UnitWorld): Tool {
  return {
    name: "unit",
    usage: [
      ["unit systemd|launchd [as for serve]", "print the unit that makes hbd a service"],
      ["unit … --client SERVER [-c FILE]", "the same for the client, hbc"],
      ["unit … --install [or --uninstall]", "install and start it; stop and remove it"],
    ],
    options: new Map([
      ...SERVE_OPTIONS,
      ...["--client", "--user", "--install", "--uninstall", "--force"].map((name) => option(name)),
      option("--run-as", "USER"),
    ]),
    optionHelp: [
      ["--client", "for hbc; SERVER and -c FILE are those of hbc"],
      ["--user", "for the user who asks, not for the machine"],
      ["--run-as USER", "run it as USER (default: systemd makes one up, launchd takes root)"],
      ["--force", "with --install and --uninstall: also a unit that hbd did not make"],
    ],
    run: async (line, output) => {
      const manager = judge(line);
      try {
        await (line.given.has("--uninstall") ? remove : make)(manager, line, output, world());
        return 0;
      } catch (error) {
        if (error instanceof UnitError) throw new ToolError(error.message);
        throw error;
      }
    },
  };
}

/** `hbd unit` on this machine. */
export const unit: Tool = unitTool(thisMachine);

/** Refuses what does not go together. Returns the manager asked for. */
function judge({ words, given }: CommandLine): Manager {
  const [manager = ""] = words;
  if (manager !== "systemd" && manager !== "launchd") {
    throw new UsageError(`unit needs "systemd" or "launchd" behind it: got "${manager}"`);
  }
  if (given.has("--install") && given.has("--uninstall")) {
    throw new UsageError("Only one of --install and --uninstall at a time");
  }
  if (given.has("--force") && !given.has("--install") && !given.has("--uninstall")) {
    throw new UsageError('Option "--force" goes with --install and --uninstall only');
  }
  const runAs = given.get("--run-as");
  if (runAs === undefined) return manager;
  if (given.has("--user")) throw new UsageError("Only one of --run-as and --user at a time");
  if (/^[A-Za-z_][\w.-]{0,63}$/.test(runAs)) return manager;
  throw new UsageError(`--run-as must be the name of a user: got "${runAs}"`);
}

async function make(
  manager: Manager,
  line: CommandLine,
  { out, note }: ToolOutput,
  world: UnitWorld,
): Promise<void> {
  const { service, needs } = await wantedService(line, world);
  const problems = manager === "systemd" ? await outOfReach(service, needs) : [];
  if (!line.given.has("--install")) {
    out(textOf(manager, service, world));
    for (const text of [...problems, ...remarks(manager, service)]) note(`Note: ${text}\n`);
    return;
  }
  if (problems.length > 0) {
    throw new UnitError(
      `Not installed, because it could not run:\n${problems.map((text) => `  ${text}`).join("\n")}`,
    );
  }
  for (const text of remarks(manager, service)) note(`Note: ${text}\n`);
  const machine = { ...world, say: (text: string) => out(`${text}\n`) };
  const again = await againOf(line, world);
  const text = textOf(manager, service, world);
  await install({ manager, service, text, isForced: isForced(line), again }, machine);
}

async function remove(
  manager: Manager,
  line: CommandLine,
  { out }: ToolOutput,
  world: UnitWorld,
): Promise<void> {
  const { given } = line;
  const stateDir = given.get("--state-dir");
  // What it was installed with may be gone by now, and is not needed.
  const service: Service = {
    program: given.has("--client") ? "hbc" : "hbd",
    command: ["none"],
    isFromSource: false,
    isForUser: given.has("--user"),
    runAs: null,
    stateDir: stateDir === undefined ? null : resolve(stateDir),
    writes: [],
    hasLowPort: false,
    isSandboxed: true,
  };
  const unit: Unit = {
    ...{ manager, service, text: "", isForced: isForced(line) },
    again: await againOf(line, world),
  };
  await uninstall(unit, { ...world, say: (text) => out(`${text}\n`) });
}

function isForced({ given }: CommandLine): boolean {
  return given.has("--force");
}

function textOf(manager: Manager, service: Service, { home }: UnitWorld): string {
  if (manager === "systemd") return systemdUnit(service);
  const { isForUser, runAs } = service;
  return launchdPlist(service, isForUser ? home : runAs === null ? "/var/root" : `/Users/${runAs}`);
}

/** What who installs it should know. */
function remarks(manager: Manager, service: Service): readonly string[] {
  if (service.isForUser) {
    return manager === "systemd"
      ? ['it runs while you are logged in; "loginctl enable-linger" has it run from the start']
      : ["it runs while you are logged in"];
  }
  if (service.runAs !== null || (manager === "systemd" && service.isSandboxed)) return [];
  const why = manager === "launchd"
    ? ""
    : " and without a sandbox, as its configuration has it run programs or update itself";
  return [`it runs as root${why}; --run-as USER has it run as somebody else`];
}

/** The command line of this command, for a shell. */
async function againOf({ words, given }: CommandLine, world: UnitWorld): Promise<string> {
  const options = [...given].flatMap(([name, value]) => value === "" ? [name] : [name, value]);
  return [...await world.launcher("hbd"), "unit", ...words, ...options].map(forShell).join(" ");
}

function forShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function thisMachine(): UnitWorld {
  const sourceDir = Deno.build.standalone ? null : resolve(import.meta.dirname ?? "", "..", "..");
  return {
    root: "",
    home: Deno.env.get("HOME") ?? "",
    uid: Deno.uid(),
    sourceDir,
    launcher: (program) =>
      sourceDir === null ? executable(program) : fromSource(program, sourceDir),
  };
}

async function executable(program: ProgramName): Promise<readonly [string]> {
  const own = Deno.execPath();
  if (program === "hbd") return [own];
  const path = join(dirname(own), program);
  if (await exists(path)) return [path];
  throw new ToolError(`There is no ${path}: install hbc beside hbd first`);
}

/** As `deno task start` and `deno task hbc` run them. */
function fromSource(program: ProgramName, root: string): Promise<readonly [string, ...string[]]> {
  const entry = join(root, program === "hbd" ? "main.ts" : "src/client/main.ts");
  const flags = ["run", "--no-prompt", "-A", "--config", join(root, "deno.json")];
  return Promise.resolve([Deno.execPath(), ...flags, entry]);
}
