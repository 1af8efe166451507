/**
 * House rules that the linter does not know: which folder of `src/` may import which, and that the
 * monitor never reaches for a clock, a timer or the system. Prints what breaks them; exit code 1.
 */

import { dirname, join } from "@std/path";

/** What a folder may import beside itself. Files directly in `src/` wire the others together. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  wire: [],
  config: [],
  monitor: ["wire"],
  doors: ["wire"],
  client: ["wire", "config", "version.ts"],
  commands: ["monitor", "wire"],
  dns: ["config", "monitor"],
  notify: ["config", "monitor", "wire"],
  self: ["client", "config", "monitor", "notify", "wire"],
  access: ["config"],
  history: ["monitor", "breathe.ts"],
  journal: ["monitor", "wire"],
  store: ["access", "commands", "dns", "history", "journal", "monitor", "notify"],
  replay: [
    "access",
    "config",
    "journal",
    "monitor",
    "store",
    "web",
    "wire",
    "alert_settings.ts",
    "breathe.ts",
    "watch_settings.ts",
  ],
  logs: ["journal", "monitor", "wire"],
  screen: ["monitor", "wire"],
  web: [
    "access",
    "commands",
    "config",
    "dns",
    "doors",
    "history",
    "journal",
    "monitor",
    "notify",
    "breathe.ts",
    "health.ts",
  ],
  backup: ["journal"],
  export: ["backup", "history", "monitor", "store", "wire"],
  unit: [],
  migrate: [
    "backup",
    "config",
    "history",
    "journal",
    "monitor",
    "store",
    "wire",
    "watch_settings.ts",
  ],
  types: [],
};

const IMPURE = /\bDeno\.|\bDate\.now|\bnew Date\b|\bperformance\.|\bset(?:Timeout|Interval)\b/;

async function* sourceFiles(dir: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(dir)) {
    const path = join(dir, entry.name);
    if (entry.isDirectory) yield* sourceFiles(path);
    else if (path.endsWith(".ts")) yield path;
  }
}

/** The folder of a path below `src`, or its name when it is directly there. */
function roomOf(path: string): string {
  return path.split("/")[1] ?? path;
}

function problemsOf(path: string, text: string): string[] {
  const room = roomOf(path);
  const problems: string[] = [];
  const allowed = ALLOWED[room];
  for (const [, target] of text.matchAll(/\bfrom "(\.[^"]+)"/g)) {
    const file = join(dirname(path), target ?? "");
    const isForeign = file.startsWith("src/") && roomOf(file) !== room;
    if (allowed && isForeign && !allowed.includes(roomOf(file))) {
      problems.push(`${path}: ${room} must not import ${target}`);
    }
  }
  if (room === "monitor") {
    for (const [index, line] of text.split("\n").entries()) {
      if (IMPURE.test(line)) problems.push(`${path}:${index + 1}: the monitor must stay pure`);
    }
  }
  return problems;
}

const problems: string[] = [];
for await (const path of sourceFiles("src")) {
  problems.push(...problemsOf(path, await Deno.readTextFile(path)));
}
for (const problem of problems) {
  // deno-lint-ignore no-console -- a script's output
  console.error(problem);
}
if (problems.length > 0) Deno.exit(1);
