/**
 * The past for those who ask over the web: hands their questions to a Worker, one after the other,
 * and forgets those of whom nobody waits any more. The Worker is there only while it is needed, since
 * what it keeps to be quick takes room.
 */

import type { Config } from "../config/config.ts";
import { seesEverything } from "../access/principal.ts";
import type { Principal } from "../access/principal.ts";
import { Turns } from "../journal/turns.ts";
import { type ReplayQuery, ReplayTooSlow, type Timeline } from "../web/view_history.ts";
import type { JournalFiles } from "./rebuilder.ts";
import type { Asker, FromWorker, ToWorker } from "./replay_worker.ts";

/** Questions that wait for their turn. */
const WAITING = 12;

/** Time that an answer may take. */
const LIMIT_MS = 20_000;

/** Hosts told at most: as many as live updates tell. */
const MOST_HOSTS = 20_000;

/** The Worker goes when nobody has asked for so long. */
const IDLE_MS = 120_000;

export interface ReplayerOptions {
  /** Null: there is no journal. */
  readonly place: JournalFiles | null;
  /** What is in force; the same object until something changes. */
  readonly config: () => Config;
  readonly madeAfter: (host: string) => number;
  readonly hostname: string;
  /** @default {20 s} */
  readonly limitMs?: number;
}

type Answer = FromWorker & { readonly say: "state" | "timeline" };

export class Replayer implements Disposable {
  readonly #options: ReplayerOptions;
  readonly #turns = new Turns(1, WAITING);
  #worker: Worker | null = null;
  #config: Config | null = null;
  #lastId = 0;
  #waiting: { readonly id: number; readonly settle: PromiseWithResolvers<Answer> } | null = null;
  #idle: ReturnType<typeof setTimeout> | null = null;
  #isStopped = false;

  constructor(options: ReplayerOptions) {
    this.#options = options;
  }

  /**
   * The hosts at a past moment: JSON text in parts. Null: there is no journal. Rejects with
   * ReplayTooSlow, TooManyWait (`journal/turns.ts`), the reason of the signal, or another Error when
   * the journal cannot be read.
   */
  async state({ atMs, who, signal }: ReplayQuery): Promise<readonly Uint8Array[] | null> {
    const { limitMs = LIMIT_MS } = this.#options;
    const asker = this.#askerOf(who);
    const answer = await this.#ask(
      (id) => ({ do: "state", id, atMs, asker, limit: MOST_HOSTS, limitMs }),
      signal,
    );
    return answer?.say === "state" ? answer.parts : null;
  }

  /** When the past begins, and when hosts went down. Null: there is no journal. Rejects likewise. */
  async timeline(who: Principal, nowMs: number, signal: AbortSignal): Promise<Timeline | null> {
    const asker = this.#askerOf(who);
    const answer = await this.#ask((id) => ({ do: "timeline", id, asker, nowMs }), signal);
    return answer?.say === "timeline" ? answer.timeline : null;
  }

  /** Ends the Worker; who still waits gets an error. */
  stop(): void {
    this.#isStopped = true;
    this.#end(new Error("Server is stopping"));
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  async #ask(
    question: (id: number) => ToWorker,
    signal: AbortSignal,
  ): Promise<Answer | null> {
    const { place } = this.#options;
    if (place === null) return null;
    return await this.#turns.run(async () => {
      signal.throwIfAborted();
      if (this.#isStopped) throw new Error("Server is stopping");
      const id = ++this.#lastId;
      const settle = Promise.withResolvers<Answer>();
      const cancel = () => this.#worker?.postMessage({ do: "cancel", id } satisfies ToWorker);
      signal.addEventListener("abort", cancel);
      this.#waiting = { id, settle };
      try {
        this.#started(place).postMessage(question(id));
        return await settle.promise;
      } catch (error) {
        signal.throwIfAborted();
        throw error;
      } finally {
        signal.removeEventListener("abort", cancel);
        this.#waiting = null;
        this.#rest();
      }
    });
  }

  /** The Worker, made and configured where that is needed. */
  #started(place: JournalFiles): Worker {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
    const worker = this.#worker ??= this.#create();
    const config = this.#options.config();
    if (config !== this.#config) {
      const { hostname } = this.#options;
      worker.postMessage({ do: "configure", place, config, hostname } satisfies ToWorker);
      this.#config = config;
    }
    return worker;
  }

  #create(): Worker {
    const worker = new Worker(new URL("./replay_worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#take(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#end(new Error(`The Worker that reads the past has failed: ${event.message}`));
    };
    return worker;
  }

  #take(message: FromWorker): void {
    const waiting = this.#waiting;
    if (waiting === null || message.id !== waiting.id) return;
    const { settle } = waiting;
    switch (message.say) {
      case "slow":
        return settle.reject(
          new ReplayTooSlow(
            "The journal is long and takes more time to read: ask again, it goes on from there",
          ),
        );
      case "failed":
        return settle.reject(new Error(message.message));
      default:
        return settle.resolve(message);
    }
  }

  #rest(): void {
    if (this.#isStopped || this.#worker === null) return;
    this.#idle = setTimeout(() => this.#end(new Error("Not needed any more")), IDLE_MS);
    Deno.unrefTimer(Number(this.#idle));
  }

  #end(reason: Error): void {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
    this.#worker?.terminate();
    this.#worker = null;
    this.#config = null;
    this.#waiting?.settle.reject(reason);
  }

  #askerOf(who: Principal): Asker {
    const madeAfter = new Map<string, number>();
    if (!seesEverything(who)) {
      // Only hosts that the configuration names were made by somebody.
      for (const host of this.#options.config().hosts.keys()) {
        const seq = this.#options.madeAfter(host);
        if (seq > 0) madeAfter.set(host, seq);
      }
    }
    return { who, madeAfter };
  }
}
