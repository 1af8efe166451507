/**
 * The samples that plugins have sent: the last ones of each plugin of each host, in the order in
 * which they were measured. Data is kept as JSON text, which is a fraction of the objects' size.
 *
 * A client that does not get its answer sends a sample again: two with the same time by the
 * client's clock and the same data are one.
 */

/** Plugins kept for one host. */
const PLUGINS_PER_HOST = 64;

/**
 * Characters kept of one host, and of all: beyond it, a new sample takes the place of its plugin's
 * oldest ones, and one that still finds no room is not kept.
 */
const HOST_CHARS = 8 * 1024 * 1024;
const ALL_CHARS = 192 * 1024 * 1024;

/** What a sample takes beside its text, in characters. */
const SAMPLE_CHARS = 200;

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
  /** Slots of samples that were dropped, to be used again. */
  readonly freeSlots: number[];
  nextSlot: number;
}

interface HostSamples {
  readonly plugins: Map<string, Series>;
  chars: number;
}

export class MetricsHistory {
  readonly #hosts = new Map<string, HostSamples>();
  /** By plugin, slot and host, so that a failing store makes it no longer than what is kept. */
  #changed = new Map<string, SampleRecord>();
  #chars = 0;

  /**
   * Adds a sample, keeping at most `limit` of the plugin. Returns false when it is there already.
   * One that is older than all that are kept, of one plugin too many, or over a bound is not kept.
   */
  add(host: string, plugin: string, sample: Sample, limit: number): boolean {
    const known = this.#hosts.get(host);
    const kept = known?.plugins.get(plugin)?.samples ?? [];
    // A sample that is sent again says the same; others may share its moment.
    const isKnown = kept.some((other) =>
      other.sample.clientMs === sample.clientMs && other.sample.text === sample.text
    );
    if (isKnown) return false;
    const chars = charsOf(sample);
    const isOldest = kept.length > 0 && sample.atMs < (kept[0]?.sample.atMs ?? 0);
    const hasRoom = () =>
      (known?.plugins.get(plugin)?.samples.length ?? 0) < limit &&
      (known?.chars ?? 0) + chars <= HOST_CHARS && this.#chars + chars <= ALL_CHARS;
    if (isOldest && !hasRoom()) return true;
    while (known !== undefined && kept.length > 0 && !hasRoom()) this.#dropOldest(known, plugin);
    if (!hasRoom()) return true;
    const series = this.#series(host, plugin);
    if (series === null) return true;
    const slot = series.freeSlots.pop() ?? series.nextSlot++;
    this.#insert(host, series, sample, slot);
    const record = { host, plugin, slot, ...sample };
    this.#changed.set(keyOf(record), record);
    return true;
  }

  /** The plugins of `host` with their newest sample and how many are kept. */
  plugins(host: string): { readonly plugin: string; readonly newest: Sample; count: number }[] {
    return [...this.#hosts.get(host)?.plugins ?? []].flatMap(([plugin, { samples }]) => {
      const newest = samples.at(-1)?.sample;
      return newest === undefined ? [] : [{ plugin, newest, count: samples.length }];
    });
  }

  /** Up to `limit` samples of a plugin, the newest first; null when there are none of it. */
  samples(host: string, plugin: string, limit: number): readonly Sample[] | null {
    const series = this.#hosts.get(host)?.plugins.get(plugin);
    if (series === undefined) return null;
    return series.samples.slice(-limit).reverse().map(({ sample }) => sample);
  }

  /** Puts a stored sample back. */
  restore(record: SampleRecord): void {
    const series = this.#series(record.host, record.plugin);
    if (series === null) return;
    const { atMs, clientMs, text, slot } = record;
    this.#insert(record.host, series, { atMs, clientMs, text }, slot);
    series.nextSlot = Math.max(series.nextSlot, slot + 1);
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
      if (!this.#changed.has(key) && this.#isKept(record)) this.#changed.set(key, record);
    }
  }

  /** Forgets the samples of `host`. */
  forget(host: string): void {
    const known = this.#hosts.get(host);
    if (known === undefined) return;
    for (const [plugin, { nextSlot }] of known.plugins) {
      for (let slot = 0; slot < nextSlot; slot++) {
        this.#changed.delete(keyOf({ host, plugin, slot }));
      }
    }
    this.#chars -= known.chars;
    this.#hosts.delete(host);
  }

  /** False for a sample of a host that was dropped meanwhile. */
  #isKept({ host, plugin, slot, clientMs, text }: SampleRecord): boolean {
    const samples = this.#hosts.get(host)?.plugins.get(plugin)?.samples ?? [];
    return samples.some((kept) =>
      kept.slot === slot && kept.sample.clientMs === clientMs && kept.sample.text === text
    );
  }

  #insert(host: string, { samples }: Series, sample: Sample, slot: number): void {
    let at = samples.length;
    while (at > 0 && (samples[at - 1]?.sample.atMs ?? 0) > sample.atMs) at--;
    samples.splice(at, 0, { sample, slot });
    this.#count(this.#hosts.get(host), charsOf(sample));
  }

  #dropOldest(host: HostSamples, plugin: string): void {
    const series = host.plugins.get(plugin);
    const oldest = series?.samples.shift();
    if (series === undefined || oldest === undefined) return;
    series.freeSlots.push(oldest.slot);
    this.#count(host, -charsOf(oldest.sample));
  }

  #count(host: HostSamples | undefined, chars: number): void {
    if (host !== undefined) host.chars += chars;
    this.#chars += chars;
  }

  #series(host: string, plugin: string): Series | null {
    let samples = this.#hosts.get(host);
    if (samples === undefined) this.#hosts.set(host, samples = { plugins: new Map(), chars: 0 });
    let series = samples.plugins.get(plugin);
    if (series === undefined) {
      if (samples.plugins.size >= PLUGINS_PER_HOST) return null;
      series = { samples: [], freeSlots: [], nextSlot: 0 };
      samples.plugins.set(plugin, series);
    }
    return series;
  }
}

function charsOf({ text }: Sample): number {
  return text.length + SAMPLE_CHARS;
}

function keyOf({ plugin, slot, host }: Pick<SampleRecord, "plugin" | "slot" | "host">): string {
  return `${plugin}\n${slot}\n${host}`;
}
