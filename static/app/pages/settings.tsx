/** Being written. */

export function SettingsPage() {
  return <h1 id="page-title" tabIndex={-1}>SettingsPage</h1>;
}
