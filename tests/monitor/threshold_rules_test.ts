/** Rules: the level that a value has by them, and how they are laid over each other. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Level } from "../../src/monitor/level.ts";
import { compileThresholds, type ThresholdOperator } from "../../src/monitor/threshold_rules.ts";
import { judge } from "../../src/monitor/thresholds.ts";
import {
  anyLevel,
  anyRule,
  anyValue,
  judged,
  levelOf,
  neverJudged,
  only,
  ruleFor,
  rulesOf,
  said,
  treeOf,
  type Written,
} from "./threshold_support.ts";

Deno.test("each operator, at its thresholds and beside them", () => {
  const table: readonly [ThresholdOperator, number, number, [number, Level][]][] = [
    [">", 80, 90, [[80, "OK"], [80.01, "WARNING"], [90, "WARNING"], [90.01, "CRITICAL"]]],
    [">=", 80, 90, [[79.99, "OK"], [80, "WARNING"], [89.99, "WARNING"], [90, "CRITICAL"]]],
    ["<", 10, 5, [[10, "OK"], [9.99, "WARNING"], [5, "WARNING"], [4.99, "CRITICAL"]]],
    ["<=", 10, 5, [[10.01, "OK"], [10, "WARNING"], [5.01, "WARNING"], [5, "CRITICAL"]]],
    ["==", 1, 2, [[0, "OK"], [1, "WARNING"], [2, "CRITICAL"], [3, "OK"]]],
    ["!=", 1, 1, [[1, "OK"], [0, "CRITICAL"], [1.001, "CRITICAL"]]],
    [">", -20, -10, [[-20, "OK"], [-19, "WARNING"], [-10, "WARNING"], [-9, "CRITICAL"]]],
    ["<", 0, -1, [[0, "OK"], [-0.1, "WARNING"], [-1, "WARNING"], [-1.1, "CRITICAL"]]],
  ];
  for (const [operator, warning, critical, values] of table) {
    for (const [value, level] of values) {
      const got = levelOf({ operator, warning, critical }, value);
      assertEquals(got, level, `${value} ${operator} ${warning}/${critical}`);
    }
  }
});

Deno.test("critical 90 with hysteresis 0.10 stays at 85, recovers at 81, is OK at 79", () => {
  const rule = { critical: 90, hysteresis: 0.1 };
  const after = (value: number) => levelOf(rule, value, "CRITICAL");
  assertEquals([85, 81.01, 81, 79].map(after), ["CRITICAL", "CRITICAL", "OK", "OK"]);
  assertEquals([85, 90, 90.01].map((value) => levelOf(rule, value)), ["OK", "OK", "CRITICAL"]);
});

Deno.test("hysteresis: easier to stay in alert than to get into it, for every operator", () => {
  const table: readonly [ThresholdOperator, number, number, [number, Level][]][] = [
    [">", 90, 0.1, [[81, "OK"], [81.01, "CRITICAL"]]],
    [">=", 90, 0.1, [[80.99, "OK"], [81, "CRITICAL"]]],
    ["<", 5, 0.2, [[6, "OK"], [5.99, "CRITICAL"]]],
    ["<=", 5, 0.2, [[6.01, "OK"], [6, "CRITICAL"]]],
    // Away from a negative threshold is still away.
    [">", -10, 0.1, [[-11, "OK"], [-10.9, "CRITICAL"]]],
    ["<", -10, 0.1, [[-9, "OK"], [-9.1, "CRITICAL"]]],
    // A fraction of nothing is nothing.
    [">", 0, 0.5, [[0, "OK"], [0.1, "CRITICAL"]]],
    ["==", 3, 0.5, [[3, "CRITICAL"], [2.9, "OK"]]],
    ["!=", 3, 0.5, [[3, "OK"], [2.9, "CRITICAL"]]],
    // Fractions that have no exact binary form do not show.
    [">", 1.1, 0.1, [[0.99, "OK"], [0.991, "CRITICAL"]]],
    ["<", 0.7, 0.1, [[0.77, "OK"], [0.769, "CRITICAL"]]],
  ];
  for (const [operator, critical, hysteresis, values] of table) {
    for (const [value, level] of values) {
      const got = levelOf({ operator, critical, hysteresis }, value, "CRITICAL");
      assertEquals(got, level, `${value} ${operator} ${critical} ~ ${hysteresis}`);
    }
  }
});

Deno.test("what is no longer CRITICAL is judged for WARNING afresh", () => {
  const rule = { warning: 80, critical: 90, hysteresis: 0.1 };
  const table: readonly [Level, number, Level][] = [
    ["CRITICAL", 81.5, "CRITICAL"],
    ["CRITICAL", 80.5, "WARNING"],
    ["CRITICAL", 80, "OK"],
    ["CRITICAL", 79, "OK"],
    ["WARNING", 90, "WARNING"],
    ["WARNING", 90.5, "CRITICAL"],
    ["WARNING", 72.5, "WARNING"],
    ["WARNING", 72, "OK"],
    ["OK", 80, "OK"],
    // A check that could not look says nothing of the value before.
    ["UNKNOWN", 79, "OK"],
  ];
  for (const [before, value, level] of table) {
    assertEquals(levelOf(rule, value, before), level, `${before} at ${value}`);
  }
});

Deno.test("the threshold of the level that was reached is told, of OK none", () => {
  const tree = { m: { warning: 80, critical: 90, hysteresis: 0.1 } };
  const threshold = (m: number, before: Level) => only(judged(tree, { m }, before)).threshold;
  assertEquals([threshold(95, "OK"), threshold(85, "OK"), threshold(10, "OK")], [90, 80, null]);
  assertEquals([threshold(85, "CRITICAL"), threshold(75, "WARNING")], [90, 80]);
});

Deno.test("a rule may have one threshold only, or none, and then what it judges is OK", () => {
  assertEquals(levelOf({ warning: 80 }, 1000), "WARNING");
  assertEquals(levelOf({ critical: 80 }, 80), "OK");
  assertEquals(levelOf({ hysteresis: 0.5 }, 1000, "CRITICAL"), "OK");
});

Deno.test("exit codes: 0 OK, 1 WARNING, 2 CRITICAL, 3 and anything else UNKNOWN", () => {
  const rule = { operator: "nagios", warning: 0, critical: 0, hysteresis: 1 } as const;
  const codes = [0, 1, 2, 3, 4, -1, 1.5, 127, "2"];
  const levels = codes.map((code) => levelOf(rule, code, "CRITICAL"));
  const unknown = ["UNKNOWN", "UNKNOWN", "UNKNOWN", "UNKNOWN", "UNKNOWN"];
  assertEquals(levels, ["OK", "WARNING", "CRITICAL", ...unknown, "CRITICAL"]);
  assertEquals(only(judged({ m: rule }, { m: 2 })).threshold, null);
});

Deno.test("a rule over a rule overrides only what it names", () => {
  const below = { warning: 80, critical: 90, hysteresis: 0.1, display: "{value}!" };
  const rules = rulesOf(
    { p: { m: below, low: { warning: 10, operator: "<" } } },
    { p: { m: { warning: 60 }, low: { warning: 20 } }, other: { n: { warning: 1 } } },
    { p: { m: { critical: 75 } } },
  );
  const of = (data: Record<string, unknown>, before: Level) =>
    judge(rules, "p", data, () => before).map(({ level, display }) => [level, display]);
  assertEquals(of({ m: 61 }, "OK"), [["WARNING", "61.0!"]]);
  assertEquals(of({ m: 76 }, "OK"), [["CRITICAL", "76.0!"]]);
  assertEquals(of({ m: 68 }, "CRITICAL"), [["CRITICAL", "68.0!"]]);
  assertEquals(of({ m: 67.5 }, "CRITICAL"), [["WARNING", "67.5!"]]);
  assertEquals(of({ low: 15 }, "OK"), [["WARNING", ""]]);
  assertEquals(said(judge(rules, "other", { n: 2 }, neverJudged)), ["other.n WARNING"]);
});

Deno.test("off takes a rule or a subtree away, and a layer above may begin anew", () => {
  const rule = { warning: 1, critical: 2, display: "old" };
  const base: Written = { p: { a: rule, b: rule, deep: { c: rule, d: rule } } };
  const data = { a: 5, b: 5, deep: { c: 5, d: 5 } };
  const of = (...layers: Written[]) =>
    said(judge(rulesOf(base, ...layers), "p", data, neverJudged));
  assertEquals(of({ p: { a: "off" } }), ["p.b CRITICAL", "p.deep.c CRITICAL", "p.deep.d CRITICAL"]);
  assertEquals(of({ p: { deep: "off" } }), ["p.a CRITICAL", "p.b CRITICAL"]);
  assertEquals(of({ p: "off" }), []);
  assertEquals(of({ p: "off" }, { p: { a: { warning: 3 } } }), ["p.a WARNING"]);
  assertEquals(of({ p: { deep: "off" } }, { p: { deep: { d: { warning: 3 } } } }), [
    "p.a CRITICAL",
    "p.b CRITICAL",
    "p.deep.d WARNING",
  ]);
  const [again] = judge(
    rulesOf(base, { p: { a: "off" } }, { p: { a: { warning: 3 } } }),
    "p",
    { a: 5 },
    neverJudged,
  );
  assertEquals([again?.level, again?.display], ["WARNING", ""]);
  assertEquals(of({ p: { deep: { warning: 1 } } }), ["p.a CRITICAL", "p.b CRITICAL"]);
});

Deno.test("off for one name holds even where a rule of a shorter name would fit", () => {
  const rules = rulesOf(
    { p: { status_code: { operator: "nagios" } } },
    { p: { flaky_status_code: "off" } },
  );
  const data = { flaky_status_code: 2, very_flaky_status_code: 2, web_status_code: 2 };
  assertEquals(said(judge(rules, "p", data, neverJudged)), ["p.web_status_code CRITICAL"]);
});

Deno.test("layers are left as they are", () => {
  const below = treeOf({ p: { m: { warning: 1 } } });
  compileThresholds([below, treeOf({ p: { m: { warning: 2 }, n: { warning: 3 } } })]);
  assertEquals(below, treeOf({ p: { m: { warning: 1 } } }));
  assertEquals(judge(compileThresholds([]), "p", { m: 5 }, neverJudged), []);
});

Deno.test("without hysteresis the level depends on the value alone", () => {
  fc.assert(
    fc.property(
      ruleFor(fc.constant(0)),
      anyValue,
      anyLevel,
      anyLevel,
      (rule, value, one, other) => {
        if (!Number.isFinite(value)) return;
        assertEquals(levelOf(rule, value, one), levelOf(rule, value, other));
      },
    ),
  );
});

Deno.test("a value that stays changes the level once at most, whatever the hysteresis", () => {
  fc.assert(fc.property(anyRule, anyValue, anyLevel, (rule, value, before) => {
    if (!Number.isFinite(value)) return;
    const first = levelOf(rule, value, before);
    assertEquals(levelOf(rule, value, first), first);
  }));
});
