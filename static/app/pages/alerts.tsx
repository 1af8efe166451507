/** Alerts: those that hold, and those that have ended. */

import { ActiveAlerts } from "../alerts/active.tsx";
import { EndedAlerts } from "../alerts/ended.tsx";
import { filterOfQuery } from "../alerts/filters.tsx";
import { query, setQuery } from "../router.ts";

export function AlertsPage() {
  const filter = filterOfQuery();
  const isPast = query.value.get("state") === "ended";
  return (
    <>
      <header class="row alerts-head">
        <h1 id="page-title" tabIndex={-1}>Alerts</h1>
        <div class="row choices" role="group" aria-label="Which alerts">
          <Choice isChosen={!isPast} onChoose={() => setQuery({ state: null })}>Now</Choice>
          <Choice isChosen={isPast} onChoose={() => setQuery({ state: "ended" })}>History</Choice>
        </div>
      </header>
      {isPast ? <EndedAlerts filter={filter} /> : <ActiveAlerts filter={filter} />}
    </>
  );
}

function Choice(
  { isChosen, onChoose, children }: {
    readonly isChosen: boolean;
    readonly onChoose: () => void;
    readonly children: string;
  },
) {
  return (
    <button
      type="button"
      class={isChosen ? "choice choice-chosen" : "choice"}
      aria-pressed={isChosen}
      onClick={onChoose}
    >
      {children}
    </button>
  );
}
