/** What people change of hosts lies over the configuration until it is changed back. */

import { assertEquals, assertRejects } from "@std/assert";
import { HostSettings, TooManyChanges } from "../../src/access/host_settings.ts";
import { changeProblems, hostChangeSchema } from "../../src/config/host_change.ts";
import { HOST_KEYS } from "../../src/config/schema_hosts.ts";
import { KvStore } from "../../src/store/kv.ts";
import { MemoryStore } from "../../src/store/memory.ts";
import { configOf } from "../config/support.ts";

const FILE = `
hosts:
  web: {interval: 30, grace: 5, group: web, owner: alice, key: 8dJQmZ4s0vYxW1hTnB6u}
  db: {interval: 60}
`;

async function scene(store = new MemoryStore()) {
  const { hosts } = await configOf(FILE);
  const settings = new HostSettings(store);
  await settings.load();
  return { hosts, settings, store };
}

Deno.test("all keys of a host but the secrets can be changed", () => {
  assertEquals(
    Object.keys(hostChangeSchema.shape),
    [...HOST_KEYS.keys()].filter((key) => !["key", "token", "ping_id"].includes(key)),
  );
});

Deno.test("without changes the hosts are those of the file", async () => {
  const { hosts, settings } = await scene();
  assertEquals(settings.effective(hosts) === hosts, true);
  assertEquals([settings.of("web"), settings.isMade("web")], [null, false]);
});

Deno.test("a change lies over the file, and null takes it back", async () => {
  const { hosts, settings } = await scene();
  await settings.patch("web", { owner: "bob", interval: 10, managers: ["carol"] });
  const key = { value: "8dJQmZ4s0vYxW1hTnB6u", shown: "********" };
  assertEquals(settings.effective(hosts).get("web"), {
    intervalS: 10,
    graceS: 5,
    group: "web",
    owner: "bob",
    managers: ["carol"],
    key,
  });
  assertEquals(settings.effective(hosts).get("db"), { intervalS: 60 });
  await settings.patch("web", { interval: null, notify: [] });
  assertEquals(settings.of("web"), { owner: "bob", managers: ["carol"], notify: [] });
  assertEquals(settings.effectiveOf("web", hosts).intervalS, 30);
  await settings.patch("web", { owner: null, managers: null, notify: null });
  assertEquals([settings.of("web"), settings.effective(hosts) === hosts], [null, true]);
});

Deno.test("of an interval and a cron the one that is set last counts, and never both", async () => {
  const { hosts, settings } = await scene();
  await settings.patch("db", { cron: "0 3 * * *", tz: "Europe/Berlin" });
  await settings.patch("db", { interval: 20 });
  assertEquals(settings.effectiveOf("db", hosts), { intervalS: 20 });
  await settings.patch("db", { cron: "0 4 * * *" });
  assertEquals(settings.effectiveOf("db", hosts), { cron: "0 4 * * *" });
  await settings.patch("db", { cron: null });
  assertEquals(settings.effectiveOf("db", hosts), { intervalS: 60 });
  const [problem] = changeProblems({ cron: "0 3 * * *", interval: 5 }, await configOf(FILE));
  assertEquals(problem?.message, "interval cannot stand beside cron");
});

Deno.test("a tolerance that is set here wins over a grace in the file", async () => {
  const { hosts, settings } = await scene();
  await settings.patch("web", { tolerance: 50 });
  assertEquals(settings.effectiveOf("web", hosts).graceS, undefined);
  await settings.patch("web", { grace: 7 });
  assertEquals(settings.effectiveOf("web", hosts).graceS, 7);
});

Deno.test("a host that was made here stays without any change, until it is removed", async () => {
  const { hosts, settings } = await scene();
  await settings.create("new", { owner: "alice" }, 1);
  await settings.patch("new", { owner: null });
  assertEquals([...settings.effective(hosts).keys()], ["web", "db", "new"]);
  assertEquals([settings.of("new"), settings.isMade("new")], [{}, true]);
  await settings.remove("new");
  await settings.remove("new");
  assertEquals([...settings.effective(hosts).keys()], ["web", "db"]);
});

Deno.test("changes are there after a restart, and what is no change is passed over", async () => {
  await using store = await KvStore.open(":memory:");
  const settings = new HostSettings(store);
  await settings.create("a/b €", { interval: "auto" }, 1);
  await settings.patch("web", { watch: false });
  await settings.patch("web", { dyn: true });
  await store.saveRecord("host_settings", "odd", { change: { owner: 5 }, made: false });
  const again = new HostSettings(store);
  await again.load();
  const hosts = again.effective(new Map());
  assertEquals([...hosts].sort(), [
    ["a/b €", { intervalS: "auto" as const }],
    ["web", { watch: false, dyn: true }],
  ]);
});

Deno.test("two changes at once are both kept", async () => {
  const { hosts, settings } = await scene();
  await Promise.all([
    settings.patch("db", { owner: "alice" }),
    settings.patch("db", { group: "data" }),
  ]);
  assertEquals(settings.effectiveOf("db", hosts), { intervalS: 60, owner: "alice", group: "data" });
});

Deno.test("a change that the store does not take is none", async () => {
  const store = new MemoryStore();
  const { hosts, settings } = await scene(store);
  store.saveRecord = () => Promise.reject(new Error("disk full"));
  await assertRejects(() => settings.patch("db", { owner: "alice" }), Error, "disk full");
  assertEquals(settings.effective(hosts) === hosts, true);
});

Deno.test("more than the store takes is refused", async () => {
  const { settings } = await scene();
  const managers = Array.from({ length: 1000 }, (_, n) => `${n}`.padEnd(64, "€"));
  await assertRejects(() => settings.patch("db", { managers }), TooManyChanges, "50000 bytes");
});

Deno.test("a host may have the name of an object's own property", async () => {
  const { settings } = await scene();
  await settings.create("__proto__", { interval: 5 }, 1);
  assertEquals(settings.effective(new Map()).get("__proto__"), { intervalS: 5 });
});

Deno.test("names in a change must stand for something", async () => {
  const config = await configOf("users: {alice: }\nnotification_channels: {c: {type: desktop}}");
  const change = {
    owner: "bob",
    managers: ["alice", "carol"],
    notify: ["c", "d"],
    threshold_config: ["x"],
  };
  assertEquals(changeProblems(change, config), [
    { field: "owner", message: 'owner names no user: got "bob"' },
    { field: "managers", message: 'managers names no user: got "carol"' },
    { field: "notify", message: 'notify names no channel: got "d"' },
    {
      field: "threshold_config",
      message: 'threshold_config names no set of thresholds: got "x"',
    },
  ]);
  assertEquals(changeProblems({ owner: null, managers: ["alice"] }, config), []);
  assertEquals(changeProblems({ owner: "bob" }, await configOf("")), [], "there are no users");
});
