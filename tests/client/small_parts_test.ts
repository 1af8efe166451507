/** The small parts: names of servers, boot ids, folders, what is made of datagrams, programs. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { bootIdAt, bootMinute } from "../../src/client/boot_id.ts";
import { Inbox } from "../../src/client/inbox.ts";
import { runProgram } from "../../src/client/program.ts";
import { parseServer } from "../../src/client/server_name.ts";
import { defaultSpoolDir, folderOf } from "../../src/client/state_dir.ts";
import { machine } from "../../src/client/system.ts";
import { encodeDatagram, type Fields } from "../../src/wire/datagram.ts";
import { makeKey, seal } from "../../src/wire/envelope.ts";

const NEVER = new AbortController().signal;
const NOW_MS = 1_795_231_286_563;
const KEY = makeKey("s3cret");

Deno.test("servers are read with and without a port; an IPv6 address needs brackets for one", () => {
  const right: readonly (readonly [string, string, number])[] = [
    ["monitor", "monitor", 50_003],
    ["monitor.example.com:7", "monitor.example.com", 7],
    ["192.0.2.1:65535", "192.0.2.1", 65_535],
    ["::1", "::1", 50_003],
    ["[::1]", "::1", 50_003],
    ["[2001:db8::5]:8", "2001:db8::5", 8],
  ];
  for (const [text, host, port] of right) assertEquals(parseServer(text), { host, port });
  const wrong = [
    "",
    ":1",
    "a:",
    "a:0",
    "a:65536",
    "a b",
    "[a]:1",
    "[::1",
    "::1]",
    "-a",
    "a/b",
    "[::1]x",
  ];
  for (const text of wrong) assertEquals(parseServer(text), null);
});

Deno.test("a boot id names the machine's boot before its dot and the start behind it", async () => {
  const first = await bootIdAt(NOW_MS);
  const second = await bootIdAt(NOW_MS + 1);
  assertMatch(first, /^[0-9a-f]{8}\.[0-9a-z]+$/);
  assertEquals(first.split(".")[0], second.split(".")[0]);
  assert(first !== second);
});

Deno.test("where the system names no boot its minute does, steady while time passes", () => {
  const boot = bootMinute(NOW_MS, 1000);
  assertMatch(boot, /^[0-9a-f]{8}$/);
  assertEquals(bootMinute(NOW_MS + 3_600_000, 4600), boot);
  assert(bootMinute(NOW_MS + 3_600_000, 60) !== boot);
});

Deno.test("the spool has the platform's own place, or none where nothing tells it", () => {
  const env = (values: Readonly<Record<string, string>>) => (name: string) => values[name];
  const unix = env({ HOME: "/home/u/" });
  assertEquals(defaultSpoolDir("linux", unix), "/home/u/.local/state/heartbeat/hbc");
  const xdg = env({ HOME: "/home/u", XDG_STATE_HOME: "/s/" });
  assertEquals(defaultSpoolDir("linux", xdg), "/s/heartbeat/hbc");
  assertEquals(
    defaultSpoolDir("darwin", unix),
    "/home/u/Library/Application Support/Heartbeat/hbc",
  );
  const windows = env({ LOCALAPPDATA: "C:\\Local\\" });
  assertEquals(defaultSpoolDir("windows", windows), "C:\\Local\\Heartbeat\\hbc");
  for (const os of ["linux", "darwin", "windows"] as const) {
    assertEquals(defaultSpoolDir(os, env({})), null);
  }
});

Deno.test("no host name leads out of the state folder", () => {
  assertEquals(folderOf("kiosk-1"), "kiosk-1");
  for (const name of ["..", ".", "a/b", "a\\b", "*", "\ud800", "ü".repeat(255)]) {
    assertMatch(folderOf(name), /^[A-Za-z0-9_%!'()~-]{1,200}$/);
  }
  assert(folderOf("a.b") !== folderOf("a_b"));
});

function read(fields: Fields, key: typeof KEY | null, inbox = new Inbox(key, "kiosk-1")) {
  const body = encodeDatagram({ name: "kiosk-1", ...fields });
  return inbox.read(key === null ? body : seal(body, key), NOW_MS);
}

Deno.test("answers, commands and updates are understood, anything else is nothing", () => {
  const time = NOW_MS / 1000 - 59;
  assertEquals(read({ ID: "ACK", seq: 3, time }, null), { kind: "ack", seq: 3, time });
  assertEquals(read({ ID: "CMD", id: "1", cmd: "x", args: ["a"], time }, KEY), {
    kind: "command",
    id: "1",
    cmd: "x",
    args: ["a"],
  });
  assertEquals(read({ ID: "UPD", version: "2", url: "http://u", sha256: "AB", time }, KEY), {
    kind: "update",
    version: "2",
    url: "http://u",
    sha256: "ab",
  });
  const nothing: readonly Fields[] = [
    {},
    { ID: "HTB", time },
    { ID: "ACK", seq: "3", time },
    { ID: "ACK", seq: 3 },
    { ID: "ACK", seq: 3, time: String(time) },
    { ID: "ACK", name: "kiosk-2", seq: 3, time },
    { ID: "ACK", name: null, seq: 3, time },
    { ID: "CMD", name: "kiosk-2", id: "1", cmd: "x", time },
    { ID: "CMD", name: null, id: "1", cmd: "x", time },
    { ID: "UPD", name: "KIOSK-1", version: "2", url: "http://u", sha256: "ab", time },
    { ID: "CMD", id: "", cmd: "x", time },
    { ID: "CMD", id: "1", cmd: "x", args: [1], time },
    { ID: "CMD", id: "1", cmd: "x", args: ["a\0b"], time },
    { ID: "CMD", id: "1", cmd: "x", args: "a", time },
    { ID: "CMD", id: "1", cmd: "x" },
    { ID: "CMD", id: "1", cmd: "x", time: time - 2 },
    { ID: "UPD", version: 2, url: "http://u", sha256: "ab", time },
  ];
  for (const fields of nothing) assertEquals(read(fields, KEY), null);
  const garbage = ["", "{", "[]", "HB1 ", "x\u009cy", "\0\xff"].map((s) =>
    new TextEncoder().encode(s)
  );
  for (const bytes of garbage) {
    for (const key of [null, KEY]) {
      assertEquals(new Inbox(key, "kiosk-1").read(bytes, NOW_MS), null);
    }
  }
});

Deno.test("a name with half a character counts as the server spells it", () => {
  const inbox = new Inbox(null, "kiosk-\ud800");
  const bytes = encodeDatagram({ ID: "ACK", name: "kiosk-\ufffd", seq: 3, time: 1 });
  assertEquals(inbox.read(bytes, NOW_MS)?.kind, "ack");
});

Deno.test("what is changed behind its signature does not count", () => {
  const bytes = seal(encodeDatagram({ ID: "ACK", name: "kiosk-1", seq: 3, time: 1 }), KEY);
  const inbox = new Inbox(KEY, "kiosk-1");
  assertEquals(inbox.read(bytes, NOW_MS)?.kind, "ack");
  for (let i = 0; i < bytes.length; i++) {
    const changed = bytes.slice();
    changed[i] = (changed[i] ?? 0) ^ 1;
    // The words that name the key are not part of the proof.
    if (i >= 4 && i < 12) continue;
    assertEquals(inbox.read(changed, NOW_MS), null, `byte ${i}`);
  }
  assertEquals(new Inbox(null, "kiosk-1").read(bytes, NOW_MS), null);
});

Deno.test("a program's end is told by code or signal, in the language C", async () => {
  const run = (script: string) => machine.run(["sh", "-c", script], NEVER);
  assertEquals(await run("echo $LC_ALL; echo err >&2; exit 3"), {
    code: 3,
    signal: null,
    stdout: "C\n",
    stderr: "err\n",
  });
  const killed = await run("kill -9 $$");
  assertEquals([killed.code, killed.signal], [null, "SIGKILL"]);
  await assertRejects(() => machine.run(["/nowhere/at-all"], NEVER));
  await assertRejects(() => machine.run(["true"], AbortSignal.abort(new Error("too late"))));
  assertEquals((await run("yes | head -c 3000000")).stdout.length, 1024 * 1024);
});

Deno.test("an aborted program ends at once, also when a child of it holds on to its output", async () => {
  const controller = new AbortController();
  const ended = await runProgram(["sh", "-c", "setsid sleep 30 & echo here; wait"], {
    signal: controller.signal,
    maxBytes: 1000,
    onOutput: () => controller.abort(),
  });
  assertEquals([ended.code, ended.signal], [null, "SIGKILL"]);
  assertEquals(new TextDecoder().decode(ended.stdout), "here\n");
});

Deno.test("what a program leaves running goes on and is not waited for", async () => {
  const { code, stdout } = await machine.run(["sh", "-c", "sleep 60 & echo $!; exit 3"], NEVER);
  assertEquals(code, 3);
  // It lives, and is no zombie, which could be killed as well.
  if (Deno.build.os === "linux") {
    assertMatch(await Deno.readTextFile(`/proc/${stdout.trim()}/stat`), /\) [^ZX] /);
  }
  Deno.kill(Number(stdout), "SIGKILL");
});
