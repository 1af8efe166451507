/**
 * The keys of a host below `hosts.<name>`, and their way into the program's configuration and back.
 */

import { z } from "zod";
import type { HostConfig } from "./config.ts";
import {
  complain,
  inner,
  keysOf,
  oneOrList,
  secretKey,
  shortName,
  WANTS_BOOLEAN,
  WANTS_NAME,
} from "./keys.ts";
import {
  grace,
  interval,
  tolerance,
  WANTS_GRACE,
  WANTS_INTERVAL,
  WANTS_TOLERANCE,
} from "./rhythm.ts";
import { isCron, WANTS_CRON } from "./schedule.ts";
import { isZone, WANTS_ZONE } from "./schema_maintenance.ts";
import {
  KEY_RULE,
  pingSecrets,
  type SecretLookup,
  secretText,
  WANTS_PING_SECRETS,
  wantsSecret,
  writeSecret,
} from "./secret_text.ts";

const WANTS_USERS = "the name of a user, or a list of such";

/** A cron schedule. */
export const cron = z.string().refine(isCron, `must be ${WANTS_CRON}`);
/** A time zone. */
export const zone = z.string().refine(isZone, `must be ${WANTS_ZONE}`);

const hostShape = {
  interval: inner(interval.optional(), WANTS_INTERVAL),
  tolerance: inner(tolerance.optional(), WANTS_TOLERANCE),
  grace: inner(grace.optional(), WANTS_GRACE),
  cron: inner(cron.optional(), WANTS_CRON),
  tz: inner(zone.optional(), WANTS_ZONE),
  key: secretKey(secretText(KEY_RULE).optional(), wantsSecret(KEY_RULE)),
  token: secretKey(secretText(KEY_RULE).optional(), wantsSecret(KEY_RULE)),
  ping_id: secretKey(pingSecrets.optional(), WANTS_PING_SECRETS),
  watch: inner(z.boolean().optional(), WANTS_BOOLEAN),
  group: inner(shortName.optional(), WANTS_NAME),
  threshold_config: inner(
    oneOrList(shortName).optional(),
    "a name from threshold_configs, or a list of such",
  ),
  notify: inner(
    oneOrList(shortName).optional(),
    "a name from notification_channels, or a list of such",
  ),
  dyn: inner(z.boolean().optional(), WANTS_BOOLEAN),
  owner: inner(shortName.optional(), "the name of a user"),
  managers: inner(oneOrList(shortName).optional(), WANTS_USERS),
  monitors: inner(oneOrList(shortName).optional(), WANTS_USERS),
};

/** Checks what stands below one host. */
export const hostSchema = z.strictObject(hostShape).superRefine(
  ({ interval, cron, tz }, ctx) => {
    if (cron !== undefined && interval !== undefined) {
      complain(ctx, ["interval"], `cannot stand beside cron: "${cron}" says when beats are due`);
    }
    if (tz !== undefined && cron === undefined) {
      complain(ctx, ["tz"], "is the time zone of cron, which is not there");
    }
  },
);

/** The keys below `hosts.<name>`. */
export const HOST_KEYS = keysOf(hostShape);

type HostFile = z.output<typeof hostSchema>;

/** Turns the checked keys into the program's configuration. */
export function toHost(file: HostFile, secret: SecretLookup): HostConfig {
  const { interval, tolerance, grace, key, token, watch, group, threshold_config, notify, dyn } =
    file;
  const { owner, managers, monitors, cron, tz, ping_id } = file;
  return {
    ...(interval !== undefined && { intervalS: interval }),
    ...(cron !== undefined && { cron }),
    ...(tz !== undefined && { zone: tz }),
    ...(tolerance !== undefined && { tolerancePct: tolerance }),
    ...(grace !== undefined && { graceS: grace }),
    ...(key !== undefined && { key: secret(key) }),
    ...(token !== undefined && { token: secret(token) }),
    ...(ping_id !== undefined && { pingIds: ping_id.map(secret) }),
    ...(watch !== undefined && { watch }),
    ...(group !== undefined && { group }),
    ...(threshold_config !== undefined && { thresholdConfig: threshold_config }),
    ...(notify !== undefined && { notify }),
    ...(dyn !== undefined && { dyn }),
    ...(owner !== undefined && { owner }),
    ...(managers !== undefined && { managers }),
    ...(monitors !== undefined && { monitors }),
  };
}

/** Turns the program's configuration back into the file's keys. */
export function fromHost(host: HostConfig): HostFile {
  const {
    intervalS,
    cron,
    zone,
    tolerancePct,
    graceS,
    key,
    token,
    pingIds,
    watch,
    group,
    thresholdConfig,
    notify,
    dyn,
    owner,
    managers,
    monitors,
  } = host;
  return {
    ...(intervalS !== undefined && { interval: intervalS }),
    ...(cron !== undefined && { cron }),
    ...(zone !== undefined && { tz: zone }),
    ...(tolerancePct !== undefined && { tolerance: tolerancePct }),
    ...(graceS !== undefined && { grace: graceS }),
    ...(key !== undefined && { key: writeSecret(key) }),
    ...(token !== undefined && { token: writeSecret(token) }),
    ...(pingIds !== undefined && { ping_id: pingIds.map(writeSecret) }),
    ...(watch !== undefined && { watch }),
    ...(group !== undefined && { group }),
    ...(thresholdConfig !== undefined && { threshold_config: [...thresholdConfig] }),
    ...(notify !== undefined && { notify: [...notify] }),
    ...(dyn !== undefined && { dyn }),
    ...(owner !== undefined && { owner }),
    ...(managers !== undefined && { managers: [...managers] }),
    ...(monitors !== undefined && { monitors: [...monitors] }),
  };
}
