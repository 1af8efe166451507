import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { loadConfig } from "../../src/config/load.ts";
import { complaints, configOf, problems } from "./support.ts";

const KEY = "a-key-of-16-or-more";

/** Sources with one variable and one file. */
function sources(value: string | Uint8Array) {
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
  return {
    env: (name: string) => name === "HBD_KEY" && typeof value === "string" ? value : undefined,
    read: (file: string) =>
      file.endsWith("hbd.key")
        ? Promise.resolve(bytes)
        : Promise.reject(new Deno.errors.NotFound("os error 2")),
  };
}

Deno.test("a secret that stands in the file is shown as asterisks", async () => {
  const { auth } = await configOf(`default_key: ${KEY}`);
  assertEquals(auth.defaultKey, { value: KEY, shown: "********" });
});

Deno.test("a secret from the environment is shown as its variable", async () => {
  const { auth } = await configOf("default_key: ${HBD_KEY}", sources(KEY));
  assertEquals(auth.defaultKey, { value: KEY, shown: "${HBD_KEY}" });
});

for (const end of ["", "\n", "\r\n"]) {
  Deno.test(`a secret from a file that ends in ${JSON.stringify(end)} is the text before it`, async () => {
    const { auth } = await configOf("default_key: file:keys/hbd.key", sources(KEY + end));
    assertEquals(auth.defaultKey, { value: KEY, shown: "file:keys/hbd.key" });
  });
}

Deno.test("only one line break is cut off", async () => {
  const { auth } = await configOf("default_key: file:hbd.key", sources(`${KEY}\n\n`));
  assertEquals(auth.defaultKey?.value, `${KEY}\n`);
});

Deno.test("a relative path counts from the folder of the configuration", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(join(folder, "keys"));
    await Deno.writeTextFile(join(folder, "keys", "hbd.key"), `${KEY}\n`);
    const file = join(folder, "hbd.yaml");
    await Deno.writeTextFile(
      file,
      `default_key: file:keys/hbd.key\ncommand_token: file:${folder}/keys/hbd.key\n`,
    );
    const { auth } = await loadConfig(file);
    assertEquals([auth.defaultKey?.value, auth.commandToken?.value], [KEY, KEY]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the variables are those of the program where nobody says otherwise", async () => {
  Deno.env.set("HBD_SECRETS_TEST", KEY);
  try {
    const { auth } = await configOf("default_key: ${HBD_SECRETS_TEST}");
    assertEquals(auth.defaultKey?.value, KEY);
  } finally {
    Deno.env.delete("HBD_SECRETS_TEST");
  }
});

const RULE = "a text of 16 to 200 characters (say, from: openssl rand -base64 24)";
const missing: readonly (readonly [string, string | Uint8Array, string])[] = [
  ["${NO_KEY}", KEY, "default_key: the environment variable NO_KEY is not set"],
  ["${HBD_KEY}", "", "default_key: the environment variable HBD_KEY is empty"],
  ["${HBD_KEY}", "short", `default_key: what \${HBD_KEY} stands for must be ${RULE}: it is not`],
  ["file:/none", KEY, 'default_key: cannot read the file "/none": there is no such file'],
  ["file:/hbd.key", "\n", 'default_key: the file "/hbd.key" is empty'],
  [
    "file:/hbd.key",
    "short",
    `default_key: what file:/hbd.key stands for must be ${RULE}: it is not`,
  ],
  ["file:/hbd.key", new Uint8Array([0xff]), 'default_key: the file "/hbd.key" is not UTF-8 text'],
  [
    "file:/hbd.key",
    new Uint8Array(65_537).fill(65),
    'default_key: the file "/hbd.key" is over 65536 bytes',
  ],
];
for (const [reference, value, message] of missing) {
  Deno.test(`a secret that is not there is told with its key and place: ${message}`, async () => {
    const text = `interval: 5\ndefault_key: ${reference}\n`;
    assertEquals(await problems(text, sources(value)), [`hbd.yaml:2:14: ${message}`]);
  });
}

Deno.test("all secrets that are missing are told at once, wherever they are", async () => {
  const found = await problems(
    `
hosts:
  nas: {key: "\${A}"}
notification_channels:
  hook: {type: webhook, url: "\${B}", headers: {X-Key: "Bearer \${C}"}}
heartbeat_to:
  - {udp: a.example, key: "\${D}"}
`,
    sources(KEY),
  );
  assertEquals(found, [
    "hbd.yaml:3:14: hosts.nas.key: the environment variable A is not set",
    "hbd.yaml:5:30: notification_channels.hook.url: the environment variable B is not set",
    "hbd.yaml:5:55: notification_channels.hook.headers.X-Key: the environment variable C is not set",
    "hbd.yaml:7:27: heartbeat_to.0.key: the environment variable D is not set",
  ]);
});

Deno.test("a secret file without an end is not read to it", async () => {
  if (Deno.build.os !== "linux") return;
  assertEquals(await complaints("default_key: file:/dev/zero"), [
    'default_key: the file "/dev/zero" is over 65536 bytes',
  ]);
});

Deno.test("no complaint shows a wrong secret", async () => {
  const found = (await problems(`
default_key: hush-hush
command_token: 12345678901234567890
mattermost_url: ftp://hush-hush.example
hosts: {nas: {key: hush-hush, token: "a"}, b: hush-hush}
notification_channels:
  a: {type: webhook, url: hush-hush, headers: hush-hush}
  b: {type: webhook, url: http://x, headers: {X-A: "hush-hush\\u0001"}}
  c: hush-hush
heartbeat_to: [hush-hush, {url: hush-hush}, {udp: a, key: hush-hush}]
`)).join("\n");
  assert(!/hush|12345678/.test(found), found);
  assertEquals(found.split("\n").length, 13);
  assert(
    found.includes(
      `default_key must be ${RULE}, "\${ENV_NAME}" or "file:path": got a text of 9 characters`,
    ),
  );
});

const refused: readonly (readonly [string, string])[] = [
  ["********", 'is "********", which only stands for a secret: write the secret here'],
  ["x${HBD_KEY}", 'must be nothing but "${NAME}"; other texts with it go in a file'],
  ["Bearer ${HBD_KEY}", 'must be nothing but "${NAME}"; other texts with it go in a file'],
  [
    "file:~/key",
    `must be ${RULE}, "\${ENV_NAME}" or "file:path", where the path has no "~" at its start`,
  ],
];
for (const [text, message] of refused) {
  Deno.test(`a key must not be "${text}"`, async () => {
    assertEquals(await complaints(`default_key: "${text}"`), [`default_key ${message}`]);
  });
}

Deno.test("in a header a word may stand before the variable", async () => {
  const text =
    "notification_channels: {a: {type: webhook, url: 'http://x', headers: {B: 'Bearer ${HBD_KEY}'}}}";
  const channel = (await configOf(text, sources(KEY))).notify.channels.get("a");
  assert(channel?.type === "webhook");
  assertEquals(
    channel.headers,
    new Map([["B", { value: `Bearer ${KEY}`, shown: "Bearer ${HBD_KEY}" }]]),
  );
});
