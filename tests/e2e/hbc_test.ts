/** The real client against the real server: what one tells, the other shows; and nothing is lost. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { HBC_COMMAND } from "../client/support.ts";
import { type ApiHost, eventually, getHost, getJson, Hbd, readJournal, tempDir } from "./hbd.ts";

const KEY = "the key of kiosk number one";
const COMMAND_TOKEN = "the token for queueing commands";

async function hostOf(hbd: Hbd, name = "kiosk-1"): Promise<ApiHost> {
  const host = await getHost(hbd, name);
  if (host === null) throw new Error(`No host ${name} yet`);
  return host;
}

/** A running hbc; it is ended at the end of the test. */
class Client implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  #log = "";
  readonly #reading: Promise<void>;

  constructor(dir: string, args: readonly string[]) {
    const [program, ...rest] = [...HBC_COMMAND, "--name", "kiosk-1", ...args];
    this.#child = new Deno.Command(program ?? "", {
      args: rest,
      env: { HOME: dir, XDG_STATE_HOME: dir, NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#reading = this.#read();
  }

  /** All it has logged so far. */
  get log(): string {
    return this.#log;
  }

  /** Ends it as a user would, and returns its exit code. */
  async stop(): Promise<number> {
    this.#child.kill("SIGTERM");
    return await this.exit();
  }

  async exit(): Promise<number> {
    const { code } = await this.#child.status;
    await this.#reading;
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await this.exit();
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    const stdout = this.#child.stdout.cancel();
    for await (const bytes of this.#child.stderr) {
      this.#log += decoder.decode(bytes, { stream: true });
    }
    await stdout;
  }
}

const FAST = ["--interval", "0.3"];

Deno.test("beats, round trip, boot, metrics, note and shutdown show with the host", async () => {
  await using hbd = await Hbd.start();
  await using dir = await tempDir();
  const address = `127.0.0.1:${hbd.udpPort}`;
  await using client = new Client(dir.path, ["-b", ...FAST, address]);
  await eventually(async () => {
    const host = await hostOf(hbd);
    assert(host.total >= 3 && (host.rtt ?? 0) > 0, Deno.inspect(host));
    assertEquals([host.state, host.interval, host.lost, host.duplicates], ["up", 1, 0, 0]);
    assertEquals(typeof host.booted, "number");
    assertEquals(host.version, "0.1.0");
  });
  await eventually(async () => {
    const { plugins } = await getJson(hbd, "/api/0/hosts/kiosk-1/plugins") as {
      readonly plugins: Readonly<Record<string, { readonly data: Record<string, unknown> }>>;
    };
    assertEquals(plugins.os_info?.data.hbc_version, "0.1.0");
    for (const name of ["cpu_monitor", "memory_monitor", "disk_monitor", "network_monitor"]) {
      assertEquals(plugins[name]?.data.error, undefined, name);
      assert(Object.keys(plugins[name]?.data ?? {}).length > 0, name);
    }
  });
  await using note = new Client(dir.path, ["-m", "the door is open", address]);
  assertEquals(await note.exit(), 0);
  assertEquals(await client.stop(), 0);
  assertEquals((await hostOf(hbd)).state, "shutdown");
  const { lost, reboots } = await hostOf(hbd);
  assertEquals([lost, reboots], [0, 0]);
  const ids = (await readJournal(hbd.stateDir)).map(({ message }) => message)
    .filter((message) => typeof message === "object" && message !== null)
    .map((message) => (message as Record<string, unknown>).ID);
  for (const id of ["BOOT", "HTB", "PLG", "MSG", "SHUTDOWN"]) assert(ids.includes(id), id);
});

Deno.test("a queued command runs on the host, and what it printed comes back", async () => {
  await using hbd = await Hbd.start({
    config: `command_token: "${COMMAND_TOKEN}"\nhosts: { kiosk-1: { key: "${KEY}" } }\n`,
  });
  await using dir = await tempDir();
  const config = join(dir.path, "hbc.yaml");
  const marks = join(dir.path, "marks");
  await Deno.writeTextFile(
    config,
    `key: "${KEY}"\ncommands:\n  mark: [sh, -c, 'echo x >> ${marks}; echo marked; exit 3']\n`,
  );
  await using _client = new Client(dir.path, [
    "-c",
    config,
    ...FAST,
    `127.0.0.1:${hbd.udpPort}`,
  ]);
  await eventually(async () => assert((await hostOf(hbd)).total > 0));
  const url = hbd.url("/api/0/hosts/kiosk-1/commands");
  const headers = {
    authorization: `Bearer ${COMMAND_TOKEN}`,
    "content-type": "application/json",
  };
  for (const cmd of ["mark", "not-configured"]) {
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ cmd }) });
    assertEquals(response.status, 201);
    await response.body?.cancel();
  }
  await eventually(async () => {
    const { commands } = await (await fetch(url, { headers })).json();
    const [other, mark] = commands;
    assertEquals([mark.state, mark.exit, mark.output], ["done", 3, "marked"]);
    assertEquals([other.state, other.exit], ["done", null]);
    assertStringIncludes(other.output, "not-configured");
  });
  assertEquals(await Deno.readTextFile(marks), "x\n");
});

Deno.test("an update is refused by a client that does not sign", async () => {
  const update = `{ version: 9.9.9, url: "http://localhost/hbc", sha256: "${"ab".repeat(32)}" }`;
  await using hbd = await Hbd.start({ config: `client_update: ${update}\n` });
  await using dir = await tempDir();
  await using client = new Client(dir.path, ["-v", ...FAST, `127.0.0.1:${hbd.udpPort}`]);
  await eventually(async () => assert((await hostOf(hbd)).total >= 4));
  assert(!client.log.includes("9.9.9"), "an unsigned client was offered an update");
});

Deno.test("what happened while the server was gone is delivered when it is back, with its own time", async () => {
  await using dir = await tempDir();
  const stateDir = join(dir.path, "state");
  const first = await Hbd.start({ stateDir });
  const port = String(first.udpPort);
  const config = join(dir.path, "hbc.yaml");
  await Deno.writeTextFile(
    config,
    `plugins:\n  tick: {exec: [sh, -c, 'echo {}'], interval: 0.5}\n`,
  );
  await using client = new Client(dir.path, ["-c", config, ...FAST, `127.0.0.1:${port}`]);
  await eventually(async () => assert((await hostOf(first)).total > 2));
  await first.stop();
  await first[Symbol.asyncDispose]();
  const goneS = Date.now() / 1000;
  await eventually(() => assertStringIncludes(client.log, "does not answer"));
  const spool = join(dir.path, "heartbeat/hbc/kiosk-1/spool");
  await eventually(async () => {
    assert((await Array.fromAsync(Deno.readDir(spool))).length >= 4);
  });
  const backS = Date.now() / 1000;
  await using hbd = await Hbd.start({ stateDir, args: ["--udp-port", port] });
  await eventually(async () => {
    const { samples } = await getJson(hbd, "/api/0/hosts/kiosk-1/plugins/tick?limit=100") as {
      readonly samples: readonly { readonly timestamp: number }[];
    };
    const times = samples.map(({ timestamp }) => timestamp);
    const meanwhile = times.filter((time) => time > goneS && time < backS);
    assert(meanwhile.length >= 4, `${meanwhile.length} of the time in which the server was gone`);
    assertEquals(times, times.toSorted((a, b) => b - a));
    assertEquals(new Set(times).size, times.length);
  });
  const { missed, late } = await hostOf(hbd);
  assertEquals([missed, late], [0, 0], "time in which the server was gone counts against nobody");
});

Deno.test("SIGKILL of the server with hbc running: nothing acknowledged is lost, no false alarm", async () => {
  await using dir = await tempDir();
  const stateDir = join(dir.path, "state");
  let hbd = await Hbd.start({ stateDir });
  const port = String(hbd.udpPort);
  const config = join(dir.path, "hbc.yaml");
  await Deno.writeTextFile(
    config,
    `plugins:\n  tick: {exec: [sh, -c, 'echo {}'], interval: 0.2}\n`,
  );
  const client = new Client(dir.path, ["-v", "-c", config, ...FAST, `127.0.0.1:${port}`]);
  try {
    let total = 0;
    for (let round = 0; round < 5; round++) {
      await eventually(async () => assert((await hostOf(hbd)).total > total + 2));
      const before = await hostOf(hbd);
      await hbd.kill();
      await hbd[Symbol.asyncDispose]();
      hbd = await Hbd.start({ stateDir, args: ["--udp-port", port] });
      const after = await hostOf(hbd);
      assert(after.total >= before.total, `${after.total} beats, there were ${before.total}`);
      total = after.total;
    }
    await eventually(async () => assert((await hostOf(hbd)).total > total + 2));
    const { missed, late, state } = await hostOf(hbd);
    assertEquals([state, missed, late], ["up", 0, 0]);
    const lines = await readJournal(stateDir);
    assertEquals(lines.filter(({ event }) => event === "down"), []);
    const beats = lines.filter(({ message }) => (message as { ID?: string })?.ID === "HTB");
    await eventually(async () => assert((await hostOf(hbd)).total >= beats.length));
    const places = beats.map(({ message }) => JSON.stringify((message as { seq: number }).seq));
    assertEquals(new Set(places).size, places.length, "no beat is counted twice");
  } finally {
    await client[Symbol.asyncDispose]();
    await hbd[Symbol.asyncDispose]();
  }
});
