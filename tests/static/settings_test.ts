/** What the settings show: the configuration as text, thresholds as rows, the API as a list. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parse } from "yaml";
import { operationGroups } from "../../static/app/settings/openapi.ts";
import { thresholdSets } from "../../static/app/settings/threshold_rows.ts";
import { yamlText } from "../../static/app/settings/yaml.ts";

Deno.test("the configuration is shown as people write it", () => {
  assertEquals(
    yamlText({
      interval: "auto",
      grace: null,
      notify: ["a", "b"],
      hosts: { "web 1": { watch: false }, "5": {} },
      windows: [{ from: "22:00", to: "06:00" }],
    }),
    [
      "interval: auto",
      "grace: null",
      "notify: [a, b]",
      "hosts:",
      `  "5": {}`,
      "  web 1:",
      "    watch: false",
      "windows:",
      `  - from: "22:00"`,
      `    to: "06:00"`,
    ].join("\n"),
  );
});

Deno.test("whatever is shown could be read back", () => {
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: "small" },
      fc.string(),
      fc.constantFrom("yes", "no", "~", "1e3", ".5", "- a", "a: b", "#c", "null", "é b", "a\nb"),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("any"), { maxLength: 4 }),
      fc.dictionary(fc.string(), tie("any"), { maxKeys: 4 }),
    ),
  })).any;
  fc.assert(fc.property(value, (value) => {
    const plain: unknown = JSON.parse(JSON.stringify(value));
    assertEquals(parse(yamlText(plain)), plain);
  }));
});

Deno.test("thresholds are rows: the general ones, then each set", () => {
  const rows = thresholdSets({
    thresholds: {
      cpu_monitor: { cpu_percent: { warning: 80, critical: 90, hysteresis: 0.1 } },
      disk_monitor: { partitions: { "/": { free_gb: { warning: 10, operator: "<" } } } },
    },
    threshold_configs: {
      quiet: { thresholds: { nagios_runner: { mail_status_code: "off" } } },
      empty: {},
    },
  });
  assertEquals(rows.map(({ name, rows }) => [name, rows.map(({ metric }) => metric)]), [
    [null, ["cpu_monitor.cpu_percent", "disk_monitor.partitions./.free_gb"]],
    ["quiet", ["nagios_runner.mail_status_code"]],
    ["empty", []],
  ]);
  assertEquals(rows[0]?.rows[0], {
    metric: "cpu_monitor.cpu_percent",
    operator: "",
    warning: "80",
    critical: "90",
    hysteresis: "0.1",
  });
  assertEquals(rows[1]?.rows[0]?.operator, "off");
  assertEquals(thresholdSets({}), []);
});

Deno.test("the API is a list of requests by subject, with what each takes", () => {
  const groups = operationGroups({
    paths: {
      "/a/{name}": {
        post: {
          operationId: "doIt",
          summary: "Does it",
          tags: ["Things"],
          parameters: [
            { name: "name", in: "path", required: true, schema: { type: "string" } },
            {
              name: "limit",
              in: "query",
              schema: { type: "integer", minimum: 1, maximum: 9, default: 5 },
            },
          ],
          requestBody: {
            content: { "application/json": { schema: { $ref: "#/components/schemas/Body" } } },
          },
        },
      },
    },
    components: {
      schemas: {
        Body: {
          type: "object",
          required: ["mode"],
          properties: {
            mode: { enum: ["x", "y"], description: "How" },
            until: { anyOf: [{ type: "number" }, { type: "null" }] },
          },
        },
      },
    },
  });
  assertEquals(groups.map(({ tag }) => tag), ["Things"]);
  assertEquals(
    groups[0]?.operations[0]?.parameters.map(({ name, place, isRequired, type }) =>
      `${name} ${place} ${isRequired} ${type}`
    ),
    [
      "name path true text",
      "limit query false whole number from 1 to 9, 5 if left out",
      "mode body true x, y",
      "until body false number or null",
    ],
  );
  assertEquals(operationGroups(null), []);
});

Deno.test("a document that refers to itself ends", () => {
  const schema = { $ref: "#/components/schemas/A" };
  const document = {
    paths: {
      "/a": {
        post: { requestBody: { content: { "application/json": { schema } } } },
      },
    },
    components: { schemas: { A: { type: "array", items: schema } } },
  };
  assertEquals(operationGroups(document)[0]?.operations.length, 1);
});
