/**
 * Who must prove who they are, and whether they did.
 *
 * A host is guarded when it has a key or a token in the configuration, when there is a default key,
 * or when keys are required of all. It then proves itself by a signature (`wire/envelope.ts`), made
 * within the last moments, with a place in its series that the monitor takes only once. Over HTTP
 * its token will do.
 */

import { timingSafeEqual } from "node:crypto";
import { type Envelope, isSealedWith, type Key } from "../wire/envelope.ts";
import type { Origin } from "../wire/message.ts";

/** Why a message was refused. */
export type RefusedFor =
  /** Its host must sign, and did not. */
  | "unsigned"
  /** Nobody has the key that it names. */
  | "unknown_key"
  /** The MAC is not that of the key. */
  | "bad_signature"
  /** Signed with a key that is not its host's. */
  | "wrong_key"
  /** Sent too long ago, or by a clock that is too far off; or it does not say when. */
  | "stale"
  /** The host's name is not in what is signed. */
  | "name_not_signed"
  /** It lacks `boot_id` and `seq`, by which a copy is told from the original. */
  | "not_counted"
  /** A copy of an old message. */
  | "replayed"
  /** The token is not the host's. */
  | "bad_token";

export interface GuardSettings {
  /** Keys of single hosts, by name. */
  readonly keys: ReadonlyMap<string, Key>;
  /** Tokens of single hosts, by name. */
  readonly tokens: ReadonlyMap<string, string>;
  /** The key of every host that has none of its own. */
  readonly defaultKey: Key | null;
  /** Refuse unsigned messages of all hosts. */
  readonly requireKey: boolean;
  /** How far a message's `time` may be from now, milliseconds. */
  readonly windowMs: number;
}

export class Guard {
  readonly #settings: GuardSettings;
  readonly #byId = new Map<string, Key>();
  /** Nobody needs to prove anything. */
  readonly isOpen: boolean;

  constructor(settings: GuardSettings) {
    this.#settings = settings;
    const { keys, tokens, defaultKey, requireKey } = settings;
    for (const key of keys.values()) this.#byId.set(key.id, key);
    if (defaultKey !== null) this.#byId.set(defaultKey.id, defaultKey);
    this.isOpen = this.#byId.size === 0 && tokens.size === 0 && !requireKey;
  }

  /** True when messages of `host` must come with a proof. */
  guards(host: string): boolean {
    if (this.isOpen) return false;
    const { tokens, requireKey } = this.#settings;
    return requireKey || this.keyOf(host) !== null || tokens.has(host);
  }

  /** The key of `host`, or null. */
  keyOf(host: string): Key | null {
    return this.#settings.keys.get(host) ?? this.#settings.defaultKey;
  }

  /** The key that an envelope was sealed with, or why it is none of ours. */
  open(envelope: Envelope): Key | RefusedFor {
    const key = this.#byId.get(envelope.keyId);
    if (key === undefined) return "unknown_key";
    return isSealedWith(envelope, key) ? key : "bad_signature";
  }

  /** Judges a message that came in an envelope sealed with `key`. Null: it is all right. */
  judge({ host, series, sentMs }: Origin, key: Key, nowMs: number): RefusedFor | null {
    if (this.keyOf(host)?.id !== key.id) return "wrong_key";
    if (sentMs === null || Math.abs(sentMs - nowMs) > this.#settings.windowMs) return "stale";
    return series === null ? "not_counted" : null;
  }

  /** True when `token` is that of `host`. */
  isToken(host: string, token: string): boolean {
    const right = this.#settings.tokens.get(host);
    return right !== undefined && sameText(right, token);
  }
}

/** Compares without telling by its time where two texts differ. */
export function sameText(a: string, b: string): boolean {
  const encoder = new TextEncoder();
  const [x, y] = [encoder.encode(a), encoder.encode(b)];
  return x.length === y.length && timingSafeEqual(x, y);
}
