/**
 * Where all dialects hand in what clients say: it checks who may say it, makes messages of it, and
 * tells when they are in the journal. What a client is answered is the dialect's business.
 *
 * A ping id stands for a host, and the ping key for the right to beat for any: who has one has proven
 * enough. Neither is ever written down: a dialect leaves them out of the path that it hands in.
 */

import type { Fields } from "../wire/datagram.ts";
import { MessageError, readClientMessage } from "../wire/client_message.ts";
import { hostNameProblem } from "../wire/identity.ts";
import type { Message } from "../wire/message.ts";
import type { DialectRequest, HostDirectory } from "./dialect.ts";
import { type Guard, type RefusedFor, sameText } from "./guard.ts";
import type { DoorLimits, Intake } from "./intake.ts";

/** Who may ping which hosts. */
export interface PingSettings {
  /** Hosts by what stands in the address of their pings. */
  readonly hostsById: ReadonlyMap<string, string>;
  /** Who has one may ping every host by its name; none: everybody may, but for guarded hosts. */
  readonly keys: readonly string[];
  /** A ping of an unknown host makes it. */
  readonly create: boolean;
}

/** Why something was not taken, in the terms of HTTP. */
export interface NotTaken {
  /** 400: it makes no sense, 401: not proven, 429: too many hosts, 503: the server is stopping. */
  readonly status: 400 | 401 | 429 | 503;
  readonly error: string;
}

/** What is handed in. */
export interface Report {
  /** Name of the dialect. */
  readonly dialect: string;
  /** Path and query for the journal, without secrets. */
  readonly path: string;
  readonly host: string;
  /** Messages as datagrams have them (`ID` and the rest, without `name`), at least one. */
  readonly messages: readonly Fields[];
  /** The client has shown a ping id of the host, or the ping key. */
  readonly isProven: boolean;
}

export interface DialectDeskOptions {
  readonly intake: Intake;
  readonly hosts: HostDirectory;
  /** The next three are asked for anew each time: they can be reloaded. */
  readonly limits: () => DoorLimits;
  readonly guard: () => Guard;
  readonly pings: () => PingSettings;
  /** A message was refused for want of a proof. */
  readonly onRefused: (reason: RefusedFor, ip: string) => void;
}

const BEARER = "Bearer ";

/** Bytes of a body that are passed over so that what it comes with is heard: the most for max_body. */
const LONGEST_PASSED = 16_777_216;

export class DialectDesk {
  readonly #options: DialectDeskOptions;

  constructor(options: DialectDeskOptions) {
    this.#options = options;
  }

  get hosts(): HostDirectory {
    return this.#options.hosts;
  }

  /** True when a ping of an unknown host makes it. */
  get createsHosts(): boolean {
    return this.#options.pings().create;
  }

  /** True when a ping that goes by the name of a host must show the ping key. */
  get asksForKey(): boolean {
    return this.#options.pings().keys.length > 0;
  }

  /** The host that `id` stands for in the address of a ping, or null. */
  hostOfPing(id: string): string | null {
    return this.#options.pings().hostsById.get(id) ?? null;
  }

  /** What `key` is: the right one, a wrong one, or one that nobody asks for. */
  judgeKey(key: string): "right" | "wrong" | "not asked for" {
    const { keys } = this.#options.pings();
    if (keys.length === 0) return "not asked for";
    return keys.some((right) => sameText(right, key)) ? "right" : "wrong";
  }

  /** Takes a report; null: all of it is in the journal. Never rejects. */
  async take(asked: DialectRequest, report: Report): Promise<NotTaken | null> {
    const { host } = report;
    const problem = hostNameProblem(host);
    if (problem !== null) return { status: 400, error: problem };
    const refused = this.#judge(asked, report);
    if (refused !== null) return refused;
    try {
      const messages = report.messages.map((fields) => this.#message(asked, report, fields));
      return await this.#takeAll(messages);
    } catch (error) {
      if (error instanceof MessageError) return { status: 400, error: error.message };
      return { status: 503, error: error instanceof Error ? error.message : String(error) };
    }
  }

  /** The body as text, of at most max_body bytes; null: it is longer, or could not be read. */
  async bodyOf(request: Request): Promise<string | null> {
    return await this.beginningOfBody(request, this.#options.limits().maxBodyBytes, "refuse");
  }

  /**
   * The first `limit` bytes of the body as text; what is cut off is read and passed over.
   *
   * @param longer what is done with a longer body: cut it, also over max_body, up to LONGEST_PASSED;
   *   cut it up to max_body, and give null beyond; or give null
   */
  async beginningOfBody(
    request: Request,
    limit: number,
    longer: "pass" | "cut" | "refuse" = "cut",
  ): Promise<string | null> {
    if (request.body === null) return "";
    const most = longer === "pass" ? LONGEST_PASSED : this.#options.limits().maxBodyBytes;
    const decoder = new TextDecoder();
    let text = "";
    let length = 0;
    try {
      for await (const chunk of request.body) {
        const room = Math.max(0, limit - length);
        length += chunk.length;
        if (length > most || (longer === "refuse" && length > limit)) return null;
        text += decoder.decode(chunk.subarray(0, room), { stream: true });
      }
    } catch {
      // The sender went away in the middle: nobody is left to be answered.
      return null;
    }
    // A character that was cut in half is left out.
    return length > limit ? text : text + decoder.decode();
  }

  /** Why the sender may not speak for the host; null: it may. */
  #judge({ request, ip }: DialectRequest, { host, isProven }: Report): NotTaken | null {
    const guard = this.#options.guard();
    if (isProven || !guard.guards(host)) return null;
    const authorization = request.headers.get("authorization");
    const isToken = authorization?.startsWith(BEARER) === true &&
      guard.isToken(host, authorization.slice(BEARER.length));
    if (isToken) return null;
    const reason = authorization === null ? "unsigned" : "bad_token";
    this.#options.onRefused(reason, ip);
    const error = `Host ${JSON.stringify(host)} must prove who it is: by its ping_id, by the ` +
      "ping_key, or by its token as a bearer";
    return { status: 401, error };
  }

  #message({ ip, port }: DialectRequest, { dialect, path, host }: Report, fields: Fields): Message {
    const payload = { ...fields, name: host };
    return {
      ...readClientMessage(payload, ip, port),
      dialect,
      transport: "http",
      path,
      payload,
      payloadText: JSON.stringify(payload),
      signed: false,
      parseError: false,
    };
  }

  async #takeAll(messages: readonly Message[]): Promise<NotTaken | null> {
    const { intake, limits } = this.#options;
    const written: Promise<void>[] = [];
    for (const message of messages) {
      const taken = intake.receive(message);
      if (taken === "full") {
        const name = JSON.stringify(message.host);
        // Those before it are for hosts that were there, and stay.
        await Promise.all(written);
        const error = `Host ${name} is new and max_hosts (${limits().maxHosts}) is reached`;
        return { status: 429, error };
      }
      written.push(typeof taken === "string" ? intake.written() : taken);
    }
    await Promise.all(written);
    return null;
  }
}
