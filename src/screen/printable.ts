/**
 * Text from outside made harmless: a name, a payload or an error must neither steer the terminal
 * nor turn the direction of what is beside it. Each character that could is shown as U+FFFD. Of
 * marks that are heaped on one character, so that they would cover the lines above, some are left.
 */

/** Control characters but the line feed; those of bidirectional text, of lines and of annotations. */
const HARMFUL =
  // deno-lint-ignore no-control-regex -- these are what is looked for
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb]/g;

/** More marks on one character than any script has. */
const HEAPED = /(\p{M}{8})\p{M}+/gu;

/** The text with its lines as they are. */
export function printable(text: string): string {
  return text.replace(HARMFUL, "\u{FFFD}").replace(HEAPED, "$1").toWellFormed();
}

/** The text as one line: line feeds are shown as U+FFFD, too. */
export function printableLine(text: string): string {
  return printable(text).replaceAll("\n", "\u{FFFD}");
}
