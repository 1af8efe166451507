import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Wanted, Watchman, watchSettings } from "./support.ts";

/** `count` hosts that beat every `intervalS`, evenly spread over it. */
class Fleet {
  readonly w: Watchman;
  readonly names: string[];
  readonly #intervalS: number;
  readonly dead = new Set<string>();

  constructor(count: number, intervalS: number, wanted: Wanted = {}) {
    this.w = new Watchman(watchSettings({ intervalS, graceS: intervalS / 5, ...wanted }));
    this.names = Array.from({ length: count }, (_, n) => `h${n}`);
    this.#intervalS = intervalS;
  }

  until(toS: number): void {
    this.w.until(toS, (nowS) => {
      for (const [n, name] of this.names.entries()) {
        const phaseS = Math.floor(n / this.names.length * this.#intervalS * 4) / 4;
        if (nowS % this.#intervalS === phaseS && !this.dead.has(name)) this.w.beat(name);
      }
    });
  }

  kill(names: readonly string[] = this.names): void {
    for (const name of names) this.dead.add(name);
  }

  revive(names: readonly string[] = this.names): void {
    for (const name of names) this.dead.delete(name);
  }
}

Deno.test("200 hosts cut off at once are one incident with one message, and one when they are back", () => {
  for (const intervalS of [2, 10, 60]) {
    const fleet = new Fleet(200, intervalS);
    fleet.until(200);
    fleet.kill();
    fleet.until(500);
    assertEquals(fleet.w.told().length, 1, `interval ${intervalS}`);
    assertMatch(fleet.w.told()[0] ?? "", /^CRITICAL: many hosts - /);
    const [incident] = [...fleet.w.monitor.alerts?.active() ?? []];
    assert(incident?.evidence.kind === "incident");
    assertEquals([incident.evidence.total, incident.evidence.down], [200, 200]);
    assertEquals(fleet.w.monitor.totals().down, 200);
    fleet.revive();
    fleet.until(700);
    assertEquals(fleet.w.told().slice(1).length, 1);
    assertMatch(fleet.w.told()[1] ?? "", /^RECOVERED: many hosts - all 200 are back after \d+m/);
    assertEquals(fleet.w.monitor.alerts?.counts().CRITICAL, 0);
  }
});

Deno.test("one host of many that dies is told by itself, and so are four", () => {
  const fleet = new Fleet(200, 10);
  fleet.until(60);
  fleet.kill(["h3", "h50", "h100", "h150"]);
  fleet.until(120);
  assertEquals(fleet.w.told().length, 4);
  for (const text of fleet.w.told()) assertMatch(text, /^CRITICAL: h\d+ - no heartbeat/);
});

Deno.test("a host that dies for its own reason after an incident is told by itself", () => {
  const fleet = new Fleet(100, 10);
  fleet.until(60);
  fleet.kill();
  fleet.until(120);
  fleet.revive(fleet.names.slice(1));
  fleet.until(150);
  fleet.kill(["h77"]);
  fleet.until(170);
  const told = fleet.w.told();
  assertEquals(told.length, 2);
  assertMatch(told[1] ?? "", /^CRITICAL: h77 - no heartbeat/);
});

Deno.test("who stays down when the others are back is named, and is an alert of its own", () => {
  const fleet = new Fleet(100, 10);
  fleet.until(60);
  fleet.kill();
  fleet.until(120);
  fleet.revive(fleet.names.slice(2));
  fleet.until(300);
  const told = fleet.w.told();
  assertEquals(told.length, 2);
  assertMatch(
    told[1] ?? "",
    /^RECOVERED: many hosts - 98 of 100 are back, still silent: h\d, h\d after/,
  );
  fleet.revive();
  fleet.until(320);
  assertEquals(fleet.w.told().length, 4);
  assertMatch(fleet.w.told()[2] ?? "", /^RECOVERED: h\d - heartbeat is back/);
});

Deno.test("when half of an incident comes back and stays, that is told, and the rest goes on", () => {
  const fleet = new Fleet(100, 10);
  fleet.until(60);
  fleet.kill();
  fleet.until(120);
  fleet.revive(fleet.names.slice(50));
  fleet.until(300);
  assertEquals(fleet.w.told().length, 2);
  assertMatch(fleet.w.told()[1] ?? "", /50 of 100 are back, 50 are still silent$/);
  fleet.revive();
  fleet.until(400);
  assertEquals(fleet.w.told().length, 3);
  assertMatch(fleet.w.told()[2] ?? "", /all 100 are back/);
});

Deno.test("hosts that beat at the same moment and die together are one incident, too", () => {
  const w = new Watchman(watchSettings({ graceS: 0.5 }));
  const names = ["a", "b", "c", "d", "e", "f"];
  w.until(60, (nowS) => nowS % 10 === 0 && names.forEach((name) => w.beat(name)));
  w.until(100);
  assertEquals(w.told().length, 1);
  assertMatch(w.told()[0] ?? "", /many hosts - 6 of 6 hosts/);
});

Deno.test("all hosts behind one address are one incident, however few of all they are", () => {
  const w = new Watchman();
  const others = Array.from({ length: 50 }, (_, n) => `other-${n}`);
  const beat = (names: readonly string[]) => (nowS: number) => {
    if (nowS % 10 !== 0) return;
    for (const other of others) w.beat(other);
    for (const name of names) w.beat(name, { ip: "192.0.2.7" });
  };
  w.until(60, beat(["a", "b", "c"]));
  w.until(100, beat([]));
  assertEquals(w.told().length, 1);
  assertMatch(w.told()[0] ?? "", /^CRITICAL: hosts at 192\.0\.2\.7 - 3 of 3 .*: a, b, c$/);
  w.until(120, beat(["a", "b", "c"]));
  assertMatch(w.told()[1] ?? "", /^RECOVERED: hosts at 192\.0\.2\.7 - all 3 are back/);
});

Deno.test("hosts behind one address of which some still beat are told one by one", () => {
  const w = new Watchman();
  const beat = (names: readonly string[]) => (nowS: number) => {
    if (nowS % 10 === 0) { for (const name of names) w.beat(name, { ip: "192.0.2.7" }); }
  };
  const all = ["a", "b", "c", "d", "e", "f", "g", "h"];
  w.until(60, beat(all));
  w.until(100, beat(all.slice(2)));
  assertEquals(w.told().length, 2);
});

Deno.test("a configured group that falls silent is one incident", () => {
  const w = new Watchman(
    watchSettings({ groupOf: (host) => host.startsWith("web") ? "web" : null }),
  );
  const others = Array.from({ length: 50 }, (_, n) => `other-${n}`);
  const beat = (names: readonly string[]) => (nowS: number) => {
    if (nowS % 10 === 0) { for (const name of [...others, ...names]) w.beat(name); }
  };
  w.until(60, beat(["web1", "web2", "web3"]));
  w.until(100, beat([]));
  assertEquals(w.told().length, 1);
  assertMatch(w.told()[0] ?? "", /^CRITICAL: group web - 3 of 3 /);
});

Deno.test("everybody who looks after one of an incident's hosts is told of it once", () => {
  const fleet = new Fleet(40, 10, {
    audienceOf: (host) =>
      host === "h39" ? ["late"] : Number(host.slice(1)) % 2 ? ["odd"] : ["even"],
  });
  fleet.until(60);
  fleet.kill();
  fleet.until(200);
  const channels = fleet.w.notifications().flatMap((event) => event.channels);
  assertEquals(channels.sort(), ["even", "late", "odd"]);
  fleet.revive();
  fleet.until(300);
  assertEquals(fleet.w.notifications().at(-1)?.channels.toSorted(), ["even", "late", "odd"]);
});

Deno.test("with incident_hosts 0 each host is told by itself", () => {
  const fleet = new Fleet(20, 10, { incidentHosts: 0 });
  fleet.until(60);
  fleet.kill();
  fleet.until(120);
  assertEquals(fleet.w.told().length, 20);
});

Deno.test("slow hosts of a cut join the incident when their time comes", () => {
  const w = new Watchman(watchSettings());
  const fast = Array.from({ length: 30 }, (_, n) => `fast-${n}`);
  const slow = { ...watchSettings(), hosts: new Map([["slow", { intervalMs: 300_000 }]]) };
  w.monitor.configure(slow);
  w.beat("slow");
  w.until(100, (nowS) => nowS % 10 === 0 && fast.forEach((name) => w.beat(name)));
  w.until(400);
  assertEquals(w.told().length, 1);
  assertEquals(w.monitor.host("slow")?.state, "down");
});

Deno.test("a host that dies hours after the others, while many beat, is told by itself", () => {
  const fleet = new Fleet(30, 10);
  fleet.until(60);
  fleet.kill(fleet.names.slice(0, 12));
  fleet.until(10_000);
  assertEquals(fleet.w.told().filter((text) => !text.startsWith("REMINDER")).length, 1);
  fleet.kill(["h20"]);
  fleet.until(10_060);
  assertMatch(fleet.w.told().at(-1) ?? "", /^CRITICAL: h20 - no heartbeat/);
});
