/**
 * Whatever a host is called and whatever its alert says: providers get valid JSON, forms and
 * headers, and sending ends with an answer or a SendError.
 */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { ChannelConfig } from "../../../src/config/config.ts";
import { createChannel } from "../../../src/notify/channels/mod.ts";
import { type Notification, SendError } from "../../../src/notify/channel.ts";
import { COMMON, notice, patience, recorder, secret } from "./support.ts";
import { MailServer } from "./smtp.ts";

/** Any UTF-16 at all, and what is most likely to break something. */
const anyText = fc.oneof(
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }),
  fc.string({ unit: "binary", maxLength: 50 }),
  fc.string({
    unit: fc.constantFrom("\r\n", "\n.\n", "\0", '"', "'", "\\", "🔥", "\u202e", "{title}", ":"),
  }),
);

const notifications: fc.Arbitrary<Notification> = fc.record({
  id: fc.oneof(fc.uuid(), anyText),
  kind: fc.constantFrom("alert", "reminder", "recovery", "test"),
  level: fc.constantFrom("OK", "WARNING", "UNKNOWN", "CRITICAL"),
  host: anyText,
  metric: fc.option(anyText),
  title: anyText,
  body: anyText,
  url: fc.option(fc.oneof(fc.webUrl(), anyText)),
  atMs: fc.integer({ min: 0, max: 4e12 }),
});

/** Answers that satisfy every provider at once. */
const GOOD = { ok: true, status: 1, id: "1", event_id: "$1", result: { message_id: 1 } };

function configsAt(url: string): readonly ChannelConfig[] {
  const token = secret("sEcReT-tOkEn");
  return [
    { ...COMMON, type: "pushover", token, user: secret("u"), url },
    { ...COMMON, type: "mattermost", url: secret(`${url}/hooks/x`) },
    { ...COMMON, type: "slack", url: secret(`${url}/services/x`) },
    { ...COMMON, type: "discord", url: secret(`${url}/api/webhooks/1/x`) },
    { ...COMMON, type: "matrix", url, token, room: "!a:b" },
    { ...COMMON, type: "ntfy", url, topic: "t", token },
    { ...COMMON, type: "telegram", url, token, chat: "1" },
    {
      ...COMMON,
      type: "webhook",
      url: secret(url),
      method: "POST",
      headers: new Map(),
      body: { text: "{host} {title} {body} {metric} {url} {id}", at: "{time}" },
    },
    {
      ...COMMON,
      type: "webhook",
      url: secret(url),
      method: "PUT",
      headers: new Map(),
      body: null,
    },
  ];
}

Deno.test("any text reaches every provider as valid JSON, or as a form", async () => {
  await using server = recorder(GOOD);
  await using gotify = recorder({ id: 1 });
  const channels = [
    ...configsAt(server.url()),
    { ...COMMON, type: "gotify", url: gotify.url(), token: secret("x") } as const,
  ].map((config) => createChannel(config, { hostname: "hbd" }));
  await fc.assert(
    fc.asyncProperty(notifications, async (notification) => {
      server.got.length = gotify.got.length = 0;
      for (const channel of channels) await channel.send(notification, patience());
      const got = [...server.got, ...gotify.got];
      assertEquals(got.length, channels.length);
      const [form, ...others] = got;
      assert(new URLSearchParams(form?.body).get("message") !== "");
      for (const { body, headers } of others) {
        assert(body.isWellFormed() && typeof JSON.parse(body) === "object");
        assert(/^[\x21-\x7e]*$/.test(headers.get("idempotency-key") ?? "missing\n"));
      }
    }),
    { numRuns: 40 },
  );
});

Deno.test("any text and any answer: sending fails with a SendError or not at all", async () => {
  await using server = recorder();
  const channels = configsAt(server.url()).map((config) =>
    createChannel(config, { hostname: "h" })
  );
  const statuses = fc.constantFrom(200, 202, 204, 301, 400, 401, 413, 429, 500, 503);
  await fc.assert(
    fc.asyncProperty(
      notifications,
      statuses,
      anyText,
      fc.json(),
      async (said, status, text, json) => {
        for (const body of [text, json]) {
          server.answer = () => new Response(status === 204 ? null : body, { status });
          for (const channel of channels) {
            try {
              await channel.send(said, patience());
            } catch (error) {
              assert(error instanceof SendError, String(error));
              assert(!/[\r\n\0]/.test(error.message) && error.message.length < 400, error.message);
            }
          }
        }
      },
    ),
    { numRuns: 40 },
  );
});

Deno.test("any text becomes one mail to the right people, with the headers that it should have", async () => {
  await using server = await MailServer.start();
  const channel = createChannel({
    ...COMMON,
    type: "email",
    recipients: ["ops@example.com"],
    sender: "hbd@example.com",
    server: "127.0.0.1",
    port: server.port,
    security: "none",
    user: null,
    password: null,
    insecure: false,
  }, { hostname: "hbd.example.com" });
  await channel.send(notice({ level: "CRITICAL" }), patience());
  const usual = new Set(server.only.headers.keys());
  await fc.assert(
    fc.asyncProperty(notifications, async (notification) => {
      server.mails.length = 0;
      await channel.send(notification, patience());
      const { to, headers } = server.only;
      assertEquals(to, ["ops@example.com"]);
      for (const name of headers.keys()) assert(usual.has(name), name);
    }),
    { numRuns: 40 },
  );
});
