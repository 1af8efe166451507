/** The command line, the exit codes and the signals of the real program. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import {
  beat,
  eventually,
  getHost,
  getHosts,
  Hbd,
  parseAnswers,
  post,
  rawHttp,
  readJournal,
  runHbd,
  tempDir,
  writeAll,
} from "./hbd.ts";

Deno.test("--help prints the usage, --version the version, both to standard output", async () => {
  const help = await runHbd(["--help"]);
  assertEquals([help.code, help.stderr], [0, ""]);
  for (const word of ["Usage:", "hbd check", "PORT [INTERVAL_S [TOLERANCE_PCT]]", "--state-dir"]) {
    assertStringIncludes(help.stdout, word);
  }
  const version = await runHbd(["--version"]);
  assertEquals([version.code, version.stderr], [0, ""]);
  assertMatch(version.stdout, /^hbd \d+\.\d+\.\d+\n$/);
});

const refused: readonly (readonly [string, RegExp])[] = [
  ["--frobnicate", /--frobnicate/],
  ["--http-prot 1", /did you mean "--http-port"/],
  ["--http-port 70000", /70000/],
  ["--http-port", /needs a value/],
  ["sevre", /did you mean "serve"/],
  ["1 2 3 4", /"4"/],
  ["7777 -3", /-3/],
  ["check 5", /"5"/],
];
Deno.test("bad arguments are one clear line and where to look on standard error, exit 2", async (t) => {
  for (const [line, reason] of refused) {
    await t.step(`hbd ${line}`, async () => {
      const { code, stdout, stderr } = await runHbd(line.split(" "));
      assertEquals([code, stdout], [2, ""]);
      const [first = "", ...rest] = stderr.split("\n");
      assertMatch(first, /^hbd: /);
      assertMatch(first, reason);
      assertEquals(rest, ["All commands and options: hbd --help", ""]);
    });
  }
});

Deno.test("what is wrong is told without steering the terminal", async () => {
  const { code, stderr } = await runHbd(["export", "a\x1b[2Jb"]);
  assertEquals(code, 2);
  assertMatch(stderr, /^hbd: export knows no "a\ufffd\[2Jb"/);
});

Deno.test("port 0 takes a free port, and the banner tells which and where things are", async () => {
  await using hbd = await Hbd.start({ config: "beat_log: beats.log\nlogfile: text.log\n" });
  assert(hbd.port > 0);
  assertEquals((await fetch(hbd.url("/healthz")).then((r) => r.json())).status, "ok");
  const banner = hbd.stdout();
  for (const path of [hbd.stateDir, hbd.journal, "beats.log", "text.log"]) {
    assertStringIncludes(banner, path);
  }
  assertStringIncludes(banner, `curl -d '{"name":"my-device"}' http://127.0.0.1:${hbd.port}/`);
});

Deno.test("hbd PORT INTERVAL TOLERANCE is that of the old logger", async (t) => {
  const cases: readonly (readonly [readonly string[], number, number])[] = [
    [["0"], 10, 2],
    [["0", "30"], 30, 6],
    [["0", "30", "50"], 30, 15],
  ];
  for (const [args, interval, grace] of cases) {
    await t.step(`hbd ${args.join(" ")}`, async () => {
      await using hbd = await Hbd.start({ args, config: "interval: 99\ngrace: 98\n" });
      await beat(hbd, { name: "a" });
      const host = await getHost(hbd, "a");
      assertEquals([host?.interval, host?.grace], [interval, grace]);
    });
  }
});

Deno.test("serve, -f, --no-ui and -v are accepted", async () => {
  await using hbd = await Hbd.start({ args: ["serve", "-f", "--no-ui", "-v"] });
  assertMatch(await fetch(hbd.url()).then((response) => response.text()), /^Heartbeat /);
});

Deno.test("a port that is taken is told, with the way to find out by whom, exit 1", async () => {
  await using dir = await tempDir();
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  const { code, stderr } = await runHbd([
    ...["--bind", "127.0.0.1", "--http-port", String(port)],
    ...["--state-dir", join(dir.path, "state")],
  ]);
  assertEquals(code, 1);
  assertMatch(stderr, /^hbd: Port \d+/);
  assertStringIncludes(stderr, String(port));
  assertMatch(stderr, /\b(ss|lsof|netstat) /);
  assertMatch(stderr, /--http-port/);
  assert(!/\n {4}at /.test(stderr), "no stack trace");
});

Deno.test("a second server on the same state folder does not start, the first goes on", async () => {
  await using hbd = await Hbd.start();
  await beat(hbd, { name: "a" });
  const second = await runHbd([
    ...["--bind", "127.0.0.1", "--http-port", "0", "--state-dir", hbd.stateDir],
  ]);
  assertEquals(second.code, 1);
  assertStringIncludes(second.stderr, hbd.stateDir);
  assertStringIncludes(second.stderr, String(hbd.pid));
  await beat(hbd, { name: "a" });
  assertEquals((await getHost(hbd, "a"))?.total, 2);
  assertEquals(await hbd.stop(), 0);
  assertEquals((await readJournal(hbd.stateDir)).map(({ seq }) => seq), [1, 2]);
});

Deno.test("a second server on the same journal, with a state folder of its own, does not start", async () => {
  await using dir = await tempDir();
  const config = `journal_dir: ${dir.path}\n`;
  await using first = await Hbd.start({ config });
  await beat(first, { name: "a" });
  await using second = await Hbd.spawn({ config });
  await eventually(() => assert(!second.running || second.stdout().includes("curl")));
  assert(!second.running, "it started, and both write into one journal");
  assertStringIncludes(second.stderr(), dir.path);
});

Deno.test("a second server whose journal is in the first one's state folder does not start", async () => {
  await using first = await Hbd.start();
  await using second = await Hbd.spawn({ config: `journal_dir: ${first.stateDir}\n` });
  await eventually(() => assert(!second.running || second.stdout().includes("curl")));
  assert(!second.running, "it started, and both write into one journal");
  assertStringIncludes(second.stderr(), "journal_dir");
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.test(`${signal} ends it with 0 within 2 s, everything accepted is in the journal`, async () => {
    await using dir = await tempDir();
    const stateDir = join(dir.path, "state");
    let acknowledged = 0;
    {
      await using hbd = await Hbd.start({ stateDir });
      let stopping = false;
      // Senders that do not know of the stop, and two connections that would keep it waiting.
      const senders = Array.from({ length: 4 }, async (_, sender) => {
        for (let n = 0; !stopping; n++) {
          try {
            await beat(hbd, { name: `s${sender}`, n });
            acknowledged++;
          } catch {
            return;
          }
        }
      });
      using idle = await Deno.connect({ hostname: "127.0.0.1", port: hbd.port });
      using half = await Deno.connect({ hostname: "127.0.0.1", port: hbd.port });
      await writeAll(
        idle,
        new TextEncoder().encode(
          post("/", '{"name":"idle"}', ["Connection: keep-alive"]),
        ),
      );
      await writeAll(
        half,
        new TextEncoder().encode(
          "POST / HTTP/1.1\r\nHost: s\r\nContent-Length: 50\r\n\r\n{",
        ),
      );
      await eventually(() => assert(acknowledged > 200));
      await eventually(async () => assertEquals((await getHost(hbd, "idle"))?.total, 1));
      const startMs = performance.now();
      const code = await hbd.stop(signal);
      const tookMs = performance.now() - startMs;
      stopping = true;
      await Promise.all(senders);
      assertEquals(code, 0, hbd.stderr());
      assert(tookMs < 2000, `took ${tookMs} ms`);
      acknowledged++;
    }
    const beats = (await readJournal(stateDir)).filter(({ message }) => message !== undefined);
    assert(beats.length >= acknowledged, `${beats.length} of ${acknowledged}`);
    await using again = await Hbd.start({ stateDir });
    const total = (await getHosts(again)).reduce((sum, host) => sum + host.total, 0);
    assertEquals(total, beats.length);
    assert(!again.stderr().includes("torn"), again.stderr());
  });
}

Deno.test("a stop leaves a checkpoint: nothing has to be read back from the journal", async () => {
  await using dir = await tempDir();
  const stateDir = join(dir.path, "state");
  {
    await using hbd = await Hbd.start({ stateDir });
    for (let n = 0; n < 20; n++) await beat(hbd, { name: `h${n % 5}` });
    assertEquals(await hbd.stop(), 0);
  }
  await Deno.remove(join(stateDir, "messages.journal"));
  await using hbd = await Hbd.start({ stateDir });
  assertEquals((await getHosts(hbd)).map(({ total }) => total), [4, 4, 4, 4, 4]);
});

Deno.test("without a journal the store alone brings the totals back after a stop", async () => {
  await using dir = await tempDir();
  const stateDir = join(dir.path, "state");
  const config = "journal_enabled: false\n";
  {
    await using hbd = await Hbd.start({ stateDir, config });
    for (let n = 0; n < 3; n++) await beat(hbd, { name: "a" });
    assertEquals(await hbd.stop(), 0);
    assertMatch(hbd.stdout(), /Journal +off/);
  }
  await using hbd = await Hbd.start({ stateDir, config });
  assertEquals((await getHost(hbd, "a"))?.total, 3);
  for await (const { name } of Deno.readDir(stateDir)) assert(!name.includes("journal"), name);
});

Deno.test("names of any kind come back after a stop", async () => {
  await using dir = await tempDir();
  const stateDir = join(dir.path, "state");
  // Half a surrogate pair is no text for UTF-8, yet JSON can say it.
  const bodies = ['"\\ud800"', '"\\ud801"', '"__proto__"', '"ü/%2F"', '"\\ud83d\\ude00"', '" "'];
  let before: readonly (readonly [string, number])[];
  const totals = async (hbd: Hbd) =>
    (await getHosts(hbd)).map(({ name, total }) => [name, total] as const)
      .toSorted(([a], [b]) => a < b ? -1 : 1);
  {
    await using hbd = await Hbd.start({ stateDir });
    for (const [i, name] of bodies.entries()) {
      for (let n = 0; n <= i; n++) await rawHttp(hbd.port, post("/", `{"name":${name}}`));
    }
    before = await totals(hbd);
    assertEquals(await hbd.stop(), 0, hbd.stderr());
  }
  await using hbd = await Hbd.start({ stateDir });
  assertEquals(await totals(hbd), before);
});

Deno.test("hundreds of hosts with the longest names there may be come back after a stop", async () => {
  await using dir = await tempDir();
  const options = { stateDir: join(dir.path, "state"), config: "journal_enabled: false\n" };
  const names = Array.from({ length: 300 }, (_, n) => `${n}`.padStart(255, "€"));
  {
    await using hbd = await Hbd.start(options);
    for (const name of names) await beat(hbd, { name, ip: name });
    assertEquals(await hbd.stop(), 0);
    assert(!hbd.stderr().includes("[ERR]"), hbd.stderr().slice(0, 2000));
  }
  await using hbd = await Hbd.start(options);
  assertEquals((await getHosts(hbd)).map(({ name }) => name).toSorted(), names.toSorted());
});

Deno.test("SIGHUP takes up a changed configuration, and keeps the old one when it is bad", async (t) => {
  await using hbd = await Hbd.start({ config: "interval: 60\nhosts:\n  a: { interval: 50 }\n" });
  await beat(hbd, { name: "a" });
  assertEquals((await getHost(hbd, "a"))?.interval, 50);

  await t.step("a host's changed interval takes effect", async () => {
    await Deno.writeTextFile(
      hbd.configFile,
      "interval: 60\nmax_body: 50\nhosts:\n  a: { interval: 40, grace: 1 }\n  b: { interval: 2 }\n",
    );
    hbd.signal("SIGHUP");
    const host = await eventually(async () => {
      const found = await getHost(hbd, "a");
      assertEquals(found?.interval, 40);
      return found;
    });
    assertEquals([host?.grace, host?.total], [1, 1]);
    assertEquals(Math.round((host?.deadline ?? 0) - (host?.last_beat ?? 0)), 41);
    assertEquals((await getHost(hbd, "b"))?.state, "new");
    const answer = await rawHttp(hbd.port, post("/", JSON.stringify({ name: "x".repeat(60) })));
    assertEquals(parseAnswers(answer)[0]?.status, 413, "max_body is taken up as well");
    await hbd.waitForOutput(/Configuration reloaded/);
  });

  await t.step("a bad one is told with its place, and the old one stays", async () => {
    await Deno.writeTextFile(hbd.configFile, "interval: 60\nhosts:\n  a: { intervall: 7 }\n");
    hbd.signal("SIGHUP");
    await hbd.waitForOutput(/the old one stays/);
    await hbd.waitForOutput(/hbd\.yaml:3:\d+: .*intervall.*did you mean "interval"/);
    assertEquals((await getHost(hbd, "a"))?.interval, 40);
  });

  await t.step("a missing file as well", async () => {
    const before = hbd.stderr().length;
    await Deno.remove(hbd.configFile);
    hbd.signal("SIGHUP");
    await eventually(() =>
      assertMatch(hbd.stderr().slice(before), /the old one stays.*\n?.*no such/)
    );
    assertEquals((await getHost(hbd, "a"))?.interval, 40);
  });

  await t.step("what only a restart can change is told", async () => {
    const { port } = hbd;
    await Deno.writeTextFile(hbd.configFile, "hbd_port: 1\njournal_max_size: 5000\ninterval: 33\n");
    hbd.signal("SIGHUP");
    const [line] = await hbd.waitForOutput(/.*need a restart.*/);
    assertStringIncludes(line, "journal_max_size");
    await beat(hbd, { name: "a" });
    assertEquals((await getHost(hbd, "a"))?.interval, 33);
    assertEquals(hbd.port, port);
  });

  assertEquals(await hbd.stop(), 0);
});

Deno.test("SIGHUP makes a host that is late by the new interval down, and none that is not", async () => {
  await using hbd = await Hbd.start({ config: "interval: 600\n" });
  await beat(hbd, { name: "a" });
  await beat(hbd, { name: "b" });
  await Deno.writeTextFile(hbd.configFile, "interval: 600\nhosts:\n  a: { interval: 1 }\n");
  hbd.signal("SIGHUP");
  await eventually(async () => assertEquals((await getHost(hbd, "a"))?.state, "down"));
  assertEquals((await getHost(hbd, "b"))?.state, "up");
});

Deno.test("hbd check prints the effective configuration, which is itself a valid one", async () => {
  await using dir = await tempDir();
  const file = join(dir.path, "hbd.yaml");
  await Deno.writeTextFile(file, "interval: 15\nhosts:\n  a: { grace: 3 }\n");
  const { code, stdout, stderr } = await runHbd(["check", "-c", file]);
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /^interval: 15$/m);
  assertMatch(stdout, /^tolerance: 20$/m);
  assertMatch(stdout, /grace: 3/);
  const copy = join(dir.path, "copy.yaml");
  await Deno.writeTextFile(copy, stdout);
  const again = await runHbd(["check", "-c", copy]);
  assertEquals(again.code, 0, again.stderr);
  assertEquals(again.stdout.split("\n").slice(1), stdout.split("\n").slice(1));
});

Deno.test("a bad configuration is exit 1, every mistake with its line and column", async (t) => {
  await using dir = await tempDir();
  const file = join(dir.path, "hbd.yaml");
  const cases: readonly (readonly [string, string, readonly RegExp[]])[] = [
    ["an unknown key", "intervall: 5\n", [/hbd\.yaml:1:1: .*"intervall".*did you mean "interval"/]],
    ["a wrong type", "interval: 5\nmax_body: lots\n", [
      /hbd\.yaml:2:11: max_body must be .*"lots"/,
    ]],
    ["two mistakes", "max_hosts: 0\ntolerance: -1\n", [/:1:12: max_hosts/, /:2:12: tolerance/]],
    ["broken YAML", "interval: [1\n", [/hbd\.yaml:\d+:\d+: /]],
  ];
  for (const [title, text, reasons] of cases) {
    await t.step(title, async () => {
      await Deno.writeTextFile(file, text);
      for (const command of [["check"], ["serve", "--state-dir", join(dir.path, "state")]]) {
        const { code, stdout, stderr } = await runHbd([...command, "-c", file]);
        assertEquals([code, stdout], [1, ""]);
        for (const reason of reasons) assertMatch(stderr, reason);
      }
    });
  }
  await t.step("a file that cannot be read", async () => {
    for (const path of [join(dir.path, "none.yaml"), dir.path]) {
      const { code, stdout, stderr } = await runHbd(["check", "-c", path]);
      assertEquals([code, stdout], [1, ""]);
      assertStringIncludes(stderr, path);
      assertMatch(stderr, /^hbd: Cannot read the configuration/);
    }
  });
});

Deno.test("a state folder that cannot be made is one clear line, exit 1", async () => {
  await using dir = await tempDir();
  const file = join(dir.path, "file");
  // Also a configuration: the port for WebSockets alone may be in use.
  await Deno.writeTextFile(file, "ws_port: 0\n");
  const { code, stderr } = await runHbd([
    ...["-c", file, "--bind", "127.0.0.1", "--http-port", "0", "--state-dir", join(file, "state")],
  ]);
  assertEquals(code, 1);
  assertMatch(stderr, /^hbd: /);
  assertStringIncludes(stderr, file);
  assert(!/\n {4}at /.test(stderr), stderr);
});
