/**
 * One server: its addresses, which of them answer, how long a round trip takes, and whether the
 * server answers at all.
 *
 * Every beat goes to all addresses; three in a row without an answer make an address silent. A
 * server whose addresses are all silent is looked up again with every beat, for ever. An IPv6
 * address that never answered is dropped after as many failures when an IPv4 one works: machines
 * with a broken IPv6 are common.
 */

import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { getLogger } from "@logtape/logtape";
import type { Content, Series } from "./series.ts";
import { inWords, type ServerName } from "./server_name.ts";
import type { Endpoint } from "./sockets.ts";

const log = getLogger(["hbc", "server"]);

/** Beats without an answer that make an address silent. */
const SILENT_AFTER = 3;

/**
 * Datagrams whose answer is waited for, for each address: older ones count as lost. More than the
 * outbox ever has on their way at once, and the beats among them.
 */
const MAX_SENT = 512;

/** Looks up the addresses of a host name. Rejects when there are none. */
export type Lookup = (host: string) => Promise<readonly string[]>;

/** Sends a datagram; rejects when it cannot be sent. */
export type Send = (bytes: Uint8Array, to: Endpoint) => Promise<void>;

/** `unknown` at the start, until the first answer or three beats without one. */
export type LinkState = "unknown" | "answering" | "silent";

interface Address extends Endpoint {
  /** Beats since the last answer. */
  unanswered: number;
  /** Whether it ever answered. */
  worked: boolean;
  /** When it answered last, milliseconds of `performance.now()`. */
  answeredMs: number;
  /** What was sent and not answered, by number and time, and when by `performance.now()`. */
  readonly sent: Map<string, number>;
}

/** Addresses by the system's own rules, `/etc/hosts` included. */
export const systemLookup: Lookup = async (host) =>
  (await lookup(host, { all: true })).map(({ address }) => address);

export class Link {
  /** The server as people write it. */
  readonly label: string;
  readonly #server: ServerName;
  readonly #series: Series;
  readonly #send: Send;
  readonly #lookup: Lookup;
  readonly #onChange: (link: Link) => void;
  #addresses: Address[] = [];
  #state: LinkState = "unknown";
  #rttMs: number | null = null;
  #answers = 0;
  #lookingUp = false;
  #isUnresolved = false;
  #latestBeat: { readonly content: Content; readonly seq: number } | null = null;

  /** @param onChange called when the server begins to answer or falls silent */
  constructor(
    server: ServerName,
    series: Series,
    send: Send,
    onChange: (link: Link) => void,
    lookup: Lookup = systemLookup,
  ) {
    this.label = inWords(server.host, server.port);
    this.#server = server;
    this.#series = series;
    this.#send = send;
    this.#onChange = onChange;
    this.#lookup = lookup;
    if (isIP(server.host) !== 0) this.#take([server.host]);
  }

  get state(): LinkState {
    return this.#state;
  }

  /** The round trip measured last, milliseconds; null when there is none yet. */
  get rttMs(): number | null {
    return this.#rttMs;
  }

  /** Answers so far. */
  get answers(): number {
    return this.#answers;
  }

  /** The addresses in use. */
  get addresses(): readonly Endpoint[] {
    return this.#addresses;
  }

  /** Sends a beat to every address, with the round trip in it; looks the server up when needed. */
  beat(content: Content, seq: number): void {
    this.#latestBeat = { content, seq };
    this.#dropBroken();
    const allSilent = this.#addresses.every(({ unanswered }) => unanswered >= SILENT_AFTER);
    if (allSilent && this.#addresses.length > 0 && this.#state !== "silent") {
      log.warn("{server} does not answer", { server: this.label });
      this.#change("silent");
    }
    if (allSilent) void this.lookUp();
    for (const address of this.#addresses) this.#beatTo(address);
  }

  /** Asks for the addresses; new ones get the latest beat at once. Never rejects. */
  async lookUp(): Promise<void> {
    if (this.#lookingUp || isIP(this.#server.host) !== 0) return;
    this.#lookingUp = true;
    try {
      const found = await this.#lookup(this.#server.host);
      if (this.#isUnresolved) log.info("{server} is resolved again", { server: this.label });
      this.#isUnresolved = false;
      for (const address of this.#take(found)) this.#beatTo(address);
    } catch (error) {
      if (!this.#isUnresolved) {
        const reason = error instanceof Error ? error.message : String(error);
        log.warn("{server} cannot be resolved: {reason}", { server: this.label, reason });
      }
      this.#isUnresolved = true;
      if (this.#state === "unknown") this.#change("silent");
    } finally {
      this.#lookingUp = false;
    }
  }

  /**
   * Sends a message to one address: the first attempt goes to the one that answered last, the
   * next to the others in turn.
   *
   * @throws {DatagramError} when it is too large
   */
  send(content: Content, seq: number, attempt: number): void {
    const best = this.#addresses.toSorted((a, b) => b.answeredMs - a.answeredMs);
    const address = best[attempt % best.length];
    if (address !== undefined) this.#sendTo(address, content, seq);
  }

  /** True when a datagram from there is from this server. */
  isAt({ ip, port }: Endpoint): boolean {
    return this.#find(ip, port) !== undefined;
  }

  /**
   * Notes the answer to message `seq` that was sent with `time`. False, and nothing is noted, when
   * nothing of that number and time was sent to this server, or it is answered already.
   */
  acked({ ip, port }: Endpoint, seq: number, time: number): boolean {
    const address = this.#find(ip, port);
    const sent = sentKey(seq, time);
    // A server with several addresses may answer from another one than it was asked at.
    const asked = address?.sent.has(sent)
      ? address
      : this.#addresses.find((other) => other.sent.has(sent));
    if (address === undefined || asked === undefined) return false;
    const nowMs = performance.now();
    this.#rttMs = Math.round((nowMs - (asked.sent.get(sent) ?? nowMs)) * 1000) / 1000;
    asked.sent.delete(sent);
    this.#answers += 1;
    address.unanswered = 0;
    address.worked = true;
    address.answeredMs = nowMs;
    if (this.#state === "answering") return true;
    log.info("{server} answers ({ip})", { server: this.label, ip });
    this.#change("answering");
    return true;
  }

  #change(state: LinkState): void {
    this.#state = state;
    this.#onChange(this);
  }

  #find(ip: string, port: number): Address | undefined {
    return this.#addresses.find((address) =>
      address.port === port && withoutZone(address.ip) === withoutZone(ip)
    );
  }

  #beatTo(address: Address): void {
    if (this.#latestBeat === null) return;
    const { content, seq } = this.#latestBeat;
    address.unanswered += 1;
    const rtt = this.#rttMs === null ? {} : { rtt: this.#rttMs };
    this.#sendTo(address, { ...content, ...rtt }, seq);
  }

  #sendTo(address: Address, content: Content, seq: number): void {
    const { bytes, time } = this.#series.seal(content, seq);
    const sent = sentKey(seq, time);
    // Set anew, so that the oldest stays the first.
    address.sent.delete(sent);
    address.sent.set(sent, performance.now());
    for (const old of address.sent.keys()) {
      if (address.sent.size <= MAX_SENT) break;
      address.sent.delete(old);
    }
    this.#send(bytes, address).catch((error) =>
      log.debug("{id} to {ip}: {reason}", {
        id: content.ID,
        ip: address.ip,
        reason: error instanceof Error ? error.message : String(error),
      })
    );
    log.debug("{id} {seq} to {ip}", { id: content.ID, seq, ip: address.ip });
  }

  #dropBroken(): void {
    const isIpv4Working = this.#addresses.some(({ ip, worked, unanswered }) =>
      !ip.includes(":") && worked && unanswered < SILENT_AFTER
    );
    if (!isIpv4Working) return;
    this.#addresses = this.#addresses.filter(({ ip, worked, unanswered }) => {
      const isBroken = ip.includes(":") && !worked && unanswered >= SILENT_AFTER;
      if (isBroken) log.debug("{server}: {ip} never answered", { server: this.label, ip });
      return !isBroken;
    });
  }

  /** Uses these addresses from now on; returns those that are new. */
  #take(ips: readonly string[]): readonly Address[] {
    const { port } = this.#server;
    const known = new Map(this.#addresses.map((address) => [address.ip, address]));
    const wanted = [...new Set(ips)];
    const fresh: Address[] = wanted.filter((ip) => !known.has(ip)).map((ip) => ({
      ip,
      port,
      unanswered: 0,
      worked: false,
      answeredMs: 0,
      sent: new Map(),
    }));
    const kept = wanted.flatMap((ip) => known.get(ip) ?? []);
    this.#addresses = [...kept, ...fresh];
    return fresh;
  }
}

function sentKey(seq: number, time: number): string {
  return `${seq} ${time}`;
}

/** A link-local address comes back without the interface that it was sent through. */
function withoutZone(ip: string): string {
  return ip.replace(/%.*$/, "");
}
