/** What the viewer may choose for this browser: the same as in the menu, with more words. */

import { isOn, setSwitch, setTheme, type Theme, theme, THEMES } from "../preferences.ts";

const WORDS: Readonly<Record<Theme, string>> = {
  system: "As the system",
  light: "Light",
  dark: "Dark",
};

export function PreferencesCard() {
  return (
    <section class="card" aria-labelledby="preferences">
      <h2 id="preferences">Preferences of this browser</h2>
      <div class="preferences">
        <fieldset>
          <legend>Theme</legend>
          {THEMES.map((one) => (
            <label key={one} class="row">
              <input
                type="radio"
                name="settings-theme"
                checked={theme.value === one}
                onChange={() => setTheme(one)}
              />
              {WORDS[one]}
            </label>
          ))}
        </fieldset>
        <fieldset>
          <legend>When a host goes down</legend>
          <label class="row">
            <input
              type="checkbox"
              checked={isOn("sound")}
              onChange={({ currentTarget }) => setSwitch("sound", currentTarget.checked)}
            />
            Play a sound
          </label>
          <label class="row">
            <input
              type="checkbox"
              checked={isOn("notify")}
              onChange={({ currentTarget }) => setSwitch("notify", currentTarget.checked)}
            />
            Show a notification
          </label>
        </fieldset>
      </div>
    </section>
  );
}
