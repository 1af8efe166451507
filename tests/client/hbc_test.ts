/** The real client against a real UDP server of the test: what it sends, and what it obeys. */

import {
  assert,
  assertEquals,
  assertGreater,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import type { Fields } from "../../src/wire/datagram.ts";
import project from "../../deno.json" with { type: "json" };
import { makeKey } from "../../src/wire/envelope.ts";
import { eventually, Hbc, tempDir, UdpServer } from "./support.ts";

const FAST = ["--name", "kiosk-1", "--interval", "0.2"];

const UPDATE: Fields = {
  ID: "UPD",
  name: "kiosk-1",
  version: "9",
  url: "http://127.0.0.1:1/",
  sha256: "0".repeat(64),
};

Deno.test("beats come with all their fields, and the round trip from the second one on", async () => {
  await using server = new UdpServer();
  await using hbc = await Hbc.start([...FAST, server.label]);
  const first = await server.next("HTB");
  assertEquals(Object.keys(first), ["ID", "name", "time", "boot_id", "seq", "interval", "ver"]);
  assertEquals([first.name, first.seq, first.interval], ["kiosk-1", 1, 0.2]);
  assertEquals(first.ver, project.version);
  assertMatch(String(first.boot_id), /^[0-9a-f]{8}\.[0-9a-z]+$/);
  assert(Math.abs(Number(first.time) - Date.now() / 1000) < 30);
  const third = await server.next("HTB", () => true, 3);
  assert(Number(third.rtt) > 0 && Number(third.rtt) < 5000);
  assertEquals(third.seq, 3);
  assertEquals(await hbc.stop(), 0);
  assertEquals(server.all("SHUTDOWN"), []);
  assertEquals(hbc.stderr().match(/ answers/g)?.length, 1);
});

Deno.test("a server is reached over IPv6 too, and two servers get the same numbers", async () => {
  await using v4 = new UdpServer();
  await using v6 = new UdpServer({ hostname: "::1" });
  await using _hbc = await Hbc.start([...FAST, v4.label, v6.label]);
  const numbers = async (server: UdpServer) => {
    await server.next("HTB", () => true, 3);
    return server.all("HTB").slice(0, 3).map(({ seq }) => seq);
  };
  assertEquals(await numbers(v4), [1, 2, 3]);
  assertEquals(await numbers(v6), [1, 2, 3]);
});

Deno.test("-b tells the boot at the start and the shutdown at the stop", async () => {
  await using server = new UdpServer();
  await using hbc = await Hbc.start([...FAST, "-b", server.label]);
  await server.next("HTB");
  assertEquals(server.got.slice(0, 2).map(({ fields }) => [fields.ID, fields.seq]), [
    ["BOOT", 1],
    ["HTB", 2],
  ]);
  assertEquals(await hbc.stop(), 0);
  assertEquals(server.all("SHUTDOWN").length, 1);
  assertEquals(server.got.at(-1)?.fields.ID, "SHUTDOWN");
});

Deno.test("-m, --boot and --once send one message, wait for its answer and end with 0", async () => {
  await using server = new UdpServer();
  const cases = [["HTB", ["--once"]], ["BOOT", ["--boot"]], ["MSG", [
    "-m",
    "Backup done",
  ]]] as const;
  for (const [id, args] of cases) {
    server.got.length = 0;
    const { code, stdout, stderr } = await Hbc.run(["--name", "kiosk-1", ...args, server.label]);
    assertEquals([code, stdout, stderr], [0, "", ""]);
    assertEquals(server.got.map(({ fields }) => fields.ID), [id]);
    if (id === "MSG") assertEquals(server.got[0]?.fields.message, "Backup done");
  }
});

Deno.test("one message whose first answer is lost is sent again under the same number", async () => {
  await using server = new UdpServer();
  server.answers = () => server.got.length > 1;
  const { code } = await Hbc.run(["-m", "Backup done", server.label]);
  assertEquals(code, 0);
  const [first, second] = server.all("MSG");
  assertEquals([first?.seq, first?.at], [second?.seq, second?.at]);
  assert(Number(first?.at) <= Number(first?.time));
  assertGreater(Number(second?.time), Number(first?.time));
});

Deno.test("a note nobody acknowledged ends with 1, waits, and is delivered by the client that stays", async () => {
  await using home = await tempDir();
  await using server = new UdpServer();
  server.answers = () => false;
  const dir = home.path;
  const before = Date.now() / 1000;
  const { code, stderr } = await Hbc.run(["--name", "k", "-m", "Disk full", server.label], "", {
    dir,
  });
  assertEquals(code, 1);
  assertMatch(
    stderr,
    /^hbc: No answer within 5 s from 127\.0\.0\.1 .*; the message waits in .*\n$/,
  );
  // By the same time the server knows them as one.
  const [at, ...others] = new Set(server.all("MSG").map((tried) => tried.at));
  assertEquals([typeof at, others], ["number", []]);
  server.got.length = 0;
  server.answers = () => true;
  await using _hbc = await Hbc.start(["--name", "k", "--interval", "0.2", server.label], "", {
    dir,
  });
  const note = await server.next("MSG");
  assertEquals(note.message, "Disk full");
  assertEquals(note.at, at);
  assert(Number(note.at) >= before && Number(note.at) < Number(note.time));
  await eventually(async () => {
    const left = await Array.fromAsync(Deno.readDir(join(dir, "state/heartbeat/hbc/k/spool")));
    assertEquals(left.length, 0);
  });
  assertEquals(server.all("MSG").length, 1);
});

Deno.test("--once without an answer ends with 1 and one line", async () => {
  await using server = new UdpServer();
  server.answers = () => false;
  const { code, stderr } = await Hbc.run(["--once", server.label]);
  assertEquals(code, 1);
  assertMatch(stderr, /^hbc: No answer within 5 s from .*\n$/);
});

Deno.test("--print shows a beat and every plugin as JSON, and sends nothing", async () => {
  await using server = new UdpServer();
  const config = "plugins:\n  answer: {exec: [sh, -c, 'echo {\\\"is\\\":42}'], interval: 9}\n";
  const { code, stdout } = await Hbc.run(["--print", "--name", "k", server.label], config);
  assertEquals(code, 0);
  const lines = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(lines[0].ID, "HTB");
  const { ID, data, interval } = lines.find(({ plugin }) => plugin === "answer") ?? {};
  assertEquals([ID, data, interval], ["PLG", { is: 42 }, 9]);
  assertEquals(server.got, []);
});

Deno.test("metrics come from plugins, one that fails says so and hides no other", async () => {
  await using server = new UdpServer();
  const config = `plugins:
  good: {exec: [sh, -c, 'echo {\\"is\\":42}'], interval: 1}
  bad: {exec: [sh, -c, 'exit 3'], interval: 1}
  slow: {exec: [sleep, "60"], interval: 1, timeout: 0.2}
  nothing: {}
`;
  await using _hbc = await Hbc.start([...FAST, server.label], config);
  const of = (name: string, count = 1) => server.next("PLG", (f) => f.plugin === name, count);
  assertEquals((await of("good", 2)).data, { is: 42 });
  assertEquals((await of("good")).interval, 1);
  assertMatch(String(((await of("bad")).data as { error: string }).error), /3/);
  assertMatch(String(((await of("slow")).data as { error: string }).error), /within 0\.2 s/);
  assertMatch(String(((await of("nothing")).data as { error: string }).error), /exec/);
});

Deno.test("what happened while no server was there is delivered in order, with its own time", async () => {
  const gone = new UdpServer();
  const { port } = gone.addr;
  await gone[Symbol.asyncDispose]();
  const config = `plugins:\n  tick: {exec: [sh, -c, 'echo {}'], interval: 0.5}\n`;
  await using hbc = await Hbc.start([...FAST, "-b", `127.0.0.1:${port}`], config);
  await hbc.logged(/does not answer/);
  const spool = join(hbc.dir, "state/heartbeat/hbc/kiosk-1/spool");
  await eventually(async () => {
    assert((await Array.fromAsync(Deno.readDir(spool))).length >= 4);
  });
  await using server = new UdpServer({ port });
  const ageS = ({ time, at }: Fields) => Number(time) - Number(at);
  await server.next("PLG", (fields) => ageS(fields) > 0.5, 3);
  const late = server.got.map(({ fields }) => fields).filter((fields) => ageS(fields) > 0.5);
  assertEquals(late[0]?.ID, "BOOT");
  const times = late.slice(0, 4).map(({ at }) => Number(at));
  assertEquals(times, times.toSorted((a, b) => a - b));
  await hbc.logged(/ answers/);
  await server.next("PLG", (fields) => ageS(fields) < 0.3);
});

Deno.test("a shutdown that nobody heard is told by the next client", async () => {
  await using home = await tempDir();
  const dir = home.path;
  await using server = new UdpServer();
  {
    await using hbc = await Hbc.start([...FAST, "-b", server.label], "", { dir });
    await server.next("HTB");
    server.answers = () => false;
    assertEquals(await hbc.stop(), 0);
  }
  server.got.length = 0;
  server.answers = () => true;
  await using _hbc = await Hbc.start([...FAST, server.label], "", { dir });
  const { at, time } = await server.next("SHUTDOWN");
  assert(Number(at) < Number(time));
});

Deno.test("with a key everything is signed, a signed command runs once and is answered", async () => {
  await using server = new UdpServer({ key: "s3cret" });
  const config = `key: s3cret
commands:
  count: [sh, -c, 'echo run >> "$HOME/ran"; echo "got $0 $1"; echo oops >&2; exit 4', "{args}"]
`;
  await using hbc = await Hbc.start([...FAST, server.label], config);
  const to = await server.client();
  const ask = { ID: "CMD", name: "kiosk-1", id: "c1", cmd: "count", args: ["a b", ";rm"] };
  await server.send({ ...ask, time: Date.now() / 1000 }, to);
  const { id, exit, output } = await server.next("RES");
  assertEquals([id, exit, output], ["c1", 4, "got a b ;rm\noops"]);
  await server.send({ ...ask, time: Date.now() / 1000 }, to);
  assertEquals((await server.next("RES", () => true, 2)).output, "got a b ;rm\noops");
  assertEquals(await Deno.readTextFile(join(hbc.dir, "ran")), "run\n");
  await server.send({ ...ask, id: "c2", cmd: "other", time: Date.now() / 1000 }, to);
  const refused = await server.next("RES", (fields) => fields.id === "c2");
  assertEquals(refused.exit, null);
  assertStringIncludes(String(refused.output), "not one of the commands");
  assertEquals(server.got.filter(({ isSealed }) => !isSealed), []);
});

Deno.test("commands that are unsigned, signed with another key or old are not obeyed", async () => {
  await using server = new UdpServer({ key: "s3cret" });
  const config = `key: s3cret\ncommands:\n  touch: [touch, "{args}"]\n  ok: [echo, fine]\n`;
  await using hbc = await Hbc.start([...FAST, server.label], config);
  const to = await server.client();
  const bad = join(hbc.dir, "bad");
  const time = Date.now() / 1000;
  const ask = { ID: "CMD", name: "kiosk-1", id: "c1", cmd: "touch", args: [bad], time };
  await server.send(ask, to, null);
  await server.send(ask, to, makeKey("other"));
  await server.send({ ...ask, time: time - 61 }, to);
  await server.send({ ID: "CMD", name: "kiosk-1", id: "c2", cmd: "ok", args: [], time }, to);
  assertEquals((await server.next("RES")).id, "c2");
  assertEquals(server.all("RES").length, 1);
  assertEquals(await Deno.stat(bad).catch(() => null), null);
  await hbc.logged(/not signed with our key/);
  await hbc.logged(/not within 60 s/);
});

Deno.test("what is for another host with the same key is not obeyed, and told once", async () => {
  await using server = new UdpServer({ key: "s3cret" });
  const config = `key: s3cret\nself_update: true\ncommands:\n  ok: [echo, fine]\n`;
  await using hbc = await Hbc.start([...FAST, server.label], config);
  const to = await server.client();
  const time = Date.now() / 1000;
  const ask = { ID: "CMD", cmd: "ok", args: [], time };
  await server.send({ ...ask, id: "c1", name: "kiosk-2" }, to);
  await server.send({ ...ask, id: "c2" }, to);
  await server.send({ ...UPDATE, name: "kiosk-2", time }, to);
  await server.send({ ...ask, id: "c3", name: "kiosk-1" }, to);
  assertEquals((await server.next("RES")).id, "c3");
  assertEquals(server.all("RES").length, 1);
  assertEquals(hbc.stderr().match(/is not for "kiosk-1"/g)?.length, 1);
  assert(!hbc.stderr().includes("Update to"));
});

Deno.test("answers to another host, or to what was never sent, acknowledge nothing", async () => {
  await using server = new UdpServer();
  server.answers = (fields) => {
    const { name, time, seq } = fields;
    const from = server.got.at(-1)?.from;
    const forged = [
      { name: "kiosk-2", time, seq },
      { name, time: Number(time) + 1, seq },
      { name, time, seq: Number(seq) + 1000 },
      { name, seq },
    ];
    assert(from !== undefined);
    for (const fields of forged) void server.send({ ID: "ACK", ...fields }, from).catch(() => {});
    return false;
  };
  await using hbc = await Hbc.start([...FAST, "-b", server.label]);
  await hbc.logged(/does not answer/);
  const spool = join(hbc.dir, "state/heartbeat/hbc/kiosk-1/spool");
  await eventually(async () => {
    assertEquals((await Array.fromAsync(Deno.readDir(spool))).length, 1);
  });
  assert(!hbc.stderr().includes(" answers"));
  assertEquals(server.all("HTB").filter(({ rtt }) => rtt !== undefined), []);
  server.answers = () => true;
  await hbc.logged(/ answers/);
  await eventually(async () => {
    assertEquals(await Array.fromAsync(Deno.readDir(spool)), []);
  });
});

Deno.test("a client without a key ignores commands and updates, and says so once", async () => {
  await using server = new UdpServer();
  await using hbc = await Hbc.start([...FAST, server.label], "commands:\n  ok: [echo, fine]\n");
  const to = await server.client();
  const time = Date.now() / 1000;
  for (let i = 0; i < 3; i++) {
    await server.send({ ID: "CMD", name: "kiosk-1", id: `c${i}`, cmd: "ok", args: [], time }, to);
  }
  await server.send({ ...UPDATE, time }, to);
  const seq = Number((await server.next("HTB")).seq);
  await server.next("HTB", (fields) => Number(fields.seq) > seq + 2);
  assertEquals(server.all("RES"), []);
  assertEquals(hbc.stderr().match(/command or update is ignored/g)?.length, 1);
});

Deno.test("answers that are not signed do not count for a client with a key", async () => {
  await using server = new UdpServer();
  await using hbc = await Hbc.start([...FAST, "--key", "s3cret", server.label]);
  await hbc.logged(/does not answer/);
  assertEquals(server.all("HTB").filter(({ rtt }) => rtt !== undefined), []);
});

Deno.test("an update is refused from source and where the configuration does not allow it", async () => {
  await using server = new UdpServer({ key: "k" });
  for (
    const [setting, reason] of [["false", /self_update: true/], ["true", /from source/]] as const
  ) {
    server.got.length = 0;
    await using hbc = await Hbc.start([...FAST, server.label], `key: k\nself_update: ${setting}\n`);
    await server.send({ ...UPDATE, time: Date.now() / 1000 }, await server.client());
    await hbc.logged(reason);
    const seq = Number(server.all("HTB").at(-1)?.seq);
    await server.next("HTB", (fields) => Number(fields.seq) > seq);
  }
});

Deno.test("a server that falls silent is told once, and once when it is back", async () => {
  await using server = new UdpServer();
  await using hbc = await Hbc.start([...FAST, server.label]);
  await hbc.logged(/ answers/);
  server.answers = () => false;
  await hbc.logged(/does not answer/);
  server.answers = () => true;
  await eventually(() => assertEquals(hbc.stderr().match(/ answers \(/g)?.length, 2));
  assertEquals(hbc.stderr().match(/does not answer/g)?.length, 1);
});

Deno.test("a name that cannot be resolved is told once and does not disturb the other server", async () => {
  await using server = new UdpServer();
  await using hbc = await Hbc.start([...FAST, "nowhere.invalid", server.label]);
  await hbc.logged(/nowhere\.invalid:50003 cannot be resolved/);
  await server.next("HTB", () => true, 5);
  assertEquals(hbc.stderr().match(/cannot be resolved/g)?.length, 1);
});

Deno.test("bad arguments end with 2, a missing server and a bad file with 1", async () => {
  const usage = await Hbc.run(["--intervall", "3"]);
  assertEquals(usage.code, 2);
  assertMatch(
    usage.stderr,
    /^hbc: Unknown option "--intervall": did you mean "--interval"\?\n\nUsage:/,
  );
  const missing = await Hbc.run([]);
  assertEquals(missing.code, 1);
  assertMatch(missing.stderr, /^hbc: No server is named/);
  const file = await Hbc.run(["monitor"], "intervall: 3");
  assertEquals(file.code, 1);
  assertMatch(file.stderr, /\.hbc\.yaml:1:1: Unknown key "intervall": did you mean "interval"\?/);
  const help = await Hbc.run(["--help"]);
  assertEquals([help.code, help.stdout.startsWith("Usage:")], [0, true]);
  assertEquals((await Hbc.run(["--version"])).stdout, `hbc ${project.version}\n`);
});

Deno.test("-d leaves a copy running, of which its programs see nothing; it stops when asked", async () => {
  await using server = new UdpServer();
  const config = "plugins:\n" +
    '  env: {exec: [sh, -c, \'echo {\\"set\\":\\"${HBC_BACKGROUND-none}\\"}\']}\n';
  await using hbc = await Hbc.start([...FAST, "-d", "-b", server.label], config);
  assertEquals(await hbc.end(), 0);
  const pid = Number(/process (\d+)/.exec(hbc.stdout())?.[1]);
  try {
    await server.next("HTB", () => true, 2);
    assertEquals((await server.next("PLG")).data, { set: "none" });
  } finally {
    Deno.kill(pid, "SIGTERM");
  }
  await server.next("SHUTDOWN");
});

Deno.test("in the background the log goes to the program logger", async () => {
  await using server = new UdpServer();
  await using bin = await tempDir();
  const lines = join(bin.path, "lines");
  await Deno.writeTextFile(join(bin.path, "logger"), `#!/bin/sh\necho "$@" >> ${lines}\n`);
  await Deno.chmod(join(bin.path, "logger"), 0o755);
  const env = { PATH: `${bin.path}:${Deno.env.get("PATH")}` };
  await using hbc = await Hbc.start([...FAST, "-d", server.label], "", { env });
  assertEquals(await hbc.end(), 0);
  const pid = Number(/process (\d+)/.exec(hbc.stdout())?.[1]);
  try {
    await eventually(async () => {
      const text = await Deno.readTextFile(lines);
      assertMatch(text, /^-t hbc -p daemon\.info -- 127\.0\.0\.1:\d+ answers/);
    });
  } finally {
    Deno.kill(pid, "SIGTERM");
  }
});
