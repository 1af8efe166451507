/** What there is to see of a host that runs a job: its runs, and its calendar. */

import { hasRuns } from "./runs.ts";
import { RunsCard } from "./runs_card.tsx";
import { ScheduleCard } from "./schedule_card.tsx";
import type { HostDetail } from "./types.ts";
import { useHost } from "./use_host.ts";

export function Job({ detail }: { readonly detail: HostDetail }) {
  const { report, grace } = useHost(detail);
  const { name, schedule } = detail;
  const runs = hasRuns(report) ? report : null;
  if (runs === null && schedule === null) return null;
  return (
    <div class="host-pair">
      {runs !== null && <RunsCard host={name} report={runs} />}
      {schedule !== null && <ScheduleCard schedule={schedule} grace={grace} />}
    </div>
  );
}
