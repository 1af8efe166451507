/**
 * The lines with which a job tells of its runs: that it began, and how it ended. They are pings as
 * those for Healthchecks.io are. Pure.
 */

import { cronQuote, type Recipe, shellQuote } from "./how_to.ts";
import type { PingBy } from "./types.ts";

export interface Job {
  readonly host: string;
  /** Of the server as it is reached from here, without a slash at the end. */
  readonly origin: string;
  /** The calendar of the host; null: it has none. */
  readonly cron: string | null;
  readonly pingBy: PingBy;
}

const CURL = "curl -fsS -m 10 --retry 5 -o /dev/null";

/** What stands for the job itself. */
const JOB = "/path/to/job";

const NIGHTLY = "0 3 * * *";

const HINTS: Readonly<Record<PingBy, string>> = {
  name: "",
  id: " Put its ping_id, as the configuration has it, in the place of PING_ID.",
  key: " Put the ping_key of the configuration in the place of PING_KEY.",
};

/** Names that lead elsewhere in an address. */
const STEPS: ReadonlySet<string> = new Set([".", ".."]);

/** Null for a name that cannot stand in the address of a ping. */
export function jobRecipe({ host, origin, cron, pingBy }: Job): Recipe | null {
  if (pingBy !== "id" && STEPS.has(host)) return null;
  const place = {
    name: `key/${encodeURIComponent(host)}`,
    id: "PING_ID",
    key: `PING_KEY/${encodeURIComponent(host)}`,
  }[pingBy];
  const url = `${origin}/ping/${place}`;
  const start = `${CURL} ${shellQuote(`${url}/start`)}`;
  const end = `${shellQuote(url)}/$?`;
  return {
    id: "job",
    title: "job",
    hint: "It tells when it begins, and by its exit code how it ended: anything but 0 is a " +
      `failure, and the host is down at once.${HINTS[pingBy]}`,
    blocks: [
      {
        label: "A line for crontab",
        text: `${crontabTimes(cron)} ${cronQuote(`${start}; ${JOB}; ${CURL} ${end}`)}`,
      },
      {
        label: "In a script, with what the job prints",
        text: [
          start,
          `said=$(${JOB} 2>&1)`,
          `printf %s "$said" | ${CURL} --data-binary @- ${end}`,
        ].join("\n"),
      },
    ],
  };
}

/** Five fields that every cron knows; what the host's calendar says beyond that it may not. */
function crontabTimes(cron: string | null): string {
  const isPlain = cron !== null &&
    /^(?:[\d*,/-]|[A-Z]{3})+(?: (?:[\d*,/-]|[A-Z]{3})+){4}$/i.test(cron);
  return isPlain ? cron : NIGHTLY;
}
