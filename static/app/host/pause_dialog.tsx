/** Pauses a host: for how long, and why. */

import { useState } from "preact/hooks";
import { part, send } from "../api.ts";
import { DurationField } from "../components/duration_field.tsx";
import { FormDialog } from "../components/form_dialog.tsx";

interface Props {
  readonly name: string;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

export function PauseDialog({ name, onDone, onClose }: Props) {
  const [duration, setDuration] = useState<string | null>("1h");
  const [reason, setReason] = useState("");
  async function pause(): Promise<string> {
    await send("POST", `hosts/${part(name)}/pause`, {
      ...(duration !== null && { for: duration }),
      reason,
    });
    onDone();
    return `${name} is paused`;
  }
  return (
    <FormDialog title={`Pause ${name}`} action="Pause" onSubmit={pause} onClose={onClose}>
      <p class="dim">Nobody is told of it, and its silence is no downtime.</p>
      <DurationField
        label="For how long"
        open="Until it is resumed"
        start="1h"
        onChange={setDuration}
      />
      <label class="field">
        <span>Reason</span>
        <input
          type="text"
          maxLength={500}
          value={reason}
          onInput={({ currentTarget }) => setReason(currentTarget.value)}
        />
      </label>
    </FormDialog>
  );
}
