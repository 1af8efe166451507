/**
 * What a dialect is: the way in which the clients of another server speak HTTP, and expect to be
 * answered. Each has a file of its own in this folder, and `dialects.ts` lists them.
 *
 * A dialect puts what a client says into the fields of our own messages (`wire/client_message.ts`),
 * and hands them to the desk (`dialect_desk.ts`). It knows nothing of what they mean.
 */

import type { DialectDesk } from "./dialect_desk.ts";

/** A request in some dialect. */
export interface DialectRequest {
  readonly request: Request;
  /** Path as it was sent, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Address and port that it came from. */
  readonly ip: string;
  readonly port: number;
  readonly desk: DialectDesk;
  /** Whether who asks may see `host`; beats need no login, questions do. */
  readonly maySee: (host: string) => boolean;
}

export interface Dialect {
  /** Stands in the journal and with the host: lower-case letters. */
  readonly name: string;
  /**
   * True when a request is in this dialect. Asked for every beat: it must be quick.
   *
   * @param path as it was sent, without the query
   */
  readonly speaks: (method: string, path: string) => boolean;
  /** Never rejects for what a client did: that is answered as its own server would. */
  readonly answer: (asked: DialectRequest) => Promise<Response>;
}

/** A host that beats in a dialect. Durations in milliseconds. */
export interface SpeakingHost {
  readonly name: string;
  /** Since its last message, without time in which the server was deaf; null: it said goodbye. */
  readonly silenceMs: number | null;
  /** Expected between its messages; null: that is not known yet. */
  readonly intervalMs: number | null;
}

/** What dialects may ask about hosts. */
export interface HostDirectory {
  readonly isKnown: (host: string) => boolean;
  /** It has said that it is down, and not that it is up again. */
  readonly hasFailed: (host: string) => boolean;
  /** The host called `name` if it beats in `dialect`, or null. */
  readonly find: (dialect: string, name: string) => SpeakingHost | null;
  /** Those that beat in `dialect`, in the order in which they began to. */
  readonly speaking: (dialect: string) => Iterable<SpeakingHost>;
}

/** The last part of a path: `hb_ping` of `/apps/hb_ping`. */
export function lastPart(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
