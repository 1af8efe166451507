/** The alerts as the API tells them: order, pages, evidence, and the word of who looks after one. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { formatValue } from "../../src/monitor/threshold_text.ts";
import { Bench, START_S } from "./support.ts";

const CPU = {
  thresholds: new Map([["cpu", new Map([["load", { warning: 80, critical: 90 }]])]]),
};

/** A sample of the only metric that has thresholds. */
function load(bench: Bench, host: string, value: number): void {
  bench.watch.sample(host, "cpu", { load: value }, 600_000);
}

// deno-lint-ignore no-explicit-any -- as the API tells them
const hostsOf = ({ json }: { json: any }): string[] =>
  json.alerts.map((alert: { host: string }) => alert.host);

Deno.test("alerts come the worst first, then the newest, stale ones last, with counts by level", async () => {
  await using bench = await Bench.start(CPU);
  const { watch } = bench;
  bench.watch.sample("stale", "cpu", { load: 95 }, 10_000);
  watch.until(1);
  load(bench, "old-warning", 85);
  watch.until(2);
  load(bench, "old-critical", 95);
  load(bench, "fine", 10);
  watch.until(100);
  load(bench, "new-warning", 85);
  load(bench, "new-critical", 95);
  const answer = await bench.ask("/api/0/alerts");
  assertEquals(answer.status, 200);
  assertEquals(answer.json.counts, { WARNING: 2, UNKNOWN: 0, CRITICAL: 2, stale: 1 });
  assertEquals(answer.json.next, null);
  assertEquals(hostsOf(answer), [
    "new-critical",
    "old-critical",
    "new-warning",
    "old-warning",
    "stale",
  ]);
  assertEquals(answer.json.alerts.map((alert: { stale: boolean }) => alert.stale), [
    ...[false, false, false, false],
    true,
  ]);
});

Deno.test("alerts are filtered by level, host, kind and state", async () => {
  await using bench = await Bench.start({ ...CPU, incidentHosts: 0 });
  const { watch } = bench;
  await bench.beat("silent");
  load(bench, "a", 85);
  load(bench, "b", 95);
  watch.until(20);
  load(bench, "a", 10);
  const table: readonly (readonly [string, readonly string[]])[] = [
    ["", ["silent", "b"]],
    ["?state=active", ["silent", "b"]],
    ["?state=ended", ["a"]],
    ["?level=CRITICAL", ["silent", "b"]],
    ["?level=WARNING", []],
    ["?level=stale", []],
    ["?state=ended&level=WARNING", ["a"]],
    ["?state=ended&level=CRITICAL", []],
    ["?kind=down", ["silent"]],
    ["?kind=metric", ["b"]],
    ["?host=b", ["b"]],
    ["?host=b&kind=down", []],
    ["?host=a&state=ended", ["a"]],
    ["?host=nobody", []],
    ["?limit=1", ["silent"]],
  ];
  for (const [query, hosts] of table) {
    assertEquals(hostsOf(await bench.ask(`/api/0/alerts${query}`)), hosts, query);
  }
});

Deno.test("a query that is not right is refused, and said what would be", async () => {
  await using bench = await Bench.start();
  const table: readonly (readonly [string, RegExp])[] = [
    ["level=BAD", /level must be one of CRITICAL, WARNING, UNKNOWN, stale: got "BAD"/],
    ["level=critical", /level must be one of/],
    ["kind=x", /kind must be one of down, metric, incident, flapping, server: got "x"/],
    ["state=", /state must be one of active, ended: got ""/],
    ["limit=0", /limit must be a whole number from 1 to 1000: got "0"/],
    ["limit=1001", /limit/],
    ["limit=1.5", /limit/],
    ["limit=x", /limit/],
    ["cursor=x", /cursor must be the "next"/],
    ["cursor=ended_0_1_1", /cursor must be the "next"/],
    ["cursor=active_1_x_1", /cursor/],
  ];
  for (const [query, error] of table) {
    const { status, json } = await bench.ask(`/api/0/alerts?${query}`);
    assertEquals(status, 400, query);
    assertMatch(json.error.message, error);
  }
});

Deno.test("pages hold each alert once, whatever begins and ends between two of them", async () => {
  await using bench = await Bench.start(CPU);
  const { watch } = bench;
  for (let n = 0; n < 25; n++) {
    // Many at the same moment, so that the number must decide.
    if (n % 5 === 0) watch.until(n + 1);
    load(bench, `host-${n}`, n % 2 === 0 ? 85 : 95);
  }
  const all = hostsOf(await bench.ask("/api/0/alerts"));
  assertEquals(all.length, 25);
  const seen: string[] = [];
  let next: string | null = "";
  for (let page = 0; next !== null; page++) {
    const cursor: string = next === "" ? "" : `&cursor=${encodeURIComponent(next)}`;
    const answer = await bench.ask(`/api/0/alerts?limit=4${cursor}`);
    seen.push(...hostsOf(answer));
    next = answer.json.next;
    if (page !== 1) continue;
    watch.until(60);
    load(bench, "begun-meanwhile", 99);
    load(bench, all[0] ?? "", 10);
    load(bench, all[7] ?? "", 10);
  }
  assertEquals(seen, all);
  const ended = await bench.ask("/api/0/alerts?state=ended&limit=1");
  // At the same moment: the one with the higher number is the newer one.
  assertEquals(hostsOf(ended), [all[0]]);
  const rest = await bench.ask(`/api/0/alerts?state=ended&limit=1&cursor=${ended.json.next}`);
  assertEquals([hostsOf(rest), rest.json.next], [[all[7]], null]);
});

Deno.test("an alert of a silent host tells all of why it fired, in seconds", async () => {
  await using bench = await Bench.start();
  for (const atS of [0, 9, 19]) {
    bench.watch.until(atS);
    await bench.beat("web1");
  }
  bench.watch.until(31.5);
  const [alert] = (await bench.ask("/api/0/alerts")).json.alerts;
  assertEquals(alert, {
    id: alert.id,
    kind: "down",
    host: "web1",
    metric: null,
    level: "CRITICAL",
    worst: "CRITICAL",
    stale: false,
    since: START_S + 31.25,
    ended: null,
    text: "web1 - no heartbeat for 12.3s (expected every 10s, 2s grace)",
    evidence: {
      kind: "silence",
      last_beat: START_S + 19,
      interval: 10,
      grace: 2,
      deadline: START_S + 31,
      looked: START_S + 31.25,
      silence: 12.25,
      excluded: 0,
      missed: 0,
      address: "192.0.2.7",
      gaps: [9, 10],
    },
    told: { level: "CRITICAL", time: START_S + 31.5, channels: ["ops"] },
    ack: null,
    paused: false,
  });
  assertMatch(alert.id, /^\d+$/);
  assertEquals((await bench.ask(`/api/0/alerts/${alert.id}`)).json, alert);
});

Deno.test("an alert of a metric shows its last values, its threshold and when it turns stale", async () => {
  await using bench = await Bench.start(CPU);
  for (const [atS, value] of [[0, 10], [60, 85], [120, 95]] as const) {
    bench.watch.until(atS);
    load(bench, "web1", value);
  }
  const [{ metric, level, worst, since, text, evidence }] =
    (await bench.ask("/api/0/alerts")).json.alerts;
  assertEquals([metric, level, worst, since], ["cpu.load", "CRITICAL", "CRITICAL", START_S + 60]);
  assertEquals(text, `web1 - cpu.load = ${formatValue(95, ">")}`);
  assertEquals(evidence, {
    kind: "reading",
    value: 95,
    threshold: 90,
    operator: ">",
    values: [
      { time: START_S, value: 10 },
      { time: START_S + 60, value: 85 },
      { time: START_S + 120, value: 95 },
    ],
    stale_after: 1800,
  });
});

Deno.test("an incident, a flapping host and the server's own trouble show their evidence", async () => {
  await using bench = await Bench.start({ incidentHosts: 3, flapThreshold: 2, ...CPU });
  const { watch } = bench;
  for (let n = 0; n < 6; n++) await bench.beat(`web${n}`, `10.0.0.${n}`);
  watch.until(13);
  watch.say((monitor, nowMs) => monitor.serverTrouble("disk", "WARNING", "5 % free", nowMs));
  for (const [atS, value] of [[14, 85], [15, 10], [16, 85]] as const) {
    watch.until(atS);
    load(bench, "flapper", value);
  }
  const { alerts } = (await bench.ask("/api/0/alerts")).json;
  const byKind = new Map<string, { host: string; evidence: Record<string, unknown> }>(
    alerts.map((alert: { kind: string }) => [alert.kind, alert]),
  );
  assertEquals(byKind.get("server")?.evidence, { kind: "trouble", message: "5 % free" });
  assertEquals(byKind.get("server")?.host, "hbd@box");
  assertEquals(byKind.get("flapping")?.evidence, {
    kind: "flapping",
    changes: [START_S + 14, START_S + 15, START_S + 16],
  });
  const { looked, window, hosts, ...evidence } = byKind.get("incident")?.evidence ?? {};
  assertEquals(evidence, {
    kind: "incident",
    cause: "many",
    silent: 6,
    beating: 0,
    total: 6,
    down: 6,
  });
  const names = ["web0", "web1", "web2", "web3", "web4", "web5"];
  assertEquals((hosts as string[]).toSorted(), names);
  assert(Number(looked) > START_S + 12 && Number(window) >= 0, `${looked}, ${window}`);

  const { hostname, incident } = (await bench.ask("/api/0/hosts/web3/alerts")).json;
  assertEquals([hostname, incident.kind, incident.host], ["web3", "incident", "many hosts"]);
  assertEquals((await bench.ask("/api/0/hosts/hbd@box/alerts")).json.alerts.length, 1);
});

Deno.test("the alerts of a host are its own, the newest first, ended ones among them", async () => {
  await using bench = await Bench.start(CPU);
  const { watch } = bench;
  await bench.beat("web1");
  load(bench, "web2", 95);
  for (const value of [85, 10, 95]) {
    watch.until((watch.nowMs / 1000) - START_S + 1);
    load(bench, "web1", value);
  }
  const { status, json } = await bench.ask("/api/0/hosts/web1/alerts");
  assertEquals([status, json.hostname, json.incident], [200, "web1", null]);
  assertEquals(
    json.alerts.map((alert: Record<string, unknown>) => [alert.level, alert.worst, alert.ended]),
    [["CRITICAL", "CRITICAL", null], ["OK", "WARNING", START_S + 2]],
  );
  const none = await bench.ask("/api/0/hosts/nobody/alerts");
  assertEquals([none.status, none.json.error.message], [404, 'No host is called "nobody"']);
});

Deno.test("acknowledging says until when, and keeps the note; what has ended cannot be", async () => {
  await using bench = await Bench.start(CPU);
  bench.watch.until(10);
  load(bench, "web1", 95);
  const [{ id }] = (await bench.ask("/api/0/alerts")).json.alerts;
  const ack = (body?: unknown) => bench.post(`/api/0/alerts/${id}/ack`, body);

  const first = await ack({ for: "2h", note: "on it\n✓" });
  assertEquals(first.status, 200);
  const expected = { time: START_S + 10, until: START_S + 7210, note: "on it\n✓" };
  assertEquals(first.json.ack, expected);
  assertEquals((await bench.ask(`/api/0/alerts/${id}`)).json.ack, expected);
  assertEquals((await ack({ for: 60 })).json.ack.until, START_S + 70);
  assertEquals((await ack({ note: "x" })).json.ack, { time: START_S + 10, until: null, note: "x" });
  assertEquals((await ack()).json.ack, { time: START_S + 10, until: null, note: "" });

  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [{ for: "soon" }, /^for: must be a number of seconds or a text like .*got "soon"/],
    [{ for: null }, /^for: must be/],
    [{ note: 5 }, /^note: /],
    [{ note: "x".repeat(501) }, /^note: must have at most 500 characters/],
    [{ until: 5 }, /until/],
    [[], /The body/],
  ];
  for (const [body, error] of wrong) {
    const answer = await ack(body);
    assertEquals(answer.status, 422);
    assertMatch(answer.json.error.message, error);
    assertStringIncludes(answer.json.error.message, 'Right is {"for": "2h", "note": "…"}');
  }
  load(bench, "web1", 10);
  const ended = await ack({});
  assertEquals([ended.status, ended.json.error.message], [409, `Alert ${id} has ended`]);
  const none = await bench.post("/api/0/alerts/4711/ack", {});
  assertEquals([none.status, none.json.error.message], [404, 'No alert has the id "4711"']);
});

Deno.test("hosts of any name have alerts", async () => {
  await using bench = await Bench.start(CPU);
  const names = [
    "a b",
    "Küche",
    "a/b",
    "50%",
    "%2F",
    "?q#h",
    "日本",
    "%zz",
    "..",
    "__proto__",
    '"<',
  ];
  for (const name of names) {
    load(bench, name, 95);
    const { status, json } = await bench.ask(`/api/0/hosts/${encodeURIComponent(name)}/alerts`);
    if (name === "..") continue;
    assertEquals([status, json.hostname, json.alerts.length], [200, name, 1], name);
    const query = await bench.ask(`/api/0/alerts?host=${encodeURIComponent(name)}`);
    assertEquals(hostsOf(query), [name]);
  }
});

Deno.test("the alerts are read only, and a slip in a path is not a beat", async () => {
  await using bench = await Bench.start();
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
    for (const path of ["/api/0/alerts", "/api/0/alerts/1", "/api/0/hosts/x/alerts"]) {
      const { status, headers } = await bench.ask(path, { method });
      assertEquals([status, headers.get("allow")], [405, "GET, HEAD"], `${method} ${path}`);
    }
  }
  const get = await bench.ask("/api/0/alerts/1/ack");
  assertEquals([get.status, get.headers.get("allow")], [405, "POST"]);
  for (const path of ["/api/0/alerts/1/akc", "/api/0/hosts/x/resum", "/api/0/channels/x"]) {
    for (const method of ["GET", "POST"]) {
      const { status, json } = await bench.ask(path, { method });
      assertEquals([status, json.error.message], [404, `Nothing is at ${path}: see docs/API.md`]);
    }
  }
  assertEquals((await bench.ask("/api/0/hosts")).json.hosts, []);
  assertEquals((await bench.post("/api/0/other", '{"name":"old"}')).status, 404);
  assertEquals((await bench.ask("/api/0/hosts/old")).status, 404);
});
