import { assert, assertEquals } from "@std/assert";
import {
  DEFAULT_CONFIG,
  fileSchema,
  KEYS,
  keysNeedingRestart,
  toConfig,
  toFile,
} from "../../src/config/schema.ts";

/** The cells of each row of docs/CONFIG.md that starts with a key. */
async function documentedKeys(): Promise<ReadonlyMap<string, readonly string[]>> {
  const docs = await Deno.readTextFile(new URL("../../docs/CONFIG.md", import.meta.url));
  const rows = docs.matchAll(/^\| `(\w+)` +\|(.+)\|$/gm);
  return new Map(
    Array.from(
      rows,
      ([, key = "", rest = ""]) => [key, rest.split("|").map((cell) => cell.trim())],
    ),
  );
}

Deno.test("docs/CONFIG.md lists exactly the keys of the schema", async () => {
  assertEquals([...(await documentedKeys()).keys()], [...KEYS.keys()]);
});

Deno.test("docs/CONFIG.md gives every key its default and says whether a reload takes it up", async () => {
  const documented = await documentedKeys();
  const defaults = toFile(DEFAULT_CONFIG);
  for (const [key, value] of Object.entries(defaults)) {
    const wanted = value === null ? "not set" : value instanceof Map ? "`{}`" : `\`${value}\``;
    const cells = documented.get(key);
    assertEquals(cells?.[1], wanted, `default of ${key}`);
    assertEquals(cells?.[3], KEYS.get(key)?.reload ? "yes" : "no", `reload of ${key}`);
  }
});

Deno.test("every key has a help text and a rule, none with a final period", () => {
  assertEquals([...KEYS.keys()], Object.keys(toFile(DEFAULT_CONFIG)));
  for (const [key, { help, wants }] of KEYS) {
    assert(help !== "" && !help.endsWith("."), key);
    assert(wants !== "" && !wants.endsWith("."), key);
  }
});

Deno.test("the defaults are those that the product promises", () => {
  assertEquals(DEFAULT_CONFIG, {
    intervalS: "auto",
    tolerancePct: 20,
    graceS: null,
    bindAddress: "0.0.0.0",
    httpPort: 50004,
    udpPort: 50003,
    udpAcceptText: true,
    udpAck: true,
    auth: { defaultKey: null, requireKey: false, windowS: 60, commandToken: null },
    clientUpdate: null,
    maxSamples: 100,
    maxBodyBytes: 65536,
    maxHosts: 1000000,
    journal: {
      enabled: true,
      dir: null,
      file: "messages.journal",
      maxSizeBytes: 104857600,
      maxBackups: 10,
      sync: false,
    },
    beatLog: null,
    logFile: null,
    hosts: new Map(),
  });
});

const edges: readonly (readonly [string, readonly unknown[], readonly unknown[]])[] = [
  ["interval", ["auto", 0.1, 31_536_000], ["soon", 0, -1, 31_536_001, Infinity, NaN, "30", true]],
  ["tolerance", [0, 12.5, 1000], [-1, 1001, null, "20%"]],
  ["grace", [null, 0, 31_536_000], [-0.1, 31_536_001]],
  [
    "hbd_host",
    ["0.0.0.0", "::", "::1", "localhost", "a.example"],
    ["", "256.0.0.1", "1.2.3", "a b", "[::1]", 1],
  ],
  ["hbd_port", [0, 65_535], [-1, 65_536, 80.5, "80"]],
  ["hb_port", [0, 65_535, "off"], [-1, 65_536, "on", null]],
  ["udp_accept_text", [true, false], ["yes"]],
  ["udp_ack", [true, false], [1]],
  ["default_key", [null, "x".repeat(16), "x".repeat(200)], ["x".repeat(15), "x".repeat(201), 1]],
  ["require_key", [true, false], [null]],
  ["auth_window", [1, 86_400], [0.5, 86_401]],
  ["command_token", [null, "x".repeat(16)], ["short"]],
  ["client_update", [
    null,
    new Map([["version", "1"], ["url", "https://a.example/hbc"], [
      "sha256",
      "a".repeat(64),
    ]]),
  ], [
    "0.2.0",
    new Map([["version", "1"]]),
    new Map([["version", "1"], ["url", "file:///hbc"], ["sha256", "a".repeat(64)]]),
    new Map([["version", "1"], ["url", "https://a.example/hbc"], ["sha256", "A".repeat(64)]]),
  ]],
  ["max_samples", [1, 10_000], [0, 10_001]],
  ["max_body", [1, 16_777_216], [0, 16_777_217]],
  ["max_hosts", [1, 10_000_000], [0, 10_000_001]],
  ["journal_enabled", [true, false], ["yes", 1, null]],
  ["journal_dir", [null, "logs", "/var/log"], ["", "~", "~/logs", "a\0b"]],
  ["journal_file", ["a.log", "...", ".hidden"], [
    "",
    ".",
    "..",
    "a/b",
    "a\\b",
    "a\nb",
    "x".repeat(201),
  ]],
  ["journal_max_size", [4096, Number.MAX_SAFE_INTEGER], [4095, 2 ** 53]],
  ["journal_max_backups", [0, 10_000], [-1, 10_001]],
  ["journal_sync", [true, false], [0]],
  ["beat_log", [null, "beats.log"], ["", "~/beats.log", 1]],
  ["logfile", [null, "./hbd.log"], ["", 1]],
  ["hosts", [null, new Map(), new Map([["x".repeat(255), null]])], [
    [],
    "a",
    new Map([["", null]]),
    new Map([["x".repeat(256), null]]),
    new Map([["a\u0085", null]]),
    new Map([["a", 30]]),
    new Map([["a", new Map([["grace", null]])]]),
  ]],
];

Deno.test("every key has its range tested", () => {
  assertEquals(edges.map(([key]) => key), [...KEYS.keys()]);
});

for (const [key, right, wrong] of edges) {
  Deno.test(`${key} takes what is in its range and nothing else`, () => {
    for (const value of right) {
      assert(fileSchema.safeParse({ [key]: value }).success, `${key}: ${JSON.stringify(value)}`);
    }
    for (const value of wrong) {
      assert(!fileSchema.safeParse({ [key]: value }).success, `${key}: ${JSON.stringify(value)}`);
    }
  });
}

Deno.test("a host named like an object's own property is a host like any other", () => {
  const hosts = new Map(["__proto__", "constructor"].map((n) => [n, new Map([["interval", 5]])]));
  const config = toConfig(fileSchema.parse({ hosts }));
  assertEquals(config.hosts.get("__proto__"), { intervalS: 5 });
  assertEquals(config.hosts.get("constructor"), { intervalS: 5 });
});

Deno.test("keysNeedingRestart() names changed keys that a reload does not take up, and no others", () => {
  const after = toConfig(fileSchema.parse({
    interval: 5,
    max_body: 1,
    hosts: new Map([["a", null]]),
    hbd_port: 1,
    journal_sync: true,
  }));
  assertEquals(keysNeedingRestart(DEFAULT_CONFIG, after), ["hbd_port", "journal_sync"]);
  assertEquals(keysNeedingRestart(DEFAULT_CONFIG, DEFAULT_CONFIG), []);
});
