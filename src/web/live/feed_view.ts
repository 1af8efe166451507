/** What the live updates ask of the server. */

import type { View } from "../view.ts";
import type { Hosts } from "../visible.ts";

export type FeedView =
  & Hosts
  & Pick<
    View,
    | "version"
    | "nowMs"
    | "downHosts"
    | "messages"
    | "problems"
    | "alerts"
    | "incidentOf"
    | "madeAfter"
  >;
