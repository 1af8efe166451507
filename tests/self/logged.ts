/** What the server logs while a test runs. */

import { configure, type LogRecord, reset } from "@logtape/logtape";

/** The lines logged so far, with all their values in them. */
export interface Logged extends AsyncDisposable {
  /** Those of `level`, the oldest first. */
  lines(level: LogRecord["level"]): readonly string[];
  /** Everything, debug lines included. */
  all(): string;
}

/** Catches what is logged until it is disposed of. */
export async function catchLog(): Promise<Logged> {
  const records: LogRecord[] = [];
  await configure({
    sinks: { memory: (record) => void records.push(record) },
    loggers: [
      { category: ["hbd"], lowestLevel: "debug", sinks: ["memory"] },
      { category: ["logtape", "meta"], lowestLevel: "fatal", sinks: ["memory"] },
    ],
  });
  const line = ({ message }: LogRecord) => message.map(String).join("");
  return {
    lines: (level) => records.filter((record) => record.level === level).map(line),
    all: () => records.map((one) => `${line(one)} ${Deno.inspect(one.properties)}`).join("\n"),
    [Symbol.asyncDispose]: () => reset(),
  };
}
