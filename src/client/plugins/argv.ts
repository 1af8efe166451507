/**
 * Splits a command line into a program and its arguments, as a shell would, without a shell:
 *
 *   check_http -H example.org -s "it's up" -u '/a b'  →  6 arguments
 *
 * Blanks separate. In single quotes everything stands for itself; in double quotes `\"` and `\\`
 * are `"` and `\`; elsewhere `\` takes the next character as it is. `$` and `*` stand for
 * themselves. The signs of pipes, redirections and lists of commands must be quoted, so that nobody
 * believes a shell is at work.
 */

const PART = /\s+|'([^']*)'|"((?:[^"\\]|\\[^])*)"|\\([^])|([^\s'"\\|&;<>()`]+)|([^])/g;

/** Throws an Error for a quote that is not closed and for what only a shell could do. */
export function splitCommand(command: string): readonly string[] {
  const argv: string[] = [];
  let word: string | null = null;
  for (const match of command.matchAll(PART)) {
    const [, single, double, escaped, plain, wrong] = match;
    if (wrong !== undefined) throw new Error(complaint(wrong));
    const part = single ?? double?.replace(/\\(["\\])/g, "$1") ?? escaped ?? plain;
    if (part !== undefined) {
      word = (word ?? "") + part;
    } else if (word !== null) {
      argv.push(word);
      word = null;
    }
  }
  if (word !== null) argv.push(word);
  return argv;
}

function complaint(sign: string): string {
  if (sign === "'" || sign === '"') return `the quote ${sign} is not closed`;
  if (sign === "\\") return `nothing follows the last \\`;
  return `no shell runs it, so ${sign} must be quoted, or the command be a list like ` +
    `["sh", "-c", "…"]`;
}
