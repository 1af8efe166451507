/**
 * Puts a unit into its place and starts it, or stops and removes it. Each step is said before it is
 * done. Doing it twice is the same as once: what is there already stays, and a service that is
 * changed is started again with what is new.
 *
 * Nothing is written before it is certain that it may be, and that the service manager answers.
 */

import { launchdDir, launchdLabel } from "./launchd.ts";
import { type Machine, run, step } from "./machine.ts";
import { type Service, UnitError } from "./service.ts";
import { systemdName, systemdStateDir } from "./systemd.ts";
import { findUnit, type Found, refuseForeign, removeUnit, writeUnit } from "./unit_file.ts";

export type Manager = "systemd" | "launchd";

export interface Unit {
  readonly manager: Manager;
  readonly service: Service;
  readonly text: string;
  /** A unit that was not made here may be lost. */
  readonly isForced: boolean;
  /** The command that does the same once more, for the message that asks for more rights. */
  readonly again: string;
}

/** How long launchd may take to forget a job that was stopped. */
const FORGET_MS = 30_000;
const LOOK_MS = 100;

/** Where the file of the unit belongs. */
export function unitPath({ manager, service }: Unit, { root, home }: Machine): string {
  if (manager === "systemd") {
    const dir = service.isForUser ? `${home}/.config/systemd/user` : "/etc/systemd/system";
    return `${root}${dir}/${systemdName(service)}`;
  }
  const dir = service.isForUser ? `${home}/Library/LaunchAgents` : "/Library/LaunchDaemons";
  return `${root}${dir}/${launchdLabel(service)}.plist`;
}

/** Installs and starts it. Rejects with a UnitError; what was done until then stays. */
export async function install(unit: Unit, machine: Machine): Promise<void> {
  const path = unitPath(unit, machine);
  refuseWithoutRights(unit, machine);
  const found = await findUnit(path, unit.text);
  if (!unit.isForced) refuseForeign(found, path);
  await refuseWithoutManager(unit, machine);
  if (unit.manager === "launchd") await makeFolder(unit, machine);
  if (found === "same") machine.say(`as it is ${path}`);
  else {
    machine.say(`write    ${path}`);
    await writeUnit(path, unit.text);
  }
  await (unit.manager === "systemd" ? startSystemd : startLaunchd)(unit, machine, path, found);
  machine.say(`${unit.service.program} is installed and started`);
}

/** Stops and removes it. Rejects with a UnitError; what was done until then stays. */
export async function uninstall(unit: Unit, machine: Machine): Promise<void> {
  const path = unitPath(unit, machine);
  refuseWithoutRights(unit, machine);
  const found = await findUnit(path, unit.text);
  if (found === "nothing") {
    machine.say(`There is no ${path}: nothing to do`);
    return;
  }
  if (!unit.isForced) refuseForeign(found, path);
  await refuseWithoutManager(unit, machine);
  if (unit.manager === "systemd") {
    await step(machine, "systemctl", ...scope(unit), "disable", "--now", systemdName(unit.service));
  } else await stopLaunchd(unit, machine);
  machine.say(`remove   ${path}`);
  await removeUnit(path);
  if (unit.manager === "systemd") {
    await step(machine, "systemctl", ...scope(unit), "daemon-reload");
  }
  machine.say(
    `${unit.service.program} is removed. What it kept stays in ${stateOf(unit, machine)}`,
  );
}

async function startSystemd(
  unit: Unit,
  machine: Machine,
  _path: string,
  found: Found,
): Promise<void> {
  const name = systemdName(unit.service);
  await step(machine, "systemctl", ...scope(unit), "daemon-reload");
  await step(machine, "systemctl", ...scope(unit), "enable", "--now", name);
  // One that runs already is not started again by the above.
  if (found === "ours" || found === "foreign") {
    await step(machine, "systemctl", ...scope(unit), "restart", name);
  }
}

async function startLaunchd(
  unit: Unit,
  machine: Machine,
  path: string,
  found: Found,
): Promise<void> {
  const domain = domainOf(unit, machine);
  if (await isLoaded(unit, machine)) {
    if (found === "same") {
      machine.say("runs     already");
      return;
    }
    await stopLaunchd(unit, machine);
  }
  // One that was switched off by hand stays off otherwise.
  await step(machine, "launchctl", "enable", `${domain}/${launchdLabel(unit.service)}`);
  await step(machine, "launchctl", "bootstrap", domain, path);
}

async function stopLaunchd(unit: Unit, machine: Machine): Promise<void> {
  if (!await isLoaded(unit, machine)) return;
  const job = `${domainOf(unit, machine)}/${launchdLabel(unit.service)}`;
  await step(machine, "launchctl", "bootout", job);
  // It ends on its own time, and cannot be loaded again before that.
  const endMs = performance.now() + FORGET_MS;
  while (await isLoaded(unit, machine)) {
    if (performance.now() > endMs) {
      throw new UnitError(`${job} does not stop: see "launchctl print ${job}", then try again`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

async function isLoaded(unit: Unit, machine: Machine): Promise<boolean> {
  const job = `${domainOf(unit, machine)}/${launchdLabel(unit.service)}`;
  return (await run(machine, "launchctl", "print", job)).code === 0;
}

/** launchd starts nothing in a folder that is not there. */
async function makeFolder({ service }: Unit, machine: Machine): Promise<void> {
  const dir = `${machine.root}${launchdDir(service, machine.home)}`;
  await step(machine, "mkdir", "-p", dir);
  if (service.runAs !== null) await step(machine, "chown", service.runAs, dir);
}

function refuseWithoutRights({ service, again }: Unit, { uid, home }: Machine): void {
  if (service.isForUser) {
    if (home.startsWith("/")) return;
    throw new UnitError(`HOME must be the folder of who installs it with --user: it is "${home}"`);
  }
  if (uid === 0) return;
  throw new UnitError(
    `Only root may do that for the whole machine:\n  sudo ${again}\n` +
      "For yourself alone, add --user",
  );
}

/** So that nothing is left behind where there is no such manager, in a container say. */
async function refuseWithoutManager(unit: Unit, machine: Machine): Promise<void> {
  const command = unit.manager === "systemd"
    ? ["systemctl", ...scope(unit), "show", "--property=Version"] as const
    : ["launchctl", "print", domainOf(unit, machine)] as const;
  const [program, ...args] = command;
  const { code, text } = await run(machine, program, ...args);
  if (code === 0) return;
  throw new UnitError(`${unit.manager} does not answer, so nothing was changed: ${text}`);
}

function scope({ service }: Unit): readonly string[] {
  return service.isForUser ? ["--user"] : [];
}

function domainOf({ service }: Unit, { uid }: Machine): string {
  return service.isForUser ? `gui/${uid ?? 0}` : "system";
}

function stateOf({ manager, service }: Unit, { home }: Machine): string {
  if (manager === "launchd") return launchdDir(service, home);
  if (service.stateDir !== null) return service.stateDir;
  return service.isForUser ? `${home}/.local/state/heartbeat` : systemdStateDir(service);
}
