/**
 * The highest rate at which a server loses no datagram: a bisection whose every step is a turn of one
 * second at one rate.
 *
 * A turn passes when every datagram is counted by the server, at most 100 ms after the last was sent:
 * datagrams that pile up in memory are not dealt with. The rate of a turn is what was sent divided
 * by the time until all was counted. A turn that fails is tried again, twice at most: the socket's
 * buffer holds 2 ms of such traffic, and whatever else runs on the machine takes longer now and
 * then. That goes for every server alike.
 */

import { type Bench, cpuSeconds, health, type Served, sleep } from "./harness.ts";
import { UdpSender } from "./udp_sender.ts";

export const HOSTS = 10_000;

const TURN_S = 1;
const TRIES = 3;
const LAG_LIMIT_MS = 100;
const ASK_EVERY_MS = 5;

/** Counting goes on this long after the last datagram that was still counted. */
const QUIET_MS = 300;

/** What a server did in a turn that lost nothing. */
export interface Passed {
  readonly perSecond: number;
  /** CPU time of the server for a datagram, microseconds. */
  readonly costUs: number;
}

/** A server, and what it was sent in all. */
export class UdpSide {
  readonly server: Served;
  readonly sender: UdpSender;
  readonly #withAcks: boolean;
  sent = 0;
  /** Counted by the server. */
  counted = 0;
  /** Turns that failed because something was lost, and because it was not dealt with in time. */
  losing = 0;
  slow = 0;

  constructor(bench: Bench, server: Served, senderProgram: string, withAcks = false) {
    this.server = server;
    this.sender = new UdpSender(bench, senderProgram);
    this.#withAcks = withAcks;
  }

  /** Sends for a second. Returns null when something is lost, or is not dealt with in time. */
  async turn(perSecond: number): Promise<Passed | null> {
    const { pid, port, udpPort } = this.server;
    const before = cpuSeconds(pid) ?? 0;
    const sent = await this.sender.send({
      port: udpPort,
      perSecond,
      count: Math.round(perSecond * TURN_S),
      hosts: HOSTS,
      withAcks: this.#withAcks,
    });
    this.sent += sent.count;
    const counted = await countedBy(port, this.sent);
    const missing = sent.count - (counted.total - this.counted);
    this.counted = counted.total;
    const usedS = (cpuSeconds(pid) ?? 0) - before;
    const unanswered = this.#withAcks ? sent.count - sent.acks : 0;
    // An ACK says that its datagram was counted.
    const lagMs = (this.#withAcks ? sent.lastAckMs : counted.atMs) - sent.endedMs;
    const isLosing = missing !== 0 || unanswered !== 0;
    if (isLosing) this.losing++;
    else if (lagMs > LAG_LIMIT_MS) this.slow++;
    if (isLosing || lagMs > LAG_LIMIT_MS) return null;
    return {
      perSecond: sent.count / (sent.seconds + lagMs / 1000),
      costUs: usedS / sent.count * 1e6,
    };
  }

  /** Tries a rate up to three times. */
  async tries(perSecond: number): Promise<Passed | null> {
    for (let n = 0; n < TRIES; n++) {
      const passed = await this.turn(perSecond);
      if (passed !== null) return passed;
    }
    return null;
  }
}

/** Bisects between two rates, whose factor is halved with every step. */
export class Bisection {
  #low: number;
  #high: number;
  /** The fastest turn that lost nothing. */
  best: Passed | null = null;

  constructor(lowPerSecond: number, highPerSecond: number) {
    this.#low = lowPerSecond;
    this.#high = highPerSecond;
  }

  async step(side: UdpSide): Promise<void> {
    const middle = Math.sqrt(this.#low * this.#high);
    const passed = await side.tries(middle);
    if (passed === null) this.#high = middle;
    else this.#low = middle;
    if (passed !== null && passed.perSecond > (this.best?.perSecond ?? 0)) this.best = passed;
  }
}

/** Waits until the server has counted `wanted`, or nothing more comes. */
async function countedBy(
  port: number,
  wanted: number,
): Promise<{ readonly total: number; readonly atMs: number }> {
  let total = -1;
  let atMs = Date.now();
  while (total < wanted && Date.now() - atMs < QUIET_MS) {
    const now = (await health(port)).total;
    if (now !== total) atMs = Date.now();
    total = now;
    if (total < wanted) await sleep(ASK_EVERY_MS);
  }
  return { total, atMs };
}
