/** The name of a host, how it is now, and what one may do about it. */

import { useState } from "preact/hooks";
import { send } from "../api.ts";
import { nowS } from "../clock.ts";
import { Ago, Time } from "../components/time.tsx";
import { StateMark } from "../components/state_mark.tsx";
import { attempt } from "../components/toast.tsx";
import { part } from "../api.ts";
import type { Host } from "../types.ts";
import { AccessDialog } from "./access_dialog.tsx";
import { expectationText } from "./bar.ts";
import { DropDialog } from "./drop_dialog.tsx";
import { EditDialog } from "./edit_dialog.tsx";
import { PauseDialog } from "./pause_dialog.tsx";
import { failureWords } from "./runs.ts";
import { type HostDetail, may } from "./types.ts";
import { useHost } from "./use_host.ts";

interface Props {
  readonly detail: HostDetail;
  /** When it came into the state it is in, epoch seconds; null: not known. */
  readonly sinceS: number | null;
  readonly hasUsers: boolean;
  readonly reload: () => void;
}

export function Head({ detail, sinceS, hasUsers, reload }: Props) {
  const host = useHost(detail);
  return (
    <header class="host-head">
      <div>
        <h1 id="page-title" tabIndex={-1}>{host.name}</h1>
        <p class="host-now">
          <StateMark state={host.state} />
          <Since host={host} sinceS={sinceS} />
          <span class="host-next num">{expectationText(host, nowS.value)}</span>
        </p>
        <Failure host={host} />
      </div>
      <Actions detail={detail} host={host} hasUsers={hasUsers} reload={reload} />
    </header>
  );
}

/** Why it is down though it speaks. */
function Failure({ host: { report } }: { readonly host: Host }) {
  const words = failureWords(report);
  if (words === null) return null;
  const { what, at, joint, why } = words;
  return (
    <p class="host-failure">
      {what} <Ago at={at} /> ago{why === "" ? "" : joint}
      {why !== "" && <strong>{why}</strong>}
    </p>
  );
}

function Since({ host, sinceS }: { readonly host: Host; readonly sinceS: number | null }) {
  if (host.state === "paused") {
    const until = host.paused_until ?? null;
    return until === null ? <span>until somebody resumes it</span> : (
      <span>
        until <Time at={until} />
      </span>
    );
  }
  const failure = host.report?.failure ?? null;
  if (host.state === "down" && failure !== null) {
    return (
      <span class="host-since">
        for <Ago at={failure.since} />
      </span>
    );
  }
  if (host.state === "down" && host.last_beat !== null) {
    return (
      <span class="host-since">
        silent for <Ago at={host.last_beat} />
      </span>
    );
  }
  return sinceS === null ? null : (
    <span class="host-since">
      for <Ago at={sinceS} />
    </span>
  );
}

type Open = "pause" | "edit" | "access" | "drop" | null;

function Actions(
  { detail, host, hasUsers, reload }: Omit<Props, "sinceS"> & { readonly host: Host },
) {
  const [open, setOpen] = useState<Open>(null);
  const { name } = detail;
  if (!may(detail.role, "manager")) return null;
  const isOwner = may(detail.role, "owner");
  const close = () => setOpen(null);
  const done = () => {
    reload();
  };
  async function resume(): Promise<void> {
    await attempt(() => send("POST", `hosts/${part(name)}/resume`), `${name} is resumed`);
    reload();
  }
  return (
    <div class="row host-actions">
      {host.state === "paused" && <button type="button" onClick={resume}>Resume</button>}
      <button type="button" onClick={() => setOpen("pause")}>
        {host.state === "paused" ? "Pause anew …" : "Pause …"}
      </button>
      {isOwner && <button type="button" onClick={() => setOpen("edit")}>Edit …</button>}
      {isOwner && hasUsers && (
        <button type="button" onClick={() => setOpen("access")}>Access …</button>
      )}
      {isOwner && (
        <button type="button" class="danger" onClick={() => setOpen("drop")}>Drop …</button>
      )}
      {open === "pause" && <PauseDialog name={name} onDone={done} onClose={close} />}
      {open === "edit" && <EditDialog detail={detail} onDone={done} onClose={close} />}
      {open === "access" && <AccessDialog name={name} onDone={done} onClose={close} />}
      {open === "drop" && <DropDialog name={name} onClose={close} />}
    </div>
  );
}
