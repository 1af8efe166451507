/** The webhook of one's own: method, headers, and a body that nothing breaks out of. */

import { assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import fc from "fast-check";
import type { WebhookChannelConfig } from "../../../src/config/config.ts";
import { createChannel } from "../../../src/notify/channels/mod.ts";
import { fillIn, type WebhookValues } from "../../../src/notify/channels/webhook.ts";
import type { Channel } from "../../../src/notify/channel.ts";
import { COMMON, failureOf, notice, patience, recorder, secret } from "./support.ts";

function webhookTo(url: string, more: Partial<WebhookChannelConfig> = {}): Channel {
  return createChannel({
    ...COMMON,
    type: "webhook",
    url: secret(url),
    method: "POST",
    headers: new Map(),
    body: null,
    ...more,
  }, { hostname: "hbd.example.com" });
}

const VALUES: WebhookValues = {
  id: "1",
  kind: "alert",
  level: "WARNING",
  host: "{title}",
  metric: null,
  title: '"}{$&',
  body: "two\nlines",
  url: null,
  time: 17,
};

Deno.test("without a template the webhook gets all there is to say", async () => {
  await using server = recorder("thanks", { status: 201 });
  assertEquals(await webhookTo(server.url("/in")).send(notice(), patience()), "201 thanks");
  const { method, path, headers } = server.only;
  assertEquals([method, path, headers.get("content-type")], ["POST", "/in", "application/json"]);
  const { atMs: _, ...said } = notice();
  assertEquals(headers.get("idempotency-key"), said.id);
  assertEquals(server.json, { ...said, time: 1_774_701_296 });
});

Deno.test("a template's texts are filled in, and all else in it stays", () => {
  const template = {
    a: "{level} on {host}",
    list: ["{title}", { deep: "{body}" }, 5, null, true],
    "{title}": "{unknown} {metric}{url}",
    at: "{time}",
    text: "at {time}",
    odd: "{ title } {} {constructor} {__proto__}",
  };
  assertEquals(fillIn(template, VALUES), {
    a: "WARNING on {title}",
    list: ['"}{$&', { deep: "two\nlines" }, 5, null, true],
    "{title}": "{unknown} ",
    at: 17,
    text: "at 17",
    odd: "{ title } {} {constructor} {__proto__}",
  });
});

Deno.test("a template is sent as JSON, whatever is in the values", async () => {
  await using server = recorder();
  const channel = webhookTo(server.url(), { body: { text: "{host}: {body}" } });
  await channel.send(notice({ host: 'a","admin":"', body: '\\"}\n\u0000' }), patience());
  assertEquals(server.json, { text: 'a","admin":": \\"}\n\u0000' });
});

Deno.test("a value is never taken for a template", () => {
  fc.assert(fc.property(fc.string(), fc.string(), (host, title) => {
    assertEquals(fillIn("{host}|{title}", { ...VALUES, host, title }), `${host}|${title}`);
  }));
});

Deno.test("method and headers are the configuration's, and win over our own", async () => {
  await using server = recorder();
  const headers = new Map([
    ["Authorization", secret("Bearer sEcReT-tOkEn")],
    ["Idempotency-Key", secret("mine")],
    ["Content-Type", secret("application/cloudevents+json")],
  ]);
  await webhookTo(server.url(), { method: "PUT", headers }).send(notice(), patience());
  const { method, headers: got } = server.only;
  assertEquals(method, "PUT");
  assertEquals(
    ["authorization", "idempotency-key", "content-type"].map((name) => got.get(name)),
    ["Bearer sEcReT-tOkEn", "mine", "application/cloudevents+json"],
  );
});

Deno.test("GET sends no body", async () => {
  await using server = recorder();
  await webhookTo(server.url("/ping?x=1"), { method: "GET" }).send(notice(), patience());
  const { method, path, body } = server.only;
  assertEquals([method, path, body], ["GET", "/ping?x=1", ""]);
});

Deno.test("errors tell neither the address nor the headers", async () => {
  await using server = recorder("", { status: 401 });
  server.answer = ({ path, headers }) =>
    new Response(`${path} ${headers.get("authorization")} sEcReT-tOkEn`, { status: 401 });
  const headers = new Map([["Authorization", secret("Bearer sEcReT-tOkEn")]]);
  const channel = webhookTo(server.url("/hook/0123456789?key=hunter22"), { headers });
  const { message } = await failureOf(channel);
  assertMatch(message, /^The webhook answered 401 \*\*\* \*\*\* \*\*\*$/);
});

Deno.test("a header or method that HTTP does not allow is an error that says so", async () => {
  await using server = recorder();
  const headers = new Map([["X-Key", secret("sEcReT\r\nX-Other: 1")]]);
  const { message } = await failureOf(webhookTo(server.url(), { headers }));
  assertMatch(message, /^The webhook cannot be reached: Invalid header value/);
  assertNotMatch(message, /sEcReT/);
  const method = await failureOf(webhookTo(server.url(), { method: "TRACE" }));
  assertMatch(method.message, /^The webhook cannot be reached: Method is forbidden/);
  assertEquals(server.got, []);
});
