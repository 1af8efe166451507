/**
 * Who is told of a host: by the first of these that there is,
 *
 *   1. the host's own `notify`, if it names any channel that there (still) is, or none at all
 *   2. the channels of its owner and its managers
 *   3. the general `notify`
 *
 * and nobody when the host has `watch: false`. This server's own alerts concern whoever looks after
 * it: the general `notify`, and where there is none, the channels of the admins.
 */

import type { Config } from "../config/config.ts";

const NONE: readonly string[] = [];

type AudienceConfig = Pick<Config, "hosts" | "notify" | "users" | "defaultOwner">;

export class Audience {
  readonly #config: AudienceConfig;
  readonly #serverName: string;

  constructor(config: AudienceConfig, serverName: string) {
    this.#config = config;
    this.#serverName = serverName;
  }

  /** Names of channels, each once; empty: nobody is told. */
  of(host: string): readonly string[] {
    return this.#config.hosts.get(host)?.watch === false ? NONE : this.ofWatched(host);
  }

  /** The same, as if the host had no `watch: false`. */
  ofWatched(host: string): readonly string[] {
    const { hosts, notify, users, defaultOwner } = this.#config;
    const everybody = notify.notify;
    const own = hosts.get(host);
    const chosen = this.#chosen(own?.notify);
    if (chosen !== null) return chosen;
    if (users.size === 0) return everybody ?? NONE;
    if (host === this.#serverName && own === undefined) return everybody ?? this.#ofAdmins();
    const people = this.#ofUsers([own?.owner ?? defaultOwner ?? "", ...own?.managers ?? []]);
    return people.length > 0 ? people : everybody ?? NONE;
  }

  /** Over the API a host may have been given channels that are not in the file any more. */
  #chosen(names: readonly string[] | undefined): readonly string[] | null {
    if (names === undefined || names.length === 0) return names ?? null;
    const there = names.filter((name) => this.#config.notify.channels.has(name));
    return there.length > 0 ? there : null;
  }

  #ofUsers(names: readonly string[]): readonly string[] {
    const { users } = this.#config;
    return [...new Set(names.flatMap((name) => users.get(name)?.channels ?? []))];
  }

  #ofAdmins(): readonly string[] {
    const { users } = this.#config;
    return this.#ofUsers([...users].flatMap(([name, { admin }]) => admin ? [name] : []));
  }
}
