/** The settings of a host: laid over the configuration, and taken off again by emptying a field. */

import { useState } from "preact/hooks";
import { part, send } from "../api.ts";
import { FormDialog } from "../components/form_dialog.tsx";
import { changeOf, type Fields, fieldsOf, type TextField } from "./settings_form.ts";
import type { HostDetail } from "./types.ts";

interface Props {
  readonly detail: HostDetail;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

const LABELS: readonly (readonly [TextField, string, string])[] = [
  ["interval", "Interval", "Seconds, or auto: learned from its beats"],
  ["grace", "Grace", "Seconds that a beat may be late"],
  ["tolerance", "Tolerance", "The same in percent of the interval, without a grace"],
  ["group", "Group", "Hosts of one group that fall silent together are one incident"],
  ["notify", "Notify", "Channels, separated by commas"],
];

export function EditDialog({ detail, onDone, onClose }: Props) {
  const { name, settings, changed_here } = detail;
  const [before] = useState(() => fieldsOf(settings));
  const [fields, setFields] = useState<Fields>(before);
  async function save(): Promise<string> {
    await send("PATCH", `hosts/${part(name)}`, changeOf(before, fields));
    onDone();
    return `The settings of ${name} are saved`;
  }
  const isChanged = Object.keys(changeOf(before, fields)).length > 0;
  return (
    <FormDialog
      title={`Settings of ${name}`}
      action="Save"
      isReady={isChanged}
      onSubmit={save}
      onClose={onClose}
    >
      <p class="dim">An empty field is as the configuration says.</p>
      {settings.cron !== null && (
        <p>
          It beats by its calendar, <code>{settings.cron}</code> ({settings.tz}), which is set{" "}
          {changed_here.includes("cron") ? "over the API" : "in the configuration"}; an interval
          given here takes its place.
        </p>
      )}
      {LABELS.map(([field, label, hint]) => (
        <label class="field" key={field}>
          <span>
            <strong>{label}</strong> {hint}
            {changed_here.includes(field) && <em class="host-changed">changed here</em>}
          </span>
          <input
            type="text"
            value={fields[field]}
            onInput={({ currentTarget }) => setFields({ ...fields, [field]: currentTarget.value })}
          />
        </label>
      ))}
      <label class="row">
        <input
          type="checkbox"
          checked={fields.watch}
          onChange={({ currentTarget }) => setFields({ ...fields, watch: currentTarget.checked })}
        />
        Watch it: people are told of its alerts
      </label>
    </FormDialog>
  );
}
