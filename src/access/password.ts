/**
 * Makes and verifies hashes of passwords: PBKDF2 with SHA-256, in the form of
 * `config/password_hash.ts`. The salt is taken as the bytes of its text, as Werkzeug does, so hashes
 * of the daemon that is replaced go on working.
 *
 * The work is done off the main thread, a fifth of a second of it for each login. So that logins
 * cannot take the machine away from beats, no more than two are at work at once, and few may wait.
 */

import { Buffer } from "node:buffer";
import { randomBytes, timingSafeEqual } from "node:crypto";
import { formatPasswordHash, MIN_ITERATIONS, parsePasswordHash } from "../config/password_hash.ts";

/** Characters of a password; a longer one is wrong. */
export const MAX_PASSWORD_CHARS = 1024;

const SALT_BYTES = 16;
const HASH_BITS = 256;

/** Verifications at work, and those that wait. */
const AT_ONCE = 2;
const WAITING = 30;

/**
 * Hashes a password with a salt of its own.
 *
 * @param iterations rounds, from 1; fewer than the default are for tests
 */
export async function hashPassword(
  password: string,
  iterations: number = MIN_ITERATIONS,
): Promise<string> {
  const salt = randomBytes(SALT_BYTES).toString("hex");
  const hex = (await derive(password, salt, iterations)).toString("hex");
  return formatPasswordHash({ iterations, salt, hex });
}

/** True when `hash` is that of `password`; false also for what is no hash. */
export async function verifyPassword(hash: string, password: string): Promise<boolean> {
  const parsed = parsePasswordHash(hash);
  if (parsed === null || password.length > MAX_PASSWORD_CHARS) return false;
  const { iterations, salt, hex } = parsed;
  return timingSafeEqual(await derive(password, salt, iterations), Buffer.from(hex, "hex"));
}

/** Too many logins wait: try again in a few seconds. */
export class Busy extends Error {
  override readonly name = "Busy";
}

/** Verifies passwords, a few at a time. */
export class PasswordDesk {
  #working = 0;
  readonly #waiting: (() => void)[] = [];

  /**
   * True when `hash` is that of `password`. Takes as long for no hash at all, and for one of fewer
   * rounds, as for one of `rounds`: how long it takes tells nothing.
   *
   * @param hash null: nobody knows the password
   * @param rounds iterations that are done in any case
   * @throws {Busy} when too many wait already
   */
  async verify(hash: string | null, password: string, rounds: number): Promise<boolean> {
    if (this.#working < AT_ONCE) this.#working++;
    else {
      if (this.#waiting.length >= WAITING) throw new Busy("Too many logins wait");
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      // Whoever was before leaves its place to this one.
      await promise;
    }
    try {
      const done = hash === null ? 0 : parsePasswordHash(hash)?.iterations ?? 0;
      const tooLong = password.length > MAX_PASSWORD_CHARS;
      const isRight = hash !== null && !tooLong && await verifyPassword(hash, password);
      const left = rounds - (tooLong ? 0 : done);
      if (left > 0) await derive(password.slice(0, MAX_PASSWORD_CHARS), "decoy", left);
      return isRight;
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#working--;
      else next();
    }
  }
}

async function derive(password: string, salt: string, iterations: number): Promise<Buffer> {
  const bytes = new TextEncoder();
  const key = await crypto.subtle.importKey("raw", bytes.encode(password), "PBKDF2", false, [
    "deriveBits",
  ]);
  const bits = await crypto.subtle.deriveBits(
    { name: "PBKDF2", hash: "SHA-256", salt: bytes.encode(salt), iterations },
    key,
    HASH_BITS,
  );
  return Buffer.from(bits);
}
