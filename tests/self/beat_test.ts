/** The server's own beats, to real sockets and servers on this machine. */

import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import type { HeartbeatTarget } from "../../src/config/config.ts";
import { SelfBeat, type SelfBeatOptions } from "../../src/self/beat.ts";
import { eventually } from "../e2e/hbd.ts";
import { catchLog } from "./logged.ts";
import { HttpReceiver, httpTarget, UdpReceiver, udpTarget } from "./receivers.ts";

const KEY = "a secret of both, long enough";

/** Beats to `targets` until it is disposed of. */
function beating(
  targets: readonly HeartbeatTarget[],
  more: Partial<SelfBeatOptions> = {},
): SelfBeat & AsyncDisposable {
  const beat = new SelfBeat({
    hostname: "mon1",
    version: "1.2.3",
    isAlive: () => true,
    status: () => ({ isDegraded: false, hosts: 12, down: 1, alerts: { WARNING: 0, CRITICAL: 1 } }),
    ...more,
  });
  beat.configure(targets);
  beat.start();
  return Object.assign(beat, { [Symbol.asyncDispose]: () => beat.stop() });
}

/** A port on which nobody listens. */
function closedPort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

Deno.test("another server gets beats as of a client, and a goodbye at a stop", async () => {
  using other = new UdpReceiver();
  const beat = beating([udpTarget(other.port)]);
  await other.until(3);
  await beat.stop();
  await eventually(() => assertEquals(other.kinds().at(-1), "shutdown"));
  const beats = other.heard.slice(0, -1).map(({ facts }) => facts);
  const [first] = beats;
  assert(first?.kind === "beat");
  assertEquals([first.host, first.version], ["hbd@mon1", "1.2.3"]);
  assertNotEquals(first.sentMs, null);
  assertMatch(first.series?.bootId ?? "", /^[0-9a-f]{8}\.\w+$/);
  const series = other.heard.map(({ facts }) => facts.series);
  assertEquals(series.map((place) => place?.seq), series.map((_, index) => index + 1));
  assertEquals(new Set(series.map((place) => place?.bootId)).size, 1);
  assert(beats.every(({ kind }) => kind === "beat"));
  assertEquals(other.heard.map(({ isSigned }) => isSigned).includes(true), false);
});

Deno.test("with a key every datagram is signed, the goodbye too; the name is the configured one", async () => {
  using other = new UdpReceiver({ key: KEY });
  const key = { value: KEY, shown: "***" };
  const beat = beating([udpTarget(other.port, { key, name: "left" })]);
  await other.until(2);
  await beat.stop();
  await eventually(() => assertEquals(other.kinds().at(-1), "shutdown"));
  assert(other.heard.every(({ isSigned }) => isSigned));
  assertEquals(new Set(other.heard.map(({ facts }) => facts.host)), new Set(["left"]));
});

Deno.test("a server is reached over IPv6, and by a name", async () => {
  using six = new UdpReceiver({ hostname: "::1" });
  using four = new UdpReceiver();
  await using _beat = beating([
    udpTarget(six.port, { hostname: "::1", intervalS: 30 }),
    udpTarget(four.port, { hostname: "localhost" }),
  ]);
  await six.until(1);
  await four.until(1);
  const [first] = six.heard;
  assert(first?.facts.kind === "beat" && first.facts.intervalMs === 30_000);
  assertEquals(four.kinds()[0], "beat");
});

Deno.test("the name is looked up for each beat: a server that moves is found", async () => {
  using old = new UdpReceiver();
  using moved = new UdpReceiver({ hostname: "127.0.0.2", port: old.port });
  let address = "127.0.0.1";
  const lookup = () => Promise.resolve([address]);
  await using _beat = beating([udpTarget(old.port, { hostname: "mon2.example" })], { lookup });
  await old.until(1);
  address = "127.0.0.2";
  await moved.until(2);
});

Deno.test("a name that cannot be resolved is logged once, and when it can be again", async () => {
  await using logged = await catchLog();
  using other = new UdpReceiver();
  let tries = 0;
  let isDown = true;
  const lookup = () => {
    tries += 1;
    return isDown ? Promise.reject(new Error("no such name")) : Promise.resolve(["127.0.0.1"]);
  };
  await using _beat = beating([udpTarget(other.port, { hostname: "mon2.example" })], { lookup });
  await eventually(() => assert(tries > 5));
  isDown = false;
  await other.until(1);
  await eventually(() => assertEquals(logged.lines("info").length, 1));
  const label = `mon2.example:${other.port}`;
  assertEquals(logged.lines("warning"), [
    `Beats of this server to ${label} fail: mon2.example cannot be resolved: no such name`,
  ]);
  assertMatch(
    logged.lines("info")[0] ?? "",
    /^Beats of this server to .* go out again after \d+ s/,
  );
  // The name server is down again: the address found last will do.
  isDown = true;
  const before = other.heard.length;
  await other.until(before + 3);
  assertEquals(logged.lines("warning").length, 1);
});

Deno.test("a look-up that hangs neither holds up a stop nor hides the goodbye", async () => {
  using other = new UdpReceiver();
  let isHanging = false;
  let hung = 0;
  const lookup = () => {
    if (!isHanging) return Promise.resolve(["127.0.0.1"]);
    hung += 1;
    return new Promise<never>(() => {});
  };
  const beat = beating([udpTarget(other.port, { hostname: "mon2.example" })], { lookup });
  await other.until(2);
  isHanging = true;
  await eventually(() => assertEquals(hung, 1));
  await beat.stop();
  await eventually(() => assertEquals(other.kinds().at(-1), "shutdown"));
  assertEquals(hung, 1);
});

Deno.test("of several addresses of a name each gets the beat; one that fails does not matter", async () => {
  await using logged = await catchLog();
  using a = new UdpReceiver();
  using b = new UdpReceiver({ hostname: "127.0.0.2", port: a.port });
  // An address of documentation: where there is no way to it, the system says so at once.
  const lookup = () => Promise.resolve(["2001:db8::1", "127.0.0.1", "127.0.0.2", "127.0.0.1"]);
  await using _beat = beating([udpTarget(a.port, { hostname: "mon2.example" })], { lookup });
  await a.until(2);
  await b.until(2);
  assertEquals(a.heard[0]?.facts.series, b.heard[0]?.facts.series);
  assertEquals(logged.lines("warning"), []);
});

Deno.test("a server that is not there is no trouble, and gets beats once it is", async () => {
  const free = new UdpReceiver();
  const { port } = free;
  free[Symbol.dispose]();
  await using logged = await catchLog();
  let asked = 0;
  await using _beat = beating([udpTarget(port)], { isAlive: () => ++asked > 0 });
  await eventually(() => assert(asked > 5));
  assertEquals(logged.lines("warning"), []);
  using again = new UdpReceiver({ port });
  await again.until(2);
});

Deno.test("an address gets a GET without a body in each interval", async () => {
  await using service = new HttpReceiver();
  await using _beat = beating([httpTarget(service.url("/ping/abc"))]);
  await service.until(3);
  assertEquals(service.requests[0], { method: "GET", path: "/ping/abc", body: "" });
});

Deno.test("a POST tells how the server fares", async () => {
  await using service = new HttpReceiver();
  let isDegraded = false;
  await using _beat = beating([httpTarget(service.url("/hook"), "POST")], {
    status: () => ({ isDegraded, hosts: 12, down: 1, alerts: { WARNING: 0, CRITICAL: 1 } }),
  });
  await service.until(1);
  const [{ method, body } = { method: "", body: "null" }] = service.requests;
  assertEquals(method, "POST");
  assertEquals(JSON.parse(body), {
    name: "hbd@mon1",
    state: "up",
    hosts: 12,
    down: 1,
    alerts: { WARNING: 0, CRITICAL: 1 },
    interval: 0.05,
    ver: "1.2.3",
  });
  isDegraded = true;
  await eventually(() => assertMatch(service.requests.at(-1)?.body ?? "", /"state":"degraded"/));
});

Deno.test("a service that is down is logged when that begins and when it ends, without its address", async () => {
  await using logged = await catchLog();
  const port = closedPort();
  const origin = `http://127.0.0.1:${port}`;
  const secret = "s3cret-of-the-address";
  await using _beat = beating([httpTarget(`${origin}/ping/${secret}?k=${secret}2`)]);
  await eventually(() => assert(logged.lines("debug").length > 3));
  await using service = new HttpReceiver(port);
  await service.until(1);
  await eventually(() => assertEquals(logged.lines("info").length, 1));
  const [failed = ""] = logged.lines("warning");
  assertEquals(logged.lines("warning").length, 1);
  assert(failed.startsWith(`Beats of this server to ${origin} fail: ${origin} cannot be reached`));
  service.answer = 500;
  await eventually(() => assertEquals(logged.lines("warning").length, 2));
  assertMatch(logged.lines("warning")[1] ?? "", / answered 500 thank you/);
  assert(!logged.all().includes(secret), logged.all());
});

Deno.test("a request to a service that hangs is given up after its limit, and the next one comes", async () => {
  await using logged = await catchLog();
  await using service = new HttpReceiver();
  service.answer = "hang";
  await using _beat = beating([httpTarget(service.url("/ping"))], { httpLimitMs: 100 });
  await service.until(3);
  assertMatch(logged.lines("warning").join(), /no answer in time/);
});

Deno.test("a service that hangs gets one request at a time, and delays neither others nor a stop", async () => {
  await using service = new HttpReceiver();
  using other = new UdpReceiver();
  service.answer = "hang";
  const beat = beating([httpTarget(service.url("/ping")), udpTarget(other.port)]);
  await service.until(1);
  await other.until(10);
  await beat.stop();
  assertEquals(service.requests.length, 1);
  await eventually(() => assertEquals(service.open, 0));
});

Deno.test("a server that does no work is silent, and beats as soon as it works again", async () => {
  await using service = new HttpReceiver();
  using other = new UdpReceiver();
  let isAlive = true;
  let asked = 0;
  await using _beat = beating([
    httpTarget(service.url("/ping")),
    udpTarget(other.port),
    udpTarget(other.port, { name: "rare", intervalS: 3600 }),
  ], {
    isAlive: () => {
      asked += 1;
      return isAlive;
    },
  });
  const rare = () => other.heard.filter(({ facts }) => facts.host === "rare").length;
  await service.until(1);
  await eventually(() => assertEquals(rare(), 1));
  isAlive = false;
  // What was under way when it stopped working arrives.
  await eventually(() => assertEquals(service.open, 0));
  const seen = asked;
  await eventually(() => assert(asked > seen + 10));
  const before = [service.requests.length, other.heard.length];
  const later = asked;
  await eventually(() => assert(asked > later + 20));
  assertEquals([service.requests.length, other.heard.length], before);
  isAlive = true;
  await service.until((before[0] ?? 0) + 1);
  await other.until((before[1] ?? 0) + 1);
});

Deno.test("a first beat that was held back does not wait for the next interval", async () => {
  using other = new UdpReceiver();
  let isAlive = false;
  let asked = 0;
  await using _beat = beating([udpTarget(other.port, { intervalS: 3600 })], {
    isAlive: () => {
      asked += 1;
      return isAlive;
    },
  });
  await eventually(() => assert(asked > 1));
  assertEquals(other.heard, []);
  isAlive = true;
  await other.until(1);
});

Deno.test("new targets: those that stay go on, those that are gone are told, new ones begin", async () => {
  using stays = new UdpReceiver();
  using goes = new UdpReceiver();
  using comes = new UdpReceiver();
  await using beat = beating([udpTarget(stays.port), udpTarget(goes.port)]);
  await stays.until(2);
  await goes.until(1);
  beat.configure([udpTarget(stays.port), udpTarget(comes.port)]);
  await comes.until(1);
  await eventually(() => assertEquals(goes.kinds().at(-1), "shutdown"));
  await stays.until(stays.heard.length + 2);
  const series = new Set(stays.heard.map(({ facts }) => facts.series?.bootId));
  assertEquals([series.size, stays.kinds().includes("shutdown")], [1, false]);
});

Deno.test("another interval or key is no goodbye", async () => {
  using other = new UdpReceiver({ key: KEY });
  await using beat = beating([udpTarget(other.port)]);
  await other.until(1);
  beat.configure([udpTarget(other.port, { key: { value: KEY, shown: "***" } })]);
  await eventually(() => assert(other.heard.at(-1)?.isSigned));
  assertEquals(other.kinds().includes("shutdown"), false);
  const ids = new Set(other.heard.map(({ facts }) => facts.series?.bootId));
  assertEquals(ids.size, 2);
});

Deno.test("a server that never beat says no goodbye, and a stop can be repeated", async () => {
  using other = new UdpReceiver();
  const beat = beating([udpTarget(other.port)], { isAlive: () => false });
  await beat.stop();
  await beat.stop();
  beat.configure([udpTarget(other.port)]);
  beat.start();
  using probe = new UdpReceiver();
  await using _beat = beating([udpTarget(probe.port)]);
  await probe.until(3);
  assertEquals(other.heard, []);
});
