/** What a failure of nsupdate is called, and that it ends. */

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { NsupdateError, runNsupdate } from "../../src/dns/nsupdate.ts";
import { payloadOf } from "../../src/dns/payload.ts";
import { eventually } from "../e2e/hbd.ts";
import { freePort, Named } from "./named.ts";

const never = new AbortController().signal;

function payload(port: number, name = "web1.example.org"): string {
  const server = `127.0.0.1:${port}`;
  return payloadOf({ name, type: "A", address: "192.0.2.7", ttlS: 60, server });
}

/** The error of a run. */
function failure(run: Promise<void>): Promise<NsupdateError> {
  return assertRejects(() => run, NsupdateError);
}

/** A script in the place of nsupdate. */
async function script(dir: string, text: string): Promise<string> {
  const path = join(dir, "nsupdate");
  await Deno.writeTextFile(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return path;
}

Deno.test("a key file that is missing or no key is named", async () => {
  await using named = await Named.start();
  const call = { bin: "nsupdate", payload: payload(named.port) };
  const missing = await failure(runNsupdate({ ...call, keyFile: "/no/such/key" }, never));
  assertEquals(
    missing.message,
    "Key file /no/such/key (nsupdate_key) cannot be used: file not found",
  );
  assertEquals(missing.isGeneral, true);
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, "garbage\n");
    const { message } = await failure(runNsupdate({ ...call, keyFile: file }, never));
    assertMatch(message, /^Key file \S+ \(nsupdate_key\) cannot be used: \w/);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("a refused name is its own trouble, a server that is not there is everybody's", async () => {
  await using named = await Named.start();
  const { keyFile, port } = named;
  const refused = await failure(
    runNsupdate({ bin: "nsupdate", keyFile, payload: payload(port, "refused.example.org") }, never),
  );
  assertEquals([refused.message, refused.isGeneral], ["update failed: REFUSED", false]);
  const gone = freePort();
  const away = await failure(
    runNsupdate({ bin: "nsupdate", keyFile, payload: payload(gone) }, never),
  );
  assertMatch(away.message, /^could not reach any name server: .*#\d+ failed: connection refused$/);
  assertEquals(away.isGeneral, true);
});

Deno.test("a program that is not there is named", async () => {
  const call = { bin: "/no/such/nsupdate", keyFile: null, payload: "send\n" };
  const { message } = await failure(runNsupdate(call, never));
  assertMatch(message, /^\/no\/such\/nsupdate \(nsupdate_bin\) cannot be run: /);
});

Deno.test("a program that does not end is ended, with what it has started", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const pids = join(dir, "pids");
    const bin = await script(
      dir,
      `sleep 600 &\necho $! $$ >'${pids}.new'\nmv '${pids}.new' '${pids}'\nwait`,
    );
    const call = { bin, keyFile: null, payload: "send\n" };
    const isGone = () => Deno.readTextFileSync(pids).trim().split(" ").every(isOver);
    const late = await failure(runNsupdate(call, never, 1000));
    assertEquals(late.message, `${bin} gave no result within 1 s`);
    await eventually(() => assertEquals(isGone(), true));

    await Deno.remove(pids);
    const stopping = new AbortController();
    const run = failure(runNsupdate(call, stopping.signal));
    await eventually(() => Deno.statSync(pids));
    stopping.abort();
    assertEquals((await run).message, "the update was called off");
    await eventually(() => assertEquals(isGone(), true));
    await failure(runNsupdate(call, stopping.signal));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("a program that says too much, and reads nothing, fails in one line", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const long = await script(dir, "yes 0123456789 | head -c 1000000 >&2\nexit 3");
    const big = "x".repeat(1_000_000);
    const { message } = await failure(
      runNsupdate({ bin: long, keyFile: null, payload: big }, never),
    );
    assertMatch(message, /^[0-9]{1,300}$/);
    const odd = await script(dir, `printf 'update failed: \\033[31mODD\\r\\n' >&2\nexit 2`);
    const told = await failure(runNsupdate({ bin: odd, keyFile: null, payload: "send\n" }, never));
    assertEquals(told.message, "update failed:  [31mODD");
    const mute = await script(dir, "exit 4");
    const silent = await failure(
      runNsupdate({ bin: mute, keyFile: null, payload: "send\n" }, never),
    );
    assertEquals(silent.message, `${mute} ended with code 4 and gave no reason`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

/** True when the process is no more, or waits only to be asked how it ended. */
function isOver(pid: string): boolean {
  try {
    return /\) Z /.test(Deno.readTextFileSync(`/proc/${pid}/stat`));
  } catch {
    return true;
  }
}
