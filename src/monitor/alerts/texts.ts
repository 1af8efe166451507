/** What people are told, in one line. The forms are those of the daemon that this server replaces. */

import type { Level } from "../level.ts";
import type { AlertRecord, SilenceEvidence } from "./record.ts";

/** A duration to read: `12.3s`, `5m 3s`, `2h 5m`, `3d 4h`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 60) return `${Math.round(seconds * 10) / 10}s`;
  const whole = Math.round(seconds);
  const [days, hours] = [Math.floor(whole / 86_400), Math.floor(whole / 3600) % 24];
  const [minutes, rest] = [Math.floor(whole / 60) % 60, whole % 60];
  if (days > 0) return `${days}d ${hours}h`;
  if (hours > 0) return `${hours}h ${minutes}m`;
  return rest === 0 ? `${minutes}m` : `${minutes}m ${rest}s`;
}

/**
 * `web1 - no heartbeat for 12.3s (expected every 10s, 2s grace)`, and of a host that beats by a
 * calendar `backup - no heartbeat for 1d 0h (due 20m ago)`.
 */
export function silenceText(host: string, silence: SilenceEvidence): string {
  const { silenceMs, intervalMs, graceMs, dueMs, lookedMs } = silence;
  if (dueMs !== undefined) {
    const due = duration(lookedMs - dueMs);
    return `${host} - no heartbeat for ${duration(silenceMs)} (due ${due} ago)`;
  }
  const expected = intervalMs === null
    ? ""
    : ` (expected every ${duration(intervalMs)}, ${duration(graceMs ?? 0)} grace)`;
  return `${host} - no heartbeat for ${duration(silenceMs)}${expected}`;
}

/** `CRITICAL: web1 - …`. */
export function alertText({ level, text }: AlertRecord): string {
  return `${level}: ${text}`;
}

/** `REMINDER (CRITICAL): web1 - … (ongoing for 3600s)`. */
export function reminderText({ level, text, sinceMs }: AlertRecord, nowMs: number): string {
  return `REMINDER (${level}): ${text} (ongoing for ${Math.round((nowMs - sinceMs) / 1000)}s)`;
}

/** `RECOVERED: web1 - … = 75.0 (WARNING -> OK)`. */
export function recoveredText(text: string, from: Level): string {
  return `RECOVERED: ${text} (${from} -> OK)`;
}

/** Names in one line: all of a few, the first of many. */
export function listed(names: readonly string[], total: number): string {
  const more = total - names.length;
  return names.join(", ") + (more > 0 ? ` and ${more} more` : "");
}
