/** For how long: a choice of usual durations, the end of it, or any other as the API reads it. */

import { useId, useState } from "preact/hooks";

const USUAL: readonly (readonly [string, string])[] = [
  ["15m", "15 minutes"],
  ["1h", "1 hour"],
  ["2h", "2 hours"],
  ["8h", "8 hours"],
  ["1d", "1 day"],
  ["7d", "7 days"],
];

const OTHER = "other";

interface Props {
  readonly label: string;
  /** The words for no limit: "Until it is resumed". */
  readonly open: string;
  /** Hears a text like `2h`; null: no limit. */
  readonly onChange: (duration: string | null) => void;
  /** What is chosen at first; null: no limit. */
  readonly start: string | null;
}

export function DurationField({ label, open, onChange, start }: Props) {
  const id = useId();
  const [chosen, choose] = useState(start ?? "");
  function take(value: string): void {
    choose(value);
    if (value !== OTHER) onChange(value === "" ? null : value);
  }
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="row">
        <select id={id} value={chosen} onChange={({ currentTarget }) => take(currentTarget.value)}>
          {USUAL.map(([value, words]) => <option key={value} value={value}>{words}</option>)}
          <option value="">{open}</option>
          <option value={OTHER}>Another time …</option>
        </select>
        {chosen === OTHER && (
          <input
            type="text"
            required
            size={8}
            placeholder="1h30m"
            pattern="(\d+d)?(\d+h)?(\d+m)?(\d+s)?"
            title="Such as 90s, 15m, 2h, 1h30m or 7d"
            aria-label="Duration, such as 90s, 15m, 1h30m or 7d"
            onInput={({ currentTarget }) => onChange(currentTarget.value)}
          />
        )}
      </div>
    </div>
  );
}
