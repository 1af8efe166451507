/** hbd: the command line and the exit code. Everything else is in `src/`. */

import { parseCommandLine, USAGE } from "./src/cli/args.ts";
import { Cancelled, PasswordError } from "./src/cli/ask_password.ts";
import { check } from "./src/cli/check.ts";
import { passwd } from "./src/cli/passwd.ts";
import { testChannel } from "./src/cli/test_channel.ts";
import { top, TopError } from "./src/cli/top.ts";
import { serve, StartError } from "./src/cli/serve.ts";
import { ToolError } from "./src/cli/tool.ts";
import { writeAll } from "./src/cli/write_all.ts";
import { UsageError } from "./src/config/command_line.ts";
import { ConfigError } from "./src/config/load.ts";
import { SendError } from "./src/notify/channel.ts";
import { printable } from "./src/screen/printable.ts";
import { VERSION, versionLine } from "./src/version.ts";

/** Runs the command that `args` ask for. Returns the exit code: 1 failed, 2 bad arguments. */
async function main(args: readonly string[]): Promise<number> {
  try {
    const command = parseCommandLine(args);
    switch (command.name) {
      case "help":
        writeAll(Deno.stdout, USAGE);
        return 0;
      case "version":
        writeAll(Deno.stdout, versionLine("hbd"));
        return 0;
      case "check":
        await check(command.configFile, (text) => writeAll(Deno.stdout, text));
        return 0;
      case "notify-test":
        await testChannel(
          command.channel,
          command.configFile,
          (text) => writeAll(Deno.stdout, text),
        );
        return 0;
      case "passwd":
        await passwd(command.options, (text) => writeAll(Deno.stdout, text));
        return 0;
      case "tool":
        return await command.tool.run(command.line, {
          out: (text) => writeAll(Deno.stdout, text),
          note: (text) => writeAll(Deno.stderr, text),
        });
      case "serve":
        await serve(command.options, VERSION);
        return 0;
      case "top":
        await top(command.options);
        return 0;
    }
  } catch (error) {
    if (error instanceof UsageError) {
      writeAll(
        Deno.stderr,
        `hbd: ${printable(error.message)}\nAll commands and options: hbd --help\n`,
      );
      return 2;
    }
    if (error instanceof Cancelled) {
      writeAll(Deno.stderr, "hbd: cancelled, nothing was changed\n");
      return 130; // As a shell has it for Ctrl-C.
    }
    const isPlain = error instanceof ConfigError || error instanceof StartError ||
      error instanceof SendError || error instanceof PasswordError || error instanceof TopError ||
      error instanceof ToolError;
    if (isPlain) {
      writeAll(Deno.stderr, `hbd: ${printable(error.message)}\n`);
      return 1;
    }
    writeAll(Deno.stderr, `hbd: ${error instanceof Error ? error.stack : error}\n`);
    return 1;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
