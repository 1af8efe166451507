/**
 * The settings of a host as texts in a form, and back as a change for the API: only what is not as
 * it was, null for what is left empty (back to what the configuration says). Pure.
 */

import type { HostSettings } from "./types.ts";

/** Fields that are texts; `watch` is a check box. */
export const TEXT_FIELDS = ["interval", "grace", "tolerance", "group", "notify"] as const;
export type TextField = (typeof TEXT_FIELDS)[number];

export type Fields = Readonly<Record<TextField, string>> & { readonly watch: boolean };

/** What the form shows at first. */
export function fieldsOf(settings: HostSettings): Fields {
  const text = (value: unknown) => value === null || value === undefined ? "" : String(value);
  return {
    interval: text(settings.interval),
    grace: text(settings.grace),
    tolerance: text(settings.tolerance),
    group: text(settings.group),
    notify: (settings.notify ?? []).join(", "),
    watch: settings.watch,
  };
}

/** What changed from `before` to `after`; empty when nothing did. */
export function changeOf(before: Fields, after: Fields): Readonly<Record<string, unknown>> {
  const change: Record<string, unknown> = {};
  for (const field of TEXT_FIELDS) {
    const text = after[field].trim();
    if (text === before[field]) continue;
    change[field] = text === "" ? null : valueOf(field, text);
  }
  if (after.watch !== before.watch) change.watch = after.watch;
  return change;
}

/** `a, b` as a list, without what is empty. */
export function namesOf(text: string): readonly string[] {
  return text.split(",").map((name) => name.trim()).filter((name) => name !== "");
}

/** What is no number is sent as it is: the server says what would be right. */
function valueOf(field: TextField, text: string): unknown {
  if (field === "group") return text;
  if (field === "notify") return namesOf(text);
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
}
