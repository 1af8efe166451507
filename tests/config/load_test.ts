import { assert, assertEquals, assertRejects } from "@std/assert";
import { join, resolve } from "@std/path";
import fc from "fast-check";
import {
  ConfigError,
  configToYaml,
  didYouMean,
  loadConfig,
  parseConfig,
} from "../../src/config/load.ts";
import type { HostConfig } from "../../src/config/config.ts";
import { DEFAULT_CONFIG } from "../../src/config/schema.ts";
import { anyConfig, SOURCES } from "./any_config.ts";
import { problems } from "./support.ts";

async function withFile(
  content: string | Uint8Array,
  use: (file: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const file = join(folder, "hbd.yaml");
    await Deno.writeFile(
      file,
      typeof content === "string" ? new TextEncoder().encode(content) : content,
    );
    await use(file);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A secret that stands in the file. */
function hidden(value: string) {
  return { value, shown: "********" };
}

Deno.test("parseConfig() reads every key of the server itself", async () => {
  const text = `
interval: 30
tolerance: 12.5
grace: 4
hbd_host: 127.0.0.1
hbd_port: 8080
hb_port: 5000
udp_accept_text: false
udp_ack: false
default_key: a-default-key-of-all
require_key: true
auth_window: 30
command_token: a-token-for-commands
client_update:
  version: 0.2.0
  url: https://example.org/hbc
  sha256: a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1
max_samples: 7
max_body: 1000
max_hosts: 50
journal_enabled: false
journal_dir: /var/log/hbd
journal_file: beats.journal
journal_max_size: 5000
journal_max_backups: 2
journal_sync: true
beat_log: /var/log/beats.log
logfile: /var/log/hbd.log
hosts:
  nas: { interval: auto, tolerance: 5, grace: 60, key: a-key-of-the-nas-1, token: a-token-of-the-nas }
  192.168.1.5:
`;
  assertEquals(await parseConfig(text, "/etc/hbd.yaml"), {
    ...DEFAULT_CONFIG,
    intervalS: 30,
    tolerancePct: 12.5,
    graceS: 4,
    bindAddress: "127.0.0.1",
    httpPort: 8080,
    udpPort: 5000,
    udpAcceptText: false,
    udpAck: false,
    auth: {
      defaultKey: hidden("a-default-key-of-all"),
      requireKey: true,
      windowS: 30,
      commandToken: hidden("a-token-for-commands"),
    },
    clientUpdate: { version: "0.2.0", url: "https://example.org/hbc", sha256: "a1".repeat(32) },
    maxSamples: 7,
    maxBodyBytes: 1000,
    maxHosts: 50,
    journal: {
      enabled: false,
      dir: resolve("/var/log/hbd"),
      file: "beats.journal",
      maxSizeBytes: 5000,
      maxBackups: 2,
      sync: true,
    },
    beatLog: resolve("/var/log/beats.log"),
    logFile: resolve("/var/log/hbd.log"),
    hosts: new Map<string, HostConfig>([
      ["nas", {
        intervalS: "auto",
        tolerancePct: 5,
        graceS: 60,
        key: hidden("a-key-of-the-nas-1"),
        token: hidden("a-token-of-the-nas"),
      }],
      ["192.168.1.5", {}],
    ]),
  });
});

for (const text of ["", "# nothing yet\n", "---\n", "hosts:\n", "\uFEFF"]) {
  Deno.test(`a file that sets nothing gives the defaults: ${JSON.stringify(text)}`, async () => {
    await withFile(text, async (file) => assertEquals(await loadConfig(file), DEFAULT_CONFIG));
  });
}

Deno.test("a host whose name looks like a number or a word of YAML keeps it as written", async () => {
  const { hosts } = await parseConfig(
    "hosts:\n  0x10: {}\n  1.50: {}\n  null: {}\n  yes: {}\n",
    "a",
  );
  assertEquals([...hosts.keys()], ["0x10", "1.50", "null", "yes"]);
});

Deno.test("hosts may share values through an alias", async () => {
  const { hosts } = await parseConfig("hosts:\n  a: &slow { interval: 60 }\n  b: *slow\n", "a");
  assertEquals(hosts.get("b"), { intervalS: 60 });
});

Deno.test("relative paths count from the folder of the file", async () => {
  const text = "journal_dir: j\nbeat_log: ../beats.log\nlogfile: logs/hbd.log\n";
  const config = await parseConfig(text, "/etc/hbd/hbd.yaml");
  assertEquals(config.journal.dir, resolve("/etc/hbd/j"));
  assertEquals(config.beatLog, resolve("/etc/beats.log"));
  assertEquals(config.logFile, resolve("/etc/hbd/logs/hbd.log"));
});

Deno.test("a wrong value is reported with line, column, key, what was found and what is right", async () => {
  assertEquals(await problems("# a comment\n\ninterval: soon\n"), [
    'hbd.yaml:3:11: interval must be a number of seconds above 0 and at most 31536000, a text such as "5m", or "auto": got "soon"',
  ]);
  assertEquals(await problems("hbd_port:\n"), [
    "hbd.yaml:1:10: hbd_port must be a whole number from 0 to 65535: got nothing",
  ]);
  assertEquals(await problems("hosts:\n  nas: {interval: 5, grace: [1]}\n"), [
    'hbd.yaml:2:29: hosts.nas.grace must be a number of seconds from 0 to 31536000, or a text such as "20m": got a list',
  ]);
});

Deno.test("an unknown key is reported with the nearest known one", async () => {
  assertEquals(await problems("tolerance: 3\nintervall: 3\nport: 80\n"), [
    'hbd.yaml:2:1: Unknown key "intervall": did you mean "interval"?',
    'hbd.yaml:3:1: Unknown key "port": did you mean "hbd_port"?',
  ]);
  assertEquals(await problems("hosts:\n  nas:\n    graze: 3\n"), [
    'hbd.yaml:3:5: Unknown key "graze" in hosts.nas: did you mean "grace"?',
  ]);
  assertEquals(
    (await problems("__proto__: 3\n"))[0]?.slice(0, 44),
    'hbd.yaml:1:1: Unknown key "__proto__": known',
  );
});

Deno.test("didYouMean() lists the known words when none is near", () => {
  assertEquals(didYouMean("zebra", ["interval", "grace"]), "known are interval, grace");
  assertEquals(didYouMean("-x", ["-c", "-v"]), "known are -c, -v");
});

Deno.test("all problems are reported at once, in the order of the file", async () => {
  const found = await problems(
    'interval: -1\nhosts:\n  a: 3\n  "": {}\n  b: {interval: 0, x: 1}\ntolerance: no\nhbd_prt: 1\ntolerance: 5\njournal_sync: 1\n',
  );
  assertEquals(found.map((line) => line.split(" ")[0]), [
    "hbd.yaml:1:11:",
    "hbd.yaml:3:6:",
    "hbd.yaml:4:3:",
    "hbd.yaml:5:17:",
    "hbd.yaml:5:20:",
    "hbd.yaml:7:1:",
    "hbd.yaml:8:1:",
    "hbd.yaml:9:15:",
  ]);
});

Deno.test("a key given twice is reported where it is repeated", async () => {
  assertEquals(await problems("interval: 3\ninterval: 4\n"), [
    'hbd.yaml:2:1: Key "interval" is given twice: keep one of them',
  ]);
  assertEquals(await problems('hosts:\n  10: {}\n  "10": {}\n'), [
    'hbd.yaml:3:3: Key "10" is given twice: keep one of them',
  ]);
});

const broken: readonly (readonly [string, string, string])[] = [
  ["an unclosed list", "interval: 3\nhosts: [", "hbd.yaml:2:9: Cannot read the YAML: "],
  ["a tab for indentation", "hosts:\n\ta: {}", "hbd.yaml:2:1: Cannot read the YAML: Tabs"],
  ["an unknown tag", "grace: !soon 3", "hbd.yaml:1:8: Cannot read the YAML: Unresolved tag"],
  ["an alias of nothing", "hosts:\n  a: *b", 'hbd.yaml:2:6: Alias "*b" stands for nothing'],
  ["a second document", "grace: 3\n---\ngrace: 4", 'hbd.yaml:2:1: A second document ("---")'],
  ["a key that is a list", "? [a]\n: 3", "hbd.yaml:1:3: A key must be a plain word"],
  ["a list at the top", "- interval", "hbd.yaml:1:1: The configuration must be a mapping"],
  ["a word at the top", "interval", "hbd.yaml:1:1: The configuration must be a mapping"],
  ["an endless alias", "hosts: &a\n  x: *a", 'hbd.yaml:2:3: Unknown key "x" in hosts.x'],
];
for (const [what, text, message] of broken) {
  Deno.test(`${what} is reported with its place`, async () => {
    const [first = ""] = await problems(text);
    assert(first.startsWith(message), first);
  });
}

Deno.test("aliases that multiply are never written out", async () => {
  const levels = Array.from({ length: 30 }, (_, i) => {
    const value = i === 0 ? "[x, x]" : `[${Array(9).fill(`*l${i - 1}`).join(", ")}]`;
    return `l${i}: &l${i} ${value}`;
  });
  const found = await problems([...levels, "grace: *l29"].join("\n"));
  assertEquals(found.length, 31);
  assertEquals(
    found[30],
    'hbd.yaml:31:8: grace must be a number of seconds from 0 to 31536000, or a text such as "20m": ' +
      "got a list",
  );
});

Deno.test("more aliases than anybody needs are refused", async () => {
  assertEquals(await problems(`hosts: &a {}\ngrace: [${"*a ,".repeat(5001)}]`), [
    "hbd.yaml:1:1: Too many aliases: at most 5000 are allowed",
  ]);
});

Deno.test("lists nested too deep are an error like any other", async () => {
  const [first = ""] = await problems("[".repeat(5000));
  assert(first.startsWith("hbd.yaml:1:"), first);
});

for (
  const [what, text] of [
    ["unknown keys", Array.from({ length: 80 }, (_, i) => `key${i}: 1`).join("\n")],
    ["wrong hosts", "hosts:\n" + Array.from({ length: 80 }, (_, i) => `  h${i}: 1`).join("\n")],
  ] as const
) {
  Deno.test(`a file full of ${what} is reported in part, and says that there is more`, async () => {
    const found = await problems(text);
    assertEquals(found.length, 51);
    assertEquals(found[50], "… and more");
  });
}

Deno.test("a long value is shown in part", async () => {
  assert((await problems(`interval: ${"x".repeat(1000)}`)).join("").length < 250);
});

Deno.test("a file that cannot be read is reported in plain words with its path", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const missing = join(folder, "none.yaml");
    const failures: readonly (readonly [string, string])[] = [
      [missing, `Cannot read the configuration "${missing}": there is no such file`],
      [folder, `Cannot read the configuration "${folder}": it is a directory, not a file`],
    ];
    for (const [file, message] of failures) {
      assertEquals((await assertRejects(() => loadConfig(file), ConfigError)).message, message);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  const refuse = () => Promise.reject(new Deno.errors.PermissionDenied("os error 13"));
  assertEquals(
    (await assertRejects(() => loadConfig("hbd.yaml", {}, { read: refuse }), ConfigError)).message,
    'Cannot read the configuration "hbd.yaml": the user running hbd may not read it (check its owner and mode)',
  );
});

Deno.test("a file of 1 MiB is read and a larger one is not", async () => {
  const fits = "#".repeat(1_048_576);
  await withFile(fits, async (file) => assertEquals(await loadConfig(file), DEFAULT_CONFIG));
  await withFile(
    fits + "#",
    async (file) =>
      void await assertRejects(() => loadConfig(file), ConfigError, "it is over 1048576 bytes"),
  );
});

Deno.test("a file that is no UTF-8 text is refused", async () => {
  await withFile(
    new Uint8Array([0xff, 0xfe, 0x41]),
    async (file) => void await assertRejects(() => loadConfig(file), ConfigError, "not UTF-8 text"),
  );
});

Deno.test("the command line goes over the file, and the file over the defaults", async () => {
  await withFile("hbd_port: 1\nhbd_host: 127.0.0.1\ngrace: 9\n", async (file) => {
    const expected = await parseConfig(await Deno.readTextFile(file), file);
    assertEquals(await loadConfig(file, { httpPort: 2, intervalS: 10 }), {
      ...expected,
      httpPort: 2,
      intervalS: 10,
    });
  });
  assertEquals(await loadConfig(null, { bindAddress: "::1" }), {
    ...DEFAULT_CONFIG,
    bindAddress: "::1",
  });
});

Deno.test("a tolerance from the command line replaces a grace from the file", async () => {
  await withFile("grace: 9\n", async (file) => {
    const { graceS, tolerancePct } = await loadConfig(file, { tolerancePct: 30 });
    assertEquals([graceS, tolerancePct], [null, 30]);
  });
});

Deno.test("in the positional form every miss is told, and on the desktop", async () => {
  const { alerts, notify } = await loadConfig(null, { isPositional: true });
  assertEquals([alerts.everyMiss, notify.notify], [true, ["desktop"]]);
  assertEquals(notify.channels.get("desktop"), {
    type: "desktop",
    minLevel: "WARNING",
    fallback: null,
  });
  assertEquals((await loadConfig(null)).notify.notify, null);
});

Deno.test("what the file says of misses and channels wins over the positional form", async () => {
  await withFile("notify_every_miss: false\nnotify: []\n", async (file) => {
    const { alerts, notify } = await loadConfig(file, { isPositional: true });
    assertEquals([alerts.everyMiss, notify.notify, notify.channels.size], [false, [], 0]);
  });
  const text = "notification_channels:\n  desktop: {type: command, command: [say]}\n";
  await withFile(text, async (file) => {
    const { notify } = await loadConfig(file, { isPositional: true });
    assertEquals([notify.notify, notify.channels.get("desktop")?.type], [["desktop"], "command"]);
  });
});

Deno.test("configToYaml() writes what parseConfig() reads back as the same configuration", async () => {
  await fc.assert(fc.asyncProperty(anyConfig, async (config) => {
    assertEquals(await parseConfig(configToYaml(config), "/etc/hbd.yaml", SOURCES), config);
  }));
});

Deno.test("configToYaml() explains every key", () => {
  const lines = configToYaml(DEFAULT_CONFIG).trimEnd().split("\n");
  lines.forEach((line, i) => assertEquals(line.startsWith("# "), i % 2 === 0, line));
});

Deno.test("the examples of docs/CONFIG.md are valid configurations", async () => {
  const docs = new URL("../../docs/CONFIG.md", import.meta.url);
  const blocks = [...(await Deno.readTextFile(docs)).matchAll(/```yaml\n(.*?)```/gs)];
  const examples = await Promise.all(
    blocks.map(([, yaml = ""]) => parseConfig(yaml, "/etc/hbd.yaml", SOURCES)),
  );
  assert(examples.length > 5);
  const [first = DEFAULT_CONFIG] = examples;
  assertEquals([first.intervalS, first.journal.dir], [30, resolve("/etc/journal")]);
  assertEquals(first.hosts.get("backup-nas"), { intervalS: 86400, graceS: 3600 });
});

Deno.test("a ping id stands for one host", async () => {
  const id = "11111111-aaaa-3333-4444-555555555555";
  assertEquals(
    await problems(`hosts:
  a: {ping_id: ${id}}
  b: {ping_id: [another-one, ${id.toUpperCase()}]}`),
    ['hbd.yaml:3:30: hosts.b.ping_id is one of "a", too: each stands for one host'],
  );
});

Deno.test("a schedule, an interval beside it, and its zone are checked together", async () => {
  assertEquals(
    await problems(`hosts:
  a: {cron: "0 3 * * *", interval: 5m}
  b: {tz: UTC}
  c: {cron: "0 25 * * *"}`),
    [
      'hbd.yaml:2:36: hosts.a.interval cannot stand beside cron: "0 3 * * *" says when beats are due',
      "hbd.yaml:3:11: hosts.b.tz is the time zone of cron, which is not there",
      'hbd.yaml:4:13: hosts.c.cron must be a cron schedule that comes, say "0 3 * * *" or "@daily": ' +
      'got "0 25 * * *"',
    ],
  );
});
