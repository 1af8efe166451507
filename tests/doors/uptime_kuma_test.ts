/** Pushes as Uptime Kuma's clients send them: what they mean here, and how they are answered. */

import { assertEquals } from "@std/assert";
import { uptimeKuma } from "../../src/doors/uptime_kuma.ts";
import { type BenchOptions, PingBench } from "./ping_support.ts";

const TOKEN = "t7VxQ2mZpLr9KdWb4NcYhE6sGj3uFa8T";
const IDS = { hostsById: new Map([[TOKEN, "nas"]]) };
const PUSH = `/api/push/${TOKEN}`;
const OK = [200, '{"ok":true}'] as const;
const NOT_FOUND = [404, '{"ok":false,"msg":"Monitor not found or not active."}'] as const;

const bench = (options: BenchOptions = { pings: IDS }) => new PingBench([uptimeKuma], options);

Deno.test("a push is a beat of the host that has its token, by any method", async () => {
  const kuma = bench();
  for (const method of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]) {
    assertEquals(await kuma.say(`${PUSH}?status=up&msg=OK&ping=`, { method }), OK);
  }
  assertEquals(kuma.host("nas").total, 6);
  assertEquals(kuma.host("nas").report?.dialect, "uptime_kuma");
  assertEquals(kuma.last.path, "/api/push/…");
  assertEquals(await kuma.say(`${PUSH}/`), OK);
  assertEquals(await kuma.say(PUSH), OK);
  assertEquals(kuma.fields.signal, "up");
});

Deno.test("an answer is JSON as the original's", async () => {
  const answered = await bench().ask(PUSH);
  assertEquals(answered?.headers.get("content-type"), "application/json; charset=utf-8");
  assertEquals(answered?.headers.get("access-control-allow-origin"), null);
});

Deno.test("a ping is the round trip, where it is a number that can be one", async () => {
  const pings = [["12.5", 12.5], ["0", 0], ["7ms", 7], ["", null], ["-1", null], [
    "x",
    null,
  ]] as const;
  for (const [ping, rttMs] of pings) {
    const kuma = bench();
    assertEquals(await kuma.say(`${PUSH}?ping=${ping}`), OK);
    assertEquals(kuma.last.kind === "beat" && kuma.last.rttMs, rttMs, ping);
  }
});

Deno.test("every status but up is down, and its message the reason", async () => {
  const reasons = [
    ["status=down&msg=disk+is+full", "disk is full"],
    ["status=down&msg=OK&ping=", "status down"],
    ["status=down", "status down"],
    ["status=0&msg=%0Aa%0Ab", "a b"],
    ["status=UP", "status UP"],
  ];
  for (const [query, reason] of reasons) {
    const kuma = bench();
    assertEquals(await kuma.say(`${PUSH}?${query}`), OK);
    assertEquals(kuma.last.kind === "fail" && kuma.last.reason, reason, query);
    assertEquals(kuma.host("nas").state, "down");
    assertEquals(await kuma.say(`${PUSH}?status=&msg=again`), OK);
    assertEquals([kuma.host("nas").state, kuma.fields.msg], ["up", "again"]);
  }
});

Deno.test("an unknown token is not found, and not the name of a new host", async () => {
  const kuma = bench();
  for (const token of ["other-token", TOKEN.toLowerCase(), `${TOKEN}/x`, "", "nas"]) {
    assertEquals(await kuma.say(`/api/push/${token}`), NOT_FOUND, token);
  }
  assertEquals(kuma.taken, []);
  assertEquals((await kuma.say("/api/push/%f"))?.[0], 400);
});

Deno.test("the name of a known host will do, and any where pings make hosts", async () => {
  const kuma = bench();
  await kuma.say(PUSH);
  assertEquals(await kuma.say("/api/push/nas"), OK);
  const open = bench({ pings: { create: true } });
  assertEquals(await open.say("/api/push/K%C3%BCche?status=down"), OK);
  assertEquals(open.host("Küche").state, "down");
});

Deno.test("the token of a guarded host is proof, its name is none", async () => {
  const guard = { tokens: new Map([["nas", "the token of nas"]]) };
  const kuma = bench({ guard, pings: IDS });
  assertEquals(await kuma.say(PUSH), OK);
  const [status, text] = await kuma.say("/api/push/nas") ?? [];
  assertEquals([status, JSON.parse(text ?? "").ok], [401, false]);
});

Deno.test("a body says nothing, but is bounded", async () => {
  const kuma = bench({ pings: IDS, maxBodyBytes: 10 });
  assertEquals(await kuma.say(PUSH, { method: "POST", body: "0123456789" }), OK);
  assertEquals((await kuma.say(PUSH, { method: "POST", body: "0123456789x" }))?.[0], 413);
});

Deno.test("the API of our own and the question of a browser are left to others", () => {
  assertEquals(uptimeKuma.speaks("GET", "/api/0/hosts"), false);
  assertEquals(uptimeKuma.speaks("POST", "/api/push"), false);
  assertEquals(uptimeKuma.speaks("OPTIONS", PUSH), false);
});

Deno.test("where pings by name need a key, a name is no token", async () => {
  const kuma = bench({ pings: { ...IDS, keys: ["a-long-secret"] } });
  await kuma.say(PUSH);
  assertEquals(await kuma.say("/api/push/nas?status=down"), NOT_FOUND);
  assertEquals(kuma.host("nas").state, "up");
});
