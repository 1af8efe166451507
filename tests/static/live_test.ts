/** The table of hosts: order, filter, columns that fit, payloads and bars in words. */

import { assertEquals, assertMatch } from "@std/assert";
import { fitting } from "../../static/app/live/fitting.ts";
import { type Filter, HostOrder } from "../../static/app/live/order.ts";
import { payloadWords } from "../../static/app/live/payload_words.ts";
import type { Host } from "../../static/app/types.ts";
import { barPaths, barText } from "../../src/web/interval_bar.ts";

const ALL: Filter = { q: "", state: null, owner: null, group: null, sort: "state", dir: "asc" };

function host(name: string, change: Partial<Host> = {}): Host {
  return {
    name,
    state: "up",
    total: 1,
    late: 0,
    missed: 0,
    stability: 100,
    interval: 10,
    grace: 2,
    last_beat: 100,
    deadline: 112,
    addresses: ["192.0.2.7"],
    reported_ip: null,
    rtt: null,
    loss: null,
    lost: 0,
    duplicates: 0,
    reordered: 0,
    reboots: 0,
    booted: null,
    clock_skew: null,
    version: null,
    bar: "",
    rtts: [],
    owner: null,
    group: null,
    alerts: null,
    worst: null,
    dyn: false,
    report: null,
    cron: null,
    connections: [],
    ...change,
  };
}

const mapOf = (...hosts: readonly Host[]) => new Map(hosts.map((one) => [one.name, one]));

const WARNING = {
  alerts: { CRITICAL: 0, WARNING: 1, UNKNOWN: 0, stale: 0 },
  worst: "WARNING",
} as const;

Deno.test("hosts come the worst first, then by name, numbers as numbers", () => {
  const hosts = mapOf(
    host("web10"),
    host("web2"),
    host("off", { state: "shutdown" }),
    host("warned", WARNING),
    host("gone", { state: "down" }),
    host("fresh", { state: "new" }),
  );
  const order = new HostOrder();
  assertEquals(order.names(hosts, ALL), ["gone", "warned", "fresh", "web2", "web10", "off"]);
  const desc = order.names(hosts, { ...ALL, dir: "desc" });
  assertEquals(desc, ["off", "web2", "web10", "fresh", "warned", "gone"]);
});

Deno.test("a host without a value comes last, whichever way it is sorted", () => {
  const hosts = mapOf(host("a", { rtt: 5 }), host("b"), host("c", { rtt: 1 }));
  const order = new HostOrder();
  const filter = { ...ALL, sort: "rtt" };
  const rtt = ({ rtt }: Host) => rtt;
  assertEquals(order.names(hosts, filter, rtt), ["c", "a", "b"]);
  assertEquals(order.names(hosts, { ...filter, dir: "desc" }, rtt), ["a", "c", "b"]);
});

Deno.test("a host that arrives later is put where it belongs by its name", () => {
  const order = new HostOrder();
  const byName = { ...ALL, sort: "name" };
  const hosts = mapOf(host("b"), host("d"));
  assertEquals(order.names(hosts, byName), ["b", "d"]);
  hosts.set("c", host("c"));
  assertEquals(order.names(hosts, byName), ["b", "c", "d"]);
});

Deno.test("a search finds all its words in names, in any case, and in addresses", () => {
  const hosts = mapOf(
    host("Web1", { addresses: ["10.0.0.1"], owner: "bob", group: "web" }),
    host("web2", { state: "down" }),
    host("db", { addresses: ["10.0.0.2"] }),
  );
  const names = (change: Partial<Filter>) => new HostOrder().names(hosts, { ...ALL, ...change });
  assertEquals(names({ q: "WEB" }), ["web2", "Web1"]);
  assertEquals(names({ q: " 10.0  0.1 " }), ["Web1"]);
  assertEquals(names({ q: "nothing" }), []);
  assertEquals(names({ state: "down" }), ["web2"]);
  assertEquals(names({ owner: "bob" }), ["Web1"]);
  assertEquals(names({ group: "web", state: "down" }), []);
});

Deno.test("fitting() leaves out what is needed least, and never what is sorted by", () => {
  const columns = [["name", 150], ["state", 74], ["rtt", 106], ["late", 46], ["owner", 84]]
    .map(([key, width]) => ({ key: String(key), width: Number(width) }));
  const keys = (sorted: string, width: number) =>
    fitting(columns, sorted, width).columns.map(({ key }) => key);
  const many = columns.map((column) => ({ ...column, width: column.width * 4 }));
  assertEquals(keys("state", 2000), ["name", "state", "rtt", "late", "owner"]);
  assertEquals(keys("state", 641).length, 5);
  const wide = (sorted: string, width: number) =>
    fitting(many, sorted, width).columns.map(({ key }) => key);
  assertEquals(wide("state", 1600), ["name", "state", "rtt", "late"]);
  assertEquals(wide("owner", 1730), ["name", "state", "rtt", "owner"]);
  // Cards of two lines.
  assertEquals(keys("rtt", 390), ["name", "state"]);
  assertEquals(fitting(columns, "state", 700).isWide, true);
});

Deno.test("payloadWords() says what a message says, and not who it is from", () => {
  assertEquals(payloadWords('{"name":"web1"}'), "beat");
  assertEquals(
    payloadWords('{"name":"web1","interval":30,"cpu":{"a":1}}'),
    'interval 30 · cpu {"a":1}',
  );
  assertEquals(payloadWords('{"name":"web1","load":[0.1'), '{"name":"web1","load":[0.1');
  assertEquals(payloadWords({ host: "x", note: "<b>" }), "note <b>");
  assertEquals(payloadWords("plain"), "plain");
  assertEquals([payloadWords(null), payloadWords("null"), payloadWords([])], [
    "beat",
    "beat",
    "beat",
  ]);
  assertEquals(payloadWords("x".repeat(500)).length, 201);
});

Deno.test("payloadWords() tells what a message of a type says, without what programs need", () => {
  const beat = { ID: "HTB", name: "job", run: "", signal: "success", user_agent: "curl/8.14.1" };
  assertEquals(payloadWords(JSON.stringify(beat)), "success");
  assertEquals(payloadWords({ ID: "HTB", name: "a", boot_id: "x", seq: 4, time: 5 }), "beat");
  assertEquals(
    payloadWords({ ID: "HTB", name: "a", interval: 30, rtt: 1.5 }),
    "interval 30 · rtt 1.5",
  );
  assertEquals(payloadWords({ ...beat, body: "42\nfiles" }), "success · body 42 files");
  assertEquals(payloadWords({ ID: "HTB", signal: "exit", exit: 0 }), "exit 0");
  assertEquals(
    payloadWords({
      ID: "FAIL",
      message: "exit code 3: full",
      signal: "exit",
      exit: 3,
      body: "full",
    }),
    "failed: exit code 3: full",
  );
  const run = "3f2a9c1e-8a51-4c08-9c0b-0d4a1f6f2a11";
  assertEquals(payloadWords({ ID: "START", signal: "start", run }), "began · run 3f2a9c1e…");
  assertEquals(
    payloadWords({ ID: "MSG", message: "done", level: "info" }),
    "note: done · level info",
  );
  assertEquals(payloadWords({ ID: "SHUTDOWN", signal: "done" }), "said goodbye");
  const down = { ID: "FAIL", message: "disk full", signal: "down", msg: "disk full", name: "nas" };
  assertEquals(payloadWords(down), "failed: disk full");
});

Deno.test("payloadWords() reads as much of a cut message of a type as there is", () => {
  const whole = JSON.stringify({ ID: "HTB", run: "", signal: "success", body: "a\n".repeat(200) });
  for (const length of [60, 61, 62, 63, 300]) {
    const words = payloadWords(whole.slice(0, length));
    assertMatch(words, /^success · body a a a.*…$/);
    assertEquals(words.includes('"'), false);
  }
  assertEquals(
    payloadWords('{"ID":"PLG","plugin":"cpu","data":{"load":[1,'),
    "measured · plugin cpu",
  );
  assertEquals(payloadWords('{"ID":'), '{"ID":');
});

Deno.test("a bar tells each kind of interval by a shape of its own, and in words", () => {
  assertEquals(barText(""), "No interval is over yet");
  assertEquals(barText("o"), "Last interval: 1 on time");
  assertEquals(
    barText("ooolmd"),
    "Last 6 intervals: 3 on time, 1 late, 1 missed, 1 not heard by the server",
  );
  const paths = barPaths("mo");
  assertEquals(paths, [
    { kind: "on-time", d: "M177 4h2v12h-2z" },
    { kind: "missed", d: "M174 0h2v20h-2z" },
  ]);
  assertEquals(barPaths(""), []);
});
