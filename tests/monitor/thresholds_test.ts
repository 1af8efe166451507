/** Thresholds: which numbers are judged, by which rule, and under which path. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { ThresholdTree } from "../../src/config/config.ts";
import { compileThresholds } from "../../src/monitor/threshold_rules.ts";
import { judge, judgeRtt } from "../../src/monitor/thresholds.ts";
import {
  anyLevel,
  anyRule,
  anyValue,
  judged,
  neverJudged,
  only,
  rulesOf,
  said,
  type Written,
} from "./threshold_support.ts";

const TYPICAL: Written = {
  rtt: { webserver01: { warning: 100, critical: 500 } },
  cpu_monitor: {
    cpu_percent: {
      warning: 80,
      critical: 90,
      operator: ">",
      hysteresis: 0.02,
      display: "(threshold: {op_symbol} {threshold_value}%)",
    },
  },
  disk_monitor: {
    partitions: {
      "/": {
        percent: { warning: 80, critical: 90 },
        free_gb: { warning: 10, critical: 5, operator: "<" },
      },
    },
  },
  nagios_runner: { status_code: { operator: "nagios", display: "{check_name}: {output}" } },
};

Deno.test("numbers, texts that are plain numbers and booleans are judged, and nothing else", () => {
  const values = [85, "85", " 85", "85.5", ".5", "+1e3", "-2", true, false];
  const readings = judged({ m: { warning: 80 } }, { m: 0 });
  assertEquals(only(readings).value, 0);
  const valueOf = (m: unknown) => judged({ m: { warning: 80 } }, { m })[0]?.value ?? null;
  assertEquals(values.map(valueOf), [85, 85, null, 85.5, 0.5, 1000, -2, 1, 0]);
  const others = [
    NaN,
    Infinity,
    -Infinity,
    null,
    undefined,
    "",
    "85%",
    "0x10",
    "Infinity",
    "1e999",
  ];
  for (const other of [...others, "1".repeat(33), {}, [], [99]]) {
    assertEquals(valueOf(other), null, String(other));
  }
});

Deno.test("paths leave out what only holds partitions, pools or interfaces", () => {
  const rule = { warning: 80 };
  const rules = rulesOf({
    disk_monitor: { partitions: { "/": { percent: rule }, "/var/log": { percent: rule } } },
    zfs_monitor: { pools: { tank: { capacity_percent: rule } } },
    network_monitor: { interfaces: { eth0: { dropped: rule } } },
    ping_monitor: { hosts: { gw: { loss_percent: rule } } },
    own: { pools: rule },
  });
  const of = (plugin: string, data: Record<string, unknown>) =>
    judge(rules, plugin, data, neverJudged).map(({ path }) => path);
  assertEquals(
    of("disk_monitor", {
      partitions: { "/": { percent: 1 }, "/home": { percent: 99 }, "/var/log": { percent: 2 } },
    }),
    ["disk_monitor./.percent", "disk_monitor./var/log.percent"],
  );
  assertEquals(of("zfs_monitor", { pools: { tank: { capacity_percent: 1 } } }), [
    "zfs_monitor.tank.capacity_percent",
  ]);
  assertEquals(of("network_monitor", { interfaces: { eth0: { dropped: 1 } } }), [
    "network_monitor.eth0.dropped",
  ]);
  assertEquals(of("ping_monitor", { hosts: { gw: { loss_percent: 1 } } }), [
    "ping_monitor.hosts.gw.loss_percent",
  ]);
  assertEquals(of("own", { pools: 3 }), ["own.pools"]);
});

Deno.test("the configuration of the documentation judges what hbc sends", () => {
  const rules = rulesOf(TYPICAL);
  const of = (plugin: string, data: Record<string, unknown>) =>
    judge(rules, plugin, data, neverJudged);
  const cpu = of("cpu_monitor", { cpu_percent: 85, load_1min: 12.5, process_count: 300 });
  assertEquals(cpu, [{
    path: "cpu_monitor.cpu_percent",
    level: "WARNING",
    value: 85,
    threshold: 80,
    operator: ">",
    display: "(threshold: > 80.0%)",
    checkName: "",
    output: null,
  }]);
  const partitions = { "/": { percent: 75, total_gb: 97.87, free_gb: 4.5 } };
  assertEquals(said(of("disk_monitor", { partitions, io: { sda: { reads: 9e9 } } })), [
    "disk_monitor./.percent OK",
    "disk_monitor./.free_gb CRITICAL",
  ]);
  const checks = {
    load_status_code: 0,
    load_status: "OK",
    load_output: "LOAD OK",
    disk_root_status_code: 2,
    disk_root_status: "CRITICAL",
    disk_root_output: "DISK CRITICAL - free space: / 1 MB",
  };
  const [load, disk, ...more] = of("nagios_runner", checks);
  assertEquals(more, []);
  assertEquals([load?.level, load?.checkName, load?.display], ["OK", "load", "load: LOAD OK"]);
  assertEquals(disk, {
    path: "nagios_runner.disk_root_status_code",
    level: "CRITICAL",
    value: 2,
    threshold: null,
    operator: "nagios",
    display: "disk_root: DISK CRITICAL - free space: / 1 MB",
    checkName: "disk_root",
    output: "DISK CRITICAL - free space: / 1 MB",
  });
});

Deno.test("a name without a rule loses its first parts until there is one", () => {
  const key = "check_disk_root_status_code";
  const names = [key, "disk_root_status_code", "root_status_code", "status_code", "code"];
  const prefixes = ["", "check", "check_disk", "check_disk_root", "check_disk_root_status"];
  for (const from of names.keys()) {
    const tree = Object.fromEntries(names.slice(from).map((name, n) => [name, { warning: n }]));
    const { threshold, checkName, path } = only(judged(tree, { [key]: 1000 }));
    assertEquals([threshold, checkName, path], [0, prefixes[from], `p.${key}`]);
  }
});

Deno.test("only whole parts are stripped, in the same place, and only of names of numbers", () => {
  const rule = { warning: 1 };
  assertEquals(judged({ ode: rule, e: rule }, { status_code: 5 }), []);
  assertEquals(judged({ code: rule }, { inner: { status_code: 5 } }), []);
  assertEquals(judged({ b: { m: rule } }, { a_b: { m: 5 } }), []);
  assertEquals(judged({ m: rule }, { m: { m: 5 } }), []);
  assertEquals(judged({ b: { m: rule } }, { b: 5 }), []);
  // A subtree is no rule for a number: one of a shorter name is.
  assertEquals(said(judged({ a_b: { m: rule }, b: rule }, { a_b: 5 })), ["p.a_b WARNING"]);
  const odd = judged({ b: rule, "": rule }, { _b: 5, a__b: 5, a_: 5 });
  assertEquals(odd.map(({ path, checkName }) => [path, checkName]), [
    ["p._b", ""],
    ["p.a__b", "a_"],
    ["p.a_", "a"],
  ]);
});

Deno.test("a plugin without rules, and one named like the round trips, is not judged", () => {
  const rules = rulesOf({ rtt: { web: { warning: 1 } }, q: { warning: 1 }, r: "off" });
  for (const plugin of ["rtt", "q", "r", "s", "__proto__", "constructor"]) {
    assertEquals(judge(rules, plugin, { web: 5, warning: 5 }, neverJudged), [], plugin);
  }
});

Deno.test("round trips are judged by the host's own rule, else by the one for any host", () => {
  const rules = rulesOf({
    rtt: {
      web: {
        warning: 100,
        critical: 500,
        display: "({metric_name} {op_symbol} {threshold_value})",
      },
      db: "off",
      "*": { warning: 200 },
      default: { warning: 300 },
    },
  });
  const of = (host: string, rttMs: number) => judgeRtt(rules, host, rttMs, neverJudged);
  assertEquals(of("web", 150), {
    path: "rtt.web",
    level: "WARNING",
    value: 150,
    threshold: 100,
    operator: ">",
    display: "(rtt > 100.0)",
    checkName: "",
    output: null,
  });
  assertEquals([of("web", 501)?.level, of("web", 100)?.level], ["CRITICAL", "OK"]);
  assertEquals([of("other", 201)?.path, of("other", 201)?.threshold], ["rtt.other", 200]);
  assertEquals([of("db", 9999), of("web", NaN), of("web", Infinity)], [null, null, null]);
  const byDefault = rulesOf({ rtt: { default: { warning: 300, hysteresis: 0.5 } } });
  assertEquals(judgeRtt(byDefault, "any", 200, () => "WARNING")?.level, "WARNING");
  assertEquals(judgeRtt(byDefault, "any", 200, neverJudged)?.level, "OK");
  assertEquals(judgeRtt(rulesOf({ p: { m: { warning: 1 } } }), "web", 5, neverJudged), null);
});

Deno.test("the level before is asked for by path, and only where it matters", () => {
  const rules = rulesOf({
    p: { a: { warning: 1, hysteresis: 0.1 }, b: { warning: 1 }, c: { operator: "nagios" } },
  });
  const asked: string[] = [];
  judge(rules, "p", { a: 1, b: 1, c: 1 }, (path) => {
    asked.push(path);
    return "OK";
  });
  assertEquals(asked, ["p.a"]);
});

Deno.test("names of clients are on one line in paths, too long ones are not judged", () => {
  const tree = { code: { warning: 1, display: "{metric_name} {check_name}" } };
  const { path, checkName, display } = only(judged(tree, { "x\ny_code": 5 }));
  assertEquals([path, checkName, display], ["p.x y_code", "x y", "x y_code x y"]);
  assertEquals(judged(tree, { "x\ny_code": 5, "x\ry_code": 6 }).length, 1);
  assertEquals(judged(tree, { [`${"x".repeat(195)}_code`]: 5 }).length, 1);
  assertEquals(judged(tree, { [`${"x".repeat(196)}_code`]: 5 }), []);
  assertEquals(judged(tree, { ["_".repeat(1_000_000)]: 5 }), []);
});

Deno.test("keys that mean something to JavaScript are keys like others", () => {
  const rule = { warning: 1, display: "{hasOwnProperty}" };
  const tree: Written = { inner: { m: rule }, length: rule };
  const data = JSON.parse('{"__proto__": {"m": 5}, "constructor": {"m": 5}, "length": 5}');
  assertEquals(only(judged(tree, data)).display, "{hasOwnProperty}");
  const own = new Map([["__proto__", new Map([["m", { warning: 1 }]])]]);
  const rules = compileThresholds([new Map([["p", own]])]);
  assertEquals(said(judge(rules, "p", data, neverJudged)), ["p.__proto__.m WARNING"]);
  assertEquals(said(judge(rules, "p", {}, neverJudged)), []);
});

Deno.test("of one sample at most 500 numbers are judged, and lists by their places", () => {
  const many = Object.fromEntries(Array.from({ length: 2000 }, (_, n) => [`c${n}_code`, 1]));
  assertEquals(judged({ code: { warning: 0 } }, many).length, 500);
  const inner = { a: { code: { warning: 0 } }, b: { code: { warning: 0 } } };
  assertEquals(judged(inner, { a: many, b: many }).length, 500);
  const cores = { cores: { 0: { warning: 80 }, length: { warning: 0 } } };
  assertEquals(said(judged(cores, { cores: [99, 99] })), ["p.cores.0 WARNING"]);
});

const names = fc.constantFrom(
  "a",
  "b",
  "a_b",
  "x_a",
  "code",
  "partitions",
  "__proto__",
  "0",
  "_",
  "",
);
const { tree: anyTree } = fc.letrec<{ tree: ThresholdTree }>((tie) => ({
  tree: fc.array(
    fc.tuple(
      names,
      fc.oneof(
        { maxDepth: 3 },
        { weight: 6, arbitrary: anyRule },
        { weight: 1, arbitrary: fc.constant("off" as const) },
        { weight: 3, arbitrary: tie("tree") },
      ),
    ),
    { minLength: 1, maxLength: 8 },
  ).map((entries) => new Map(entries)),
}));
/** Data with the names of the rules, numbers above all. */
const { fields: anyData } = fc.letrec<{ fields: Record<string, unknown> }>((tie) => ({
  fields: fc.array(
    fc.tuple(
      fc.oneof(names, names.map((name) => `check_${name}`)),
      fc.oneof(
        { maxDepth: 3 },
        { weight: 4, arbitrary: anyValue },
        { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
        { weight: 3, arbitrary: tie("fields") },
      ),
    ),
    { minLength: 1, maxLength: 10 },
  ).map((entries) => Object.fromEntries(entries)),
}));

Deno.test("whatever JSON comes, judging never throws, and every reading makes sense", () => {
  fc.assert(
    fc.property(
      fc.array(anyTree, { minLength: 1, maxLength: 3 }),
      anyData,
      anyLevel,
      (trees, data, before) => {
        const rules = compileThresholds(trees.map((tree) => new Map([["p", tree]])));
        const readings = judge(rules, "p", data, () => before);
        assertEquals(new Set(readings.map(({ path }) => path)).size, readings.length);
        for (const { path, value, level, threshold } of readings) {
          assert(path.startsWith("p.") && Number.isFinite(value));
          assert(level !== "OK" || threshold === null);
        }
      },
    ),
  );
});
