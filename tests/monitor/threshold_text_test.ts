/** What is said of a judged metric, however hostile what comes with it. */

import { assertEquals } from "@std/assert";
import { formatValue } from "../../src/monitor/threshold_text.ts";
import { displayed, judged, only } from "./threshold_support.ts";

Deno.test("templates know the value, the threshold, the rule and the fields of the data", () => {
  const data = { m: 85, unit: "%", total: 12.345, ok: true, nothing: null, list: [1], status: "x" };
  const table: readonly [string, string][] = [
    ["", ""],
    ["plain text", "plain text"],
    ["{value} {op_symbol} {threshold_value}", "85.0 > 80.0"],
    ["{status} {metric_name} [{check_name}] [{output}]", "WARNING m [] []"],
    ["{m}{unit} of {total}, {ok}", "85.0% of 12.35, true"],
    ["{unknown} {nothing} {list} {__proto__} {toString}", null],
    ["{} { value } {{value}} {value", "{} { value } {85.0} {value"],
    ["} {value}}{ {", "} 85.0}{ {"],
  ].map(([display, expected]) => [display ?? "", expected ?? display ?? ""]);
  for (const [display, expected] of table) assertEquals(displayed(display, data), expected);
});

Deno.test("while all is well a template shows the threshold that comes first", () => {
  assertEquals(displayed("{threshold_value}", { m: 10 }), "80.0");
  assertEquals(displayed("{threshold_value}", { m: 95 }), "90.0");
  const nagios = {
    m: { operator: "nagios", display: "{value} {threshold_value}{op_symbol}" },
  } as const;
  assertEquals(only(judged(nagios, { m: 2 })).display, "2 nagios");
});

Deno.test("fields are those beside the metric, then those at the top of the data", () => {
  const rule = { warning: 80, display: "{name} {zone} {output}" };
  const data = { inner: { m: 85, name: "near" }, name: "far", zone: "top", output: "far" };
  assertEquals(only(judged({ inner: { m: rule } }, data)).display, "near top ");
});

Deno.test("the output is the check's own, else the one of the data", () => {
  const tree = {
    status_code: { operator: "nagios" },
    own_status_code: { operator: "nagios" },
  } as const;
  const output = (data: Record<string, unknown>) => only(judged(tree, data)).output;
  assertEquals(output({ web_status_code: 1, web_output: "slow", output: "all" }), "slow");
  assertEquals(output({ web_status_code: 1, db_output: "slow", output: "all" }), "all");
  assertEquals(output({ own_status_code: 1, own_output: "mine" }), "mine");
  assertEquals(output({ status_code: 1, output: "all" }), "all");
  assertEquals(output({ web_status_code: 1, web_output: ["slow"] }), null);
  assertEquals(output({ web_status_code: 1, web_output: 12 }), "12.0");
});

Deno.test("texts of clients are cut, stay on one line and are no templates themselves", () => {
  const hostile = `a\nb\r\n\u0000\u001b[31m\u2028c{value}${"x".repeat(400)}`;
  const reading = only(judged({ m: { warning: 1, display: "{output}|{note}" } }, {
    m: 5,
    output: hostile,
    note: `${"y".repeat(299)}😀`,
  }));
  const expected = `a b    [31m c{value}${"x".repeat(400)}`.slice(0, 300);
  assertEquals(reading.output, expected);
  assertEquals(reading.display, `${expected}|${"y".repeat(299)}\ufffd`);
});

Deno.test("values are shown with one or two decimals, exit codes with none", () => {
  const table: readonly [number, string][] = [
    [85, "85.0"],
    [12.5, "12.5"],
    [0, "0.0"],
    [-0.001, "0.0"],
    [12.345678, "12.35"],
    [-3, "-3.0"],
    [123456789012, "123456789012.0"],
    [1e21, "1e+21"],
  ];
  for (const [value, text] of table) assertEquals(formatValue(value), text);
  assertEquals([formatValue(2, "nagios"), formatValue(1.5, "nagios")], ["2", "1.5"]);
});
