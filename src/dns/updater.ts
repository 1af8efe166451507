/**
 * Keeps the addresses of hosts in the DNS: sees where their beats come from, and has nsupdate told
 * what is new. One worker, one update at a time.
 *
 * An update that is refused waits by itself, longer each time, while others go on. When the server,
 * the key or the program fails, the whole domain waits, and one update tries for all: a server that
 * does not answer takes 12 s each time. What waits is in the store, and goes on after a restart.
 */

import { getLogger } from "@logtape/logtape";
import type { Outlet, ReceivedMessage } from "../monitor/outlet.ts";
import { DnsBook, type DnsSettings } from "./book.ts";
import { Failures } from "./failures.ts";
import { type RunNsupdate, runNsupdate } from "./nsupdate.ts";
import { payloadOf } from "./payload.ts";
import { recordNameOf, type RecordType } from "./record.ts";
import type { DnsStore, Entry } from "./state.ts";
import { aheadMs } from "./trials.ts";

const log = getLogger(["hbd", "dns"]);

/** Time between two updates of one name and type, at least. */
export const REST_MS = 5000;

/** While something waits it is looked for at least so often: the wall clock may be set. */
const LOOK_MS = 5000;

/** Time that `stop` takes at most. */
const STOP_MS = 800;

export interface DnsUpdaterOptions {
  readonly store: DnsStore;
  /** Asked again for each message: it must be cheap. */
  readonly settings: () => DnsSettings;
  /** Epoch milliseconds. */
  readonly nowMs: () => number;
  /** 0 to 1. @default {Math.random} */
  readonly random?: () => number;
  /** @default {runNsupdate} */
  readonly run?: RunNsupdate;
  /**
   * Updates of `name` have failed three times or for a minute. It is a name in the DNS, or a domain
   * when the trouble is not with one name alone. Called with null after each success, as trouble
   * may be known from an earlier run.
   */
  readonly onTrouble: (name: string, error: string | null) => void;
}

/** What is known of one record. Times are epoch milliseconds. */
export interface DnsStatus {
  readonly name: string;
  readonly type: RecordType;
  /** The one that is registered or, when another waits, that one. */
  readonly address: string;
  /** When the server confirmed one last; null: not yet. */
  readonly registeredMs: number | null;
  readonly state: "registered" | "pending" | "failing";
  /** Why it failed last. */
  readonly error: string | null;
  /** When it is sent next; null when nothing waits. */
  readonly nextTryMs: number | null;
}

/** What became of the wish to update a host now. */
export type DnsForced =
  | {
    readonly outcome: "queued";
    readonly updates: readonly Pick<DnsStatus, "name" | "type" | "address">[];
  }
  | {
    readonly outcome: "not_dyn" | "no_domains" | "bad_name" | "no_address" | "stopped";
    /** In one sentence. */
    readonly problem: string;
  };

export class DnsUpdater implements Outlet {
  readonly #options: DnsUpdaterOptions;
  readonly #run: RunNsupdate;
  readonly #book: DnsBook;
  readonly #failures: Failures;
  readonly #ending = new AbortController();
  #isRunning = false;
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** The timer is set to now. */
  #isWoken = false;
  #working: Promise<void> | null = null;
  #stopping: Promise<void> | null = null;

  constructor(options: DnsUpdaterOptions) {
    this.#options = options;
    this.#run = options.run ?? runNsupdate;
    this.#book = new DnsBook(options.store, options.settings());
    const { nowMs, random = Math.random, onTrouble } = options;
    this.#failures = new Failures(this.#book, nowMs, random, onTrouble);
  }

  /** Reads what the store has, and goes on with it. Rejects when the store fails. */
  async start(): Promise<void> {
    await this.#book.load();
    if (this.#stopping !== null) return;
    this.#isRunning = true;
    this.configure();
  }

  /** Takes the settings as they are now, and tries at once what had failed. */
  configure(): void {
    if (!this.#isRunning) return;
    const { nowMs, settings } = this.#options;
    this.#failures.forget(this.#book.configure(settings(), nowMs()));
    for (const entry of this.#book.waiting) this.#failures.hurry(entry);
    this.wake();
  }

  /** Looks now for what is due, say after the clock was set. Returns at once. */
  wake(): void {
    if (!this.#isRunning || this.#isWoken) return;
    this.#isWoken = true;
    this.#lookIn(0);
  }

  message({ message }: ReceivedMessage): void {
    if (!this.#isRunning || (message.kind !== "beat" && message.kind !== "boot")) return;
    const { host, ip } = message;
    if (this.#book.domains.length === 0 || !this.#options.settings().isDyn(host)) return;
    if (this.#book.see(host, ip, this.#options.nowMs())) this.wake();
  }

  event(): void {}

  /**
   * Has the known addresses of `host` sent as soon as may be, even if nothing has changed. Settles
   * when the store was told; never rejects.
   */
  async force(host: string): Promise<DnsForced> {
    if (!this.#isRunning) return { outcome: "stopped", problem: "The server is stopping" };
    if (!this.#options.settings().isDyn(host)) {
      const problem = `${host} is not kept in the DNS: hosts.${host}.dyn must be true`;
      return { outcome: "not_dyn", problem };
    }
    const [domain] = this.#book.domains;
    if (domain === undefined) {
      return { outcome: "no_domains", problem: "dyndomains names no domain to register hosts in" };
    }
    const name = recordNameOf(host, domain);
    if (!name.ok) return { outcome: "bad_name", problem: name.problem };
    const entries = this.#book.force(host, this.#options.nowMs());
    if (entries.length === 0) {
      const problem = `No address of ${host} is known yet that could stand in the DNS`;
      return { outcome: "no_address", problem };
    }
    for (const entry of entries) this.#failures.hurry(entry);
    const updates = entries.map(({ name, type, pending }) => {
      return { name, type, address: pending?.address ?? "" };
    });
    this.wake();
    await this.#book.saver.saved();
    return { outcome: "queued", updates };
  }

  /** What is known of the records of `host`. */
  status(host: string): readonly DnsStatus[] {
    const nowMs = this.#options.nowMs();
    return this.#book.of(host).flatMap((entry) => {
      const { name, type, registered, pending } = entry;
      const address = (pending ?? registered)?.address;
      if (address === undefined) return [];
      const error = pending === null ? null : this.#failures.errorOf(entry);
      return [{
        name,
        type,
        address,
        registeredMs: registered?.atMs ?? null,
        state: pending === null ? "registered" : error === null ? "pending" : "failing",
        error,
        nextTryMs: pending === null ? null : nowMs + this.#waitMs(entry, nowMs),
      }];
    });
  }

  /**
   * Ends a running nsupdate and sends nothing any more; what waits stays in the store. Settles within
   * a second, and never rejects.
   */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#isRunning = false;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#ending.abort();
    let limit: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => limit = setTimeout(resolve, STOP_MS));
    const done = (this.#working ?? Promise.resolve()).then(() => this.#book.saver.saved());
    await Promise.race([done, late]);
    clearTimeout(limit);
    this.#book.saver.close();
  }

  #lookIn(ms: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#isWoken = false;
      // One that is at work looks again by itself.
      this.#working ??= this.#work().finally(() => {
        this.#working = null;
      });
    }, ms);
  }

  async #work(): Promise<void> {
    while (this.#isRunning) {
      const nowMs = this.#options.nowMs();
      let next: Entry | null = null;
      let nextMs = Infinity;
      for (const entry of this.#book.waiting) {
        const waitMs = this.#waitMs(entry, nowMs);
        if (waitMs < nextMs) [next, nextMs] = [entry, waitMs];
      }
      if (next === null) return;
      if (nextMs > 0) {
        if (!this.#isWoken) this.#lookIn(Math.min(nextMs, LOOK_MS));
        return;
      }
      await this.#send(next);
    }
  }

  /** Milliseconds until it is the turn of `entry`. */
  #waitMs(entry: Entry, nowMs: number): number {
    const restMs = aheadMs(entry.lastTryMs + REST_MS, nowMs, REST_MS);
    return Math.max(restMs, this.#failures.waitMs(entry, nowMs));
  }

  async #send(entry: Entry): Promise<void> {
    const { nowMs, settings } = this.#options;
    const { name, type, pending } = entry;
    if (pending === null) return;
    const { address } = pending;
    const { config } = settings();
    entry.isUncertain = true;
    // The tried ones go behind the others that are due at the same time.
    this.#book.waiting.delete(entry);
    this.#book.waiting.add(entry);
    try {
      const payload = payloadOf({ name, type, address, ttlS: config.ttlS, server: config.server });
      const { bin, keyFile } = config;
      await this.#run({ bin, keyFile, payload }, this.#ending.signal);
    } catch (error) {
      entry.lastTryMs = nowMs();
      if (this.#isRunning) this.#failures.failed(entry, error);
      return;
    }
    entry.lastTryMs = nowMs();
    this.#book.confirmed(entry, address, config, entry.lastTryMs);
    log.info("DNS: {name} {type} is {address} now", { name, type, address });
    this.#failures.worked(entry);
  }
}
