/**
 * Texts for people: cleaned of what a terminal or a chat could choke on, and cut to what a provider
 * takes. Names of hosts come from the network: no channel may let one of them ring somebody's bell
 * or draw a link, so what a provider would interpret is escaped, character by character, before it
 * is cut, and never after.
 */

import type { Notification } from "../channel.ts";

/** C0 and C1 but line feed and tab, and what turns the direction of a text around. */
// deno-lint-ignore no-control-regex -- these are what it is about
const UNWANTED = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/g;

const ELLIPSIS = "…";

/** What fits neither a header nor a link. */
// deno-lint-ignore no-control-regex -- as above
const NOT_IN_LINKS = /[\x00-\x20"<>\\^`{|}\x7f-\uffff]+/g;

/** How long a text is, in the provider's own unit. It must add up over characters. */
export type Measure = (text: string) => number;

/** UTF-16 code units: never fewer than the characters that a provider may count instead. */
export const inUnits: Measure = (text) => text.length;

/** Bytes of UTF-8. */
export const inBytes: Measure = (text) => new TextEncoder().encode(text).length;

/** How a provider takes a text. */
export interface TextRules {
  /** The most it takes, in `measure`'s unit. */
  readonly limit: number;
  /** @default {inUnits} */
  readonly measure?: Measure;
  /** What to write for one character. @default {itself} */
  readonly escape?: (character: string) => string;
}

/** `text` well-formed, with line feeds alone between lines and no control characters but tabs. */
export function clean(text: string): string {
  return text.toWellFormed()
    .replace(/\r\n?|[\u0085\u2028\u2029\v\f]/g, "\n")
    .replace(UNWANTED, "");
}

/** `text` on one line, without control characters. */
export function oneLine(text: string): string {
  return clean(text).replace(/\s+/g, " ").trim();
}

/** `text` escaped, and cut at its end when it is too long, with an ellipsis in place of the rest. */
export function fit(text: string, rules: TextRules): string {
  const { limit, measure = inUnits, escape = (character) => character } = rules;
  const room = limit - measure(ELLIPSIS);
  let kept = "";
  let used = 0;
  /** Where it must end if the rest does not fit. */
  let short = "";
  for (const character of text) {
    const escaped = escape(character);
    used += measure(escaped);
    if (used > limit) return room < 0 ? "" : short + ELLIPSIS;
    kept += escaped;
    if (used <= room) short = kept;
  }
  return kept;
}

/** How the parts of a message look at a provider that takes one text. */
export interface Layout extends TextRules {
  /** Marks the title, which is escaped already. @default {as it is} */
  readonly title?: (escaped: string) => string;
  /** Marks the link. @default {as it is} */
  readonly link?: (url: string) => string;
}

/** The largest part of a message that its title and its link may each take. */
const SHARE = 0.3;

/** Title, body and link as one text. The body is what is cut first. */
export function compose(notification: Notification, layout: Layout): string {
  const { limit, measure = inUnits } = layout;
  const share = Math.floor(limit * SHARE);
  const markTitle = layout.title ?? ((escaped) => escaped);
  // No provider takes an empty message.
  const heading = oneLine(notification.title) || "-";
  const title = markTitle(fit(heading, { ...layout, limit: share }));
  const url = linkOf(notification);
  const link = url === null ? "" : (layout.link ?? ((plain) => plain))(url);
  // Half a link leads nowhere.
  const end = link !== "" && measure(link) <= share ? `\n${link}` : "";
  const left = limit - measure(title) - measure(end) - 1;
  const body = fit(clean(notification.body).trim(), { ...layout, limit: left });
  return `${title}${body === "" ? "" : `\n${body}`}${end}`;
}

/** The notification's link, with nothing in it that could end it early. Null: there is none. */
export function linkOf({ url }: Notification): string | null {
  return url === null ? null : url.toWellFormed().replace(NOT_IN_LINKS, encodeURIComponent);
}

/** Breaks what chats take for a mention by an invisible character after the `@`. */
export function withoutMentions(character: string): string {
  return character === "@" ? "@\u200b" : character;
}

/** Escapes what Markdown takes for markup. */
export function withoutMarkdown(character: string): string {
  return /[\\`*_~|<>[\]#]/.test(character) ? `\\${character}` : character;
}

/** True when it should wake somebody: not what is over again. */
export function isUrgent({ kind, level }: Notification): boolean {
  return level === "CRITICAL" && kind !== "recovery";
}

/** When it happened, whole epoch seconds. */
export function epochSeconds({ atMs }: Notification): number {
  return Math.floor(atMs / 1000);
}

/** The id as it may stand in a header or a path: printable ASCII without spaces. */
export function idOf({ id }: Notification): string {
  return encodeURIComponent(id.toWellFormed());
}
