/** Bodies and queries that are not right, for every route that takes some; and hostile contents. */

import { assert, assertEquals } from "@std/assert";
import { apiRoutes } from "../../src/web/api/routes.ts";
import { badgeSvg } from "../../src/web/badge.ts";
import { asUser, inBrowser, peopleBench } from "./people.ts";
import { Bench } from "./support.ts";

const JSON_TYPE = { "content-type": "application/json" };

{
  await using bench = await peopleBench();
  const routes = apiRoutes(bench.view);
  for (const route of routes.filter(({ body }) => body !== undefined)) {
    Deno.test(`${route.method} ${route.path} refuses bodies that are not right`, async () => {
      await using bench = await peopleBench();
      const { headers } = await inBrowser(bench, "ada");
      const [alert] = bench.view.alerts()?.ofHost("web1") ?? [];
      const path = route.path.replace("{name}", "web1").replace("{id}", alert?.id ?? "");
      const deep = `${"[".repeat(8000)}${"]".repeat(8000)}`;
      const table: readonly (readonly [string, string, number, string])[] = [
        [JSON_TYPE["content-type"], "{", 400, "bad_request"],
        [JSON_TYPE["content-type"], "\u0000", 400, "bad_request"],
        [JSON_TYPE["content-type"], '{"a":1}}', 400, "bad_request"],
        [JSON_TYPE["content-type"], "null", 422, "invalid"],
        [JSON_TYPE["content-type"], "[]", 422, "invalid"],
        [JSON_TYPE["content-type"], '"x"', 422, "invalid"],
        [JSON_TYPE["content-type"], "5", 422, "invalid"],
        [JSON_TYPE["content-type"], deep, 422, "invalid"],
        [JSON_TYPE["content-type"], '{"__proto__":{"x":1}}', 422, "invalid"],
        [JSON_TYPE["content-type"], '{"no such key":1}', 422, "invalid"],
        [JSON_TYPE["content-type"], `{"x":"${"y".repeat(20_000)}"}`, 413, "too_large"],
        ["text/plain", "{}", 415, "unsupported_type"],
        ["application/x-www-form-urlencoded", "a=b", 415, "unsupported_type"],
        ["multipart/form-data; boundary=x", "--x--", 415, "unsupported_type"],
      ];
      for (const [type, body, status, code] of table) {
        const answer = await bench.ask(path, {
          method: route.method,
          body,
          headers: { ...headers, "content-type": type },
        });
        const what = `${type} ${body.slice(0, 40)}: ${answer.text.slice(0, 200)}`;
        assertEquals([answer.status, answer.json?.error?.code], [status, code], what);
        assert(answer.json.error.message.length > 5, what);
      }
      const { json } = await bench.ask(path, {
        method: route.method,
        body: { "no such key": 1 },
        headers: headers ?? {},
      });
      assert(typeof json.error.field === "string", JSON.stringify(json));
    });
  }

  for (const route of routes.filter(({ query }) => query !== undefined)) {
    Deno.test(`${route.method} ${route.path} refuses queries that are not right`, async () => {
      await using bench = await peopleBench();
      const asked = await inBrowser(bench, "ada");
      const path = route.path.replace("{name}", "web1").replace("{plugin}", "cpu");
      const known = Object.keys((route.query as unknown as { shape: object }).shape);
      const wrong: Readonly<Record<string, readonly string[]>> = {
        limit: ["0", "-1", "1.5", "x", "", "1e9", "NaN", "Infinity"],
        cursor: ["x", "-1", "n", "p", "p1x", "9".repeat(99), "p".repeat(2000)],
        state: ["", "x", "UP"],
        days: ["0", "x", "-1", "99999"],
        since: ["x", "-1", "NaN"],
        level: ["x"],
        kind: ["x"],
        q: ["x".repeat(300)],
      };
      for (const [field, values] of Object.entries(wrong).filter(([one]) => known.includes(one))) {
        for (const value of values) {
          const answer = await bench.ask(`${path}?${field}=${value}`, asked);
          const what = `${field}=${value.slice(0, 20)}: ${answer.text.slice(0, 200)}`;
          assertEquals([answer.status, answer.json?.error?.code], [400, "bad_request"], what);
          assertEquals(answer.json.error.field, field, what);
        }
      }
    });
  }
}

const SCRIPT = `"><script>alert('1')</script>\u2028<img src=x onerror=alert(1)>&amp;\\`;

Deno.test("what comes in is never a page or a script on the way out", async () => {
  await using bench = await Bench.start();
  const name = SCRIPT.replaceAll("\u2028", " ");
  await bench.post("/", JSON.stringify({ name, note: SCRIPT }), { from: "192.0.2.7" });
  bench.watch.sample(name, "cpu", { text: SCRIPT, load: 1 });
  await bench.post(`/api/0/hosts/${encodeURIComponent(name)}/pause`, { reason: SCRIPT });
  const host = encodeURIComponent(name);
  const paths = [
    "/api/0/hosts",
    "/api/0/hosts?limit=5",
    `/api/0/hosts/${host}`,
    `/api/0/hosts/${host}/plugins`,
    `/api/0/hosts/${host}/plugins/cpu`,
    `/api/0/hosts/${encodeURIComponent(`${name}2`)}`,
    `/api/0/alerts/${host}`,
    `/api/0/alerts?level=${host}`,
    "/api/0/messages",
    `/badge/${host}.json`,
    `/api/0/${host}`,
  ];
  for (const path of paths) {
    const { headers, json, text } = await bench.ask(path, { headers: { accept: "text/html" } });
    assert(headers.get("content-type")?.startsWith("application/json"), path);
    assertEquals(headers.get("x-content-type-options"), "nosniff", path);
    assert(json !== null && text !== "", path);
  }
  assertEquals((await bench.ask(`/api/0/hosts/${host}`)).json.name, name);
  assertEquals((await bench.ask("/api/0/messages")).json.messages[0].message.note, SCRIPT);

  const badge = await bench.ask(`/badge/${host}.svg`);
  assertEquals(badge.headers.get("content-type"), "image/svg+xml; charset=utf-8");
  assertEquals(badge.headers.get("cache-control"), "no-cache");
  assertEquals(badge.headers.get("content-security-policy")?.includes("sandbox"), true);
  for (
    const page of [badge.text, (await bench.ask("/", { headers: { accept: "text/html" } })).text]
  ) {
    assertEquals(/<script|<img|onerror=\w+\(1\)>(?!&)/.test(page), false, page);
  }
  assertEquals(badge.text.includes("alert('1')</"), false, badge.text);
});

Deno.test("a badge names itself, is as wide as its text, and is well-formed whatever the name", () => {
  for (
    const name of ["kiosk-1", SCRIPT, "日本語", "x".repeat(255), "a&b", "\u{1F600}".repeat(99)]
  ) {
    const svg = badgeSvg(name, "down", 99.999);
    const [, title = ""] = /<title>([^<]*)<\/title>/.exec(svg) ?? [];
    assert(title.includes(" is down, up 99.99 % of what is known of 30 days"), title);
    assertEquals(svg.match(/<(?!\/)/g)?.length, 10, svg);
    assert(svg.length < 3000);
  }
  assert(badgeSvg("a", "up", null).includes("<title>a is up</title>"));
  assert(badgeSvg("a", "up", 100).includes(">up 100 %<"));
});

Deno.test("a host whose name has a slash, and one that ends like a badge, have badges", async () => {
  await using bench = await Bench.start();
  for (const name of ["a/b", "x.svg", "50%", "ü.json"]) {
    await bench.beat(name);
    const path = `/badge/${encodeURIComponent(name)}`;
    assertEquals((await bench.ask(`${path}.json`)).json, { name, state: "up", uptime: null });
    assertEquals((await bench.ask(`${path}.svg`)).status, 200);
  }
  assertEquals((await bench.ask("/badge/none.svg")).status, 404);
  const head = await bench.ask("/badge/x.svg.svg", { method: "HEAD" });
  assertEquals([head.status, head.text], [200, ""]);
});

Deno.test("an error within the server is told as one, without its words", async () => {
  await using bench = await Bench.start();
  const broken = () => {
    throw new Error("secret words");
  };
  const ask = bench.over({ ...bench.view, channels: broken });
  const { status, json } = await ask("/api/0/channels");
  assertEquals([status, json.error.code], [500, "internal"]);
  assertEquals(JSON.stringify(json).includes("secret words"), false);
});

Deno.test("nothing below /api/ is anything but the API", async () => {
  await using bench = await peopleBench();
  const asked = await asUser(bench, "ada");
  for (
    const path of ["/api/0/nothing", "/api/0/", "/api/1/hosts", "/api/0/hosts/x/y/z", "/api/x"]
  ) {
    const { status, json } = await bench.ask(path, asked);
    assertEquals([status, json.error.code], [404, "not_found"], path);
  }
  const table: readonly (readonly [string, string])[] = [
    ["/api/0/hosts", "GET, HEAD, POST"],
    ["/api/0/hosts/web1", "GET, HEAD, PATCH, DELETE"],
    ["/api/0/hosts/web1/access", "GET, HEAD, PUT"],
    ["/api/0/auth/login", "POST"],
    ["/api/0/users/me/keys/x", "DELETE"],
    ["/api/0/openapi.json", "GET, HEAD"],
  ];
  for (const [path, allow] of table) {
    const { status, json, headers } = await bench.ask(path, { method: "PROPFIND", ...asked });
    assertEquals([status, json.error.code], [405, "method_not_allowed"]);
    assertEquals(headers.get("allow"), allow);
  }
});
