/**
 * desktop: a notification on the screen of whoever runs the server, and nothing where there is no
 * screen. What hosts say is handed over as arguments, and never becomes a part of a script.
 */

import type { Channel, Notification } from "../channel.ts";
import { ProgramMissing, runProgram } from "./program.ts";
import { clean, fit, isUrgent, oneLine } from "./text.ts";

const MAX_TITLE = 100;
const MAX_BODY = 1000;

const NOTHING = "no desktop here";

/** AppleScript; the first item of `argv` is a word of our own. */
const SCRIPT: readonly string[] = [
  "on run argv",
  'display notification (item 3 of argv) with title (item 2 of argv) sound name "Basso"',
  "end run",
];

/** Any of these says that there is a session to show it in. */
const SESSIONS: readonly string[] = ["DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS"];

/** Notification bodies may have markup, so theirs is none. */
const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  // notify-send reads `\n` and the like in the body.
  "\\": "\\\\",
};

/** The desktop that a channel is for. */
export interface Desktop {
  readonly os: typeof Deno.build.os;
  /** A variable of the environment. */
  readonly env: (name: string) => string | undefined;
  /** The programs that show a notification. */
  readonly notifySend: string;
  readonly osascript: string;
}

const REAL: Desktop = {
  os: Deno.build.os,
  env: (name) => Deno.env.get(name),
  notifySend: "notify-send",
  osascript: "/usr/bin/osascript",
};

/** A channel to the screen of this machine. */
export function desktop(on: Desktop = REAL): Channel {
  return {
    async send(notification, signal) {
      const argv = argvOf(notification, on);
      if (argv === null) return NOTHING;
      const name = on.os === "darwin" ? "osascript" : "notify-send";
      try {
        await runProgram({ name, argv }, signal);
      } catch (error) {
        if (error instanceof ProgramMissing) return `${NOTHING}: there is no program ${name}`;
        throw error;
      }
      return "shown";
    },
  };
}

function argvOf(notification: Notification, on: Desktop): readonly string[] | null {
  const title = oneLine(notification.title) || "-";
  const body = clean(notification.body).trim();
  if (on.os === "darwin") {
    const script = SCRIPT.flatMap((line) => ["-e", line]);
    // The word in front is no option, so what follows is none either, whatever it begins with.
    const texts = [fit(title, { limit: MAX_TITLE }), fit(body, { limit: MAX_BODY })];
    return [on.osascript, ...script, "heartbeat", ...texts];
  }
  const isShown = SESSIONS.some((name) => (on.env(name) ?? "") !== "");
  if (on.os !== "linux" || !isShown) return null;
  const urgency = isUrgent(notification) ? "critical" : "normal";
  const escape = (character: string) => ENTITIES[character] ?? character;
  return [
    ...[on.notifySend, "--app-name=Heartbeat", `--urgency=${urgency}`, "--"],
    ...[fit(title, { limit: MAX_TITLE }), fit(body, { limit: MAX_BODY, escape })],
  ];
}
