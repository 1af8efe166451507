import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Assets } from "../../../src/web/assets.ts";
import { createApp } from "../../../src/web/app.ts";
import { createPages } from "../../../src/web/pages/mod.ts";
import { Pages, pass, USERS } from "./support.ts";

const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
  "connect-src 'self'; font-src 'self'; manifest-src 'self'; form-action 'self'; " +
  "base-uri 'none'; frame-ancestors 'none'";

Deno.test("every page says what it may load, and that nobody keeps it", async () => {
  await using pages = await Pages.start({ config: 'status_page: {hosts: "*"}' });
  await pages.bench.beat("web1");
  for (const path of ["/", "/live", "/alerts", "/settings", "/plugins/web1", "/status"]) {
    const { status, headers, text } = await pages.browse(path);
    assertEquals([path, status], [path, 200]);
    assertEquals(headers.get("content-security-policy"), POLICY);
    assertEquals(headers.get("x-content-type-options"), "nosniff");
    assertEquals(headers.get("referrer-policy"), "no-referrer");
    assertEquals(headers.get("cache-control"), "no-store");
    assertMatch(headers.get("content-type") ?? "", /^text\/html/);
    assertMatch(text.trimStart(), /^<!DOCTYPE html>/);
    assertMatch(text, /<html lang="en">/);
    // Nothing that the policy would forbid.
    assertEquals(text.match(/<script(?![^>]* src=)|<style|style="|\son\w+="/g), null, path);
  }
});

Deno.test("a page loads the files that the manifest names", async () => {
  await using pages = await Pages.start();
  const { text } = await pages.browse("/live");
  const links = [...text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path);
  assertEquals(links.length, 4);
  for (const path of links) {
    const file = await pages.ask(path ?? "");
    assertEquals([path, file.status], [path, 200]);
  }
  assertStringIncludes(text, `<script type="module" src="${pages.assets.path("app.js")}">`);
});

Deno.test("/live has the table of hosts without JavaScript, the worst first", async () => {
  await using pages = await Pages.start({ config: "hosts: {never1: {}}" });
  const { bench } = pages;
  for (const name of ["up1", "down1", "up2"]) {
    await bench.post("/", JSON.stringify({ name, interval: 10 }), { from: "192.0.2.7" });
  }
  pass(bench, 9000);
  for (const name of ["up1", "up2"]) {
    await bench.post("/", JSON.stringify({ name, interval: 10 }), { from: "192.0.2.7" });
  }
  pass(bench, 9000);
  const { text } = await pages.browse("/live");
  const names = [...text.matchAll(/<a href="\/plugins\/([^"]+)"/g)].map(([, name]) => name);
  assertEquals(names, ["down1", "never1", "up1", "up2"]);
  assertMatch(text, /1 of 4 hosts is down/);
  assertMatch(text, /<noscript><meta http-equiv="refresh" content="10"/);
  assertMatch(text, /aria-label="Last \d+ intervals: /);
  assertMatch(text, /192\.0\.2\.7/);
});

Deno.test("/live of a server without hosts shows the line that sends the first beat", async () => {
  await using pages = await Pages.start();
  const { text } = await pages.browse("/live", { headers: { host: 'evil"><b>:1' } });
  assertMatch(text, /curl -d/);
  assertEquals(text.includes("<b>"), false);
});

Deno.test("what a host is called never becomes a part of a page", async () => {
  await using pages = await Pages.start({ config: 'status_page: {title: "<b>", hosts: "*"}' });
  const name = `"><img src=x onerror=alert(1)><script>alert(2)</script>'`;
  await pages.bench.beat(name);
  const paths = ["/live", "/alerts", "/status", `/plugins/${encodeURIComponent(name)}`];
  for (const path of paths) {
    const { status, text } = await pages.browse(path);
    assertEquals([path, status], [path, 200]);
    assertEquals(text.match(/<img|<b>|<script>/g), null, path);
  }
  const { text } = await pages.browse("/live");
  assertStringIncludes(text, "&lt;img src=x onerror=alert(1)&gt;");
  assertStringIncludes(text, `href="/plugins/${encodeURIComponent(name).replace("'", "&#39;")}"`);
});

Deno.test("/alerts lists the alerts that hold", async () => {
  await using pages = await Pages.start();
  const none = await pages.browse("/alerts");
  assertMatch(none.text, /No alert/);
  await pages.bench.post("/", JSON.stringify({ name: "web1", interval: 10 }));
  pass(pages.bench, 3_600_000);
  const { text } = await pages.browse("/alerts");
  assertMatch(text, /level-critical/);
  assertMatch(text, /href="\/plugins\/web1"/);
  // The bar counts them.
  assertMatch(text, /Alerts\s*<span class="num">1<\/span>/);
});

Deno.test("the page of a host is found by the rest of the path, slashes and all", async () => {
  await using pages = await Pages.start();
  await pages.bench.beat("rack 1/web");
  const found = await pages.browse("/plugins/rack%201%2Fweb");
  assertEquals(found.status, 200);
  assertMatch(found.text, /<h1 id="page-title">rack 1\/web<\/h1>/);
  for (const path of ["/plugins/nobody", "/plugins/%ff", "/plugins/"]) {
    const { status, text } = await pages.browse(path);
    assertEquals([path, status], [path, 404]);
    assertMatch(text, /There is no such host/);
  }
});

Deno.test("programs get text as before, and beats to any path stay beats", async () => {
  await using pages = await Pages.start();
  for (const path of ["/", "/live", "/status", "/login", "/assets"]) {
    const { headers, text } = await pages.ask(path);
    assertMatch(headers.get("content-type") ?? "", /^text\/plain/);
    assertMatch(text, /^Heartbeat 1\.2\.3/);
  }
  for (const path of ["/live", "/alerts", "/assets/x", "/login/x", "/loginx"]) {
    assertEquals((await pages.ask(path, { method: "POST", body: "{}" })).text, "a beat");
  }
});

Deno.test("with users, browsers of strangers are sent to the login, and see nothing", async () => {
  await using pages = await Pages.start({ config: USERS });
  const paths = ["/", "/live?q=a&state=up", "/alerts", "/settings", "/plugins/web1"];
  for (const path of paths) {
    for (const headers of [{}, { cookie: "hbd_session=wrong" }]) {
      const { status, headers: answered, text } = await pages.browse(path, { headers });
      assertEquals([path, status, text], [path, 302, ""]);
      assertEquals(answered.get("location"), `/login?next=${encodeURIComponent(path)}`);
    }
  }
});

Deno.test("a browser is led to the hosts from any path, and a program gets its text", async () => {
  await using pages = await Pages.start({ config: USERS });
  const { status, headers } = await pages.browse("/no/such/page");
  assertEquals([status, headers.get("location")], [302, "/live"]);
  const { text } = await pages.ask("/no/such/page");
  assertEquals(text, "Heartbeat is running. To see more, log in.\n");
});

Deno.test("the line that sends a beat begins as the address in the browser does", async () => {
  await using pages = await Pages.start({ config: "trusted_proxies: 127.0.0.1" });
  const headers = { "x-forwarded-proto": "https" };
  assertStringIncludes((await pages.browse("/live")).text, " http://localhost:50004/");
  assertStringIncludes(
    (await pages.browse("/live", { headers })).text,
    " https://localhost:50004/",
  );
  assertStringIncludes((await pages.ask("/", { headers })).text, " https://localhost:50004/");
});

Deno.test("people see their hosts and no others", async () => {
  await using pages = await Pages.start({ config: USERS });
  for (const name of ["web1", "db1", "other"]) await pages.bench.beat(name);
  const headers = { cookie: await pages.cookieOf("bob") };
  const { text } = await pages.browse("/live", { headers });
  assertMatch(text, /href="\/plugins\/web1"/);
  assertEquals(text.match(/db1|other/g), null);
  assertMatch(text, /The host is not down/);
  assertEquals((await pages.browse("/plugins/db1", { headers })).status, 404);
  const admin = await pages.browse("/live", { headers: { cookie: await pages.cookieOf("alice") } });
  assertMatch(admin.text, /None of 3 hosts is down/);
});

Deno.test("people do not see alerts of others, nor how many there are", async () => {
  await using pages = await Pages.start({ config: USERS });
  await pages.bench.post("/", JSON.stringify({ name: "db1", interval: 10 }));
  pass(pages.bench, 3_600_000);
  const headers = { cookie: await pages.cookieOf("bob") };
  const { text } = await pages.browse("/alerts", { headers });
  assertMatch(text, /No alert/);
  assertEquals(text.includes('class="num"'), false);
});

Deno.test("without a bundle the pages are there, without what it would bring", async () => {
  await using pages = await Pages.start();
  await pages.bench.beat("web1");
  const dir = await Deno.makeTempDir();
  const assets = await Assets.load({ dir });
  await Deno.remove(dir);
  const { view } = pages.bench;
  const handle = createApp(() => Promise.resolve(new Response()), view, {
    pages: createPages(view, assets),
  });
  const { status, text } = await pages.bench.ask(
    "/live",
    { headers: { accept: "text/html" } },
    handle,
  );
  assertEquals(status, 200);
  assertMatch(text, /web1/);
  assertEquals(text.includes("/assets/"), false);
});

Deno.test("no path leads out of the files, however it is written", async () => {
  await using pages = await Pages.start();
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request, info) => pages.handle(request, info as Parameters<typeof pages.handle>[1]),
  );
  const paths = [
    "/assets/../../deno.json",
    "/assets/%2e%2e/%2e%2e/deno.json",
    "/assets/..%2f..%2fdeno.json",
    "/assets/..%5c..%5cdeno.json",
    "/assets//etc/passwd",
    "//etc/passwd",
    "/assets/manifest.json",
    "/assets/%00",
    "/assets/app.js%00.css",
  ];
  for (const path of paths) {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: server.addr.port });
    const head = `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
    await connection.write(new TextEncoder().encode(head));
    const answer = await new Response(connection.readable).text();
    assertEquals(/"imports"|root:|"app\.js"/.test(answer), false, path);
    const [, status] = /^HTTP\/1\.1 (\d+)/.exec(answer) ?? [];
    // What is no path of a file any more is the status in text, as for every path.
    const isFile = new URL(`http://localhost${path}`).pathname.startsWith("/assets/");
    if (isFile) assertEquals([path, status], [path, "404"]);
    assert(status !== undefined && status !== "500", path);
  }
});
