/** An updater over a real nsupdate, with a clock that the test sets and a list of what was sent. */

import type { DnsConfig } from "../../src/config/config.ts";
import { type RunNsupdate, runNsupdate } from "../../src/dns/nsupdate.ts";
import { DnsUpdater } from "../../src/dns/updater.ts";
import { MemoryStore } from "../../src/store/memory.ts";
import type { DnsStore } from "../../src/dns/state.ts";
import { START_MS, udpMessage } from "../monitor/support.ts";

export interface DnsBenchOptions {
  readonly store?: DnsStore;
  /** Hosts with `dyn: true`. */
  readonly hosts?: readonly string[];
  /** In the place of the real one. */
  readonly run?: RunNsupdate;
}

/** A host name that has everything against it. */
export const HOSTILE = "x\nserver evil\n";

export class DnsBench implements AsyncDisposable {
  readonly store: DnsStore;
  readonly updater: DnsUpdater;
  /** Payloads in the order in which nsupdate got them. */
  readonly sent: string[] = [];
  /** What was said of trouble, as `name: error`; `ok` for null. */
  readonly troubles: string[] = [];
  nowMs = START_MS;
  config: DnsConfig;
  hosts: Set<string>;
  #running = 0;
  /** Most runs of nsupdate at one time. */
  mostRunning = 0;

  private constructor(config: DnsConfig, options: DnsBenchOptions) {
    this.config = config;
    this.hosts = new Set(options.hosts ?? ["web1"]);
    this.store = options.store ?? new MemoryStore();
    const run = options.run ?? runNsupdate;
    this.updater = new DnsUpdater({
      store: this.store,
      settings: () => ({ config: this.config, isDyn: (host) => this.hosts.has(host) }),
      nowMs: () => this.nowMs,
      random: () => 0.5,
      run: async (call, signal) => {
        this.sent.push(call.payload);
        this.mostRunning = Math.max(this.mostRunning, ++this.#running);
        try {
          await run(call, signal);
        } finally {
          this.#running--;
        }
      },
      onTrouble: (name, error) => this.troubles.push(`${name}: ${error ?? "ok"}`),
    });
  }

  static async start(config: DnsConfig, options: DnsBenchOptions = {}): Promise<DnsBench> {
    const bench = new DnsBench(config, options);
    await bench.updater.start();
    return bench;
  }

  /** A message of `host` from `ip`, handed over as the heart does. */
  beat(host: string, ip: string, fields: Readonly<Record<string, unknown>> = { ID: "HTB" }): void {
    // A door refuses the worst names and addresses; here they come through all the same.
    const message = { ...udpMessage({ name: "x", ...fields }, "::1"), host, ip };
    this.updater.message({ seq: 1, atMs: this.nowMs, late: false, message });
  }

  /** An nsupdate is running. */
  get isBusy(): boolean {
    return this.#running > 0;
  }

  /** Lets time go by. */
  pass(seconds: number): void {
    this.nowMs += seconds * 1000;
    this.updater.wake();
  }

  /** The states of the records of `host`, as `name type address state`. */
  states(host: string): string[] {
    return this.updater.status(host)
      .map(({ name, type, address, state }) => `${name} ${type} ${address} ${state}`);
  }

  /** The updates that were sent, as `name type address`. */
  updates(): string[] {
    return this.sent.map((payload) => {
      const [, name, , type, address] = /update add (\S+)\. (\d+) (\S+) (\S+)/.exec(payload) ?? [];
      return `${name} ${type} ${address}`;
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.updater.stop();
  }
}
