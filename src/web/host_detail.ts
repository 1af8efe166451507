/** A host with all that is known of it and set for it, as its own page shows it. */

import { Audience } from "../notify/audience.ts";
import type { Role } from "../access/principal.ts";
import type { Config } from "../config/config.ts";
import type { HostSnapshot } from "../monitor/snapshot.ts";
import { hostJson } from "./host_json.ts";
import { seconds } from "./seconds.ts";
import { thresholdsJson } from "./threshold_json.ts";
import type { View } from "./view.ts";

/** The host as a JSON value, for somebody who has `role` there. */
export function hostDetail(view: View, host: HostSnapshot, role: Role, nowMs: number) {
  const config = view.config();
  const settings = settingsJson(config, host.name);
  const { deadlineMs, graceMs } = host;
  const expectedMs = deadlineMs === null || graceMs === null ? null : deadlineMs - graceMs;
  return {
    ...hostJson(view, host, nowMs),
    role,
    settings,
    changed_here: view.changedHere(host.name),
    thresholds: thresholdsJson(config, settings.threshold_config),
    next_expected: seconds(expectedMs),
    schedule: scheduleJson(view, host.name, nowMs),
    ping_by: pingBy(view, host.name),
  };
}

/** Times of a schedule that are told. */
const NEXT = 5;

function scheduleJson(view: Pick<View, "schedule">, name: string, nowMs: number) {
  const schedule = view.schedule(name);
  if (schedule === null) return null;
  const { cron, tz } = schedule;
  return { cron, tz, next: schedule.next(nowMs, NEXT).map(seconds) };
}

/** By what a ping of the host finds it; null: one without a proof is not taken from it. */
function pingBy(view: Pick<View, "config">, name: string): "name" | "id" | "key" | null {
  const config = view.config();
  const own = config.hosts.get(name);
  if ((own?.pingIds?.length ?? 0) > 0) return "id";
  if (config.pings.keys.length > 0) return "key";
  const isGuarded = config.auth.requireKey || config.auth.defaultKey !== null ||
    own?.key !== undefined || own?.token !== undefined;
  return isGuarded ? null : "name";
}

/** Who may what at a host, as a JSON value. */
export function accessJson(view: Pick<View, "config">, name: string) {
  const { owner, managers, monitors } = settingsJson(view.config(), name);
  return { hostname: name, owner, managers, monitors };
}

/** What is in force for a host, in the keys of the file. */
function settingsJson(config: Config, name: string) {
  const own = config.hosts.get(name) ?? {};
  // A tolerance of its own wins over a general grace.
  const graceS = own.graceS ?? (own.tolerancePct === undefined ? config.graceS : null);
  return {
    interval: own.intervalS ?? config.intervalS,
    tolerance: own.tolerancePct ?? config.tolerancePct,
    grace: graceS,
    cron: own.cron ?? null,
    tz: own.cron === undefined ? null : own.zone ?? "UTC",
    watch: own.watch ?? true,
    group: own.group ?? null,
    threshold_config: own.thresholdConfig ?? [],
    notify: own.notify ?? toldOf(config, name),
    dyn: own.dyn ?? false,
    owner: own.owner ?? config.defaultOwner,
    managers: own.managers ?? [],
    monitors: own.monitors ?? [],
  };
}

/** Who is told of a host that says nothing of it itself; null: nobody has said anything. */
function toldOf(config: Config, name: string): readonly string[] | null {
  // By no name: this server's own host is not told apart.
  const told = new Audience(config, "").ofWatched(name);
  return told.length > 0 ? told : config.notify.notify;
}
