/**
 * ping_monitor: round trips to other hosts, and how much gets lost on the way.
 *
 *   {"hosts": {
 *     "gateway": {"rtt_min_ms": 0.2, "rtt_avg_ms": 0.3, "rtt_max_ms": 0.4, "loss_percent": 0},
 *     "nosuch": {"loss_percent": 100, "error": "ping: nosuch: Name or service not known"}}}
 *
 * The system's own `ping` does it, because a program needs privileges to send echo requests itself.
 */

import type { Plugin, PluginType, RunResult, System } from "../plugin.ts";
import { firstLine, listOption, numberOption, type Options, show } from "./option_values.ts";
import { onlyKnown } from "./options.ts";
import { parsePing, parseWindowsPing, type PingResult } from "./ping_output.ts";
import { runWithin } from "./time_limit.ts";

const NAME = "ping_monitor";

/** More hosts than this are a job for another program. */
const MAX_HOSTS = 100;

/** How long an answer may take, seconds. */
const WAIT_S = 2;

/** On top of a second for each packet, for looking up the name and for the last answer. */
const EXTRA_S = 8;

/** A name or an address, perhaps with a zone. What begins with "-" or "/" would be an option. */
const HOST = /^[\p{L}\p{N}_:][\p{L}\p{N}_:.%-]{0,252}$/u;

/** A host that could not be measured counts as lost, so that thresholds see it. */
type HostResult = PingResult & { readonly error?: string };

/**
 * Pings each of `hosts`, `count` times (default 3), for at most `timeout` seconds (by default 8
 * more than there are packets).
 */
export const pingMonitor: PluginType = {
  name: NAME,
  intervalS: 300,
  byDefault: false,
  create(options, system) {
    return Promise.try(() => createPing(options, system));
  },
};

function createPing(options: Options, system: System): Plugin {
  onlyKnown(NAME, options, ["hosts", "count"]);
  const hosts = readHosts(options);
  const count = numberOption(NAME, options, "count", {
    from: 1,
    to: 20,
    byDefault: 3,
    whole: true,
  });
  const byDefault = count + EXTRA_S;
  const limitS = numberOption(NAME, options, "timeout", { from: 0.1, to: 3600, byDefault });
  const pingOf = async (host: string, signal: AbortSignal) =>
    [host, await ping(system, host, { count, limitS }, signal)] as const;
  return {
    name: NAME,
    kind: "monitor",
    async collect(signal) {
      const results = await Promise.all(hosts.map((host) => pingOf(host, signal)));
      return { hosts: Object.fromEntries(results) };
    },
  };
}

function readHosts(options: Options): readonly string[] {
  const hosts = listOption(NAME, options, "hosts", "host names or addresses");
  if (hosts.length > MAX_HOSTS) {
    throw new Error(`${NAME}: "hosts" lists ${hosts.length} hosts; at most ${MAX_HOSTS} are right`);
  }
  for (const host of hosts) {
    if (typeof host === "string" && HOST.test(host)) continue;
    throw new Error(`${NAME}: "hosts" must list host names or addresses, not ${show(host)}`);
  }
  return [...new Set(hosts as readonly string[])];
}

async function ping(
  system: System,
  host: string,
  { count, limitS }: { readonly count: number; readonly limitS: number },
  signal: AbortSignal,
): Promise<HostResult> {
  const argv = pingCommand(system.os, host, count);
  let result: RunResult | null;
  try {
    result = await runWithin(system, argv, limitS, signal);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${NAME}: "${argv[0]}" cannot be run (${reason}); it must be installed`);
  }
  if (result === null) return { loss_percent: 100, error: `No result within ${limitS} s` };
  const parse = system.os === "windows" ? parseWindowsPing : parsePing;
  return parse(result.stdout) ?? { loss_percent: 100, error: reasonOf(result) };
}

/** The command that pings once a second and prints no more than it must. */
function pingCommand(os: System["os"], host: string, count: number): readonly string[] {
  const times = String(count);
  switch (os) {
    case "windows":
      return ["ping", "-n", times, "-w", "1000", host];
    case "darwin":
      // There `ping` knows IPv4 only, counts its waiting time in ms, and `ping6` has none.
      return host.includes(":")
        ? ["ping6", "-n", "-q", "-c", times, host]
        : ["ping", "-n", "-q", "-c", times, "-W", String(WAIT_S * 1000), host];
    default:
      return ["ping", "-n", "-q", "-c", times, "-W", String(WAIT_S), host];
  }
}

function reasonOf({ stdout, stderr, code, signal }: RunResult): string {
  const said = firstLine(stderr) || firstLine(stdout);
  return said || `ping ended ${signal === null ? `with code ${code}` : `by ${signal}`}`;
}
