/**
 * What the viewer has chosen, kept in this browser: the theme, and whether a host that goes down is
 * heard or notified of. All of it is off, or the system's, until somebody chooses.
 */

import { signal } from "@preact/signals";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

/** Things that can be switched on. */
export type Switch = "sound" | "notify";

const switches = {
  sound: signal(read("sound") === "on"),
  notify: signal(read("notify") === "on"),
};

export const theme = signal<Theme>(THEMES.find((one) => one === read("theme")) ?? "system");

/** Whether `name` is switched on. */
export function isOn(name: Switch): boolean {
  return switches[name].value;
}

/** Switches `name`. A notification of the browser needs its leave, which is asked for here. */
export async function setSwitch(name: Switch, on: boolean): Promise<void> {
  if (name === "notify" && on && "Notification" in globalThis) {
    if (await Notification.requestPermission() !== "granted") return;
  }
  switches[name].value = on;
  write(name, on ? "on" : "off");
}

/** Takes the theme; the script in the head does the same before the first paint. */
export function setTheme(wanted: Theme): void {
  theme.value = wanted;
  write("theme", wanted);
  if (wanted === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = wanted;
}

// Storage may be switched off; then a choice lasts as long as the page.
function read(name: string): string | null {
  try {
    return localStorage.getItem(`heartbeat.${name}`);
  } catch {
    return null;
  }
}

function write(name: string, value: string): void {
  try {
    localStorage.setItem(`heartbeat.${name}`, value);
  } catch {
    // See above.
  }
}
