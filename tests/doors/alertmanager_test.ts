/** Webhooks of Alertmanager: which of them are beats, and what is said to the others. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { alertmanager } from "../../src/doors/alertmanager.ts";
import { type BenchOptions, PingBench } from "./ping_support.ts";

const PATH = "/alertmanager/prometheus";
const OK = [200, '{"status":"ok"}'] as const;

const bench = (options: BenchOptions = {}) => new PingBench([alertmanager], options);

const alert = (status: string, alertname: unknown = "Watchdog") => ({
  status,
  labels: { alertname, severity: "none" },
  annotations: { summary: "An alert that should always be firing" },
});

/** A webhook as a request. */
function webhook(alerts: unknown, more: Readonly<Record<string, unknown>> = {}) {
  const body = JSON.stringify({
    receiver: "heartbeat",
    status: "firing",
    alerts,
    externalURL: "http://alertmanager.example:9093",
    version: "4",
    groupKey: "{}:{}",
    truncatedAlerts: 0,
    ...more,
  });
  const headers = { "content-type": "application/json", "user-agent": "Alertmanager/0.25.0" };
  return { method: "POST", body, headers };
}

Deno.test("an alert that fires is a beat, and makes its host", async () => {
  const am = bench();
  assertEquals(await am.say(PATH, webhook([alert("resolved", "Disk"), alert("firing")])), OK);
  const host = am.host("prometheus");
  assertEquals([host.state, host.report?.dialect, host.total], ["up", "alertmanager", 1]);
  assertEquals(am.last.path, PATH);
  assertEquals(am.fields, {
    ID: "HTB",
    signal: "firing",
    alerts: "Watchdog",
    receiver: "heartbeat",
    external_url: "http://alertmanager.example:9093",
    user_agent: "Alertmanager/0.25.0",
    name: "prometheus",
  });
});

Deno.test("what is over is a note, and no beat", async () => {
  const am = bench();
  assertEquals(await am.say(PATH, webhook([alert("resolved")], { status: "resolved" })), OK);
  assertEquals(am.last.kind === "note" && am.last.text, "No longer firing: Watchdog");
  assertEquals(am.host("prometheus").total, 0);
  assertEquals(await am.say(PATH, webhook([])), OK);
  assertEquals(am.last.kind === "note" && am.last.text, "No alert is firing");
});

Deno.test("the status of all stands for alerts that have none", async () => {
  const am = bench();
  await am.say(PATH, webhook([{ labels: {} }]));
  assertEquals([am.last.kind, am.fields.alerts], ["beat", undefined]);
});

Deno.test("of many alerts some are told", async () => {
  const am = bench();
  const names = Array.from({ length: 25 }, (_, n) => `Alert${n}`);
  const alerts = [...names, ...names, 5, "\n"].map((name) => alert("firing", name));
  await am.say(PATH, webhook(alerts));
  assertEquals(am.fields.alerts, `${names.slice(0, 10).join(", ")} and 15 more`);
});

Deno.test("what is no webhook is refused with the reason", async () => {
  const am = bench({ maxBodyBytes: 1000 });
  const bodies = ["", "nonsense", "[]", "null", "{}", '{"alerts":{}}', '{"alerts":[1]}'];
  for (const body of bodies) {
    const [status, text = ""] = await am.say(PATH, { method: "POST", body }) ?? [];
    assertEquals(status, 400, body);
    assertStringIncludes(JSON.parse(text).error, "Alertmanager's webhook", body);
  }
  const [status] = await am.say(PATH, { method: "POST", body: "x".repeat(1001) }) ?? [];
  assertEquals(status, 413);
  assertEquals((await am.say("/alertmanager/%ff", webhook([])))?.[0], 400);
  assertEquals((await am.say("/alertmanager/a%0Ab", webhook([])))?.[0], 400);
  assertEquals(am.taken, []);
});

Deno.test("a guarded host is proven by its token or its ping id", async () => {
  const guard = { tokens: new Map([["prometheus", "the token of prometheus"]]) };
  const pings = { hostsById: new Map([["watchdog-4711", "prometheus"]]) };
  const am = bench({ guard, pings });
  const fires = webhook([alert("firing")]);
  assertEquals((await am.say(PATH, fires))?.[0], 401);
  const authorization = "Bearer the token of prometheus";
  assertEquals(await am.say(PATH, { ...fires, headers: { authorization } }), OK);
  assertEquals(await am.say("/alertmanager/watchdog-4711/", fires), OK);
  assertEquals([am.last.host, am.last.path], ["prometheus", "/alertmanager/…"]);
});

Deno.test("one host too many is refused", async () => {
  const am = bench({ watch: { maxHosts: 1 } });
  const fires = webhook([alert("firing")]);
  assertEquals(await am.say("/alertmanager/K%C3%BCche", fires), OK);
  assertEquals(am.last.host, "Küche");
  assertEquals((await am.say("/alertmanager/b", fires))?.[0], 429);
});

Deno.test("what is posted elsewhere is left to others", () => {
  assertEquals(alertmanager.speaks("GET", PATH), false);
  for (
    const path of ["/alertmanager", "/alertmanager/", "/alertmanager/a/b", "/x/alertmanager/a"]
  ) {
    assertEquals(alertmanager.speaks("POST", path), false, path);
  }
});
