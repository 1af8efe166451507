/** The runs of a host's job: the last one, those that go on, and what it printed. */

import { part } from "../api.ts";
import { Ago, Time } from "../components/time.tsx";
import { duration } from "../format.ts";
import type { Report, Run } from "../types.ts";
import { useApi } from "../use_api.ts";
import { dialectWord, keptBody, runWord, type SaidMessage } from "./runs.ts";
import { useReports } from "./use_reports.ts";

/** Messages among which a body is looked for: the newest that speak of one. */
const LOOKED_AT = 10;

/** Runs that are shown at once: the oldest, for they may take too long. */
const SHOWN = 4;

interface Props {
  readonly host: string;
  readonly report: Report;
}

export function RunsCard({ host, report: { dialect, runs, last } }: Props) {
  return (
    <section class="card host-part" aria-label="Runs">
      <div class="row card-head runs-head">
        <h2>Runs</h2>
        {dialect !== null && <p class="dim">{dialectWord(dialect)}</p>}
      </div>
      {runs.length > 0 && (
        <ul class="runs" aria-label="Runs that go on">
          {runs.slice(0, SHOWN).map((run) => <Open key={run.run} run={run} />)}
        </ul>
      )}
      {runs.length > SHOWN && (
        <details class="fold">
          <summary>{runs.length - SHOWN} more go on</summary>
          <ul class="runs" aria-label="More runs that go on">
            {runs.slice(SHOWN).map((run) => <Open key={run.run} run={run} />)}
          </ul>
        </details>
      )}
      {last !== null && <Last last={last} />}
      <Body host={host} />
    </section>
  );
}

function Open({ run: { run, started, overdue } }: { readonly run: Run }) {
  return (
    <li class={overdue ? "run run-overdue" : "run"}>
      <span class="run-word">
        Running for <Ago at={started} />
      </span>
      {overdue && <span class="run-sign">takes too long</span>}
      <span class="dim">
        began <Time at={started} />
        <RunId run={run} />
      </span>
    </li>
  );
}

function Last({ last }: { readonly last: NonNullable<Report["last"]> }) {
  const { run, started, ended, duration_s, ok } = last;
  return (
    <dl class="facts">
      <div>
        <dt>Last run</dt>
        <dd>
          <span class={ok ? "state state-up" : "state state-down"}>
            <span aria-hidden="true">{ok ? "✓" : "✗"}</span>
            {ok ? "Succeeded" : "Failed"}
          </span>
        </dd>
      </div>
      <div>
        <dt>Ended</dt>
        <dd>
          <Time at={ended} />
          <span class="dim fact-second">
            <Ago at={ended} /> ago
          </span>
        </dd>
      </div>
      <div>
        <dt>Took</dt>
        <dd class="num">
          {duration_s === null
            ? <span class="dim">not known: nobody said when it began</span>
            : duration(duration_s)}
        </dd>
      </div>
      {started !== null && (
        <div>
          <dt>Began</dt>
          <dd>
            <Time at={started} />
          </dd>
        </div>
      )}
      {run !== "" && (
        <div>
          <dt>Run</dt>
          <dd>
            <code title={run}>{runWord(run)}</code>
          </dd>
        </div>
      )}
    </dl>
  );
}

function RunId({ run }: { readonly run: string }) {
  return run === "" ? null : (
    <>
      , run <code title={run}>{runWord(run)}</code>
    </>
  );
}

/** What it printed. Where it cannot be asked for there is nothing to show, and nothing to say. */
function Body({ host }: { readonly host: string }) {
  const { data, reload } = useApi<{ readonly messages: readonly SaidMessage[] }>(
    `messages?host=${part(host)}&q=body&limit=${LOOKED_AT}`,
  );
  useReports(host, reload);
  const body = data === null ? null : keptBody(data.messages);
  if (body === null) return null;
  const { time, signal, text } = body;
  return (
    <details class="fold">
      <summary>
        What it said&nbsp;<Time at={time} />
        {signal === "" ? "" : `, with ${signal}`}
      </summary>
      <pre class="run-body" tabIndex={0} aria-label="What it said">{text}</pre>
    </details>
  );
}
