/**
 * Which role somebody has at a host: by the users and hosts of the configuration, with what was
 * changed over the API laid over it.
 *
 * An admin is the owner of every host. A host without an owner belongs to the `default_owner`, and
 * where there is none, to the admins alone.
 */

import { includesRole, type Principal, type Role, ROLES } from "./principal.ts";

/** Who has to do with a host. */
export interface HostAccess {
  readonly owner?: string;
  readonly managers?: readonly string[];
  readonly monitors?: readonly string[];
}

export interface AccessSettings {
  /** Users by name. Empty: everybody may read. */
  readonly users: ReadonlyMap<string, { readonly admin: boolean }>;
  readonly defaultOwner: string | null;
  /** Null: nothing is said of that host. */
  hostAccess(host: string): HostAccess | null;
}

export class Access {
  readonly #settings: AccessSettings;

  constructor(settings: AccessSettings) {
    this.#settings = settings;
  }

  /** False: there are no users, and everybody may read. */
  get hasUsers(): boolean {
    return this.#settings.users.size > 0;
  }

  isUser(name: string): boolean {
    return this.#settings.users.has(name);
  }

  /** Who owns `host`; null: the admins alone. */
  ownerOf(host: string): string | null {
    return this.#settings.hostAccess(host)?.owner ?? this.#settings.defaultOwner;
  }

  /** The role that `user` has at `host` by name; null: none. */
  userRole(user: string, host: string): Role | null {
    const known = this.#settings.users.get(user);
    if (known === undefined) return null;
    if (known.admin || this.ownerOf(host) === user) return "owner";
    const access = this.#settings.hostAccess(host);
    if (access?.managers?.includes(user)) return "manager";
    return access?.monitors?.includes(user) ? "monitor" : null;
  }

  /** The role that `principal` has at `host`; null: for them there is no such host. */
  role({ user, reach, most }: Principal, host: string): Role | null {
    if (reach === "everything") return most;
    if (reach === "nothing" || user === null) return null;
    const role = this.userRole(user, host);
    if (role === null) return null;
    return ROLES.indexOf(role) < ROLES.indexOf(most) ? role : most;
  }

  /** True when `principal` may see `host`. */
  maySee(principal: Principal, host: string): boolean {
    return includesRole(this.role(principal, host), "monitor");
  }
}
