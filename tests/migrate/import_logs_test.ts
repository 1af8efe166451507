/**
 * Logs into real stores. What an import must come to is reckoned by a monitor that gets the same
 * beats as they come.
 */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { DEFAULT_CONFIG } from "../../src/config/schema.ts";
import { HistoryBook } from "../../src/history/book.ts";
import { importLogs, type ImportOptions } from "../../src/migrate/import_logs.ts";
import { ImportError } from "../../src/migrate/wanted.ts";
import type { HostRecord } from "../../src/monitor/host_table.ts";
import { KvStore } from "../../src/store/kv.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2026, 9, 20);
const NOW_MS = START_MS + 30 * 24 * HOUR_MS;

class Place implements AsyncDisposable {
  readonly dir: string;
  readonly state: string;

  constructor(dir: string) {
    this.dir = dir;
    this.state = join(dir, "state");
  }

  static async make(): Promise<Place> {
    return new Place(await Deno.makeTempDir({ prefix: "hbd-import-" }));
  }

  async write(name: string, lines: readonly string[]): Promise<string> {
    const path = join(this.dir, name);
    await Deno.writeTextFile(path, lines.map((line) => `${line}\n`).join(""));
    return path;
  }

  import(files: readonly string[], more: Partial<ImportOptions> = {}) {
    return importLogs({
      files,
      stateDir: this.state,
      journal: { dir: this.state, file: "messages.journal" },
      config: { ...DEFAULT_CONFIG, intervalS: 60 },
      zone: "UTC",
      gapMs: Infinity,
      isForced: false,
      isTrial: false,
      nowMs: NOW_MS,
      onProgress: () => {},
      ...more,
    });
  }

  /** What is in the store. */
  async stored(): Promise<Stored> {
    await using store = await KvStore.open(join(this.state, "hbd.kv"));
    const hosts = new Map<string, HostRecord>();
    for await (const batch of store.loadHosts()) {
      for (const host of batch) hosts.set(host.name, host);
    }
    const book = new HistoryBook(store);
    const hour = START_MS / HOUR_MS;
    const hours = await book.hours("a", hour, hour + 1000);
    return { hosts, hours };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.dir, { recursive: true });
  }
}

interface Stored {
  readonly hosts: ReadonlyMap<string, HostRecord>;
  readonly hours: readonly {
    readonly hour: number;
    readonly beats: number;
    readonly missed: number;
  }[];
}

/** A beat of `host` in minute `minute` as a JSON logger writes it. */
function beat(host: string, minute: number): string {
  const timestamp = new Date(START_MS + minute * MINUTE_MS).toISOString().slice(0, 19);
  return JSON.stringify({
    timestamp: timestamp.replace("T", " "),
    client_ip: "10.0.0.1",
    path: "/heartbeat",
    late: false,
    payload: { name: host },
  });
}

/** Beats of hosts in each minute of a range. */
function beats(hosts: string, from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, n) => [...hosts].map((host) => beat(host, from + n)))
    .flat();
}

/** Totals of hosts: beats, late, missed. */
function counts({ hosts }: Stored): Readonly<Record<string, readonly number[]>> {
  return Object.fromEntries(
    Array.from(hosts, ([name, { total, late, missed }]) => [name, [total, late, missed]]),
  );
}

Deno.test("an import has the counts, the last beats and the hours", async () => {
  await using place = await Place.make();
  const lines = [...beats("ab", 0, 90), ...beats("b", 90, 120), ...beats("ab", 120, 150)];
  const report = await place.import([await place.write("heartbeats.log", lines)]);
  assertEquals([report.way, report.fed.beats], ["new", 270]);
  const stored = await place.stored();
  assertEquals(counts(stored), { a: [120, 1, 31], b: [150, 0, 0] });
  assertEquals(stored.hosts.get("a")?.lastBeatMs, START_MS + 149 * MINUTE_MS);
  assertEquals(stored.hosts.get("a")?.state, "up");
  const hour = START_MS / HOUR_MS;
  assertEquals(
    stored.hours.map(({ hour: h, beats, missed }) => [h - hour, beats, missed]),
    [[0, 60, 0], [1, 30, 30]],
  );
});

Deno.test("in parts, in any name, and again: nothing counts twice and nothing is missing", async () => {
  await using place = await Place.make();
  await using other = await Place.make();
  const lines = [...beats("ab", 0, 200), ...beats("b", 200, 300), ...beats("ab", 300, 500)];
  await other.import([await other.write("whole.log", lines)]);
  const path = await place.write("heartbeats.log", lines.slice(0, 300));
  await place.import([path]);
  await place.write("heartbeats.log", lines.slice(0, 700));
  const second = await place.import([path]);
  assertEquals(second.fed.beats, 400);
  const renamed = await place.write("heartbeats.log.1", lines);
  const third = await place.import([renamed, path]);
  assertEquals(third.fed.beats, lines.length - 700);
  const before = await place.stored();
  const fourth = await place.import([renamed, path]);
  assertEquals(fourth.files.map(({ counts }) => counts), [null, null]);
  assertEquals(await place.stored(), before);
  assertEquals(counts(before), counts(await other.stored()));
  assertEquals(before.hours, (await other.stored()).hours);
});

Deno.test("the same beats under another name and cut are told, not counted", async () => {
  await using place = await Place.make();
  const lines = beats("ab", 0, 100);
  await place.import([await place.write("x.log", lines)]);
  const cut = await place.write("y.log", lines.slice(50));
  const error = await assertRejects(() => place.import([cut]), ImportError);
  assertStringIncludes(error.message, "--force");
  assertEquals(counts(await place.stored()), { a: [100, 0, 0], b: [100, 0, 0] });
});

Deno.test("files of the same time are read together, compressed ones too", async () => {
  await using place = await Place.make();
  const a = await place.write("a.log", beats("a", 0, 100));
  const b = await place.write("b.log", beats("b", 30, 130));
  const packed = (await Deno.open(b)).readable.pipeThrough(new CompressionStream("gzip"));
  await Deno.writeFile(`${b}.gz`, packed);
  const report = await place.import([`${b}.gz`, a, b]);
  assertEquals(report.fed.beats, 200);
  assertEquals(counts(await place.stored()), { a: [100, 0, 29], b: [100, 0, 0] });
});

Deno.test("logs from before the state are added to it, and what it watched stays as it is", async () => {
  await using place = await Place.make();
  await place.import([await place.write("new.log", beats("a", 600, 700))]);
  const before = await place.stored();
  const report = await place.import([await place.write("old.log", beats("ab", 0, 120))]);
  assertEquals([report.way, report.merged.known, report.merged.added], ["older", 1, 1]);
  const after = await place.stored();
  assertEquals(counts(after), { a: [220, 0, 0], b: [120, 0, 0] });
  assertEquals(after.hosts.get("a"), { ...before.hosts.get("a"), total: 220 } as HostRecord);
  assertEquals(after.hosts.get("b")?.state, "shutdown");
  assertEquals(after.hours.slice(2), before.hours);
  assertEquals(after.hours.slice(0, 2).map(({ beats }) => beats), [60, 60]);
});

Deno.test("when nobody was heard for long, the server was off, if one says so or the log does", async () => {
  const lines = [...beats("ab", 0, 100), ...beats("ab", 400, 500)];
  {
    await using place = await Place.make();
    const report = await place.import([await place.write("x.log", lines)]);
    assertEquals(report.fed.silences, 1);
    assertEquals(counts(await place.stored()).a, [200, 1, 301]);
  }
  {
    await using place = await Place.make();
    await place.import([await place.write("x.log", lines)], { gapMs: HOUR_MS });
    assertEquals(counts(await place.stored()).a, [200, 0, 0]);
  }
  await using place = await Place.make();
  const text = (minute: number, what: string) =>
    `${
      new Date(START_MS + minute * MINUTE_MS).toISOString().slice(0, 19).replace("T", " ")
    } - ${what}`;
  const heard = (minute: number) =>
    text(minute, "Received heartbeat - From: 1.1.1.1, Reported IP: a");
  const range = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, n) => heard(from + n));
  const perl = [
    ...range(0, 100),
    text(399, "Server started, listening on port 7777"),
    ...range(400, 500),
  ];
  await place.import([await place.write("x.log", perl)]);
  assertEquals(counts(await place.stored()).a, [200, 0, 0]);
});

Deno.test("lines that cannot be read are counted and named, and the last one waits for its end", async () => {
  await using place = await Place.make();
  const lines = [beat("a", 0), "garbage", "", beat("a", 1), '{"timestamp":"x"}', beat("a", 2)];
  const path = await place.write("x.log", [...lines, ""]);
  const half = beat("a", 3);
  await Deno.writeTextFile(path, half.slice(0, 30), { append: true });
  const report = await place.import([path]);
  const found = report.files[0]?.counts;
  assertEquals([found?.lines, found?.badCount], [3, 2]);
  assertEquals(found?.bad.map(({ line }) => line), [2, 5]);
  await Deno.writeTextFile(path, `${half.slice(30)}\nmore garbage\n`, { append: true });
  const next = (await place.import([path])).files[0]?.counts;
  assertEquals([next?.lines, next?.bad.map(({ line }) => line)], [1, [9]]);
  assertEquals(counts(await place.stored()).a, [4, 0, 0]);
});

Deno.test("a trial says the same and changes nothing", async () => {
  await using place = await Place.make();
  const path = await place.write("x.log", beats("a", 0, 10));
  const trial = await place.import([path], { isTrial: true });
  assertEquals([...Deno.readDirSync(place.dir)].map(({ name }) => name), ["x.log"]);
  assertEquals(trial, await place.import([path]));
});

Deno.test("what is no log, and a state with a journal that knows more, are refused", async () => {
  await using place = await Place.make();
  const wrong = await place.write("x.log", ["hello", "world"]);
  await assertRejects(() => place.import([wrong]), ImportError, "none of the logs");
  const path = await place.write("y.log", beats("a", 0, 10));
  await Deno.mkdir(place.state, { recursive: true });
  const line = '{"seq":1,"timestamp":1774701296,"datetime":"x","event":"deaf","shift_s":1}\n';
  await Deno.writeTextFile(join(place.state, "messages.journal"), line);
  await assertRejects(() => place.import([path]), ImportError, "as after a crash");
  assert(![...Deno.readDirSync(place.state)].some(({ name }) => name.startsWith(".import")));
});

Deno.test("hosts that were silent for a week at the end are not waited for", async () => {
  await using place = await Place.make();
  const day = 24 * 60;
  const lines = [
    ...beats("ab", 0, 10),
    ...Array.from({ length: 9 }, (_, n) => beat("b", n * day + day)),
  ];
  await place.import([await place.write("x.log", lines)]);
  const { hosts } = await place.stored();
  assertEquals(hosts.get("a")?.state, "shutdown");
  // The last one is due in the moment in which the log ends.
  assertEquals(hosts.get("a")?.missed, 9 * day - 10);
});

Deno.test({
  name: "what root imports belongs to whom the state folder belongs to",
  ignore: Deno.uid() !== 0,
  async fn() {
    await using place = await Place.make();
    await Deno.mkdir(place.state);
    await Deno.chown(place.state, 65534, 65534);
    for (const n of [0, 1]) {
      const timestamp = new Date(START_MS + n * HOUR_MS).toISOString().slice(0, 19);
      const line = JSON.stringify({ timestamp, client_ip: "10.0.0.1", path: "/a", payload: {} });
      await place.import([await place.write(`${n}.log`, [line.replace("T", " ")])]);
      for (const { name } of Deno.readDirSync(place.state)) {
        const { uid, gid } = await Deno.stat(join(place.state, name));
        assertEquals([uid, gid], [65534, 65534], name);
      }
    }
  },
});

Deno.test("the journal of the state itself, or a copy of it, does not count twice", async () => {
  await using place = await Place.make();
  const line = (seq: number, atS = seq) =>
    `{"seq":${seq},"timestamp":${START_MS / 1000 + atS},"source_ip":"10.0.0.1","source_port":1,` +
    `"transport":"http","host":"a","path":"/","late":false,"message":{}}`;
  const old = await place.write("old.journal", [1, 2].map((seq) => line(seq)));
  await place.import([old]);
  {
    // As the server leaves it: the store has what the journal has.
    await using store = await KvStore.open(join(place.state, "hbd.kv"));
    const last = await store.loadCheckpoint();
    assert(last !== null);
    await store.saveCheckpoint({ ...last, monitor: { ...last.monitor, seq: 9 } });
  }
  const lines = [4, 5, 6, 7, 8, 9].map((seq) => line(seq));
  const own = join("state", "messages.journal");
  const files = [
    await place.write(own, lines),
    await place.write("copy", lines),
    await place.write("end", lines.slice(3)),
    // The oldest of it is not there any more.
    await place.write("begin", [line(3), ...lines.slice(0, 2)]),
  ];
  for (const file of files) {
    await assertRejects(() => place.import([file]), ImportError, "is the journal of this state");
  }
  const other = await place.write("other", [7, 8].map((seq) => line(seq, seq + 60)));
  await place.import([other]);
  const { fed } = await place.import([files[1] ?? ""], { isForced: true });
  assertEquals(fed.beats, 6);
});
