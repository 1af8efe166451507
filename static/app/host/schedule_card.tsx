/** The calendar by which a host beats, and when it is expected next. */

import { nowS } from "../clock.ts";
import { duration, exactTime } from "../format.ts";
import { dueTimes } from "./schedule.ts";
import type { Schedule } from "./types.ts";

interface Props {
  readonly schedule: Schedule;
  /** Seconds; null: not known. */
  readonly grace: number | null;
}

export function ScheduleCard({ schedule: { cron, tz, next }, grace }: Props) {
  // What has passed since the page has asked is not to come.
  const times = dueTimes(next, tz).filter(({ at }) => at > nowS.value);
  const isElsewhere = times.some(({ there }) => there !== null);
  return (
    <section class="card" aria-label="Schedule">
      <h2>Schedule</h2>
      <dl class="facts">
        <div>
          <dt>Calendar</dt>
          <dd>
            <code>{cron}</code>
          </dd>
        </div>
        <div>
          <dt>Time zone</dt>
          <dd>{tz}</dd>
        </div>
        <div>
          <dt>Grace</dt>
          <dd class="num">{duration(grace)}</dd>
        </div>
      </dl>
      <h3 class="schedule-title">Expected next</h3>
      {times.length === 0 && <p class="dim">Never: no day fits this calendar.</p>}
      {times.length > 0 && (
        <div class="scroll">
          <table class={isElsewhere ? "schedule schedule-zones" : "schedule"}>
            {isElsewhere && (
              <thead>
                <tr>
                  <th scope="col">Here</th>
                  <th scope="col">{tz}</th>
                  <th scope="col" class="schedule-in">In</th>
                </tr>
              </thead>
            )}
            <tbody>
              {times.map(({ at, here, there }) => (
                <tr key={at}>
                  <td>
                    <time dateTime={new Date(at * 1000).toISOString()} title={exactTime(at)}>
                      {here}
                    </time>
                  </td>
                  {isElsewhere && <td>{there}</td>}
                  <td class="dim num schedule-in">
                    {isElsewhere ? "" : "in "}
                    {duration(Math.ceil(at - nowS.value))}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
