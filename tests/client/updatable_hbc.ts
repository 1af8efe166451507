/**
 * An hbc whose executable is a shell script that runs this file, for tests of self-update: a
 * compiled one cannot be made where this is tested. Arguments: the script, the version that it
 * claims to be, the port of the server, a folder for its state. It leaves there its process id and
 * whether it was told that it runs in the background.
 */

import { join } from "@std/path";
import { loadClientConfig } from "../../src/client/config.ts";
import { BACKGROUND } from "../../src/client/detach.ts";
import { startLog } from "../../src/client/log.ts";
import { stay } from "../../src/client/stay.ts";

if (import.meta.main) {
  const [binary = "", version = "", port = "", dir = ""] = Deno.args;
  Deno.writeTextFileSync(join(dir, "pids"), `${Deno.pid}\n`, { append: true });
  const background = Deno.env.get(BACKGROUND) ?? "none";
  Deno.writeTextFileSync(join(dir, "background"), `${background}\n`, { append: true });
  await startLog("stderr", "info");
  const config = await loadClientConfig(null, {
    servers: [`127.0.0.1:${port}`],
    interval: 0.2,
    key: "s3cret",
    boot: true,
    self_update: true,
  }, "kiosk-1");
  await stay({ config, version, stateDir: dir, pluginTypes: [], binary, args: [port, dir] });
  Deno.exit(0);
}
