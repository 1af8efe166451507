/** A payload in one short line: what it says beside the name of its host. */

/** Fields that say who the message is from, which stands above it already. */
const WHO = new Set(["name", "host", "hostname", "device", "appid"]);

/** Fields by which programs tell messages apart, in messages of a type. */
const MARKS = new Set(["ID", "boot_id", "seq", "time", "user_agent"]);

/** What types of messages say of themselves; a beat says nothing. */
const TYPES: Readonly<Record<string, string>> = {
  HTB: "",
  START: "began",
  FAIL: "failed",
  MSG: "note",
  PLG: "measured",
  BOOT: "booted",
  SHUTDOWN: "said goodbye",
  RES: "answered a command",
};

const MOST_CHARACTERS = 200;

/** What a field may take of a message of a type: an output of a program is long. */
const MOST_OF_A_FIELD = 80;

/** Ids are long: their beginning tells them apart. */
const MOST_OF_AN_ID = 8;

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
    // A message of a type: what can be read of it says more than its beginning.
    return text.startsWith('{"ID":') ? wordsOf(beginningOf(text) ?? text) : text;
  }
}

function wordsOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return value.length === 0 ? "" : JSON.stringify(value);
  const { ID: type } = value as { readonly ID?: unknown };
  const word = typeof type === "string" ? TYPES[type] : undefined;
  if (word !== undefined) return wordsOfType(word, Object.entries(value));
  return Object.entries(value).filter(([key]) => !WHO.has(key))
    .map(([key, inner]) => `${key} ${plain(inner)}`).join(" · ");
}

/** `success · body 42 files`, `failed: exit code 3: disk full`. */
function wordsOfType(word: string, entries: readonly (readonly [string, unknown])[]): string {
  const fields = new Map(entries.filter(([key]) => !WHO.has(key) && !MARKS.has(key)));
  const { message, signal } = Object.fromEntries(fields);
  const isSaid = typeof message === "string";
  // A beat is what its client calls it; what the message says is not said twice.
  const own = word === "" && typeof signal === "string" && signal !== "exit" ? signal : word;
  const begin = [own, isSaid ? oneLine(message) : ""].filter((part) => part !== "").join(": ");
  for (const key of ["signal", ...isSaid ? ["message", "body", "exit"] : []]) fields.delete(key);
  const rest = [...fields].flatMap(([key, inner]) => {
    const text = oneLine(plain(inner), key === "run" ? MOST_OF_AN_ID : MOST_OF_A_FIELD);
    const isTwice = isSaid && plain(inner) === message;
    return text === "" || isTwice ? [] : [`${key} ${text}`];
  });
  return [begin, ...rest].filter((part) => part !== "").join(" · ");
}

function plain(value: unknown): string {
  return typeof value !== "object" || value === null ? String(value) : JSON.stringify(value);
}

function oneLine(text: string, most = Infinity): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > most ? `${line.slice(0, most)}…` : line;
}

/** The object of which `text` is the beginning, as far as it can be read, or null. */
function beginningOf(text: string): unknown {
  // Cut within a text, or within whatever else: then the last field is given up.
  const lastComma = text.lastIndexOf(',"');
  const ends = [
    `${text.replace(/\\u?[0-9a-f]{0,3}$/i, "")}…"}`,
    `${text}}`,
    ...lastComma > 0 ? [`${text.slice(0, lastComma)}}`] : [],
  ];
  for (const end of ends) {
    try {
      return JSON.parse(end);
    } catch {
      // Another end may fit.
    }
  }
  return null;
}
