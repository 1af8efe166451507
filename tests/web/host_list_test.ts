/** Lists of hosts: pages, filters, what a host looks like, and answers that one has already. */

import { assert, assertEquals } from "@std/assert";
import { TooManyWait } from "../../src/journal/turns.ts";
import { asUser, PEOPLE, peopleBench } from "./people.ts";
import { Bench, START_S } from "./support.ts";

const namesOf = ({ json }: { readonly json: { hosts: readonly { name: string }[] } }): string[] =>
  json.hosts.map(({ name }) => name);

/** All hosts of a query, page by page. */
async function pages(bench: Bench, query: string, meanwhile = async (_: number) => {}) {
  const names: string[] = [];
  let next: string | null = null;
  let count = 0;
  do {
    const cursor: string = next === null ? "" : `&cursor=${encodeURIComponent(next)}`;
    const answer = await bench.ask(`/api/0/hosts?${query}${cursor}`);
    assertEquals(answer.status, 200, answer.text);
    names.push(...namesOf(answer));
    next = answer.json.next;
    await meanwhile(count++);
  } while (next !== null && count < 100);
  return { names, count };
}

Deno.test("pages hold each host once, whatever hosts come and go meanwhile", async () => {
  await using bench = await Bench.start();
  const all = Array.from({ length: 25 }, (_, n) => `host ${n}`);
  for (const name of all) await bench.beat(name);
  assertEquals(await pages(bench, "limit=10"), { names: all, count: 3 });
  assertEquals((await pages(bench, "limit=25")).count, 1);
  const { names } = await pages(bench, "limit=4", async (n) => {
    if (n !== 1) return;
    bench.watch.say((monitor, nowMs) => monitor.drop("host 0", nowMs));
    bench.watch.say((monitor, nowMs) => monitor.drop("host 20", nowMs));
    await bench.beat("new one");
  });
  const stayed = names.filter((name) => name !== "new one");
  assertEquals(stayed, all.filter((name) => name !== "host 20"));
  assertEquals(new Set(names).size, names.length);
});

Deno.test("hosts are found by name, address, state, owner and group", async () => {
  const config = `
default_owner: dora
hosts:
  web1: { owner: olga, group: web }
  web2: { group: web }
  quiet: {}
`;
  await using bench = await Bench.start({ config });
  await bench.beat("web1", "192.0.2.1");
  await bench.beat("web2", "192.0.2.2");
  await bench.beat("Kiosk", "2001:db8::A");
  bench.watch.until(5);
  await bench.beat("web2", "192.0.2.2");
  await bench.post("/api/0/hosts/Kiosk/pause");
  bench.watch.until(13);
  const table: readonly (readonly [string, readonly string[]])[] = [
    ["q=WEB", ["web1", "web2"]],
    ["q=iosk", ["Kiosk"]],
    ["q=192.0.2.1", ["web1"]],
    ["q=db8::a", ["Kiosk"]],
    ["q=none", []],
    ["state=down", ["web1"]],
    ["state=up", ["web2"]],
    ["state=paused", ["Kiosk"]],
    ["state=new", ["quiet"]],
    ["owner=olga", ["web1"]],
    ["owner=dora", ["web2", "quiet", "Kiosk"]],
    ["group=web", ["web1", "web2"]],
    ["group=web&state=up", ["web2"]],
    ["limit=1&q=web", ["web1"]],
  ];
  for (const [query, hosts] of table) {
    const answer = await bench.ask(`/api/0/hosts?${query}`);
    assertEquals(namesOf(answer).toSorted(), hosts.toSorted(), query);
    assertEquals(answer.json.totals.hosts, 4);
  }
});

Deno.test("a host tells its owner and group, its alerts, its bar, and what old clients read", async () => {
  const config = `hosts: { web1: { owner: olga, group: web, dyn: true } }\n`;
  const thresholds = new Map([["cpu", new Map([["load", { warning: 80, critical: 90 }]])]]);
  await using bench = await Bench.start({ config, thresholds });
  bench.watch.sample("web1", "cpu", { load: 85 });
  bench.udp({
    ...{ ID: "HTB", name: "web1", rtt: 1.5, interval: 10, boot_id: "b", seq: 1, ver: "0.9" },
  });
  await bench.beat("web1", "2001:db8::1");
  bench.watch.until(11);
  const [host] = (await bench.ask("/api/0/hosts")).json.hosts;
  assertEquals([host.owner, host.group, host.dyn, host.ver, host.version], [
    ...["olga", "web", true],
    ...["0.9", "0.9"],
  ]);
  assertEquals(host.alerts, { CRITICAL: 0, WARNING: 1, UNKNOWN: 0, stale: 0 });
  assertEquals(host.worst, "WARNING");
  assertEquals([host.rtt, host.rtts], [1.5, [1.5]]);
  assertEquals(host.connections[0], {
    address: "2001:db8::1",
    family: 6,
    last: START_S,
    rtt: 1.5,
  });
  assertEquals([host.connections[1].family, host.connections[1].last], [4, null]);
  assert(/^o+$/.test(host.bar), host.bar);

  const detail = (await bench.ask("/api/0/hosts/web1")).json;
  const { role, settings, changed_here, thresholds: rules, next_expected, ...others } = detail;
  const { schedule, ping_by, ...rest } = others;
  assertEquals(rest, host);
  assertEquals([schedule, ping_by], [null, "name"]);
  assertEquals([role, changed_here, rules], ["owner", [], {}]);
  assertEquals([settings.interval, settings.dyn, settings.watch], ["auto", true, true]);
  assertEquals(next_expected, START_S + 10);
});

Deno.test("the thresholds of a host are told flat, as they are in force for it", async () => {
  const config = `
thresholds:
  cpu_monitor: { cpu_percent: { warning: 80, critical: 90 } }
  disk_monitor: { partitions: { "/": { percent: { warning: 80 }, free_gb: { critical: 1, operator: "<" } } } }
threshold_configs:
  strict:
    thresholds:
      cpu_monitor: { cpu_percent: { warning: 50 } }
      disk_monitor: { partitions: { "/": { percent: off } } }
hosts: { web1: { threshold_config: strict }, web2: {} }
`;
  await using bench = await Bench.start({ config });
  const rules = async (host: string) => (await bench.ask(`/api/0/hosts/${host}`)).json.thresholds;
  const free = { warning: null, critical: 1, operator: "<" };
  assertEquals(await rules("web1"), {
    cpu_monitor: { cpu_percent: { warning: 50, critical: 90, operator: ">" } },
    disk_monitor: { "partitions./.free_gb": free },
  });
  assertEquals(await rules("web2"), {
    cpu_monitor: { cpu_percent: { warning: 80, critical: 90, operator: ">" } },
    disk_monitor: {
      "partitions./.percent": { warning: 80, critical: null, operator: ">" },
      "partitions./.free_gb": free,
    },
  });
});

Deno.test("what one has already is not sent again", async () => {
  await using bench = await peopleBench();
  const asked = await asUser(bench, "ada");
  const headers = asked.headers ?? {};
  const paths = ["/api/0/hosts?limit=5", "/api/0/alerts", "/api/0/hosts/web1", "/api/0/messages"];
  for (const path of [...paths, "/api/0/hosts/web1/plugins", "/api/0/openapi.json"]) {
    const first = await bench.ask(path, asked);
    const etag = first.headers.get("etag") ?? "";
    assert(/^W\/"[\w-]+"$/.test(etag), `${path}: ${etag}`);
    assertEquals(first.headers.get("cache-control"), "private, no-cache");
    for (const known of [etag, etag.slice(2), `"x", ${etag}`, "*"]) {
      const again = await bench.ask(path, { headers: { ...headers, "if-none-match": known } });
      assertEquals([again.status, again.text], [304, ""], known);
      assertEquals(again.headers.get("etag"), etag);
    }
    const other = await bench.ask(path, { headers: { ...headers, "if-none-match": '"x"' } });
    assertEquals([other.status, other.text], [200, first.text]);
    const head = await bench.ask(path, { ...asked, method: "HEAD" });
    assertEquals([head.status, head.headers.get("etag"), head.text], [200, etag, ""]);
  }
  const before = (await bench.ask("/api/0/hosts?limit=5", asked)).headers.get("etag");
  await bench.beat("other");
  const after = (await bench.ask("/api/0/hosts?limit=5", asked)).headers.get("etag");
  assert(before !== after);
});

Deno.test("all hosts are told at once where nothing of the query is given", async () => {
  await using bench = await Bench.start();
  for (let n = 0; n < 1234; n++) bench.watch.beat(`host ${n}`);
  const { json, headers } = await bench.ask("/api/0/hosts");
  assertEquals([json.hosts.length, json.totals.hosts, "next" in json], [1234, 1234, false]);
  assertEquals(new Set(json.hosts.map(({ name }: { name: string }) => name)).size, 1234);
  assertEquals(headers.get("etag"), null);
});

Deno.test("a cursor of somebody who sees everything is none for who sees only some", async () => {
  await using bench = await peopleBench(PEOPLE);
  const { next } = (await bench.ask("/api/0/hosts?limit=1", await asUser(bench, "ada"))).json;
  const other = await bench.ask(`/api/0/hosts?cursor=${next}`, await asUser(bench, "olga"));
  assertEquals([other.status, other.json.error.field], [400, "cursor"]);
});

Deno.test("messages and events in the journal come page by page, the newest first", async () => {
  await using bench = await Bench.start();
  for (let n = 0; n < 12; n++) {
    bench.watch.until(n);
    await bench.beat(n % 2 === 0 ? "even" : "odd");
    bench.past.unshift({ seq: n, atMs: bench.watch.nowMs, kind: "up", host: "odd", text: "x" });
  }
  const first = (await bench.ask("/api/0/messages?host=even&limit=4")).json;
  assertEquals([first.messages.length, first.complete], [4, true]);
  const rest = (await bench.ask(`/api/0/messages?host=even&limit=4&cursor=${first.next}`)).json;
  assertEquals([rest.messages.length, rest.next], [2, null]);
  const times = [...first.messages, ...rest.messages].map(({ time }) => time - START_S);
  assertEquals(times, [10, 8, 6, 4, 2, 0]);
  const [message] = first.messages;
  assertEquals([message.host, message.msg, message.message], [
    ...["even", '{"name":"even"}'],
    { name: "even" },
  ]);
  const since = (await bench.ask(`/api/0/messages?since=${START_S + 9}`)).json.messages;
  assertEquals(since.length, 3);
  assertEquals((await bench.ask("/api/0/messages?q=EVEN")).json.messages.length, 6);

  const events = (await bench.ask("/api/0/hosts/odd/events?limit=10")).json;
  assertEquals([events.events.length, events.next, events.complete], [10, "2", true]);
  assertEquals(events.events[0], { seq: 11, time: START_S + 11, kind: "up", text: "x" });
  const older = (await bench.ask("/api/0/hosts/odd/events?limit=10&cursor=2")).json;
  assertEquals([older.events.length, older.next], [2, null]);
  const ask = bench.over({ ...bench.view, searchMessages: () => Promise.resolve(null) });
  assertEquals((await ask("/api/0/messages?q=x")).status, 503);
  const busy = () => Promise.reject(new TooManyWait("try again"));
  const askBusy = bench.over({ ...bench.view, searchMessages: busy, events: busy });
  for (const path of ["/api/0/messages?q=x", "/api/0/hosts/odd/events"]) {
    const { status, headers, json } = await askBusy(path);
    assertEquals([status, headers.get("retry-after")], [503, "5"], path);
    assertEquals(json.error.message, "try again");
  }
});

Deno.test("the hours of a host and its uptime are told", async () => {
  await using bench = await Bench.start({ config: "history_days: 30\n" });
  for (let atS = 0; atS <= 5400; atS += 9) {
    bench.watch.until(atS);
    if (atS < 3600) bench.watch.beat("web1");
  }
  const { status, json } = await bench.ask("/api/0/hosts/web1/history?days=365");
  assertEquals([status, json.hostname, json.hours.length], [200, "web1", 2]);
  const [first, second] = json.hours;
  assertEquals([first.start, first.beats, first.down, first.rtt_avg], [START_S, 400, 0, null]);
  assertEquals([second.start, second.beats], [START_S + 3600, 0]);
  assert(second.down > 1700 && second.down <= 1800, String(second.down));
  assert(json.uptime["24h"] > 60 && json.uptime["24h"] < 70, String(json.uptime["24h"]));
  assert(json.unknown["30d"] > 0.99);
  assertEquals((await bench.ask("/badge/web1.json")).json.uptime, json.uptime["30d"]);
});
