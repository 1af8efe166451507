/** Fields of JSON from elsewhere, each as what it should be: what is something else counts as none. */

/** A JSON object. */
export type Raw = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is Raw {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A number; 0 for anything else. */
export function number(value: unknown): number {
  return numberOrNull(value) ?? 0;
}

export function numberOrNull(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** A text of at most `limit` characters; empty for anything else. */
export function text(value: unknown, limit: number): string {
  return typeof value === "string" ? value.slice(0, limit) : "";
}

export function textOrNull(value: unknown, limit: number): string | null {
  return typeof value === "string" ? text(value, limit) : null;
}
