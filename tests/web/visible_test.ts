/** What one may not see is in no list, no count and no total. */

import { assert, assertEquals } from "@std/assert";
import { asUser, COMMAND_TOKEN, inBrowser, PEOPLE, peopleBench, withKey } from "./people.ts";
import type { HostConfig } from "../../src/config/config.ts";
import { walkHosts } from "../../src/web/visible.ts";
import { isPublic, publicHosts } from "../../src/web/public_hosts.ts";
import { parseMetrics } from "./prometheus.ts";
import type { Asked, Bench } from "./support.ts";

// deno-lint-ignore no-explicit-any -- as the API tells them
const namesOf = ({ json }: { json: any }, list = "hosts", key = "name"): string[] =>
  json[list].map((one: Record<string, string>) => one[key]).toSorted();

/** What each of them may see. */
const SEEN: readonly (readonly [string, readonly string[]])[] = [
  ["ada", ["other", "stray", "web1"]],
  ["olga", ["web1"]],
  ["mark", ["web1"]],
  ["mona", ["web1"]],
  ["otto", ["other"]],
];

Deno.test("hosts, messages and alerts are listed as far as one may see them, and so are totals", async () => {
  await using bench = await peopleBench();
  bench.watch.until(20);
  for (const [user, hosts] of SEEN) {
    for (const asked of [await asUser(bench, user), await withKey(bench, user, true)]) {
      const list = await bench.ask("/api/0/hosts", asked);
      assertEquals(namesOf(list), hosts, user);
      const { hosts: count, down, total } = list.json.totals;
      assertEquals([count, down, total], [hosts.length, hosts.length, hosts.length], user);
      const page = await bench.ask("/api/0/hosts?limit=10", asked);
      assertEquals([namesOf(page), page.json.totals], [hosts, list.json.totals]);
      assertEquals(page.json.next, null);

      const alerts = await bench.ask("/api/0/alerts", asked);
      assertEquals(new Set(namesOf(alerts, "alerts", "host")), new Set(hosts));
      const { CRITICAL, WARNING } = alerts.json.counts;
      assertEquals([CRITICAL, WARNING], [hosts.length, hosts.length]);

      // By HTTP came what was of the others; what web1 sent came by no door here.
      const messages = await bench.ask("/api/0/messages", asked);
      const sent = hosts.filter((host) => host !== "web1");
      assertEquals(namesOf(messages, "messages", "host"), sent);
      const found = await bench.ask("/api/0/messages?q=name", asked);
      assertEquals(namesOf(found, "messages", "host"), sent);

      const server = (await bench.ask("/api/0/server", asked)).json;
      assertEquals([server.hosts.hosts, server.hosts.total], [hosts.length, hosts.length]);
      assertEquals([server.problems, server.counters, server.ports].includes(null), user !== "ada");
      const text = (await bench.ask("/", asked)).text;
      assert(text.includes(`hosts      ${hosts.length} (${hosts.length} down)`), text);
    }
  }
});

Deno.test("/metrics is for who has logged in, and of what they may see", async () => {
  await using bench = await peopleBench();
  for (const [user, hosts] of SEEN) {
    const { status, text } = await bench.ask("/metrics", await withKey(bench, user, true));
    assertEquals(status, 200);
    const { families } = parseMetrics(text);
    const samples = (name: string) => families.get(name)?.samples ?? [];
    const shown = samples("heartbeat_host_beats_total").map(({ labels }) => labels.host);
    assertEquals(shown.toSorted(), [...hosts]);
    const up = samples("heartbeat_hosts").find(({ labels }) => labels.state === "up");
    assertEquals(up?.value, hosts.length);
    assertEquals(samples("heartbeat_beats_total")[0]?.value, hosts.length);
    assertEquals(families.has("heartbeat_store_failures_total"), user === "ada");
    assertEquals(families.has("heartbeat_notifications_total"), user === "ada");
    const warnings = samples("heartbeat_alerts").find(({ labels }) => labels.level === "WARNING");
    assertEquals(warnings?.value, hosts.length);
  }
});

Deno.test("who has not logged in is told that the server runs, and nothing else", async () => {
  await using bench = await peopleBench();
  bench.health.report("store", new Error("secret trouble"), bench.watch.nowMs);
  for (const accept of ["text/html", "*/*"]) {
    const { text, headers } = await bench.ask("/", { headers: { accept } });
    assertEquals(text, "Heartbeat is running. To see more, log in.\n");
    assertEquals(headers.get("content-type")?.startsWith("text/plain"), true);
  }
  const health = await bench.ask("/healthz");
  assertEquals([health.status, health.json], [503, { status: "degraded" }]);
  const own = await bench.ask("/healthz", await asUser(bench, "olga"));
  assertEquals(own.json, { status: "degraded" });
  const all = await bench.ask("/healthz", await asUser(bench, "ada"));
  assertEquals([all.json.problems.length, all.json.hosts], [1, 3]);
});

Deno.test("hosts without an owner are the default owner's, who is no admin for it", async () => {
  await using bench = await peopleBench(`${PEOPLE}default_owner: otto\n`);
  const asked = await asUser(bench, "otto");
  assertEquals(namesOf(await bench.ask("/api/0/hosts", asked)), ["other", "stray"]);
  const first = await bench.ask("/api/0/hosts?limit=1", asked);
  const rest = await bench.ask(`/api/0/hosts?limit=9&cursor=${first.json.next}`, asked);
  assertEquals([...namesOf(first), ...namesOf(rest)].toSorted(), ["other", "stray"]);
  assertEquals(rest.json.totals.hosts, 2);
  assertEquals((await bench.ask("/api/0/hosts/stray", asked)).json.role, "owner");
  assertEquals((await bench.ask("/api/0/hosts/web1", asked)).status, 404);
  assertEquals((await bench.ask("/api/0/server/config", asked)).status, 403);
});

Deno.test("a role that is given counts at once, and so does one that is taken away", async () => {
  await using bench = await peopleBench();
  const [olga, otto] = [await inBrowser(bench, "olga"), await inBrowser(bench, "otto")];
  const change = (body: unknown, asked: Asked) =>
    bench.ask("/api/0/hosts/web1/access", { method: "PUT", body, ...asked });
  const sees = async (asked: Asked) => (await bench.ask("/api/0/hosts/web1", asked)).json.role;
  assertEquals(await sees(otto), undefined);
  const given = await change({ monitors: ["mona", "otto"] }, olga);
  assertEquals([given.status, given.json], [200, {
    hostname: "web1",
    owner: "olga",
    managers: ["mark"],
    monitors: ["mona", "otto"],
  }]);
  assertEquals(await sees(otto), "monitor");
  assertEquals(namesOf(await bench.ask("/api/0/hosts", otto)), ["other", "web1"]);
  assertEquals((await change({ owner: "otto" }, otto)).status, 403);

  const unknown = await change({ managers: ["nobody"] }, olga);
  assertEquals([unknown.status, unknown.json.error.field], [422, "managers"]);
  assertEquals((await change({ key: "x" }, olga)).json.error.field, "key");

  assertEquals((await change({ owner: "otto", managers: [] }, olga)).status, 200);
  assertEquals([await sees(otto), await sees(olga)], ["owner", undefined]);
  assertEquals((await change({}, await inBrowser(bench, "mark"))).status, 404);
  assertEquals((await bench.ask("/api/0/hosts/web1", otto)).json.changed_here.toSorted(), [
    ...["managers", "monitors", "owner"],
  ]);
});

Deno.test("who makes a host owns it; there is one of a name; who owns it drops it", async () => {
  await using bench = await peopleBench();
  const [otto, olga, key] = [
    await inBrowser(bench, "otto"),
    await inBrowser(bench, "olga"),
    await withKey(bench, "otto", false),
  ];
  const create = (body: unknown, asked: Asked) => bench.post("/api/0/hosts", body, asked);
  const made = await create({ name: "a/b ü", interval: 5, group: "x" }, otto);
  const { name, state, role, settings, changed_here } = made.json;
  assertEquals([made.status, name, state, role], [201, "a/b ü", "new", "owner"]);
  assertEquals([settings.owner, settings.interval, settings.group], ["otto", 5, "x"]);
  assertEquals(changed_here.toSorted(), ["group", "interval", "owner"]);
  const again = await create({ name: "a/b ü" }, olga);
  assertEquals([again.status, again.json.error.code, again.json.error.field], [
    ...[409, "conflict"],
    "name",
  ]);
  assertEquals((await create({ name: "mine", owner: "olga" }, otto)).status, 403);
  assertEquals((await create({ name: "by key" }, key)).json.settings.owner, "otto");
  for (const body of [{}, { name: "" }, { name: "a\nb" }, { name: "x".repeat(256) }]) {
    const { status, json } = await create(body, otto);
    assertEquals([status, json.error.field], [422, "name"]);
  }
  assertEquals((await create({ name: "x", notify: ["none"] }, otto)).json.error.field, "notify");

  const path = `/api/0/hosts/${encodeURIComponent("a/b ü")}`;
  const patch = (body: unknown, asked: Asked) =>
    bench.ask(path, { method: "PATCH", body, ...asked });
  const changed = (await patch({ group: null, interval: "auto", watch: false }, otto)).json;
  assertEquals([changed.settings.group, changed.settings.interval], [null, "auto"]);
  assertEquals(changed.changed_here.toSorted(), ["interval", "owner", "watch"]);
  assertEquals((await patch({ interval: -1 }, otto)).json.error.field, "interval");
  assertEquals((await patch({}, olga)).status, 404);

  assertEquals((await bench.ask(path, { method: "DELETE", ...olga })).status, 404);
  const dropped = await bench.ask(path, { method: "DELETE", ...otto });
  assertEquals([dropped.status, dropped.json], [200, { hostname: "a/b ü", dropped: true }]);
  assertEquals((await bench.ask(path, otto)).status, 404);
  assertEquals((await bench.ask(path, { method: "DELETE", ...otto })).status, 404);
});

Deno.test("of an incident people see those of their hosts that are in it, and nothing of others", async () => {
  // A user like olga, who has no host at all.
  const olgas = PEOPLE.split("\n").find((line) => line.startsWith("  olga:")) ?? "";
  const config = PEOPLE.replace(olgas, `${olgas}\n${olgas.replace("olga", "nils")}`);
  await using bench = await peopleBench(config);
  for (let n = 0; n < 20; n++) await bench.beat(`many${n}`);
  bench.watch.until(20);
  const asked = async (user: string) =>
    (await bench.ask("/api/0/hosts/web1/alerts", await asUser(bench, user))).json;
  const kinds = (await bench.ask("/api/0/alerts?kind=incident", await asUser(bench, "ada"))).json;
  assertEquals(kinds.alerts.length, 1);
  const [incident] = kinds.alerts;
  assertEquals((await asked("ada")).incident?.id, incident.id);
  const { incident: seen } = await asked("olga");
  assertEquals(seen.id, incident.id);
  assertEquals(seen.evidence.hosts, ["web1"]);
  const { silent, beating, total, down } = seen.evidence;
  assertEquals([silent, beating, total, down], [null, null, null, null]);
  assertEquals(/many\d/.test(JSON.stringify(seen)), false, JSON.stringify(seen));
  const olga = await asUser(bench, "olga");
  const listed = (await bench.ask("/api/0/alerts?level=CRITICAL", olga)).json;
  assertEquals([listed.alerts, listed.counts.CRITICAL], [[seen], 1]);
  assertEquals((await bench.post(`/api/0/alerts/${incident.id}/ack`, {}, olga)).status, 403);
  // Who has none of its hosts sees nothing of it.
  const one = await bench.ask(`/api/0/alerts/${incident.id}`, await asUser(bench, "nils"));
  assertEquals(one.status, 404);
  // Nor who has a host that is called as the incident, or the server, is.
  bench.watch.say((monitor, nowMs) => monitor.serverTrouble("disk", "WARNING", "full", nowMs));
  const [ada, nils] = [await asUser(bench, "ada"), await asUser(bench, "nils")];
  for (const name of [incident.host, "hbd@box"]) {
    assertEquals((await bench.post("/api/0/hosts", { name, owner: "nils" }, ada)).status, 201);
    const path = `/api/0/hosts/${encodeURIComponent(name)}`;
    assertEquals((await bench.ask(`${path}/alerts`, nils)).json.alerts, []);
    assertEquals((await bench.ask(path, nils)).json.alerts, null);
    const listed = (await bench.ask(`/api/0/alerts?host=${encodeURIComponent(name)}`, nils)).json;
    assertEquals([listed.alerts, listed.counts.CRITICAL], [[], 0]);
  }
});

Deno.test("the public page has the hosts that it names, in order, and no more of them than how they are", async () => {
  const page = 'status_page: { title: All of it, hosts: ["*r*", "w*b*1", a*a, none] }\n';
  await using bench = await peopleBench(PEOPLE + page);
  for (const host of ["a", "aa", "aba", "ab", "w1b", "1web1"]) await bench.beat(host);
  const shown = await publicHosts(bench.view);
  assertEquals(shown?.hosts.map(({ name }) => name), ["aa", "aba", "other", "stray", "web1"]);
  assertEquals([shown?.title, shown?.isTruncated], ["All of it", false]);
  assertEquals(Object.keys(shown?.hosts[0] ?? {}), ["name", "state", "bar", "lastWellMs"]);
  for (const host of ["a", "aa", "aba", "ab", "w1b", "1web1", "web1", "none"]) {
    const isShown = shown?.hosts.some(({ name }) => name === host) ?? false;
    assertEquals(isPublic(bench.view, host), isShown || host === "none", host);
  }
  await using none = await peopleBench();
  assertEquals([await publicHosts(none.view), isPublic(none.view, "web1")], [null, false]);
});

Deno.test("badges and the public page show to everybody what the configuration names", async () => {
  const page = 'status_page: { title: All of it, hosts: ["we*1", stray] }\n';
  await using bench = await peopleBench(PEOPLE + page);
  const badge = async (host: string, asked: Asked = {}) => {
    const { status, json } = await bench.ask(`/badge/${host}.json`, asked);
    return status === 200 ? json.state : status;
  };
  assertEquals([await badge("web1"), await badge("stray"), await badge("other")], [
    "up",
    "up",
    404,
  ]);
  assertEquals(await badge("other", await asUser(bench, "olga")), 404);
  assertEquals(await badge("other", await asUser(bench, "otto")), "up");
  assertEquals(await badge("other", { headers: { cookie: "hbd_session=old" } }), 404);
  assertEquals(await badge("none"), 404);
});

Deno.test("the command_token is an admin without a name", async () => {
  await using bench = await peopleBench();
  const asked = { headers: { authorization: `Bearer ${COMMAND_TOKEN}` } };
  const me = (await bench.ask("/api/0/users/me", asked)).json;
  assertEquals([me.user, me.admin, me.via, me.may_change], [null, true, "command_token", true]);
  const made = await bench.post("/api/0/hosts", { name: "x", owner: "olga" }, asked);
  assertEquals(made.json.settings.owner, "olga");
  const config = await bench.ask("/api/0/server/config", asked);
  assertEquals(config.status, 200);
  for (const secret of ["0".repeat(64), "0123456789abcdef", COMMAND_TOKEN]) {
    assertEquals(config.text.includes(secret), false, secret);
  }
  assertEquals(config.json.config.users.ada.full_name, "Ada Admin");
  assertEquals(config.json.config.users.ada.password, "********");
  assertEquals(config.json.config.hosts.web1.managers, ["mark"]);
});

Deno.test("who somebody is, is told, and to nobody too", async () => {
  await using bench = await peopleBench();
  const me = async (asked: Asked) => {
    const { json } = await bench.ask("/api/0/users/me", asked);
    return [json.user, json.full_name, json.admin, json.via, json.may_change];
  };
  assertEquals(await me({}), [null, null, false, "anonymous", false]);
  assertEquals(await me(await inBrowser(bench, "ada")), ["ada", "Ada Admin", true, "cookie", true]);
  assertEquals(await me(await asUser(bench, "mona")), ["mona", null, false, "session", true]);
  assertEquals(await me(await withKey(bench, "ada", true)), [
    ...["ada", "Ada Admin"],
    ...[true, "api_key", false],
  ]);
});

/** Nobody logs in where there are no users, whatever cookie a browser still has. */
Deno.test("without users everybody reads, and a cookie of another time changes nothing", async () => {
  await using bench = await peopleBench("");
  const check = async (asked: Asked, mayChange: boolean) => {
    const list = await bench.ask("/api/0/hosts", asked);
    assertEquals(namesOf(list), ["other", "stray", "web1"]);
    assertEquals((await bench.ask("/api/0/users/me", asked)).json.may_change, mayChange);
    assertEquals(
      (await bench.ask("/api/0/hosts/web1", asked)).json.role,
      mayChange ? "owner" : "monitor",
    );
  };
  await check({}, true);
  await check({ headers: { cookie: "hbd_session=old" } }, true);
  await check({ from: "192.0.2.7" }, false);
  const { status } = await bench.post("/api/0/auth/login", { user: "a", password: "b" });
  assertEquals(status, 403);
  assertEquals((await bench.post("/api/0/users/me/keys", { name: "x" })).status, 403);
});

async function changesFrom(config: string, asked: Asked): Promise<number> {
  await using bench: Bench = await peopleBench(config);
  return (await bench.post("/api/0/hosts/web1/pause", {}, asked)).status;
}

Deno.test("allow_anonymous_changes lets everybody change everything, while there are no users", async () => {
  const away: Asked = { from: "192.0.2.7" };
  assertEquals(await changesFrom("", away), 403);
  assertEquals(await changesFrom("allow_anonymous_changes: true\n", away), 200);
  assertEquals(await changesFrom(`${PEOPLE}allow_anonymous_changes: true\n`, away), 401);
  const foreign = { headers: { origin: "https://evil.example" } };
  assertEquals(await changesFrom("allow_anonymous_changes: true\n", foreign), 403);
});

Deno.test("looking for the few hosts of a default owner among many lets others run", async () => {
  await using bench = await peopleBench(
    PEOPLE.replace("hosts:\n", "default_owner: mona\nhosts:\n"),
  );
  const { config } = bench.inForce;
  const others = Array.from(
    { length: 1000 },
    (_, n): [string, HostConfig] => [`o${n}`, { owner: "otto" }],
  );
  bench.inForce.reload({ ...config, hosts: new Map([...config.hosts, ...others]) });
  for (const [name] of others) bench.watch.beat(name);
  const principal = { user: "mona", via: "session", reach: "own", most: "owner" } as const;
  const found = [...walkHosts(bench.view, principal, null) ?? []];
  assertEquals(found.flatMap((one) => one === null ? [] : [one.host.name]), ["web1", "stray"]);
  // A moment to let others run after each hundred that are passed over.
  assertEquals(found.filter((one) => one === null).length, 10);
  const mona = await asUser(bench, "mona");
  for (const path of ["/api/0/hosts", "/api/0/hosts?limit=5"]) {
    assertEquals(namesOf(await bench.ask(path, mona)), ["stray", "web1"]);
  }
  assertEquals((await bench.ask("/api/0/server", mona)).json.hosts.hosts, 2);
});
