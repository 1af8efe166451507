/** Users, the ports and files for people, and what of them only the whole file can tell. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { configToYaml } from "../../src/config/load.ts";
import { keysNeedingRestart } from "../../src/config/schema.ts";
import { warningsOf } from "../../src/config/warnings.ts";
import { complaints, configOf, problems } from "./support.ts";

const HEX = "0a".repeat(32);
const HASH = `pbkdf2:sha256:600000$salt$${HEX}`;

Deno.test("users, and who has to do with a host, are read", async () => {
  const { users, defaultOwner, hosts } = await configOf(`
notification_channels: {ops_mail: {type: desktop}}
users:
  alice: {full_name: Alice Smith, password: "${HASH}", admin: true, notification_channels: [ops_mail]}
  bob:
  carol: {notification_channels: desktop}
default_owner: alice
hosts:
  webserver01: {owner: alice, managers: [bob], monitors: carol, group: web}
`);
  assertEquals(users.get("alice"), {
    fullName: "Alice Smith",
    password: { value: HASH, shown: "********" },
    admin: true,
    channels: ["ops_mail"],
  });
  assertEquals(users.get("bob"), { fullName: null, password: null, admin: false, channels: null });
  assertEquals([users.get("carol")?.channels, defaultOwner], [["desktop"], "alice"]);
  assertEquals(hosts.get("webserver01"), {
    group: "web",
    owner: "alice",
    managers: ["bob"],
    monitors: ["carol"],
  });
});

Deno.test("a user's channel makes the desktop a channel", async () => {
  const { notify } = await configOf("users: {alice: {notification_channels: desktop}}");
  assertEquals([...notify.channels.keys()], ["desktop"]);
});

Deno.test("whoever has to do with a host must be a user", async () => {
  const text = `
users: {alice: , bob: }
default_owner: alcie
hosts:
  a: {owner: carol, managers: [bob, dave], monitors: bbo}
`;
  assertEquals(await problems(text), [
    'hbd.yaml:3:16: default_owner names no user: got "alcie", did you mean "alice"?',
    'hbd.yaml:5:14: hosts.a.owner names no user: got "carol", known are alice, bob',
    'hbd.yaml:5:37: hosts.a.managers names no user: got "dave", known are alice, bob',
    'hbd.yaml:5:54: hosts.a.monitors names no user: got "bbo", known are alice, bob',
  ]);
});

Deno.test("without users, names of users are allowed and mean nothing", async () => {
  const { users, defaultOwner } = await configOf("default_owner: alice\nhosts: {a: {owner: bob}}");
  assertEquals([users.size, defaultOwner], [0, "alice"]);
});

Deno.test("a user's channels must be there", async () => {
  const text = `
notification_channels: {ops_mail: {type: desktop}}
users: {alice: {notification_channels: [ops_mial]}}
`;
  assertEquals(await complaints(text), [
    'users.alice.notification_channels names no channel: got "ops_mial", did you mean "ops_mail"?',
  ]);
});

Deno.test("what is no hash of a password is not shown", async () => {
  const [complaint = ""] = await complaints("users: {alice: {password: my-secret-word}}");
  assertEquals(
    complaint,
    'users.alice.password must be the hash that "hbd passwd" makes, ' +
      'pbkdf2:sha256:<iterations>$<salt>$<hex>, "${ENV_NAME}" or "file:path": ' +
      "got a text of 14 characters",
  );
  const [whole = ""] = await complaints("users: {alice: my-secret-word}");
  assertEquals(whole.includes("my-secret"), false, whole);
  assertStringIncludes(whole, "full_name, password, admin, notification_channels");
});

Deno.test("an unknown key of a user is told with the nearest", async () => {
  assertEquals(await complaints("users: {alice: {admn: true}}"), [
    'Unknown key "admn" in users.alice: did you mean "admin"?',
  ]);
  assertEquals(await complaints("status_page: {hosts: a, titel: b}"), [
    'Unknown key "titel" in status_page: did you mean "title"?',
  ]);
});

Deno.test("a hash may be in a file or a variable, and is then shown as it is written", async () => {
  const config = await configOf(
    "users: {alice: {password: file:alice.hash}, bob: {password: '${BOB_HASH}'}}",
    {
      read: () => Promise.resolve(new TextEncoder().encode(`${HASH}\n`)),
      env: () => HASH,
    },
  );
  assertEquals(config.users.get("alice")?.password?.value, HASH);
  assertEquals(config.users.get("bob")?.password?.value, HASH);
  const yaml = configToYaml(config);
  assertStringIncludes(yaml, "password: file:alice.hash");
  assertStringIncludes(yaml, "password: ${BOB_HASH}");
  assertEquals(yaml.includes(HEX), false);
});

Deno.test("few iterations are a warning that says whose and what to do", async () => {
  const hash = (rounds: number) => `pbkdf2:sha256:${rounds}$salt$${HEX}`;
  const config = await configOf(`
users:
  alice: {password: "${hash(599_999)}"}
  bob: {password: "${hash(600_000)}"}
  o'hara: {password: "${hash(1000)}"}
  carol: {admin: true}
`);
  assertEquals(warningsOf(config), [
    "users.alice.password has 599999 iterations, fewer than 600000: whoever gets hold of the file " +
    "tries out passwords faster. To make a new one: hbd passwd alice",
    "users.o'hara.password has 1000 iterations, fewer than 600000: whoever gets hold of the file " +
    `tries out passwords faster. To make a new one: hbd passwd 'o'\\''hara'`,
  ]);
});

Deno.test("users of whom nobody can log in are a warning, and so is a key that they make void", async () => {
  const config = await configOf("users: {alice: {admin: true}}\nallow_anonymous_changes: true");
  assertEquals(warningsOf(config), [
    "users: nobody has a password, so nobody can log in. To make one: hbd passwd USER",
    "allow_anonymous_changes means nothing while there are users",
  ]);
  assertEquals(warningsOf(await configOf("allow_anonymous_changes: true")), []);
});

Deno.test("users of whom none sees hosts without an owner are a warning", async () => {
  const warned = async (text: string) => {
    const warnings = warningsOf(await configOf(`users: ${text}`));
    return warnings.filter((line) => line.includes("default_owner")).length;
  };
  assertEquals(await warned("{alice: , bob: }"), 1);
  assertEquals(await warned("{alice: {admin: true}, bob: }"), 0);
  assertEquals(await warned("{alice: , bob: }\ndefault_owner: bob"), 0);
  assertEquals(await warned("{}"), 0);
});

Deno.test("ports without TLS beside one with it are a warning", async () => {
  const text = "wss_pem: a.pem\nwss_key: a.key\nextra_ports: [8888]\n";
  assertEquals(warningsOf(await configOf(text)), []);
  assertEquals(warningsOf(await configOf(`${text}https: true`)).length, 1);
});

Deno.test("the certificate's files are in cert_path, or count from the configuration's folder", async () => {
  const files = async (text: string) => {
    const { certFile, keyFile } = (await configOf(text)).web;
    return [certFile, keyFile];
  };
  const names = "wss_pem: chain.pem\nwss_key: /run/key.pem\n";
  assertEquals(await files(names), ["/etc/chain.pem", "/run/key.pem"]);
  assertEquals(await files(`${names}cert_path: ssl`), ["/etc/ssl/chain.pem", "/run/key.pem"]);
  assertEquals(await files(`${names}cert_path: /srv/`), ["/srv/chain.pem", "/run/key.pem"]);
});

Deno.test("TLS needs the certificate's files", async () => {
  assertEquals(await complaints("wss_port: 50006\nwss_pem: a.pem"), [
    "wss_port: 50006 needs wss_key, the files with the certificate and its key",
  ]);
  assertEquals(await complaints("https: true"), [
    "https: true needs wss_pem and wss_key, the files with the certificate and its key",
  ]);
  const { web } = await configOf("ws_port: 0\nwss_port: 0");
  assertEquals([web.wsPort, web.wssPort], [null, null]);
});

Deno.test("the status page needs a host, and has a title if none is given", async () => {
  const { web } = await configOf("status_page: {hosts: web-*}\nsession_hours: 12\n");
  assertEquals(web.statusPage, { title: "Status", hosts: ["web-*"] });
  assertEquals(web.sessionS, 12 * 3600);
  assertEquals(await complaints("status_page: {hosts: []}"), [
    'status_page.hosts must be a host name ("*" stands for any characters), or a list of such, ' +
    "not empty: got a list",
  ]);
});

Deno.test("ports and certificates need a restart, users and all else do not", async () => {
  const before = await configOf("");
  const after = await configOf(`
users: {alice: {admin: true}}
default_owner: alice
ws_port: 1
wss_port: 2
https: true
wss_pem: a
wss_key: b
allow_anonymous_changes: true
trusted_proxies: ::1
session_hours: 1
history_days: 1
status_page: {hosts: a}
`);
  assertEquals(keysNeedingRestart(before, after), [
    "ws_port",
    "wss_port",
    "https",
    "wss_pem",
    "wss_key",
  ]);
});
