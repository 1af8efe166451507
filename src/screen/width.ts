/**
 * How many columns a text takes on a terminal: two for most East Asian characters and emoji, none
 * for what is put over the character before.
 *
 * Terminals do not agree about all of it. So `isCertain` tells of which texts they do, and whoever
 * writes another one says where the next thing begins (see line.ts).
 */

const SEGMENTER = new Intl.Segmenter();

/** Characters of which every terminal knows the width: one column each. */
const CERTAIN = /^[\u0020-\u007e]*$/;

/** Put over the character before; a soft hyphen is shown. */
const NO_WIDTH = /^(?:[\p{Mn}\p{Me}\u1160-\u11ff]|(?!\u00ad)\p{Cf})$/u;

/** Shown as one picture, whatever it is made of. */
const PICTURE = /\p{Emoji_Presentation}|\u{FE0F}|\p{Regional_Indicator}{2}/u;

/** First and last of the characters that take two columns, besides emoji. */
const WIDE: readonly (readonly [first: number, last: number])[] = [
  [0x1100, 0x115f],
  [0x2329, 0x232a],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18cff],
  [0x1aff0, 0x1b2fb],
  [0x1f200, 0x1f251],
  [0x20000, 0x3fffd],
];

/** True when all terminals give the text as many columns as `widthOf` does. */
export function isCertain(text: string): boolean {
  return CERTAIN.test(text);
}

/** True when something in it is shown as a picture, of two columns on most terminals. */
export function hasPicture(text: string): boolean {
  return PICTURE.test(text);
}

/** Columns that the text takes; it must be printable. */
export function widthOf(text: string): number {
  if (isCertain(text)) return text.length;
  let width = 0;
  for (const { segment } of SEGMENTER.segment(text)) width += clusterWidth(segment);
  return width;
}

/** The text in at most `columns`: where it is longer, its end is `…`. */
export function cut(text: string, columns: number): string {
  if (columns <= 0) return "";
  // Longer texts are cut before their width is asked for: a name may be long.
  if (isCertain(text)) {
    return text.length <= columns ? text : `${text.slice(0, columns - 1)}…`;
  }
  let width = 0;
  let fits = 0;
  for (const { segment, index } of SEGMENTER.segment(text)) {
    width += clusterWidth(segment);
    if (width > columns) return `${text.slice(0, fits)}…`;
    if (width < columns) fits = index + segment.length;
  }
  return text;
}

/** Columns of what is seen as one character. */
function clusterWidth(cluster: string): number {
  if (PICTURE.test(cluster)) return 2;
  let width = 0;
  for (const character of cluster) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (NO_WIDTH.test(character)) return 0;
  return WIDE.some(([first, last]) => code >= first && code <= last) ? 2 : 1;
}
