/** Logging in and out, keys, and who a request is from behind proxies. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { hashPassword } from "../../src/access/password.ts";
import { addressedHosts, clientAddress } from "../../src/web/client_address.ts";
import { asUser, inBrowser, peopleBench } from "./people.ts";
import { type Answered, type Asked, Bench, START_S } from "./support.ts";

const HASH = await hashPassword("right password", 1000);

const CONFIG = `
users:
  alice: { password: "${HASH}", full_name: Alice Smith }
  silent: {}
session_hours: 2
trusted_proxies: [127.0.0.1, 10.0.0.0/8]
`;

const ALICE = { user: "alice", password: "right password" };

function login(bench: Bench, body: unknown, more: Asked = {}): Promise<Answered> {
  return bench.post("/api/0/auth/login", body, more);
}

/** The cookie of an answer, as a browser sends it back, and its attributes. */
function cookieOf({ headers }: Answered): { cookie: string; attributes: string[] } {
  const [cookie = "", ...attributes] = headers.get("set-cookie")?.split("; ") ?? [];
  return { cookie, attributes };
}

Deno.test("who logs in gets a token and a cookie that no script can read, until they log out", async () => {
  await using bench = await Bench.start({ config: CONFIG });
  const answer = await login(bench, ALICE, { from: "192.0.2.7" });
  assertEquals(answer.status, 200);
  const { token, user, expires } = answer.json;
  assertEquals([user, expires], ["alice", START_S + 7200]);
  assertEquals(answer.headers.get("cache-control"), "no-store");
  const { cookie, attributes } = cookieOf(answer);
  assertEquals(cookie, `hbd_session=${token}`);
  assertEquals(attributes, ["Path=/", "HttpOnly", "SameSite=Lax"]);

  const me = async (headers: Record<string, string>) =>
    (await bench.ask("/api/0/users/me", { headers })).json.user;
  assertEquals(await me({ cookie }), "alice");
  assertEquals(await me({ authorization: `Bearer ${token}` }), "alice");
  assertEquals(await me({ authorization: `bearer ${token}` }), "alice");
  assertEquals(await me({ "x-auth-token": token }), "alice");
  assertEquals(await me({ cookie: `other=1; ${cookie}; more=2` }), "alice");

  const out = await bench.post("/api/0/auth/logout", undefined, { headers: { cookie } });
  assertEquals([out.status, out.json], [200, { ended: true }]);
  assert(cookieOf(out).attributes.includes("Max-Age=0"));
  assertEquals(await me({ cookie }), null);
  assertEquals((await bench.ask("/api/0/hosts", { headers: { cookie } })).status, 401);
  const again = await bench.post("/api/0/auth/logout", undefined, { headers: { cookie } });
  assertEquals(again.json, { ended: false });
});

Deno.test("a cookie outlives the browser where that is wished, and is Secure under HTTPS", async () => {
  await using bench = await Bench.start({ config: CONFIG });
  const remembered = await login(bench, { ...ALICE, remember: true });
  assert(cookieOf(remembered).attributes.includes("Max-Age=7200"));
  const secure = async (asked: Asked) =>
    cookieOf(await login(bench, ALICE, asked)).attributes.includes("Secure");
  const proto = { "x-forwarded-proto": "https" };
  assertEquals(await secure({ headers: proto }), true);
  assertEquals(await secure({ headers: proto, from: "192.0.2.7" }), false);
  assertEquals(await secure({ headers: { "x-forwarded-proto": "http" } }), false);
  const request = new Request("https://localhost/api/0/auth/login", {
    method: "POST",
    headers: { host: "localhost", "content-type": "application/json" },
    body: JSON.stringify(ALICE),
  });
  assert(cookieOf(await bench.send(request, "192.0.2.7")).attributes.includes("Secure"));
});

Deno.test("a wrong password and an unknown user are answered alike", async () => {
  await using bench = await Bench.start({ config: CONFIG });
  const texts = new Set<string>();
  for (const user of ["alice", "nobody", "silent", "__proto__"]) {
    const answer = await login(bench, { user, password: "wrong" });
    assertEquals([answer.status, answer.json.error.code], [401, "unauthorized"]);
    assertEquals(answer.headers.get("set-cookie"), null);
    texts.add(answer.text);
  }
  assertEquals(texts.size, 1);
});

Deno.test("who tries too often must wait, by the address that the trusted proxies tell", async () => {
  await using bench = await Bench.start({ config: CONFIG });
  const from = (address: string) => ({ headers: { "x-forwarded-for": address } });
  let answer = await login(bench, { user: "u0", password: "x" }, from("203.0.113.9"));
  for (let n = 1; answer.status === 401 && n < 50; n++) {
    answer = await login(bench, { user: `u${n}`, password: "x" }, from("203.0.113.9"));
  }
  assertEquals([answer.status, answer.json.error.code], [429, "limited"]);
  const retryAfterS = Number(answer.headers.get("retry-after"));
  assert(Number.isInteger(retryAfterS) && retryAfterS >= 1, String(retryAfterS));
  // Not even with the right password, but from elsewhere it goes.
  assertEquals((await login(bench, ALICE, from("203.0.113.9"))).status, 429);
  assertEquals((await login(bench, ALICE, from("203.0.113.10"))).status, 200);
  bench.watch.nowMs += retryAfterS * 1000;
  assertEquals((await login(bench, ALICE, from("203.0.113.9"))).status, 200);
});

Deno.test("no page of another server logs its reader in or out", async () => {
  await using bench = await Bench.start({ config: CONFIG });
  const headers = { origin: "https://evil.example" };
  assertEquals((await login(bench, ALICE, { headers })).status, 403);
  assertEquals((await bench.post("/api/0/auth/logout", undefined, { headers })).status, 403);
});

Deno.test("a page that a trusted proxy brought is this server's own", async () => {
  await using bench = await Bench.start({ config: CONFIG });
  const headers = { origin: "https://hb.example.com", "x-forwarded-host": "hb.example.com" };
  assertEquals((await login(bench, ALICE, { headers })).status, 200);
  assertEquals((await login(bench, ALICE, { headers, from: "192.0.2.7" })).status, 403);
});

Deno.test("the same browser's pages may change something, whether it says so by one header or another", async () => {
  await using bench = await peopleBench();
  const { headers } = await inBrowser(bench, "olga");
  const pause = async (more: Record<string, string>) =>
    (await bench.post("/api/0/hosts/web1/pause", {}, { headers: { ...headers, ...more } })).status;
  assertEquals(await pause({ origin: "http://localhost:50004" }), 200);
  for (const site of ["same-origin", "none"]) {
    assertEquals(await pause({ "sec-fetch-site": site }), 200);
  }
  for (const site of ["same-site", "cross-site", "x"]) {
    assertEquals(await pause({ "sec-fetch-site": site }), 403, site);
  }
});

Deno.test("the owner of a key makes it, sees that it is used, and revokes it", async () => {
  await using bench = await peopleBench();
  const asked = await inBrowser(bench, "olga");
  const keys = "/api/0/users/me/keys";
  const made = await bench.post(keys, { name: "grafana", read_only: false }, asked);
  const { secret, id, ...rest } = made.json;
  assertEquals([made.status, rest], [201, {
    name: "grafana",
    read_only: false,
    created: START_S,
    last_used: null,
  }]);
  assertMatch(secret, /^hbk_[\w-]{40,}$/);
  const key = { headers: { authorization: `Bearer ${secret}` } };
  assertEquals((await bench.post("/api/0/hosts/web1/pause", {}, key)).status, 200);
  const listed = await bench.ask(keys, asked);
  assertEquals(listed.json, { keys: [{ id, ...rest, last_used: START_S }] });
  assertEquals(listed.text.includes(secret), false);
  assertEquals((await bench.post(keys, { name: "x" }, asked)).json.read_only, true);

  const path = `${keys}/${id}`;
  const others = await inBrowser(bench, "otto");
  assertEquals((await bench.ask(path, { method: "DELETE", ...others })).status, 404);
  assertEquals((await bench.ask(path, { method: "DELETE", ...asked })).json.revoked, true);
  assertEquals((await bench.ask("/api/0/hosts", key)).status, 401);
  for (let n = 1; n < 50; n++) await bench.keys.create("olga", `${n}`, true);
  assertEquals((await bench.post(keys, { name: "one more" }, asked)).status, 409);
});

Deno.test("who is taken out of the configuration, or gets another password, is out at once", async () => {
  await using bench = await peopleBench();
  const [olga, mark] = [await asUser(bench, "olga"), await asUser(bench, "mark")];
  const { users } = bench.inForce.config;
  const password = { value: `${HASH}`, shown: "***" };
  const changed = new Map([...users].filter(([name]) => name !== "mark"));
  const before = changed.get("olga");
  if (before !== undefined) changed.set("olga", { ...before, password });
  bench.inForce.reload({ ...bench.inForce.config, users: changed });
  for (const asked of [olga, mark]) {
    assertEquals((await bench.ask("/api/0/hosts", asked)).status, 401);
  }
});

Deno.test("the client's address is the last hop that is no trusted proxy", () => {
  const trusted = ["127.0.0.1", "10.0.0.0/8", "2001:db8::/32"];
  const table: readonly (readonly [string, string | null, string])[] = [
    ["192.0.2.1", "1.2.3.4", "192.0.2.1"],
    ["127.0.0.1", null, "127.0.0.1"],
    ["127.0.0.1", "", "127.0.0.1"],
    ["127.0.0.1", "1.2.3.4", "1.2.3.4"],
    ["::ffff:127.0.0.1", "1.2.3.4", "1.2.3.4"],
    ["127.0.0.1", "9.9.9.9, 1.2.3.4", "1.2.3.4"],
    ["127.0.0.1", "1.2.3.4, 10.1.2.3", "1.2.3.4"],
    ["127.0.0.1", "9.9.9.9, 1.2.3.4,10.1.2.3 ,10.9.9.9", "1.2.3.4"],
    ["127.0.0.1", "10.1.2.3, 10.1.2.4", "10.1.2.3"],
    ["127.0.0.1", "1.2.3.4, junk, 10.1.2.3", "10.1.2.3"],
    ["127.0.0.1", "1.2.3.4:5678", "1.2.3.4"],
    ["127.0.0.1", '"[2a00::1]:5678"', "2a00::1"],
    ["127.0.0.1", "[2a00::1]", "2a00::1"],
    ["127.0.0.1", "2a00::1, 2001:db8::9", "2a00::1"],
    ["127.0.0.1", "::ffff:1.2.3.4", "1.2.3.4"],
    ["2001:db8::5", "1.2.3.4", "1.2.3.4"],
  ];
  for (const [hostname, forwarded, right] of table) {
    const headers = new Headers(forwarded === null ? {} : { "x-forwarded-for": forwarded });
    const peer = { transport: "tcp", hostname, port: 1 } as const;
    assertEquals(clientAddress(headers, peer, trusted), right, `${hostname} ${forwarded}`);
    assertEquals(clientAddress(headers, peer, []), hostname.replace("::ffff:", ""));
  }
  const headers = new Headers({ host: "a", "x-forwarded-host": "b" });
  const peer = { transport: "tcp", hostname: "127.0.0.1", port: 1 } as const;
  assertEquals(addressedHosts(headers, peer, trusted), ["a", "b"]);
  assertEquals(addressedHosts(headers, peer, []), ["a"]);
});
