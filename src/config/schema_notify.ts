/**
 * The keys of who is notified and how, the simple form of the daemon that is replaced among them
 * (`pushsrv` with its keys), and their way into the program's configuration and back. What is below
 * one channel is in `schema_channels.ts`.
 */

import { z } from "zod";
import { DESKTOP_CHANNEL, fromChannel, toChannel } from "./channel_config.ts";
import type { ChannelConfig, HostConfig, NotifyConfig, UserConfig } from "./config.ts";
import {
  key,
  named,
  oneOrList,
  RELOADS,
  seconds,
  secretKey,
  serviceUrl,
  shortName,
  WANTS_SERVICE_URL,
} from "./keys.ts";
import { channelSchema, PUSHOVER_URL } from "./schema_channels.ts";
import type { KeyProblem } from "./yaml_file.ts";
import {
  type SecretLookup,
  type SecretRule,
  secretText,
  TOKEN_RULE,
  URL_RULE,
  wantsSecret,
} from "./secret_text.ts";

const optionalSecret = (rule: SecretRule, help: string) =>
  secretKey(secretText(rule).nullable().default(null), wantsSecret(rule), help);

/** The keys at the top of the file. */
export const notifyShape = {
  notification_channels: key(
    named(channelSchema),
    "a mapping of names to channels",
    "Ways to reach people, by the names that notify, fallback and hosts use",
    RELOADS,
  ),
  notify: key(
    oneOrList(shortName).nullable().default(null),
    "a name from notification_channels, or a list of such ([] for nobody)",
    "Channels of hosts without their own",
    RELOADS,
  ),
  base_url: key(
    serviceUrl.nullable().default(null),
    WANTS_SERVICE_URL,
    "Where people reach this server, for links in notifications",
    RELOADS,
  ),
  notify_give_up: seconds(
    1,
    86_400,
    "Seconds after which a notification that cannot be delivered is given up",
  ),
  fallback_after: seconds(0, 120, "Seconds that a channel fails until its fallback is used"),
  pushsrv: key(
    z.enum(["pushover", "mattermost", "all"]).nullable().default(null),
    '"pushover", "mattermost" or "all"',
    "Short for channels of these names, and notify with them",
    RELOADS,
  ),
  pushover_token: optionalSecret(TOKEN_RULE, "Application token, for pushsrv"),
  pushover_user: optionalSecret(TOKEN_RULE, "User or group key, for pushsrv"),
  mattermost_url: optionalSecret(URL_RULE, "Incoming webhook, for pushsrv"),
};

const notifySchema = z.object(notifyShape);
type NotifyFile = z.output<typeof notifySchema>;

/** The channels that `pushsrv` stands for. */
function simpleNames({ pushsrv }: NotifyFile): readonly ("pushover" | "mattermost")[] {
  if (pushsrv === null) return [];
  return pushsrv === "all" ? ["pushover", "mattermost"] : [pushsrv];
}

/** The keys that `pushsrv` needs and that are not there. */
export function pushProblems(file: NotifyFile): readonly KeyProblem[] {
  const needs = {
    pushover: ["pushover_token", "pushover_user"],
    mattermost: ["mattermost_url"],
  } as const;
  return simpleNames(file).filter((name) => !file.notification_channels.has(name)).flatMap(
    (name) => {
      const missing = needs[name].filter((need) => file[need] === null);
      if (missing.length === 0) return [];
      return [{
        path: ["pushsrv"],
        text: `pushsrv: ${file.pushsrv} needs ${missing.join(" and ")}`,
      }];
    },
  );
}

function simpleChannel(
  name: "pushover" | "mattermost",
  { pushover_token: token, pushover_user: user, mattermost_url: url }: NotifyFile,
  secret: SecretLookup,
): ChannelConfig | null {
  const base = { minLevel: "WARNING", fallback: null } as const;
  if (name === "mattermost") return url && { type: name, ...base, url: secret(url) };
  if (token === null || user === null) return null;
  return { type: name, ...base, token: secret(token), user: secret(user), url: PUSHOVER_URL };
}

/** Turns the checked keys into the program's configuration, with the channels that are implied. */
export function toNotify(
  file: NotifyFile,
  hosts: ReadonlyMap<string, HostConfig>,
  users: ReadonlyMap<string, UserConfig>,
  secret: SecretLookup,
): NotifyConfig {
  const simple = simpleNames(file);
  const channels = new Map<string, ChannelConfig>(
    Array.from(file.notification_channels, ([name, channel]) => [name, toChannel(channel, secret)]),
  );
  for (const name of simple) {
    if (channels.has(name)) continue;
    const channel = simpleChannel(name, file, secret);
    if (channel !== null) channels.set(name, channel);
  }
  const notify = file.notify ?? (simple.length === 0 ? null : simple);
  const used = [
    ...notify ?? [],
    ...Array.from(hosts.values(), (host) => host.notify ?? []).flat(),
    ...Array.from(users.values(), (user) => user.channels ?? []).flat(),
    ...Array.from(channels.values(), ({ fallback }) => fallback ?? []).flat(),
  ];
  if (used.includes("desktop") && !channels.has("desktop")) {
    channels.set("desktop", DESKTOP_CHANNEL);
  }
  return {
    channels,
    notify,
    baseUrl: file.base_url,
    giveUpS: file.notify_give_up,
    fallbackAfterS: file.fallback_after,
  };
}

/** Turns the program's configuration back into the file's keys, everything spelled out. */
export function fromNotify(notify: NotifyConfig): NotifyFile {
  return {
    notification_channels: new Map(
      Array.from(notify.channels, ([name, channel]) => [name, fromChannel(channel)]),
    ),
    notify: notify.notify && [...notify.notify],
    base_url: notify.baseUrl,
    notify_give_up: notify.giveUpS,
    fallback_after: notify.fallbackAfterS,
    pushsrv: null,
    pushover_token: null,
    pushover_user: null,
    mattermost_url: null,
  };
}
