/**
 * Judges what comes in from a server: only what names this host counts, as others may have the same
 * key; with a key, only what is signed with it; and without one no command or update does. Says
 * what it means; does nothing.
 */

import { getLogger } from "@logtape/logtape";
import { DatagramError, decodeDatagram, type Fields } from "../wire/datagram.ts";
import { isEnvelope, isSealedWith, type Key, openEnvelope } from "../wire/envelope.ts";
import type { Asked } from "./commands.ts";

const log = getLogger(["hbc", "inbox"]);

/** Seconds that a command may be older or newer than this machine's clock. */
const AUTH_WINDOW_S = 60;

/** An update that the server offers. */
export interface Offered {
  readonly version: string;
  readonly url: string;
  /** SHA-256 of the program, 64 hexadecimal digits. */
  readonly sha256: string;
}

/** What a server says. */
export type ServerMessage =
  | { readonly kind: "ack"; readonly seq: number; readonly time: number }
  | ({ readonly kind: "command" } & Asked)
  | ({ readonly kind: "update" } & Offered);

export class Inbox {
  readonly #key: Key | null;
  readonly #name: string;
  readonly #told = new Set<string>();

  /** @param name the name of this host */
  constructor(key: Key | null, name: string) {
    this.#key = key;
    // As the server makes it of what it is told.
    this.#name = name.toWellFormed();
  }

  /** What `bytes` from a server say; null when they do not count. Never throws. */
  read(bytes: Uint8Array, nowMs: number): ServerMessage | null {
    try {
      const body = this.#open(bytes);
      return body === null ? null : this.#understand(decodeDatagram(body).fields, nowMs);
    } catch (error) {
      if (!(error instanceof DatagramError)) throw error;
      log.debug("From the server: {reason}", { reason: error.message });
      return null;
    }
  }

  /** The body, once it is proven. */
  #open(bytes: Uint8Array): Uint8Array | null {
    if (this.#key === null) {
      if (!isEnvelope(bytes)) return bytes;
      this.#once("The server signs its answers, but no key is configured here: they do not count");
      return null;
    }
    const envelope = openEnvelope(bytes);
    if (envelope !== null && isSealedWith(envelope, this.#key)) return envelope.body;
    this.#once("An answer is not signed with our key and does not count: is the key the server's?");
    return null;
  }

  #understand(fields: Fields, nowMs: number): ServerMessage | null {
    const { ID, name, time } = fields;
    if (ID !== "ACK" && ID !== "CMD" && ID !== "UPD") return null;
    if (name !== this.#name) {
      this.#once(
        'An answer, command or update of the server does not count: it is not for "{name}"',
        {
          name: this.#name,
        },
      );
      return null;
    }
    if (ID === "ACK") {
      const { seq } = fields;
      return typeof seq === "number" && typeof time === "number"
        ? { kind: "ack", seq, time }
        : null;
    }
    if (this.#key === null) {
      this.#once("A command or update is ignored: no key is configured here to prove it");
      return null;
    }
    const isNow = typeof time === "number" && Math.abs(nowMs / 1000 - time) <= AUTH_WINDOW_S;
    if (!isNow) {
      this.#once(
        `A command or update is ignored: its time is not within ${AUTH_WINDOW_S} s of this ` +
          "machine's clock. Are both clocks right?",
      );
      return null;
    }
    return ID === "CMD" ? commandOf(fields) : updateOf(fields);
  }

  /** What is wrong with one datagram is wrong with all of its kind. */
  #once(text: string, properties: Readonly<Record<string, unknown>> = {}): void {
    if (!this.#told.has(text)) log.warn(text, properties);
    this.#told.add(text);
  }
}

function commandOf({ id, cmd, args = [] }: Fields): ServerMessage | null {
  const isWhole = isWord(id) && typeof cmd === "string" && Array.isArray(args) &&
    args.every((arg) => typeof arg === "string" && !arg.includes("\0"));
  return isWhole ? { kind: "command", id, cmd, args } : null;
}

function updateOf({ version, url, sha256 }: Fields): ServerMessage | null {
  const isWhole = isWord(version) && typeof url === "string" && typeof sha256 === "string";
  return isWhole ? { kind: "update", version, url, sha256: sha256.toLowerCase() } : null;
}

function isWord(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= 64;
}
