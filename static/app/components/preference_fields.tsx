/** What the viewer may choose for this browser: in the menu, and on the settings page. */

import {
  isOn,
  setSwitch,
  setTheme,
  type Switch,
  type Theme,
  theme,
  THEMES,
} from "../preferences.ts";

const THEME_WORDS: Readonly<Record<Theme, string>> = {
  system: "As the system",
  light: "Light",
  dark: "Dark",
};

/** `group` tells the radio buttons of one place from those of another. */
export function PreferenceFields({ group }: { readonly group: string }) {
  return (
    <>
      <fieldset>
        <legend>Theme</legend>
        {THEMES.map((one) => (
          <label key={one} class="preference">
            <input
              type="radio"
              name={group}
              checked={theme.value === one}
              onChange={() => setTheme(one)}
            />
            {THEME_WORDS[one]}
          </label>
        ))}
      </fieldset>
      <fieldset>
        <legend>When a host goes down</legend>
        <SwitchField name="sound" words="Play a sound" />
        <SwitchField name="notify" words="Show a notification" />
      </fieldset>
    </>
  );
}

function SwitchField({ name, words }: { readonly name: Switch; readonly words: string }) {
  return (
    <label class="preference">
      <input
        type="checkbox"
        checked={isOn(name)}
        onChange={({ currentTarget }) => setSwitch(name, currentTarget.checked)}
      />
      {words}
    </label>
  );
}
