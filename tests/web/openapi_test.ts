/** The OpenAPI document names every route, and what routes answer is what it says. */

import { assert, assertEquals } from "@std/assert";
import { apiRoutes } from "../../src/web/api/routes.ts";
import type { Route } from "../../src/web/route.ts";
import { errorsOf, openApi } from "../../src/web/openapi.ts";
import { asUser, inBrowser, peopleBench } from "./people.ts";
import type { Answered, Asked, Bench } from "./support.ts";

// deno-lint-ignore no-explicit-any -- a JSON document of any form
type Json = any;

/** The answer to a right request for `route`, of somebody who may do everything. */
function askRight(bench: Bench, route: Route, asked: Asked): Promise<Answered> {
  const [alert] = bench.view.alerts()?.ofHost("web1") ?? [];
  const path = route.path.replace("{name}", "web1").replace("{plugin}", "cpu")
    .replace("{channel}", "hook").replace("{id}", alert?.id ?? "");
  const bodies: Readonly<Record<string, unknown>> = {
    createHost: { name: "new1", interval: 5, group: "web" },
    changeHost: { interval: "auto", notify: ["hook"], tolerance: 50 },
    changeAccess: { owner: "otto", managers: ["mark"] },
    queueCommand: { cmd: "x" },
    createKey: { name: "x" },
    pauseHost: { for: "2h", reason: "new disk" },
  };
  const body = bodies[route.id];
  return bench.ask(path, { method: route.method, ...asked, ...(body !== undefined && { body }) });
}

/** Things to be found, of every kind. */
async function busyBench(): Promise<Bench> {
  const bench = await peopleBench();
  bench.udp({ ID: "HTB", name: "other", rtt: 1.5, interval: 30, boot_id: "b", seq: 1, ver: "1" });
  bench.watch.until(7300);
  for (const host of ["other", "stray"]) await bench.beat(host);
  bench.past.push({ seq: 5, atMs: bench.watch.nowMs, kind: "down", host: "web1", text: "silent" });
  await bench.view.commands.add("web1", "x", [], 60_000);
  return bench;
}

Deno.test("the document names every route with its query, its body and its answers", async () => {
  await using bench = await busyBench();
  const routes = apiRoutes(bench.view);
  const { status, json } = await bench.ask("/api/0/openapi.json");
  assertEquals([status, json.openapi, json.info.version], [200, "3.1.0", "1.2.3"]);
  assertEquals(Object.keys(json.components.securitySchemes), ["bearer", "token", "cookie"]);
  const ids = new Set<string>();
  for (const route of routes) {
    const operation = json.paths[route.path]?.[route.method.toLowerCase()];
    assert(operation !== undefined, `${route.method} ${route.path} is missing`);
    assertEquals(operation.operationId, route.id);
    assert(!ids.has(route.id), `${route.id} is there twice`);
    ids.add(route.id);
    assert(route.summary.length > 5 && !route.summary.endsWith("."), route.summary);
    assertEquals(operation.requestBody !== undefined, route.body !== undefined);
    const inPath = operation.parameters.filter((one: Json) => one.in === "path");
    assertEquals(
      inPath.map((one: Json) => `{${one.name}}`),
      [...route.path.matchAll(/\{\w+\}/g)].map(([name]) => name),
    );
    for (const code of errorsOf(route)) assert(String(code) in operation.responses, route.id);
  }
  const operations = Object.values(json.paths).flatMap((path) => Object.keys(path as Json));
  assertEquals(operations.length, routes.length);
});

Deno.test("every reference in the document leads somewhere, and parameters say what is right", async () => {
  await using bench = await busyBench();
  const document = openApi(apiRoutes(bench.view), "1") as Json;
  const text = JSON.stringify(document);
  for (const [, name = ""] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
    assert(name in document.components.schemas, name);
  }
  assertEquals(text.includes("$defs"), false);
  const limit = document.paths["/api/0/alerts"].get.parameters
    .find(({ name }: Json) => name === "limit");
  assertEquals(limit, {
    name: "limit",
    in: "query",
    required: false,
    description: "How many, at most",
    schema: { type: "integer", minimum: 1, maximum: 1000, default: 100 },
  });
  const pause = document.paths["/api/0/hosts/{name}/pause"].post.requestBody;
  assertEquals(pause.content["application/json"].schema.additionalProperties, false);
  assert("Host" in document.components.schemas && "Alert" in document.components.schemas);
});

{
  await using bench = await peopleBench();
  const routes = apiRoutes(bench.view);
  for (const route of routes.filter(({ id }) => !["login", "revokeKey"].includes(id))) {
    Deno.test(`${route.method} ${route.path} answers what the document says`, async () => {
      await using bench = await busyBench();
      if (route.id === "sendDns") return;
      if (route.id === "resumeHost") {
        const pause = { fromMs: bench.watch.nowMs, untilMs: null, reason: "" };
        bench.watch.say((monitor, nowMs) => monitor.pause("web1", pause, nowMs));
      }
      for (const who of [await inBrowser(bench, "ada"), await asUser(bench, "olga")]) {
        const isForAdmin = route.needs === "admin";
        if (isForAdmin && who.headers?.cookie === undefined) continue;
        if (who.headers?.cookie === undefined && route.method !== "GET") continue;
        const { status, text, json, headers } = await askRight(bench, route, who);
        assertEquals(status, route.status ?? 200, text);
        const type = headers.get("content-type")?.split(";")[0];
        assertEquals(type, route.type ?? "application/json");
        if (route.type !== undefined) continue;
        const parsed = route.answer.safeParse(json);
        assert(parsed.success, `${text.slice(0, 2000)}\n${parsed.error}`);
        // Whatever a schema does not know it leaves out.
        assertEquals(parsed.data, json, `${route.id} answers more than its schema says`);
      }
    });
  }
}
