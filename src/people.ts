/**
 * The people: what they changed, who is logged in and with which keys, and who may what by the
 * settings in force. Read from the store before anything is judged by it.
 */

import { ApiKeys } from "./access/api_keys.ts";
import { HostSettings } from "./access/host_settings.ts";
import { Login } from "./access/login.ts";
import { LoginLimit } from "./access/login_limit.ts";
import { PasswordDesk } from "./access/password.ts";
import type { RecordStore } from "./access/records.ts";
import { Sessions } from "./access/sessions.ts";
import type { Config } from "./config/config.ts";
import { SettingsInForce } from "./settings_in_force.ts";

export interface People {
  readonly changes: HostSettings;
  readonly inForce: SettingsInForce;
  readonly sessions: Sessions;
  readonly apiKeys: ApiKeys;
  readonly login: Login;
}

/** Reads them from `store`. Rejects when that fails. */
export async function loadPeople(
  store: RecordStore,
  file: Config,
  nowMs: () => number,
): Promise<People> {
  const changes = new HostSettings(store);
  await changes.load();
  const inForce = new SettingsInForce(file, changes);
  const users = () => inForce.config.users;
  const passwordOf = (user: string) => users().get(user)?.password?.value ?? null;
  const sessions = new Sessions(store, {
    nowMs,
    lifetimeMs: () => inForce.config.web.sessionS * 1000,
    passwordOf,
  });
  const apiKeys = new ApiKeys(store, { nowMs, isUser: (user) => users().has(user) });
  await Promise.all([sessions.load(), apiKeys.load()]);
  const login = new Login({
    passwords: () => new Map([...users().keys()].map((user) => [user, passwordOf(user)])),
    sessions,
    limit: new LoginLimit(nowMs),
    desk: new PasswordDesk(),
  });
  return { changes, inForce, sessions, apiKeys, login };
}
