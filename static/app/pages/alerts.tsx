/** Being written. */

export function AlertsPage() {
  return <h1 id="page-title" tabIndex={-1}>AlertsPage</h1>;
}
