/** In which bucket of a day the figures of a host are: part of the format on disk, never changed. */

import { BUCKETS } from "./store.ts";

/** FNV-1a over the UTF-16 code units of the name, folded to the number of buckets. */
export function bucketOf(host: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < host.length; i++) {
    hash = Math.imul(hash ^ host.charCodeAt(i), 0x01000193);
  }
  return (hash ^ (hash >>> 16)) & (BUCKETS - 1);
}
