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

const FIELDS: readonly (readonly [keyof Fields, string, string])[] = [
  ["owner", "Owner", "may do everything; whoever gives it away is not it any more"],
  ["managers", "Managers", "may pause, acknowledge and send commands; separated by commas"],
  ["monitors", "Monitors", "may look; separated by commas"],
];

interface Fields {
  readonly owner: string;
  readonly managers: string;
  readonly monitors: string;
}

export function AccessDialog({ name, onDone, onClose }: Props) {
  const path = `hosts/${part(name)}/access`;
  const { data, error } = useApi<Access>(path);
  const [fields, setFields] = useState<Fields | null>(null);
  useEffect(() => {
    if (data === null) return;
    const { owner, managers, monitors } = data;
    setFields({
      owner: owner ?? "",
      managers: managers.join(", "),
      monitors: monitors.join(", "),
    });
  }, [data]);
  async function save(): Promise<string> {
    if (fields === null) return "";
    await send("PUT", path, {
      owner: fields.owner.trim() || null,
      managers: namesOf(fields.managers),
      monitors: namesOf(fields.monitors),
    });
    onDone();
    return `The access to ${name} is saved`;
  }
  return (
    <FormDialog
      title={`Access to ${name}`}
      action="Save"
      isReady={fields !== null}
      onSubmit={save}
      onClose={onClose}
    >
      {error !== null && <Refusal error={error} what="the access to this host" />}
      {fields === null
        ? <p class="dim">Loading …</p>
        : <Names fields={fields} onChange={setFields} />}
    </FormDialog>
  );
}

function Names(
  { fields, onChange }: {
    readonly fields: Fields;
    readonly onChange: (fields: Fields) => void;
  },
) {
  const users = useApi<{ readonly users: readonly { readonly name: string }[] }>("users");
  const known = useId();
  return (
    <>
      <datalist id={known}>
        {users.data?.users.map(({ name }) => <option key={name} value={name} />)}
      </datalist>
      {FIELDS.map(([field, label, hint]) => (
        <label class="field" key={field}>
          <span>
            <strong>{label}</strong> {hint}
          </span>
          <input
            type="text"
            list={known}
            value={fields[field]}
            onInput={({ currentTarget }) => onChange({ ...fields, [field]: currentTarget.value })}
          />
        </label>
      ))}
    </>
  );
}
