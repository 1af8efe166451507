/**
 * Who is logged in. A session is found by a random token that only the browser or program has; this
 * server keeps its hash. All are in memory, so that finding one waits for nothing; the store has
 * them for the next start.
 *
 * A session ends when it has not been used for the lifetime, when it is told to, and when the user
 * is gone from the configuration or has another password.
 */

import { getLogger } from "@logtape/logtape";
import { z } from "zod";
import { InTurn, type RecordStore } from "./records.ts";
import { hashOf, newSecret } from "./secret_token.ts";

const log = getLogger(["hbd", "access"]);

const KIND = "session";
const HOUR_MS = 3_600_000;

/** Sessions of one user; the one that was not used for the longest time goes first. */
const PER_USER = 50;

const MAX_AGENT_CHARS = 200;

const recordSchema = z.object({
  user: z.string(),
  createdMs: z.number(),
  /** When it was last used, as far as that is in the store. */
  usedMs: z.number(),
  /** Of the user's password when the session began. */
  fingerprint: z.string(),
  userAgent: z.string().nullable(),
});
type SessionRecord = z.output<typeof recordSchema>;

export interface SessionOptions {
  readonly nowMs: () => number;
  /** Time without use after which a session ends, milliseconds; asked each time. */
  readonly lifetimeMs: () => number;
  /** The user's password hash as the configuration has it; null: cannot log in. */
  readonly passwordOf: (user: string) => string | null;
}

/** A session as its user may see it. Times are epoch milliseconds. */
export interface Session {
  /** Not the token: it lets nobody in. */
  readonly id: string;
  readonly user: string;
  readonly createdMs: number;
  readonly usedMs: number;
  /** When it ends unless it is used until then. */
  readonly expiresMs: number;
  readonly userAgent: string | null;
}

/** A session that was just made, with the only copy of its token. */
export interface NewSession extends Session {
  readonly token: string;
}

interface Kept {
  record: SessionRecord;
  savedMs: number;
}

export class Sessions {
  readonly #store: RecordStore;
  readonly #options: SessionOptions;
  /** By hash of the token. */
  readonly #sessions = new Map<string, Kept>();
  readonly #ofUser = new Map<string, Set<string>>();
  readonly #writing = new InTurn();
  #sweptMs = -Infinity;

  constructor(store: RecordStore, options: SessionOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** Reads what the store has, and forgets what has ended. */
  async load(): Promise<void> {
    for (const [id, value] of await this.#store.loadRecords(KIND)) {
      const { data: record } = recordSchema.safeParse(value);
      if (record === undefined) this.#removeSoon(id);
      else this.#keep(id, { record, savedMs: record.usedMs });
    }
    this.#sweep();
  }

  /** Begins a session, when it is in the store. Rejects when the store fails. */
  async create(user: string, userAgent: string | null = null): Promise<NewSession> {
    const nowMs = this.#options.nowMs();
    if (Math.abs(nowMs - this.#sweptMs) > HOUR_MS) this.#sweep();
    const token = newSecret();
    const id = hashOf(token);
    const record: SessionRecord = {
      user,
      createdMs: nowMs,
      usedMs: nowMs,
      fingerprint: this.#fingerprintOf(user) ?? "",
      userAgent: userAgent?.slice(0, MAX_AGENT_CHARS).toWellFormed() ?? null,
    };
    await this.#writing.run(() => this.#store.saveRecord(KIND, id, record));
    this.#keep(id, { record, savedMs: nowMs });
    this.#dropOldest(user);
    return { ...this.#shown(id, record), token };
  }

  /** The session of `token`, which is used now; null: there is none, or it has ended. */
  find(token: string): Session | null {
    const id = hashOf(token);
    const kept = this.#sessions.get(id);
    if (kept === undefined || !this.#isAlive(id, kept)) return null;
    this.#use(id, kept);
    return this.#shown(id, kept.record);
  }

  /** Whether a session is still there; asking is no use of it. */
  isAlive(id: string): boolean {
    const kept = this.#sessions.get(id);
    return kept !== undefined && this.#isAlive(id, kept);
  }

  /** The sessions of `user`, the one used last first. */
  listOf(user: string): readonly Session[] {
    return Array.from(this.#ofUser.get(user) ?? [], (id) => {
      const kept = this.#sessions.get(id);
      return kept !== undefined && this.#isAlive(id, kept) ? [this.#shown(id, kept.record)] : [];
    }).flat().sort((a, b) => b.usedMs - a.usedMs);
  }

  /** Ends the session of `token`; false: there was none. Rejects when the store fails. */
  async end(token: string): Promise<boolean> {
    const id = hashOf(token);
    if (!this.#sessions.has(id)) return false;
    await this.#remove(id);
    return true;
  }

  /** Ends all sessions of `user`, and says how many. Rejects when the store fails. */
  async endAllOf(user: string): Promise<number> {
    const ids = [...this.#ofUser.get(user) ?? []];
    await Promise.all(ids.map((id) => this.#remove(id)));
    return ids.length;
  }

  /** Settles when the store has all that it should have. */
  settled(): Promise<void> {
    return this.#writing.settled();
  }

  #isAlive(id: string, { record }: Kept): boolean {
    const nowMs = this.#options.nowMs();
    const isOver = nowMs - record.usedMs >= this.#options.lifetimeMs();
    if (!isOver && record.fingerprint === this.#fingerprintOf(record.user)) return true;
    this.#removeSoon(id);
    return false;
  }

  /** Noted at once, but written seldom: a dashboard asks every second. */
  #use(id: string, kept: Kept): void {
    const nowMs = this.#options.nowMs();
    kept.record = { ...kept.record, usedMs: nowMs };
    const pauseMs = Math.min(HOUR_MS, this.#options.lifetimeMs() / 10);
    if (Math.abs(nowMs - kept.savedMs) < pauseMs) return;
    kept.savedMs = nowMs;
    const { record } = kept;
    this.#writing.run(() => this.#store.saveRecord(KIND, id, record)).catch(logError);
  }

  #shown(id: string, { user, createdMs, usedMs, userAgent }: SessionRecord): Session {
    const expiresMs = usedMs + this.#options.lifetimeMs();
    return { id, user, createdMs, usedMs, expiresMs, userAgent };
  }

  #keep(id: string, kept: Kept): void {
    const { user } = kept.record;
    this.#sessions.set(id, kept);
    const ids = this.#ofUser.get(user) ?? new Set();
    this.#ofUser.set(user, ids.add(id));
  }

  #dropOldest(user: string): void {
    const ids = [...this.#ofUser.get(user) ?? []];
    const usedMs = (id: string) => this.#sessions.get(id)?.record.usedMs ?? 0;
    const tooMany = ids.sort((a, b) => usedMs(a) - usedMs(b)).slice(0, -PER_USER);
    for (const id of tooMany) this.#removeSoon(id);
  }

  #sweep(): void {
    this.#sweptMs = this.#options.nowMs();
    for (const [id, kept] of [...this.#sessions]) this.#isAlive(id, kept);
  }

  #removeSoon(id: string): void {
    this.#remove(id).catch(logError);
  }

  /** Gone from memory at once, whatever the store does. */
  #remove(id: string): Promise<void> {
    const user = this.#sessions.get(id)?.record.user;
    this.#sessions.delete(id);
    if (user !== undefined) {
      const ids = this.#ofUser.get(user);
      ids?.delete(id);
      if (ids?.size === 0) this.#ofUser.delete(user);
    }
    return this.#writing.run(() => this.#store.removeRecord(KIND, id));
  }

  #fingerprintOf(user: string): string | null {
    const hash = this.#options.passwordOf(user);
    return hash === null ? null : hashOf(hash);
  }
}

function logError(error: unknown): void {
  log.error("A session could not be written to the store: {error}", { error: String(error) });
}
