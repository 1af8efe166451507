/**
 * The samples that plugins have sent: the last ones of each plugin of each host, in the order in
 * which they were measured. Data is kept as JSON text, which is a fraction of the objects' size.
 *
 * A client that does not get its answer sends a sample again: two with the same time by the client's
 * clock are one.
 */

/** Plugins kept for one host. */
const PLUGINS_PER_HOST = 64;

/** Samples kept in all: beyond it, each new one takes the place of its plugin's oldest. */
const SAMPLES_IN_ALL = 2_000_000;

export interface Sample {
  /** When it was measured by the server's clock, epoch milliseconds. */
  readonly atMs: number;
  /** The same by the client's clock. */
  readonly clientMs: number;
  /** What was measured, a JSON object. */
  readonly text: string;
}

/** A sample as the store keeps it. */
export interface SampleRecord extends Sample {
  readonly host: string;
  readonly plugin: string;
  /** Its place among those that are kept: from 0 to one less than there may be. */
  readonly slot: number;
}

interface Series {
  /** The oldest first. */
  readonly samples: { sample: Sample; slot: number }[];
  nextSlot: number;
}

export class MetricsHistory {
  readonly #hosts = new Map<string, Map<string, Series>>();
  /** By plugin, slot and host, so that a failing store makes it no longer than what is kept. */
  #changed = new Map<string, SampleRecord>();
  #size = 0;

  /**
   * Adds a sample, keeping at most `limit` of the plugin. Returns false when it is there already;
   * one that is older than all that are kept, or of one plugin too many, is not kept.
   */
  add(host: string, plugin: string, sample: Sample, limit: number): boolean {
    const series = this.#series(host, plugin);
    if (series === null) return true;
    const { samples } = series;
    let at = samples.length;
    while (at > 0 && (samples[at - 1]?.sample.atMs ?? 0) > sample.atMs) at--;
    const isKnown = samples.some((other) => other.sample.clientMs === sample.clientMs);
    const most = this.#size < SAMPLES_IN_ALL ? limit : Math.max(1, samples.length);
    if (isKnown) return false;
    if (samples.length >= most && at === 0) return true;
    const oldest = samples.splice(0, Math.max(0, samples.length + 1 - most));
    const slot = oldest[0]?.slot ?? series.nextSlot++;
    samples.splice(Math.max(0, at - oldest.length), 0, { sample, slot });
    this.#size += 1 - oldest.length;
    const record = { host, plugin, slot, ...sample };
    this.#changed.set(keyOf(record), record);
    return true;
  }

  /** The plugins of `host` with their newest sample and how many are kept. */
  plugins(host: string): { readonly plugin: string; readonly newest: Sample; count: number }[] {
    return [...this.#hosts.get(host) ?? []].flatMap(([plugin, { samples }]) => {
      const newest = samples.at(-1)?.sample;
      return newest === undefined ? [] : [{ plugin, newest, count: samples.length }];
    });
  }

  /** Up to `limit` samples of a plugin, the newest first; null when there are none of it. */
  samples(host: string, plugin: string, limit: number): readonly Sample[] | null {
    const series = this.#hosts.get(host)?.get(plugin);
    if (series === undefined) return null;
    return series.samples.slice(-limit).reverse().map(({ sample }) => sample);
  }

  /** Puts a stored sample back. */
  restore(record: SampleRecord): void {
    const series = this.#series(record.host, record.plugin);
    if (series === null) return;
    const { atMs, clientMs, text, slot } = record;
    series.samples.push({ sample: { atMs, clientMs, text }, slot });
    series.samples.sort((a, b) => a.sample.atMs - b.sample.atMs);
    series.nextSlot = Math.max(series.nextSlot, slot + 1);
    this.#size++;
  }

  /** Samples added since the last call, for a checkpoint. */
  takeChanged(): readonly SampleRecord[] {
    const changed = [...this.#changed.values()];
    this.#changed = new Map();
    return changed;
  }

  /** Marks samples as changed again: their checkpoint failed. */
  putBackChanged(records: readonly SampleRecord[]): void {
    for (const record of records) {
      const key = keyOf(record);
      if (!this.#changed.has(key)) this.#changed.set(key, record);
    }
  }

  #series(host: string, plugin: string): Series | null {
    let plugins = this.#hosts.get(host);
    if (plugins === undefined) this.#hosts.set(host, plugins = new Map());
    let series = plugins.get(plugin);
    if (series === undefined) {
      if (plugins.size >= PLUGINS_PER_HOST) return null;
      plugins.set(plugin, series = { samples: [], nextSlot: 0 });
    }
    return series;
  }
}

function keyOf({ plugin, slot, host }: SampleRecord): string {
  return `${plugin}\n${slot}\n${host}`;
}
