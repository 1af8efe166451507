/**
 * Reads the secrets of a checked configuration file from where it says that they are: the
 * environment, or files of their own. What is missing or wrong is told with the key that needs it;
 * no message holds anything of a secret.
 */

import { dirname, resolve } from "@std/path";
import type { Secret } from "./config.ts";
import { plainReason, readerOf, type ReadFile } from "./read_file.ts";
import { literally, type SecretLookup, WrittenSecret } from "./secret_text.ts";
import type { KeyProblem } from "./yaml_file.ts";

const MAX_SECRET_BYTES = 65_536;

/** Where secrets are read from; the machine's own where a test gives no other. */
export interface SecretSources {
  readonly read?: ReadFile;
  readonly env?: (name: string) => string | undefined;
}

/** The secrets that could be read, and what is the matter with the others. */
export interface ReadSecrets {
  /** The secret itself; of one that could not be read, a mere stand-in. */
  readonly lookup: SecretLookup;
  readonly problems: readonly KeyProblem[];
}

/**
 * Reads all secrets in `file`.
 *
 * @param file a checked file, its mappings as `Map` or object
 * @param fileName from whose folder relative paths count
 */
export async function readSecrets(
  file: unknown,
  fileName: string,
  { read = readerOf(MAX_SECRET_BYTES), env = (name) => Deno.env.get(name) }: SecretSources = {},
): Promise<ReadSecrets> {
  const found = new Map<WrittenSecret, Secret>();
  const problems: KeyProblem[] = [];
  for (const { path, written } of secretsIn(file, [])) {
    const { reference, rule, shown } = written;
    if (reference === null) continue;
    try {
      const value = reference.kind === "env"
        ? reference.prefix + fromEnvironment(reference.name, env)
        : await fromFile(resolve(dirname(fileName), reference.path), read);
      if (!rule.fits(value)) {
        throw new Unusable(`what ${shown} stands for must be ${rule.wants}: it is not`);
      }
      found.set(written, { value, shown });
    } catch (error) {
      if (!(error instanceof Unusable)) throw error;
      problems.push({ path, text: `${path.join(".")}: ${error.message}` });
    }
  }
  return { lookup: (written) => found.get(written) ?? literally(written), problems };
}

/** A secret is missing or wrong; the message says which. */
class Unusable extends Error {}

function* secretsIn(
  value: unknown,
  path: readonly string[],
): Generator<{ readonly path: readonly string[]; readonly written: WrittenSecret }> {
  if (value instanceof WrittenSecret) {
    yield { path, written: value };
  } else if (value instanceof Map || Array.isArray(value)) {
    for (const [key, entry] of value.entries()) yield* secretsIn(entry, [...path, String(key)]);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, entry] of Object.entries(value)) yield* secretsIn(entry, [...path, key]);
  }
}

function fromEnvironment(name: string, env: (name: string) => string | undefined): string {
  let value: string | undefined;
  try {
    value = env(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    throw new Unusable("Deno was started without the permission to read the environment");
  }
  if (value === undefined) throw new Unusable(`the environment variable ${name} is not set`);
  if (value === "") throw new Unusable(`the environment variable ${name} is empty`);
  return value;
}

async function fromFile(file: string, read: ReadFile): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = await read(file);
  } catch (error) {
    throw new Unusable(`cannot read the file "${file}": ${plainReason(error, "hbd")}`);
  }
  if (bytes.length > MAX_SECRET_BYTES) {
    throw new Unusable(`the file "${file}" is over ${MAX_SECRET_BYTES} bytes`);
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Unusable(`the file "${file}" is not UTF-8 text`);
  }
  const value = text.replace(/\r?\n$/, "");
  if (value === "") throw new Unusable(`the file "${file}" is empty`);
  return value;
}
