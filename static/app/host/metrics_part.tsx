/** What the plugins of a host measure, grouped by plugin. */

import { useState } from "preact/hooks";
import { PluginGroup } from "./plugin_group.tsx";
import type { PluginList, Thresholds } from "./types.ts";

/** Plugins that tell what a machine is, once; they come last. */
const INFO: ReadonlySet<string> = new Set(["os_info", "filesystem_info"]);

/** So many groups are open from the start. */
const OPEN = 6;

interface Props {
  readonly host: string;
  readonly plugins: PluginList;
  readonly thresholds: Thresholds;
}

export function MetricsPart({ host, plugins: { plugins }, thresholds }: Props) {
  const names = Object.keys(plugins).sort((a, b) =>
    Number(INFO.has(a)) - Number(INFO.has(b)) || (a < b ? -1 : 1)
  );
  // Those that come later must not close what is open.
  const [open] = useState(() => new Set(names.filter((name) => !INFO.has(name)).slice(0, OPEN)));
  if (names.length === 0) return null;
  return (
    <section class="host-part" aria-label="Measured">
      <h2>Measured</h2>
      {names.map((name) => (
        <PluginGroup
          key={name}
          host={host}
          plugin={name}
          newest={plugins[name]?.timestamp ?? 0}
          thresholds={thresholds[name]}
          isOpen={open.has(name)}
        />
      ))}
    </section>
  );
}
