/** What a real server knows, exported while it runs, and imported somewhere else again. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { beat, eventually, getHosts, Hbd, pause, runHbd, tempDir } from "./hbd.ts";

interface Row {
  readonly name?: string;
  readonly host?: string;
  readonly event?: string;
  readonly total?: number;
  readonly payload?: unknown;
}

async function rows(args: readonly string[]): Promise<readonly Row[]> {
  const { code, stdout, stderr } = await runHbd(["export", ...args]);
  assertEquals(code, 0, stderr);
  return JSON.parse(stdout) as readonly Row[];
}

async function text(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runHbd(["export", ...args]);
  assertEquals(code, 0, stderr);
  return stdout;
}

Deno.test("a server that runs can be exported, in every format", async () => {
  await using hbd = await Hbd.start({ config: "interval: 1\ntolerance: 10\n" });
  const at = ["--state-dir", hbd.stateDir];
  for (let n = 0; n < 5; n++) await beat(hbd, { name: n % 2 === 0 ? "a" : "=b", n });
  await beat(hbd, { name: "c", ip: "10.0.0.5" });
  const hosts = await rows(["hosts", ...at, "-c", hbd.configFile]);
  assertEquals(
    hosts.map(({ name, total }) => [name, total]),
    (await getHosts(hbd)).map(({ name, total }) => [name, total]),
  );
  assertEquals((await rows(["hosts", "--host", "a", ...at])).length, 1);
  const beats = await rows(["beats", ...at]);
  assertEquals(beats.map(({ host }) => host), ["a", "=b", "a", "=b", "a", "c"]);
  assertEquals(beats[1]?.payload, { name: "=b", n: 1 });
  assertEquals((await rows(["beats", "--host", "a", ...at])).length, 3);
  assertEquals(await rows(["beats", "--until", "1h", ...at]), []);
  assertEquals((await rows(["beats", "--since", "1h", ...at])).length, 6);
  await eventually(async () => {
    const events = await rows(["events", "--host", "a", ...at]);
    assert(events.some(({ event }) => event === "down"));
    assert(events.some(({ event }) => event === "grouped"));
  });
  const csv = await text(["hosts", "--format", "csv", ...at]);
  assertMatch(csv, /^name,state,.*\r\n/);
  assertMatch(csv, /^'=b,/m);
  assertMatch(await text(["events", "--format", "csv", ...at]), /,down,a,/);
  assertMatch(
    await text(["beats", "--format", "heartbeats", ...at]),
    /^\{"timestamp": "[^"]+", "client_ip": "127\.0\.0\.1", "path": "\/", "late": false, "payload": \{"name":"a","n":0\}\}\n/,
  );
  assertMatch(
    await text(["beats", "--format", "text", ...at]),
    / - Received POST request - From: 127\.0\.0\.1, Data: \{"name":"a","n":0\}\n.* - Received heartbeat - From: 127\.0\.0\.1, Reported IP: 10\.0\.0\.5\n$/s,
  );
  assertEquals(await rows(["history", ...at]), []);
});

Deno.test("what was exported as a log can be imported: the same hosts, the same counts", async () => {
  await using dir = await tempDir();
  const state = join(dir.path, "imported");
  const log = join(dir.path, "heartbeats.log");
  await using hbd = await Hbd.start({ config: "interval: 3600\n" });
  for (let n = 0; n < 50; n++) await beat(hbd, { name: `h${n % 7}` });
  await Deno.writeTextFile(
    log,
    await text(["beats", "--format", "heartbeats", "--state-dir", hbd.stateDir]),
  );
  const args = ["--state-dir", state, "-c", hbd.configFile];
  const imported = await runHbd(["import", log, ...args]);
  assertEquals(imported.code, 0, imported.stderr);
  assertMatch(imported.stdout, /Imported: 50 beats of 7 hosts/);
  assert(!imported.stdout.includes("is not kept"), "all of it is younger than history_days");
  await Deno.writeTextFile(`${log}.old`, "2020-01-01 10:00:00 - Server started, listening\n");
  const old = await runHbd(["import", `${log}.old`, "--dry-run", ...args]);
  assertMatch(old.stdout, /History before \d{4}-\d\d-\d\d is not kept \(history_days\)/);
  const again = await runHbd(["import", log, ...args]);
  assertMatch(again.stdout, /imported already/);
  const counts = (all: readonly { name?: string; total?: number }[]) =>
    all.map(({ name, total }) => [name, total]).sort();
  assertEquals(counts(await rows(["hosts", ...args])), counts(await getHosts(hbd)));
  await using other = await Hbd.start({ stateDir: state, config: "interval: 3600\n" });
  assertEquals(counts(await getHosts(other)), counts(await getHosts(hbd)));
  const busy = await runHbd(["import", log, ...args]);
  assertEquals(busy.code, 1);
  assertMatch(busy.stderr, /is in use by another hbd \(process \d+\): stop that one/);
});

Deno.test("a journal of our own is judged again to the same counts, and stops are no silence", async () => {
  await using dir = await tempDir();
  const stateDir = join(dir.path, "state");
  const config = "interval: 1\ntolerance: 50\n";
  {
    await using hbd = await Hbd.start({ stateDir, config });
    for (let n = 0; n < 10; n++) await beat(hbd, { name: "a" });
    await hbd.stop();
  }
  await pause(2500);
  await using hbd = await Hbd.start({ stateDir, config });
  await beat(hbd, { name: "a" });
  await eventually(async () => assertEquals((await getHosts(hbd))[0]?.state, "down"));
  await beat(hbd, { name: "a" });
  const [host] = await getHosts(hbd);
  await hbd.stop();
  const imported = join(dir.path, "imported");
  const args = ["--state-dir", imported, "-c", hbd.configFile];
  const { code, stderr } = await runHbd(["import", hbd.journal, ...args]);
  assertEquals(code, 0, stderr);
  const [again] = await rows(["hosts", ...args]);
  const { total, late, missed } = again as Readonly<Record<string, unknown>>;
  assertEquals({ total, late, missed }, {
    total: host?.total,
    late: host?.late,
    missed: host?.missed,
  });
});

Deno.test("the old daemon's configuration is written where one says, and never over another", async () => {
  await using dir = await tempDir();
  const old = join(dir.path, ".hb.yaml");
  const file = join(dir.path, "hbd.yaml");
  await Deno.writeTextFile(old, "hb_port: '50003'\ninterval: 10\npidfile: /run/x\n");
  const first = await runHbd(["import", old, "-o", file]);
  assertEquals(first.code, 0, first.stderr);
  assertMatch(first.stderr, /Left out: line 3: pidfile: /);
  assertEquals(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o600);
  assertEquals((await runHbd(["check", "-c", file])).code, 0);
  assertEquals((await runHbd(["import", old, "-o", file])).code, 1);
  await Deno.writeTextFile(old, "interval: 10\nwhat: 1\n");
  const second = await runHbd(["import", old]);
  assertEquals(second.code, 1);
  assertMatch(second.stdout, /^# Made by hbd import.*line 2: what: .*\ninterval: 10\n$/s);
});
