import { assertEquals } from "@std/assert";
import { parsePluginOutput, type PerformanceValue } from "../../src/wire/nagios_output.ts";
import { recorded } from "../client/plugins/real_system.ts";

function value(label: string, number: number, rest: Partial<PerformanceValue> = {}) {
  return { label, value: number, unit: "", warn: null, crit: null, min: null, max: null, ...rest };
}

Deno.test("real plugins' output is taken apart", async () => {
  assertEquals(parsePluginOutput(await recorded("nagios_check_disk.txt")), {
    text: "DISK OK - free space: / 79280MiB (76% inode=97%);",
    performance: [
      value("/", 25812795392, {
        unit: "B",
        warn: 243497277849,
        crit: 257024904396,
        min: 0,
        max: 270552530944,
      }),
    ],
  });
  assertEquals(parsePluginOutput(await recorded("nagios_check_load.txt")), {
    text: "LOAD OK - total load average: 0.09, 0.24, 0.54",
    performance: [
      value("load1", 0.09, { warn: 5, crit: 10, min: 0 }),
      value("load5", 0.24, { warn: 4, crit: 8, min: 0 }),
      value("load15", 0.54, { warn: 3, crit: 6, min: 0 }),
    ],
  });
});

Deno.test("performance data go on after the second bar; what is malformed is skipped", async () => {
  assertEquals(parsePluginOutput(await recorded("nagios_several_lines.txt")), {
    text: "MAIL WARNING - 41 messages wait",
    performance: [
      value("queue", 41, { warn: 40, crit: 100, min: 0 }),
      value("oldest", 12.5, { unit: "s", crit: 60 }),
      value("mx.example.org's queue", 17),
      value("refused", 3, { unit: "c", warn: "@1:5", crit: "~:10" }),
      value("rate", -0.0015, { warn: "-1:1" }),
      value("share", 99.5, { unit: "%", min: 0, max: 100 }),
    ],
  });
});

Deno.test("output without performance data, or with nothing else, is read too", () => {
  assertEquals(parsePluginOutput("OK\n"), { text: "OK", performance: [] });
  assertEquals(parsePluginOutput("OK\r\nmore\r\n"), { text: "OK", performance: [] });
  assertEquals(parsePluginOutput("|a=1"), { text: "", performance: [value("a", 1)] });
  assertEquals(parsePluginOutput("OK\nmore | a=1"), { text: "OK", performance: [value("a", 1)] });
  assertEquals(parsePluginOutput(""), { text: "", performance: [] });
});

Deno.test("a megabyte of quotes, equal signs or bars is read in a moment", () => {
  for (const part of ["'", "''", "' ", "'a''", "'a'' ", "=", "a=", "|", "'a'=1;", "1e", "a=1e"]) {
    parsePluginOutput(`OK | ${part.repeat(Math.ceil(1_000_000 / part.length))}`);
  }
});
