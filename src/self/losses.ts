/**
 * Judges what the server has lost: datagrams, journal lines, notifications. A loss is over as soon
 * as it is noticed, so it is told for a while, with the count of the whole episode.
 */

import { type ChannelFigures, errorText } from "./parts.ts";
import { Rise } from "./rise.ts";
import { counted, listed, type Verdict } from "./verdict.ts";

/** Losses are told until there was none for this long, milliseconds. */
const HOLD_MS = 600_000;
const GIVEN_UP_HOLD_MS = 3_600_000;

const GIVEN_UP = "notifications_given_up";

/** Counts since the start. */
export interface SelfCounters {
  readonly journalLinesLost: number;
  /** Null: there is no UDP. */
  readonly udp: {
    /** Null where the system does not tell. */
    readonly kernelDrops: number | null;
    readonly overloadDrops: number;
  } | null;
}

/** One count and what is said when it rises. */
interface Loss {
  readonly part: string;
  readonly level: "WARNING" | "CRITICAL";
  readonly count: (counters: SelfCounters) => number | null;
  readonly text: (lost: number) => string;
}

const LOSSES: readonly Loss[] = [
  {
    part: "kernel_drops",
    level: "WARNING",
    count: ({ udp }) => udp?.kernelDrops ?? null,
    text: (lost) =>
      `the kernel dropped ${
        counted(lost, "datagram")
      }: the socket's buffer is too small for such ` +
      "bursts, see net.core.rmem_default in docs/DEPLOY.md",
  },
  {
    part: "overload_drops",
    level: "WARNING",
    count: ({ udp }) => udp?.overloadDrops ?? null,
    text: (lost) => `${counted(lost, "datagram")} dropped: the server is too far behind`,
  },
  {
    part: "journal_lines_lost",
    level: "CRITICAL",
    count: ({ journalLinesLost }) => journalLinesLost,
    text: (lost) => `${counted(lost, "journal line")} lost: the disk refused them for too long`,
  },
];

/** How long after the last loss the part is well again, milliseconds, by part. */
export const LOSS_HOLDS_MS: ReadonlyMap<string, number> = new Map([
  ...LOSSES.map(({ part }) => [part, HOLD_MS] as const),
  [GIVEN_UP, GIVEN_UP_HOLD_MS],
]);

export class LossJudge {
  readonly #rises = LOSSES.map((loss) => ({ loss, rise: new Rise(HOLD_MS) }));
  readonly #givenUp = new Map<string, Rise>();

  /** `nowMs`: epoch milliseconds. */
  judge(
    counters: SelfCounters,
    channels: readonly ChannelFigures[],
    nowMs: number,
  ): readonly Verdict[] {
    const losses = this.#rises.map(({ loss, rise }): Verdict => {
      const lost = rise.look(loss.count(counters), nowMs);
      const { part } = loss;
      return lost === 0
        ? { part, level: "OK", message: "" }
        : { part, level: loss.level, message: loss.text(lost) };
    });
    return [...losses, this.#judgeGivenUp(channels, nowMs)];
  }

  /** Notifications that will never reach people by the channel that they were for. */
  #judgeGivenUp(channels: readonly ChannelFigures[], nowMs: number): Verdict {
    const byName = new Map(channels.map((channel) => [channel.name, channel]));
    for (const name of byName.keys()) {
      if (!this.#givenUp.has(name)) this.#givenUp.set(name, new Rise(GIVEN_UP_HOLD_MS));
    }
    const told: string[] = [];
    for (const [name, rise] of this.#givenUp) {
      const channel = byName.get(name);
      const lost = rise.look(channel ? channel.givenUp + channel.dropped : null, nowMs);
      if (lost > 0) {
        const why = errorText(channel?.lastError ?? null);
        told.push(`${name}: ${counted(lost, "notification")} given up${why}`);
      } else if (channel === undefined) {
        this.#givenUp.delete(name);
      }
    }
    return { part: GIVEN_UP, level: told.length > 0 ? "WARNING" : "OK", message: listed(told) };
  }
}
