/** hbc: the command line and the exit code. What a run does is in the other files. */

import { join } from "@std/path";
import { ConfigError } from "../config/yaml_file.ts";
import { UsageError } from "../config/command_line.ts";
import { VERSION, versionLine } from "../version.ts";
import { parseArgs, type RunOptions, USAGE } from "./args.ts";
import { type ClientConfig, findConfigFile, loadClientConfig } from "./config.ts";
import { BACKGROUND, startCopy } from "./detach.ts";
import { startLog } from "./log.ts";
import { printRound, sendOnce } from "./one_shot.ts";
import { PLUGIN_TYPES } from "./plugins/mod.ts";
import { stay } from "./stay.ts";
import { defaultSpoolDir, folderOf } from "./state_dir.ts";

/** Runs what `args` ask for. Returns the exit code: 0 done, 1 failed, 2 bad arguments. */
async function main(args: readonly string[]): Promise<number> {
  try {
    const command = parseArgs(args);
    switch (command.name) {
      case "help":
        write(Deno.stdout, USAGE);
        return 0;
      case "version":
        write(Deno.stdout, versionLine("hbc"));
        return 0;
      case "run":
        return await run(command.options, args);
    }
  } catch (error) {
    if (error instanceof UsageError) {
      write(Deno.stderr, `hbc: ${error.message}\n\n${USAGE}`);
      return 2;
    }
    const isClear = error instanceof ConfigError;
    const text = error instanceof Error ? (isClear ? error.message : error.stack) : String(error);
    write(Deno.stderr, `hbc: ${text}\n`);
    return 1;
  }
}

async function run(options: RunOptions, args: readonly string[]): Promise<number> {
  const { task, overrides, verbose, print, background } = options;
  const file = options.configFile ??
    await findConfigFile(Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE"));
  const config = await loadClientConfig(file, overrides, Deno.hostname());
  const version = VERSION;
  const isCopy = Deno.env.get(BACKGROUND) !== undefined;
  if (print) {
    await startLog("stderr", verbose ? "debug" : "error");
    const show = (line: string): void => write(Deno.stdout, `${line}\n`);
    await printRound(task, config, version, PLUGIN_TYPES, show);
    return 0;
  }
  if (task.kind !== "beat") {
    await startLog("stderr", verbose ? "debug" : "error");
    const failure = await sendOnce(task, config, version, stateDirOf(config));
    if (failure === null) return 0;
    write(Deno.stderr, `hbc: ${failure}\n`);
    return 1;
  }
  if (background && !isCopy) {
    const pid = startCopy(args, import.meta.url);
    write(Deno.stdout, `hbc runs in the background as process ${pid}\n`);
    return 0;
  }
  await startLog(isCopy ? "syslog" : "stderr", verbose ? "debug" : "info");
  const binary = Deno.build.standalone ? Deno.execPath() : null;
  const stateDir = stateDirOf(config);
  await stay({ config, version, stateDir, pluginTypes: PLUGIN_TYPES, binary, args });
  return 0;
}

/** The folder for what this host keeps; null where there is no place for it. */
function stateDirOf({ spoolDir, name }: ClientConfig): string | null {
  const base = spoolDir ?? defaultSpoolDir(Deno.build.os, (key) => Deno.env.get(key));
  return base === null ? null : join(base, folderOf(name));
}

function write(to: { writeSync(bytes: Uint8Array): number }, text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let done = 0; done < bytes.length;) done += to.writeSync(bytes.subarray(done));
}

if (import.meta.main) Deno.exit(await main(Deno.args));
