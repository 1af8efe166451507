/** Passwords can be tried only so often, and nobody is locked out by strangers. */

import { assert, assertEquals } from "@std/assert";
import { Login } from "../../src/access/login.ts";
import { LoginLimit, networkOf } from "../../src/access/login_limit.ts";
import { hashPassword, PasswordDesk } from "../../src/access/password.ts";
import { Sessions } from "../../src/access/sessions.ts";
import { MemoryStore } from "../../src/store/memory.ts";

const MINUTE_MS = 60_000;

class Clock {
  nowMs = 1_777_000_000_000;
}

function limitOf(clock: Clock): LoginLimit {
  return new LoginLimit(() => clock.nowMs);
}

Deno.test("after ten failures one waits, until the first of them is 15 minutes old", () => {
  const clock = new Clock();
  const limit = limitOf(clock);
  for (let n = 0; n < 10; n++) {
    assertEquals(limit.begin("alice", "192.0.2.1"), 0);
    clock.nowMs += MINUTE_MS;
  }
  assertEquals(limit.begin("alice", "192.0.2.1"), 5 * 60);
  clock.nowMs += 5 * MINUTE_MS - 1;
  assertEquals(limit.begin("alice", "192.0.2.1"), 1);
  clock.nowMs += 1;
  assertEquals(limit.begin("alice", "192.0.2.1"), 0);
  assertEquals(limit.begin("alice", "192.0.2.1"), 60, "and then for each once more");
});

Deno.test("an address is limited whatever users it tries, a user whatever the addresses", () => {
  const limit = limitOf(new Clock());
  for (let n = 0; n < 10; n++) assertEquals(limit.begin(`user ${n}`, "192.0.2.1"), 0);
  assert(limit.begin("another", "192.0.2.1") > 0);
  assertEquals(limit.begin("another", "192.0.2.2"), 0);
  for (let n = 0; n < 10; n++) assertEquals(limit.begin("alice", `198.51.100.${n}`), 0);
  assert(limit.begin("alice", "198.51.100.99") > 0);
  assertEquals(limit.begin("bob", "198.51.100.99"), 0);
});

Deno.test("where a user has logged in before, strangers elsewhere do not lock that user out", () => {
  const clock = new Clock();
  const limit = limitOf(clock);
  assertEquals(limit.begin("alice", "192.0.2.1"), 0);
  limit.succeeded("alice", "192.0.2.1");
  for (let n = 0; n < 10; n++) assertEquals(limit.begin("alice", `198.51.100.${n}`), 0);
  assert(limit.begin("alice", "203.0.113.1") > 0);
  for (let n = 0; n < 10; n++) assertEquals(limit.begin("alice", "192.0.2.1"), 0);
  assert(limit.begin("alice", "192.0.2.1") > 0, "but from there, too, only so often");
});

Deno.test("logging in with one's own password buys no more tries at another's", () => {
  const limit = limitOf(new Clock());
  for (let n = 0; n < 10; n++) {
    assertEquals(limit.begin("alice", "192.0.2.1"), 0);
    if (limit.begin("mallory", "192.0.2.1") === 0) limit.succeeded("mallory", "192.0.2.1");
  }
  assert(limit.begin("alice", "192.0.2.1") > 0);
});

Deno.test("success takes one's own failures back", () => {
  const limit = limitOf(new Clock());
  for (let n = 0; n < 9; n++) limit.begin("alice", "192.0.2.1");
  assertEquals(limit.begin("alice", "192.0.2.1"), 0);
  limit.succeeded("alice", "192.0.2.1");
  for (let n = 0; n < 10; n++) assertEquals(limit.begin("alice", "192.0.2.1"), 0);
  for (let n = 0; n < 10; n++) assertEquals(limit.begin(`user ${n}`, "192.0.2.1"), 0);
});

Deno.test("what was not tried does not count", () => {
  const limit = limitOf(new Clock());
  for (let n = 0; n < 100; n++) {
    assertEquals(limit.begin("alice", "192.0.2.1"), 0);
    limit.undone("alice", "192.0.2.1");
  }
});

Deno.test("what was not tried pushes out nothing that was", () => {
  const limit = limitOf(new Clock());
  for (let n = 0; n < 10; n++) limit.begin("alice", "192.0.2.1");
  for (let n = 0; n < 60_000; n++) {
    limit.begin(`user ${n}`, "192.0.2.2");
    limit.undone(`user ${n}`, "192.0.2.2");
  }
  assert(limit.begin("alice", "192.0.2.3") > 0);
});

Deno.test("a clock that is set back makes nobody wait longer", () => {
  const clock = new Clock();
  const limit = limitOf(clock);
  for (let n = 0; n < 10; n++) limit.begin("alice", "192.0.2.1");
  clock.nowMs -= 1000 * MINUTE_MS;
  assertEquals(limit.begin("alice", "192.0.2.1"), 0);
});

Deno.test("so many made-up users as to fill the memory make it forget the oldest", () => {
  const limit = limitOf(new Clock());
  for (let n = 0; n < 10; n++) assertEquals(limit.begin("alice", "192.0.2.1"), 0);
  assert(limit.begin("alice", "192.0.2.1") > 0);
  for (let n = 0; n < 30_000; n++) limit.begin(`user ${n}`.padEnd(5000, "x"), `10.0.0.${n}`);
  assertEquals(limit.begin("alice", "192.0.2.1"), 0);
});

Deno.test("IPv6 addresses of one network are one", () => {
  assertEquals(networkOf("2001:db8:1:2::1"), networkOf("2001:0db8:0001:0002:ffff:1:2:3"));
  assertEquals(networkOf("2001:db8::1"), networkOf("2001:db8:0:0:1::"));
  assertEquals(networkOf("::1"), "0:0:0:0::/64");
  assertEquals(networkOf("fe80::1%eth0"), networkOf("FE80::2"));
  assert(networkOf("2001:db8:1:2::1") !== networkOf("2001:db8:1:3::1"));
  assertEquals(networkOf("::ffff:192.0.2.1"), "192.0.2.1");
  assertEquals(networkOf("192.0.2.1"), "192.0.2.1");
  assertEquals(networkOf("unix"), "unix");
});

async function scene() {
  const clock = new Clock();
  const passwords = new Map<string, string | null>([
    ["alice", await hashPassword("correct horse", 1000)],
    ["carol", null],
  ]);
  const sessions = new Sessions(new MemoryStore(), {
    nowMs: () => clock.nowMs,
    lifetimeMs: () => 3_600_000,
    passwordOf: (user) => passwords.get(user) ?? null,
  });
  const login = new Login({
    passwords: () => passwords,
    sessions,
    limit: limitOf(clock),
    desk: new PasswordDesk(),
  });
  return { clock, passwords, sessions, login };
}

Deno.test("whoever knows the password gets a session", async () => {
  const { login, sessions, clock } = await scene();
  const result = await login.login("alice", "correct horse", "192.0.2.1", "curl/8");
  assert(result.ok);
  assertEquals(result.expiresMs, clock.nowMs + 3_600_000);
  assertEquals(sessions.find(result.token)?.user, "alice");
  assertEquals(sessions.listOf("alice")[0]?.userAgent, "curl/8");
});

Deno.test("the answer is the same for a wrong password, no such user and no password", async () => {
  const { login } = await scene();
  for (const user of ["alice", "bob", "carol", "", "__proto__"]) {
    assertEquals(await login.login(user, "wrong", "192.0.2.1"), { ok: false, reason: "wrong" });
    assertEquals(await login.login(user, "", "192.0.2.2"), { ok: false, reason: "wrong" });
  }
});

Deno.test("the eleventh failure at once is limited, for users who exist and who do not", async () => {
  for (const user of ["alice", "bob"]) {
    const { login } = await scene();
    const results = await Promise.all(
      Array.from({ length: 12 }, () => login.login(user, "wrong", "192.0.2.1")),
    );
    assertEquals(results.filter((result) => !result.ok && result.reason === "wrong").length, 10);
    const limited = { ok: false, reason: "limited", retryAfterS: 900 } as const;
    assertEquals(results.slice(10), [limited, limited]);
    assertEquals(await login.login(user, "correct horse", "192.0.2.1"), limited);
  }
});

Deno.test("too many at once are told that the server is busy, and it counts for nobody", async () => {
  const { login } = await scene();
  const results = await Promise.all(
    Array.from({ length: 40 }, (_, n) => login.login(`u${n}`, "wrong", `192.0.2.${n}`)),
  );
  const busy = results.filter((result) => !result.ok && result.reason === "busy");
  assertEquals(busy.length, 8);
  assertEquals(busy[0], { ok: false, reason: "busy", retryAfterS: 5 });
});

Deno.test("a password that changes while it is verified lets nobody in", async () => {
  const { login, passwords, sessions } = await scene();
  const trying = login.login("alice", "correct horse", "192.0.2.1");
  passwords.set("alice", await hashPassword("another", 1));
  assertEquals(await trying, { ok: false, reason: "wrong" });
  assertEquals(sessions.listOf("alice"), []);
});
