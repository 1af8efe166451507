import { assertEquals } from "@std/assert";
import { complaints, configOf, problems } from "./support.ts";

Deno.test("thresholds are read as they stand", async () => {
  const { thresholds, thresholdConfigs, alerts, hosts } = await configOf(`
thresholds:
  rtt:
    webserver01: {warning: 100.0, critical: 500.0}        # ms, judged on every beat that carries rtt
  cpu_monitor:
    cpu_percent: {warning: 80.0, critical: 90.0, operator: ">", hysteresis: 0.02, display: "(threshold: {op_symbol} {threshold_value}%)"}
  disk_monitor:
    partitions:
      /:
        percent: {warning: 80.0, critical: 90.0}
        free_gb: {warning: 10.0, critical: 5.0, operator: "<"}
  nagios_runner:
    status_code: {operator: "nagios", display: "{check_name}: {output}"}   # 0 OK 1 WARNING 2 CRITICAL 3 UNKNOWN
threshold_renotify_interval: 1800
threshold_configs:
  default: {thresholds: {cpu_monitor: {cpu_percent: {warning: 80, critical: 90}}}}
  tight_cpu: {thresholds: {cpu_monitor: {cpu_percent: {warning: 60, critical: 75}}}}
  db_disk: {thresholds: {disk_monitor: off}}
hosts:
  db-01: {threshold_config: [tight_cpu, db_disk]}
  db-02: {threshold_config: tight_cpu}
`);
  assertEquals<unknown>(
    thresholds,
    new Map<string, unknown>([
      ["rtt", new Map([["webserver01", { warning: 100, critical: 500 }]])],
      [
        "cpu_monitor",
        new Map([["cpu_percent", {
          warning: 80,
          critical: 90,
          operator: ">",
          hysteresis: 0.02,
          display: "(threshold: {op_symbol} {threshold_value}%)",
        }]]),
      ],
      [
        "disk_monitor",
        new Map([[
          "partitions",
          new Map([[
            "/",
            new Map<string, unknown>([
              ["percent", { warning: 80, critical: 90 }],
              ["free_gb", { warning: 10, critical: 5, operator: "<" }],
            ]),
          ]]),
        ]]),
      ],
      [
        "nagios_runner",
        new Map([["status_code", { operator: "nagios", display: "{check_name}: {output}" }]]),
      ],
    ]),
  );
  assertEquals([...thresholdConfigs.keys()], ["default", "tight_cpu", "db_disk"]);
  assertEquals<unknown>(thresholdConfigs.get("db_disk"), new Map([["disk_monitor", "off"]]));
  assertEquals(alerts.renotifyS, 1800);
  assertEquals(hosts.get("db-01")?.thresholdConfig, ["tight_cpu", "db_disk"]);
  assertEquals(hosts.get("db-02")?.thresholdConfig, ["tight_cpu"]);
});

Deno.test("off and false take rules away, and an empty mapping has none", async () => {
  const { thresholds } = await configOf("thresholds: {a: off, b: false, c: , d: {}, e: {f: off}}");
  assertEquals<unknown>(
    thresholds,
    new Map<string, unknown>([
      ["a", "off"],
      ["b", "off"],
      ["c", new Map()],
      ["d", new Map()],
      ["e", new Map([["f", "off"]])],
    ]),
  );
});

Deno.test("a value of a plugin may be called like a key of a rule", async () => {
  const { thresholds } = await configOf("thresholds: {p: {warning: {critical: {warning: 1}}}}");
  assertEquals<unknown>(
    thresholds.get("p"),
    new Map([["warning", new Map([["critical", { warning: 1 }]])]]),
  );
});

const NODE = 'a rule such as {warning: 80, critical: 90}, a mapping of such, or "off"';
const wrong: readonly (readonly [string, string, string])[] = [
  ["a number in place of a rule", "{p: {x: 80}}", `thresholds.p.x must be ${NODE}: got 80`],
  ["on", "{p: on}", `thresholds.p must be ${NODE}: got "on"`],
  [
    "a misspelt key",
    "{p: {x: {warning: 1, critcal: 2}}}",
    'Unknown key "critcal" in thresholds.p.x: did you mean "critical"?',
  ],
  [
    "a threshold that is no number",
    "{p: {x: {warning: high}}}",
    'thresholds.p.x.warning must be a number: got "high"',
  ],
  [
    "an endless threshold",
    "{p: {x: {warning: .inf}}}",
    "thresholds.p.x.warning must be a number: got Infinity",
  ],
  [
    "an unknown operator",
    "{p: {x: {warning: 1, operator: =>}}}",
    'thresholds.p.x.operator must be one of ">", ">=", "<", "<=", "==", "!=", "nagios": got "=>"',
  ],
  [
    "a hysteresis in percent",
    "{p: {x: {warning: 1, hysteresis: 10}}}",
    "thresholds.p.x.hysteresis must be a fraction of the threshold from 0 to 1, say 0.1: got 10",
  ],
  [
    "a rule without a threshold",
    "{p: {x: {display: a}}}",
    'thresholds.p.x needs a "warning" or a "critical" threshold',
  ],
  [
    "a critical threshold that comes first",
    "{p: {x: {warning: 90, critical: 80}}}",
    'thresholds.p.x.critical must not be below warning (90) where the operator is ">": got 80',
  ],
  [
    "a critical threshold that comes first, downwards",
    '{p: {x: {warning: 5, critical: 10, operator: "<="}}}',
    'thresholds.p.x.critical must not be above warning (5) where the operator is "<=": got 10',
  ],
];
for (const [what, tree, message] of wrong) {
  Deno.test(`${what} is refused: ${message}`, async () => {
    assertEquals(await complaints(`thresholds: ${tree}`), [message]);
  });
}

Deno.test("problems of thresholds are told with their place", async () => {
  assertEquals(
    (await problems("thresholds:\n  p:\n    x: {warning: 9, critical: 8}\n"))[0]?.slice(0, 45),
    "hbd.yaml:3:31: thresholds.p.x.critical must n",
  );
});

Deno.test("rules that are laid over others may leave out anything, but not contradict themselves", async () => {
  const layer = (rule: string) => `threshold_configs: {a: {thresholds: {p: {x: ${rule}}}}}`;
  for (const rule of ["{display: a}", "{operator: nagios}", "{warning: 9, critical: 8}"]) {
    await configOf(layer(rule));
  }
  assertEquals(await complaints(layer('{warning: 9, critical: 8, operator: ">"}')), [
    'threshold_configs.a.thresholds.p.x.critical must not be below warning (9) where the operator is ">": got 8',
  ]);
});

Deno.test("thresholds straight in a set are told where they belong", async () => {
  assertEquals(await complaints("threshold_configs: {a: {cpu_monitor: {}}}"), [
    'Unknown key "cpu_monitor" in threshold_configs.a: known are thresholds',
  ]);
});

Deno.test("trees that aliases make endless are refused", async () => {
  const [first = ""] = await complaints("thresholds: &a {x: *a}");
  assertEquals(
    first.replace(/(\.x)+/, ".x"),
    "thresholds.x is nested too deep: at most 16 levels are allowed",
  );
  const levels = Array.from({ length: 12 }, (_, i) => {
    const keys = Array.from({ length: 9 }, (_, k) => `k${k}: ${i === 0 ? "off" : `*l${i - 1}`}`);
    return `  l${i}: &l${i} {${keys.join(", ")}}`;
  });
  assertEquals(await complaints(["thresholds:", ...levels].join("\n")), [
    "thresholds has too many entries: at most 100000 are allowed",
  ]);
});

Deno.test("a host's set of thresholds must exist", async () => {
  const sets = "threshold_configs: {tight_cpu: {}}\n";
  assertEquals(
    await problems(`${sets}hosts:\n  db: {threshold_config: [tight_cpu, tihgt_cpu]}\n`),
    [
      'hbd.yaml:3:38: hosts.db.threshold_config names no set of thresholds: got "tihgt_cpu", did you mean "tight_cpu"?',
    ],
  );
  assertEquals(await complaints("hosts: {db: {threshold_config: a}}"), [
    'hosts.db.threshold_config names no set of thresholds: got "a", there are none in threshold_configs',
  ]);
});
