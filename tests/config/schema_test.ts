import { assert, assertEquals } from "@std/assert";
import {
  DEFAULT_CONFIG,
  fileSchema,
  KEYS,
  keysNeedingRestart,
  toConfig,
  toFile,
} from "../../src/config/schema.ts";
import type { Keys } from "../../src/config/keys.ts";
import { CHANNEL_KEYS } from "../../src/config/schema_channels.ts";
import { HOST_KEYS } from "../../src/config/schema_hosts.ts";
import { WINDOW_KEYS } from "../../src/config/schema_maintenance.ts";
import { TARGET_KEYS } from "../../src/config/schema_outward.ts";
import { USER_KEYS } from "../../src/config/schema_users.ts";
import { STATUS_PAGE_KEYS } from "../../src/config/schema_web.ts";
import { RULE_KEYS } from "../../src/config/threshold_tree.ts";

/** Keys that every channel has, and types that have the same keys. */
const COMMON = ["type", "min_level", "fallback"];
const HOOKS = ["mattermost", "slack", "discord"];

/** The text of docs/CONFIG.md below a heading, up to the next of its kind. */
async function section(heading: string): Promise<string> {
  const docs = await Deno.readTextFile(new URL("../../docs/CONFIG.md", import.meta.url));
  const level = heading.split(" ")[0] ?? "";
  const [, text = ""] = docs.split(`\n${heading}\n`);
  return text.split(`\n${level} `)[0] ?? "";
}

/** The cells behind each key in the tables of `text`. */
function rowsOf(text: string): ReadonlyMap<string, readonly string[]> {
  const rows = [...text.matchAll(/^\| (`\w+`(?:, `\w+`)*) +\|(.+)\|$/gm)];
  return new Map(rows.flatMap(([, keys = "", rest = ""]) => {
    const cells = rest.split("|").map((cell) => cell.trim());
    return keys.split(", ").map((key) => [key.slice(1, -1), cells] as const);
  }));
}

/** The cells of each row of docs/CONFIG.md that starts with a key of the top. */
async function documentedKeys(): Promise<ReadonlyMap<string, readonly string[]>> {
  const [top = ""] = (await section("## Keys")).split("\n\nA host in");
  return rowsOf(top);
}

/** Headings of docs/CONFIG.md, and whose keys are in the tables below them. */
const INNER: readonly (readonly [string, Keys | undefined])[] = [
  ["## Thresholds", RULE_KEYS],
  ["## Maintenance", WINDOW_KEYS],
  ["## Watching the server", TARGET_KEYS],
  ["## Users", USER_KEYS],
  ["## Status page", STATUS_PAGE_KEYS],
  ...Array.from(CHANNEL_KEYS, ([type, keys]) => {
    const own = Array.from(keys).filter(([key]) => !COMMON.includes(key));
    const heading = HOOKS.includes(type) ? HOOKS.join(", ") : type;
    return [`### ${heading}`, new Map(own)] as const;
  }),
];

for (const [heading, keys] of INNER) {
  Deno.test(`docs/CONFIG.md lists exactly the keys of "${heading}"`, async () => {
    const listed = [...rowsOf(await section(heading)).keys()];
    assertEquals(listed.toSorted(), [...keys?.keys() ?? []].toSorted());
  });
}

Deno.test("docs/CONFIG.md lists the keys of a host and those that all channels have", async () => {
  const hosts = (await section("## Keys")).split("\n\nA host in")[1] ?? "";
  assertEquals([...rowsOf(hosts).keys()], [...HOST_KEYS.keys()]);
  const common = (await section("## Notifications")).split("\n### ")[0] ?? "";
  assertEquals([...rowsOf(common).keys()], COMMON);
});

Deno.test("docs/CONFIG.md lists exactly the keys of the schema", async () => {
  assertEquals([...(await documentedKeys()).keys()], [...KEYS.keys()]);
});

Deno.test("docs/CONFIG.md gives every key its default and says whether a reload takes it up", async () => {
  const documented = await documentedKeys();
  const defaults = toFile(DEFAULT_CONFIG);
  for (const [key, value] of Object.entries(defaults)) {
    const isEmpty = value instanceof Map ? "`{}`" : Array.isArray(value) ? "`[]`" : null;
    const wanted = value === null ? "not set" : isEmpty ?? `\`${value}\``;
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
    pings: { keys: [], create: false },
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
    thresholds: new Map(),
    thresholdConfigs: new Map(),
    alerts: {
      renotifyS: 3600,
      everyMiss: null,
      flapThreshold: 6,
      incidentHosts: 5,
      incidentPct: 30,
    },
    maintenance: [],
    notify: {
      channels: new Map(),
      notify: null,
      baseUrl: null,
      giveUpS: 86400,
      fallbackAfterS: 120,
    },
    dns: { domains: [], bin: "nsupdate", keyFile: null, server: null, ttlS: 60 },
    heartbeatTo: [],
    metricsMaxHosts: 100,
    users: new Map(),
    defaultOwner: null,
    web: {
      extraPorts: [],
      wsPort: 50005,
      wssPort: null,
      https: false,
      certFile: null,
      keyFile: null,
      allowAnonymousChanges: false,
      trustedProxies: [],
      sessionS: 30 * 86_400,
      historyDays: 90,
      statusPage: null,
    },
  });
});

const SET = new Map([["a", new Map([["thresholds", null]])]]);
const URL_WITH_PASSWORD = "https://u:p@a.example";

const HEX = "0a".repeat(32);
const user = (key: string, value: unknown) => new Map([["alice", new Map([[key, value]])]]);

const edges: readonly (readonly [string, readonly unknown[], readonly unknown[]])[] = [
  ["interval", ["auto", 0.1, 31_536_000, "5m", "365d"], [
    "soon",
    "366d",
    "0s",
    0,
    -1,
    31_536_001,
    Infinity,
    NaN,
    "30",
    true,
  ]],
  ["tolerance", [0, 12.5, 1000], [-1, 1001, null, "20%"]],
  ["grace", [null, 0, 31_536_000, "20m", "1h30m"], [-0.1, 31_536_001, "20", "m", "366d"]],
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
  ["ping_key", [null, [], "x".repeat(8), ["a-b_c.d~9", "x".repeat(200)]], [
    "short",
    "x".repeat(201),
    "with space",
  ]],
  ["ping_create", [true, false], [1]],
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
    new Map([["a", new Map([["watch", "no"]])]]),
    new Map([["a", new Map([["notify", 5]])]]),
    new Map([["a", new Map([["group", ""]])]]),
    new Map([["a", new Map([["cron", "60 * * * *"]])]]),
    new Map([["a", new Map([["cron", "0 0 31 2 *"]])]]),
    new Map([["a", new Map([["cron", "0 3 * * *"], ["tz", "Mars"]])]]),
    new Map([["a", new Map([["cron", "0 3 * * *"], ["interval", "30"]])]]),
    new Map([["a", new Map([["tz", "UTC"]])]]),
    new Map([["a", new Map([["ping_id", "short"]])]]),
  ]],
  ["thresholds", [null, new Map(), new Map([["a", "off"]]), new Map([["a", false]])], [
    [],
    "off",
    5,
    new Map([["a", 5]]),
    new Map([["a", []]]),
  ]],
  ["threshold_configs", [null, new Map(), SET], [5, new Map([["a", new Map([["b", null]])]])]],
  ["threshold_renotify_interval", [0, 0.5, 31_536_000], [-1, 31_536_001, "1h", null]],
  ["notify_every_miss", [null, true, false], ["yes", 1]],
  ["flap_threshold", [0, 10_000], [-1, 10_001, 1.5]],
  ["incident_hosts", [0, 10_000_000], [-1, 10_000_001]],
  ["incident_share", [0, 12.5, 100], [-1, 101, "30%"]],
  ["maintenance", [null, [], [new Map([["daily", "03:00-04:00"]])]], [
    "03:00-04:00",
    new Map([["daily", "03:00-04:00"]]),
    [null],
  ]],
  ["notification_channels", [null, new Map(), new Map([["a", new Map([["type", "desktop"]])]])], [
    [],
    new Map([["a", null]]),
    new Map([["", new Map([["type", "desktop"]])]]),
    new Map([["x".repeat(65), new Map([["type", "desktop"]])]]),
  ]],
  ["notify", [null, [], "a", ["a", "b"]], [5, [5], "", new Map()]],
  ["base_url", [null, "http://a.example:8080/hbd/", "https://[::1]"], [
    "",
    "a.example",
    "ftp://a.example",
    "https://a.example/?a=1",
    "https://a.example/a b",
    URL_WITH_PASSWORD,
  ]],
  ["notify_give_up", [1, 31_536_000], [0, 31_536_001, null]],
  ["fallback_after", [0, 31_536_000], [-1, "2m"]],
  ["pushsrv", [null, "pushover", "mattermost", "all"], ["none", true, ["all"]]],
  ["pushover_token", [null, "t", "${T}", "file:t"], ["", "a\nb", 5, "********", "${T}x"]],
  ["pushover_user", [null, "u"], ["", 5]],
  ["mattermost_url", [null, "https://a.example/hooks/x", "${U}"], ["a.example", "ftp://a.example"]],
  ["dyndomains", [null, [], "example.com", ["a.example.", "b_c.example"]], [
    5,
    "",
    "a..b",
    "-a.example",
    "a b",
    "a.example\nsend",
    "x".repeat(64),
  ]],
  ["nsupdate_bin", ["nsupdate", "/usr/bin/nsupdate"], [null, "", "~/nsupdate"]],
  ["nsupdate_key", [null, "dns.key"], ["", "~/dns.key"]],
  ["nsupdate_server", [null, "ns.example", "192.0.2.1:5353", "::1", "[::1]:53"], [
    "",
    "ns.example:0",
    "ns.example:65536",
    "ns example",
    "ns.example\nzone x",
    "1.2.3",
  ]],
  ["nsupdate_ttl", [1, 604_800], [0, 604_801]],
  ["heartbeat_to", [
    null,
    [],
    "https://a.example/x",
    "udp://[::1]:50003",
    "${PING}",
    new Map([["udp", "a.example"]]),
    [new Map([["url", "file:ping"]]), "http://b.example"],
  ], [5, "a.example", "ftp://a.example", "udp://a b", new Map(), [null]]],
  ["metrics_max_hosts", [0, 1_000_000], [-1, 1_000_001]],
  ["users", [
    null,
    new Map([["alice", null]]),
    user("full_name", "Alice Smith"),
    user("admin", true),
    user("notification_channels", "ops"),
    user("notification_channels", []),
    user("password", null),
    user("password", `pbkdf2:sha256:1$s$${HEX}`),
    user("password", `pbkdf2:sha256:10000000$aZ09./+=-_$${HEX.toUpperCase()}`),
    user("password", "${HASH}"),
    user("password", "file:alice.hash"),
  ], [
    [],
    "alice",
    new Map([["", null]]),
    new Map([["a\nb", null]]),
    new Map([["alice", "secret"]]),
    user("full_name", ""),
    user("admin", "yes"),
    user("role", "admin"),
    user("password", "secret"),
    user("password", `pbkdf2:sha1:600000$salt$${HEX}`),
    user("password", `pbkdf2:sha256$salt$${HEX}`),
    user("password", `pbkdf2:sha256:0$salt$${HEX}`),
    user("password", `pbkdf2:sha256:10000001$salt$${HEX}`),
    user("password", `pbkdf2:sha256:600000$$${HEX}`),
    user("password", `pbkdf2:sha256:600000$salt$${HEX.slice(1)}`),
    user("password", `pbkdf2:sha256:600000$salt$${HEX}\n`),
  ]],
  ["default_owner", [null, "alice"], ["", 5, ["alice"]]],
  ["extra_ports", [null, [], [0, 0, 8888, 65_535]], [8888, [-1], [65_536], [7777, 7777], ["80"]]],
  ["ws_port", [0, 65_535], [-1, 65_536, null, "off"]],
  ["wss_port", [null, 0, 65_535], [-1, 65_536, "off"]],
  ["https", [true, false], ["yes", null]],
  ["cert_path", [null, "/etc/ssl/hbd"], ["", "~/ssl"]],
  ["wss_pem", [null, "fullchain.pem"], ["", "~/a.pem"]],
  ["wss_key", [null, "privkey.pem"], ["", 5]],
  ["allow_anonymous_changes", [true, false], ["yes", null]],
  ["trusted_proxies", [null, [], "10.0.0.1", ["10.0.0.0/8", "::1", "fd00::/8"]], [
    5,
    "",
    "proxy.example",
    "10.0.0.0/33",
    ["10.0.0"],
  ]],
  ["session_hours", [0.1, 87_600], [0, 87_601, null, "1d"]],
  ["history_days", [0, 3660], [-1, 3661, 1.5]],
  ["status_page", [
    null,
    new Map([["hosts", "web-*"]]),
    new Map<string, unknown>([["hosts", ["a"]], ["title", "Ours"]]),
  ], [
    true,
    "web-*",
    new Map(),
    new Map([["hosts", []]]),
    new Map([["hosts", ""]]),
    new Map([["title", "Ours"]]),
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
