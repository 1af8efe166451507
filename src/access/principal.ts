/**
 * Who asks, and what that allows at most. Made anew for each request (`web/identify.ts`), never
 * kept: a user who is taken out of the configuration has lost everything with the next request.
 */

/** What somebody may do at a host; each may also do what those before it may. */
export const ROLES = ["monitor", "manager", "owner"] as const;
export type Role = (typeof ROLES)[number];

/** How somebody showed who they are. */
export type Via =
  | "anonymous"
  /** The cookie of a browser. */
  | "cookie"
  /** The token of a session, for programs. */
  | "session"
  /** A key that a user made. */
  | "api_key"
  /** The `command_token` of the configuration. */
  | "command_token";

export interface Principal {
  /** Null: nobody that has a name. */
  readonly user: string | null;
  readonly via: Via;
  /** Which hosts: none, those that the user has a role at, or all of them. */
  readonly reach: "nothing" | "own" | "everything";
  /** No role is above this one, at any host. */
  readonly most: Role;
}

/** Somebody who has not shown who they are, where one must. */
export const NOBODY: Principal = {
  user: null,
  via: "anonymous",
  reach: "nothing",
  most: "monitor",
};

/** May see all there is, the settings too. */
export function seesEverything({ reach }: Principal): boolean {
  return reach === "everything";
}

/** May change all there is, the settings too. */
export function isAdmin({ reach, most }: Principal): boolean {
  return reach === "everything" && most === "owner";
}

/** True when `role` allows what `needed` does. */
export function includesRole(role: Role | null, needed: Role): boolean {
  return role !== null && ROLES.indexOf(role) >= ROLES.indexOf(needed);
}
