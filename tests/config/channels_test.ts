import { assertEquals } from "@std/assert";
import type { ChannelConfig } from "../../src/config/config.ts";
import { complaints, configOf, problems } from "./support.ts";

const TYPES =
  "email, pushover, mattermost, slack, discord, signal, matrix, ntfy, telegram, gotify, webhook, command, desktop";

async function channelOf(channel: string): Promise<ChannelConfig | undefined> {
  return (await configOf(`notification_channels:\n  a: ${channel}\n`)).notify.channels.get("a");
}

function hidden(value: string) {
  return { value, shown: "********" };
}

const BASE = { minLevel: "WARNING", fallback: null } as const;

const right: readonly (readonly [string, ChannelConfig])[] = [
  ["{type: email, recipients: a@b.ch, sender: H <h@b.ch>, smtp_server: b.ch}", {
    type: "email",
    ...BASE,
    recipients: ["a@b.ch"],
    sender: "H <h@b.ch>",
    server: "b.ch",
    port: 587,
    security: "auto",
    user: null,
    password: null,
    insecure: false,
  }],
  [
    "{type: email, recipients: [a@b.ch, c@b.ch], sender: h@b.ch, smtp_server: b.ch, smtp_port: 465," +
    " smtp_user: u, smtp_password: p, smtp_insecure: true, min_level: CRITICAL}",
    {
      type: "email",
      minLevel: "CRITICAL",
      fallback: null,
      recipients: ["a@b.ch", "c@b.ch"],
      sender: "h@b.ch",
      server: "b.ch",
      port: 465,
      security: "tls",
      user: "u",
      password: hidden("p"),
      insecure: true,
    },
  ],
  ["{type: pushover, token: t, user: u}", {
    type: "pushover",
    ...BASE,
    token: hidden("t"),
    user: hidden("u"),
    url: "https://api.pushover.net/1/messages.json",
  }],
  ...(["mattermost", "slack", "discord"] as const).map((type) =>
    [`{type: ${type}, url: https://a.example/hooks/x}`, {
      type,
      ...BASE,
      url: hidden("https://a.example/hooks/x"),
    }] as const
  ),
  ['{type: signal, user: "+1", recipient: "+2"}', {
    type: "signal",
    ...BASE,
    cliPath: "signal-cli",
    user: "+1",
    recipients: ["+2"],
  }],
  ['{type: signal, cli_path: /opt/signal-cli, user: "+1", recipient: ["+2", group]}', {
    type: "signal",
    ...BASE,
    cliPath: "/opt/signal-cli",
    user: "+1",
    recipients: ["+2", "group"],
  }],
  ['{type: matrix, url: "https://m.example/", token: t, room: "!r:m.example"}', {
    type: "matrix",
    ...BASE,
    url: "https://m.example",
    token: hidden("t"),
    room: "!r:m.example",
  }],
  ["{type: ntfy, topic: hbd}", {
    type: "ntfy",
    ...BASE,
    url: "https://ntfy.sh",
    topic: "hbd",
    token: null,
  }],
  ["{type: telegram, token: t, chat_id: -1001234567890}", {
    type: "telegram",
    ...BASE,
    url: "https://api.telegram.org",
    token: hidden("t"),
    chat: "-1001234567890",
  }],
  ['{type: telegram, token: t, chat_id: "@ops", url: http://127.0.0.1:8081}', {
    type: "telegram",
    ...BASE,
    url: "http://127.0.0.1:8081",
    token: hidden("t"),
    chat: "@ops",
  }],
  ["{type: gotify, url: https://g.example, token: t}", {
    type: "gotify",
    ...BASE,
    url: "https://g.example",
    token: hidden("t"),
  }],
  ["{type: webhook, url: http://w.example}", {
    type: "webhook",
    ...BASE,
    url: hidden("http://w.example"),
    method: "POST",
    headers: new Map(),
    body: null,
  }],
  [
    '{type: webhook, url: http://w.example, method: PUT, headers: {X-A: b}, body: {a: ["{title}", {b: null, c: 1.5}]}}',
    {
      type: "webhook",
      ...BASE,
      url: hidden("http://w.example"),
      method: "PUT",
      headers: new Map([["X-A", hidden("b")]]),
      body: { a: ["{title}", { b: null, c: 1.5 }] },
    },
  ],
  ["{type: command, command: [/bin/notify, --now, '']}", {
    type: "command",
    ...BASE,
    command: ["/bin/notify", "--now", ""],
  }],
  ["{type: desktop}", { type: "desktop", ...BASE }],
];
for (const [written, channel] of right) {
  Deno.test(`a channel is read: ${written}`, async () => {
    assertEquals(await channelOf(written), channel);
  });
}

const SECRET = '"${ENV_NAME}" or "file:path"';
const TOKEN = `a text of 1 to 4096 characters without control characters, ${SECRET}`;
const ADDRESSES = "a mail address (ops@example.com, Ops <ops@example.com>), or a list of such";
const SERVICE =
  'an http or https address without user name, "?" and "#", say https://chat.example.com';
const MAIL = "type: email, recipients: a@b.ch, sender: h@b.ch, smtp_server: b.ch";
const HOOK = "type: webhook, url: http://w.example";
/** A channel, and what is said of it behind `notification_channels.a`. */
const wrong: readonly (readonly [string, string])[] = [
  ["{}", `.type must be one of ${TYPES}: got nothing`],
  ["{type: emial}", `.type must be one of ${TYPES}: got "emial", did you mean "email"?`],
  ["{type: carrier_pigeon}", `.type must be one of ${TYPES}: got "carrier_pigeon"`],
  ["desktop", ` must be a mapping with a type: one of ${TYPES}: got a text of 7 characters`],
  [
    "{type: desktop, min_level: critical}",
    '.min_level must be "WARNING" or "CRITICAL": got "critical"',
  ],
  ["{type: desktop, fallback: [b]}", ".fallback must be the name of another channel: got a list"],
  [
    "{type: email, recipients: [], sender: h@b.ch, smtp_server: b.ch}",
    `.recipients must be ${ADDRESSES}: got a list`,
  ],
  [
    "{type: email, recipients: [ops], sender: h@b.ch, smtp_server: b.ch}",
    `.recipients.0 must be ${ADDRESSES}: got "ops"`,
  ],
  [`{${MAIL}, smtp_port: 0}`, ".smtp_port must be a whole number from 1 to 65535: got 0"],
  [`{${MAIL}, smtp_user: u}`, ".smtp_user needs smtp_password beside it"],
  [`{${MAIL}, smtp_password: p}`, ".smtp_password needs smtp_user beside it"],
  [
    `{${MAIL}, smtp_security: ssl}`,
    '.smtp_security must be one of "auto", "starttls", "tls", "none": got "ssl"',
  ],
  [
    "{type: email, recipients: a@b.ch, sender: h@b.ch, smtp_server: 'b.ch:25'}",
    '.smtp_server must be a host name or an IP address (the port goes in smtp_port): got "b.ch:25"',
  ],
  ["{type: pushover, token: t}", `.user must be ${TOKEN}: got nothing`],
  [
    "{type: pushover, token: 5, user: u}",
    `.token must be ${TOKEN}: got a number`,
  ],
  [
    "{type: slack, url: hooks.slack.com}",
    `.url must be an http or https address, ${SECRET}: got a text of 15 characters`,
  ],
  [
    "{type: signal, user: +41791234567, recipient: a}",
    '.user must be the number that sends, in quotes: "+41…": got 41791234567',
  ],
  [
    "{type: matrix, url: https://u:p@m.example, token: t, room: r}",
    `.url must be ${SERVICE}: got "https://u:p@m.example"`,
  ],
  [
    "{type: ntfy, topic: a/b}",
    '.topic must be a topic of 1 to 64 letters, digits, "_" and "-": got "a/b"',
  ],
  [
    "{type: telegram, token: t, chat_id: 1.5}",
    ".chat_id must be the number or @name of a chat: got 1.5",
  ],
  [
    `{${HOOK}, method: post}`,
    '.method must be one of "POST", "PUT", "PATCH", "GET", "DELETE": got "post"',
  ],
  [`{${HOOK}, method: GET, body: a}`, ".body does not go with GET"],
  [`{${HOOK}, headers: [a]}`, ".headers must be a mapping of header names to texts: got a list"],
  [`{${HOOK}, body: [.nan]}`, ".body must be a value that JSON can have: got NaN"],
  [`{${HOOK}, body: &b [*b]}`, ".body is nested too deep: at most 20 levels are allowed"],
  [
    "{type: command, command: say}",
    '.command must be a list of a program and its arguments, all texts: got "say"',
  ],
  [
    "{type: command, command: ['']}",
    ".command must be a list of a program and its arguments, all texts: got a list",
  ],
];
for (const [written, message] of wrong) {
  Deno.test(`a wrong channel is refused: ${written}`, async () => {
    const text = `notification_channels:\n  a: ${written}\n`;
    assertEquals(await complaints(text), [`notification_channels.a${message}`]);
  });
}

Deno.test("an unknown key of a channel is told with the nearest that its type has", async () => {
  const [first] = await problems("notification_channels:\n  a: {type: ntfy, topc: b, topic: c}\n");
  assertEquals(
    first,
    'hbd.yaml:2:19: Unknown key "topc" in notification_channels.a: did you mean "topic"?',
  );
  assertEquals(await complaints("notification_channels: {a: {type: desktop, topic: b}}"), [
    'Unknown key "topic" in notification_channels.a: known are type, min_level, fallback',
  ]);
});

Deno.test("a header's name is told where it is wrong", async () => {
  assertEquals(await problems(`notification_channels:\n  a: {${HOOK}, headers: {"X A": b}}\n`), [
    'hbd.yaml:2:55: Name of a header must be letters, digits and "-": got "X A"',
  ]);
});
