/**
 * The sender of the UDP benchmarks as the benchmarks see it: `udp_sender.c`, compiled into a folder
 * of the benchmark and run once for each turn. A sender in Deno would take more of the machine than
 * what it sends to.
 */

import { join } from "@std/path";
import { type Bench, BENCH_DIR, BenchError } from "./harness.ts";

/** What to send. */
export interface Sending {
  /** UDP port on 127.0.0.1. */
  readonly port: number;
  readonly perSecond: number;
  /** Datagrams. */
  readonly count: number;
  /** Hosts that take turns, at most 10,000,000. */
  readonly hosts: number;
  /** Receive and count the ACKs too. @default {false} */
  readonly withAcks?: boolean;
}

/** What was sent. */
export interface Sent {
  readonly count: number;
  /** From the first burst to the last. */
  readonly seconds: number;
  /** Share of one core that the sender used, the ACKs left out that came after the end. */
  readonly busy: number;
  /** When the last datagram was sent, epoch milliseconds. */
  readonly endedMs: number;
  /** ACKs received, and when the last one came; 0 and `endedMs` when they are not counted. */
  readonly acks: number;
  readonly lastAckMs: number;
}

/** The first `seq`: it is always written with seven digits. */
const FIRST_SEQ = 1_000_000;
const MAX_SEQ = 9_999_999;

/** Sends to one server: no (host, seq) comes twice. */
export class UdpSender {
  readonly #bench: Bench;
  readonly #program: string;
  #seq = FIRST_SEQ;
  /** Shares of a core used, turn by turn. */
  readonly busy: number[] = [];

  constructor(bench: Bench, program: string) {
    this.#bench = bench;
    this.#program = program;
  }

  /** Sends, and waits until all is sent. */
  async send(
    { port, perSecond, count, hosts, withAcks = false }: Sending,
  ): Promise<Sent> {
    const first = this.#seq;
    this.#seq += Math.ceil(count / hosts);
    if (this.#seq > MAX_SEQ) throw new BenchError("The sender has no numbers left: use more hosts");
    const numbers = [port, perSecond, count, hosts, first].map((n) => String(Math.round(n)));
    const text = await this.#bench.run(this.#program, [...numbers, ...(withAcks ? ["acks"] : [])]);
    const match =
      /^sent (\d+) seconds ([\d.]+) cpu ([\d.]+) ended ([\d.]+) acks (\d+) last_ack ([\d.]+)$/m
        .exec(text);
    if (match === null) throw new BenchError(`The sender said what it never says: ${text}`);
    const [sent = 0, seconds = 0, cpuS = 0, endedS = 0, acks = 0, lastAckS = 0] = match.slice(1)
      .map(Number);
    const busy = cpuS / seconds;
    this.busy.push(busy);
    return {
      count: sent,
      seconds,
      busy,
      endedMs: endedS * 1000,
      acks,
      lastAckMs: lastAckS * 1000,
    };
  }
}

/** Compiles the sender. Returns the path of the program. */
export async function compileSender(bench: Bench): Promise<string> {
  const program = join(await bench.tempDir(), "udp_sender");
  try {
    await bench.run("cc", ["-O2", "-o", program, join(BENCH_DIR, "udp_sender.c")]);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new BenchError(
      "cc, the C compiler that makes the sender, is not installed. " +
        "Debian and Ubuntu: apt-get install gcc libc6-dev",
    );
  }
  return program;
}
