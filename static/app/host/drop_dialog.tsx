/** Drops a host for good: whoever does it types its name. */

import { useState } from "preact/hooks";
import { part, send } from "../api.ts";
import { FormDialog } from "../components/form_dialog.tsx";
import { go } from "../router.ts";

interface Props {
  readonly name: string;
  readonly onClose: () => void;
}

export function DropDialog({ name, onClose }: Props) {
  const [typed, type] = useState("");
  async function drop(): Promise<string> {
    await send("DELETE", `hosts/${part(name)}`);
    go("/live");
    return `${name} is dropped`;
  }
  return (
    <FormDialog
      title={`Drop ${name}`}
      action="Drop this host"
      isDangerous
      isReady={typed === name}
      onSubmit={drop}
      onClose={onClose}
    >
      <p>
        All that is known of it is forgotten: its history, its samples, its alerts, its settings. It
        comes back as a new host when it beats again.
      </p>
      <label class="field">
        <span>
          To go on, type its name: <strong class="host-name">{name}</strong>
        </span>
        <input
          type="text"
          autocomplete="off"
          spellcheck={false}
          value={typed}
          onInput={({ currentTarget }) => type(currentTarget.value)}
        />
      </label>
    </FormDialog>
  );
}
