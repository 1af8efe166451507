import { assert, assertEquals, assertMatch } from "@std/assert";
import { loginPath, nextPath } from "../../../src/web/pages/next_path.ts";
import { Pages, PASSWORD, USERS } from "./support.ts";

const OUTSIDE = [
  "https://evil.example/",
  "//evil.example",
  "/\\evil.example",
  "\\\\evil.example",
  "/\t/evil.example",
  "/\n/evil.example",
  "javascript:alert(1)",
  "live",
  "",
  " /live",
  "/live\u0000",
  "/a\\b",
];

Deno.test("nextPath() lets paths of this server through and nothing else", () => {
  for (const path of ["/live", "/live?q=a&state=up", "/plugins/a%2Fb", "/alerts#x"]) {
    assertEquals(nextPath(path), path);
  }
  for (const path of [...OUTSIDE, null, undefined, "/login", "/login?next=/live", "/logout"]) {
    assertEquals(nextPath(path), "/live", String(path));
  }
  assertEquals(loginPath("/live?q=a b"), "/login?next=%2Flive");
});

Deno.test("the login is a form that works without JavaScript, and leads back", async () => {
  await using pages = await Pages.start({ config: USERS });
  const { status, headers, text } = await pages.browse("/login?next=%2Falerts%3Fa%3D%22b");
  assertEquals(status, 200);
  assertMatch(text, /<form[^>]* method="post" action="\/login"/);
  assertMatch(text, /name="next" value="\/alerts\?a=&quot;b"/);
  // A browser that must not say where a form comes from sends "Origin: null".
  assertEquals(headers.get("referrer-policy"), "same-origin");

  const sent = await pages.sendForm("/login", { user: "bob", password: PASSWORD, next: "/alerts" });
  assertEquals([sent.status, sent.headers.get("location")], [303, "/alerts"]);
  const cookie = sent.headers.get("set-cookie") ?? "";
  assertMatch(cookie, /^hbd_session=[\w-]{40,}; Path=\/; HttpOnly; SameSite=Lax$/);
  const page = await pages.browse("/alerts", {
    headers: { cookie: cookie.split(";")[0] ?? "" },
  });
  assertEquals(page.status, 200);
});

Deno.test("who wants to stay logged in gets a cookie that outlives the browser", async () => {
  await using pages = await Pages.start({ config: USERS });
  const fields = { user: "bob", password: PASSWORD, remember: "on" };
  const { headers } = await pages.sendForm("/login", fields);
  assertMatch(headers.get("set-cookie") ?? "", /; Max-Age=2592000$/);
});

Deno.test("behind a trusted proxy that encrypts the cookie is Secure", async () => {
  await using pages = await Pages.start({ config: `${USERS}\ntrusted_proxies: 127.0.0.1` });
  const fields = { user: "bob", password: PASSWORD };
  const { headers } = await pages.sendForm("/login", fields, {
    origin: "https://hbd.example.org",
    "x-forwarded-host": "hbd.example.org",
    "x-forwarded-proto": "https",
  });
  assertMatch(headers.get("set-cookie") ?? "", /; Secure$/);
});

Deno.test("no login leads to another server", async () => {
  await using pages = await Pages.start({ config: USERS });
  for (const next of OUTSIDE) {
    const asked = await pages.browse(`/login?next=${encodeURIComponent(next)}`);
    assertMatch(asked.text, /name="next" value="\/live"/, JSON.stringify(next));
    const sent = await pages.sendForm("/login", { user: "bob", password: PASSWORD, next });
    assertEquals([sent.status, sent.headers.get("location")], [303, "/live"], next);
  }
});

Deno.test("a wrong password and an unknown user get the same page, and no cookie", async () => {
  await using pages = await Pages.start({ config: USERS });
  const texts = await Promise.all(["bob", "nobody"].map(async (user) => {
    const { status, headers, text } = await pages.sendForm("/login", { user, password: "wrong" });
    assertEquals([status, headers.get("set-cookie")], [401, null]);
    assertMatch(text, /role="alert"[^>]*>User or password is wrong/);
    return text.replaceAll(user, "USER");
  }));
  assertEquals(texts[0], texts[1]);
});

Deno.test("what was typed comes back as text, and never the password", async () => {
  await using pages = await Pages.start({ config: USERS });
  const fields = { user: `"><b>x`, password: "hunter2<b>" };
  const { text } = await pages.sendForm("/login", fields);
  assertEquals(text.match(/<b>|hunter2/g), null);
  assertMatch(text, /value="&quot;&gt;&lt;b&gt;x"/);
});

Deno.test("too many tries have to wait, and the page says how long", async () => {
  await using pages = await Pages.start({ config: USERS });
  let last = await pages.sendForm("/login", { user: "bob", password: "wrong" });
  for (let tries = 0; tries < 50 && last.status === 401; tries++) {
    last = await pages.sendForm("/login", { user: "bob", password: "wrong" });
  }
  assertEquals(last.status, 429);
  assertMatch(last.text, /Too many tries: wait \d/);
  assert(Number(last.headers.get("retry-after")) > 0);
});

Deno.test("forms of other servers log nobody in or out", async () => {
  await using pages = await Pages.start({ config: USERS });
  const cookie = await pages.cookieOf("bob");
  const foreign = [
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: "http://localhost:50004.evil.example" },
  ];
  for (const headers of foreign) {
    const login = await pages.sendForm("/login", { user: "bob", password: PASSWORD }, headers);
    assertEquals([login.status, login.headers.get("set-cookie")], [403, null]);
    const logout = await pages.sendForm("/logout", {}, { ...headers, cookie });
    assertEquals([logout.status, logout.headers.get("set-cookie")], [403, null]);
  }
  assertEquals((await pages.browse("/live", { headers: { cookie } })).status, 200);
});

Deno.test("forms that are empty or far too long are refused; what is no form is a beat", async () => {
  await using pages = await Pages.start({ config: USERS });
  const long = await pages.sendForm("/login", { user: "bob", password: "x".repeat(20_000) });
  assertEquals(long.status, 400);
  assertEquals((await pages.sendForm("/login", {})).status, 400);
  for (const path of ["/login", "/logout"]) {
    const json = await pages.browse(path, { method: "POST", body: { name: "a" } });
    assertEquals([json.status, json.headers.get("set-cookie")], [200, null]);
    // As curl does it: its own type of content, whatever that is, and no wish for HTML.
    const headers = { "content-type": "application/x-www-form-urlencoded", accept: "*/*" };
    const curl = await pages.ask(path, { method: "POST", body: '{"name":"a"}', headers });
    assertEquals([json.text, curl.text], ["a beat", "a beat"]);
  }
});

Deno.test("logging out ends the session", async () => {
  await using pages = await Pages.start({ config: USERS });
  const cookie = await pages.cookieOf("bob");
  const asked = await pages.browse("/logout", { headers: { cookie } });
  assertMatch(asked.text, /logged in as bob/);
  const { status, headers } = await pages.sendForm("/logout", {}, { cookie });
  assertEquals([status, headers.get("location")], [303, "/login"]);
  assertMatch(headers.get("set-cookie") ?? "", /^hbd_session=; .*Max-Age=0/);
  assertEquals((await pages.browse("/live", { headers: { cookie } })).status, 302);
});

Deno.test("without users nobody is asked to log in", async () => {
  await using pages = await Pages.start();
  const { status, headers } = await pages.browse("/login?next=%2Falerts");
  assertEquals([status, headers.get("location")], [302, "/alerts"]);
  const sent = await pages.sendForm("/login", { user: "x", password: "y" });
  assertEquals([sent.status, sent.headers.get("set-cookie")], [303, null]);
});
