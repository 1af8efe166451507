/** What the APIs of chats get: method, path, headers and body; and what their errors mean. */

import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import type { ChannelConfig } from "../../../src/config/config.ts";
import { createChannel } from "../../../src/notify/channels/mod.ts";
import type { Channel } from "../../../src/notify/channel.ts";
import {
  COMMON,
  failureOf,
  notice,
  patience,
  type Recorded,
  Recorder,
  recorder,
  secret,
} from "./support.ts";

const ID = notice().id;
const TOKEN = "sEcReT-tOkEn-1234567890";

/** A host name that tries everything that chats understand. */
const EVIL = "a<!channel>@channel@everyone <@1> [x](http://e.vil) *b* `c` &amp; ||d||\u202e";

function channelOf(config: ChannelConfig): Channel {
  return createChannel(config, { hostname: "hbd.example.com" });
}

const hookTo = (type: "mattermost" | "slack" | "discord", url: string): Channel =>
  channelOf({ ...COMMON, type, url: secret(url) });
const matrixTo = (url: string, room = "!r/oom:example.org"): Channel =>
  channelOf({ ...COMMON, type: "matrix", url, token: secret(TOKEN), room });
const telegramTo = (url: string): Channel =>
  channelOf({ ...COMMON, type: "telegram", url, token: secret(`123:${TOKEN}`), chat: "-100200" });

/** Method, path and idempotency key. */
function head({ method, path, headers }: Recorded): readonly unknown[] {
  return [method, path, headers.get("idempotency-key")];
}

const BODY = "CRITICAL: web1 - cpu_monitor.cpu_percent = 96.0\nlast beat 12:34:50";
const LINK = "https://hbd.example.com/hosts/web1";

Deno.test("Mattermost gets Markdown with the title in bold", async () => {
  await using server = recorder("ok", { headers: { "content-type": "text/plain" } });
  const answer = await hookTo("mattermost", server.url("/hooks/abc")).send(notice(), patience());
  assertEquals(answer, "200 ok");
  assertEquals(head(server.only), ["POST", "/hooks/abc", ID]);
  assertEquals(server.json, {
    text: `**\\[CRITICAL\\] web1**\n${BODY.replaceAll("_", "\\_")}\n${LINK}`,
  });
});

Deno.test("Slack gets text without formatting and without previews", async () => {
  await using server = recorder("ok");
  const answer = await hookTo("slack", server.url("/services/T0/B0/x")).send(notice(), patience());
  assertEquals(answer, "200 ok");
  assertEquals(head(server.only), ["POST", "/services/T0/B0/x", ID]);
  assertEquals(server.json, {
    text: `[CRITICAL] web1\n${BODY}\n<${LINK}>`,
    mrkdwn: false,
    unfurl_links: false,
    unfurl_media: false,
  });
});

Deno.test("Discord is asked to wait, and told to mention nobody", async () => {
  await using server = recorder({ id: "1234567890", content: "…" });
  const channel = hookTo("discord", server.url("/api/webhooks/1/tok?thread_id=5"));
  assertEquals(await channel.send(notice(), patience()), "200 message 1234567890");
  assertEquals(head(server.only), ["POST", "/api/webhooks/1/tok?thread_id=5&wait=true", ID]);
  assertEquals(server.json, {
    content: `**\\[CRITICAL\\] web1**\n${BODY.replaceAll("_", "\\_")}\n<${LINK}>`,
    allowed_mentions: { parse: [] },
    flags: 4,
  });
});

Deno.test("a host's name rings nobody and draws no link in a chat", async () => {
  await using server = recorder("ok");
  const evil = notice({ title: `[CRITICAL] ${EVIL}`, body: EVIL, url: null });
  for (const type of ["mattermost", "slack", "discord"] as const) {
    await hookTo(type, server.url("/hook")).send(evil, patience());
  }
  const [mattermost, slack, discord] = server.got.map(({ body }) => JSON.parse(body));
  assertNotMatch(mattermost.text, /@(channel|everyone|1)|\u202e/);
  assertMatch(mattermost.text, /\\\[x\\\]\(http:\/\/e\.vil\) \\\*b\\\* \\`c\\`/);
  assertNotMatch(slack.text, /[<>]|\u202e/);
  assertMatch(slack.text, /a&lt;!channel&gt;@channel@everyone &lt;@1&gt; .* &amp;amp;/);
  assertMatch(discord.content, /a\\<!channel\\>.*\\<@1\\> \\\[x\\\].*\\\|\\\|d\\\|\\\|/);
});

Deno.test("chats: the body is cut, the link stays, and no escape is torn", async () => {
  await using server = recorder("ok");
  const long = notice({ body: "*".repeat(50_000) });
  for (const type of ["mattermost", "slack", "discord"] as const) {
    await hookTo(type, server.url("/hook")).send(long, patience());
  }
  const [mattermost, slack, discord] = server.got.map(({ body }) => JSON.parse(body));
  assertMatch(mattermost.text, /web1\*\*\n(\\\*)+…\nhttps:\/\/hbd\.example\.com\/hosts\/web1$/);
  assertMatch(slack.text, /web1\n\*+…\n<https:\/\/hbd\.example\.com\/hosts\/web1>$/);
  assertMatch(discord.content, /web1\*\*\n(\\\*)+…\n<https:\/\/hbd\.example\.com\/hosts\/web1>$/);
  assert(mattermost.text.length > 16_380 && mattermost.text.length <= 16_383);
  assert(slack.text.length > 3990 && slack.text.length <= 4000);
  assert(discord.content.length > 1990 && discord.content.length <= 2000);
});

Deno.test("chats: errors do not tell the secret address", async () => {
  const path = "/services/T0ABCDEFG/B0ABCDEFG/abcdefghijklmnop";
  await using server = new Recorder(({ path }) =>
    new Response(`no_service for ${path} abcdefghijklmnop`, { status: 404 })
  );
  for (const type of ["mattermost", "slack", "discord"] as const) {
    const { message } = await failureOf(hookTo(type, server.url(path)));
    assertMatch(message, /^(Mattermost|Slack|Discord) answered 404 no_service for \*\*\*/);
    assertNotMatch(message, /ABCDEFG|abcdefgh/);
  }
});

Deno.test("Discord and Slack: their ways to say 'later' are understood", async () => {
  await using server = new Recorder(() =>
    Response.json({ message: "You are being rate limited.", retry_after: 0.3, global: false }, {
      status: 429,
      headers: { "retry-after": "1" },
    })
  );
  assertEquals((await failureOf(hookTo("discord", server.url("/x")))).retryAfterMs, 1000);
  server.answer = () => new Response("", { status: 429, headers: { "retry-after": "30" } });
  assertEquals((await failureOf(hookTo("slack", server.url("/x")))).retryAfterMs, 30_000);
});

Deno.test("Matrix: the id is the transaction, and nobody is mentioned", async () => {
  await using server = recorder({ event_id: "$abc" });
  const answer = await matrixTo(`${server.url()}/`).send(notice(), patience());
  assertEquals(answer, '200 {"event_id":"$abc"}');
  const path = "/_matrix/client/v3/rooms/!r%2Foom%3Aexample.org/send/m.room.message";
  assertEquals(head(server.only), ["PUT", `${path}/${ID}`, ID]);
  assertEquals(server.only.headers.get("authorization"), `Bearer ${TOKEN}`);
  assertEquals(server.json, {
    msgtype: "m.text",
    body: `[CRITICAL] web1\n${BODY}\n${LINK}`,
    "m.mentions": {},
  });
});

Deno.test("Matrix: an alias of a room is looked up once", async () => {
  await using server = new Recorder(({ method }) =>
    Response.json(method === "GET" ? { room_id: "!1:x", servers: ["x"] } : { event_id: "$1" })
  );
  const channel = matrixTo(server.url(), "#ops:example.org");
  await channel.send(notice(), patience());
  await channel.send(notice(), patience());
  const send = `/_matrix/client/v3/rooms/!1%3Ax/send/m.room.message/${ID}`;
  assertEquals(server.got.map(({ method, path }) => [method, path]), [
    ["GET", "/_matrix/client/v3/directory/room/%23ops%3Aexample.org"],
    ["PUT", send],
    ["PUT", send],
  ]);
});

Deno.test("Matrix: errors, and when to come back", async () => {
  await using server = recorder({ errcode: "M_LIMIT_EXCEEDED", error: "…", retry_after_ms: 2500 }, {
    status: 429,
  });
  assertEquals((await failureOf(matrixTo(server.url()))).retryAfterMs, 2500);
  server.answer = () => Response.json({ errcode: "M_NOT_FOUND" }, { status: 400 });
  const unknown = await failureOf(matrixTo(server.url(), "#no:example.org"));
  assertEquals(unknown.isRefused, false);
  server.answer = () => Response.json({});
  assertMatch((await failureOf(matrixTo(server.url()))).message, /an answer that is not its own/);
  assertEquals(
    (await failureOf(matrixTo(server.url(), "#no:x"))).message,
    "Matrix knows no room #no:x",
  );
});

Deno.test("Matrix: an event stays within 65,536 bytes", async () => {
  await using server = recorder({ event_id: "$1" });
  await matrixTo(server.url()).send(notice({ body: '"'.repeat(100_000) }), patience());
  assert(server.only.body.length < 60_000);
  assertMatch(
    (server.json as { body: string }).body,
    /"…\nhttps:\/\/hbd\.example\.com\/hosts\/web1$/,
  );
});

Deno.test("Telegram gets plain text in which nobody is mentioned", async () => {
  await using server = recorder({ ok: true, result: { message_id: 77 } });
  const channel = telegramTo(server.url());
  assertEquals(await channel.send(notice({ host: "@bob" }), patience()), "200 message 77");
  assertEquals(head(server.only), ["POST", `/bot123:${TOKEN}/sendMessage`, ID]);
  assertEquals(server.json, {
    chat_id: "-100200",
    text: `[CRITICAL] web1\n${BODY}\n${LINK}`,
    link_preview_options: { is_disabled: true },
  });
  await channel.send(notice({ title: "@bob", body: "x".repeat(5000) }), patience());
  const { text } = JSON.parse(server.got[1]?.body ?? "");
  assertMatch(text, /^@\u200bbob\nx+…\nhttps:/);
  assert(text.length <= 4096 && text.length > 4090);
});

Deno.test("Telegram: its errors, without the token in its address", async () => {
  const answer = (error_code: number, description: string, more = {}) => () =>
    Response.json({ ok: false, error_code, description, ...more }, { status: error_code });
  await using server = recorder();
  const fail = async (response: () => Response) => {
    server.answer = response;
    return await failureOf(telegramTo(server.url()));
  };
  const busy = await fail(answer(429, "Too Many Requests", { parameters: { retry_after: 5 } }));
  assertEquals([busy.retryAfterMs, busy.isRefused], [5000, false]);
  assertEquals((await fail(answer(400, "Bad Request: message is too long"))).isRefused, true);
  assertEquals((await fail(answer(400, "Bad Request: chat not found"))).isRefused, false);
  const wrong = await fail(() => new Response(`/bot123:${TOKEN}/x is unknown`, { status: 401 }));
  assertEquals(wrong.message, "Telegram answered 401 /***/x is unknown");
});

Deno.test("a login page in between is not taken for a delivery", async () => {
  await using server = recorder("<html>Please log in</html>");
  for (const to of [matrixTo, telegramTo]) {
    const { message, isRefused } = await failureOf(to(server.url()));
    assertMatch(message, /gave an answer that is not its own: 200 <html>Please log in<\/html>$/);
    assertEquals(isRefused, false);
  }
});
