/**
 * What NRDP answers: the same few fields as XML or as JSON, always with HTTP status 200. Clients
 * look at `status` alone: 0, or -1 when something went wrong.
 *
 *   <?xml version="1.0" encoding="utf-8"?>
 *   <result>
 *       <status>0</status>
 *       <message>OK</message>
 *       <meta>
 *           <output>1 checks processed</output>
 *       </meta>
 *   </result>
 */

/** Fields by name, as they are nested. */
export interface NrdpFields {
  readonly [name: string]: string | number | NrdpFields;
}

/** How a client wants to be answered: as it has sent its data. */
export interface NrdpForm {
  readonly format: "xml" | "json";
  /** JSON on many lines. */
  readonly isPretty: boolean;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "<": "&lt;",
  ">": "&gt;",
  "&": "&amp;",
  '"': "&quot;",
  "'": "&apos;",
};

const INDENT = 4;

/** An answer. Nothing on its way is to keep it, or to compress it for the sake of a few bytes. */
export function nrdpAnswer(fields: NrdpFields, { format, isPretty }: NrdpForm): Response {
  const isJson = format === "json";
  const text = isJson
    ? JSON.stringify(fields, null, isPretty ? INDENT : 0)
    : `<?xml version="1.0" encoding="utf-8"?>\n${xmlOf(fields, "")}`;
  const type = isJson ? "application/json" : "text/xml;charset=UTF-8";
  return new Response(text, {
    headers: { "content-type": type, "cache-control": "no-store, no-transform" },
  });
}

/** The answer to what went wrong, in NRDP's own words; `information` says more, for people. */
export function nrdpError(message: string, information: string, form: NrdpForm): Response {
  const more = information === "" ? {} : { information };
  return nrdpAnswer({ result: { status: -1, message, ...more } }, form);
}

function xmlOf(fields: NrdpFields, indent: string): string {
  let xml = "";
  for (const [name, value] of Object.entries(fields)) {
    const inner = typeof value === "object"
      ? `\n${xmlOf(value, indent + " ".repeat(INDENT))}${indent}`
      : escaped(String(value));
    xml += `${indent}<${name}>${inner}</${name}>\n`;
  }
  return xml;
}

/** Without the control characters that XML cannot hold at all. */
function escaped(text: string): string {
  return text.toWellFormed().replace(/\p{Cc}/gu, " ")
    .replace(/[<>&"']/g, (character) => ESCAPES[character] ?? character);
}
