/**
 * Backups of a real server: under load, with the journal rotating, killed right after it; what comes
 * back is what was answered, each beat once.
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { beat, eventually, getHost, getHosts, Hbd, readJournal, runHbd, tempDir } from "./hbd.ts";

const LIMIT_MS = 60_000;

/** Fields that do not depend on when one asks. */
async function stateOf(hbd: Hbd): Promise<readonly unknown[]> {
  const hosts = await getHosts(hbd);
  return hosts.map(({ name, state, total, late, missed, last_beat, addresses, interval }) => ({
    ...{ name, state, total, late, missed, last_beat, addresses, interval },
  })).sort((a, b) => a.name < b.name ? -1 : 1);
}

Deno.test("a backup made under load has every beat that was answered before it, once", async () => {
  await using dir = await tempDir();
  const stateDir = join(dir.path, "state");
  // Files that last for a moment: rotations and removals happen while the backup is made.
  const config = "journal_max_size: 30000\njournal_max_backups: 2\ninterval: 30\n";
  await using hbd = await Hbd.start({ stateDir, config });
  const acknowledged = [0, 0, 0];
  const sent = [0, 0, 0];
  let isOver = false;
  const senders = acknowledged.map(async (_, n) => {
    while (!isOver) {
      sent[n] = (sent[n] ?? 0) + 1;
      await beat(hbd, { name: `h${n}`, text: "x".repeat(100) });
      acknowledged[n] = (acknowledged[n] ?? 0) + 1;
    }
  });
  const backups: { readonly file: string; readonly before: readonly number[] }[] = [];
  await eventually(() => assert(acknowledged.every((count) => count > 200)));
  for (let n = 0; n < 3; n++) {
    const file = join(dir.path, `backup${n}.tar.gz`);
    const before = [...acknowledged];
    const [url, local] = [["--url", hbd.url()], ["--state-dir", stateDir]];
    const made = await runHbd(["backup", file, ...(n === 1 ? url : local)], LIMIT_MS);
    assertEquals(made.code, 0, made.stderr);
    backups.push({ file, before });
  }
  isOver = true;
  await Promise.all(senders);
  await hbd.kill();

  for (const [n, { file, before }] of backups.entries()) {
    assertEquals(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o600);
    const restored = join(dir.path, `restored${n}`);
    const done = await runHbd(["restore", file, "--state-dir", restored]);
    assertEquals(done.code, 0, done.stderr);
    const seqs = (await readJournal(restored)).map(({ seq }) => seq);
    assertEquals(seqs, seqs.map((_, i) => (seqs[0] ?? 0) + i), "a line is missing in the journal");
    await using again = await Hbd.start({ stateDir: restored, config });
    for (const [host, least] of before.entries()) {
      const total = (await getHost(again, `h${host}`))?.total ?? 0;
      assert(total >= least, `h${host}: ${total} of the ${least} answered before`);
      assert(total <= (sent[host] ?? 0), `h${host}: ${total}, but only ${sent[host]} were sent`);
    }
  }
  const left = [...Deno.readDirSync(stateDir)].filter(({ name }) => name.startsWith("."));
  assertEquals(left, []);
});

Deno.test("what comes back is the state to the last figure, from a server that runs or not", async () => {
  await using dir = await tempDir();
  const stateDir = join(dir.path, "state");
  const files = ["local", "url", "stopped"].map((name) => join(dir.path, `${name}.tar.gz`));
  const [local = "", url = "", stopped = ""] = files;
  const config = "interval: 60\ncommand_token: 8dJQmZ4s0vYxW1hTnB6u\n";
  let state: readonly unknown[];
  {
    await using hbd = await Hbd.start({ stateDir, config });
    for (let n = 0; n < 20; n++) await beat(hbd, { name: `h${n % 4}`, ip: "10.0.0.1" });
    state = await stateOf(hbd);
    assertEquals((await runHbd(["backup", local, "--state-dir", stateDir])).code, 0);
    const bad = await runHbd(["backup", url, "--url", hbd.url(), "--token", "wrong"]);
    assertEquals([bad.code, bad.stdout], [1, ""]);
    assertStringIncludes(bad.stderr, "401");
    const token = ["--token", "8dJQmZ4s0vYxW1hTnB6u"];
    const good = await runHbd(["backup", url, "--url", hbd.url(), ...token]);
    assertEquals(good.code, 0, good.stderr);
    await hbd.stop();
  }
  assertEquals((await runHbd(["backup", stopped, "--state-dir", stateDir])).code, 0);
  for (const [n, file] of files.entries()) {
    const restored = join(dir.path, `restored${n}`);
    const done = await runHbd(["restore", file, "--state-dir", restored]);
    assertEquals(done.code, 0, done.stderr);
    await using hbd = await Hbd.start({ stateDir: restored, config });
    assertEquals(await stateOf(hbd), state);
  }
});

Deno.test("a backup can be opened and checked with tar and sha256sum", async () => {
  await using dir = await tempDir();
  const stateDir = join(dir.path, "state");
  const file = join(dir.path, "b.tar.gz");
  await using hbd = await Hbd.start({ stateDir });
  await beat(hbd, { name: "a" });
  assertEquals((await runHbd(["backup", file, "--state-dir", stateDir])).code, 0);
  const shell = async (text: string) => {
    const command = new Deno.Command("sh", { args: ["-c", text], cwd: dir.path });
    const { code, stdout, stderr } = await command.output();
    const decoder = new TextDecoder();
    assertEquals(code, 0, decoder.decode(stderr));
    return decoder.decode(stdout);
  };
  assertEquals(
    await shell("mkdir out && tar xzf b.tar.gz -C out && cd out && sha256sum -c SHA256SUMS"),
    "hbd-backup.json: OK\nhbd.kv: OK\njournal/0: OK\n",
  );
  assertMatch(await shell("cat out/journal/0"), /"host":"a"/);
});

Deno.test("a backup that is damaged or cut is refused, and nothing is left behind", async () => {
  await using dir = await tempDir();
  const stateDir = join(dir.path, "state");
  const file = join(dir.path, "b.tar.gz");
  {
    await using hbd = await Hbd.start({ stateDir });
    await beat(hbd, { name: "a" });
    await hbd.stop();
  }
  assertEquals((await runHbd(["backup", file, "--state-dir", stateDir])).code, 0);
  const bytes = await Deno.readFile(file);
  const damaged = bytes.slice();
  const middle = bytes.length >> 1;
  damaged[middle] = (damaged[middle] ?? 0) ^ 0x10;
  const target = join(dir.path, "target");
  for (const wrong of [bytes.slice(0, -300), damaged, bytes.slice(0, 40), new Uint8Array(0)]) {
    await Deno.writeFile(file, wrong);
    const { code, stderr } = await runHbd(["restore", file, "--state-dir", target]);
    assertEquals(code, 1, stderr);
    assertMatch(stderr, /^hbd: .*b\.tar\.gz /);
    assertEquals([...Deno.readDirSync(target)].map(({ name }) => name), ["hbd.lock"]);
  }
});

Deno.test("a state that is there is kept, unless --force has it moved aside", async () => {
  await using dir = await tempDir();
  const stateDir = join(dir.path, "state");
  const file = join(dir.path, "b.tar.gz");
  await using hbd = await Hbd.start({ stateDir });
  await beat(hbd, { name: "before" });
  assertEquals((await runHbd(["backup", file, "--state-dir", stateDir])).code, 0);
  await beat(hbd, { name: "after" });
  const running = await runHbd(["restore", file, "--state-dir", stateDir, "--force"]);
  assertEquals(running.code, 1);
  assertStringIncludes(running.stderr, "is in use by another hbd");
  await hbd.stop();
  const refused = await runHbd(["restore", file, "--state-dir", stateDir]);
  assertEquals(refused.code, 1);
  assertStringIncludes(refused.stderr, "--force");
  const forced = await runHbd(["restore", file, "--state-dir", stateDir, "--force"]);
  assertEquals(forced.code, 0, forced.stderr);
  await using again = await Hbd.start({ stateDir });
  assertEquals((await getHosts(again)).map(({ name }) => name), ["before"]);
  const aside = [...Deno.readDirSync(stateDir)].find(({ name }) => name.startsWith("before-"));
  assertStringIncludes(
    await Deno.readTextFile(join(stateDir, aside?.name ?? "", "messages.journal")),
    '"host":"after"',
  );
});
