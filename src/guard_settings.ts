/** Turns the configuration's secrets into what the doors' guard judges by. */

import type { Config } from "./config/config.ts";
import { plainPingId } from "./config/ping_ids.ts";
import type { PingSettings } from "./doors/dialect_desk.ts";
import { Guard } from "./doors/guard.ts";
import { makeKey } from "./wire/envelope.ts";

/** Who may ping which hosts, under `config`. UUIDs are in lower case. */
export function pingSettings({ hosts, pings }: Config): PingSettings {
  const ids = Array.from(
    hosts,
    ([host, { pingIds = [] }]) => pingIds.map(({ value }) => [plainPingId(value), host] as const),
  );
  return {
    hostsById: new Map(ids.flat()),
    keys: pings.keys.map(({ value }) => value),
    create: pings.create,
  };
}

/** The guard under `config`. */
export function createGuard({ hosts, auth }: Config): Guard {
  const all = [...hosts];
  return new Guard({
    keys: new Map(
      all.flatMap(([name, { key }]) => key === undefined ? [] : [[name, makeKey(key.value)]]),
    ),
    tokens: new Map(
      all.flatMap(([name, { token }]) => token === undefined ? [] : [[name, token.value]]),
    ),
    defaultKey: auth.defaultKey === null ? null : makeKey(auth.defaultKey.value),
    requireKey: auth.requireKey,
    windowMs: auth.windowS * 1000,
  });
}
