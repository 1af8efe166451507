/** Times: as they are read at a glance, with the exact value for who hovers. */

import { nowS } from "../clock.ts";
import { ago, clockTime, exactTime } from "../format.ts";

interface Props {
  /** Epoch seconds; null: never. */
  readonly at: number | null | undefined;
}

/** `14:03:12`, with the date when that was not today. */
export function Time({ at }: Props) {
  if (at === null || at === undefined) return <span class="dim">–</span>;
  return (
    <time dateTime={new Date(at * 1000).toISOString()} title={exactTime(at)}>
      {clockTime(at, nowS.value)}
    </time>
  );
}

/** `3 s`, ticking; or as it was at `asOf`, epoch seconds. */
export function Ago({ at, asOf = null }: Props & { readonly asOf?: number | null }) {
  if (at === null || at === undefined) return <span class="dim">never</span>;
  return (
    <time class="num" dateTime={new Date(at * 1000).toISOString()} title={exactTime(at)}>
      {ago(at, asOf ?? nowS.value)}
    </time>
  );
}
