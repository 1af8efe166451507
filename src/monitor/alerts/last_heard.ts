/**
 * When anything was last heard from an address or a group, in listening time: when hosts there fall
 * silent, it tells whether all of them did.
 *
 * Addresses are kept by a hash, so that a million of them take no more room than a few. Two that
 * share a place look like one: then it may seem that somebody there still beats, and the hosts are
 * told one by one. Never the other way round.
 */

const PLACES = 1 << 18;

export class LastHeard {
  #addresses = new Float64Array(0);
  readonly #groups = new Map<string, number>();

  /** A host beat from `address`. */
  beat(address: string, group: string | null, heardMs: number): void {
    if (this.#addresses.length === 0) this.#addresses = new Float64Array(PLACES);
    this.#addresses[placeOf(address)] = heardMs;
    if (group !== null) this.#groups.set(group, heardMs);
  }

  ofAddress(address: string): number {
    return this.#addresses[placeOf(address)] ?? 0;
  }

  ofGroup(group: string): number {
    return this.#groups.get(group) ?? 0;
  }
}

/** FNV-1a, folded to the number of places. */
function placeOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return (hash ^ (hash >>> 18)) & (PLACES - 1);
}
