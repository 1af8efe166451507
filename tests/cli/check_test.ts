import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { check } from "../../src/cli/check.ts";
import { ConfigError, parseConfig } from "../../src/config/load.ts";
import { DEFAULT_CONFIG } from "../../src/config/schema.ts";
import { makeAuthority } from "../listeners/certificates.ts";

async function printed(configFile: string | null): Promise<string> {
  const texts: string[] = [];
  await check(configFile, (text) => texts.push(text));
  return texts.join("");
}

Deno.test("check() without a file prints the defaults as a file that gives the same again", async () => {
  const text = await printed(null);
  assert(text.startsWith("# The effective configuration, from the built-in defaults"), text);
  assertEquals(await parseConfig(text, "hbd.yaml"), DEFAULT_CONFIG);
});

Deno.test("check() prints what a file comes to, and where it came from", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = join(folder, "hbd.yaml");
    await Deno.writeTextFile(file, "interval: 30\nlogfile: hbd.log\n");
    const text = await printed(file);
    assert(text.startsWith(`# The effective configuration, from ${file}\n`), text);
    assertEquals(await parseConfig(text, "/elsewhere/hbd.yaml"), {
      ...DEFAULT_CONFIG,
      intervalS: 30,
      logFile: join(folder, "hbd.log"),
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("check() tells of a certificate that cannot be used, as a start would", async () => {
  await using ca = await makeAuthority();
  const file = join(ca.dir, "hbd.yaml");
  await Deno.writeTextFile(file, "https: true\nwss_pem: cert.pem\nwss_key: key.pem\n");
  await assertRejects(() => printed(file), ConfigError, "Cannot read the certificate (wss_pem)");
  await ca.issue("first");
  assertStringIncludes(await printed(file), "https: true");
  await Deno.writeTextFile(join(ca.dir, "cert.pem"), "broken");
  await assertRejects(() => printed(file), ConfigError, "holds no certificate in PEM");
  await Deno.writeTextFile(file, "wss_pem: cert.pem\nwss_key: key.pem\n");
  assertStringIncludes(await printed(file), "https: false");
});

const VALUES = {
  CHAT_TOKEN: "value-of-the-token",
  literal: "literal-secret-of-the-file",
  file: "secret-in-a-file-of-its-own",
};

Deno.test("check() prints references to secrets, and of no secret its value", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(folder, "key"), `${VALUES.file}\n`);
    Deno.env.set("HBD_CHECK_TEST", VALUES.CHAT_TOKEN);
    const file = join(folder, "hbd.yaml");
    await Deno.writeTextFile(
      file,
      `
default_key: file:key
command_token: ${VALUES.literal}
hosts:
  nas: {key: ${VALUES.literal}, token: "\${HBD_CHECK_TEST}"}
pushsrv: all
pushover_token: ${VALUES.literal}
pushover_user: \${HBD_CHECK_TEST}
mattermost_url: https://chat.example.com/${VALUES.literal}
notification_channels:
  mail: {type: email, recipients: a@b.ch, sender: a@b.ch, smtp_server: b.ch, smtp_user: u,
    smtp_password: ${VALUES.literal}}
  hook: {type: webhook, url: "https://a.example/${VALUES.literal}", headers: {
    X-A: ${VALUES.literal}, Authorization: "Bearer \${HBD_CHECK_TEST}"}}
  matrix: {type: matrix, url: https://m.example, token: ${VALUES.literal}, room: r}
  ntfy: {type: ntfy, topic: t, token: ${VALUES.literal}}
  tele: {type: telegram, token: ${VALUES.literal}, chat_id: 5}
  gotify: {type: gotify, url: https://g.example, token: file:key}
  slack: {type: slack, url: https://a.example/${VALUES.literal}}
  discord: {type: discord, url: https://a.example/${VALUES.literal}}
heartbeat_to:
  - https://ping.example/${VALUES.literal}
  - {udp: b.example, key: ${VALUES.literal}}
`,
    );
    const text = await printed(file);
    for (const value of Object.values(VALUES)) assert(!text.includes(value), text);
    const [, second] = text.split("\n");
    assertEquals(second?.startsWith("# Secrets are not shown: "), true);
    for (
      const line of [
        "default_key: file:key",
        'command_token: "********"',
        "token: ${HBD_CHECK_TEST}",
        "Authorization: Bearer ${HBD_CHECK_TEST}",
      ]
    ) {
      assertStringIncludes(text, line);
    }
  } finally {
    Deno.env.delete("HBD_CHECK_TEST");
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("check() of a wrong file prints nothing and throws the reasons", async () => {
  const texts: string[] = [];
  const missing = join("no", "such.yaml");
  await assertRejects(() => check(missing, (text) => texts.push(text)), ConfigError, missing);
  assertEquals(texts, []);
});

Deno.test("check() prints no hash of a password, and warns of one with few iterations", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const hex = "0a".repeat(32);
    const file = join(folder, "hbd.yaml");
    await Deno.writeTextFile(
      file,
      `users: {alice: {password: "pbkdf2:sha256:1000$salty$${hex}"}, bob: {password: "file:h"}}\n`,
    );
    await Deno.writeTextFile(join(folder, "h"), `pbkdf2:sha256:600000$salty$${hex}\n`);
    const text = await printed(file);
    assert(!text.includes(hex) && !text.includes("salty"), text);
    assertStringIncludes(text, 'password: "********"');
    assertStringIncludes(text, "password: file:h");
    assertStringIncludes(text, "\n# Warning: users.alice.password has 1000 iterations, fewer than");
    assertStringIncludes(text, "hbd passwd alice\n");
    assert(!text.includes("users.bob.password has"), text);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
