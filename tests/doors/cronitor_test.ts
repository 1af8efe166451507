/** Telemetry as Cronitor's clients send it: what it means here, and how it is answered. */

import { assertEquals } from "@std/assert";
import { cronitor } from "../../src/doors/cronitor.ts";
import { healthchecks } from "../../src/doors/healthchecks.ts";
import { type BenchOptions, PingBench } from "./ping_support.ts";

const KEY = "5f1c09d1c5e54f8c8e2b";
const JOB = `/p/${KEY}/nightly-job`;
const OK = [200, "OK"] as const;
const NOT_FOUND = [404, "Not found"] as const;
const PINGS = { keys: [KEY], create: true };

/** Both, as they stand in the list: their addresses overlap. */
const bench = (options: BenchOptions = { pings: PINGS }) =>
  new PingBench([healthchecks, cronitor], options);

Deno.test("an event without a state is a beat", async () => {
  const api = bench();
  for (const method of ["GET", "HEAD", "POST"]) assertEquals(await api.say(JOB, { method }), OK);
  assertEquals(await api.say(`${JOB}?state=tick`), OK);
  assertEquals(await api.say(`${JOB}?state=&host=db1&env=production`), OK);
  assertEquals(api.host("nightly-job").total, 5);
  assertEquals(api.host("nightly-job").report?.last, null);
  assertEquals([api.fields.signal, api.fields.from, api.fields.environment], [
    "tick",
    "db1",
    "production",
  ]);
  assertEquals(api.last.path, "/p/…/nightly-job");
});

Deno.test("a job runs, completes and fails by its series", async () => {
  const api = bench();
  await api.say(`${JOB}?state=run&series=a`);
  await api.say(`${JOB}?state=run&series=b`);
  api.nowMs += 3000;
  await api.say(`${JOB}?state=complete&series=a`);
  const report = () => api.host("nightly-job").report;
  assertEquals(report()?.runs.map(({ run }) => run), ["b"]);
  assertEquals([report()?.last?.run, report()?.last?.durationMs], ["a", 3000]);
  await api.say(`${JOB}?state=fail&series=b&msg=disk+full%0Asecond+line`);
  assertEquals(report()?.failure?.text, "reported a failure: disk full");
  assertEquals(api.fields.body, "disk full\nsecond line");
  assertEquals(api.host("nightly-job").state, "down");
  await api.say(`${JOB}?state=ok`);
  assertEquals([api.host("nightly-job").state, report()?.last?.run], ["up", "b"]);
});

Deno.test("a failure without words is told by its exit code", async () => {
  const reasons = [
    ["", ""],
    ["&status_code=0", ""],
    ["&status_code=17", "exit code 17"],
    ["&exit_code=2&message=no+space", "no space"],
  ];
  for (const [more, reason] of reasons) {
    const api = bench();
    await api.say(`${JOB}?state=fail${more}`);
    assertEquals(api.last.kind === "fail" && api.last.reason, reason, more);
  }
});

Deno.test("a series that is too long for the id of a run is cut the same way each time", async () => {
  const api = bench();
  const series = `%20${"x".repeat(100)}`;
  await api.say(`${JOB}?state=run&series=${series}`);
  await api.say(`${JOB}?state=complete&series=${series}`);
  assertEquals(api.host("nightly-job").report?.runs, []);
});

Deno.test("metrics are those of a plugin, in a message after the beat", async () => {
  const api = bench();
  const metrics =
    "metric=count:1423&metric=error_count:3,queue-depth=0.5&metric=count:processed:7" +
    "&metric=x:y&metric=bad+name:1&metric=nan:NaN&metric=inf:1e999&metric=:1&metric=&duration=45.2";
  assertEquals(await api.say(`${JOB}?state=complete&${metrics}`), OK);
  assertEquals(api.taken.map(({ kind }) => kind), ["beat", "metrics"]);
  const { last } = api;
  assertEquals(last.kind === "metrics" && [last.plugin, last.data], ["cronitor", {
    duration: 45.2,
    count: 1423,
    error_count: 3,
    "queue-depth": 0.5,
    count_processed: 7,
  }]);
  const many = Array.from({ length: 80 }, (_, n) => `metric=m${n}:1`).join("&");
  await api.say(`${JOB}?${many}&metric=__proto__:1`);
  assertEquals(Object.keys(api.fields.data as object).length, 50);
});

Deno.test("an unknown state is refused with those there are", async () => {
  const api = bench();
  const text = "state must be one of run, complete, fail, ok, tick";
  assertEquals(await api.say(`${JOB}?state=stop`), [400, text]);
  assertEquals(await api.say(`${JOB}/stop`), [400, text]);
  assertEquals(await api.say(`${JOB}/complete/`), OK);
});

Deno.test("a wrong key and an unknown monitor are not found", async () => {
  const api = bench({ pings: { keys: [KEY] } });
  for (const path of [JOB, "/p/other-key/nightly-job", `/p/${KEY}/nightly-job/run`]) {
    assertEquals(await api.say(`${path}?state=run`), NOT_FOUND);
  }
  const open = bench({ pings: {} });
  assertEquals(await open.say("/p/any/nightly-job"), NOT_FOUND);
  assertEquals((await open.say("/p/any/%ff"))?.[0], 400);
  assertEquals([...api.taken, ...open.taken], []);
});

Deno.test("a monitor's key may be the ping id of a host, and is not written down", async () => {
  const uid = "3c1f0a52-6a0e-4d0b-8f0f-0f7c7a1d9e11";
  const pings = { keys: [KEY], hostsById: new Map([[uid, "reports"]]) };
  const guard = { tokens: new Map([["reports", "the token of reports"]]) };
  const api = bench({ pings, guard });
  assertEquals(await api.say(`/p/${KEY}/${uid}?state=run`), OK);
  assertEquals([api.last.host, api.last.path], ["reports", "/p/…/…"]);
  assertEquals(await api.say(`/ping/${KEY}/${uid}/complete`), OK);
  assertEquals(await api.say(`/p/${KEY}/reports`), OK);
});

Deno.test("what its libraries send to /ping/ is told from a ping of Healthchecks.io", async () => {
  const api = bench();
  const ping = `/ping/${KEY}/nightly-job`;
  await api.say(`${ping}?state=run&series=job-17&host=db1&stamp=1795285488.731&env=production`);
  assertEquals([api.last.dialect, api.last.kind, api.last.path], [
    "cronitor",
    "start",
    "/ping/…/nightly-job",
  ]);
  await api.say(`${ping}?stamp=1795285488.747`);
  await api.say(`${ping}/run?series=job-18`, { method: "POST" });
  await api.say(`${ping}/fail?stamp=1795285488.747&message=no`, { method: "POST" });
  assertEquals(api.taken.map(({ dialect }) => dialect), Array(4).fill("cronitor"));
  for (const theirs of [ping, `${ping}?create=1`, `${ping}/start`, `${ping}/fail`, `${ping}/0`]) {
    await api.say(theirs);
    assertEquals(api.last.dialect, "healthchecks", theirs);
  }
});

Deno.test("what cannot be telemetry is left to others", () => {
  for (const path of ["/p", "/p/", "/p/key", "/p/key/", "/p//x", "/p/a/b/c/d", "/pp/a/b"]) {
    assertEquals(cronitor.speaks("POST", path), false, path);
  }
  assertEquals(cronitor.speaks("OPTIONS", JOB), false);
});
