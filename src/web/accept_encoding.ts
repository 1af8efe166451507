/** Which form of a file a browser would rather have, by its `Accept-Encoding`. */

/** Forms that are kept, the smallest first. */
export const ENCODINGS = ["br", "gzip"] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** The form to answer with; null: as it is. Null as well for a header that says nothing. */
export function bestEncoding(header: string | null): Encoding | null {
  const wishes = new Map<string, number>();
  for (const wish of (header ?? "").toLowerCase().split(",")) {
    const [name = "", ...parameters] = wish.split(";").map((part) => part.trim());
    const q = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
    const weight = q === undefined ? 1 : Number(q);
    if (name !== "") wishes.set(name, Number.isFinite(weight) ? weight : 0);
  }
  const weightOf = (name: string) => wishes.get(name) ?? wishes.get("*") ?? 0;
  let best: Encoding | null = null;
  // As it is may be preferred by name alone: nobody who takes a smaller form means to refuse it.
  let bestWeight = wishes.get("identity") ?? 0;
  for (const encoding of ENCODINGS) {
    const weight = weightOf(encoding);
    const isBetter = best === null ? weight > 0 && weight >= bestWeight : weight > bestWeight;
    if (isBetter) [best, bestWeight] = [encoding, weight];
  }
  return best;
}
