/** hbd with mistakes in it: SIGURG makes one that nobody catches, SIGIO a rejection. */

import { parseCommandLine } from "../../src/cli/args.ts";
import { serve } from "../../src/cli/serve.ts";
import { top } from "../../src/cli/top.ts";

Deno.addSignalListener("SIGURG", () => {
  throw new Error("a mistake of ours");
});
Deno.addSignalListener("SIGIO", () => {
  void Promise.reject(new Error("a rejection of ours"));
});
const command = parseCommandLine(Deno.args);
try {
  if (command.name === "top") await top(command.options);
  else if (command.name === "serve") await serve(command.options, "test");
  Deno.exit(0);
} catch (error) {
  Deno.stderr.writeSync(new TextEncoder().encode(`${error}\n`));
  Deno.exit(1);
}
