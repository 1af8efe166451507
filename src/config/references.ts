/**
 * Names in a checked file that must stand for something else in it: channels, sets of thresholds,
 * users (`user_references.ts`). The schema judges values one by one; here is what can only be judged
 * with the whole file.
 */

import type { FileConfig } from "./schema.ts";
import { pushProblems } from "./schema_notify.ts";
import { webProblems } from "./schema_web.ts";
import { userProblems } from "./user_references.ts";
import { didYouMean, type KeyProblem } from "./yaml_file.ts";

/** Finds names that stand for nothing, fallbacks in a circle, and keys that need others. */
export function referenceProblems(file: FileConfig): readonly KeyProblem[] {
  const { notification_channels: channels, hosts, pushsrv, users } = file;
  const simple = pushsrv === null ? [] : pushsrv === "all" ? ["pushover", "mattermost"] : [pushsrv];
  // The desktop is a channel without being defined.
  const known = new Set([...channels.keys(), ...simple, "desktop"]);
  const sets = new Set(file.threshold_configs.keys());
  const channel = (path: readonly string[], name: string) =>
    missing(path, name, known, "channel", "notification_channels");
  return [
    ...pushProblems(file),
    ...(file.notify ?? []).flatMap((name, i) => channel(["notify", String(i)], name)),
    ...Array.from(hosts, ([host, { notify = [], threshold_config = [] }]) => [
      ...notify.flatMap((name, i) => channel(["hosts", host, "notify", String(i)], name)),
      ...threshold_config.flatMap((name, i) => {
        const path = ["hosts", host, "threshold_config", String(i)];
        return missing(path, name, sets, "set of thresholds", "threshold_configs");
      }),
    ]).flat(),
    ...Array.from(
      users,
      ([user, { notification_channels: own }]) =>
        (own ?? []).flatMap((name, i) =>
          channel(["users", user, "notification_channels", String(i)], name)
        ),
    ).flat(),
    ...userProblems(file),
    ...webProblems(file),
    ...Array.from(channels, ([name, { fallback }]) => {
      if (fallback === null) return [];
      const path = ["notification_channels", name, "fallback"];
      return [...channel(path, fallback), ...circle(path, name, channels)];
    }).flat(),
  ];
}

function missing(
  path: readonly string[],
  name: string,
  known: ReadonlySet<string>,
  what: string,
  where: string,
): readonly KeyProblem[] {
  if (known.has(name)) return [];
  const key = path.filter((step, i) => i < path.length - 1 || !/^\d+$/.test(step)).join(".");
  const hint = known.size === 0 ? `there are none in ${where}` : didYouMean(name, [...known]);
  return [{ path, text: `${key} names no ${what}: got ${JSON.stringify(name)}, ${hint}` }];
}

/** Told of every channel on the circle, as each of them has its part in it. */
function circle(
  path: readonly string[],
  start: string,
  channels: FileConfig["notification_channels"],
): readonly KeyProblem[] {
  const way = [start];
  for (let at = channels.get(start)?.fallback; at; at = channels.get(at)?.fallback) {
    if (at === start) {
      const text = way.length === 1
        ? `${path.join(".")} must be another channel: got its own name`
        : `${path.join(".")} must not lead back to itself: ${[...way, start].join(" -> ")}`;
      return [{ path, text }];
    }
    if (way.includes(at)) return [];
    way.push(at);
  }
  return [];
}
