/** Being written. */

export function LoginPage() {
  return <h1 id="page-title" tabIndex={-1}>LoginPage</h1>;
}
