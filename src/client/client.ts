/**
 * The client that stays: beats in rhythm, plugins beside them, and everything that must arrive
 * through the outbox. Puts the parts together; what each does is in its own file.
 */

import { getLogger } from "@logtape/logtape";
import { join } from "@std/path";
import { Commands } from "./commands.ts";
import type { ClientConfig } from "./config.ts";
import type { Offered, ServerMessage } from "./inbox.ts";
import type { Link } from "./link.ts";
import { Outbox } from "./outbox.ts";
import { beatContent, openParts, type Parts } from "./parts.ts";
import type { PluginType } from "./plugin.ts";
import { now, Rhythm } from "./rhythm.ts";
import { makePlugins, Runner, type Sample } from "./runner.ts";
import { Spool } from "./spool.ts";
import { machine } from "./system.ts";

const log = getLogger(["hbc"]);

/** Longest wait for the answer to the shutdown message, milliseconds. */
const SHUTDOWN_MS = 2000;

/** Time between two looks for what `hbc -m` has left in the spool, milliseconds. */
const REFRESH_MS = 30_000;

export interface ClientOptions {
  readonly config: ClientConfig;
  readonly version: string;
  /** The folder for spool and commands; null keeps everything in memory. */
  readonly stateDir: string | null;
  readonly pluginTypes: readonly PluginType[];
  /** Whether the start is told as a boot of the host. */
  readonly tellBoot: boolean;
  /** A server offers an update. */
  readonly onUpdate: (offered: Offered) => void;
  /** A server answers, for the first time. */
  readonly onUp: () => void;
}

export class Client {
  readonly #options: ClientOptions;
  readonly #spool: Spool;
  readonly #commands: Commands;
  readonly #answered = new Set<string>();
  #parts: Parts | null = null;
  #outbox: Outbox | null = null;
  #runner: Runner | null = null;
  #rhythm: Rhythm | null = null;
  #beatTimer: ReturnType<typeof setTimeout> | undefined;
  #workTimer: ReturnType<typeof setTimeout> | undefined;
  #isWorkSoon = false;
  #isStopped = false;
  #isUp = false;
  #refreshedMs = 0;
  #toldDropped = 0;

  private constructor(options: ClientOptions, spool: Spool, commands: Commands) {
    this.#options = options;
    this.#spool = spool;
    this.#commands = commands;
  }

  /** Starts beating. Rejects when no socket can be opened. */
  static async start(options: ClientOptions): Promise<Client> {
    const { config, stateDir } = options;
    const spool = await Spool.open(
      stateDir === null ? null : join(stateDir, "spool"),
      config.spoolMaxBytes,
    );
    const commands = await Commands.open({
      commands: config.commands,
      timeoutS: config.commandTimeoutS,
      memoryFile: spool.dir === null || stateDir === null ? null : join(stateDir, "commands.json"),
    });
    const client = new Client(options, spool, commands);
    await client.#start();
    return client;
  }

  async #start(): Promise<void> {
    const { config, tellBoot, pluginTypes } = this.#options;
    const bootMs = Date.now();
    const parts = await openParts(config, {
      onMessage: (message, from) => this.#hear(message, from),
      onChange: (link) => this.#linkChanged(link),
    });
    this.#parts = parts;
    this.#outbox = new Outbox({
      links: parts.links,
      series: parts.series,
      spool: this.#spool,
      onWork: () => this.#workSoon(),
      nowMs: () => performance.now(),
    });
    if (tellBoot) void this.#outbox.post({ ID: "BOOT" }, { spool: true }, bootMs);
    this.#rhythm = new Rhythm(now(), config.intervalS * 1000);
    this.#beatWhenDue();
    const plugins = await makePlugins(config.plugins, pluginTypes, machine);
    if (this.#isStopped) return;
    this.#runner = new Runner(plugins, (sample) => this.#report(sample));
    this.#runner.start();
  }

  /**
   * Stops. With `tellShutdown` the servers are told that the host goes down on purpose. What is not
   * acknowledged is on disk afterwards.
   */
  async stop(tellShutdown: boolean): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    clearTimeout(this.#beatTimer);
    this.#commands.stop();
    if (tellShutdown && this.#outbox !== null) {
      const limit = Promise.withResolvers<void>();
      const timer = setTimeout(limit.resolve, SHUTDOWN_MS);
      const care = { spool: true, urgent: true };
      await Promise.race([this.#outbox.post({ ID: "SHUTDOWN" }, care), limit.promise]);
      clearTimeout(timer);
    }
    await this.#runner?.stop();
    await this.#outbox?.close();
    clearTimeout(this.#workTimer);
    this.#isWorkSoon = true;
    await this.#parts?.[Symbol.asyncDispose]();
  }

  #beatWhenDue(): void {
    if (this.#rhythm === null || this.#isStopped) return;
    const moment = now();
    const isDue = this.#rhythm.isDue(moment);
    // Before the beat, so that whatever goes wrong in one is not the end of all.
    this.#beatTimer = setTimeout(() => this.#beatWhenDue(), this.#rhythm.waitMs(now()));
    if (isDue) this.#beat(moment.monotonicMs);
  }

  #beat(nowMs: number): void {
    const { config, version } = this.#options;
    if (this.#parts === null) return;
    const { links, series } = this.#parts;
    const seq = series.next();
    for (const link of links) link.beat(beatContent(config, version), seq);
    if (nowMs - this.#refreshedMs < REFRESH_MS) return;
    this.#refreshedMs = nowMs;
    void this.#spool.refresh().then(
      () => this.#workSoon(),
      (error) => log.debug("Spool: {error}", { error }),
    );
  }

  #report({ plugin, data, intervalS, atMs }: Sample): void {
    const content = { ID: "PLG", plugin, data, ...(intervalS !== null && { interval: intervalS }) };
    void this.#outbox?.post(content, { spool: true }, atMs);
  }

  #hear(message: ServerMessage, from: Link): void {
    switch (message.kind) {
      case "ack":
        this.#outbox?.acked(from, message.seq);
        return;
      case "command":
        void this.#obey(message);
        return;
      case "update":
        this.#options.onUpdate(message);
        return;
    }
  }

  /** Runs a command and answers; an answer that is on its way is not sent a second time. */
  async #obey(asked: Extract<ServerMessage, { kind: "command" }>): Promise<void> {
    if (this.#isStopped || this.#answered.has(asked.id)) return;
    const result = await this.#commands.run(asked);
    if (result === null || this.#outbox === null || this.#answered.has(asked.id)) return;
    this.#answered.add(asked.id);
    await this.#outbox.post({ ID: "RES", id: asked.id, ...result }, { spool: false });
    this.#answered.delete(asked.id);
  }

  #linkChanged(link: Link): void {
    this.#outbox?.linkChanged();
    if (link.state !== "answering") return;
    const { dropped } = this.#spool;
    if (dropped > this.#toldDropped) {
      log.warn("{count} undelivered messages were lost", { count: dropped - this.#toldDropped });
      this.#toldDropped = dropped;
    }
    if (this.#isUp) return;
    this.#isUp = true;
    this.#options.onUp();
  }

  #workSoon(): void {
    if (this.#isWorkSoon) return;
    this.#isWorkSoon = true;
    clearTimeout(this.#workTimer);
    this.#workTimer = setTimeout(() => this.#work(), 0);
  }

  #work(): void {
    this.#isWorkSoon = false;
    const waitMs = this.#outbox?.tick() ?? null;
    if (this.#isWorkSoon || waitMs === null) return;
    this.#workTimer = setTimeout(() => this.#work(), waitMs);
  }
}
