/**
 * The server watches itself: every ten seconds it judges its own parts and says when the answer for
 * one has changed, so that people are told as they are told of hosts.
 *
 * Nothing here ever throws: a look that fails is logged, and the next one comes. The disk is looked
 * at beside the rest, so that one that hangs hides nothing else.
 */

import { getLogger } from "@logtape/logtape";
import type { Level } from "../monitor/level.ts";
import { DiskPart, type FreeSpace, systemFreeSpace } from "./disk.ts";
import { LOSS_HOLDS_MS, LossJudge, type SelfCounters } from "./losses.ts";
import {
  type ChannelFigures,
  type FailingName,
  judgeDns,
  judgeNotifications,
  judgeProblems,
  type PartProblem,
} from "./parts.ts";
import type { Verdict } from "./verdict.ts";

const log = getLogger(["hbd", "self_watch"]);

/** Time to the first look and between two. */
const FIRST_MS = 1000;
const EVERY_MS = 10_000;

/** A new message at the same level is told at most this often. */
const MESSAGE_MS = 600_000;

/**
 * An alert may be left of the last run. That all is well is first said when it was so for this
 * long: a part whose trouble lasts takes its time to find it out again.
 */
const SETTLE_MS = 60_000;
const SETTLE_OF: ReadonlyMap<string, number> = new Map([
  ...LOSS_HOLDS_MS,
  ["dns", 600_000],
]);

/** Longest wait at a stop for the disk to answer, milliseconds. */
const STOP_MS = 200;

export interface SelfWatchOptions {
  /** Epoch milliseconds. */
  readonly nowMs: () => number;
  readonly problems: () => readonly PartProblem[];
  readonly counters: () => SelfCounters;
  readonly channels: () => readonly ChannelFigures[];
  readonly dnsFailing: () => readonly FailingName[];
  /** Folders that must not be full. */
  readonly paths: readonly string[];
  /** @default {asks the system} */
  readonly freeSpace?: FreeSpace;
  /**
   * Called when the answer for a part has changed. `part` may be OK that was never told otherwise:
   * an alert of an earlier run is over then.
   */
  readonly trouble: (part: string, level: Level, message: string) => void;
}

export class SelfWatch {
  readonly #options: SelfWatchOptions;
  readonly #freeSpace: FreeSpace;
  readonly #told = new Map<string, { readonly verdict: Verdict; readonly atMs: number }>();
  readonly #disk = new DiskPart();
  readonly #unseen = new Set<string>();
  readonly #losses = new LossJudge();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #measuring: Promise<void> | null = null;
  #beganMs: number | null = null;
  #isStopped = false;

  constructor(options: SelfWatchOptions) {
    this.#options = options;
    this.#freeSpace = options.freeSpace ?? systemFreeSpace;
  }

  /** Begins to look. */
  start(): void {
    this.#schedule(FIRST_MS);
  }

  /** Looks no more. Waits a moment for a look that is under way. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#measuring === null) return;
    const limit = Promise.withResolvers<void>();
    const timer = setTimeout(limit.resolve, STOP_MS);
    await Promise.race([this.#measuring, limit.promise]);
    clearTimeout(timer);
  }

  /** Looks once; settles when the disk was looked at too. Never rejects. */
  async look(): Promise<void> {
    try {
      const nowMs = this.#options.nowMs();
      this.#beganMs ??= nowMs;
      for (const verdict of this.#judge(nowMs)) this.#tell(verdict, nowMs);
    } catch (error) {
      log.error("The server could not look at itself: {error}", { error });
    }
    this.#measuring ??= this.#measure().finally(() => this.#measuring = null);
    await this.#measuring;
  }

  #schedule(delayMs: number): void {
    this.#timer = setTimeout(() => {
      this.#schedule(EVERY_MS);
      void this.look();
    }, delayMs);
  }

  #judge(nowMs: number): readonly Verdict[] {
    const { problems, counters, channels, dnsFailing } = this.#options;
    const figures = channels();
    const verdicts = [
      judgeNotifications(figures, nowMs),
      judgeDns(dnsFailing()),
      ...this.#losses.judge(counters(), figures, nowMs),
    ];
    const own = new Set(["disk", ...verdicts.map(({ part }) => part)]);
    // What is judged here by its figures is not judged a second time by what it says.
    const reported = judgeProblems(problems().filter(({ part }) => !own.has(part)));
    const seen = new Set([...own, ...reported.map(({ part }) => part)]);
    const over = [...this.#told.keys()].filter((part) => !seen.has(part))
      .map((part): Verdict => ({ part, level: "OK", message: "" }));
    return [...reported, ...verdicts, ...over];
  }

  async #measure(): Promise<void> {
    await Promise.all(this.#options.paths.map((path) => this.#measureOne(path)));
    const verdict = this.#disk.judge();
    if (verdict !== null && !this.#isStopped) this.#tell(verdict, this.#options.nowMs());
  }

  /** Where it cannot be asked, what was found last still counts. */
  async #measureOne(path: string): Promise<void> {
    try {
      this.#disk.measured(path, await this.#freeSpace(path));
      this.#unseen.delete(path);
    } catch (error) {
      if (this.#unseen.has(path)) return;
      this.#unseen.add(path);
      const reason = error instanceof Error ? error.message : String(error);
      log.warn("Free space of {path} is not known: {reason}", { path, reason });
    }
  }

  #tell(verdict: Verdict, nowMs: number): void {
    const { part, level, message } = verdict;
    const known = this.#told.get(part);
    if (known === undefined) {
      const settleMs = SETTLE_OF.get(part) ?? SETTLE_MS;
      if (level === "OK" && Math.abs(nowMs - (this.#beganMs ?? nowMs)) < settleMs) return;
    } else if (known.verdict.level === level) {
      const isNews = level !== "OK" && known.verdict.message !== message;
      // A clock that was set back must not silence it for long.
      if (!isNews || Math.abs(nowMs - known.atMs) < MESSAGE_MS) return;
    }
    this.#told.set(part, { verdict, atMs: nowMs });
    try {
      this.#options.trouble(part, level, message);
    } catch (error) {
      log.error("Trouble of {part} could not be told: {error}", { part, error });
    }
  }
}
