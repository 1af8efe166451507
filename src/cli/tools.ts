/** The commands that have a file of their own, in the order of the help. */

import { health } from "./health.ts";
import { backup } from "./backup.ts";
import { restore } from "./restore.ts";
import { replayTool } from "./replay.ts";
import { whatifTool } from "./whatif.ts";
import { importTool } from "./import.ts";
import { unit } from "./unit.ts";
import { exportTool } from "./export.ts";
import type { Tool } from "./tool.ts";

export const TOOLS: readonly Tool[] = [
  replayTool,
  whatifTool,
  health,
  unit,
  backup,
  restore,
  importTool,
  exportTool,
];

/** The command called `name`, or null. */
export function toolOf(name: string): Tool | null {
  return TOOLS.find((tool) => tool.name === name) ?? null;
}
