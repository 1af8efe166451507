/**
 * Secrets as the file has them: the text itself, or where it is to be found. `secrets.ts` reads
 * them from there, after the schema has checked everything; here are no files and no environment.
 *
 *   key: 8dJQmZ4s0vYxW1hTnB6u              the secret itself; shown as ********
 *   key: ${HBD_KEY}                        a variable of the environment
 *   key: file:secrets/hbd.key              a file; the path counts from the configuration's folder
 *   Authorization: Bearer ${CHAT_TOKEN}    in headers a word may stand before the variable
 */

import { z } from "zod";
import type { Secret } from "./config.ts";
import { complain, isWebUrl } from "./keys.ts";
import { parsePasswordHash } from "./password_hash.ts";

/** What is shown in place of a secret that stands in the file. */
export const MASK = "********";

/** What a secret must be, wherever it comes from. */
export interface SecretRule {
  readonly fits: (text: string) => boolean;
  /** To follow "must be". */
  readonly wants: string;
  /** Whether a word and a blank may stand before the variable. */
  readonly takesScheme?: boolean;
}

/** Where a secret is to be found. */
export type SecretReference =
  | { readonly kind: "env"; readonly name: string; readonly prefix: string }
  | { readonly kind: "file"; readonly path: string };

/** A secret as it is written, checked as far as that goes. */
export class WrittenSecret {
  readonly text: string;
  readonly rule: SecretRule;

  constructor(text: string, rule: SecretRule) {
    this.text = text;
    this.rule = rule;
  }

  /** Null when the text is the secret itself. */
  get reference(): SecretReference | null {
    return referenceIn(this.text, this.rule);
  }

  /** The text where it says nothing; else asterisks. */
  get shown(): string {
    return this.reference === null ? MASK : this.text;
  }

  /** How it is written into YAML. */
  toJSON(): string {
    return this.text;
  }
}

/** Makes secrets of what is written; `secrets.ts` has the one that reads. */
export type SecretLookup = (written: WrittenSecret) => Secret;

/** Takes every text for the secret itself, for files without references. */
export const literally: SecretLookup = ({ text, shown }) => ({ value: text, shown });

/** How a secret is written down again: as it is shown. */
export function writeSecret({ shown }: Secret): WrittenSecret {
  return new WrittenSecret(shown, ANY);
}

/** The type of a secret in the schema. */
export function secretText(rule: SecretRule) {
  return z.string().superRefine((text, ctx) => {
    if (referenceIn(text, rule) !== null) return;
    if (text === MASK) {
      complain(ctx, [], `is "${MASK}", which only stands for a secret: write the secret here`);
    } else if (text.startsWith("file:")) {
      complain(ctx, [], `must be ${wantsSecret(rule)}, where the path has no "~" at its start`);
    } else if (/\$\{\w+\}/.test(text)) {
      const scheme = rule.takesScheme ? `, or a word and a blank before it` : "";
      complain(
        ctx,
        [],
        `must be nothing but "\${NAME}"${scheme}; other texts with it go in a file`,
      );
    } else if (!rule.fits(text)) {
      ctx.addIssue({ code: "custom", input: text });
    }
  }).transform((text) => new WrittenSecret(text, rule));
}

function referenceIn(text: string, { takesScheme }: SecretRule): SecretReference | null {
  const [, prefix = "", name] = /^([A-Za-z][\w-]* )?\$\{([A-Za-z_]\w*)\}$/.exec(text) ?? [];
  if (name !== undefined && (prefix === "" || takesScheme)) return { kind: "env", name, prefix };
  const [, path] = /^file:((?!~(?:\/|$))[^\0]+)$/.exec(text) ?? [];
  return path === undefined ? null : { kind: "file", path };
}

const ANY: SecretRule = { fits: () => true, wants: "a text" };

/** The keys of hosts and of people. */
export const KEY_RULE: SecretRule = {
  fits: (text) => text.length >= 16 && text.length <= 200,
  wants: "a text of 16 to 200 characters (say, from: openssl rand -base64 24)",
};

/** Passwords and tokens that others hand out. */
export const TOKEN_RULE: SecretRule = {
  fits: (text) => /^\P{Cc}{1,4096}$/u.test(text),
  wants: "a text of 1 to 4096 characters without control characters",
};

/** Hashes of people's passwords. */
export const PASSWORD_RULE: SecretRule = {
  fits: (text) => parsePasswordHash(text) !== null,
  wants: 'the hash that "hbd passwd" makes, pbkdf2:sha256:<iterations>$<salt>$<hex>',
};

/** Values of headers. */
export const HEADER_RULE: SecretRule = {
  fits: (text) => /^[\t\x20-\x7e\x80-\xff]{0,4096}$/.test(text),
  wants: "a text of at most 4096 characters that HTTP allows in a header",
  takesScheme: true,
};

/** What stands in the address of a ping. */
export const PING_RULE: SecretRule = {
  fits: (text) => /^[\w.~-]{8,200}$/.test(text),
  wants: 'a text of 8 to 200 letters, digits, "-", "_", "." and "~"',
};

/** Addresses that whoever knows them may use. */
export const URL_RULE: SecretRule = {
  fits: (text) => text.length <= 4096 && isWebUrl(text),
  wants: "an http or https address",
};

/** What the value of a key with such a secret must be. */
export function wantsSecret({ wants }: SecretRule): string {
  return `${wants}, "\${ENV_NAME}" or "file:path"`;
}

/** What stands in the addresses of pings: one, or a list. */
export const pingSecrets = z.preprocess(
  (v) => typeof v === "string" ? [v] : v,
  z.array(secretText(PING_RULE)).max(100),
);
/** What it must be. */
export const WANTS_PING_SECRETS = `${wantsSecret(PING_RULE)}, or a list of such`;
