import { assertEquals } from "@std/assert";
import { complaints, configOf, problems } from "./support.ts";

Deno.test("channels, and who is notified by which, are read", async () => {
  const { notify, hosts } = await configOf(`
base_url: https://hbd.example.com
notification_channels:
  ops_mail:   {type: email, recipients: [ops@example.com], sender: hbd@example.com, smtp_server: smtp.example.com, smtp_port: 587, smtp_user: u, smtp_password: p}
  push:       {type: pushover, token: t, user: u, min_level: CRITICAL, fallback: ops_mail}
  chat:       {type: mattermost, url: https://chat.example.com/hooks/x}
  sig:        {type: signal, cli_path: /usr/local/bin/signal-cli, user: "+1…", recipient: "+1…"}
notify: [ops_mail]            # default for hosts without their own; hosts.<name>.notify overrides
hosts:
  db-01: {notify: chat, watch: false, group: lab, dyn: true}
`);
  assertEquals([...notify.channels.keys()], ["ops_mail", "push", "chat", "sig"]);
  assertEquals([notify.notify, notify.baseUrl], [["ops_mail"], "https://hbd.example.com"]);
  assertEquals(hosts.get("db-01"), { notify: ["chat"], watch: false, group: "lab", dyn: true });
});

Deno.test("base_url has no slash at its end", async () => {
  const { notify } = await configOf("base_url: https://a.example/hbd//");
  assertEquals(notify.baseUrl, "https://a.example/hbd");
});

const SIMPLE = "pushover_token: t\npushover_user: u\nmattermost_url: https://a.example/x\n";

Deno.test("pushsrv makes the channels that it names and notifies them", async () => {
  for (
    const [pushsrv, names] of [
      ["pushover", ["pushover"]],
      ["mattermost", ["mattermost"]],
      ["all", ["pushover", "mattermost"]],
    ] as const
  ) {
    const { notify } = await configOf(`${SIMPLE}pushsrv: ${pushsrv}\n`);
    assertEquals([[...notify.channels.keys()], notify.notify], [[...names], [...names]]);
  }
  const { channels } = (await configOf(`${SIMPLE}pushsrv: all\n`)).notify;
  const base = { minLevel: "WARNING", fallback: null } as const;
  assertEquals([...channels.values()], [
    {
      type: "pushover",
      ...base,
      token: { value: "t", shown: "********" },
      user: { value: "u", shown: "********" },
      url: "https://api.pushover.net/1/messages.json",
    },
    { type: "mattermost", ...base, url: { value: "https://a.example/x", shown: "********" } },
  ]);
});

Deno.test("its keys alone make no channel", async () => {
  const { notify } = await configOf(SIMPLE);
  assertEquals([notify.channels.size, notify.notify], [0, null]);
});

Deno.test("a channel that is defined and a notify that is given win over pushsrv", async () => {
  const { notify } = await configOf(
    "pushsrv: pushover\nnotification_channels: {pushover: {type: desktop}}\nnotify: []\n",
  );
  assertEquals([notify.channels.get("pushover")?.type, notify.notify], ["desktop", []]);
});

Deno.test("pushsrv without the keys that it needs is told which", async () => {
  assertEquals(await problems("interval: 5\npushsrv: all\npushover_token: t\n"), [
    "hbd.yaml:2:10: pushsrv: all needs pushover_user",
    "hbd.yaml:2:10: pushsrv: all needs mattermost_url",
  ]);
  assertEquals(await complaints("pushsrv: pushover"), [
    "pushsrv: pushover needs pushover_token and pushover_user",
  ]);
});

Deno.test("the desktop is a channel without being defined, wherever it is named", async () => {
  const desktop = { type: "desktop", minLevel: "WARNING", fallback: null } as const;
  for (
    const text of [
      "notify: desktop",
      "hosts: {a: {notify: [desktop]}}",
      "notification_channels: {a: {type: command, command: [x], fallback: desktop}}",
    ]
  ) {
    assertEquals((await configOf(text)).notify.channels.get("desktop"), desktop);
  }
  assertEquals((await configOf("")).notify.channels.size, 0);
});

const CHANNELS = "notification_channels: {ops: {type: desktop}, chat: {type: desktop}}\n";

Deno.test("a channel that is named must exist", async () => {
  assertEquals(await problems(`${CHANNELS}notify: opps\nhosts:\n  a: {notify: [ops, caht]}\n`), [
    'hbd.yaml:2:9: notify names no channel: got "opps", did you mean "ops"?',
    'hbd.yaml:4:21: hosts.a.notify names no channel: got "caht", did you mean "chat"?',
  ]);
  assertEquals(await complaints("notify: ops"), [
    'notify names no channel: got "ops", known are desktop',
  ]);
});

Deno.test("a fallback must exist and not lead back to its channel", async () => {
  const command = "type: command, command: [x], fallback";
  assertEquals(
    await problems(`
notification_channels:
  a: {${command}: b}
  b: {${command}: c}
  c: {${command}: b}
  d: {${command}: d}
  e: {${command}: mail}
`),
    [
      "hbd.yaml:4:46: notification_channels.b.fallback must not lead back to itself: b -> c -> b",
      "hbd.yaml:5:46: notification_channels.c.fallback must not lead back to itself: c -> b -> c",
      "hbd.yaml:6:46: notification_channels.d.fallback must be another channel: got its own name",
      'hbd.yaml:7:46: notification_channels.e.fallback names no channel: got "mail", known are a, b, c, d, e, desktop',
    ],
  );
});

Deno.test("missing names and missing secrets are told together", async () => {
  assertEquals(
    (await complaints("notify: a\ndefault_key: ${A}\n", { env: () => undefined })).length,
    2,
  );
});
