/** The composition root in this process: real sockets, real files, real Deno KV. */

import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import type { Config } from "../src/config/config.ts";
import { DEFAULT_CONFIG } from "../src/config/schema.ts";
import type { HostEvent } from "../src/monitor/events.ts";
import { type RunningServer, type ServerOptions, startServer } from "../src/server.ts";
import { Monitor } from "../src/monitor/monitor.ts";
import { Keeper } from "../src/store/keeper.ts";
import { watchSettings } from "../src/watch_settings.ts";
import { MemoryStore } from "../src/store/memory.ts";

const CONFIG: Config = { ...DEFAULT_CONFIG, bindAddress: "127.0.0.1", httpPort: 0, udpPort: 0 };

class Running implements AsyncDisposable {
  private constructor(
    readonly server: RunningServer,
    readonly dir: string,
    readonly events: readonly HostEvent[],
  ) {}

  static async start(options: Partial<ServerOptions> = {}, dir?: string): Promise<Running> {
    const stateDir = dir ?? await Deno.makeTempDir();
    const events: HostEvent[] = [];
    const screen = { message: () => {}, event: (event: HostEvent) => void events.push(event) };
    const server = await startServer({
      config: CONFIG,
      stateDir,
      version: "0",
      screen,
      ...options,
    });
    return new Running(server, stateDir, events);
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.server.addr.port}${path}`;
  }

  async beat(payload: unknown): Promise<void> {
    const response = await fetch(this.url("/"), { method: "POST", body: JSON.stringify(payload) });
    assertEquals(await response.json(), { status: "ok" });
  }

  async get(path: string) {
    return await (await fetch(this.url(path))).json();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.stop();
    await Deno.remove(this.dir, { recursive: true });
  }
}

/** Waits until `check` is true, 10 s at most. */
async function eventually(check: () => boolean | Promise<boolean>): Promise<void> {
  const limit = Date.now() + 10_000;
  while (!await check()) {
    assert(Date.now() < limit, "Waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

Deno.test("two servers run beside each other in one process and know nothing of each other", async () => {
  await using one = await Running.start();
  await using two = await Running.start();
  await one.beat({ name: "a" });
  assertEquals((await one.get("/healthz")).hosts, 1);
  assertEquals((await two.get("/healthz")).hosts, 0);
});

Deno.test("stop() twice is one stop; the state is there at the next start", async () => {
  const dir = await Deno.makeTempDir();
  const first = await Running.start({}, dir);
  await first.beat({ name: "a", ip: "10.0.0.1" });
  await Promise.all([first.server.stop(), first.server.stop()]);
  await using second = await Running.start({}, dir);
  const { total, reported_ip, state } = await second.get("/api/0/hosts/a");
  assertEquals({ total, reported_ip, state }, { total: 1, reported_ip: "10.0.0.1", state: "up" });
});

Deno.test("a second server on the same state folder is refused, and releases its port", async () => {
  await using one = await Running.start();
  const error = await assertRejects(() => Running.start({}, one.dir), Error);
  assertStringIncludes(error.message, "--state-dir");
  assertStringIncludes(error.message, String(Deno.pid));
  await one.beat({ name: "still here" });
});

Deno.test("a taken port is refused before the state folder is touched", async () => {
  await using one = await Running.start();
  const config = { ...CONFIG, httpPort: one.server.addr.port };
  const parent = await Deno.makeTempDir();
  const dir = join(parent, "state");
  await assertRejects(
    () => startServer({ config, stateDir: dir, version: "0" }),
    Deno.errors.AddrInUse,
  );
  await assertRejects(() => Deno.stat(dir), Deno.errors.NotFound);
  await Deno.remove(parent);
});

Deno.test("a start that fails half-way gives everything back", async () => {
  const dir = await Deno.makeTempDir();
  const config = { ...CONFIG, beatLog: join(dir, "no", "such", "folder.log") };
  await assertRejects(
    () => startServer({ config, stateDir: dir, version: "0" }),
    Deno.errors.NotFound,
  );
  await using again = await Running.start({}, dir);
  await again.beat({ name: "a" });
});

Deno.test("a suspend or a clock set forward raises no alarm; a host that died then is found later", async () => {
  let aheadMs = 0;
  const clocks = { wallMs: () => Date.now() + aheadMs, monotonicMs: () => performance.now() };
  await using running = await Running.start({ clocks });
  await running.beat({ name: "a", interval: 1 });
  aheadMs = 3_601_000;
  const before = Date.now();
  await eventually(() => running.events.length > 0);
  const [down] = running.events;
  assertEquals(down?.type, "down");
  assert(Date.now() - before > 1000, "One interval and grace from the wake-up, not at once");
  assert((down?.silenceMs ?? Infinity) < 10_000, "The hour asleep is not part of the silence");
  const journal = await Deno.readTextFile(join(running.dir, "messages.journal"));
  assertMatch(journal, /"event":"deaf","shift_s":360[01]/);
});

Deno.test("a clock set back neither alarms nor keeps an alarm from being raised", async () => {
  let aheadMs = 0;
  const clocks = { wallMs: () => Date.now() + aheadMs, monotonicMs: () => performance.now() };
  await using running = await Running.start({ clocks });
  await running.beat({ name: "a", interval: 1 });
  aheadMs = -86_400_000;
  await eventually(() => running.events.some(({ type }) => type === "down"));
  await running.beat({ name: "a" });
  assertEquals(running.events.at(-1)?.type, "up");
});

Deno.test("reload() takes up hosts, intervals and limits, and names what needs a restart", async () => {
  await using running = await Running.start();
  const restart = running.server.reload({
    ...CONFIG,
    httpPort: 1,
    maxBodyBytes: 20,
    hosts: new Map([["nas", { intervalS: 86_400 }]]),
  });
  assertEquals(restart, ["hbd_port"]);
  assertEquals((await running.get("/api/0/hosts/nas")).interval, 86_400);
  const body = JSON.stringify({ name: "a".repeat(20) });
  const response = await fetch(running.url("/"), { method: "POST", body });
  assertEquals(response.status, 413);
  await response.body?.cancel();
});

Deno.test("with the journal disabled the store alone keeps the state", async () => {
  const dir = await Deno.makeTempDir();
  const config = { ...CONFIG, journal: { ...CONFIG.journal, enabled: false } };
  const first = await Running.start({ config }, dir);
  await first.beat({ name: "a" });
  await first.server.stop();
  await assertRejects(() => Deno.stat(join(dir, "messages.journal")), Deno.errors.NotFound);
  await using second = await Running.start({ config }, dir);
  assertEquals((await second.get("/api/0/hosts/a")).total, 1);
});

Deno.test("a store that fails shows in /healthz and stops nothing; it heals by itself", async () => {
  class Failing extends MemoryStore {
    fails = true;
    override saveListening(heardMs: number): Promise<void> {
      return this.fails ? Promise.reject(new Error("disk full")) : super.saveListening(heardMs);
    }
  }
  const store = new Failing();
  await using running = await Running.start({ openStore: () => Promise.resolve(store) });
  await eventually(async () => (await running.get("/healthz")).status === "degraded");
  const { problems } = await running.get("/healthz");
  assertEquals([problems.length, problems[0].part, problems[0].message], [1, "store", "disk full"]);
  await running.beat({ name: "a" });
  store.fails = false;
  await eventually(async () => (await running.get("/healthz")).status === "ok");
});

Deno.test("a store whose checkpoints alone fail is not called healthy between them", async () => {
  const troubles: (string | null)[] = [];
  class Failing extends MemoryStore {
    override saveCheckpoint(): Promise<void> {
      return Promise.reject(new Error("disk full"));
    }
  }
  const keeper = new Keeper({
    monitor: new Monitor(watchSettings(CONFIG)),
    store: new Failing(),
    nowMs: Date.now,
    listeningMs: Date.now,
    notificationsStored: () => Promise.resolve(),
    onCheckpoint: () => {},
    onTrouble: (error) => void troubles.push(error?.message ?? null),
  });
  await keeper.checkpoint();
  await keeper.stop(null);
  assertEquals(new Set(troubles), new Set(["disk full"]));
});

Deno.test("a server whose every turn is slow still finds a host that went silent", async () => {
  await using running = await Running.start();
  await running.beat({ name: "a", interval: 1 });
  const slow = setInterval(() => {
    const until = performance.now() + 230;
    while (performance.now() < until);
  }, 1);
  try {
    await eventually(() => running.events.length > 0);
  } finally {
    clearInterval(slow);
  }
  assertEquals(running.events[0]?.type, "down");
});

Deno.test("a request that comes while the state is being recovered waits for it", async () => {
  const opened = Promise.withResolvers<MemoryStore>();
  const dir = await Deno.makeTempDir();
  const probe = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = probe.addr;
  probe.close();
  const starting = Running.start({
    config: { ...CONFIG, httpPort: port },
    openStore: () => opened.promise,
  }, dir);
  const answer = fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: "{}" });
  opened.resolve(new MemoryStore());
  await using running = await starting;
  assertEquals(await (await answer).json(), { status: "ok" });
  assertEquals((await running.get("/healthz")).total, 1);
});

Deno.test("a listing of more hosts than a slice holds is whole JSON with every host once", async () => {
  await using running = await Running.start();
  const names = Array.from({ length: 1203 }, (_, n) => `host-${n}`);
  for (let n = 0; n < names.length; n += 100) {
    await Promise.all(names.slice(n, n + 100).map((name) => running.beat({ name })));
  }
  const { hosts } = await running.get("/api/0/hosts");
  assertEquals(hosts.length, names.length);
  assertEquals(new Set(hosts.map((host: { name: string }) => host.name)), new Set(names));
});
