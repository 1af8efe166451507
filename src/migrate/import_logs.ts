/**
 * Reads old logs into a state folder that no server uses: hosts with their counts, their last beats
 * and their hourly history, as the monitor judges the lines by today's configuration.
 *
 * Into an empty folder, or behind what is there, the monitor itself is what is stored. What is older
 * than the state is judged apart and added to it. Either way nothing is half done, and what was
 * imported before is left out.
 */

import { join } from "@std/path";
import type { Config } from "../config/config.ts";
import { replay } from "../journal/reader.ts";
import type { HostRecord } from "../monitor/host_table.ts";
import { Monitor } from "../monitor/monitor.ts";
import { checkpoint } from "../store/checkpoint.ts";
import { lock } from "../store/lock.ts";
import { giveToOwner } from "../store/owner.ts";
import type { Store } from "../store/store.ts";
import { watchSettings } from "../watch_settings.ts";
import { DayHistory } from "./day_history.ts";
import { Feeder } from "./feeder.ts";
import {
  type Identified,
  identify,
  IMPORT_RECORDS,
  type ImportRecord,
  importRecords,
} from "./identity.ts";
import { type Merged, mergeHosts, restSilentHosts } from "./merge.ts";
import { refuseOwnJournal } from "./own_journal.ts";
import type { LogSource } from "./source.ts";
import { ImportError, type Wanted, wantedOf } from "./wanted.ts";
import { WorkingCopy } from "./working_copy.ts";

const DAY_MS = 86_400_000;

/** Lines between two signs of life. */
const PROGRESS_LINES = 1_000_000;

export interface ImportOptions {
  readonly files: readonly string[];
  readonly stateDir: string;
  readonly journal: { readonly dir: string; readonly file: string } | null;
  readonly config: Config;
  /** Zone of times without one; null: that of this machine. */
  readonly zone: string | null;
  /** Nobody was heard for longer than this: the server was off. Infinity: hosts are to blame. */
  readonly gapMs: number;
  /** Also what is of a time that was imported from another file, and the state's own journal. */
  readonly isForced: boolean;
  /** Only looks: nothing is changed. */
  readonly isTrial: boolean;
  /** Epoch milliseconds. */
  readonly nowMs: number;
  readonly onProgress: (lines: number) => void;
}

/** What became of a file; null: all of it was imported before. */
export interface ImportedFile {
  readonly path: string;
  readonly known: ImportRecord | null;
  readonly counts: ReturnType<LogSource["counts"]> | null;
}

/** What was done. */
export interface ImportReport {
  readonly files: readonly ImportedFile[];
  readonly fed: ReturnType<Feeder["counts"]>;
  readonly merged: Merged;
  /** How it came into the state: see above. */
  readonly way: "new" | "behind" | "older";
  /** Days of history that were written. */
  readonly days: number;
  /** Nothing before this day (since 1970) is kept as history. */
  readonly firstDay: number;
}

const NOTHING: Omit<ImportReport, "files"> = {
  fed: { beats: 0, others: 0, refused: 0, repeated: 0, silences: 0, longestSilence: null },
  merged: { added: 0, known: 0, notWaitedFor: 0 },
  way: "new",
  days: 0,
  firstDay: Infinity,
};

/** Imports the files. Rejects with an ImportError where it cannot be done. */
export async function importLogs(options: ImportOptions): Promise<ImportReport> {
  const { stateDir, nowMs } = options;
  if (!options.isTrial) await Deno.mkdir(stateDir, { recursive: true, mode: 0o700 });
  await using stack = new AsyncDisposableStack();
  stack.use(await lockState(options));
  const scratch = await scratchDir(options, stack);
  if (!options.isTrial) await removeLeftovers(stateDir);
  const copy = stack.use(await WorkingCopy.open(scratch, join(stateDir, "hbd.kv")));
  const { store } = copy;
  await refuseUnsettled(store, options);

  const records = importRecords(await store.loadRecords(IMPORT_RECORDS));
  const found: Identified[] = [];
  for (const path of options.files) found.push(await identify(path, records));
  const { journal, isForced } = options;
  if (journal !== null && !isForced) await refuseOwnJournal(found, journal);
  const sources = wantedOf(found, records, options);

  const done = sources.length === 0 ? NOTHING : await readIn(sources, copy.store, options);
  for (const { source, file } of sources) await remember(store, source, file, nowMs);
  if (!options.isTrial && sources.length > 0) await copy.keep();
  return {
    ...done,
    files: found.map(({ path, known }) => ({
      path,
      known,
      counts: sources.find(({ source }) => source.path === path)?.source.counts() ?? null,
    })),
  };
}

/** Judges what is in the files, and puts it into the store. */
async function readIn(
  sources: readonly Wanted[],
  store: Store,
  { config, gapMs, nowMs, onProgress }: ImportOptions,
): Promise<Omit<ImportReport, "files">> {
  const { historyDays } = config.web;
  const firstDay = historyDays > 0 ? Math.floor(nowMs / DAY_MS) - historyDays : Infinity;
  const history = new DayHistory(store, firstDay);
  const startMs = Math.min(...sources.map(({ startMs }) => startMs));
  const isContinued = sources.some(({ file }) => file.known !== null);
  const { monitor, way, fromMs } = await monitorFor(store, config, startMs, isContinued);
  const feeder = new Feeder({ monitor, history, startMs: fromMs, gapMs });
  await feed(sources.map(({ source }) => source), feeder, onProgress);
  await feeder.end();
  let merged: Merged;
  if (way === "older") {
    await feeder.writeUnfinished();
    merged = await mergeHosts(store, hostsOf(monitor), await seqOf(store));
  } else {
    await checkpoint(monitor, store, feeder.nowMs);
    await store.saveListening(monitor.listeningMs(feeder.nowMs));
    merged = await restSilentHosts(store, feeder.nowMs);
  }
  return { fed: feeder.counts(), merged, way, days: history.days.size, firstDay };
}

async function lockState({ stateDir, isTrial }: ImportOptions): Promise<Disposable> {
  try {
    const path = join(stateDir, "hbd.lock");
    const remedy = "name the state folder of another with --state-dir";
    const held = await lock(path, `State folder ${stateDir}`, remedy);
    await giveToOwner(stateDir, [path]);
    return held;
  } catch (error) {
    // There is nothing that a trial could collide with.
    if (isTrial && error instanceof Deno.errors.NotFound) return { [Symbol.dispose]() {} };
    throw new ImportError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** Where the copy is made: on the same disk as the store, or, for a trial, anywhere. */
async function scratchDir(options: ImportOptions, stack: AsyncDisposableStack): Promise<string> {
  if (!options.isTrial) return options.stateDir;
  const dir = await Deno.makeTempDir({ prefix: "hbd-import-" });
  stack.defer(() => Deno.remove(dir, { recursive: true }));
  return dir;
}

/** What an import that was killed has left behind: nobody else is at it, the folder is locked. */
async function removeLeftovers(dir: string): Promise<void> {
  for await (const { name } of Deno.readDir(dir)) {
    if (/^\.import-[0-9a-f]{8}\.kv/.test(name)) await Deno.remove(join(dir, name));
  }
}

/** After a crash the journal knows more than the store, and only the server can make that good. */
async function refuseUnsettled(store: Store, { journal, stateDir }: ImportOptions): Promise<void> {
  if (journal === null) return;
  const options = { onProblem: () => {}, onTorn: () => {} };
  try {
    for await (const _ of replay(journal.dir, journal.file, await seqOf(store), options)) {
      throw new ImportError(
        `The journal in ${journal.dir} has more than the store in ${stateDir}, as after a crash: ` +
          `start hbd with that state folder, stop it, and import then`,
      );
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function seqOf(store: Store): Promise<number> {
  return (await store.loadCheckpoint())?.monitor.seq ?? 0;
}

/**
 * The monitor that the lines are given to, and from when on: that of the state where they come after
 * it. `isContinued`: a file has grown since it was imported.
 */
async function monitorFor(store: Store, config: Config, startMs: number, isContinued: boolean) {
  const monitor = new Monitor(watchSettings(config));
  const last = await store.loadCheckpoint();
  if (last === null) return { monitor, way: "new", fromMs: startMs } as const;
  if (startMs < last.atMs) return { monitor, way: "older", fromMs: startMs } as const;
  monitor.recall.restoreSelf(last.monitor);
  for await (const hosts of store.loadHosts()) monitor.recall.restore(hosts);
  for await (const samples of store.loadSamples()) {
    for (const sample of samples) monitor.history.restore(sample);
  }
  const records = importRecords(await store.loadRecords(IMPORT_RECORDS));
  // Nothing but the import has been there since: the log was written all the time.
  const isAll = isContinued && records.some(({ toMs }) => toMs >= last.atMs);
  if (isAll) return { monitor, way: "behind", fromMs: last.atMs } as const;
  const heardMs = Math.max(await store.loadListening() ?? 0, monitor.listeningMs(last.atMs));
  // What lies between is nobody's fault.
  const shiftMs = monitor.listeningMs(startMs) - heardMs;
  monitor.deaf({ shiftMs, beatsLost: true }, startMs);
  return { monitor, way: "behind", fromMs: startMs } as const;
}

/** Gives the lines of all sources to the feeder, in the order of their times. */
async function feed(
  sources: readonly LogSource[],
  feeder: Feeder,
  onProgress: (lines: number) => void,
): Promise<void> {
  for (const source of sources) await source.next();
  const open = sources.filter(({ head }) => head !== null);
  for (let lines = 1; open.length > 0; lines++) {
    let first = open[0];
    for (const source of open) {
      if ((source.head?.atMs ?? 0) < (first?.head?.atMs ?? 0)) first = source;
    }
    if (first === undefined || first.head === null) return;
    const taken = feeder.take(first.head);
    if (taken !== null) await taken;
    const more = first.next();
    if (more !== null) await more;
    if (first.head === null) open.splice(open.indexOf(first), 1);
    if (lines % PROGRESS_LINES === 0) onProgress(lines);
  }
}

function hostsOf(monitor: Monitor): ReadonlyMap<string, HostRecord> {
  const hosts = new Map<string, HostRecord>();
  for (let row = 0; row < monitor.hours.rows; row++) {
    const record = monitor.recall.hostRecord(row);
    if (record !== null) hosts.set(record.name, record);
  }
  return hosts;
}

async function remember(
  store: Store,
  source: LogSource,
  { path, bytes, sha256, known }: Identified,
  atMs: number,
): Promise<void> {
  const { lines, firstMs, lastMs } = source.counts();
  if (lines === 0) return;
  const record: ImportRecord = {
    name: path,
    ...{ bytes, sha256, atMs },
    fromMs: Math.min(firstMs, known?.fromMs ?? Infinity),
    toMs: lastMs,
    lines: lines + (known?.lines ?? 0),
  };
  await store.saveRecord(IMPORT_RECORDS, sha256, record);
}
