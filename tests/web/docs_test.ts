/** docs/API.md: every route is in it, and its samples have the fields that there are. */

import { assertEquals } from "@std/assert";
import { apiRoutes } from "../../src/web/api/routes.ts";
import { Bench } from "./support.ts";
import { parseMetrics } from "./prometheus.ts";

const DOCS = await Deno.readTextFile(new URL("../../docs/API.md", import.meta.url));

/** What a JSON sample of the page holds that follows the heading of a route. */
// deno-lint-ignore no-explicit-any -- samples of any form
function sampleBelow(heading: string): any {
  const text = DOCS.slice(DOCS.indexOf(`# \`${heading}\`\n`));
  const [, json] = /```json\n(.*?)```/s.exec(text) ?? [];
  if (json === undefined) throw new Error(`docs/API.md has no JSON below ${heading}`);
  return JSON.parse(json);
}

/** Every route that has a heading, as method and path. */
const ROUTES = [...DOCS.matchAll(/^#+ `(GET|POST|PUT|PATCH|DELETE) (\S+)`$/gm)]
  .map(([, method, path]) => `${method} ${path}`);

const CONFIG = `
dyndomains: [example.com]
hosts: { web1: { dyn: true } }
notification_channels: { hook: { type: webhook, url: PROVIDER } }
`;

const RULES = new Map([["cpu", new Map([["load", { warning: 80 }]])]]);

/** A server with a host that has everything there is a route for. */
async function busyBench(): Promise<Bench> {
  const bench = await Bench.start({
    config: CONFIG,
    thresholds: RULES,
    counters: {
      dropped: { bad_id: 1 },
      udp: { port: 1, received: 1, kernelDrops: 0, overloadDrops: 0, unsent: 0 },
      journal: { count: 1, bytes: 1, sizeBytes: 1, totalMs: 1, lastMs: 1 },
      tickLagMs: 1,
    },
  });
  await bench.beat("web1", "203.0.113.7");
  bench.udp({ ID: "HTB", name: "rtt", rtt: 1, interval: 30, boot_id: "b", seq: 1 });
  bench.watch.sample("web1", "cpu", { load: 85 });
  return bench;
}

Deno.test("docs/API.md has a heading for every route that there is, and for no other", async () => {
  await using bench = await busyBench();
  const known = apiRoutes(bench.view).map(({ method, path }) => `${method} ${path}`);
  assertEquals(ROUTES.toSorted(), known.toSorted());
});

Deno.test("the samples of docs/API.md have the fields that the answers have", async () => {
  await using bench = await busyBench();
  bench.watch.until(40);
  const keys = (value: Record<string, unknown>) => Object.keys(value).sort();
  const down = (await bench.ask("/api/0/alerts?kind=down&host=web1")).json.alerts[0];
  const list = sampleBelow("GET /api/0/alerts");
  const [alert] = list.alerts;
  assertEquals(keys(alert), keys(down));
  assertEquals(keys(alert.evidence), keys(down.evidence));
  assertEquals(keys(alert.told), keys(down.told));
  assertEquals(keys(list), keys((await bench.ask("/api/0/alerts")).json));

  const hosts = (await bench.ask("/api/0/hosts")).json;
  const hostSample = sampleBelow("GET /api/0/hosts");
  assertEquals(keys(hostSample.totals), keys(hosts.totals));
  assertEquals(keys(hostSample.hosts[0]), keys(hosts.hosts[0]));

  const health = (await bench.ask("/healthz")).json;
  const healthSample = sampleBelow("GET /healthz");
  assertEquals(keys(healthSample), keys(health));
  for (const part of ["alerts", "notifications", "udp"]) {
    assertEquals(keys(healthSample[part]), keys(health[part]));
  }
  const pairs = [
    ["GET /api/0/channels", "channels"],
    ["GET /api/0/hosts/{name}/dns", "records"],
  ] as const;
  const detail = (await bench.ask("/api/0/hosts/web1")).json;
  const more = Object.keys(detail).filter((key) => !(key in hosts.hosts[0]));
  const detailSample = sampleBelow("GET /api/0/hosts/{name}");
  assertEquals(keys(detailSample), more.toSorted());
  assertEquals(keys(detailSample.settings), keys(detail.settings));
  const history = (await bench.ask("/api/0/hosts/web1/history")).json;
  const historySample = sampleBelow("GET /api/0/hosts/{name}/history");
  assertEquals(keys(historySample), keys(history));
  assertEquals(keys(historySample.hours[0]), keys(history.hours[0]));
  assertEquals(
    keys(sampleBelow("GET /api/0/users/me")),
    keys((await bench.ask("/api/0/users/me")).json),
  );
  for (const [route, list] of pairs) {
    const { json } = await bench.ask(route.slice(4).replace("{name}", "web1"));
    assertEquals(keys(sampleBelow(route)[list][0]), keys(json[list][0]), route);
  }
});

Deno.test("docs/API.md names every metric that there is, and no other", async () => {
  await using bench = await busyBench();
  bench.watch.until(40);
  await bench.beat("web1");
  const { families } = parseMetrics((await bench.ask("/metrics")).text);
  const named = [...DOCS.matchAll(/^\| `([a-z_]+)(?:\{([a-z,]+)\})?` +\| (\w+)/gm)]
    .filter(([, name]) => /^(?:heartbeat|process)_/.test(name ?? ""))
    .map(([, name, labels = "", type]) => `${name} ${labels} ${type}`);
  const there = [...families].map(([name, { type, samples }]) =>
    `${name} ${Object.keys(samples[0]?.labels ?? {}).join(",")} ${type}`
  );
  assertEquals(named.toSorted(), there.toSorted());
});
