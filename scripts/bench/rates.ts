/**
 * The rates behind `http_ratio` and `python_ratio`, all sides in one run.
 *
 * The sides are loaded one after the other for a second each, again and again, while the others
 * idle; every other round goes backwards. A ratio is taken within a round and the median of these
 * counts, so whatever slows the machine for a while slows both sides of it. The CPU time that the
 * servers used is shown beside it: it depends less on what else the machine does. Load: wrk, one
 * thread, 32 connections (kept alive by whoever can), the same 10,000 POST requests (85 bytes of
 * JSON, a host each).
 *
 * Afterwards the books must balance: no failed answer anywhere, and at hbd every answered beat is
 * counted (`total`) and in the journal, once; at the logger every answer is a line of its log.
 */

import { join } from "@std/path";
import { type Bench, BENCH_DIR, BenchError, cpuSeconds, type Figure, health } from "./harness.ts";
import { median, range, type Served, whole } from "./harness.ts";
import { journalLines } from "./journal_lines.ts";

const ROUNDS = 24;
const TURN_S = 1;
const WARM_UP_S = 3;
const HOSTS = 10_000;
const CONNECTIONS = 32;

/** More than what a side writes in one turn. */
const TOUCHED_BYTES = 64 * 1024 * 1024;

/** One side of a comparison. */
class Side {
  readonly server: Served;
  readonly rates: number[] = [];
  /** CPU time of the server for one answer, microseconds, turn by turn. */
  readonly costs: number[] = [];
  answers = 0;
  failures = 0;
  turns = 0;
  #wrkBusy = 0;

  constructor(server: Served) {
    this.server = server;
  }

  /** Loads it for a while; the warm-up counts for the books but is no rate. */
  async turn(bench: Bench, seconds: number, isWarmUp: boolean): Promise<void> {
    const before = cpuSeconds(this.server.pid) ?? 0;
    const load = await bench.wrk(this.server.port, seconds, "load.lua", HOSTS);
    this.answers += load.answers;
    this.failures += load.failures;
    this.turns++;
    if (isWarmUp) return;
    this.rates.push(load.perSecond);
    this.#wrkBusy = Math.max(this.#wrkBusy, load.wrkBusy);
    const usedS = (cpuSeconds(this.server.pid) ?? 0) - before;
    this.costs.push(usedS / load.answers * 1e6);
  }

  toString(): string {
    return `median ${whole(median(this.rates))}/s, range ${
      range(this.rates, 0)
    }; the server's CPU ` +
      `time for one: ${median(this.costs).toFixed(1)} µs; wrk used at most ` +
      `${this.#wrkBusy.toFixed(2)} of a core`;
  }
}

/**
 * Leaves memory that is in use already to whoever needs some next. A virtual machine gets its memory
 * from its host page by page, at the first touch, and a touch that goes to the host takes as long as
 * ten beats: a growing file would measure that.
 */
export async function touchFreeMemory(dir: string): Promise<void> {
  const path = join(dir, "touched");
  await Deno.writeFile(path, new Uint8Array(TOUCHED_BYTES));
  await Deno.remove(path);
}

/** The rates of one run, round by round. */
export interface Rates {
  readonly hbd: Side;
  readonly bare: Side;
  /** The Python logger tuned, and as http.server comes; null when they take no part. */
  readonly python: { readonly tuned: Side; readonly plain: Side } | null;
  /** Faults found in the books; none is as it must be. */
  readonly faults: readonly string[];
}

/** Measures; `withPython` says whether the Python logger takes part. */
export async function measureRates(bench: Bench, withPython: boolean): Promise<Rates> {
  const stateDir = await bench.tempDir();
  const logDir = await bench.tempDir();
  const hbd = new Side(await bench.hbd({ stateDir }));
  const bare = new Side(
    await bench.serve("deno", ["run", "-A", join(BENCH_DIR, "bare_server.ts")]),
  );
  const logger = async (...args: string[]) =>
    new Side(await bench.serve("python3", [join(BENCH_DIR, "python_logger.py"), ...args]));
  const tunedLog = join(logDir, "tuned.log");
  const plainLog = join(logDir, "plain.log");
  const python = withPython
    ? { tuned: await logger(tunedLog, "tuned"), plain: await logger(plainLog) }
    : null;
  const sides = [hbd, bare, ...(python === null ? [] : [python.tuned, python.plain])];

  for (const side of sides) await side.turn(bench, WARM_UP_S, true);
  for (let round = 1; round <= ROUNDS; round++) {
    bench.progress(`rates: round ${round} of ${ROUNDS}`);
    for (const side of round % 2 === 0 ? sides.toReversed() : sides) {
      await touchFreeMemory(logDir);
      await side.turn(bench, TURN_S, false);
    }
  }

  const { total } = await health(hbd.server.port);
  for (const side of sides) await side.server.stop();
  const faults = [
    ...sides.flatMap(({ failures }) => failures > 0 ? [`${failures} failed answers`] : []),
    ...await hbdFaults(hbd, total, stateDir),
    ...(python === null ? [] : [
      ...countFaults("lines in the logger's file", python.tuned, lines(tunedLog)),
      ...countFaults("lines in the logger's file", python.plain, lines(plainLog)),
    ]),
  ];
  return { hbd, bare, python, faults };
}

/** Compares `over` with `under` round by round. */
export function ratio(name: string, over: Side, under: Side, wanted: number, rates: Rates): Figure {
  const ratios = over.rates.map((rate, i) => rate / (under.rates[i] ?? NaN));
  const value = median(ratios);
  return {
    name,
    measured: value.toFixed(2),
    wanted: `≥ ${wanted.toFixed(2)}`,
    ok: value >= wanted && rates.faults.length === 0,
    notes: [
      `ratio of each round: ${range(ratios, 2)}`,
      `ratio of the medians ${(median(over.rates) / median(under.rates)).toFixed(2)}, of the CPU ` +
      `time ${(median(under.costs) / median(over.costs)).toFixed(2)}`,
      `hbd: ${over}`,
      `other side: ${under}`,
      ...rates.faults.map((fault) => `DOES NOT COUNT: ${fault}`),
    ],
  };
}

async function hbdFaults(hbd: Side, total: number, stateDir: string): Promise<string[]> {
  let beats = 0;
  for await (const line of journalLines(stateDir)) if (line.transport !== undefined) beats++;
  const faults = countFaults("beats counted by hbd", hbd, total);
  if (beats !== total) faults.push(`${total} beats counted, but ${beats} in the journal`);
  return faults;
}

/** Answers under way when a turn ends are counted by the server and not by wrk. */
function countFaults(what: string, { answers, turns }: Side, counted: number): string[] {
  const most = answers + turns * CONNECTIONS;
  return counted >= answers && counted <= most
    ? []
    : [`${answers} answers (and at most ${most} beats), but ${counted} ${what}`];
}

function lines(path: string): number {
  const bytes = Deno.readFileSync(path);
  let count = 0;
  for (const byte of bytes) if (byte === 10) count++;
  if (bytes.length === 0) throw new BenchError("The Python logger has written nothing");
  return count;
}
