/** The built-in plugins of hbc. */

import type { PluginType } from "../plugin.ts";
import { cpuMonitor } from "./cpu_monitor.ts";
import { diskMonitor } from "./disk_monitor.ts";
import { execPlugin } from "./exec.ts";
import { filesystemInfo } from "./filesystem_info.ts";
import { memoryMonitor } from "./memory_monitor.ts";
import { nagiosRunner } from "./nagios_runner.ts";
import { networkMonitor } from "./network_monitor.ts";
import { osInfo } from "./os_info.ts";
import { pingMonitor } from "./ping_monitor.ts";
import { zfsMonitor } from "./zfs_monitor.ts";

/** All of them, in the order they are started. */
export const PLUGIN_TYPES: readonly PluginType[] = [
  osInfo,
  filesystemInfo,
  cpuMonitor,
  memoryMonitor,
  diskMonitor,
  networkMonitor,
  zfsMonitor,
  pingMonitor,
  nagiosRunner,
  execPlugin,
];
