/** Who is told of a host: its own channels, those of its people, or everybody's. */

import { assertEquals } from "@std/assert";
import { Audience } from "../../src/notify/audience.ts";
import { configOf } from "../config/support.ts";

const CHANNELS = "notification_channels: {" +
  ["all", "a", "b", "c", "own"].map((name) => `${name}: {type: desktop}`).join(", ") + "}\n";
const USERS = `
users:
  alice: {notification_channels: [a, all]}
  bob: {notification_channels: [b, a]}
  carol: {notification_channels: []}
  dora: {admin: true, notification_channels: c}
  eve:
`;

async function audience(text: string): Promise<Audience> {
  return new Audience(await configOf(`${CHANNELS}${text}`), "hbd@here");
}

Deno.test("without users it is the host's notify, else everybody's", async () => {
  const all = await audience(
    "notify: all\nhosts: {x: {notify: own, owner: alice}, y: {owner: bob}}",
  );
  assertEquals([all.of("x"), all.of("y"), all.of("z")], [["own"], ["all"], ["all"]]);
  assertEquals((await audience("")).of("x"), []);
});

Deno.test("a host's owner and managers are told by their own channels, each once", async () => {
  const all = await audience(`${USERS}notify: all\nhosts:
  x: {owner: alice, managers: [bob, eve], monitors: dora}
  y: {managers: bob}
  z: {owner: carol}
  own: {owner: alice, notify: own}
  nobody: {owner: alice, notify: []}
  ignored: {owner: alice, watch: false}
`);
  assertEquals(all.of("x"), ["a", "all", "b"]);
  assertEquals(all.of("y"), ["b", "a"]);
  assertEquals(all.of("z"), ["all"], "nobody of its people has a channel");
  assertEquals(all.of("another"), ["all"]);
  assertEquals([all.of("own"), all.of("nobody"), all.of("ignored")], [["own"], [], []]);
});

Deno.test("the default owner is told of hosts that name none", async () => {
  const all = await audience(
    `${USERS}default_owner: bob\nnotify: all\nhosts: {x: {owner: alice}, y: {managers: dora}}`,
  );
  assertEquals(all.of("x"), ["a", "all"]);
  assertEquals(all.of("y"), ["b", "a", "c"]);
  assertEquals(all.of("another"), ["b", "a"]);
});

Deno.test("the server's own alerts go to everybody's channels, else to the admins", async () => {
  const users = `${USERS}default_owner: bob\n`;
  assertEquals((await audience(`${users}notify: all`)).of("hbd@here"), ["all"]);
  assertEquals((await audience(users)).of("hbd@here"), ["c"]);
  assertEquals((await audience(`${users}notify: []`)).of("hbd@here"), []);
});

Deno.test("channels of a host that are not there any more leave nobody untold", async () => {
  const config = await configOf(
    `${CHANNELS}${USERS}notify: all\nhosts: {x: {owner: alice, notify: [own, b]}, y: {notify: own}}`,
  );
  // What was said over the API stays when the file loses a channel.
  const channels = new Map([...config.notify.channels].filter(([name]) => name !== "own"));
  const later = new Audience({ ...config, notify: { ...config.notify, channels } }, "hbd@here");
  assertEquals([later.of("x"), later.of("y")], [["b"], ["all"]]);
});
