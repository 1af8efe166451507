import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { parse } from "yaml";
import { ConfigError, parseConfig } from "../../src/config/load.ts";
import { KEYS } from "../../src/config/schema.ts";
import { convertOldConfig } from "../../src/migrate/old_config.ts";

function convert(text: string, folder: string | null = null) {
  return convertOldConfig(text, { file: "/home/joe/.hb.yaml", folder, home: "/home/joe" });
}

/** Keys that were left out, and whether that matters. */
function leftOut(text: string): readonly (readonly [string, boolean])[] {
  return convert(text).leftOut.map(({ key, matters }) => [key, matters]);
}

const OLD = `# my daemon
hb_port: 50003
hbd_port: 50004
ws_port: 50005
interval: 10
grace: 2
logfile: /var/log/hbd.log
journal_enabled: true
dyndomains: [dy.example.com]
nsupdate_bin: /usr/bin/nsupdate
pushsrv: all
pushover_token: abc
pushover_user: def # mine
mattermost_url: https://chat.example.com/hooks/x
threshold_configs:
  default:
    thresholds:
      cpu_monitor: { cpu_percent: { warning: 80, critical: 95 } }
hosts:
  web: { watch: true, dyn: true, threshold_config: default }
users:
  joe: { full_name: Joe, admin: true }
`;

Deno.test("a configuration of the old daemon is ours, with its comments", async () => {
  const { text, leftOut, changed } = convert(OLD);
  assertEquals([leftOut, changed], [[], []]);
  assert(text.includes("# my daemon") && text.includes("# mine"));
  assertEquals(parse(text), parse(OLD));
  const config = await parseConfig(text, "/etc/hbd.yaml");
  assertEquals([...config.notify.channels.keys()], ["pushover", "mattermost"]);
});

Deno.test("values are put the way they are meant", () => {
  const { text, leftOut, changed } = convert(
    'hb_port: "50003"\njournal_enabled: "yes"\nlogfile: ~/hbd.log\nhosts: { a: { dyn: "on" } }\n',
  );
  assertEquals(leftOut, []);
  assertEquals(changed.length, 4);
  assertEquals(parse(text), {
    hb_port: 50003,
    journal_enabled: true,
    logfile: "/home/joe/hbd.log",
    hosts: { a: { dyn: true } },
  });
});

Deno.test("lists of hosts become what stands at each host", () => {
  const { text } = convert("watchhosts: [a, b]\ndyndnshosts: a\nhosts: { b: { group: x } }\n");
  assertEquals(parse(text), {
    hosts: { b: { group: "x", watch: true }, a: { watch: true, dyn: true } },
  });
  assertEquals(parse(convert("hosts: [a, b]\n").text), { hosts: { a: {}, b: {} } });
});

Deno.test("what cannot be taken is named with its line and the reason", () => {
  const { leftOut, text } = convert("interval: 10\nfrobnicate: 1\nhosts:\n  web: { color: red }\n");
  assertEquals(leftOut.map(({ line, key }) => [line, key]), [
    [2, "frobnicate"],
    [4, "hosts.web.color"],
  ]);
  assert(text.includes("#   line 2: frobnicate: "));
  assertEquals(parse(text), { interval: 10, hosts: { web: {} } });
});

Deno.test("what leads nowhere goes, and what needs it", () => {
  assertEquals(leftOut("notify: [a, b]\nnotification_channels: { a: { type: desktop } }\n"), [
    ["notify.1", true],
  ]);
  assertEquals(leftOut("users: { joe: { password: secret } }\n"), [["users.joe.password", true]]);
  assertEquals(leftOut("wss_port: 50006\n"), [["wss_port", true]]);
});

Deno.test("what only a service manager needs does not matter", () => {
  assertEquals(leftOut("pidfile: /run/hbd.pid\nverbose: true\n"), [
    ["pidfile", false],
    ["verbose", false],
  ]);
});

Deno.test("relative paths go on leading to the same files", () => {
  const { text } = convert("journal_dir: j\nbeat_log: /b\ncert_path: c\nwss_pem: p\n", "/etc");
  assertEquals(parse(text), {
    ...{ journal_dir: "/home/joe/j", beat_log: "/b", cert_path: "/home/joe/c", wss_pem: "p" },
  });
  assertEquals(parse(convert("journal_dir: j\n", "/home/joe").text), { journal_dir: "j" });
});

Deno.test("what is no configuration is refused", () => {
  for (const text of ["a: [", "- a", "just text"]) {
    assertThrows(() => convert(text), ConfigError);
  }
  assertEquals(convert("").leftOut, []);
});

Deno.test("whatever is in the old file, what comes out is a configuration", async () => {
  const value = fc.oneof(
    fc.integer(),
    fc.boolean(),
    fc.string(),
    fc.constant(null),
    fc.array(fc.oneof(fc.string(), fc.integer()), { maxLength: 3 }),
    fc.dictionary(fc.string({ minLength: 1 }), fc.oneof(fc.string(), fc.integer()), { maxKeys: 3 }),
  );
  const key = fc.oneof(fc.constantFrom(...KEYS.keys(), "watchhosts", "pidfile"), fc.string());
  await fc.assert(
    fc.asyncProperty(fc.dictionary(key, value, { maxKeys: 8 }), async (old) => {
      const { text } = convert(JSON.stringify(old));
      // Secrets may be references to what is not there: that is not the file's fault.
      await parseConfig(text, "/etc/hbd.yaml", {
        env: () => "a-secret-of-some-length",
        read: () => Promise.resolve(new TextEncoder().encode("a-secret-of-some-length")),
      });
    }),
    { numRuns: 300 },
  );
});
