/**
 * Runs the plugins: info plugins once, monitor plugins each at its own interval. Every run is
 * limited in time, and what goes wrong in one is reported as its data and concerns no other.
 */

import { getLogger } from "@logtape/logtape";
import type { PluginOptions } from "./config.ts";
import type { Plugin, PluginData, PluginType, System } from "./plugin.ts";
import { now, Rhythm } from "./rhythm.ts";

const log = getLogger(["hbc", "plugins"]);

/** Seconds that one run may take where the configuration does not say. */
const DEFAULT_TIMEOUT_S = 30;

/** Seconds on top for a built-in plugin, which gets the configured limit itself. */
const GRACE_FOR_PARTS_S = 2;

/** Longest time between the first runs of two plugins, milliseconds. */
const MAX_SPREAD_MS = 1000;

const EXEC = "exec";

/** A plugin with its times. */
export interface Scheduled {
  readonly plugin: Plugin;
  /** Seconds between two runs; 0 for info plugins. */
  readonly intervalS: number;
  readonly timeoutS: number;
}

/** What a plugin has found. */
export interface Sample {
  readonly plugin: string;
  readonly data: PluginData;
  /** Seconds until the next one; null for info plugins. */
  readonly intervalS: number | null;
  /** When it was measured, epoch milliseconds. */
  readonly atMs: number;
}

/**
 * Makes the plugins that the configuration asks for, and those that run without being asked for.
 * One that cannot be made is there all the same, and reports why.
 */
export async function makePlugins(
  configured: ReadonlyMap<string, PluginOptions>,
  types: readonly PluginType[],
  system: System,
): Promise<readonly Scheduled[]> {
  const byName = new Map(types.map((type) => [type.name, type]));
  byName.delete(EXEC);
  const names = new Set([
    ...types.filter(({ byDefault }) => byDefault).map(({ name }) => name),
    ...configured.keys(),
  ]);
  const made: Scheduled[] = [];
  for (const name of names) {
    const options = configured.get(name) ?? {};
    if (options === false) continue;
    const type = byName.get(name) ?? types.find((each) => each.name === EXEC);
    const scheduled = await makePlugin(name, options, type, byName, system);
    if (scheduled !== null) made.push(scheduled);
  }
  return made;
}

async function makePlugin(
  name: string,
  options: Readonly<Record<string, unknown>>,
  type: PluginType | undefined,
  builtIn: ReadonlyMap<string, PluginType>,
  system: System,
): Promise<Scheduled | null> {
  const { interval, timeout, ...own } = options;
  let intervalS = type?.intervalS ?? 300;
  let timeoutS = DEFAULT_TIMEOUT_S;
  try {
    intervalS = secondsOf("interval", interval) ?? intervalS;
    timeoutS = secondsOf("timeout", timeout) ?? timeoutS;
    const isBuiltIn = builtIn.has(name);
    if (type === undefined || (!isBuiltIn && own.exec === undefined)) {
      const known = [...builtIn.keys()].join(", ");
      throw new Error(
        "no built-in plugin: give the program to run (exec: [program, argument]), " +
          `or one of ${known}`,
      );
    }
    const isLimited = isBuiltIn && timeout !== undefined;
    // What has a limit for each of its parts shall be able to say which one took too long.
    if (isLimited) timeoutS += GRACE_FOR_PARTS_S;
    const passed = isLimited ? { ...own, timeout } : isBuiltIn ? own : { ...own, name };
    const plugin = await type.create(passed, system);
    return plugin === null ? null : { plugin, intervalS, timeoutS };
  } catch (error) {
    log.error("Plugin {name}: {reason}", { name, reason: reasonOf(error) });
    const collect = () => Promise.reject(error);
    const kind = intervalS === 0 ? "info" : "monitor";
    return { plugin: { name, kind, collect }, intervalS, timeoutS };
  }
}

function secondsOf(option: string, value: unknown): number | undefined {
  const isRight = value === undefined ||
    (typeof value === "number" && value >= 0.1 && value <= 31_536_000);
  if (isRight) return value;
  throw new Error(`${option} must be a number of seconds from 0.1: got ${JSON.stringify(value)}`);
}

/** Runs a plugin once, within its time. Never rejects: what goes wrong is its `error`. */
export async function collectOnce(
  { plugin, timeoutS }: Scheduled,
  stopped: AbortSignal,
): Promise<PluginData> {
  const controller = new AbortController();
  const { promise: limit, reject } = Promise.withResolvers<never>();
  const abort = (reason: Error): void => {
    controller.abort(reason);
    reject(reason);
  };
  const timer = setTimeout(
    () => abort(new Error(`No result within ${timeoutS} s`)),
    timeoutS * 1000,
  );
  const stop = (): void => abort(new Error("hbc was stopped"));
  stopped.addEventListener("abort", stop, { once: true });
  try {
    // One that does not heed the signal is left behind.
    return await Promise.race([plugin.collect(controller.signal), limit]);
  } catch (error) {
    return {
      error: controller.signal.aborted ? reasonOf(controller.signal.reason) : reasonOf(error),
    };
  } finally {
    clearTimeout(timer);
    stopped.removeEventListener("abort", stop);
  }
}

/** Runs plugins until it is stopped. */
export class Runner {
  readonly #plugins: readonly Scheduled[];
  readonly #onSample: (sample: Sample) => void;
  readonly #stopped = new AbortController();
  readonly #timers = new Map<Scheduled, ReturnType<typeof setTimeout>>();
  readonly #runs = new Set<Promise<void>>();

  constructor(plugins: readonly Scheduled[], onSample: (sample: Sample) => void) {
    this.#plugins = plugins;
    this.#onSample = onSample;
  }

  /** Runs all for the first time, one after the other, and goes on with the monitor plugins. */
  start(): void {
    for (const [i, scheduled] of this.#plugins.entries()) {
      const { intervalS, plugin } = scheduled;
      const gapMs = plugin.kind === "info"
        ? 0
        : Math.min(MAX_SPREAD_MS, intervalS * 1000 / this.#plugins.length);
      const timer = setTimeout(() => {
        const rhythm = plugin.kind === "info" ? null : new Rhythm(now(), intervalS * 1000);
        this.#next(scheduled, rhythm);
      }, i * gapMs);
      this.#timers.set(scheduled, timer);
    }
  }

  /** Ends what is running, and waits until it has ended. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await Promise.all(this.#runs);
  }

  #next(scheduled: Scheduled, rhythm: Rhythm | null): void {
    if (rhythm === null || rhythm.isDue(now())) {
      const run = this.#run(scheduled).finally(() => {
        this.#runs.delete(run);
        // Waiting for the run to end: a plugin never runs twice at the same time.
        if (rhythm !== null) this.#wait(scheduled, rhythm);
      });
      this.#runs.add(run);
    } else this.#wait(scheduled, rhythm);
  }

  #wait(scheduled: Scheduled, rhythm: Rhythm): void {
    if (this.#stopped.signal.aborted) return;
    const timer = setTimeout(() => this.#next(scheduled, rhythm), rhythm.waitMs(now()));
    this.#timers.set(scheduled, timer);
  }

  async #run(scheduled: Scheduled): Promise<void> {
    const { plugin, intervalS } = scheduled;
    const atMs = Date.now();
    const data = await collectOnce(scheduled, this.#stopped.signal);
    if (this.#stopped.signal.aborted) return;
    if (data.error !== undefined) {
      log.debug("Plugin {name}: {error}", { name: plugin.name, error: data.error });
    }
    const isInfo = plugin.kind === "info";
    this.#onSample({
      plugin: plugin.name,
      data,
      intervalS: isInfo ? null : intervalS,
      atMs,
    });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
