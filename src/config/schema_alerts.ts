/**
 * The keys of thresholds and alerts: which values of metrics are bad, and when people are told.
 * Also their way into the program's configuration and back.
 */

import { z } from "zod";
import type { Config } from "./config.ts";
import {
  inner,
  key,
  keysOf,
  mapping,
  named,
  RELOADS,
  seconds,
  WANTS_BOOLEAN,
  wholeNumber,
} from "./keys.ts";
import { thresholdTree, WANTS_THRESHOLDS } from "./threshold_tree.ts";

const setShape = {
  thresholds: inner(
    thresholdTree({ isLayer: true }),
    `a mapping of plugins, each ${WANTS_THRESHOLDS}`,
  ),
};

/** The keys below `threshold_configs.<name>`. */
export const THRESHOLD_SET_KEYS = keysOf(setShape);

/** The keys at the top of the file. */
export const alertShape = {
  thresholds: key(
    thresholdTree({ isLayer: false }),
    `a mapping of plugins, each ${WANTS_THRESHOLDS}`,
    "From which values on metrics are in alert; see docs/ALERTS.md",
    RELOADS,
  ),
  threshold_configs: key(
    named(mapping(z.strictObject(setShape))),
    'a mapping of names to mappings with "thresholds"',
    'Named sets of thresholds for hosts; the one called "default" is for every host',
    RELOADS,
  ),
  threshold_renotify_interval: seconds(
    0,
    3600,
    "Seconds between two reminders of an alert that lasts; 0 is none",
  ),
  notify_every_miss: key(
    z.boolean().nullable().default(null),
    WANTS_BOOLEAN,
    "Tell of every missed interval; when not set, only in the positional form (hbd 7777 30)",
    RELOADS,
  ),
  flap_threshold: wholeNumber(
    0,
    10_000,
    6,
    "More changes than this in an hour are one FLAPPING alert; 0 is never",
    RELOADS,
  ),
  incident_hosts: wholeNumber(
    0,
    10_000_000,
    5,
    "Hosts that must fall silent together to be one incident; 0 is never",
    RELOADS,
  ),
  incident_share: key(
    z.number().min(0).max(100).default(30),
    "a number of percent from 0 to 100",
    "And how many of those that should have beaten, in percent",
    RELOADS,
  ),
};

const alertSchema = z.object(alertShape);
type AlertFile = z.output<typeof alertSchema>;
type AlertPart = Pick<Config, "thresholds" | "thresholdConfigs" | "alerts">;

/** Turns the checked keys into the program's configuration. */
export function toAlerts(file: AlertFile): AlertPart {
  return {
    thresholds: file.thresholds,
    thresholdConfigs: new Map(
      Array.from(file.threshold_configs, ([name, { thresholds }]) => [name, thresholds]),
    ),
    alerts: {
      renotifyS: file.threshold_renotify_interval,
      everyMiss: file.notify_every_miss,
      flapThreshold: file.flap_threshold,
      incidentHosts: file.incident_hosts,
      incidentPct: file.incident_share,
    },
  };
}

/** Turns the program's configuration back into the file's keys. */
export function fromAlerts({ thresholds, thresholdConfigs, alerts }: AlertPart): AlertFile {
  return {
    thresholds,
    threshold_configs: new Map(
      Array.from(thresholdConfigs, ([name, tree]) => [name, { thresholds: tree }]),
    ),
    threshold_renotify_interval: alerts.renotifyS,
    notify_every_miss: alerts.everyMiss,
    flap_threshold: alerts.flapThreshold,
    incident_hosts: alerts.incidentHosts,
    incident_share: alerts.incidentPct,
  };
}
