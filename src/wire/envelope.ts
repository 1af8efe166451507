/**
 * Signed datagrams: a line with a MAC over all that follows it.
 *
 *   HB1 3f2a9c1e 8o0dhm1…43 characters\n
 *   {"ID":"HTB","name":"kiosk-1",…}
 *
 * The middle word names the key without telling it: the first 8 hexadecimal digits of its SHA-256.
 * The last one is the HMAC-SHA256 (RFC 2104) of the body's bytes in base64url without padding
 * (RFC 4648, section 5). The key is the UTF-8 text that both configurations hold.
 */

import { Buffer } from "node:buffer";
import { createHash, createHmac, timingSafeEqual } from "node:crypto";

const MAGIC = "HB1";
const NEWLINE = 10;

/** The first line has a fixed length: `HB1 `, 8 digits, a space, 43 characters of MAC. */
const HEAD_LENGTH = 4 + 8 + 1 + 43;

const HEAD = /^HB1 ([0-9a-f]{8}) ([\w-]{43})$/;

/** A key as both sides hold it. */
export interface Key {
  readonly id: string;
  readonly secret: string;
}

/** A datagram taken apart; nothing is proven yet. */
export interface Envelope {
  readonly keyId: string;
  readonly mac: string;
  readonly body: Uint8Array;
}

/** Makes a key of the text in a configuration. */
export function makeKey(secret: string): Key {
  const id = createHash("sha256").update(secret).digest("hex").slice(0, 8);
  return { id, secret };
}

/** True when `bytes` say that they are signed, rightly or not. */
export function isEnvelope(bytes: Uint8Array): boolean {
  return bytes[0] === 72 && bytes[1] === 66 && bytes[2] === 49 && bytes[3] === 32;
}

/** Takes a signed datagram apart; null when its first line is malformed. */
export function openEnvelope(bytes: Uint8Array): Envelope | null {
  if (bytes[HEAD_LENGTH] !== NEWLINE) return null;
  const head = String.fromCharCode(...bytes.subarray(0, HEAD_LENGTH));
  return openHead(head, bytes.subarray(HEAD_LENGTH + 1));
}

/** The same where head and body come apart, as over HTTP; null when the head is malformed. */
export function openHead(head: string, body: Uint8Array): Envelope | null {
  const [, keyId, mac] = HEAD.exec(head) ?? [];
  return keyId === undefined || mac === undefined ? null : { keyId, mac, body };
}

/** True when the envelope was sealed with `key`. Takes the same time whatever is wrong. */
export function isSealedWith({ mac, body }: Envelope, key: Key): boolean {
  const given = Buffer.from(mac, "base64url");
  const right = createHmac("sha256", key.secret).update(body).digest();
  // A last character with stray bits decodes to the same bytes: only one spelling is right.
  return given.length === right.length && timingSafeEqual(given, right) &&
    given.toString("base64url") === mac;
}

/** The first line of an envelope, without its line end. */
export function headOf(body: Uint8Array, key: Key): string {
  const mac = createHmac("sha256", key.secret).update(body).digest("base64url");
  return `${MAGIC} ${key.id} ${mac}`;
}

/** Signs `body`. */
export function seal(body: Uint8Array, key: Key): Uint8Array {
  const head = new TextEncoder().encode(`${headOf(body, key)}\n`);
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  return bytes;
}
