/**
 * Where the server keeps its state when nobody says: the platform's own place for application
 * state. Pure, so that every platform is tested on every other; paths are therefore joined with the
 * separator of the platform asked about, not of the one running. Creates nothing.
 */

/**
 * Names the folder for the server's state: XDG on Linux and other unixes, Application Support on
 * macOS, LOCALAPPDATA on Windows.
 *
 * @throws {Error} when the environment variable that the platform's rule needs is not set
 */
export function defaultStateDir(
  os: typeof Deno.build.os,
  env: (name: string) => string | undefined,
): string {
  switch (os) {
    case "windows":
      return `${required("LOCALAPPDATA", env)}\\Heartbeat`;
    case "darwin":
      return `${required("HOME", env)}/Library/Application Support/Heartbeat`;
    default: {
      const xdg = env("XDG_STATE_HOME") ?? "";
      // The XDG specification has relative paths ignored.
      const base = xdg.startsWith("/") ? xdg : `${required("HOME", env)}/.local/state`;
      return `${base.replace(/\/+$/, "")}/heartbeat`;
    }
  }
}

function required(name: string, env: (name: string) => string | undefined): string {
  const value = env(name);
  if (value) return value.replace(/[/\\]+$/, "");
  throw new Error(
    `Cannot tell where to keep the state as the variable ${name} is not set: ` +
      "name a folder with --state-dir DIR",
  );
}
