/** What dashboards are sent: over links that the test reads, by a clock that it sets. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { ROLL_LIMIT } from "../../../src/web/live/roll.ts";
import { FakeTiming, House, type Json, Picture, TestLink, userOf } from "./support.ts";

const USERS = `
users:
  ann: {full_name: Ann, password: "pbkdf2:sha256:600000$salt$${"0".repeat(64)}"}
  bob: {full_name: Bob, password: "pbkdf2:sha256:600000$salt$${"0".repeat(64)}"}
hosts:
  hers: {owner: ann}
  his: {owner: bob}
  both: {owner: ann, monitors: [bob]}
`;

async function start(config = "") {
  const timing = new FakeTiming();
  const house = await House.make({ config, timing });
  const run = (ms: number) => timing.run(ms, house.feed);
  return { house, timing, run };
}

/** Without what only a snapshot or a whole host brings. */
function shown({ connections, ...host }: Json): Json {
  return {
    ...host,
    connections: connections.map(({ address, family }: Json) => [address, family]),
  };
}

Deno.test("a snapshot comes first, with hosts, messages, alerts and the summary", async () => {
  const { house, run } = await start();
  house.beat("a", { n: 1 });
  house.beat("b");
  const link = new TestLink();
  house.feed.subscribe(link);
  await run(0);
  const [first, ...rest] = link.take();
  assertEquals(rest, []);
  assertEquals(first.type, "hosts");
  assertEquals(first.server, { name: "box", version: "1.2.3" });
  assertEquals([first.total, first.truncated, first.more], [2, false, false]);
  assertEquals(first.seq, house.monitor.seq);
  assertEquals(first.hosts.map(shown), [shown(house.api("a")), shown(house.api("b"))]);
  assertEquals(first.messages.map(({ host, message }: Json) => [host, message]), [
    ["a", '{"n":1}'],
    ["b", "{}"],
  ]);
  assertEquals(first.summary.hosts, 2);
  assertEquals(first.summary.problems, [{ part: "store", message: "disk full" }]);
  await house.feed.stop();
});

Deno.test("a thousand beats of a host within a second are at most four messages", async () => {
  const { house, run } = await start();
  house.beat("a");
  const link = new TestLink();
  house.feed.subscribe(link);
  await run(300);
  link.take();
  // A second without its end: there the next flush would be.
  for (let n = 0; n < 999; n++) {
    house.nowMs++;
    house.beat("a");
    await run(1);
  }
  const pushes = link.take();
  const changes = pushes.filter(({ type }) => type === "host");
  assert(changes.length <= 4, `${changes.length} messages`);
  assert(pushes.filter(({ type }) => type === "message").length <= 4);
  for (const { hosts } of changes) assertEquals(hosts.length, 1);
  await run(300);
  assertEquals(link.take().findLast(({ type }) => type === "host")?.hosts[0].total, 1000);
  await house.feed.stop();
});

Deno.test("a beat is told in short, what else changed at full length", async () => {
  const { house, run } = await start();
  house.beat("a");
  const link = new TestLink();
  house.feed.subscribe(link);
  await run(300);
  link.take();
  house.beat("a");
  await run(300);
  const [short] = link.take().filter(({ type }) => type === "host");
  assertEquals(Object.keys(short.hosts[0]).sort(), [
    ...[
      "bar",
      "deadline",
      "grace",
      "interval",
      "last_beat",
      "late",
      "missed",
      "name",
      "rtt",
      "stability",
    ],
    ...["state", "total"],
  ]);
  house.beat("a", { ip: "192.0.2.77" });
  await run(300);
  const [full] = link.take().filter(({ type }) => type === "host");
  assertEquals(full.hosts.map(shown), [shown(house.api("a"))]);
  await house.feed.stop();
});

Deno.test("who comes while a host is down is told that it is up, though others never knew it was not", async () => {
  const { house, run } = await start();
  const links = [new TestLink(), new TestLink()] as const;
  house.feed.subscribe(links[0]);
  house.beat("a");
  // The next flush is a quarter of a second after this one.
  await run(100);
  house.pass(14);
  house.pass(7);
  house.feed.subscribe(links[1]);
  await run(100);
  house.beat("a");
  await run(2000);
  for (const link of links) {
    const picture = new Picture();
    picture.take(link.take());
    assertEquals(shown(picture.hosts.get("a")), shown(house.api("a")));
  }
  await house.feed.stop();
});

Deno.test("nothing is held and no timer runs while nobody is connected", async () => {
  const { house, timing, run } = await start();
  house.beat("a");
  assertEquals(timing.waiting, 0);
  const link = new TestLink();
  const unsubscribe = house.feed.subscribe(link);
  await run(1000);
  unsubscribe();
  assertEquals([house.feed.clients, timing.waiting], [0, 0]);
  house.beat("b");
  assertEquals(timing.waiting, 0);
});

Deno.test("snapshot and changes together are what the API says, at any time", async () => {
  const host = fc.constantFrom("a", "b", "c", "d", "e", "f");
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant("beat" as const), host }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("measured" as const), host }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("moved" as const), host }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("boot" as const), host }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("shutdown" as const), host }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("pause" as const), host }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("resume" as const), host }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("drop" as const), host }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("pass" as const), host }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("flush" as const), host }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("connect" as const), host }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("behind" as const), host }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { house, run } = await start();
      const views: { readonly link: TestLink; readonly picture: Picture }[] = [];
      const connect = () => {
        const link = new TestLink();
        views.push({ link, picture: new Picture() });
        house.feed.subscribe(link);
      };
      connect();
      for (const [n, one] of steps.entries()) {
        house.nowMs += 10;
        if (one.do === "beat") house.beat(one.host);
        else if (one.do === "measured") house.beat(one.host, { rttMs: n });
        else if (one.do === "moved") house.beat(one.host, { ip: `192.0.2.${n}` });
        else if (one.do === "boot") house.boot(one.host);
        else if (one.do === "shutdown") house.shutdown(one.host);
        else if (one.do === "pause") {
          house.pause(one.host, { fromMs: house.nowMs, untilMs: house.nowMs + 9000, reason: "" });
        } else if (one.do === "resume") house.pause(one.host, null);
        else if (one.do === "drop") house.drop(one.host);
        else if (one.do === "pass") house.pass(7);
        else if (one.do === "flush") await run(100);
        else if (one.do === "connect") connect();
        else {
          for (const { link } of views) link.bufferedAmount = 2 << 20;
          await run(300);
          for (const { link } of views) link.bufferedAmount = 0;
        }
      }
      // Pauses that end without a word are found within a second or two.
      house.pass(0);
      await run(3000);
      for (const { link, picture } of views) {
        picture.take(link.take());
        const names = ["a", "b", "c", "d", "e", "f"].filter((name) => house.api(name) !== null);
        assertEquals([...picture.hosts.keys()].sort(), names);
        for (const name of names) {
          assertEquals(shown(picture.hosts.get(name)), shown(house.api(name)));
        }
        const active = [...house.monitor.alerts?.active() ?? []].map(({ id }) => id).sort();
        assertEquals([...picture.alerts.keys()].sort(), active);
        const seqs = picture.messages.map(({ seq }) => seq);
        if (picture.snapshots === 1) assertEquals(new Set(seqs).size, seqs.length);
      }
      await house.feed.stop();
    }),
    { numRuns: 60 },
  );
});

Deno.test("a user is sent nothing of hosts that are not theirs", async () => {
  const { house, run } = await start(USERS);
  for (const name of ["hers", "his", "both", "nobodys"]) house.beat(name, { secret: `of ${name}` });
  const ann = new TestLink(userOf("ann"));
  const bob = new TestLink(userOf("bob"));
  house.feed.subscribe(ann);
  house.feed.subscribe(bob);
  await run(300);
  for (const name of ["hers", "his", "both", "nobodys"]) house.beat(name, { secret: `of ${name}` });
  house.pass(60);
  house.pass(5);
  await run(2000);
  house.drop("nobodys");
  house.drop("his");
  await run(2000);
  const text = ann.texts.join("\n");
  assert(!/nobodys|"his"|of his|disk full/.test(text), text);
  const picture = new Picture();
  picture.take(ann.take());
  assertEquals([...picture.hosts.keys()].sort(), ["both", "hers"]);
  assertEquals(picture.summary.hosts, 2);
  assertEquals(picture.summary.states.down, 2);
  assertEquals(picture.summary.alerts.CRITICAL, 2);
  const his = new Picture();
  his.take(bob.take());
  // It is named in the configuration, and so is there again, as if it had never beaten.
  assertEquals([...his.hosts].map(([name, { state }]) => [name, state]).sort(), [
    ["both", "down"],
    ["his", "new"],
  ]);
  await house.feed.stop();
});

Deno.test("messages of another host that had the name before are nobody's but who sees all", async () => {
  const { house, run } = await start(USERS);
  house.beat("hers", { of: "the one before" });
  house.madeAfter.set("hers", house.monitor.seq);
  const [ann, ada] = [new TestLink(userOf("ann")), new TestLink()];
  for (const link of [ann, ada]) house.feed.subscribe(link);
  await run(300);
  house.beat("hers", { of: "this one" });
  await run(300);
  const told = ({ texts }: TestLink) =>
    ["the one before", "this one"].map((text) => texts.join("\n").includes(text));
  assertEquals([told(ann), told(ada)], [[false, true], [true, true]]);
  await house.feed.stop();
});

Deno.test("a host that is given away is gone for the one and there for the other", async () => {
  const { house, run } = await start(USERS);
  house.beat("hers");
  house.pass(60);
  house.pass(5);
  const ann = new TestLink(userOf("ann"));
  const bob = new TestLink(userOf("bob"));
  house.feed.subscribe(ann);
  house.feed.subscribe(bob);
  await run(300);
  const pictures = [ann, bob].map((link) => {
    const picture = new Picture();
    picture.take(link.take());
    return picture;
  });
  const hosts = new Map([...house.config.hosts, ["hers", { owner: "bob" }]]);
  house.config = { ...house.config, hosts };
  house.feed.hostChanged("hers");
  await run(1500);
  pictures[0]?.take(ann.take());
  pictures[1]?.take(bob.take());
  assertEquals(pictures.map(({ hosts }) => hosts.has("hers")), [false, true]);
  // The alerts that hold at it count for the one and not for the other.
  assertEquals(pictures.map(({ summary }) => summary.alerts.CRITICAL), [0, 1]);
  await house.feed.stop();
});

Deno.test("who is logged out is closed with 4401; who became somebody else starts anew", async () => {
  const { house, run } = await start(USERS);
  house.beat("hers");
  const ann = new TestLink(userOf("ann"));
  const bob = new TestLink(userOf("bob"));
  house.feed.subscribe(ann);
  house.feed.subscribe(bob);
  await run(300);
  bob.take();
  ann.principal = null;
  bob.principal = { ...userOf("bob"), reach: "everything" };
  await run(3000);
  assertEquals([ann.closed, bob.closed, house.feed.clients], [4401, null, 1]);
  assertEquals(bob.take().find(({ type }) => type === "hosts")?.total, 3);
  await house.feed.stop();
  assertEquals(bob.closed, 1001);
});

Deno.test("after accessChanged() everybody gets a new snapshot", async () => {
  const { house, run } = await start(USERS);
  const link = new TestLink();
  house.feed.subscribe(link);
  await run(300);
  link.take();
  house.feed.accessChanged();
  await run(300);
  assertEquals(link.take().map(({ type }) => type), ["hosts"]);
  await house.feed.stop();
});

Deno.test("who is behind is sent nothing, then a new snapshot; who takes nothing is closed", async () => {
  const { house, run } = await start();
  house.beat("a");
  const slow = new TestLink();
  const quick = new TestLink();
  house.feed.subscribe(slow);
  house.feed.subscribe(quick);
  await run(300);
  slow.take();
  quick.take();
  slow.bufferedAmount = (1 << 20) + 1;
  for (let n = 0; n < 20; n++) {
    house.beat("a");
    await run(500);
  }
  assertEquals([slow.texts.length, slow.closed], [0, null]);
  assert(quick.texts.length >= 20);
  slow.bufferedAmount = 0;
  await run(300);
  assertEquals(slow.take()[0]?.hosts[0].total, 21);
  slow.bufferedAmount = (1 << 20) + 1;
  for (let n = 0; n < 35; n++) {
    house.beat("a");
    await run(1000);
  }
  assertEquals([slow.closed, quick.closed], [4408, null]);
  await house.feed.stop();
});

Deno.test("a planned maintenance that begins or ends is told without a beat", async () => {
  // Monday, 2 November 2026, 00:00 UTC is when the clock of the test begins.
  const { house, run } = await start(
    'maintenance: [{hosts: [a], daily: "00:10-00:20", zone: UTC}]\n',
  );
  house.beat("a");
  const link = new TestLink();
  house.feed.subscribe(link);
  const picture = new Picture();
  const stateAfter = async (seconds: number) => {
    house.pass(seconds);
    await run(2000);
    picture.take(link.take());
    return picture.hosts.get("a").state;
  };
  assertEquals(await stateAfter(0), "up");
  house.nowMs += 599_000;
  house.beat("a");
  assertEquals(await stateAfter(2), "paused");
  assertEquals(await stateAfter(600), "up");
  await house.feed.stop();
});

Deno.test("more hosts than go into one message follow in pieces, the worst first, none lost", async () => {
  const { house, run } = await start();
  for (let n = 0; n < 3000; n++) house.beat(`host-${n}`);
  house.pass(8);
  for (let n = 0; n < 3000; n++) if (n !== 2500) house.beat(`host-${n}`);
  house.pass(8);
  assertEquals(house.monitor.host("host-2500")?.state, "down");
  const link = new TestLink();
  house.feed.subscribe(link);
  await run(1);
  house.beat("new one");
  await run(1000);
  const pushes = link.take();
  assertEquals([pushes[0].type, pushes[0].more, pushes[0].total], ["hosts", true, 3000]);
  assertEquals(pushes[0].hosts[0].name, "host-2500");
  assertEquals(pushes.filter(({ complete }) => complete === true).length, 1);
  const picture = new Picture();
  picture.take(pushes);
  assertEquals(picture.hosts.size, 3001);
  await house.feed.stop();
});

Deno.test("beyond the limit the worst hosts are told, and of the others only what happens", async () => {
  const { house, run } = await start();
  const count = ROLL_LIMIT + 1000;
  for (let n = 0; n < count; n++) house.beat(`host-${n}`);
  house.pass(8);
  for (let n = 0; n < count - 1; n++) house.beat(`host-${n}`);
  house.pass(8);
  const link = new TestLink();
  house.feed.subscribe(link);
  await run(5000);
  const picture = new Picture();
  const pushes = link.take();
  picture.take(pushes);
  assertEquals([pushes[0].truncated, pushes[0].total], [true, count]);
  assertEquals(picture.hosts.size, ROLL_LIMIT);
  assertEquals(picture.hosts.get(`host-${count - 1}`)?.state, "down");
  house.beat(`host-${count - 2}`);
  await run(1000);
  picture.take(link.take());
  assertEquals(picture.hosts.size, ROLL_LIMIT);
  house.pause(`host-${count - 2}`, { fromMs: house.nowMs, untilMs: null, reason: "" });
  await run(1000);
  picture.take(link.take());
  assertEquals(picture.hosts.get(`host-${count - 2}`)?.state, "paused");
  await house.feed.stop();
});

Deno.test("who comes later to a quiet server is told the time and the summary of now", async () => {
  const { house, run } = await start();
  house.beat("a");
  const first = new TestLink();
  house.feed.subscribe(first);
  await run(5000);
  house.nowMs += 60_000;
  const later = new TestLink();
  house.feed.subscribe(later);
  await run(100);
  const [snapshot] = later.take();
  assertEquals(snapshot.time, house.nowMs / 1000);
  await house.feed.stop();
});

Deno.test("what a snapshot said of a moment is put right by the next summary", async () => {
  const { house, run } = await start();
  house.beat("a");
  const first = new TestLink();
  house.feed.subscribe(first);
  // Until the beats of before count no more.
  await run(20_000);
  first.take();
  // Between two summaries it is paused, and not any more.
  house.pause("a", { fromMs: house.nowMs, untilMs: null, reason: "" });
  const later = new TestLink();
  house.feed.subscribe(later);
  await run(300);
  const picture = new Picture();
  picture.take(later.take());
  assertEquals(picture.summary.states.paused, 1);
  house.pause("a", null);
  await run(3000);
  picture.take(later.take());
  assertEquals(picture.summary.states.paused, 0);
  await house.feed.stop();
});
