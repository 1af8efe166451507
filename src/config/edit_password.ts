/**
 * Puts the hash of a password into the text of a configuration file, and leaves everything else as
 * it is: comments, blank lines, the way that values are written.
 *
 * What is written is inserted into the text, and the result is read again and compared with what it
 * should mean. Where that cannot be done (a user without any keys, say), the `yaml` package writes
 * the document anew; comments stay then too, but spacing may change.
 */

import { isDeepStrictEqual } from "node:util";
import { type Document, isMap, isScalar, parseDocument } from "yaml";
import { RULES } from "./places.ts";
import { PASSWORD_RULE, WrittenSecret } from "./secret_text.ts";
import { checkYamlFile, ConfigError } from "./yaml_file.ts";

/** A file with a password in it. */
export interface EditedFile {
  readonly text: string;
  /** The user was not there before. */
  readonly isNewUser: boolean;
}

/**
 * Sets the password of `user`, who is added when missing.
 *
 * @throws {ConfigError} when the text is no configuration, or keeps the password elsewhere
 */
export function withPassword(
  text: string,
  fileName: string,
  user: string,
  hash: string,
): EditedFile {
  const document = read(text);
  // Says with line and column what is the matter with it.
  if (document.errors.length > 0) checkYamlFile(text, fileName, RULES);
  const old = document.getIn(["users", user, "password"]);
  const reference = typeof old === "string" && new WrittenSecret(old, PASSWORD_RULE).reference;
  if (reference) {
    throw new ConfigError(
      `users.${user}.password is kept elsewhere (${old}), so "${fileName}" is not changed: ` +
        `put the hash there that "hbd passwd" prints without --write`,
    );
  }
  const isNewUser = !document.hasIn(["users", user]);
  const edited = inserted(text, document, user, hash) ?? rewritten(text, user, hash);
  if (edited === null) {
    throw new ConfigError(
      `Cannot edit "${fileName}": its "users" are written in a way that only a person can change`,
    );
  }
  checkYamlFile(edited, fileName, RULES);
  return { text: edited, isNewUser };
}

/** The lines to paste below nothing else than `users`. */
export function passwordLines(user: string, hash: string): string {
  return `users:\n  ${quoted(user)}:\n    password: "${hash}"\n`;
}

function read(text: string): Document.Parsed {
  return parseDocument(text, { prettyErrors: false, stringKeys: true, uniqueKeys: false });
}

/** A change of the text alone; null where there is no place for it. */
function inserted(text: string, document: Document, user: string, hash: string): string | null {
  const edit = place(text, document, user, `"${hash}"`);
  if (edit === null) return null;
  const [from, to, words] = edit;
  const crlf = text.includes("\r\n") ? words.replaceAll("\n", "\r\n") : words;
  const edited = text.slice(0, from) + crlf + text.slice(to);
  return means(edited, text, user, hash) ? edited : null;
}

/** A change of a text: from, to, what goes there. */
type Edit = readonly [number, number, string];

function place(text: string, document: Document, user: string, hash: string): Edit | null {
  const password = document.getIn(["users", user, "password"], true);
  if (isScalar(password) && password.range) {
    const [from, to] = password.range;
    return from === to ? null : [from, to, hash];
  }
  const name = quoted(user);
  if (document.hasIn(["users", user])) {
    return below(text, document, ["users", user], {
      block: (indent) => `${indent}password: ${hash}\n`,
      flow: `password: ${hash}`,
    });
  }
  if (document.has("users")) {
    return below(text, document, ["users"], {
      block: (indent) => `${indent}${name}:\n${indent}  password: ${hash}\n`,
      flow: `${name}: { password: ${hash} }`,
    });
  }
  if (isMap(document.contents) && document.contents.flow) return null;
  const gap = text === "" || /\n\r?\n$/.test(text) ? "" : text.endsWith("\n") ? "\n" : "\n\n";
  return [text.length, text.length, `${gap}users:\n  ${name}:\n    password: ${hash}\n`];
}

interface Words {
  readonly block: (indent: string) => string;
  readonly flow: string;
}

/** As the first entry of the mapping at `path`, above the comments of those that are there. */
function below(
  text: string,
  document: Document,
  path: readonly string[],
  words: Words,
): Edit | null {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (!isMap(parent)) return null;
  const pair = parent.items.find(({ key }) => isScalar(key) && key.value === path.at(-1));
  const { key, value } = pair ?? {};
  if (isMap(value) && value.flow && value.range) {
    const at = value.range[0] + 1;
    const end = value.items.length > 0 ? "," : " ";
    return [at, at, ` ${words.flow}${end}`];
  }
  if (parent.flow || !isScalar(key) || !key.range) return null;
  const lineEnd = text.indexOf("\n", key.range[1]);
  if (lineEnd < 0) return null;
  const first = isMap(value) ? value.range?.[0] : undefined;
  const indent = first === undefined ? `${indentAt(text, key.range[0])}  ` : indentAt(text, first);
  return /^ +$/.test(indent) ? [lineEnd + 1, lineEnd + 1, words.block(indent)] : null;
}

/** What stands before `at` in its line. */
function indentAt(text: string, at: number): string {
  return text.slice(text.lastIndexOf("\n", at - 1) + 1, at);
}

/** The whole document written anew. */
function rewritten(text: string, user: string, hash: string): string | null {
  const document = changed(text, user, hash);
  if (document === null) return null;
  const lines = document.toString({ lineWidth: 0 });
  return text.includes("\r\n") ? lines.replaceAll(/\r?\n/g, "\r\n") : lines;
}

/** Whether `edited` says what `text` does, and that the user has this password. */
function means(edited: string, text: string, user: string, hash: string): boolean {
  const after = read(edited);
  const wanted = changed(text, user, hash);
  if (after.errors.length > 0 || wanted === null) return false;
  return isDeepStrictEqual(after.toJS({ maxAliasCount: -1 }), wanted.toJS({ maxAliasCount: -1 }));
}

/** What `text` says, with the password; null: there is something else in its place. */
function changed(text: string, user: string, hash: string): Document | null {
  const document = read(text);
  try {
    for (const path of [["users"], ["users", user]]) {
      const node: unknown = document.getIn(path, true);
      if (!isScalar(node) || node.value !== null) continue;
      const map = document.createNode({});
      if (node.comment) map.commentBefore = node.comment;
      document.setIn(path, map);
    }
    document.setIn(["users", user, "password"], hash);
  } catch {
    return null;
  }
  return document;
}

/** A name as a key in YAML. */
function quoted(name: string): string {
  return /^[A-Za-z][\w.-]*$/.test(name) && !/^(?:null|true|false|y|n|yes|no|on|off)$/i.test(name)
    ? name
    : JSON.stringify(name);
}
