/** A small line of the last values. It only supports the number beside it, so nobody reads it out. */

const WIDTH = 48;
const HEIGHT = 18;

/** From 0 up, unless all values are far from it: a steady line must not look like a storm. */
export function Sparkline({ values }: { readonly values: readonly number[] }) {
  if (values.length < 2) return null;
  const top = Math.max(...values);
  const low = Math.min(...values);
  const span = Math.max(top - low, top / 2, 0.001);
  const step = WIDTH / (values.length - 1);
  const points = values.map((value, n) =>
    `${(n * step).toFixed(1)},${(HEIGHT - 2 - (value - low) / span * (HEIGHT - 4)).toFixed(1)}`
  );
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      <polyline points={points.join(" ")} />
    </svg>
  );
}
