/** Runs of jobs, and hosts that say that they are down. */

import { assertEquals } from "@std/assert";
import { Monitor } from "../../src/monitor/monitor.ts";
import { beatOf, Driver, failOf, settings, shutdownOf, START_MS, startOf } from "./support.ts";

const LIMITED = { job: { runLimitMs: 20_000, graceMs: () => 20_000 } };

function reportOf(d: Driver, host = "job") {
  const report = d.monitor.host(host)?.report;
  if (!report) throw new Error(`No report of ${host}`);
  return report;
}

Deno.test("a failure makes the host down at once, and the next beat makes it up again", () => {
  const d = new Driver(settings(60));
  d.beat("job", 0);
  d.send(failOf("job", "exit code 3"), 10);
  assertEquals(d.monitor.host("job")?.state, "down");
  assertEquals(d.events.map(({ type, reason }) => [type, reason]), [
    ["down", "reported a failure: exit code 3"],
  ]);
  assertEquals(reportOf(d).failure, {
    atMs: START_MS + 10_000,
    cause: "failure",
    text: "reported a failure: exit code 3",
  });
  d.beat("job", 20);
  assertEquals(d.monitor.host("job")?.state, "up");
  assertEquals(d.said(), ["down job", "up job"]);
  assertEquals(reportOf(d).failure, null);
});

Deno.test("a failure is a missed interval, and silence after it misses more, but is not down again", () => {
  const d = new Driver(settings(10));
  d.beat("job", 0);
  d.send(failOf("job"), 10);
  d.run(10, 45);
  assertEquals(d.said(), ["down job", "missed job", "missed job", "missed job"]);
  assertEquals(d.monitor.host("job")?.missed, 4);
  assertEquals(d.monitor.host("job")?.bar, "ommmm");
});

Deno.test("the first message of a host may be a failure or a start", () => {
  const d = new Driver(settings(10));
  d.send(failOf("a", "no disk"), 0);
  d.send(startOf("b"), 0);
  assertEquals(["a", "b"].map((name) => d.monitor.host(name)?.state), ["down", "up"]);
  d.run(0, 20);
  assertEquals(d.monitor.host("b")?.state, "down");
});

Deno.test("from its start to its beat a run has a duration", () => {
  const d = new Driver(settings(60));
  d.send(startOf("job"), 0);
  assertEquals(reportOf(d).runs, [{ run: "", startedMs: START_MS, isOverdue: false }]);
  d.beat("job", 7, { run: "" });
  const { runs, last } = reportOf(d);
  assertEquals(runs, []);
  assertEquals(last, {
    run: "",
    startedMs: START_MS,
    endedMs: START_MS + 7000,
    isOk: true,
    durationMs: 7000,
  });
});

Deno.test("runs that overlap are told apart by their ids", () => {
  const d = new Driver(settings(60));
  d.send(startOf("job", "one"), 0);
  d.send(startOf("job", "two"), 5);
  d.beat("job", 8, { run: "one" });
  assertEquals([reportOf(d).last?.durationMs, reportOf(d).runs.length], [8000, 1]);
  d.send(failOf("job", "exit code 1", { run: "two" }), 9);
  const { last, runs } = reportOf(d);
  assertEquals([last?.run, last?.durationMs, last?.isOk, runs.length], ["two", 4000, false, 0]);
  // One that nobody saw begin.
  d.beat("job", 10, { run: "three" });
  assertEquals([reportOf(d).last?.startedMs, reportOf(d).last?.durationMs], [null, null]);
});

Deno.test("an end that is told twice is the first of the two", () => {
  const d = new Driver(settings(60));
  d.send(startOf("job", "r"), 0);
  d.beat("job", 7, { run: "r" });
  d.beat("job", 9, { run: "r" });
  assertEquals([reportOf(d).last?.durationMs, d.monitor.host("job")?.total], [7000, 2]);
});

Deno.test("an end without an id ends all runs, where none without one goes on", () => {
  const d = new Driver(settings(3600, 20, LIMITED));
  d.send(startOf("job", "r"), 0);
  d.beat("job", 7, { run: "" });
  assertEquals([reportOf(d).runs, reportOf(d).last?.durationMs], [[], null]);
  d.run(7, 60);
  assertEquals(d.said(), []);
  // Where one does, it is that one.
  for (const run of ["r", ""]) d.send(startOf("job", run), 60);
  d.beat("job", 65, { run: "" });
  assertEquals(reportOf(d).runs.map(({ run }) => run), ["r"]);
});

Deno.test("a run that died is forgotten when a later one has ended well", () => {
  const d = new Driver(settings(3600, 20, LIMITED));
  d.send(startOf("job", "dead"), 0);
  d.run(0, 30);
  for (const run of ["long", "next"]) d.send(startOf("job", run), 100);
  d.beat("job", 110, { run: "next" });
  assertEquals(reportOf(d).runs.map(({ run }) => run), ["long"]);
});

Deno.test("a failure that is told again has been there since it was told first", () => {
  const d = new Driver(settings(60));
  d.send(failOf("job", "one"), 0);
  d.send(failOf("job", "two"), 30);
  const { atMs, text } = reportOf(d).failure ?? {};
  assertEquals([atMs, text], [START_MS, "reported a failure: two"]);
  d.beat("job", 40);
  d.send(failOf("job", "three"), 50);
  assertEquals(reportOf(d).failure?.atMs, START_MS + 50_000);
});

Deno.test("a plain beat ends no run, and a start is not the beat that is waited for", () => {
  const d = new Driver(settings(10, 0));
  d.beat("job", 0);
  d.send(startOf("job"), 5);
  assertEquals(d.monitor.host("job")?.deadlineMs, START_MS + 10_000);
  d.beat("job", 6);
  assertEquals(reportOf(d).runs.length, 1);
});

Deno.test("a run that takes longer than it may makes the host down, once", () => {
  const d = new Driver(settings(3600, 20, LIMITED));
  d.beat("job", 0);
  d.send(startOf("job", "r"), 100);
  d.run(100, 120);
  assertEquals(d.said(), []);
  d.run(120, 400);
  assertEquals(d.said(), ["down job"]);
  const { reason = "" } = d.events[0] ?? {};
  assertEquals(
    reason.replace(/[\d.]+s/, "Ns"),
    "a run that began Ns ago has not finished (20s allowed)",
  );
  assertEquals(reportOf(d).runs.map(({ isOverdue }) => isOverdue), [true]);
  // The end of another run makes it up; the old one is not told again.
  d.beat("job", 401, { run: "other" });
  d.run(401, 500);
  assertEquals(d.said(), ["down job", "up job"]);
  d.beat("job", 501, { run: "r" });
  assertEquals(reportOf(d).last?.durationMs, 401_000);
});

Deno.test("without a limit of its own, a run may take until the next beat is due", () => {
  const d = new Driver(settings(100));
  d.beat("job", 0);
  d.send(startOf("job"), 10);
  d.run(10, 119);
  assertEquals(d.said(), []);
});

Deno.test("a run whose end may have been lost while nobody listened gets all of its time anew", () => {
  const d = new Driver(settings(3600, 20, LIMITED));
  d.beat("job", 0);
  d.send(startOf("job"), 10);
  d.run(10, 25);
  d.deaf(60, 85);
  d.run(85, 105);
  assertEquals(d.said(), []);
  d.run(105, 110);
  assertEquals(d.said(), ["down job"]);
});

Deno.test("while its host is paused a run is not told of", () => {
  const d = new Driver(settings(3600, 20, LIMITED));
  d.beat("job", 0);
  const fromMs = START_MS + 5000;
  d.monitor.pause("job", { fromMs, untilMs: START_MS + 60_000, reason: "" }, fromMs);
  d.send(startOf("job"), 10);
  d.run(10, 61);
  assertEquals(d.said(), []);
  // Fifty seconds of it do not count.
  d.run(61, 79);
  assertEquals(d.said(), []);
  d.run(79, 82);
  assertEquals(d.said(), ["down job"]);
});

Deno.test("a goodbye of a job that failed ends it", () => {
  const d = new Driver(settings(60));
  d.send(failOf("job"), 0);
  d.send(shutdownOf("job"), 10);
  assertEquals(d.monitor.host("job")?.state, "shutdown");
  assertEquals(reportOf(d).failure, null);
});

Deno.test("a goodbye ends the runs that go on: none is late when the host comes back", () => {
  const d = new Driver(settings(3600, 20, LIMITED));
  d.beat("job", 0);
  d.send(startOf("job", "r"), 10);
  d.send(shutdownOf("job"), 20);
  assertEquals(reportOf(d).runs, []);
  d.beat("job", 1000);
  d.run(1000, 1010);
  assertEquals([d.said(), d.host("job").state], [[], "up"]);
});

Deno.test("no more than twenty runs of a host are remembered", () => {
  const d = new Driver(settings(60));
  for (let n = 0; n < 30; n++) d.send(startOf("job", `r${n}`), n);
  const runs = reportOf(d).runs.map(({ run }) => run);
  assertEquals([runs.length, runs[0], runs.at(-1)], [20, "r10", "r29"]);
});

Deno.test("who speaks a dialect is found by it, until it speaks another or is dropped", () => {
  const d = new Driver(settings(60));
  const speaking = () => [...d.monitor.speaking("hilbert")].map(({ name }) => name);
  d.send({ ...beatOf("b"), dialect: "hilbert" }, 0);
  d.send({ ...beatOf("a"), dialect: "hilbert" }, 1);
  d.send(beatOf("c"), 2);
  assertEquals(speaking(), ["b", "a"]);
  d.send(beatOf("b"), 3);
  assertEquals(speaking(), ["a"]);
  d.monitor.drop("a", START_MS + 4000);
  assertEquals([speaking(), d.monitor.host("a")], [[], null]);
});

Deno.test("hosts that only beat have no report", () => {
  const d = new Driver(settings(60));
  d.beat("a", 0);
  assertEquals(d.monitor.host("a")?.report, null);
});

Deno.test("all of it outlives a restart", () => {
  const d = new Driver(settings(60));
  d.send({ ...startOf("a", "r"), dialect: "healthchecks" }, 0);
  d.send({ ...failOf("a", "exit code 1", { run: "q" }), dialect: "healthchecks" }, 5);
  const again = new Monitor(settings(60));
  again.recall.restoreSelf(d.monitor.recall.record());
  again.recall.restore(
    d.monitor.recall.takeChanged().flatMap((row) => d.monitor.recall.hostRecord(row) ?? []),
  );
  assertEquals(again.host("a"), d.monitor.host("a"));
  assertEquals([...again.speaking("healthchecks")].length, 1);
});
