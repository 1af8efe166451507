/**
 * Programs that may hang: a run that is over at the latest when its time is up.
 *
 * `System.run` kills a program when told so, but what the program has started itself may hold its
 * output open for ever. So the answer here does not wait for the dead.
 */

import type { RunResult, System } from "../plugin.ts";

/**
 * Runs `argv` for at most `limitS` seconds. Null: the time was up, or `signal` was aborted, first.
 * Rejects as `System.run` does.
 */
export async function runWithin(
  system: System,
  argv: readonly string[],
  limitS: number,
  signal: AbortSignal,
): Promise<RunResult | null> {
  if (signal.aborted) return null;
  const kill = new AbortController();
  const over = Promise.withResolvers<null>();
  const stop = () => {
    over.resolve(null);
    kill.abort();
  };
  const timer = setTimeout(stop, limitS * 1000);
  signal.addEventListener("abort", stop);
  try {
    return await Promise.race([over.promise, system.run(argv, kill.signal)]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}
