/**
 * What is said about a judged metric: its value as people read it, and the `display` templates of
 * rules. Templates are taken apart once, when the rules are compiled.
 *
 *   "{check_name}: {output} ({value})"  ->  "check_disk_root: DISK OK - free space: 40 % (0)"
 *
 * Texts come from clients: they are cut, cannot break a line, and are not read as templates again.
 */

/** Characters of a client's text that are shown, UTF-16 code units. */
const MAX_TEXT = 300;

const BREAKING = /[\p{Cc}\p{Zl}\p{Zp}]/gu;

/** Texts as they are, and names to be filled in. */
export type Template = readonly (string | { readonly name: string })[];

/** Takes a template apart: `{name}` is to be filled in, all else stays. */
export function parseTemplate(text: string): Template {
  const parts: (string | { readonly name: string })[] = [];
  let at = 0;
  for (let close = text.indexOf("}"); close !== -1; close = text.indexOf("}", close + 1)) {
    const open = text.lastIndexOf("{", close);
    if (open < at || open + 1 === close) continue;
    if (open > at) parts.push(text.slice(at, open));
    parts.push({ name: text.slice(open + 1, close) });
    at = close + 1;
  }
  if (at < text.length) parts.push(text.slice(at));
  return parts;
}

/** Fills a template in; a name of which `textOf` knows nothing (null) stays as it is written. */
export function fillTemplate(template: Template, textOf: (name: string) => string | null): string {
  let text = "";
  for (const part of template) {
    text += typeof part === "string" ? part : textOf(part.name) ?? `{${part.name}}`;
  }
  return text;
}

/**
 * A value as notifications have it: at least one decimal, at most two (`85.0`, `12.35`). Exit codes
 * (`operator` is `nagios`) have none.
 */
export function formatValue(value: number, operator: string = ">"): string {
  const text = String(Number(value.toFixed(2)));
  const isWhole = Number.isFinite(value) && !/[.e]/.test(text);
  return isWhole && operator !== "nagios" ? `${text}.0` : text;
}

/** A client's text, cut to 300 characters, on one line and without control characters. */
export function plainText(text: string): string {
  return text.slice(0, MAX_TEXT).toWellFormed().replace(BREAKING, " ");
}
