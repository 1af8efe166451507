/** What the APIs of push services get: method, path, headers and body; and their errors. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { ChannelConfig } from "../../../src/config/config.ts";
import { createChannel } from "../../../src/notify/channels/mod.ts";
import type { Channel } from "../../../src/notify/channel.ts";
import { COMMON, failureOf, notice, patience, type Recorded, recorder, secret } from "./support.ts";

const ID = notice().id;
const TOKEN = "sEcReT-tOkEn-1234567890";

function channelOf(config: ChannelConfig): Channel {
  return createChannel(config, { hostname: "hbd.example.com" });
}

const pushoverTo = (url: string): Channel =>
  channelOf({ ...COMMON, type: "pushover", token: secret(TOKEN), user: secret("uSeR-kEy"), url });
const ntfyTo = (url: string, token: string | null = TOKEN): Channel =>
  channelOf({
    ...COMMON,
    type: "ntfy",
    url,
    topic: "alerts",
    token: token === null ? null : secret(token),
  });
const gotifyTo = (url: string): Channel =>
  channelOf({ ...COMMON, type: "gotify", url, token: secret(TOKEN) });

/** Method, path and idempotency key. */
function head({ method, path, headers }: Recorded): readonly unknown[] {
  return [method, path, headers.get("idempotency-key")];
}

const BODY = "CRITICAL: web1 - cpu_monitor.cpu_percent = 96.0\nlast beat 12:34:50";
const LINK = "https://hbd.example.com/hosts/web1";

Deno.test("Pushover gets a form, with priority 1 for what is critical", async () => {
  await using server = recorder({ status: 1, request: "647d2300" });
  const answer = await pushoverTo(server.url()).send(notice(), patience());
  assertEquals(answer, '200 {"status":1,"request":"647d2300"}');
  assertEquals(head(server.only), ["POST", "/1/messages.json", ID]);
  assertEquals(Object.fromEntries(new URLSearchParams(server.only.body)), {
    token: TOKEN,
    user: "uSeR-kEy",
    title: "[CRITICAL] web1",
    message: BODY,
    priority: "1",
    timestamp: "1774701296",
    url: LINK,
  });
});

Deno.test("Pushover: warnings and recoveries are of normal priority", async () => {
  await using server = recorder({ status: 1 });
  const channel = pushoverTo(server.url("/other/path"));
  await channel.send(notice({ level: "WARNING" }), patience());
  await channel.send(notice({ kind: "recovery", url: null }), patience());
  await channel.send(notice({ kind: "reminder" }), patience());
  const forms = server.got.map(({ body }) => new URLSearchParams(body));
  assertEquals(forms.map((form) => form.get("priority")), ["0", "0", "1"]);
  assertEquals(forms[1]?.has("url"), false);
  assertEquals(server.got.map(({ path }) => path), Array(3).fill("/other/path"));
});

Deno.test("Pushover: texts are cut to what it takes", async () => {
  await using server = recorder({ status: 1 });
  const long = {
    title: "🔥".repeat(300),
    body: "ä".repeat(2000),
    url: `http://a/${"b".repeat(600)}`,
  };
  await pushoverTo(server.url()).send(notice(long), patience());
  const form = new URLSearchParams(server.only.body);
  assertEquals(form.get("title"), `${"🔥".repeat(124)}…`);
  assertEquals(form.get("message"), `${"ä".repeat(1023)}…`);
  assertEquals(form.has("url"), false);
});

Deno.test("Pushover: a wrong key is no refusal of the message, a wrong message is one", async () => {
  const answer = { user: "invalid", errors: ["user identifier uSeR-kEy is invalid"], status: 0 };
  await using server = recorder(answer, { status: 400 });
  const error = await failureOf(pushoverTo(server.url()));
  assertEquals(error.isRefused, false);
  assertMatch(error.message, /^Pushover answered 400 .*user identifier \*\*\* is invalid/);
  server.answer = () => Response.json({ message: "too long", status: 0 }, { status: 400 });
  assertEquals((await failureOf(pushoverTo(server.url()))).isRefused, true);
});

Deno.test("ntfy gets JSON with priority, tag, link and the id of the sequence", async () => {
  await using server = recorder({ id: "xyz", event: "message" });
  await ntfyTo(server.url()).send(notice(), patience());
  assertEquals(head(server.only), ["POST", "/", ID]);
  assertEquals(server.only.headers.get("authorization"), `Bearer ${TOKEN}`);
  assertEquals(server.json, {
    topic: "alerts",
    title: "[CRITICAL] web1",
    message: BODY,
    priority: 5,
    tags: ["rotating_light"],
    click: LINK,
    sequence_id: ID,
  });
});

Deno.test("ntfy: without a token nothing is shown, and what is no emergency is not loud", async () => {
  await using server = recorder({ id: "xyz" });
  const channel = ntfyTo(server.url(), null);
  await channel.send(notice({ kind: "recovery", id: "a b", url: null }), patience());
  await channel.send(notice({ level: "WARNING" }), patience());
  const bodies = server.got.map(({ body }) => JSON.parse(body));
  assertEquals(bodies.map(({ priority, tags }) => [priority, tags]), [
    [3, ["white_check_mark"]],
    [3, ["warning"]],
  ]);
  assertEquals([bodies[0].click, bodies[0].sequence_id], [undefined, undefined]);
  assertEquals(server.got[0]?.headers.get("authorization"), null);
});

Deno.test("ntfy: a long text stays a message, and the JSON below twice its limit", async () => {
  await using server = recorder({ id: "xyz" });
  for (const body of ["ä".repeat(9000), '"\n'.repeat(9000)]) {
    await ntfyTo(server.url()).send(notice({ title: "ü".repeat(900), body }), patience());
  }
  for (const { body } of server.got) {
    const { message } = JSON.parse(body);
    const bytes = (text: string) => new TextEncoder().encode(text).length;
    assert(message.endsWith("…") && bytes(message) <= 4096, message);
    assert(bytes(body) <= 8192);
  }
});

Deno.test("Gotify gets title, text, priority and the link to open", async () => {
  await using server = recorder({ id: 25, appid: 1, message: "…" });
  assertEquals(await gotifyTo(server.url("/push/")).send(notice(), patience()), "200 message 25");
  assertEquals(head(server.only), ["POST", "/push/message", ID]);
  assertEquals(server.only.headers.get("x-gotify-key"), TOKEN);
  assertEquals(server.json, {
    title: "[CRITICAL] web1",
    message: BODY,
    priority: 8,
    extras: {
      "client::display": { contentType: "text/plain" },
      "client::notification": { click: { url: LINK } },
    },
  });
  await gotifyTo(server.url()).send(notice({ kind: "recovery", body: "" }), patience());
  const { priority, message } = JSON.parse(server.got[1]?.body ?? "");
  assertEquals([priority, message], [5, "[CRITICAL] web1"]);
});

Deno.test("a login page in between is not taken for a delivery", async () => {
  await using server = recorder("<html>Please log in</html>");
  for (const to of [pushoverTo, ntfyTo, gotifyTo]) {
    const { message, isRefused } = await failureOf(to(server.url()));
    assertMatch(message, /gave an answer that is not its own: 200 <html>Please log in<\/html>$/);
    assertEquals(isRefused, false);
  }
});
