/**
 * The form in which passwords of people stand in the configuration:
 *
 *   pbkdf2:sha256:600000$p3Xq0aVt$6f1c…        algorithm, hash, rounds $ salt $ 64 digits
 *
 * Only the form is known here, for the schema and for warnings; `access/password.ts` makes and
 * verifies them.
 */

/** Rounds of a new hash, and the fewest that are accepted without a word. */
export const MIN_ITERATIONS = 600_000;

/** More would let a single login take seconds. */
const MAX_ITERATIONS = 10_000_000;

export interface PasswordHash {
  /** Rounds, 1 to 10,000,000. */
  readonly iterations: number;
  /** Taken as it is written: its bytes are those of the text. */
  readonly salt: string;
  /** What PBKDF2 gives, 64 hexadecimal digits. */
  readonly hex: string;
}

/** Takes a hash apart; null: it is none. */
export function parsePasswordHash(text: string): PasswordHash | null {
  const match = /^pbkdf2:sha256:([1-9]\d{0,7})\$([\w./+=-]{1,200})\$([0-9a-f]{64})$/i.exec(text);
  const [, rounds = "", salt = "", hex = ""] = match ?? [];
  const iterations = Number(rounds);
  if (match === null || iterations > MAX_ITERATIONS) return null;
  return { iterations, salt, hex: hex.toLowerCase() };
}

/** Puts a hash together. */
export function formatPasswordHash({ iterations, salt, hex }: PasswordHash): string {
  return `pbkdf2:sha256:${iterations}$${salt}$${hex}`;
}
