/**
 * Payloads and alerts in a few words, beside the name of their host. The feed tells the beginning
 * of a payload only, so that it may be no JSON any more: then it is shown as it is.
 */

import type { AlertNews } from "./feed_message.ts";
import { isRecord } from "./json_fields.ts";

/** Characters of the payload that the feed tells: where there are as many, there may be more. */
const TOLD = 300;

/** The words of a payload of `host`: `battery=0.8 tags=["a"]`, without what names the host. */
export function wordsOf(payload: string, host: string): string {
  const value = parsed(payload);
  if (!isRecord(value)) return payload.length < TOLD ? payload : `${payload}…`;
  if (typeof value._raw === "string") return value._raw;
  // What the signal of a job says is not said twice.
  const isJob = typeof value.signal === "string" && typeof value.ID === "string";
  const isNoise = (name: string, one: unknown): boolean =>
    one === host || (name === "ID" && (isJob || one === "HTB")) || (isJob && one === "");
  return Object.entries(value)
    .filter(([name, one]) => !isNoise(name, one))
    .sort(([a], [b]) => Number(isJob && b === "signal") - Number(isJob && a === "signal"))
    .map(([name, one]) => `${name}=${typeof one === "string" ? one : JSON.stringify(one)}`)
    .join(" ");
}

/** What an alert is about, without its host; of all but a silent host also how bad it is. */
export function alertWords(alert: AlertNews): string {
  const about = aboutOf(alert);
  return alert.kind === "down" ? about : `${about} (${alert.level})`;
}

/** What is said when an alert is over. */
export function recoveryWords(alert: AlertNews): string {
  return alert.kind === "down" ? aboutOf(alert) : `Over: ${aboutOf(alert)}`;
}

function aboutOf({ host, text }: AlertNews): string {
  const about = text.startsWith(`${host} - `) ? text.slice(host.length + 3) : text;
  return sentence(about);
}

/** A text that begins with a capital letter. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function parsed(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return null;
  }
}
