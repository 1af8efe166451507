/** Secrets that this server hands out: shown once, and known to itself by their hash alone. */

import { createHash, randomBytes } from "node:crypto";

const BYTES = 32;

/** A new secret, 43 characters that need no quoting anywhere, behind `prefix`. */
export function newSecret(prefix = ""): string {
  return prefix + randomBytes(BYTES).toString("base64url");
}

/** What is kept of a secret. So long a random one needs neither salt nor rounds. */
export function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}
