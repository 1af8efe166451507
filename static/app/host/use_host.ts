/** A host as it is now: what the WebSocket has of it, else what the API last said. */

import { hosts, revision } from "../hosts.ts";
import type { Host } from "../types.ts";

/** Whoever calls it is drawn again when hosts have changed. */
export function useHost(known: Host): Host {
  return revision.value >= 0 ? hosts.get(known.name) ?? known : known;
}
