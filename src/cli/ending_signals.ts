/**
 * Signals that end hbd as it should end: with its state kept, and the terminal as it was. Those that
 * nobody sends on purpose are among them, since without a listener they end it at once, in the
 * middle of a screen.
 */

const EVERYWHERE = ["SIGINT", "SIGTERM", "SIGQUIT"] as const;

/** Not SIGUSR1: the runtime takes that as a wish for its debugger, and goes on. */
const ODD = ["SIGUSR2", "SIGALRM", "SIGVTALRM", "SIGPROF", "SIGXCPU", "SIGABRT"] as const;

/** Calls `end` with the name of each signal that comes. */
export function onEndingSignal(end: (signal: Deno.Signal) => void): void {
  const signals = Deno.build.os === "windows" ? EVERYWHERE : [...EVERYWHERE, ...ODD];
  for (const signal of signals) Deno.addSignalListener(signal, () => end(signal));
}
