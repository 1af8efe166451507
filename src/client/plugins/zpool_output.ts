/**
 * Reads what ZFS says of its pools: the tables of `zpool list` and `zpool iostat` for programs
 * (`-H -p`: tabs between columns, no heading, exact numbers, "-" for what is not known)
 *
 *   tank	ONLINE	45	12	1.00	3985729650688	1793578342809	2192151307879
 *
 * and the kernel's statistics under /proc/spl/kstat/zfs, one line of which is `reads  4  1023`.
 */

/** The columns that `parsePoolList()` expects, for `zpool list -o`. */
export const POOL_COLUMNS = "name,health,capacity,fragmentation,dedupratio,size,allocated,free";

/** What is known of one pool. A number that ZFS does not know is left out. */
export interface PoolFacts {
  /** ONLINE, DEGRADED, FAULTED, OFFLINE, REMOVED, UNAVAIL or SUSPENDED. */
  readonly health: string;
  readonly health_ok: boolean;
  readonly capacity_percent?: number;
  readonly fragmentation_percent?: number;
  /** 1 when no block is shared. */
  readonly dedup_ratio?: number;
  readonly size_bytes?: number;
  readonly allocated_bytes?: number;
  readonly free_bytes?: number;
}

/** Everything read and written since the pool was imported. */
export interface IoTotals {
  readonly reads_total: number;
  readonly writes_total: number;
  readonly read_bytes_total: number;
  readonly written_bytes_total: number;
}

/** The mean since the pool was imported, for systems that tell no totals. */
export interface IoRates {
  readonly reads_per_s?: number;
  readonly writes_per_s?: number;
  readonly read_bytes_per_s?: number;
  readonly written_bytes_per_s?: number;
}

/** Pools by name; none for "no pools available". */
export function parsePoolList(text: string): ReadonlyMap<string, PoolFacts> {
  const pools = new Map<string, PoolFacts>();
  for (const [name = "", health, ...numbers] of rows(text)) {
    if (health === undefined) continue;
    const [capacity, fragmentation, dedup, size, allocated, free] = numbers;
    const facts = known({
      capacity_percent: capacity,
      fragmentation_percent: fragmentation,
      dedup_ratio: dedup,
      size_bytes: size,
      allocated_bytes: allocated,
      free_bytes: free,
    });
    pools.set(name, { health, health_ok: health === "ONLINE", ...facts });
  }
  return pools;
}

/** Mean rates of the pools in the table of `zpool iostat -H -p`. */
export function parsePoolIostat(text: string): ReadonlyMap<string, IoRates> {
  const pools = new Map<string, IoRates>();
  for (const row of rows(text)) {
    const [name, , , reads, writes, readBytes, writtenBytes] = row;
    if (name === undefined || row.length < 7) continue;
    const rates = known({
      reads_per_s: reads,
      writes_per_s: writes,
      read_bytes_per_s: readBytes,
      written_bytes_per_s: writtenBytes,
    });
    pools.set(name, rates);
  }
  return pools;
}

/**
 * The totals in one statistics file: `io` of a pool (older ZFS: a row of headings, then a row of
 * numbers) or `objset-0x…` of a dataset (a line for each number). Null when they are not in it.
 */
export function parseKstat(text: string): IoTotals | null {
  const values = new Map<string, number>();
  const lines = text.split("\n").map((line) => line.trim().split(/\s+/));
  for (const [index, words] of lines.entries()) {
    if (words.includes("nread") && words.includes("nwritten")) {
      for (const [column, word] of words.entries()) {
        values.set(word, Number(lines[index + 1]?.[column]));
      }
    } else if (words.length === 3 && words[0] !== undefined) {
      values.set(words[0], Number(words[2]));
    }
  }
  const [reads, writes, readBytes, writtenBytes] = ["reads", "writes", "nread", "nwritten"]
    .map((name) => values.get(name) ?? NaN);
  const totals = {
    reads_total: reads ?? NaN,
    writes_total: writes ?? NaN,
    read_bytes_total: readBytes ?? NaN,
    written_bytes_total: writtenBytes ?? NaN,
  };
  return Object.values(totals).every(Number.isFinite) ? totals : null;
}

/** The sum of two totals. */
export function addTotals(a: IoTotals, b: IoTotals): IoTotals {
  return {
    reads_total: a.reads_total + b.reads_total,
    writes_total: a.writes_total + b.writes_total,
    read_bytes_total: a.read_bytes_total + b.read_bytes_total,
    written_bytes_total: a.written_bytes_total + b.written_bytes_total,
  };
}

function rows(text: string): readonly (readonly string[])[] {
  return text.split("\n").filter((line) => line.includes("\t")).map((line) => line.split("\t"));
}

/** The texts that are numbers, as numbers; older versions write `45%` and `1.00x`. */
function known<K extends string>(
  texts: Readonly<Record<K, string | undefined>>,
): Partial<Record<K, number>> {
  const numbers: Partial<Record<K, number>> = {};
  for (const key in texts) {
    const [, number] = /^([\d.]+)[%x]?$/.exec(texts[key]?.trim() ?? "") ?? [];
    if (number !== undefined) numbers[key] = Number(number);
  }
  return numbers;
}
