/** Being written. */

export function HostPage({ name }: { readonly name: string }) {
  return <h1 id="page-title" tabIndex={-1}>{name}</h1>;
}
