/** Addresses of hosts in the DNS, against a real name server. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { runNsupdate } from "../../src/dns/nsupdate.ts";
import { KvStore } from "../../src/store/kv.ts";
import { MemoryStore } from "../../src/store/memory.ts";
import type { DnsRecord } from "../../src/dns/state.ts";
import { eventually } from "../e2e/hbd.ts";
import { CLOSED_ZONE, Named, ZONES } from "./named.ts";
import { DnsBench, HOSTILE } from "./support.ts";

const WEB1 = "web1.example.org";

/** Waits until all records of `host` are registered. */
function registered(bench: DnsBench, host = "web1"): Promise<void> {
  return eventually(() => {
    const states = bench.updater.status(host).map(({ state }) => state);
    assert(states.length > 0 && states.every((state) => state === "registered"), `${states}`);
  });
}

/** Waits until `count` updates were tried and are over. */
function tried(bench: DnsBench, count: number): Promise<void> {
  return eventually(() => {
    assertEquals(bench.sent.length, count);
    assert(!bench.isBusy, "the last one is not over");
  });
}

Deno.test("a host that beats first is registered with its address, once", async () => {
  await using named = await Named.start();
  await using bench = await DnsBench.start(named.config({ ttlS: 77 }));
  bench.beat("web1", "192.0.2.7");
  await registered(bench);
  assertEquals(await named.ask(WEB1, "A"), ["77 192.0.2.7"]);
  assertEquals(bench.updater.status("web1"), [{
    name: WEB1,
    type: "A",
    address: "192.0.2.7",
    registeredMs: bench.nowMs,
    state: "registered",
    error: null,
    nextTryMs: null,
  }]);
  bench.pass(60);
  bench.beat("web1", "192.0.2.7");
  bench.beat("web1", "::ffff:192.0.2.7");
  bench.beat("web2", "192.0.2.8");
  bench.beat("web1", "192.0.2.9", { ID: "MSG", message: "hello" });
  // A second host's update comes after all that waited.
  bench.hosts.add("web3");
  bench.beat("web3", "192.0.2.3", { ID: "BOOT" });
  await registered(bench, "web3");
  assertEquals(bench.updates(), [`${WEB1} A 192.0.2.7`, "web3.example.org A 192.0.2.3"]);
  assertEquals(await named.ask("web2.example.org", "A"), []);
});

Deno.test("a changed address takes the place of the old one", async () => {
  await using named = await Named.start();
  await using bench = await DnsBench.start(named.config());
  bench.beat("web1", "192.0.2.7");
  await registered(bench);
  bench.beat("web1", "192.0.2.8");
  bench.pass(5);
  await registered(bench);
  assertEquals(await named.ask(WEB1, "A"), ["60 192.0.2.8"]);
});

Deno.test("a host that sends over IPv4 and IPv6 has a record of each, in each domain", async () => {
  await using named = await Named.start();
  await using bench = await DnsBench.start(named.config({ domains: ZONES }));
  bench.beat("web1", "2001:DB8::7");
  bench.beat("web1", "::ffff:192.0.2.7");
  bench.beat("web1", "fe80::1%eth0");
  bench.beat("web1", "2001:DB8::7");
  await registered(bench);
  for (const zone of ZONES) {
    assertEquals(await named.ask(`web1.${zone}`, "A"), ["60 192.0.2.7"]);
    assertEquals(await named.ask(`web1.${zone}`, "AAAA"), ["60 2001:db8::7"]);
  }
  assertEquals([bench.sent.length, bench.mostRunning], [4, 1]);
  bench.beat("web1", "2001:db8::8");
  bench.pass(5);
  await registered(bench);
  assertEquals(await named.ask(WEB1, "A"), ["60 192.0.2.7"]);
  assertEquals(await named.ask(WEB1, "AAAA"), ["60 2001:db8::8"]);
});

Deno.test("a wrong key is told after three failures, and over when it was put right", async () => {
  await using named = await Named.start();
  await using bench = await DnsBench.start(named.config({ keyFile: named.wrongKeyFile }));
  bench.beat("web1", "192.0.2.7");
  await tried(bench, 1);
  bench.pass(5);
  await tried(bench, 2);
  assertEquals(bench.troubles, []);
  bench.pass(5);
  await tried(bench, 3);
  assertEquals(bench.troubles.length, 1);
  assertMatch(bench.troubles[0] ?? "", /^example\.org: update failed: NOTAUTH\(BAD\w+\)$/);
  assertMatch(bench.updater.status("web1")[0]?.error ?? "", /NOTAUTH/);
  assertEquals(await named.ask(WEB1, "A"), []);
  bench.config = named.config();
  bench.updater.configure();
  bench.pass(5);
  await registered(bench);
  assertEquals(await named.ask(WEB1, "A"), ["60 192.0.2.7"]);
  assert(bench.troubles.includes("example.org: ok"), `${bench.troubles}`);
});

Deno.test("a zone that takes no updates does not hold up another", async () => {
  await using named = await Named.start();
  await using bench = await DnsBench.start(named.config({ domains: [CLOSED_ZONE, ZONES[0]] }));
  bench.beat("web1", "192.0.2.7");
  await eventually(() =>
    assertEquals(bench.states("web1"), [
      `web1.${CLOSED_ZONE} A 192.0.2.7 failing`,
      `${WEB1} A 192.0.2.7 registered`,
    ])
  );
  const [closed] = bench.updater.status("web1");
  assertMatch(closed?.error ?? "", /^update failed: /);
  assertEquals(closed?.nextTryMs, bench.nowMs + 5000);
});

Deno.test("a name that is refused waits longer each time, and holds up no other", async () => {
  await using named = await Named.start();
  await using bench = await DnsBench.start(named.config(), { hosts: ["refused", "web1"] });
  bench.beat("refused", "192.0.2.6");
  const waits: number[] = [];
  for (let count = 1; count <= 6; count++) {
    await tried(bench, count);
    assertEquals(bench.states("refused"), ["refused.example.org A 192.0.2.6 failing"]);
    const waitMs = (bench.updater.status("refused")[0]?.nextTryMs ?? 0) - bench.nowMs;
    waits.push(waitMs);
    bench.pass(waitMs / 1000);
  }
  // Two updates of a name are 5 s apart in any case.
  assertEquals(waits, [5000, 5000, 8000, 16_000, 32_000, 64_000]);
  assertEquals(bench.troubles, ["refused.example.org: update failed: REFUSED"]);
  bench.beat("web1", "192.0.2.7");
  await registered(bench);
  assertEquals(await named.ask("refused.example.org", "A"), []);
});

Deno.test("what waits while the name server is down is delivered when it is back", async () => {
  await using named = await Named.start();
  await using bench = await DnsBench.start(named.config(), { hosts: ["web1", "web2"] });
  bench.beat("web1", "192.0.2.7");
  await registered(bench);
  await named.down();
  bench.beat("web1", "192.0.2.8");
  bench.beat("web1", "2001:db8::8");
  bench.beat("web2", "192.0.2.2");
  for (let count = 2; count <= 4; count++) {
    bench.pass(10);
    await tried(bench, count);
  }
  assertEquals(
    bench.troubles.filter((text) => !text.endsWith(": ok")),
    [
      "example.org: could not reach any name server: " +
      `Communication with 127.0.0.1#${named.port} failed: connection refused`,
    ],
  );
  assertEquals(bench.states("web2"), ["web2.example.org A 192.0.2.2 failing"]);
  bench.beat("web1", "192.0.2.9");
  await named.up();
  bench.pass(600);
  await registered(bench);
  await registered(bench, "web2");
  assertEquals(await named.ask(WEB1, "A"), ["60 192.0.2.9"]);
  assertEquals(await named.ask(WEB1, "AAAA"), ["60 2001:db8::8"]);
  assertEquals(await named.ask("web2.example.org", "A"), ["60 192.0.2.2"]);
  assert(bench.troubles.at(-1)?.endsWith(": ok"), `${bench.troubles}`);
});

Deno.test("after a restart what was registered is not sent, and what waited is", async () => {
  await using named = await Named.start();
  const dir = await Deno.makeTempDir();
  const open = () => KvStore.open(join(dir, "kv"));
  try {
    {
      await using store = await open();
      await using bench = await DnsBench.start(named.config(), { store });
      bench.beat("web1", "192.0.2.7");
      await registered(bench);
      await named.down();
      bench.beat("web1", "2001:db8::7");
      bench.pass(5);
      await tried(bench, 2);
    }
    {
      await using store = await open();
      await using bench = await DnsBench.start(named.config(), { store });
      await tried(bench, 1);
      assertEquals(bench.states("web1"), [
        `${WEB1} A 192.0.2.7 registered`,
        `${WEB1} AAAA 2001:db8::7 failing`,
      ]);
      await named.up();
      bench.pass(600);
      await registered(bench);
      assertEquals(await named.ask(WEB1, "AAAA"), ["60 2001:db8::7"]);
      assertEquals(new Set(bench.updates()), new Set([`${WEB1} AAAA 2001:db8::7`]));
    }
    await using store = await open();
    await using bench = await DnsBench.start(named.config(), { store });
    bench.beat("web1", "192.0.2.7");
    bench.beat("web1", "2001:db8::7");
    bench.hosts.add("web2");
    bench.beat("web2", "192.0.2.2");
    await registered(bench, "web2");
    assertEquals(bench.updates(), ["web2.example.org A 192.0.2.2"]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("of addresses that change quickly the newest is sent, every five seconds", async () => {
  await using named = await Named.start();
  await using bench = await DnsBench.start(named.config());
  for (let n = 1; n <= 20; n++) bench.beat("web1", `192.0.2.${n}`);
  await registered(bench);
  for (let n = 21; n <= 40; n++) bench.beat("web1", `192.0.2.${n}`);
  bench.pass(4.9);
  bench.hosts.add("web2");
  bench.beat("web2", "192.0.2.2");
  await registered(bench, "web2");
  assertEquals(bench.states("web1"), [`${WEB1} A 192.0.2.40 pending`]);
  bench.pass(0.1);
  await registered(bench);
  assertEquals(await named.ask(WEB1, "A"), ["60 192.0.2.40"]);
  assertEquals(
    bench.updates(),
    [`${WEB1} A 192.0.2.20`, "web2.example.org A 192.0.2.2", `${WEB1} A 192.0.2.40`],
  );
});

Deno.test("an address that is back before the new one was sent is not sent", async () => {
  await using named = await Named.start();
  await using bench = await DnsBench.start(named.config());
  bench.beat("web1", "192.0.2.7");
  await registered(bench);
  bench.beat("web1", "192.0.2.8");
  assertEquals(bench.states("web1"), [`${WEB1} A 192.0.2.8 pending`]);
  bench.beat("web1", "192.0.2.7");
  assertEquals(bench.states("web1"), [`${WEB1} A 192.0.2.7 registered`]);
});

Deno.test("an address that is back after the new one was tried in vain is sent again", async () => {
  await using named = await Named.start();
  await using bench = await DnsBench.start(named.config());
  bench.beat("web1", "192.0.2.7");
  await registered(bench);
  await named.down();
  bench.beat("web1", "192.0.2.8");
  bench.pass(5);
  await tried(bench, 2);
  bench.beat("web1", "192.0.2.7");
  await named.up();
  bench.pass(600);
  await registered(bench);
  assertEquals(bench.updates().at(-1), `${WEB1} A 192.0.2.7`);
});

Deno.test("after a restart an address that is back is sent, as the new one may be registered", async () => {
  await using named = await Named.start();
  const store = new MemoryStore();
  {
    await using bench = await DnsBench.start(named.config(), { store });
    bench.beat("web1", "192.0.2.7");
    await registered(bench);
    await named.down();
    bench.beat("web1", "192.0.2.8");
    bench.pass(5);
    await tried(bench, 2);
  }
  await using bench = await DnsBench.start(named.config(), { store });
  bench.beat("web1", "192.0.2.7");
  await named.up();
  bench.pass(600);
  await registered(bench);
  assertEquals(bench.updates().at(-1), `${WEB1} A 192.0.2.7`);
  assertEquals(await named.ask(WEB1, "A"), ["60 192.0.2.7"]);
});

Deno.test("an update that is asked for is sent though nothing has changed", async () => {
  await using named = await Named.start();
  await using bench = await DnsBench.start(named.config());
  const { updater } = bench;
  assertEquals((await updater.force("web1")).outcome, "no_address");
  assertEquals((await updater.force("web2")).outcome, "not_dyn");
  bench.beat("web1", "192.0.2.7");
  bench.beat("web1", "2001:db8::7");
  await registered(bench);
  bench.pass(5);
  assertEquals(await updater.force("web1"), {
    outcome: "queued",
    updates: [
      { name: WEB1, type: "A", address: "192.0.2.7" },
      { name: WEB1, type: "AAAA", address: "2001:db8::7" },
    ],
  });
  assertEquals((await bench.store.loadDnsRecords()).length, 2);
  await registered(bench);
  assertEquals(bench.sent.length, 4);
  bench.config = named.config({ domains: [] });
  updater.configure();
  assertEquals((await updater.force("web1")).outcome, "no_domains");
  await updater.stop();
  assertEquals((await updater.force("web1")).outcome, "stopped");
});

Deno.test("hosts whose names are none in the DNS never reach nsupdate", async () => {
  await using named = await Named.start();
  const bad = ["Ünï", "a b", "-x", HOSTILE, "192.0.2.7", "", ".", "x;y", "*", "@"];
  await using bench = await DnsBench.start(named.config(), { hosts: [...bad, "web1.office"] });
  for (const host of bad) {
    bench.beat(host, "192.0.2.66");
    assertEquals((await bench.updater.force(host)).outcome, "bad_name", host);
    assertEquals(bench.updater.status(host), []);
  }
  bench.beat("web1.office", "192.0.2.7\nserver evil");
  bench.beat("web1.office", "192.0.2.7");
  await registered(bench, "web1.office");
  assertEquals(bench.updates(), [`${WEB1} A 192.0.2.7`]);
});

Deno.test("of two hosts with one short name the one that has changed last is registered", async () => {
  await using named = await Named.start();
  await using bench = await DnsBench.start(named.config(), { hosts: ["web1.a", "web1.b"] });
  bench.beat("web1.a", "192.0.2.1");
  await registered(bench, "web1.a");
  bench.beat("web1.b", "192.0.2.2");
  bench.beat("web1.a", "192.0.2.1");
  bench.pass(5);
  await registered(bench, "web1.b");
  assertEquals(bench.states("web1.a"), []);
  assertEquals(await named.ask(WEB1, "A"), ["60 192.0.2.2"]);
});

Deno.test("what the configuration takes out is forgotten, what it adds is registered", async () => {
  await using named = await Named.start();
  await using bench = await DnsBench.start(named.config(), { hosts: ["web1", "web2"] });
  bench.beat("web1", "192.0.2.7");
  bench.beat("web2", "192.0.2.2");
  await registered(bench);
  await registered(bench, "web2");
  bench.hosts.delete("web2");
  bench.config = named.config({ domains: [ZONES[1]], ttlS: 61 });
  bench.updater.configure();
  await registered(bench);
  assertEquals(bench.states("web1"), ["web1.example.com A 192.0.2.7 registered"]);
  assertEquals(bench.states("web2"), []);
  const kept = (await bench.store.loadDnsRecords()).map(({ name }) => name);
  assertEquals(kept, ["web1.example.com"]);
  bench.config = named.config({ domains: [ZONES[1]], ttlS: 62 });
  bench.updater.configure();
  bench.pass(5);
  await registered(bench);
  assertEquals(await named.ask("web1.example.com", "A"), ["62 192.0.2.7"]);
});

Deno.test("an update that is under way when the server stops is ended, and kept", async () => {
  const started = Promise.withResolvers<void>();
  const store = new MemoryStore();
  await using named = await Named.start();
  {
    await using bench = await DnsBench.start(named.config(), {
      store,
      run: (_call, signal) => {
        started.resolve();
        return new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(new Error("ended")), { once: true });
        });
      },
    });
    bench.beat("web1", "192.0.2.7");
    await started.promise;
  }
  const [record] = await store.loadDnsRecords();
  assertEquals([record?.registered, record?.pending?.address], [null, "192.0.2.7"]);
  await using bench = await DnsBench.start(named.config(), { store });
  await registered(bench);
  assertEquals(await named.ask(WEB1, "A"), ["60 192.0.2.7"]);
});

Deno.test("a newer address that comes while one is sent is sent after it", async () => {
  await using named = await Named.start();
  const started = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  await using bench = await DnsBench.start(named.config(), {
    run: async (call, signal) => {
      started.resolve();
      await gate.promise;
      await runNsupdate(call, signal);
    },
  });
  bench.beat("web1", "192.0.2.7");
  await started.promise;
  bench.beat("web1", "192.0.2.8");
  gate.resolve();
  await eventually(() => assert(bench.updater.status("web1")[0]?.registeredMs !== null));
  assertEquals(bench.states("web1"), [`${WEB1} A 192.0.2.8 pending`]);
  bench.pass(5);
  await registered(bench);
  assertEquals(await named.ask(WEB1, "A"), ["60 192.0.2.8"]);
});

Deno.test("a store that fails holds up no update", async () => {
  class FullStore extends MemoryStore {
    isFull = true;
    override saveDnsRecord(record: DnsRecord): Promise<void> {
      if (this.isFull) return Promise.reject(new Error("disk full"));
      return super.saveDnsRecord(record);
    }
  }
  await using named = await Named.start();
  const store = new FullStore();
  await using bench = await DnsBench.start(named.config(), { store });
  bench.beat("web1", "192.0.2.7");
  await registered(bench);
  assertEquals(await store.loadDnsRecords(), []);
  store.isFull = false;
  await bench.updater.stop();
  assertEquals((await store.loadDnsRecords()).map(({ name }) => name), [WEB1]);
});

Deno.test("a wall clock that is set back by a day holds up no update", async () => {
  await using named = await Named.start();
  await using bench = await DnsBench.start(named.config());
  bench.beat("web1", "192.0.2.7");
  await registered(bench);
  bench.pass(-86_400);
  bench.beat("web1", "192.0.2.8");
  await registered(bench);
  assertEquals(await named.ask(WEB1, "A"), ["60 192.0.2.8"]);
});
