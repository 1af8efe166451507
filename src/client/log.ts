/**
 * The client's own log: to standard error, or to the system's log when it runs in the background.
 *
 * The system's log is reached through `logger`, which every unix has: it knows the socket, the
 * journal of systemd or the log of macOS, whichever there is. Windows has none of these; there a
 * client in the background logs nothing.
 */

import {
  configure,
  getTextFormatter,
  type LogLevel,
  type LogRecord,
  type Sink,
} from "@logtape/logtape";

/** Where the log goes. */
export type LogTarget = "stderr" | "syslog";

/** Lines that wait for `logger`; what comes on top of them is dropped. */
const MAX_WAITING = 100;

/** Starts logging from `level` on: `info` is changes of state, `debug` each message. */
export async function startLog(target: LogTarget, level: LogLevel): Promise<void> {
  const sink = target === "stderr" ? stderrSink() : syslogSink();
  await configure({
    sinks: { out: sink },
    loggers: [
      { category: "hbc", sinks: ["out"], lowestLevel: level },
      {
        category: ["logtape", "meta"],
        sinks: ["out"],
        lowestLevel: level === "error" ? "error" : "warning",
      },
    ],
    reset: true,
  });
}

const showValue = (value: unknown): string =>
  typeof value === "string" ? value : Deno.inspect(value);

function stderrSink(): Sink {
  const encoder = new TextEncoder();
  const format = getTextFormatter({ timestamp: "time", category: "·", value: showValue });
  return (record: LogRecord) => {
    try {
      Deno.stderr.writeSync(encoder.encode(format(record)));
    } catch {
      // Standard error is closed: nobody reads the log.
    }
  };
}

/** The priorities of syslog (RFC 5424) for LogTape's levels. */
const PRIORITIES: Readonly<Record<LogLevel, string>> = {
  trace: "debug",
  debug: "debug",
  info: "info",
  warning: "warning",
  error: "err",
  fatal: "crit",
};

function syslogSink(): Sink {
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  return ({ level, message }: LogRecord) => {
    if (Deno.build.os === "windows" || waiting >= MAX_WAITING) return;
    const text = message.map((part, i) => i % 2 === 0 ? String(part) : showValue(part)).join("");
    waiting += 1;
    last = last.then(() => toSyslog(PRIORITIES[level], text)).finally(() => waiting -= 1);
  };
}

/** One line to the system's log. Never rejects: there is nobody to tell. */
async function toSyslog(priority: string, text: string): Promise<void> {
  try {
    const { status } = new Deno.Command("logger", {
      args: ["-t", "hbc", "-p", `daemon.${priority}`, "--", text],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    await status;
  } catch {
    // There is no `logger`.
  }
}
