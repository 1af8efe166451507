/** Which file systems on this machine's disks are mounted, and how: sent once at the start. */

import type { PluginData, PluginType, System } from "../plugin.ts";
import { physicalMounts, readMounts } from "./mounts.ts";
import { known, MAX_ENTRIES } from "./numbers.ts";
import { onlyKnown } from "./options.ts";

const NAME = "filesystem_info";

export const filesystemInfo: PluginType = {
  name: NAME,
  intervalS: 0,
  byDefault: true,
  create(options, system) {
    return Promise.try(() => {
      onlyKnown(NAME, options);
      if (system.os !== "linux" && system.os !== "darwin") return null;
      return { name: NAME, kind: "info", collect: (signal) => collectFilesystems(system, signal) };
    });
  },
};

async function collectFilesystems(system: System, signal: AbortSignal): Promise<PluginData> {
  const mounts = physicalMounts(await readMounts(system, signal), system.os);
  const entries = mounts.slice(0, MAX_ENTRIES).map(({ point, device, type, options }) => {
    return [point, { device, type, options }];
  });
  return known({
    filesystems: Object.fromEntries(entries),
    left_out: mounts.length > MAX_ENTRIES ? mounts.length - MAX_ENTRIES : undefined,
  });
}
