/** A line as a program and its arguments: quotes and backslashes as in a shell. Pure. */

const TOKEN = /"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)|([^\s"'\\]+)|(\s+)|./gsu;

/** `show-log "a b" c\ d` as `show-log`, `a b`, `c d`. */
export function splitArguments(line: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  for (const [all, double, single, escaped, plain, space] of line.matchAll(TOKEN)) {
    if (space !== undefined) {
      if (word !== null) words.push(word);
      word = null;
      continue;
    }
    const unescaped = double?.replace(/\\(["\\])/g, "$1");
    word = (word ?? "") + (unescaped ?? single ?? escaped ?? plain ?? all);
  }
  if (word !== null) words.push(word);
  return words;
}
