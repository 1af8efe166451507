/** UDP against the real program: every message type, signing, commands, loss that is not silent. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { headOf, makeKey } from "../../src/wire/envelope.ts";
import { eventually, getHost, getJson, Hbd, LIMIT_MS, pause, readJournal, tempDir } from "./hbd.ts";
import { now, UdpClient } from "./udp.ts";

const KEY = "the key of kiosk number one";
const TOKEN = "the token of kiosk number one";
const COMMAND_TOKEN = "the token for queueing commands";
const KEYED = `
command_token: "${COMMAND_TOKEN}"
client_update: { version: 9.9.9, url: "http://localhost/hbc", sha256: "${"ab".repeat(32)}" }
hosts:
  kiosk-1: { key: "${KEY}", token: "${TOKEN}" }
`;

interface Health {
  readonly dropped: Readonly<Record<string, number>>;
  readonly udp: { readonly received: number; readonly kernel_drops: number | null };
  readonly total: number;
}

async function health(hbd: Hbd): Promise<Health> {
  return await getJson(hbd, "/healthz") as Health;
}

/** The code block of docs/PROTOCOL.md that begins below `heading`. */
async function documentedClient(heading: string): Promise<string> {
  const docs = await Deno.readTextFile(new URL("../../docs/PROTOCOL.md", import.meta.url));
  const [, code] = new RegExp(`## ${heading}\n.*?\`\`\`\\w+\n(.*?)\`\`\``, "s").exec(docs) ?? [];
  if (code === undefined) throw new Error(`docs/PROTOCOL.md has no code below ${heading}`);
  return code;
}

Deno.test("each type of message is acknowledged when it is in the journal, and shows", async () => {
  await using hbd = await Hbd.start();
  using client = new UdpClient(hbd);
  const common = { name: "kiosk-1", boot_id: "b00t.1" };
  const sent = now({ ...common, ID: "HTB", seq: 1, interval: 30, grace: 7, rtt: 1.5, ver: "0.1" });
  const ack = await client.tell(sent);
  assertEquals([ack.name, ack.time, ack.seq], ["kiosk-1", sent.time, 1]);
  assert(Math.abs(Number(ack.server_time) - Date.now() / 1000) < 60);
  const lines = await readJournal(hbd.stateDir);
  assertEquals(lines.map(({ transport, message }) => [transport, message]), [["udp", sent]]);

  await client.tell(now({ ...common, ID: "BOOT", seq: 2 }));
  await client.tell(now({ ...common, ID: "MSG", seq: 3, message: "disk replaced", level: "info" }));
  const data = { cpu_percent: 3.2, cores: [1, 2], nested: { a: { b: null } } };
  await client.tell(now({ ...common, ID: "PLG", seq: 4, plugin: "cpu_monitor", data }));
  const host = await getHost(hbd, "kiosk-1");
  assertEquals(
    [host?.state, host?.total, host?.interval, host?.grace, host?.rtt, host?.loss, host?.version],
    ["up", 1, 30, 7, 1.5, 0, "0.1"],
  );
  const plugins = await getJson(hbd, "/api/0/hosts/kiosk-1/plugins") as {
    readonly plugins: Readonly<Record<string, { readonly data: unknown; sample_count: number }>>;
  };
  assertEquals(plugins.plugins.cpu_monitor?.data, data);
  assertEquals(plugins.plugins.cpu_monitor?.sample_count, 1);

  await client.tell(now({ ...common, ID: "SHUTDOWN", seq: 5 }));
  assertEquals((await getHost(hbd, "kiosk-1"))?.state, "shutdown");
  await client.tell(now({ ...common, ID: "HTB", seq: 6 }));
  assertEquals((await getHost(hbd, "kiosk-1"))?.state, "up");
});

Deno.test("samples are listed newest first, ten unless asked for, and only of what there is", async () => {
  await using hbd = await Hbd.start({ config: "max_samples: 12\n" });
  using client = new UdpClient(hbd);
  for (let seq = 1; seq <= 15; seq++) {
    const data = { n: seq };
    await client.tell(now({ ID: "PLG", name: "a", boot_id: "x", seq, plugin: "p", data }));
  }
  const values = async (query: string) => {
    const path = `/api/0/hosts/a/plugins/p${query}`;
    const { samples } = await getJson(hbd, path) as {
      readonly samples: readonly { readonly data: { readonly n: number } }[];
    };
    return samples.map(({ data }) => data.n);
  };
  assertEquals(await values(""), [15, 14, 13, 12, 11, 10, 9, 8, 7, 6]);
  assertEquals(await values("?limit=2"), [15, 14]);
  assertEquals((await values("?limit=100")).length, 12);
  for (
    const [path, status] of [
      ["/api/0/hosts/a/plugins/p?limit=0", 400],
      ["/api/0/hosts/a/plugins/p?limit=x", 400],
      ["/api/0/hosts/a/plugins/q", 404],
      ["/api/0/hosts/b/plugins", 404],
    ] as const
  ) {
    const response = await fetch(hbd.url(path));
    assert("error" in await response.json());
    assertEquals(response.status, status, path);
  }
});

Deno.test("after kill -9 counts, loss, samples and goodbyes are as they were acknowledged", async () => {
  await using dir = await tempDir();
  const before = await (async () => {
    await using hbd = await Hbd.start({ stateDir: dir.path });
    using client = new UdpClient(hbd);
    for (const seq of [1, 2, 3, 6, 7]) {
      await client.tell(now({ ID: "HTB", name: "a", boot_id: "x", seq, interval: 300 }));
    }
    for (let seq = 8; seq < 12; seq++) {
      const data = { n: seq };
      await client.tell(now({ ID: "PLG", name: "a", boot_id: "x", seq, plugin: "p", data }));
    }
    await client.tell(now({ ID: "SHUTDOWN", name: "b", boot_id: "y", seq: 1 }));
    const state = [await getHost(hbd, "a"), await getHost(hbd, "b")];
    const samples = await getJson(hbd, "/api/0/hosts/a/plugins/p");
    await hbd.kill();
    return { state, samples };
  })();
  await using hbd = await Hbd.start({ stateDir: dir.path });
  const state = [await getHost(hbd, "a"), await getHost(hbd, "b")];
  const timeless = (hosts: typeof state) =>
    hosts.map((host) => ({ ...host, deadline: null, next_expected: null }));
  assertEquals(timeless(state), timeless(before.state));
  assertEquals(await getJson(hbd, "/api/0/hosts/a/plugins/p"), before.samples);
});

Deno.test("a message to both addresses of the server is one beat; the same again is a duplicate", async () => {
  await using hbd = await Hbd.start({ args: ["--bind", "::"] });
  using four = new UdpClient(hbd);
  using six = new UdpClient(hbd, "::1");
  for (let seq = 1; seq <= 3; seq++) {
    const beat = now({ ID: "HTB", name: "a", boot_id: "x", seq });
    await four.tell(beat);
    await six.tell(beat);
    await six.tell(beat);
  }
  const host = await getHost(hbd, "a");
  assertEquals([host?.total, host?.duplicates, host?.loss], [3, 3, 0]);
  assertEquals(host?.addresses, ["::1", "127.0.0.1"]);
});

Deno.test("plain text is a beat of its address, unless that is turned off; it is never answered", async () => {
  await using hbd = await Hbd.start();
  using client = new UdpClient(hbd);
  await client.send("PyHB");
  const host = await eventually(async () => {
    const found = await getHost(hbd, "127.0.0.1");
    if (found === null) throw new Error("No beat yet");
    return found;
  });
  assertEquals(host.total, 1);
  const [line] = await readJournal(hbd.stateDir);
  assertEquals(line?.message, { _raw: "PyHB" });
  assertEquals(client.answers, []);

  await using strict = await Hbd.start({ config: "udp_accept_text: false\n" });
  using other = new UdpClient(strict);
  await other.send("PyHB");
  await eventually(async () => assertEquals((await health(strict)).dropped, { not_json: 1 }));
  assertEquals(await getHost(strict, "127.0.0.1"), null);
});

Deno.test("what is malformed is counted by its reason, logged once for its source, never answered", async () => {
  await using hbd = await Hbd.start();
  using client = new UdpClient(hbd);
  const bad = [
    '{"ID":"HTB"',
    "[1]",
    "17",
    '{"ID":"ACK"}',
    '{"ID":"HTB","name":"a\\u0007"}',
    '{"ID":"PLG","name":"a","plugin":"p","data":[]}',
    '{"ID":"MSG","name":"a"}',
    "HB1 nonsense",
  ];
  for (const text of bad) await client.send(text);
  await client.send(new Uint8Array([0x78, 0x9c, 1, 2, 3, 0, 255]));
  await eventually(async () =>
    assertEquals((await health(hbd)).dropped, {
      not_json: 1,
      not_an_object: 2,
      bad_id: 1,
      bad_name: 1,
      bad_data: 1,
      bad_message: 1,
      bad_envelope: 1,
      bad_zlib: 1,
    })
  );
  assertEquals(hbd.stderr().match(/dropped as/g)?.length, 1);
  assertEquals(client.answers, []);
});

Deno.test("a host with a key must sign, in time and once; answers are signed too", async () => {
  await using hbd = await Hbd.start({ config: KEYED });
  using client = new UdpClient(hbd);
  const beat = (seq: number) => now({ ID: "HTB", name: "kiosk-1", boot_id: "x", seq });
  await client.tell(beat(40), KEY);
  assertEquals(client.answers.map(({ signed }) => signed), [true]);
  await client.say(beat(41)); // unsigned
  await client.say(beat(41), "another key of another one"); // unknown
  await client.say({ ...beat(41), time: Date.now() / 1000 - 61 }, KEY); // stale
  await client.say(beat(1), KEY); // far behind: cannot be told from a copy
  await client.say({ ID: "HTB", name: "kiosk-1", time: Date.now() / 1000 }, KEY); // not counted
  await client.say({ ...beat(1), name: "someone-else" }, KEY); // not its key
  await eventually(async () =>
    assertEquals((await health(hbd)).dropped, {
      unsigned: 1,
      unknown_key: 1,
      stale: 1,
      replayed: 1,
      not_counted: 1,
      wrong_key: 1,
    })
  );
  assertEquals((await getHost(hbd, "kiosk-1"))?.total, 1);
  assertEquals(client.answers.length, 1);
});

Deno.test("with require_key nobody unsigned gets in, by UDP or HTTP; with a default key all may sign", async () => {
  await using hbd = await Hbd.start({ config: `require_key: true\ndefault_key: "${KEY}"\n` });
  using client = new UdpClient(hbd);
  await client.tell(now({ ID: "HTB", name: "anybody", boot_id: "x", seq: 1 }), KEY);
  await client.say(now({ ID: "HTB", name: "other", boot_id: "x", seq: 1 }));
  await client.send("PyHB");
  await eventually(async () => assertEquals((await health(hbd)).dropped, { unsigned: 2 }));
  const response = await fetch(hbd.url(), { method: "POST", body: '{"name":"other"}' });
  await response.body?.cancel();
  assertEquals(response.status, 401);
  assertEquals((await health(hbd)).total, 1);
});

Deno.test("over HTTP a host with a key shows a signature or its token, else 401 with the reason", async () => {
  await using hbd = await Hbd.start({ config: KEYED });
  const post = async (
    payload: unknown,
    headers: Record<string, string> = {},
    key = "",
    path = "/beat",
  ) => {
    const body = JSON.stringify(payload);
    const signature: Record<string, string> = key === "" ? {} : {
      "heartbeat-signature": headOf(new TextEncoder().encode(body), makeKey(key)),
    };
    const response = await fetch(hbd.url(path), {
      method: "POST",
      body,
      headers: { ...headers, ...signature },
    });
    return [response.status, await response.text()] as const;
  };
  const signed = (seq: number) => now({ name: "kiosk-1", boot_id: "x", seq });
  const first = signed(1);
  assertEquals((await post(first, {}, KEY))[0], 200);
  assertEquals((await post({ name: "kiosk-1" }, { authorization: `Bearer ${TOKEN}` }))[0], 200);
  assertEquals((await post({ name: "free" }))[0], 200);
  for (
    const [answer, reason] of [
      [await post({ name: "kiosk-1" }), "must prove who it is"],
      [await post({ name: "kiosk-1" }, { authorization: "Bearer wrong" }), "token"],
      [await post(signed(2), {}, "not the key of the kiosk"), "does not have"],
      [await post({ ...signed(2), time: 1 }, {}, KEY), "auth_window"],
      [await post({ name: "kiosk-1", time: Date.now() / 1000 }, {}, KEY), '\\"boot_id\\"'],
      [await post(signed(2), { "heartbeat-signature": "HB1 x" }), "does not fit"],
      [await post({ ...signed(2), name: "free" }, {}, KEY, "/?name=kiosk-1"), "in the body"],
    ] as const
  ) {
    assertEquals(answer[0], 401);
    assertStringIncludes(answer[1], reason);
  }
  assertEquals((await post(first, {}, KEY))[0], 200, "the same again is answered, and not counted");
  assertEquals((await getHost(hbd, "kiosk-1"))?.total, 2);
});

Deno.test("a signed HTTP beat that was acknowledged counts once, over kill -9 too", async () => {
  await using dir = await tempDir();
  const body = JSON.stringify(now({ name: "kiosk-1", boot_id: "x", seq: 1 }));
  const signature = headOf(new TextEncoder().encode(body), makeKey(KEY));
  for (let round = 0; round < 2; round++) {
    await using hbd = await Hbd.start({ stateDir: dir.path, config: KEYED });
    const headers = { "heartbeat-signature": signature };
    const response = await fetch(hbd.url(), { method: "POST", body, headers });
    await response.body?.cancel();
    assertEquals(response.status, 200);
    assertEquals((await getHost(hbd, "kiosk-1"))?.total, 1);
    await hbd.kill();
  }
});

Deno.test("a command goes to a signing host until it says what became of it; results are kept", async () => {
  await using dir = await tempDir();
  const options = { stateDir: dir.path, config: KEYED };
  const queue = async (hbd: Hbd, name: string, body: string, token = COMMAND_TOKEN) => {
    const response = await fetch(hbd.url(`/api/0/hosts/${name}/commands`), {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body,
    });
    return [response.status, await response.json()] as const;
  };
  const list = async (hbd: Hbd) => {
    const response = await fetch(hbd.url("/api/0/hosts/kiosk-1/commands"), {
      headers: { authorization: `Bearer ${COMMAND_TOKEN}` },
    });
    const { commands } = await response.json();
    return commands as { id: string; state: string; exit: number | null; output: string | null }[];
  };
  {
    await using hbd = await Hbd.start(options);
    assertEquals((await queue(hbd, "kiosk-1", '{"cmd":"up"}', "wrong"))[0], 401);
    assertEquals((await queue(hbd, "nobody", '{"cmd":"up"}'))[0], 404);
    await (await fetch(hbd.url(), { method: "POST", body: '{"name":"free"}' })).body?.cancel();
    assertEquals((await queue(hbd, "free", '{"cmd":"up"}'))[0], 409);
    assertEquals((await queue(hbd, "kiosk-1", '{"cmd":""}'))[0], 422);
    assertEquals((await queue(hbd, "kiosk-1", "nonsense"))[0], 400);
    const [status, queued] = await queue(hbd, "kiosk-1", '{"cmd":"up","args":["now"]}');
    assertEquals([status, queued.state], [201, "queued"]);
    await hbd.kill();
  }
  await using hbd = await Hbd.start(options);
  using client = new UdpClient(hbd);
  const say = (seq: number, more: Record<string, unknown> = {}) =>
    client.tell(now({ ID: "HTB", name: "kiosk-1", boot_id: "x", seq, ...more }), KEY);
  await say(1, { ver: "9.9.9" });
  const command = await client.answer(({ ID }) => ID === "CMD");
  assertEquals([command.cmd, command.args], ["up", ["now"]]);
  const seen = client.answers.length;
  await pause(2100);
  await say(2, { ver: "0.0.1" });
  await client.answer(({ ID, id }) => ID === "CMD" && id === command.id, seen);
  const update = await client.answer(({ ID }) => ID === "UPD");
  assertEquals([update.version, update.sha256], ["9.9.9", "ab".repeat(32)]);
  assert(client.answers.every(({ signed }) => signed));

  await say(3, { ID: "RES", id: command.id, exit: 3, output: "done\n" });
  const [done] = await list(hbd);
  assertEquals([done?.state, done?.exit, done?.output], ["done", 3, "done\n"]);
  const before = client.answers.length;
  await pause(2100);
  await say(4);
  assertEquals(client.answers.slice(before).map(({ fields }) => fields.ID), ["ACK"]);
});

Deno.test("without a command_token commands are queued from the server's own machine", async () => {
  await using hbd = await Hbd.start({ config: `default_key: "${KEY}"\nhosts: { a: {} }\n` });
  const queue = async (headers: Record<string, string>) => {
    const response = await fetch(hbd.url("/api/0/hosts/a/commands"), {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: '{"cmd":"up"}',
    });
    return [response.status, JSON.stringify(await response.json())] as const;
  };
  assertEquals((await queue({}))[0], 201);
  const [status, text] = await queue({ "x-forwarded-for": "192.0.2.7" });
  assertEquals(status, 403);
  assertStringIncludes(text, "command_token");
});

Deno.test("what the kernel drops while nobody reads shows in /healthz, the totals and the log", async () => {
  await using hbd = await Hbd.start();
  using client = new UdpClient(hbd);
  hbd.signal("SIGSTOP");
  for (let n = 0; n < 3000; n++) {
    await client.say({ ID: "HTB", name: "a", filler: "x".repeat(200) });
  }
  hbd.signal("SIGCONT");
  const drops = await eventually(async () => {
    const { udp } = await health(hbd);
    assert((udp.kernel_drops ?? 0) > 0);
    return udp.kernel_drops ?? 0;
  });
  assert(drops < 3000);
  const { totals } = await getJson(hbd, "/api/0/hosts") as {
    readonly totals: { readonly kernel_drops: number };
  };
  assertEquals(totals.kernel_drops, drops);
  await hbd.waitForOutput(/dropped by the kernel/);
});

Deno.test("a UDP port in use is named, with how to find out by whom; UDP can be turned off", async () => {
  await using hbd = await Hbd.start();
  await using second = await Hbd.spawn({ args: ["--udp-port", String(hbd.udpPort)] });
  assertEquals(await second.exit(), 1);
  assertStringIncludes(second.stderr(), `UDP port ${hbd.udpPort}`);
  await using off = await Hbd.start({ args: ["--udp-port", "off"] });
  assertEquals(off.udpPort, NaN);
  assertEquals((await health(off)).udp, null);
});

Deno.test("the Python client of docs/PROTOCOL.md beats and measures its round trip", async () => {
  await using hbd = await Hbd.start();
  await using dir = await tempDir();
  const file = `${dir.path}/client.py`;
  await Deno.writeTextFile(file, await documentedClient("A client in Python"));
  const client = new Deno.Command("python3", {
    args: [file, `127.0.0.1:${hbd.udpPort}`, "from-python", "0.3"],
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  try {
    await eventually(async () => {
      const host = await getHost(hbd, "from-python");
      assert(Number(host?.total) >= 3);
      assert(typeof host?.rtt === "number" && host.rtt > 0);
      assertEquals([host?.loss, host?.interval], [0, 1]);
    });
  } finally {
    client.kill();
    await client.status;
  }
});

Deno.test("the shell client of docs/PROTOCOL.md beats", async () => {
  await using hbd = await Hbd.start();
  const code = (await documentedClient("A client in shell"))
    .replace("server 50003", `127.0.0.1 ${hbd.udpPort}`).replace("sleep 29", "break");
  assertStringIncludes(code, "nc -u");
  const { code: exit, stdout } = await new Deno.Command("sh", {
    args: ["-c", code],
    signal: AbortSignal.timeout(LIMIT_MS),
  }).output();
  assertEquals(exit, 0);
  assertStringIncludes(new TextDecoder().decode(stdout), '"ID":"ACK"');
  assertEquals((await getHost(hbd, Deno.hostname()))?.total, 1);
});
