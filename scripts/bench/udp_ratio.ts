/**
 * `udp_ratio`: datagrams a second that hbd takes without losing one ÷ those of a bare receive loop.
 *
 * hbd is the real program without ACKs (`udp_ack: false`; `udp_acks` has them): each datagram is
 * decoded, judged (10,000 hosts) and written to the journal. The other side, `bare_udp.ts`, receives
 * and counts. Each round starts both anew and bisects for the highest loss-free rate of each, a
 * turn of one, a turn of the other, so that whatever slows the machine for a while slows both; the
 * median of the rounds' ratios counts. `udp_turns.ts` says what a turn must show. The sender takes
 * its share of the machine from both; hbd, which uses two cores, has less left over for it.
 *
 * At the end of each round the books must balance: hbd's journal has a line for each datagram that
 * was counted, no more and no less.
 */

import { join } from "@std/path";
import { type Bench, BENCH_DIR, type Figure, median, range, whole } from "./harness.ts";
import { journalLines } from "./journal_lines.ts";
import { touchFreeMemory } from "./rates.ts";
import { compileSender } from "./udp_sender.ts";
import { Bisection, type Passed, UdpSide } from "./udp_turns.ts";

const WANTED = 0.7;
const ROUNDS = 7;
const STEPS = 5;
const LOWEST_PER_SECOND = 30_000;
const HIGHEST_PER_SECOND = 240_000;
/** Turns before a round, so that the code is compiled: datagrams a second. */
const WARM_UP = [20_000, 50_000, 80_000];

/** Enough that nothing of a round is rotated away before it is counted. */
const KEEP_JOURNAL = "journal_max_backups: 1000\n";

/** What the rounds have shown. */
interface Rounds {
  /** The best turns of each side, in the order of `start`'s sides; a side without any is left out. */
  readonly best: readonly (readonly Passed[])[];
  readonly notes: readonly string[];
  /** Faults found in the books; none is as it must be. */
  readonly faults: readonly string[];
}

export async function udpRatio(bench: Bench): Promise<Figure> {
  const { best, notes, faults } = await rounds(bench, "udp_ratio", false, true);
  const ratios = (best[0] ?? []).map((hbd, i) => hbd.perSecond / (best[1]?.[i]?.perSecond ?? NaN));
  const value = median(ratios);
  return {
    name: "udp_ratio",
    measured: value.toFixed(2),
    wanted: `≥ ${WANTED.toFixed(2)}`,
    ok: value >= WANTED && faults.length === 0,
    notes: [`ratio of each round: ${range(ratios, 2)}`, ...notes],
  };
}

/**
 * `udp_acks`: the highest rate at which hbd loses no datagram and every one is acknowledged, the
 * ACKs received and counted by the sender. There is nothing to compare it with: it is stated.
 */
export async function udpAcks(bench: Bench): Promise<Figure> {
  const { best, notes, faults } = await rounds(bench, "udp_acks", true, false);
  const rates = (best[0] ?? []).map(({ perSecond }) => perSecond);
  return {
    name: "udp_acks",
    measured: `${whole(median(rates))}/s`,
    wanted: "stated",
    ok: rates.length > 0 && faults.length === 0,
    notes,
  };
}

async function rounds(
  bench: Bench,
  name: string,
  withAcks: boolean,
  withBare: boolean,
): Promise<Rounds> {
  const program = await compileSender(bench);
  const scratch = await bench.tempDir();
  const configPath = join(scratch, "hbd.yaml");
  Deno.writeTextFileSync(configPath, `udp_ack: ${withAcks}\n${KEEP_JOURNAL}`);
  const names = ["hbd", ...(withBare ? ["bare loop"] : [])];
  const best: Passed[][] = names.map(() => []);
  const done: UdpSide[][] = names.map(() => []);
  const faults: string[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    bench.progress(`${name}: round ${round} of ${ROUNDS}`);
    const stateDir = await bench.tempDir();
    const args = ["--http-port", "0", "-c", configPath];
    const hbd = new UdpSide(bench, await bench.hbd({ stateDir, args }), program, withAcks);
    const sides = [hbd];
    if (withBare) {
      const command = ["run", "-A", "--unstable-net", join(BENCH_DIR, "bare_udp.ts")];
      sides.push(new UdpSide(bench, await bench.serveUdp("deno", command), program));
    }
    for (const side of sides) for (const perSecond of WARM_UP) await side.turn(perSecond);
    const searches = sides.map(() => new Bisection(LOWEST_PER_SECOND, HIGHEST_PER_SECOND));
    for (let step = 0; step < STEPS; step++) {
      for (const [i, side] of sides.entries()) {
        await touchFreeMemory(scratch);
        await searches[i]?.step(side);
      }
    }
    for (const side of sides) await side.server.stop();
    faults.push(...await faultsOf(hbd, stateDir));
    await Deno.remove(stateDir, { recursive: true });
    await Deno.mkdir(stateDir); // The benchmark removes it again.
    const passed = searches.map((search) => search.best);
    for (const [i, side] of sides.entries()) done[i]?.push(side);
    if (passed.includes(null)) {
      faults.push(`no turn of a whole round lost nothing (round ${round})`);
      continue;
    }
    passed.forEach((one, i) => one !== null && best[i]?.push(one));
  }
  const notes = names.map((side, i) => `${side}: ${sideNote(best[i] ?? [], done[i] ?? [])}`);
  return {
    best,
    faults,
    notes: [...notes, ...faults.map((fault) => `DOES NOT COUNT: ${fault}`)],
  };
}

function sideNote(best: readonly Passed[], done: readonly UdpSide[]): string {
  const busy = done.flatMap(({ sender }) => sender.busy);
  const sum = (of: (side: UdpSide) => number) => done.reduce((n, side) => n + of(side), 0);
  const rates = best.map(({ perSecond }) => perSecond);
  const costs = best.map(({ costUs }) => costUs);
  return `median ${whole(median(rates))}/s, range ${range(rates, 0)}; its CPU time for one: ` +
    `${median(costs).toFixed(1)} µs; the sender used ${median(busy).toFixed(2)} of a core, at ` +
    `most ${Math.max(...busy).toFixed(2)}; of ${busy.length} turns ${sum((s) => s.losing)} lost ` +
    `something and ${sum((s) => s.slow)} were not dealt with in time`;
}

async function faultsOf({ counted }: UdpSide, stateDir: string): Promise<string[]> {
  let beats = 0;
  for await (const line of journalLines(stateDir)) if (line.transport !== undefined) beats++;
  return beats === counted ? [] : [`${counted} datagrams counted, but ${beats} in the journal`];
}
