/** Being written. */

export function LivePage() {
  return <h1 id="page-title" tabIndex={-1}>LivePage</h1>;
}
