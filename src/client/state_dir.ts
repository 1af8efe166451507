/**
 * Where the client keeps what must outlive it (the spool, the commands it has run) when nobody
 * says: the platform's own place for application state. Pure, so that every platform is tested on
 * every other. Creates nothing.
 */

/** The folder, or null where the environment does not tell a place. */
export function defaultSpoolDir(
  os: typeof Deno.build.os,
  env: (name: string) => string | undefined,
): string | null {
  const home = env("HOME")?.replace(/\/+$/, "");
  switch (os) {
    case "windows": {
      const local = env("LOCALAPPDATA")?.replace(/[/\\]+$/, "");
      return local ? `${local}\\Heartbeat\\hbc` : null;
    }
    case "darwin":
      return home ? `${home}/Library/Application Support/Heartbeat/hbc` : null;
    default: {
      const xdg = env("XDG_STATE_HOME") ?? "";
      // The XDG specification has relative paths ignored.
      if (xdg.startsWith("/")) return `${xdg.replace(/\/+$/, "")}/heartbeat/hbc`;
      return home ? `${home}/.local/state/heartbeat/hbc` : null;
    }
  }
}

/** The part of the folder for one host name: clients of different names do not mix. */
export function folderOf(name: string): string {
  const safe = encodeURIComponent(name.toWellFormed()).replaceAll(
    /[.*]/g,
    (c) => `%${c.charCodeAt(0).toString(16)}`,
  );
  return safe.length <= 200 ? safe : safe.slice(0, 200);
}
