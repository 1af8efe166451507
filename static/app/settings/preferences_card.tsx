/** What the viewer may choose for this browser. */

import { PreferenceFields } from "../components/preference_fields.tsx";

export function PreferencesCard() {
  return (
    <section class="card" aria-labelledby="preferences">
      <h2 id="preferences">Preferences of this browser</h2>
      <div class="preferences">
        <PreferenceFields group="settings-theme" />
      </div>
    </section>
  );
}
