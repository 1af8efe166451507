/** One alert: how bad, where, what, since when, who was told, who looks after it, and why. */

import { useState } from "preact/hooks";
import { LevelMark } from "../components/state_mark.tsx";
import { Ago, Time } from "../components/time.tsx";
import { duration } from "../format.ts";
import { hostPath } from "../router.ts";
import type { Alert } from "../types.ts";
import { AckDialog } from "./ack_dialog.tsx";
import { alertWords, kindWord, shownLevel } from "./levels.ts";
import { useMayAcknowledge } from "./may_acknowledge.ts";
import { Why } from "./why.tsx";

interface Props {
  readonly alert: Alert;
  /** Whether the host need not be named: the page is of it. */
  readonly isOfPage?: boolean;
  /** Whether one may acknowledge it; left out: it is found out. */
  readonly mayAck?: boolean;
}

export function AlertItem({ alert, isOfPage = false, mayAck }: Props) {
  const [isOpen, open] = useState(false);
  const { kind, host, since, ended, ack } = alert;
  const level = shownLevel(alert);
  const canAck = useMayAcknowledge(alert, mayAck);
  return (
    <li class={`alert alert-${level.toLowerCase()}`}>
      <div class="alert-head">
        <LevelMark level={level} />
        {!isOfPage && (
          <strong class="alert-host">
            {kind === "incident" || kind === "server" ? host : <a href={hostPath(host)}>{host}</a>}
          </strong>
        )}
        <span class="dim">{kindWord(alert)}</span>
        {alert.paused && <span class="dim">host is paused</span>}
        <span class="alert-since num">
          {ended === null
            ? (
              <>
                for <Ago at={since} />
              </>
            )
            : (
              <>
                <span class="dim">ended</span> <Time at={ended} />{" "}
                <span class="dim">after {duration(Math.round(ended - since))}</span>
              </>
            )}
        </span>
      </div>
      <p class="alert-text">{alertWords(alert)}</p>
      <p class="alert-told dim">
        <Told alert={alert} />
        {ack !== null && <Ack ack={ack} />}
      </p>
      <div class="row alert-foot">
        <Why alert={alert} />
        {canAck && (
          <button type="button" class="quiet alert-ack" onClick={() => open(true)}>
            {ack === null ? "Acknowledge" : "Acknowledge anew"}
            <span class="unseen">{` ${host}`}</span>
          </button>
        )}
      </div>
      {isOpen && <AckDialog alert={alert} onClose={() => open(false)} />}
    </li>
  );
}

function Told({ alert: { told } }: { readonly alert: Alert }) {
  if (told === null) return <span>Nobody was told.</span>;
  const by = told.channels.length === 0 ? "" : ` by ${told.channels.join(", ")}`;
  return (
    <span>
      Told{by} at <Time at={told.time} />.
    </span>
  );
}

function Ack({ ack }: { readonly ack: NonNullable<Alert["ack"]> }) {
  return (
    <span class="alert-acked">
      <span aria-hidden="true">✓</span> Acknowledged at <Time at={ack.time} />
      {ack.until === null ? ", for as long as it lasts" : (
        <>
          , until <Time at={ack.until} />
        </>
      )}
      {ack.note === "" ? "." : `: ${ack.note}`}
    </span>
  );
}
