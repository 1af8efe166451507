/** Says that somebody looks after an alert: for how long, and what they have to say. */

import { useState } from "preact/hooks";
import { part, send } from "../api.ts";
import { DurationField } from "../components/duration_field.tsx";
import { FormDialog } from "../components/form_dialog.tsx";
import type { Alert } from "../types.ts";

interface Props {
  readonly alert: Alert;
  readonly onClose: () => void;
}

export function AckDialog({ alert, onClose }: Props) {
  const [duration, setDuration] = useState<string | null>("2h");
  const [note, setNote] = useState("");
  async function acknowledge(): Promise<string> {
    await send("POST", `alerts/${part(alert.id)}/ack`, {
      ...(duration !== null && { for: duration }),
      note,
    });
    return "Acknowledged: no reminders meanwhile";
  }
  return (
    <FormDialog
      title="Acknowledge"
      action="I look after it"
      onSubmit={acknowledge}
      onClose={onClose}
    >
      <p class="alert-text">{alert.text}</p>
      <p class="dim">
        No reminders meanwhile. Should it get worse, that is told all the same, and so is its end.
      </p>
      <DurationField
        label="For how long"
        open="For as long as it lasts"
        start="2h"
        onChange={setDuration}
      />
      <label class="field">
        <span>Note</span>
        <input
          type="text"
          maxLength={500}
          value={note}
          onInput={({ currentTarget }) => setNote(currentTarget.value)}
        />
      </label>
    </FormDialog>
  );
}
