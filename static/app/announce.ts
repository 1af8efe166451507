/**
 * Says what happened to those who do not see it: a polite live region for screen readers, and, only
 * where somebody asked for it, a sound and a notification of the browser.
 */

import { signal } from "@preact/signals";
import { isOn } from "./preferences.ts";
import { plural } from "./format.ts";
import type { Alert, Host, State } from "./types.ts";

/** What is put into the live region; it says the last change. */
export const announcement = signal("");

/** Changes of a moment are said together: a mass outage must not be read out for an hour. */
const TOGETHER_MS = 1500;

/** Names read out one by one. */
const NAMED = 3;

const pending = { down: new Set<string>(), up: new Set<string>(), alerts: 0 };
let timer: ReturnType<typeof setTimeout> | null = null;

/** Notes that `host`, which was `before`, may have changed its state. */
export function announceState(before: State | undefined, { name, state }: Host): void {
  if (before === state || before === undefined) return;
  if (state === "down") note(pending.down, pending.up, name);
  else if (before === "down" && state === "up") note(pending.up, pending.down, name);
}

/** Notes alerts that have begun; those of hosts that are down are said already. */
export function announceAlerts(begun: readonly Alert[]): void {
  const others = begun.filter(({ kind, ended }) => kind !== "down" && ended === null).length;
  if (others === 0) return;
  pending.alerts += others;
  timer ??= setTimeout(say, TOGETHER_MS);
}

function note(here: Set<string>, there: Set<string>, name: string): void {
  here.add(name);
  there.delete(name);
  timer ??= setTimeout(say, TOGETHER_MS);
}

function say(): void {
  timer = null;
  const { down, up } = pending;
  const parts = [
    down.size > 0 ? `${named(down)} ${down.size === 1 ? "is" : "are"} down` : "",
    up.size > 0 ? `${named(up)} ${up.size === 1 ? "is" : "are"} up again` : "",
    pending.alerts > 0 ? plural(pending.alerts, "new alert") : "",
  ].filter((part) => part !== "");
  const text = `${parts.join(". ")}.`;
  if (down.size > 0) alarm(text);
  down.clear();
  up.clear();
  pending.alerts = 0;
  announcement.value = text;
}

function named(names: ReadonlySet<string>): string {
  return names.size > NAMED ? plural(names.size, "host") : [...names].join(", ");
}

function alarm(text: string): void {
  if (isOn("sound")) beep();
  if (!isOn("notify") || !("Notification" in globalThis)) return;
  if (Notification.permission === "granted") {
    new Notification("Heartbeat", { body: text, tag: "heartbeat-down" });
  }
}

/** Two short tones, the second lower. */
function beep(): void {
  const audio = new AudioContext();
  const [first, second] = [audio.currentTime, audio.currentTime + 0.22];
  for (const [at, frequency] of [[first, 660], [second, 440]] as const) {
    const [tone, volume] = [audio.createOscillator(), audio.createGain()];
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0.15, at);
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.2);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.2);
  }
  setTimeout(() => void audio.close(), 800);
}
