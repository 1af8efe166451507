/** Says when what is shown is old, or when a part of the server does not work. */

import { nowS } from "../clock.ts";
import { clockTime } from "../format.ts";
import { hosts, revision, summary, truncatedOf } from "../hosts.ts";
import { count } from "../format.ts";
import { connection } from "../socket.ts";

export function ConnectionNote() {
  const state = connection.value;
  const problems = summary.value?.problems ?? [];
  const total = truncatedOf.value;
  return (
    <>
      {state.kind === "lost" && (
        <p class="note note-lost" role="status">
          <strong>Disconnected</strong>, data from{" "}
          <span class="num">{clockTime(state.sinceS, nowS.value)}</span>. Connecting again …
        </p>
      )}
      {problems.map(({ part, message }) => (
        <p class="note note-problem" key={part}>
          <strong>{part}</strong>: {message}
        </p>
      ))}
      {total !== null && (
        <p class="note">
          {count(revision.value >= 0 ? hosts.size : 0)} of {count(total)}{" "}
          hosts are shown, the worst first.
        </p>
      )}
    </>
  );
}
