/**
 * Messages that were told already. A client that gets no answer sends them again, and says when
 * they happened: the same host, type, moment and text is the same message.
 *
 * Only short digests are kept, so that many fit; the newest go with each checkpoint, because the
 * second copy may come after a restart.
 */

import { createHash } from "node:crypto";

/** Messages remembered; the oldest are forgotten. */
const KEPT = 100_000;

/** Messages that a checkpoint remembers: with their digests less than a value of the store. */
const KEPT_OVER_RESTART = 2000;

/** Characters of a digest: 96 bits, so that no two messages ever share one. */
const DIGEST_LENGTH = 16;

export class Told {
  readonly #digests = new Set<string>();

  /** Returns false when it was told before. `place` is its moment by the sender's clock, say. */
  tell(host: string, kind: string, place: number, text = ""): boolean {
    const digest = createHash("sha256").update(JSON.stringify([host, kind, place, text]))
      .digest("base64").slice(0, DIGEST_LENGTH);
    if (this.#digests.has(digest)) return false;
    this.#digests.add(digest);
    for (const oldest of this.#digests) {
      if (this.#digests.size <= KEPT) break;
      this.#digests.delete(oldest);
    }
    return true;
  }

  /** The newest digests, the oldest of them first. */
  record(): readonly string[] {
    const skipped = Math.max(0, this.#digests.size - KEPT_OVER_RESTART);
    return this.#digests.values().drop(skipped).toArray();
  }

  restore(digests: readonly string[]): void {
    for (const digest of digests) this.#digests.add(digest);
  }
}
