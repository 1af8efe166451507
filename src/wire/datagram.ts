/**
 * The datagrams of the UDP protocol, in both directions: bytes to a JSON object and back.
 *
 * A datagram is one JSON object in UTF-8, or the same compressed (RFC 1950, told by its header).
 * docs/PROTOCOL.md defines the messages; `client_message.ts` reads what clients send.
 */

import { deflateSync, inflateSync } from "node:zlib";
import { onOneLine } from "./payload.ts";

/** Largest datagram that UDP over IPv4 can carry, bytes. */
export const MAX_DATAGRAM_BYTES = 65_507;

/** Largest JSON text of a datagram, bytes, when it is no longer compressed. */
export const MAX_TEXT_BYTES = 65_536;

/** Objects and lists may be nested this deep, the outermost one counted. */
export const MAX_DEPTH = 32;

/** A message this long is compressed: shorter ones fit one Ethernet frame as they are. */
const COMPRESS_FROM_BYTES = 1200;

/** Why bytes are no datagram of ours. */
export type DatagramFault = "bad_zlib" | "too_large" | "not_json" | "not_an_object" | "too_deep";

/** What was received is not a datagram of ours. */
export class DatagramError extends Error {
  override readonly name = "DatagramError";
  readonly fault: DatagramFault;
  /** What it says where it is plain text of a simpler client, else null. */
  readonly text: string | null;

  constructor(fault: DatagramFault, text: string | null = null) {
    super(`Not a datagram of the protocol: ${fault}`);
    this.fault = fault;
    this.text = text;
  }
}

/** The fields of a datagram. */
export type Fields = Readonly<Record<string, unknown>>;

export interface Datagram {
  readonly fields: Fields;
  /** `fields` as JSON on a single line. */
  readonly text: string;
}

// deno-lint-ignore no-control-regex -- what has control characters in it is no text
const NOT_PLAIN = /^\s*[[{]|[\u0000-\u0008\u000e-\u001f\u007f]/;

const decoder = new TextDecoder();
const strictDecoder = new TextDecoder("utf-8", { fatal: true });
const encoder = new TextEncoder();

/**
 * Reads a datagram.
 *
 * @throws {DatagramError} when it is no JSON object, compressed or not, or over a bound
 */
export function decodeDatagram(bytes: Uint8Array): Datagram {
  const isCompressed = looksCompressed(bytes);
  if (!isCompressed && bytes.length > MAX_TEXT_BYTES) throw new DatagramError("too_large");
  const text = decoder.decode(isCompressed ? inflate(bytes) : bytes);
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch {
    throw new DatagramError("not_json", isCompressed ? null : plainText(bytes));
  }
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) {
    throw new DatagramError("not_an_object");
  }
  if (isDeeperThan(fields, MAX_DEPTH)) throw new DatagramError("too_deep");
  return { fields: fields as Fields, text: onOneLine(fields, text) };
}

/**
 * Writes a datagram; long ones are compressed.
 *
 * @throws {DatagramError} when it is too large to be sent or read
 */
export function encodeDatagram(fields: Fields): Uint8Array {
  const bytes = encoder.encode(JSON.stringify(fields));
  if (bytes.length > MAX_TEXT_BYTES) throw new DatagramError("too_large");
  return bytes.length < COMPRESS_FROM_BYTES ? bytes : new Uint8Array(deflateSync(bytes));
}

/** The header of zlib: method 8, and a check that makes a multiple of 31 (RFC 1950, 2.2). */
function looksCompressed(bytes: Uint8Array): boolean {
  const [method = 0, flags = 0] = bytes;
  return bytes.length > 2 && (method & 15) === 8 && method >> 4 <= 7 &&
    (method * 256 + flags) % 31 === 0;
}

function inflate(bytes: Uint8Array): Uint8Array {
  try {
    return inflateSync(bytes, { maxOutputLength: MAX_TEXT_BYTES });
  } catch (error) {
    const isTooLarge = error instanceof Error && "code" in error &&
      error.code === "ERR_BUFFER_TOO_LARGE";
    if (isTooLarge) throw new DatagramError("too_large");
    // A word like "x-ray" begins as zlib does.
    throw new DatagramError("bad_zlib", plainText(bytes));
  }
}

/** The text of a client far simpler than ours; null for broken JSON and for what is no text. */
function plainText(bytes: Uint8Array): string | null {
  try {
    const text = strictDecoder.decode(bytes);
    return text === "" || NOT_PLAIN.test(text) ? null : text;
  } catch {
    return null;
  }
}

function isDeeperThan(value: object, depth: number): boolean {
  if (depth === 0) return true;
  for (const key in value) {
    const inner = (value as Record<string, unknown>)[key];
    if (typeof inner === "object" && inner !== null && isDeeperThan(inner, depth - 1)) return true;
  }
  return false;
}
