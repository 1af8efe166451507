/**
 * Logging in with a password. Says the same, after the same time, for a wrong password and for a
 * user who does not exist or has no password.
 */

import { MIN_ITERATIONS, parsePasswordHash } from "../config/password_hash.ts";
import type { LoginLimit } from "./login_limit.ts";
import { Busy, type PasswordDesk } from "./password.ts";
import type { Sessions } from "./sessions.ts";

export interface LoginOptions {
  /** The hashes of all users' passwords, as the configuration has them now. */
  readonly passwords: () => ReadonlyMap<string, string | null>;
  readonly sessions: Sessions;
  readonly limit: LoginLimit;
  readonly desk: PasswordDesk;
}

export type LoginResult =
  | { readonly ok: true; readonly token: string; readonly expiresMs: number }
  | { readonly ok: false; readonly reason: "wrong" }
  /** Too many attempts, by this address or for this user; or too many people log in at once. */
  | { readonly ok: false; readonly reason: "limited" | "busy"; readonly retryAfterS: number };

const BUSY_RETRY_S = 5;

export class Login {
  readonly #options: LoginOptions;

  constructor(options: LoginOptions) {
    this.#options = options;
  }

  /**
   * Begins a session for whoever knows the password. Rejects only when the store fails.
   *
   * @param address where they ask from
   * @param userAgent what they ask with, for the list of their sessions
   */
  async login(
    user: string,
    password: string,
    address: string,
    userAgent: string | null = null,
  ): Promise<LoginResult> {
    const { passwords, sessions, limit, desk } = this.#options;
    const retryAfterS = limit.begin(user, address);
    if (retryAfterS > 0) return { ok: false, reason: "limited", retryAfterS };
    const hashes = passwords();
    const hash = hashes.get(user) ?? null;
    let isRight: boolean;
    try {
      isRight = await desk.verify(hash, password, roundsOf(hashes));
    } catch (error) {
      if (!(error instanceof Busy)) throw error;
      limit.undone(user, address);
      return { ok: false, reason: "busy", retryAfterS: BUSY_RETRY_S };
    }
    // The configuration may have changed meanwhile: what it says now counts.
    if (!isRight || passwords().get(user) !== hash) return { ok: false, reason: "wrong" };
    limit.succeeded(user, address);
    const { token, expiresMs } = await sessions.create(user, userAgent);
    return { ok: true, token, expiresMs };
  }
}

/** So many that no user's hash takes longer. */
function roundsOf(hashes: ReadonlyMap<string, string | null>): number {
  let most = MIN_ITERATIONS;
  for (const hash of hashes.values()) {
    most = Math.max(most, hash === null ? 0 : parsePasswordHash(hash)?.iterations ?? 0);
  }
  return most;
}
