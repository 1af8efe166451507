/** A payload in one short line: what it says beside the name of its host. */

/** Fields that say who the message is from, which stands above it already. */
const WHO = new Set(["name", "host", "hostname", "device", "appid"]);

const MOST_CHARACTERS = 200;

/** `interval 30 · cpu 12.5`; "beat" for what says nothing more. */
export function payloadWords(payload: unknown): string {
  const text = typeof payload === "string" ? wordsOfText(payload) : wordsOf(payload);
  if (text === "") return "beat";
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}

/** Payloads come as texts, which may be JSON, and may be cut in the middle of it. */
function wordsOfText(text: string): string {
  try {
    return wordsOf(JSON.parse(text));
  } catch {
    return text;
  }
}

function wordsOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return value.length === 0 ? "" : JSON.stringify(value);
  return Object.entries(value).filter(([key]) => !WHO.has(key)).map(([key, inner]) => {
    const isPlain = typeof inner !== "object" || inner === null;
    return `${key} ${isPlain ? String(inner) : JSON.stringify(inner)}`;
  }).join(" · ");
}
