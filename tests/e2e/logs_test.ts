/** The two logs for users of the servers that hbd replaces, to the byte, and the journal beside them. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import {
  beat,
  eventually,
  getHost,
  Hbd,
  literally,
  LOCAL_TIME,
  post,
  rawHttp,
  readJournal,
  tempDir,
} from "./hbd.ts";

/** The whole lines of a file once there are `count` of them. */
function linesOf(path: string, count: number): Promise<readonly string[]> {
  return eventually(async () => {
    const lines = (await Deno.readTextFile(path)).split("\n");
    assertEquals(lines.pop(), "", "the file ends in the middle of a line");
    assertEquals(lines.length, count, lines.join("\n"));
    return lines;
  });
}

/** Checks `line` against `pattern`, where TIME stands for a time as the logs write it. */
function assertLine(line: string | undefined, pattern: string): void {
  const parts = pattern.split("TIME").map(literally);
  assertMatch(line ?? "", new RegExp(`^${parts.join(LOCAL_TIME)}$`));
}

Deno.test("beat_log has the old logger's line for each beat", async (t) => {
  await using dir = await tempDir();
  const path = join(dir.path, "beats.log");
  await using hbd = await Hbd.start({ args: ["0", "60"], config: `beat_log: ${path}\n` });

  await t.step("payload as it was sent, on one line", async () => {
    await rawHttp(hbd.port, post("/heartbeat", '{"name": "a", "n": 1.50, "ü": "\\u00fc"}'));
    await rawHttp(hbd.port, post("/x?name=b", '{\r\n  "a": [1,\n 2]\r\n}'));
    await rawHttp(hbd.port, post("/", ""));
    await rawHttp(hbd.port, post('/q"\\', 'no "json"\n'));
    const lines = await linesOf(path, 4);
    const head = (target: string) =>
      `{"timestamp": "TIME", "client_ip": "127.0.0.1", "path": ${JSON.stringify(target)}, ` +
      `"late": false, "payload": `;
    assertLine(lines[0], `${head("/heartbeat")}{"name": "a", "n": 1.50, "ü": "\\u00fc"}}`);
    assertLine(lines[1], `${head("/x?name=b")}{"a":[1,2]}}`);
    assertLine(lines[2], `${head("/")}{}}`);
    const { path: target, payload } = JSON.parse(lines[3] ?? "");
    assertEquals(payload, { _raw: 'no "json"\n' });
    assertMatch(target, /^\/q/);
  });

  await t.step("the time is local and that of the beat", async () => {
    const [first = ""] = await linesOf(path, 4);
    const { timestamp } = JSON.parse(first) as { readonly timestamp: string };
    const at = new Date(timestamp.replace(" ", "T")).getTime();
    assert(Math.abs(at - Date.now()) < 60_000, timestamp);
  });
});

Deno.test("beat_log tells late beats", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "beats.log");
  await using hbd = await Hbd.start({ args: ["0", "1", "10"], config: `beat_log: ${path}\n` });
  await beat(hbd, { name: "a" });
  await eventually(async () => assertEquals((await getHost(hbd, "a"))?.state, "down"));
  await beat(hbd, { name: "a" });
  const late = (await linesOf(path, 2)).map((line) => JSON.parse(line).late);
  assertEquals(late, [false, true]);
});

Deno.test("logfile has the old server's lines", async (t) => {
  await using dir = await tempDir();
  const path = join(dir.path, "text.log");
  const stateDir = join(dir.path, "state");
  const config = `logfile: ${path}\n`;
  {
    await using hbd = await Hbd.start({ stateDir, config });
    await t.step("the start, with the port that is really listened on", async () => {
      const [line] = await linesOf(path, 1);
      assertLine(line, `TIME - Server started, listening on port ${hbd.port}`);
    });

    await t.step("a beat that reports an address, and one that does not", async () => {
      await rawHttp(hbd.port, post("/", '{"ip":"10.0.0.5","battery":0.8}'));
      await rawHttp(hbd.port, post("/", '{"name": "x", "battery": 0.8}'));
      await rawHttp(hbd.port, post("/", "one\r\ntwo\n"));
      await rawHttp(hbd.port, post("/", ""));
      const lines = await linesOf(path, 5);
      assertLine(lines[1], "TIME - Received heartbeat - From: 127.0.0.1, Reported IP: 10.0.0.5");
      assertLine(
        lines[2],
        'TIME - Received POST request - From: 127.0.0.1, Data: {"name": "x", "battery": 0.8}',
      );
      assertLine(lines[3], "TIME - Received POST request - From: 127.0.0.1, Data: one\\r\\ntwo\\n");
      assertLine(lines[4], "TIME - Received POST request - From: 127.0.0.1, Data: {}");
    });

    await t.step("an address with a line end in it makes no second line", async () => {
      await rawHttp(hbd.port, post("/?name=a", '{"ip":"10.0.0.5\\n2026-01-01 forged"}'));
      assertEquals((await linesOf(path, 6)).length, 6);
    });
    assertEquals(await hbd.stop(), 0);
  }
  await t.step("and goes on in the same file after a restart", async () => {
    await using hbd = await Hbd.start({ stateDir, config });
    const lines = await linesOf(path, 7);
    assertLine(lines[6], `TIME - Server started, listening on port ${hbd.port}`);
  });
});

Deno.test("logs that were moved away are begun anew at SIGHUP", async () => {
  await using dir = await tempDir();
  const [beats, text] = [join(dir.path, "beats.log"), join(dir.path, "text.log")];
  await using hbd = await Hbd.start({ config: `beat_log: ${beats}\nlogfile: ${text}\n` });
  await beat(hbd, { name: "a" });
  for (const path of [beats, text]) await Deno.rename(path, `${path}.old`);
  hbd.signal("SIGHUP");
  await hbd.waitForOutput(/reloaded/);
  await beat(hbd, { name: "b" });
  assertMatch((await linesOf(beats, 1))[0] ?? "", /"name":"b"/);
  assertMatch((await linesOf(text, 1))[0] ?? "", /"name":"b"/);
  assertMatch((await linesOf(`${beats}.old`, 1))[0] ?? "", /"name":"a"/);
});

Deno.test("the journal has the documented line for each beat, and events told apart", async () => {
  await using hbd = await Hbd.start({ args: ["0", "1", "20"] });
  await rawHttp(hbd.port, post("/heartbeat?x=1", '{"name":"a","nested":{"n":[1]}}'));
  await rawHttp(hbd.port, post("/?name=r", "not json"));
  const lines = await eventually(async () => {
    const all = await readJournal(hbd.stateDir);
    assert(all.filter(({ event }) => event === "missed").length >= 2);
    return all;
  });
  const text = await Deno.readTextFile(hbd.journal);
  assertMatch(
    text.split("\n")[0] ?? "",
    new RegExp(
      String.raw`^\{"seq":1,"timestamp":\d+(\.\d{1,3})?,"datetime":"${
        LOCAL_TIME.replace(" ", "T")
      }",` +
        String.raw`"source_ip":"127\.0\.0\.1","source_port":\d+,"transport":"http","host":"a",` +
        String
          .raw`"path":"/heartbeat\?x=1","late":false,"message":\{"name":"a","nested":\{"n":\[1\]\}\}\}$`,
    ),
  );
  assertEquals(lines[1]?.message, { _raw: "not json" });
  const numbers = lines.map(({ seq }) => seq);
  // An alert takes a number for its name, too.
  assertEquals(numbers, [...new Set(numbers)].sort((a, b) => a - b));
  for (const line of lines) {
    const kinds = [line.message !== undefined, line.event !== undefined];
    assertEquals(kinds.filter(Boolean).length, 1, JSON.stringify(line));
  }
  const ofAlerts = ["alert", "notify", "grouped"];
  const events = new Set(lines.flatMap(({ event }) => event ?? []));
  assertEquals(events.difference(new Set(ofAlerts)), new Set(["down", "missed"]));
});
