/** A server with users of every kind, and all the ways in which somebody can come to it. */

import type { Asked } from "./support.ts";
import { Bench } from "./support.ts";

export const COMMAND_TOKEN = "a-token-of-some-length";

/** Passes for a hash; nobody knows its password. */
const HASH = `pbkdf2:sha256:600000$salt$${"0".repeat(64)}`;

/** `ada` is an admin, the others are called after their role at `web1`; `otto` has none there. */
export const PEOPLE = `
command_token: ${COMMAND_TOKEN}
users:
  ada: { password: "${HASH}", admin: true, full_name: Ada Admin }
  olga: { password: "${HASH}" }
  mark: { password: "${HASH}" }
  mona: { password: "${HASH}" }
  otto: { password: "${HASH}" }
hosts:
  web1: { owner: olga, managers: [mark], monitors: [mona], key: 0123456789abcdef, group: web }
  other: { owner: otto }
notification_channels:
  hook: { type: webhook, url: PROVIDER }
`;

const RULES = new Map([["cpu", new Map([["load", { warning: 80 }]])]]);

/** A server where `web1` and `other` have beaten and have an alert each, and `stray` has no owner. */
export async function peopleBench(config = PEOPLE): Promise<Bench> {
  const bench = await Bench.start({ config, thresholds: RULES });
  for (const host of ["web1", "other", "stray"]) await stir(bench, host);
  return bench;
}

/** Makes a host be there, with an alert. */
export async function stir(bench: Bench, host: string): Promise<void> {
  const guarded = host === "web1";
  if (guarded) bench.watch.beat(host);
  else await bench.beat(host);
  bench.watch.sample(host, "cpu", { load: 85 });
}

/** What a user's browser or program sends with each request, once logged in. */
export async function asUser(bench: Bench, user: string): Promise<Asked> {
  const { token } = await bench.sessions.create(user);
  return { headers: { authorization: `Bearer ${token}` } };
}

/** The same with the cookie of a browser. */
export async function inBrowser(bench: Bench, user: string): Promise<Asked> {
  const { token } = await bench.sessions.create(user);
  return { headers: { cookie: `theme=dark; hbd_session=${token}` } };
}

/** The same with a key. */
export async function withKey(bench: Bench, user: string, readOnly: boolean): Promise<Asked> {
  const { secret } = await bench.keys.create(user, "test", readOnly);
  return { headers: { "x-auth-token": secret } };
}
