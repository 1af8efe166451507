/** What is set for a host, as its owner reads and changes it: what is told is what is in force. */

import { assertEquals } from "@std/assert";
import { asUser, peopleBench } from "./people.ts";

const HASH = `pbkdf2:sha256:600000$salt$${"0".repeat(64)}`;

const CONFIG = `
users:
  ada: { password: "${HASH}", admin: true, notification_channels: [hers] }
  olga: { notification_channels: [theirs] }
  otto: {}
default_owner: ada
hosts:
  web1: { owner: olga, managers: [ada] }
  quiet: { owner: olga, watch: false }
  own: { owner: olga, notify: general }
  other: { owner: otto }
  nobody: { owner: olga, notify: [] }
notification_channels:
  hers: { type: webhook, url: PROVIDER }
  theirs: { type: webhook, url: PROVIDER }
  general: { type: webhook, url: PROVIDER }
notify: general
`;

Deno.test("the notify of a host is who is told of it, be it by its people", async () => {
  await using bench = await peopleBench(CONFIG);
  const ada = await asUser(bench, "ada");
  const told = async (name: string) =>
    (await bench.ask(`/api/0/hosts/${name}`, ada)).json.settings.notify;
  assertEquals(await told("web1"), ["theirs", "hers"]);
  assertEquals(await told("quiet"), ["theirs"]);
  assertEquals(await told("own"), ["general"]);
  assertEquals(await told("other"), ["general"]);
  assertEquals(await told("nobody"), []);
  assertEquals(await told("stray"), ["hers"]);
});

Deno.test("a rhythm that is not right is refused with what would be", async () => {
  await using bench = await peopleBench(CONFIG);
  const ada = await asUser(bench, "ada");
  const wrong = [
    [
      { interval: "soon" },
      'interval: must be a number of seconds above 0 and at most 31536000, a text such as "5m", or "auto".',
    ],
    [
      { interval: 0 },
      'interval: must be a number of seconds above 0 and at most 31536000, a text such as "5m", or "auto".',
    ],
    [{ tolerance: 1001 }, "tolerance: must be a number of percent from 0 to 1000."],
    [
      { grace: "a minute" },
      'grace: must be a number of seconds from 0 to 31536000, or a text such as "20m".',
    ],
  ] as const;
  for (const [body, message] of wrong) {
    const { status, json } = await bench.ask("/api/0/hosts/web1", {
      ...ada,
      method: "PATCH",
      body,
    });
    assertEquals([status, json.error.message.split(" Right is ")[0]], [422, message]);
  }
});
