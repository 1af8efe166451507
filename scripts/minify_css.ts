/**
 * Makes CSS smaller without knowing what it says: comments go, and so does white space where it can
 * have no meaning. Strings and `url(…)` stay as they are, and so does the space beside every sign
 * whose meaning depends on it (`+`, `-`, `:`, `&`, `(`).
 */

/** What must stay as it is, a comment, or white space. */
const TOKEN = /"(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*'|url\([^)"']*\)|\/\*[^]*?\*\/|\s+/gi;

/** `css` without what a browser does not need. */
export function minifyCss(css: string): string {
  const kept: string[] = [];
  const text = css.replace(TOKEN, (token) => {
    if (token.startsWith("/*") || /^\s/.test(token)) return " ";
    kept.push(token);
    return `\0${kept.length - 1}\0`;
  });
  return text
    .replace(/ +/g, " ")
    .replace(/ ?([{};,]) ?/g, "$1")
    .replace(/;+}/g, "}")
    .replace(/\0(\d+)\0/g, (_, index) => kept[Number(index)] ?? "")
    .trim();
}
