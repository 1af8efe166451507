/**
 * The server from source, for who works on it: bundles the web app, runs `main.ts` with its state in
 * `./.state`, restarted by Deno when one of its files changes, and bundles anew when something in
 * `static/` does, which a running server takes up by itself. Arguments go to the server. Signals are
 * passed on, and the server ends before this does.
 */

import { join } from "@std/path";
import { bundle, sizesText } from "./bundle.ts";

/** An editor writes several files at once, and each of them several times. */
const TOGETHER_MS = 150;

/** The server is ended by force when it takes longer than this to stop. */
const STOP_MS = 5000;

const root = join(import.meta.dirname ?? "", "..");
const staticDir = join(root, "static");

/** Bundles, and says what came of it; a mistake in a file being edited is no reason to stop. */
async function bundleAndSay(): Promise<void> {
  try {
    say(sizesText(await bundle(staticDir)));
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
  }
}

function say(text: string): void {
  // deno-lint-ignore no-console -- a script's output
  console.error(text);
}

async function bundleOnChange(watcher: Deno.FsWatcher): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running = Promise.resolve();
  for await (const { kind, paths } of watcher) {
    const isOurs = paths.every((path) => path.startsWith(join(staticDir, "dist")));
    if (kind === "access" || isOurs) continue;
    clearTimeout(timer);
    timer = setTimeout(() => running = running.then(bundleAndSay), TOGETHER_MS);
  }
  clearTimeout(timer);
}

await bundleAndSay();
const server = new Deno.Command(Deno.execPath(), {
  args: [
    ...["run", "--watch", "--no-prompt", "-A", "main.ts"],
    ...(Deno.args.includes("--state-dir") ? [] : ["--state-dir", ".state"]),
    ...Deno.args,
  ],
  cwd: root,
  // A group of its own: Ctrl-C would reach it twice otherwise.
  detached: true,
}).spawn();

let force: ReturnType<typeof setTimeout> | undefined;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  Deno.addSignalListener(signal, () => {
    try {
      server.kill(signal);
    } catch {
      // It has ended already.
    }
    if (signal !== "SIGHUP") force ??= setTimeout(() => server.kill("SIGKILL"), STOP_MS);
  });
}

const watcher = Deno.watchFs(staticDir);
const watching = bundleOnChange(watcher);
const { code } = await server.status;
clearTimeout(force);
watcher.close();
await watching;
Deno.exit(code);
