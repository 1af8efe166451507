/**
 * What each network interface sends and receives, in sum since the boot and per second since the
 * previous sample, and how many connections there are.
 */

import type { Plugin, PluginData, PluginType, System } from "../plugin.ts";
import { countConnections } from "./connections.ts";
import {
  type NetCounter,
  type NetCounters,
  parseNetDev,
  parseNetstatInterfaces,
  parseWindowsInterfaces,
  WINDOWS_COMMAND,
} from "./net_counters.ts";
import { known, MAX_ENTRIES, Rates } from "./numbers.ts";
import { namesOption, onlyKnown } from "./options.ts";
import { outputOf, powerShell } from "./outside.ts";

const NAME = "network_monitor";

export const networkMonitor: PluginType = {
  name: NAME,
  intervalS: 300,
  byDefault: true,
  create(options, system) {
    return Promise.try(() => {
      onlyKnown(NAME, options, ["interfaces"]);
      const names = namesOption(NAME, options, "interfaces", "names of network interfaces");
      return new NetworkMonitor(system, names);
    });
  },
};

/** What the plugin does; apart from its type so that a test can give it a clock. */
export class NetworkMonitor implements Plugin {
  readonly name = NAME;
  readonly kind = "monitor";
  readonly #system: System;
  readonly #names: readonly string[] | null;
  readonly #rates: Rates<NetCounter>;

  /** `names` are the interfaces to measure, null for all. */
  constructor(
    system: System,
    names: readonly string[] | null,
    rates: Rates<NetCounter> = new Rates(),
  ) {
    this.#system = system;
    this.#names = names;
    this.#rates = rates;
  }

  async collect(signal: AbortSignal): Promise<PluginData> {
    const counters = await readCounters(this.#system, signal);
    const rate = this.#rates.next(counters);
    const names = this.#names ?? [...counters.keys()];
    const entries = names.slice(0, MAX_ENTRIES).map((name) => [
      name,
      counters.has(name)
        ? known({
          ...counters.get(name),
          sent_per_s: rate(name, "bytes_sent"),
          recv_per_s: rate(name, "bytes_recv"),
        })
        : { error: "There is no such interface" },
    ]);
    return known({
      interfaces: Object.fromEntries(entries),
      left_out: names.length > MAX_ENTRIES ? names.length - MAX_ENTRIES : undefined,
      connections: await countConnections(this.#system, signal),
    });
  }
}

async function readCounters(system: System, signal: AbortSignal): Promise<NetCounters> {
  switch (system.os) {
    case "linux":
      return parseNetDev(await system.readText("/proc/net/dev"));
    case "windows":
      return parseWindowsInterfaces(await powerShell(system, WINDOWS_COMMAND, signal));
    default:
      return parseNetstatInterfaces(await outputOf(system, ["netstat", "-ibdn"], signal));
  }
}
