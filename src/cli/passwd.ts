/**
 * `hbd passwd USER`: asks for a password and prints what to put under `users` in the configuration,
 * or puts it there (`--write`). The password itself is written nowhere.
 */

import { hashPassword, MAX_PASSWORD_CHARS } from "../access/password.ts";
import { passwordLines, withPassword } from "../config/edit_password.ts";
import { ConfigError } from "../config/load.ts";
import { formatPasswordHash } from "../config/password_hash.ts";
import { readConfigFile } from "../config/yaml_file.ts";
import { askHidden, firstLine, PasswordError } from "./ask_password.ts";
import { replaceFile } from "./replace_file.ts";

/** To see whether the file takes one. */
const SOME_HASH = formatPasswordHash({ iterations: 1, salt: "none", hex: "0".repeat(64) });

/** Fewest characters of a password. */
export const MIN_PASSWORD_CHARS = 8;

export interface PasswdOptions {
  /** The name of a user, new or not. */
  readonly user: string;
  /** The file to write into; null: only print. */
  readonly writeTo: string | null;
}

/**
 * Asks twice on a terminal; of anything else the first line is the password.
 *
 * @throws {PasswordError} when what was typed will not do
 * @throws {ConfigError} when the file cannot be read or written
 * @throws {Cancelled} when whoever was asked does not want to
 */
export async function passwd(
  { user, writeTo }: PasswdOptions,
  out: (text: string) => void,
): Promise<void> {
  const text = writeTo === null ? "" : await readConfigFile(writeTo, "hbd");
  // What is wrong with the file is better said before anybody types anything.
  if (writeTo !== null) withPassword(text, writeTo, user, SOME_HASH);
  const password = await newPassword(user);
  const hash = await hashPassword(password);
  if (writeTo === null) {
    out(passwordLines(user, hash));
    return;
  }
  const edited = withPassword(text, writeTo, user, hash);
  try {
    await replaceFile(writeTo, edited.text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`Cannot write the configuration "${writeTo}": ${reason}`, {
      cause: error,
    });
  }
  const who = edited.isNewUser ? `User ${user} added to` : `Password of ${user} changed in`;
  out(`${who} ${writeTo}. A running hbd takes it up with SIGHUP.\n`);
}

async function newPassword(user: string): Promise<string> {
  if (!Deno.stdin.isTerminal()) return checked(await firstLine());
  const password = checked(await askHidden(`New password for ${user}: `));
  if (await askHidden("The same again: ") === password) return password;
  throw new PasswordError("The two passwords are not the same: nothing was changed");
}

function checked(password: string): string {
  const length = [...password].length;
  if (length < MIN_PASSWORD_CHARS) {
    throw new PasswordError(
      `A password must have at least ${MIN_PASSWORD_CHARS} characters: got ${length}`,
    );
  }
  if (password.length > MAX_PASSWORD_CHARS) {
    throw new PasswordError(
      `A password must have at most ${MAX_PASSWORD_CHARS} characters: got ${password.length}`,
    );
  }
  return password;
}
