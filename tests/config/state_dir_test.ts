import { assertEquals, assertThrows } from "@std/assert";
import { defaultStateDir } from "../../src/config/state_dir.ts";

type Env = Readonly<Record<string, string>>;

const places: readonly (readonly [string, typeof Deno.build.os, Env, string])[] = [
  [
    "Linux keeps state where XDG says",
    "linux",
    { XDG_STATE_HOME: "/s/", HOME: "/home/ann" },
    "/s/heartbeat",
  ],
  [
    "Linux without XDG uses ~/.local/state",
    "linux",
    { HOME: "/home/ann" },
    "/home/ann/.local/state/heartbeat",
  ],
  [
    "a relative XDG folder is ignored",
    "linux",
    { XDG_STATE_HOME: "s", HOME: "/home/ann/" },
    "/home/ann/.local/state/heartbeat",
  ],
  ["an empty XDG folder is ignored", "freebsd", {
    XDG_STATE_HOME: "",
    HOME: "/h",
  }, "/h/.local/state/heartbeat"],
  ["XDG needs no HOME", "linux", { XDG_STATE_HOME: "/" }, "/heartbeat"],
  [
    "macOS uses Application Support",
    "darwin",
    { HOME: "/Users/ann", XDG_STATE_HOME: "/s" },
    "/Users/ann/Library/Application Support/Heartbeat",
  ],
  [
    "Windows uses LOCALAPPDATA",
    "windows",
    { LOCALAPPDATA: "C:\\Users\\ann\\AppData\\Local\\" },
    "C:\\Users\\ann\\AppData\\Local\\Heartbeat",
  ],
];
for (const [title, os, env, folder] of places) {
  Deno.test(title, () => assertEquals(defaultStateDir(os, (name) => env[name]), folder));
}

for (
  const [os, variable] of [["linux", "HOME"], ["darwin", "HOME"], [
    "windows",
    "LOCALAPPDATA",
  ]] as const
) {
  Deno.test(`on ${os} a missing ${variable} is named together with --state-dir`, () => {
    for (const value of [undefined, ""]) {
      const { message } = assertThrows(() => defaultStateDir(os, () => value), Error, variable);
      assertEquals(message.includes("--state-dir"), true);
    }
  });
}
