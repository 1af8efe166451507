/** The commands that have a file of their own, in the order of the help. */

import type { Tool } from "./tool.ts";

export const TOOLS: readonly Tool[] = [];

/** The command called `name`, or null. */
export function toolOf(name: string): Tool | null {
  return TOOLS.find((tool) => tool.name === name) ?? null;
}
