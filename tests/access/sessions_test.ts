/** Who is logged in, for how long, and what ends it. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { ApiKeys, TooManyKeys } from "../../src/access/api_keys.ts";
import type { RecordStore } from "../../src/access/records.ts";
import { Sessions } from "../../src/access/sessions.ts";
import { KvStore } from "../../src/store/kv.ts";
import { MemoryStore } from "../../src/store/memory.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

class Scene {
  nowMs = 1_777_000_000_000;
  lifetimeMs = 30 * DAY_MS;
  readonly passwords = new Map<string, string | null>([["alice", "hash a"], ["bob", "hash b"]]);
  readonly store: RecordStore;

  constructor(store: RecordStore = new MemoryStore()) {
    this.store = store;
  }

  /** As after a start of the server. */
  async sessions(): Promise<Sessions> {
    const sessions = new Sessions(this.store, {
      nowMs: () => this.nowMs,
      lifetimeMs: () => this.lifetimeMs,
      passwordOf: (user) => this.passwords.get(user) ?? null,
    });
    await sessions.load();
    return sessions;
  }
}

Deno.test("a session is found by its token and by nothing else", async () => {
  const scene = new Scene();
  const sessions = await scene.sessions();
  const { token, id, expiresMs } = await sessions.create("alice", "Firefox");
  assertMatch(token, /^[\w-]{43}$/);
  const found = sessions.find(token);
  assertEquals(found, {
    id,
    user: "alice",
    createdMs: scene.nowMs,
    usedMs: scene.nowMs,
    expiresMs: scene.nowMs + 30 * DAY_MS,
    userAgent: "Firefox",
  });
  assertEquals(expiresMs, found?.expiresMs);
  for (const wrong of ["", id, `${token}x`, token.slice(1), "alice"]) {
    assertEquals(sessions.find(wrong), null);
  }
});

Deno.test("the store has no token, and after a restart the session is still there", async () => {
  await using store = await KvStore.open(":memory:");
  const scene = new Scene(store);
  const { token } = await (await scene.sessions()).create("alice", "\ud800".repeat(300));
  const records = await store.loadRecords("session");
  assertEquals(records.size, 1);
  assert(!JSON.stringify([...records]).includes(token));
  assert(!JSON.stringify([...records]).includes("hash a"), "nor the hash of the password");
  assertEquals((await scene.sessions()).find(token)?.user, "alice");
});

Deno.test("a session ends when it was not used for the lifetime, and not before", async () => {
  const scene = new Scene();
  const sessions = await scene.sessions();
  const { token, id } = await sessions.create("alice");
  scene.nowMs += 30 * DAY_MS - 1;
  assertEquals(sessions.find(token)?.expiresMs, scene.nowMs + 30 * DAY_MS, "used: prolonged");
  scene.nowMs += 30 * DAY_MS - 1;
  assert(sessions.isAlive(id));
  scene.nowMs += 1;
  assert(!sessions.isAlive(id), "asking whether it is there was no use of it");
  assertEquals(sessions.find(token), null);
  await sessions.settled();
  assertEquals((await scene.store.loadRecords("session")).size, 0, "and is forgotten");
});

Deno.test("its use is written at most once an hour, and outlives a restart", async () => {
  const scene = new Scene();
  let writes = 0;
  const store: RecordStore = {
    saveRecord: (...args) => (writes++, scene.store.saveRecord(...args)),
    removeRecord: (...args) => scene.store.removeRecord(...args),
    loadRecords: (kind) => scene.store.loadRecords(kind),
  };
  const sessions = await new Scene(store).sessions();
  const other = new Scene(store);
  const mine = await other.sessions();
  const { token } = await mine.create("alice");
  assertEquals(writes, 1);
  for (let minute = 0; minute < 180; minute++) {
    other.nowMs += 60_000;
    assert(mine.find(token));
  }
  await mine.settled();
  assertEquals(writes, 4);
  other.nowMs += 30 * DAY_MS - 1;
  assertEquals((await other.sessions()).find(token)?.user, "alice");
  await sessions.settled();
});

Deno.test("a shorter lifetime in the configuration counts for old sessions too", async () => {
  const scene = new Scene();
  const sessions = await scene.sessions();
  const { token } = await sessions.create("alice");
  scene.nowMs += 2 * HOUR_MS;
  scene.lifetimeMs = HOUR_MS;
  assertEquals(sessions.find(token), null);
});

Deno.test("a clock that is set back neither ends a session nor makes it endless", async () => {
  const scene = new Scene();
  const sessions = await scene.sessions();
  const { token } = await sessions.create("alice");
  scene.nowMs -= 100 * DAY_MS;
  assertEquals(sessions.find(token)?.expiresMs, scene.nowMs + 30 * DAY_MS);
});

Deno.test("another password, or no user any more, ends all sessions of the user", async () => {
  const scene = new Scene();
  const sessions = await scene.sessions();
  const [alice, bob] = [await sessions.create("alice"), await sessions.create("bob")];
  scene.passwords.set("alice", "hash a, new");
  assertEquals(sessions.find(alice.token), null);
  assertEquals(sessions.find(bob.token)?.user, "bob");
  scene.passwords.set("alice", "hash a");
  assertEquals(sessions.find(alice.token), null, "it does not come back with the old one");
  scene.passwords.delete("bob");
  assertEquals(sessions.isAlive(bob.id), false);
  const nobody = await sessions.create("nobody");
  assertEquals(sessions.find(nobody.token), null);
  await sessions.settled();
});

Deno.test("logging out ends one session, or all of a user", async () => {
  const scene = new Scene();
  const sessions = await scene.sessions();
  const tokens: string[] = [];
  for (let n = 0; n < 3; n++) {
    tokens.push((await sessions.create("alice", `agent ${n}`)).token);
    scene.nowMs += 1000;
  }
  const bob = await sessions.create("bob");
  assertEquals(await sessions.end(tokens[0] ?? ""), true);
  assertEquals(await sessions.end(tokens[0] ?? ""), false);
  assertEquals(sessions.find(tokens[0] ?? ""), null);
  assertEquals(sessions.listOf("alice").map(({ userAgent }) => userAgent), ["agent 2", "agent 1"]);
  assertEquals(await sessions.endAllOf("alice"), 2);
  assertEquals(sessions.listOf("alice"), []);
  assertEquals(sessions.find(bob.token)?.user, "bob");
  assertEquals((await scene.sessions()).find(tokens[1] ?? ""), null);
});

Deno.test("a user has at most 50 sessions: the one unused for the longest time goes", async () => {
  const scene = new Scene();
  const sessions = await scene.sessions();
  const tokens: string[] = [];
  for (let n = 0; n < 50; n++) {
    tokens.push((await sessions.create("alice")).token);
    scene.nowMs += 1000;
  }
  assert(sessions.find(tokens[0] ?? ""));
  await sessions.create("bob");
  scene.nowMs += 1000;
  await sessions.create("alice");
  assertEquals(sessions.listOf("alice").length, 50);
  assert(sessions.find(tokens[0] ?? ""), "just used");
  assertEquals(sessions.find(tokens[1] ?? ""), null);
  await sessions.settled();
  assertEquals((await scene.store.loadRecords("session")).size, 51);
});

Deno.test("what has ended is forgotten at the start, and in the course of an hour", async () => {
  const scene = new Scene();
  const sessions = await scene.sessions();
  await scene.store.saveRecord("session", "broken", { user: 5 });
  await sessions.create("alice");
  scene.nowMs += 31 * DAY_MS;
  await sessions.create("bob");
  await sessions.settled();
  assertEquals((await scene.store.loadRecords("session")).size, 2);
  await (await scene.sessions()).settled();
  assertEquals((await scene.store.loadRecords("session")).size, 1);
});

Deno.test("a store that fails lets nobody in who would be out after a restart", async () => {
  const failing: RecordStore = {
    saveRecord: () => Promise.reject(new Error("disk full")),
    removeRecord: () => Promise.reject(new Error("disk full")),
    loadRecords: () => Promise.resolve(new Map()),
  };
  const sessions = await new Scene(failing).sessions();
  await assertRejects(() => sessions.create("alice"), Error, "disk full");
  assertEquals(sessions.listOf("alice"), []);
});

async function keysOf(scene: Scene): Promise<ApiKeys> {
  const keys = new ApiKeys(scene.store, {
    nowMs: () => scene.nowMs,
    isUser: (user) => scene.passwords.has(user),
  });
  await keys.load();
  return keys;
}

Deno.test("a key is found by its secret, which the store does not have", async () => {
  await using store = await KvStore.open(":memory:");
  const scene = new Scene(store);
  const keys = await keysOf(scene);
  const { secret, key } = await keys.create("alice", "backup script", true);
  assertMatch(secret, /^hbk_[\w-]{43}$/);
  const expected = {
    id: key.id,
    user: "alice",
    name: "backup script",
    readOnly: true,
    createdMs: scene.nowMs,
  };
  assertEquals(keys.listOf("alice"), [{ ...expected, lastUsedMs: null }]);
  scene.nowMs += 5000;
  assertEquals(keys.find(secret), { ...expected, lastUsedMs: scene.nowMs });
  assertEquals(keys.listOf("alice"), [{ ...expected, lastUsedMs: scene.nowMs }]);
  for (const wrong of ["", "hbk_", `${secret}x`, secret.slice(4), key.id]) {
    assertEquals(keys.find(wrong), null);
  }
  assert(!JSON.stringify([...await store.loadRecords("api_key")]).includes(secret.slice(4)));
  assertEquals((await keysOf(scene)).find(secret)?.name, "backup script", "after a restart");
});

Deno.test("a key is revoked by its owner alone, and ends with its owner", async () => {
  const scene = new Scene();
  const keys = await keysOf(scene);
  const [one, other] = [
    await keys.create("alice", "one", false),
    await keys.create("alice", "other", false),
  ];
  assertEquals(await keys.revoke("bob", one.key.id), false);
  assertEquals(keys.find(one.secret)?.user, "alice");
  assertEquals(await keys.revoke("alice", one.key.id), true);
  assertEquals(await keys.revoke("alice", one.key.id), false);
  assertEquals(keys.find(one.secret), null);
  assertEquals((await keysOf(scene)).find(one.secret), null);
  scene.passwords.delete("alice");
  assertEquals(keys.find(other.secret), null);
});

Deno.test("a user has at most 50 keys, however many are asked for at once", async () => {
  const scene = new Scene();
  const keys = await keysOf(scene);
  const results = await Promise.allSettled(
    Array.from({ length: 60 }, (_, n) => keys.create("alice", `k${n}`, false)),
  );
  const refused = results.filter(({ status }) => status === "rejected");
  assertEquals([refused.length, keys.listOf("alice").length], [10, 50]);
  await assertRejects(() => keys.create("alice", "more", false), TooManyKeys, "50");
  await keys.create("bob", "mine", false);
});
