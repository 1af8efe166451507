/**
 * What is in force now: the configuration file as it was last read, with what people changed of
 * hosts over the API laid over it, and who may what by that.
 *
 * The objects given out are never changed: whoever keeps something that it made of them knows by
 * their identity whether it still holds.
 */

import { Access } from "./access/access.ts";
import type { HostSettings } from "./access/host_settings.ts";
import type { Config } from "./config/config.ts";

export class SettingsInForce {
  readonly #changes: HostSettings;
  #file: Config;
  #config: Config;
  #access: Access;

  constructor(file: Config, changes: HostSettings) {
    this.#file = file;
    this.#changes = changes;
    this.#config = this.#merged();
    this.#access = accessBy(this.#config);
  }

  /** The file's configuration, with the hosts as they were changed. */
  get config(): Config {
    return this.#config;
  }

  /** What the file says, without changes. */
  get file(): Config {
    return this.#file;
  }

  get access(): Access {
    return this.#access;
  }

  /** The file says this now. */
  reload(file: Config): void {
    this.#file = file;
    this.changed();
  }

  /** A host was changed. */
  changed(): void {
    this.#config = this.#merged();
    this.#access = accessBy(this.#config);
  }

  #merged(): Config {
    return { ...this.#file, hosts: this.#changes.effective(this.#file.hosts) };
  }
}

function accessBy({ users, defaultOwner, hosts }: Config): Access {
  return new Access({ users, defaultOwner, hostAccess: (host) => hosts.get(host) ?? null });
}
