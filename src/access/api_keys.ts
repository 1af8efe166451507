/**
 * Keys with which programs ask in the name of a user. Their owner makes and revokes them. The secret
 * is shown once; this server keeps its hash.
 */

import { z } from "zod";
import { InTurn, type RecordStore } from "./records.ts";
import { hashOf, newSecret } from "./secret_token.ts";

const KIND = "api_key";
const PREFIX = "hbk_";

/** Keys of one user. */
const PER_USER = 50;

const recordSchema = z.object({
  id: z.string(),
  user: z.string(),
  name: z.string(),
  readOnly: z.boolean(),
  createdMs: z.number(),
});

/** A key as its owner may see it. Times are epoch milliseconds. */
export interface ApiKey {
  readonly id: string;
  /** What the owner calls it. */
  readonly name: string;
  readonly user: string;
  /** It changes nothing. */
  readonly readOnly: boolean;
  readonly createdMs: number;
  /** Null: not since this server started. */
  readonly lastUsedMs: number | null;
}

/** The user has as many keys as one may have; the message says how many. */
export class TooManyKeys extends Error {
  override readonly name = "TooManyKeys";
}

export interface ApiKeyOptions {
  readonly nowMs: () => number;
  /** Keys of somebody who is no user any more let nobody in. */
  readonly isUser: (user: string) => boolean;
}

type Kept = z.output<typeof recordSchema> & { lastUsedMs: number | null };

export class ApiKeys {
  readonly #store: RecordStore;
  readonly #options: ApiKeyOptions;
  /** By hash of the secret. */
  readonly #keys = new Map<string, Kept>();
  readonly #writing = new InTurn();

  constructor(store: RecordStore, options: ApiKeyOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** Reads what the store has. */
  async load(): Promise<void> {
    for (const [hash, value] of await this.#store.loadRecords(KIND)) {
      const { data: record } = recordSchema.safeParse(value);
      if (record !== undefined) this.#keys.set(hash, { ...record, lastUsedMs: null });
    }
  }

  /**
   * Makes a key, when it is in the store. Rejects when the store fails, or with TooManyKeys.
   *
   * @param name what the owner calls it, 1 to 64 characters
   * @returns the key, with the only copy of its secret
   */
  create(
    user: string,
    name: string,
    readOnly: boolean,
  ): Promise<{ readonly secret: string; readonly key: ApiKey }> {
    return this.#writing.run(async () => {
      if (this.listOf(user).length >= PER_USER) {
        throw new TooManyKeys(`A user has at most ${PER_USER} keys: revoke one first`);
      }
      const secret = newSecret(PREFIX);
      const record = {
        id: crypto.randomUUID(),
        user,
        name,
        readOnly,
        createdMs: this.#options.nowMs(),
      };
      const hash = hashOf(secret);
      await this.#store.saveRecord(KIND, hash, record);
      const kept = { ...record, lastUsedMs: null };
      this.#keys.set(hash, kept);
      return { secret, key: { ...kept } };
    });
  }

  /** The key of `secret`, which is used now; null: there is none. */
  find(secret: string): ApiKey | null {
    if (!secret.startsWith(PREFIX)) return null;
    const kept = this.#keys.get(hashOf(secret));
    if (kept === undefined || !this.#options.isUser(kept.user)) return null;
    kept.lastUsedMs = this.#options.nowMs();
    return { ...kept };
  }

  /** The keys of `user`, the newest first. */
  listOf(user: string): readonly ApiKey[] {
    return [...this.#keys.values()].filter((key) => key.user === user)
      .sort((a, b) => b.createdMs - a.createdMs).map((key) => ({ ...key }));
  }

  /** Revokes a key of `user`; false: there is no such key. Rejects when the store fails. */
  async revoke(user: string, id: string): Promise<boolean> {
    const hash = [...this.#keys].find(([, key]) => key.user === user && key.id === id)?.[0];
    if (hash === undefined) return false;
    // It is worthless from this moment on, whatever the store does.
    this.#keys.delete(hash);
    await this.#writing.run(() => this.#store.removeRecord(KIND, hash));
    return true;
  }
}
