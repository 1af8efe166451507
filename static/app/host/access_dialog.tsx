/** Who may do what at a host. */

import { useEffect, useId, useState } from "preact/hooks";
import { part, send } from "../api.ts";
import { FormDialog } from "../components/form_dialog.tsx";
import { Refusal } from "../components/refusal.tsx";
import { useApi } from "../use_api.ts";
import { namesOf } from "./settings_form.ts";

interface Access {
  readonly owner: string | null;
  readonly managers: readonly string[];
  readonly monitors: readonly string[];
}

interface Props {
  readonly name: string;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

export function AccessDialog({ name, onDone, onClose }: Props) {
  const path = `hosts/${part(name)}/access`;
  const { data, error } = useApi<Access>(path);
  const users = useApi<{ readonly users: readonly { readonly name: string }[] }>("users");
  const known = useId();
  const [owner, setOwner] = useState("");
  const [managers, setManagers] = useState("");
  const [monitors, setMonitors] = useState("");
  useEffect(() => {
    if (data === null) return;
    setOwner(data.owner ?? "");
    setManagers(data.managers.join(", "));
    setMonitors(data.monitors.join(", "));
  }, [data]);
  async function save(): Promise<string> {
    await send("PUT", path, {
      owner: owner.trim() === "" ? null : owner.trim(),
      managers: namesOf(managers),
      monitors: namesOf(monitors),
    });
    onDone();
    return `The access to ${name} is saved`;
  }
  return (
    <FormDialog
      title={`Access to ${name}`}
      action="Save"
      isReady={data !== null}
      onSubmit={save}
      onClose={onClose}
    >
      {error !== null && <Refusal error={error} what="the access to this host" />}
      <datalist id={known}>
        {users.data?.users.map(({ name }) => <option key={name} value={name} />)}
      </datalist>
      <label class="field">
        <span>
          <strong>Owner</strong> may do everything; whoever gives it away is not it any more
        </span>
        <input
          type="text"
          list={known}
          value={owner}
          onInput={({ currentTarget }) => setOwner(currentTarget.value)}
        />
      </label>
      <label class="field">
        <span>
          <strong>Managers</strong> may pause, acknowledge and send commands; separated by commas
        </span>
        <input
          type="text"
          list={known}
          value={managers}
          onInput={({ currentTarget }) => setManagers(currentTarget.value)}
        />
      </label>
      <label class="field">
        <span>
          <strong>Monitors</strong> may look
        </span>
        <input
          type="text"
          list={known}
          value={monitors}
          onInput={({ currentTarget }) => setMonitors(currentTarget.value)}
        />
      </label>
    </FormDialog>
  );
}
