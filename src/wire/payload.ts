/** Bodies as payloads: JSON as it is, nothing as `{}`, anything else as `{"_raw": text}`. */

/** A body, read. */
export interface ParsedPayload {
  readonly payload: unknown;
  /** `payload` as JSON on a single line. */
  readonly payloadText: string;
  /** The body was not JSON. */
  readonly parseError: boolean;
}

/** Reads the text of a body. Never throws. */
export function parsePayload(text: string): ParsedPayload {
  if (text === "") return { payload: {}, payloadText: "{}", parseError: false };
  try {
    const payload: unknown = JSON.parse(text);
    return { payload, payloadText: onOneLine(payload, text), parseError: false };
  } catch {
    return rawPayload(text);
  }
}

/** The payload of a text that is not JSON. */
export function rawPayload(text: string): ParsedPayload {
  const payload = { _raw: text };
  return { payload, payloadText: JSON.stringify(payload), parseError: true };
}

/** `payload`, whose JSON is `text`, on one line. */
export function onOneLine(payload: unknown, text: string): string {
  if (!text.includes("\n") && !text.includes("\r")) return text;
  try {
    return JSON.stringify(payload);
  } catch {
    // Nested too deeply. A line end stands between two tokens, where a space means the same.
    return text.replace(/[\r\n]+/g, " ");
  }
}
