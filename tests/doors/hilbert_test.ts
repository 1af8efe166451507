/**
 * The dialect of Hilbert's applications, over a real desk, heart and monitor under a clock that
 * stands still until a test moves it.
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { DialectDesk } from "../../src/doors/dialect_desk.ts";
import { dialectOf } from "../../src/doors/dialects.ts";
import { Guard, type GuardSettings } from "../../src/doors/guard.ts";
import { applicationText, hilbert, liveApplication, timeoutOf } from "../../src/doors/hilbert.ts";
import { Heart } from "../../src/heart.ts";
import { hostDirectory } from "../../src/host_directory.ts";
import { Monitor } from "../../src/monitor/monitor.ts";
import type { ReceivedMessage } from "../../src/monitor/outlet.ts";
import type { WatchSettings } from "../../src/monitor/settings.ts";
import { LocalTime } from "../../src/wire/local_time.ts";
import { settings, START_MS } from "../monitor/support.ts";
import { OPEN } from "./support.ts";

const GOODBYE = "So Long, and Thanks for All the Fish!";

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

interface BenchOptions {
  readonly watch?: Partial<WatchSettings>;
  readonly guard?: Partial<GuardSettings>;
  readonly maxBodyBytes?: number;
  /** Hosts that who asks may not see. */
  readonly hidden?: readonly string[];
}

class Bench {
  nowMs = START_MS;
  readonly monitor: Monitor;
  readonly taken: ReceivedMessage[] = [];
  readonly refused: string[] = [];
  readonly #desk: DialectDesk;
  readonly #hidden: ReadonlySet<string>;

  constructor({ watch, guard, maxBodyBytes = 1000, hidden = [] }: BenchOptions = {}) {
    this.monitor = new Monitor({ ...settings(10), ...watch });
    const now = () => this.nowMs;
    const outlet = {
      message: (message: ReceivedMessage) => void this.taken.push(message),
      event: () => {},
    };
    const clocks = { wallMs: now, monotonicMs: now };
    const heart = new Heart(this.monitor, clocks, null, [outlet], new LocalTime());
    const judge = new Guard({ ...OPEN, ...guard });
    this.#hidden = new Set(hidden);
    this.#desk = new DialectDesk({
      intake: heart,
      hosts: hostDirectory(this.monitor, now),
      limits: () => ({ maxBodyBytes, maxHosts: watch?.maxHosts ?? 100 }),
      guard: () => judge,
      pings: () => ({ hostsById: new Map(), keys: [], create: false }),
      onRefused: (reason) => void this.refused.push(reason),
    });
  }

  /** Lets time go by, with the ticks that it brings. */
  wait(ms: number): void {
    this.nowMs += ms;
    this.monitor.tick(this.nowMs, Infinity);
  }

  /** Names of the hosts that the monitor knows. */
  hosts(): readonly string[] {
    return this.monitor.hosts(0, 100).map(({ name }) => name);
  }

  async ask(target: string, init: RequestInit = {}): Promise<Answered> {
    const request = new Request(`http://server:8888${target}`, init);
    const end = target.indexOf("?");
    const path = end < 0 ? target : target.slice(0, end);
    const response = await hilbert.answer({
      request,
      path,
      query: new URLSearchParams(end < 0 ? "" : target.slice(end)),
      ip: "192.0.2.7",
      port: 4711,
      desk: this.#desk,
      maySee: (host) => !this.#hidden.has(host),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  async say(target: string, init?: RequestInit): Promise<string> {
    const { status, text } = await this.ask(target, init);
    assertEquals(status, 200, `${target}: ${text}`);
    return text;
  }

  /** What is answered to a request that makes no sense. */
  async error(target: string, init?: RequestInit, wanted = 400): Promise<string> {
    const { status, text } = await this.ask(target, init);
    assertEquals(status, wanted, `${target}: ${text}`);
    return text;
  }
}

Deno.test("a signal is known by the last part of its path, whatever stands before", () => {
  const of = (method: string, path: string) => dialectOf(method, path)?.name ?? null;
  for (const path of ["/hb_init", "/hb_ping", "/hb_done", "/a/b/hb_ping", "//hb_done"]) {
    for (const method of ["GET", "HEAD", "POST"]) assertEquals(of(method, path), "hilbert", path);
    assertEquals(of("DELETE", path), null);
  }
  for (const path of ["/list", "/status", "/x/list"]) {
    for (const method of ["GET", "HEAD"]) assertEquals(of(method, path), "hilbert", path);
    assertEquals(of("POST", path), null, "a beat like any other");
  }
  for (const path of ["/", "/hb_pings", "/hb_ping/", "/hb_ping/x", "/HB_PING", "/statuses"]) {
    assertEquals(of("GET", path), null, path);
  }
});

Deno.test("init and ping are beats, answered with the timeout in force", async () => {
  const bench = new Bench();
  assertEquals(await bench.say("/hb_init?4000&appid=Tetris"), "5000");
  assertEquals(await bench.say("/hb_ping?1725&appid=Tetris&cache_buster=17.5"), "2725");
  const [init, ping] = bench.taken.map(({ message }) => message);
  assertEquals(init?.payload, {
    ...{ ID: "HTB", name: "Tetris", signal: "init" },
    ...{ interval: 5, grace: 20 },
  });
  assertEquals(ping?.payload, {
    ...{ ID: "HTB", name: "Tetris", signal: "ping" },
    ...{ interval: 2.725, grace: 10.9 },
  });
  assertEquals(
    [ping?.kind, ping?.host, ping?.dialect, ping?.transport, ping?.ip, ping?.path],
    [
      "beat",
      "Tetris",
      "hilbert",
      "http",
      "192.0.2.7",
      "/hb_ping?1725&appid=Tetris&cache_buster=17.5",
    ],
  );
  assertEquals(bench.monitor.host("Tetris")?.total, 2);
});

Deno.test("a ping of an application that nobody knows is as good as its init", async () => {
  const bench = new Bench();
  assertEquals(await bench.say("/hb_ping?0&appid=New", { method: "POST" }), "1000");
  assertEquals(bench.monitor.host("New")?.state, "up");
});

Deno.test("answers are plain text for everybody, and nobody keeps them", async () => {
  const bench = new Bench();
  const targets = ["/hb_ping?1&appid=A", "/hb_ping", "/hb_done?appid=A", "/list", "/status"];
  for (const target of targets) {
    const { headers } = await bench.ask(target);
    assertEquals(headers.get("content-type"), "text/plain", target);
    assertEquals(headers.get("access-control-allow-origin"), "*", target);
    assertEquals(headers.get("cache-control"), "no-store", target);
  }
});

Deno.test("the timeout is the first item of the query without a name, and a second more", () => {
  const year = 31_536_000_000;
  const rows: readonly (readonly [string, string, number])[] = [
    // Missing it is 0.
    ["", "1000", 1000],
    ["?", "1000", 1000],
    ["?appid=A", "1000", 1000],
    ["?&appid=A", "1000", 1000],
    ["?0&appid=A", "1000", 1000],
    ["?1725&appid=A", "2725", 2725],
    // The order is free, and what has a name is not meant.
    ["?appid=A&1725", "2725", 2725],
    ["?cache_buster=99&appid=A&1725&x=3", "2725", 2725],
    // The first one counts.
    ["?1725&99999&appid=A", "2725", 2725],
    ["?1725&junk&appid=A", "2725", 2725],
    // As people and programs write numbers.
    ["?%31%37%32%35&appid=A", "2725", 2725],
    ["?%205&appid=A", "1005", 1005],
    ["?+5&appid=A", "1005", 1005],
    ["?5%20&appid=A", "1005", 1005],
    ["?%2B5&appid=A", "1005", 1005],
    ["?007&appid=A", "1007", 1007],
    ["?-0&appid=A", "1000", 1000],
    ["?1.5&appid=A", "1001.5", 1001.5],
    ["?1500.0&appid=A", "2500", 2500],
    ["?.5&appid=A", "1000.5", 1000.5],
    ["?1e3&appid=A", "2000", 2000],
    // However long it is.
    [`?${year}&appid=A`, "31536001000", year + 1000],
    ["?99999999999999999999999&appid=A", "100000000000000000000999", 1e23],
    ["?1e21&appid=A", "1000000000000000001000", 1e21],
  ];
  for (const [target, text, ms] of rows) assertEquals(timeoutOf(target), { ms, text }, target);
});

Deno.test("what is no number of milliseconds from 0 on is refused, and said why", () => {
  const rows = [
    ...["-1", "-0.1", "abc", "NaN", "Infinity", "-Infinity", "1e400", "9".repeat(400), "0x10"],
    ...["1_000", "1,5", "5s", "%20", "%0A", "%FF", "1%002", "--1", "1e", "e3", ".", "%"],
  ];
  for (const item of rows) {
    const problem = timeoutOf(`/hb_ping?${item}&appid=A`);
    if (typeof problem !== "string") throw new Error(`${item} is taken for ${problem.text}`);
    assertStringIncludes(problem, "must be a number of milliseconds, 0 or more: got ");
    assertEquals(problem.length < 150, true);
  }
});

Deno.test("a timeout over a year is watched as a year, and answered as it is", async () => {
  const bench = new Bench();
  assertEquals(await bench.say("/hb_ping?99999999999999&appid=Voyager"), "100000000000999");
  const { intervalMs, graceMs } = bench.monitor.host("Voyager") ?? {};
  assertEquals([intervalMs, graceMs], [31_536_000_000, 31_536_000_000]);
});

Deno.test("a request that makes no sense is refused in words, and is no beat", async () => {
  const bench = new Bench();
  assertStringIncludes(await bench.error("/hb_ping?1000"), "ERROR: appid is missing");
  assertStringIncludes(await bench.error("/hb_init?1000&appid="), "appid is missing");
  assertStringIncludes(await bench.error("/hb_done?0"), "appid is missing");
  assertStringIncludes(await bench.error("/hb_ping?-1&appid=A"), 'got "-1"');
  assertStringIncludes(await bench.error("/hb_done?soon&appid=A"), 'got "soon"');
  assertStringIncludes(await bench.error("/hb_ping?1&appid=a%0Ab"), "control characters: U+000A");
  assertStringIncludes(await bench.error(`/hb_ping?1&appid=${"x".repeat(256)}`), "255 characters");
  const body = "appid=InTheBody";
  assertStringIncludes(
    await bench.error("/hb_ping?1", { method: "POST", body }),
    "appid is missing",
  );
  assertEquals(bench.hosts(), []);
});

Deno.test("a body says nothing, but it must be bounded", async () => {
  const bench = new Bench({ maxBodyBytes: 20 });
  const post = (body: string) => ({ method: "POST", body });
  assertEquals(await bench.say("/hb_ping?1&appid=A", post('{"appid":"B"}')), "1001");
  await bench.error("/hb_ping?1&appid=A", post("x".repeat(21)), 413);
  assertEquals(bench.hosts(), ["A"]);
});

Deno.test("done says goodbye, and takes the application away until it is back", async () => {
  const bench = new Bench();
  await bench.say("/hb_init?1000&appid=Tetris");
  assertEquals(await bench.say("/hb_done?0&appid=Tetris", { method: "POST" }), GOODBYE);
  assertEquals(bench.monitor.host("Tetris")?.state, "shutdown");
  assertEquals(await bench.say("/list"), "");
  assertEquals(
    await bench.say("/status?appid=Tetris"),
    "CRITICAL - no application record for queried ID: [Tetris]",
  );
  assertEquals(await bench.say("/hb_done?appid=Tetris"), GOODBYE);
  await bench.say("/hb_ping?1000&appid=Tetris");
  assertEquals(await bench.say("/list"), "Tetris");
  assertEquals(bench.monitor.host("Tetris")?.state, "up");
});

Deno.test("done of somebody who never beat in this dialect changes nobody", async () => {
  const bench = new Bench();
  assertEquals(await bench.say("/hb_done?0&appid=Nobody"), GOODBYE);
  assertEquals(bench.hosts(), []);
  assertEquals(bench.taken, []);
});

Deno.test("a host that must prove who it is cannot be spoken for without its token", async () => {
  const bench = new Bench({ guard: { tokens: new Map([["Safe", "0123456789abcdef"]]) } });
  const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
  assertStringIncludes(await bench.error("/hb_ping?1&appid=Safe", {}, 401), "must prove");
  await bench.error("/hb_ping?1&appid=Safe", bearer("wrong"), 401);
  assertEquals(bench.refused, ["unsigned", "bad_token"]);
  assertEquals(await bench.say("/hb_ping?1&appid=Safe", bearer("0123456789abcdef")), "1001");
  const { status, headers } = await bench.ask("/hb_done?1&appid=Safe");
  assertEquals([status, headers.get("www-authenticate")], [401, "Bearer"]);
});

Deno.test("one host too many is refused in words", async () => {
  const bench = new Bench({ watch: { maxHosts: 1 } });
  await bench.say("/hb_ping?1&appid=A");
  assertStringIncludes(await bench.error("/hb_ping?1&appid=B", {}, 429), "max_hosts (1)");
  assertEquals(await bench.say("/hb_ping?1&appid=A"), "1001");
});

Deno.test("the list has a comma and a newline between its names", async () => {
  const bench = new Bench();
  assertEquals(await bench.say("/list"), "");
  for (const id of ["Sonic", "Zelda", "K%C3%BCche%201"]) await bench.say(`/hb_ping?9&appid=${id}`);
  assertEquals(await bench.say("/list"), "Sonic,\nZelda,\nKüche 1");
  assertEquals(await bench.say("/kiosk/list?cache_buster=1"), "Sonic,\nZelda,\nKüche 1");
});

Deno.test("the state of an application goes by its silence, in timeouts", () => {
  const line = (silenceMs: number) => {
    const application = liveApplication({ name: "Tetris", silenceMs, intervalMs: 2725 });
    return application === null ? null : applicationText(application);
  };
  const values = (od: string) => ` application [Tetris]| od=${od};3;5;0;6 delay=2725ms;;;`;
  const rows: readonly (readonly [number, string | null])[] = [
    [0, `OK - fine${values("0.00")}`],
    [1.83, `OK - fine${values("1.83")}`],
    [2.99, `OK - fine${values("2.99")}`],
    // Judged before it is rounded.
    [2.9999, `OK - fine${values("3.00")}`],
    [3, `WARNING - somewhat late${values("3.00")}`],
    [4.9999, `WARNING - somewhat late${values("5.00")}`],
    [5, `CRITICAL - quite late${values("5.00")}`],
    [5.99, `CRITICAL - quite late${values("5.99")}`],
    [6, null],
    [600, null],
  ];
  for (const [overdue, text] of rows) assertEquals(line(overdue * 2725), text, String(overdue));
  // A clock that was put back.
  assertEquals(line(-50), `OK - fine${values("0.00")}`);
  const nobody = { name: "Tetris", silenceMs: null, intervalMs: 2725 };
  assertEquals(liveApplication(nobody), null);
  assertEquals(liveApplication({ ...nobody, silenceMs: 1, intervalMs: null }), null);
});

Deno.test("an application grows late, critical and unknown while it is silent", async () => {
  const bench = new Bench();
  await bench.say("/hb_ping?1000&appid=Tetris");
  const after = async (ms: number) => {
    bench.wait(ms);
    const text = await bench.say("/status?0&appid=Tetris");
    assertEquals(await bench.say("/status"), text);
    return text.replace(/ application \[Tetris\]\| od=([\d.]+);3;5;0;6 delay=2000ms;;;$/, " $1");
  };
  assertEquals(await after(0), "OK - fine 0.00");
  assertEquals(await after(3660), "OK - fine 1.83");
  assertEquals(await after(2339), "OK - fine 3.00");
  assertEquals(await after(1), "WARNING - somewhat late 3.00");
  assertEquals(await after(3999), "WARNING - somewhat late 5.00");
  assertEquals(bench.monitor.host("Tetris")?.state, "up");
  // Five timeouts: both agree that it is down.
  assertEquals(await after(1), "CRITICAL - quite late 5.00");
  // The monitor looks a few times a second.
  bench.wait(500);
  assertEquals(bench.monitor.host("Tetris")?.state, "down");
  assertEquals(await after(1499), "CRITICAL - quite late 6.00");
  bench.wait(1);
  assertEquals(
    await bench.say("/status?0&appid=Tetris"),
    "CRITICAL - no application record for queried ID: [Tetris]",
  );
  assertEquals(await bench.say("/status"), "UNKNOWN - no heartbeat clients at the moment...");
  assertEquals(await bench.say("/list"), "");
  // The host is not forgotten by that, and comes back.
  assertEquals(bench.monitor.host("Tetris")?.state, "down");
  await bench.say("/hb_ping?1000&appid=Tetris");
  assertEquals(await after(0), "OK - fine 0.00");
  assertEquals(bench.monitor.host("Tetris")?.state, "up");
});

Deno.test("several applications are a warning, unless one of them is asked for", async () => {
  const bench = new Bench();
  for (const id of ["Tetris", "Zelda", "Sonic"]) await bench.say(`/hb_ping?1754&appid=${id}`);
  assertEquals(
    await bench.say("/status"),
    "WARNING - multiple (3) applications: [Tetris,Zelda,Sonic]",
  );
  assertEquals(
    await bench.say("/status?0&appid=Zelda"),
    "OK - fine application [Zelda]| od=0.00;3;5;0;6 delay=2754ms;;;",
  );
  assertEquals(
    await bench.say("/status?appid=no%0Abody"),
    "CRITICAL - no application record for queried ID: [no\u{FFFD}body]",
  );
});

Deno.test("what somebody may not see is not there for them", async () => {
  const bench = new Bench({ hidden: ["Secret"] });
  await bench.say("/hb_ping?1000&appid=Secret");
  await bench.say("/hb_ping?1000&appid=Tetris");
  assertEquals(await bench.say("/list"), "Tetris");
  assertStringIncludes(await bench.say("/status"), "OK - fine application [Tetris]");
  assertEquals(
    await bench.say("/status?appid=Secret"),
    "CRITICAL - no application record for queried ID: [Secret]",
  );
});
