/**
 * The Worker that rebuilds the past, so that however long the journal is, the main thread goes on
 * taking beats. It does one thing at a time, as it is asked to, and stops when it is told so or it
 * takes too long; what it has read by then it keeps, so that asking again comes further.
 */

import { setPriority } from "node:os";
import { alertSettings } from "../alert_settings.ts";
import { Access } from "../access/access.ts";
import type { Principal } from "../access/principal.ts";
import type { Config } from "../config/config.ts";
import type { Timeline } from "../web/view_history.ts";
import { watchSettings } from "../watch_settings.ts";
import { pastReport, reportParts } from "./past_report.ts";
import { type JournalFiles, Rebuilder } from "./rebuilder.ts";
import { timelineOf } from "./timeline.ts";

/** Who asks, and up to which number of the journal hosts they may see had another one's name. */
export interface Asker {
  readonly who: Principal;
  readonly madeAfter: ReadonlyMap<string, number>;
}

/** What the main thread tells the Worker. */
export type ToWorker =
  | {
    readonly do: "configure";
    readonly place: JournalFiles;
    readonly config: Config;
    readonly hostname: string;
  }
  | {
    readonly do: "state";
    readonly id: number;
    readonly atMs: number;
    readonly asker: Asker;
    /** Hosts told at most. */
    readonly limit: number;
    /** Time that it may take, milliseconds. */
    readonly limitMs: number;
  }
  | {
    readonly do: "timeline";
    readonly id: number;
    readonly asker: Asker;
    readonly nowMs: number;
  }
  | { readonly do: "cancel"; readonly id: number };

/** What the Worker tells the main thread. */
export type FromWorker =
  | { readonly say: "state"; readonly id: number; readonly parts: readonly Uint8Array[] }
  | { readonly say: "timeline"; readonly id: number; readonly timeline: Timeline }
  | { readonly say: "slow"; readonly id: number }
  | { readonly say: "failed"; readonly id: number; readonly message: string };

/** Text put into one part, UTF-16 code units. */
const PART = 256 * 1024;

/** Nice value of this thread: after those that take beats. */
const NICE = 10;

class TookTooLong extends Error {}

class ReplayWorker {
  readonly #post: (message: FromWorker, transfer: readonly ArrayBufferLike[]) => void;
  #place: JournalFiles = { dir: "", file: "" };
  #config: Config | null = null;
  #rebuilder: Rebuilder | null = null;
  /** What is under way, and how to stop it. */
  readonly #stops = new Map<number, AbortController>();

  constructor(post: (message: FromWorker, transfer: readonly ArrayBufferLike[]) => void) {
    this.#post = post;
  }

  async take(message: ToWorker): Promise<void> {
    switch (message.do) {
      case "configure": {
        const { place, config, hostname } = message;
        const settings = { ...watchSettings(config), alerts: alertSettings(config, hostname) };
        this.#place = place;
        this.#config = config;
        this.#rebuilder = new Rebuilder(place, settings);
        return;
      }
      case "cancel":
        this.#stops.get(message.id)?.abort(new DOMException("Cancelled", "AbortError"));
        return;
    }
    const { id } = message;
    const stop = new AbortController();
    this.#stops.set(id, stop);
    try {
      if (message.do === "state") await this.#state(message, stop.signal);
      else await this.#timeline(message);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if (error instanceof TookTooLong) this.#post({ say: "slow", id }, []);
      else this.#post({ say: "failed", id, message: text }, []);
    } finally {
      this.#stops.delete(id);
    }
  }

  async #state(
    { id, atMs, asker, limit, limitMs }: ToWorker & { readonly do: "state" },
    signal: AbortSignal,
  ): Promise<void> {
    const [rebuilder, config] = [this.#rebuilder, this.#config];
    if (rebuilder === null || config === null) throw new Error("Not configured");
    const endMs = performance.now() + limitMs;
    const moment = await rebuilder.at(atMs, {
      signal,
      async onRead() {
        // Lets what the main thread has to say come in.
        await new Promise((resolve) => setTimeout(resolve));
        if (performance.now() > endMs) throw new TookTooLong();
      },
    });
    const maySee = seeing(config, asker, moment.state.seq);
    const report = pastReport(moment, { atMs, config, maySee, limit });
    const parts = [...encoded(reportParts(report))];
    this.#post({ say: "state", id, parts }, parts.map(({ buffer }) => buffer));
  }

  async #timeline({ id, asker, nowMs }: ToWorker & { readonly do: "timeline" }): Promise<void> {
    const config = this.#config;
    if (config === null) throw new Error("Not configured");
    const timeline = await timelineOf(
      this.#place,
      (host, seq) => seeing(config, asker, seq)(host),
      nowMs,
    );
    this.#post({ say: "timeline", id, timeline }, []);
  }
}

/** Whether `asker` may see what was of a host when the journal had come to number `seq`. */
function seeing(config: Config, asker: Asker, seq: number): (host: string) => boolean {
  const { who, madeAfter } = asker;
  const access = new Access({
    users: config.users,
    defaultOwner: config.defaultOwner,
    hostAccess: (host) => config.hosts.get(host) ?? null,
  });
  return (host) => access.maySee(who, host) && seq > (madeAfter.get(host) ?? -1);
}

function* encoded(texts: Iterable<string>): Iterable<Uint8Array> {
  const encoder = new TextEncoder();
  let waiting = "";
  for (const text of texts) {
    waiting += text;
    if (waiting.length < PART) continue;
    yield encoder.encode(waiting);
    waiting = "";
  }
  yield encoder.encode(waiting);
}

/** Linux alone has priorities of threads; elsewhere the call would be for the whole process. */
function comeLast(): void {
  if (Deno.build.os !== "linux") return;
  try {
    setPriority(0, NICE);
  } catch {
    // Then it shares the processor like all others.
  }
}

interface WorkerScope {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker, transfer: readonly ArrayBufferLike[]): void;
}

const scope = globalThis as unknown as WorkerScope;
comeLast();
const worker = new ReplayWorker((message, transfer) => scope.postMessage(message, transfer));
scope.onmessage = ({ data }) => void worker.take(data);
