/** `hbd replay` and `hbd whatif`, beside a server that runs. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { beat, eventually, Hbd, HBD_COMMAND, tempDir } from "./hbd.ts";

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function hbd(...args: readonly string[]): Promise<Run> {
  const [program = "", ...rest] = [...HBD_COMMAND, ...args];
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: rest,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = new TextDecoder();
  return { code, out: text.decode(stdout), err: text.decode(stderr) };
}

Deno.test("a moment is shown, and another configuration tried, while the server runs", async () => {
  await using temp = await tempDir();
  const dir = temp.path;
  const config = "interval: 1\ngrace: 0.5\nincident_hosts: 0\n";
  await using server = await Hbd.start({ config, stateDir: dir });
  await beat(server, { name: "steady", interval: 600 });
  await beat(server, { name: "broken" });
  const atS = Math.ceil(Date.now() / 1000);
  await eventually(async () => {
    const { hosts } = await (await fetch(server.url("/api/0/hosts"))).json();
    assert(hosts.some(({ state }: { state: string }) => state === "down"));
    assert(Date.now() / 1000 > atS + 2);
  });
  // From now on it is not waited for so soon.
  await beat(server, { name: "broken", interval: 600 });

  const file = join(dir, "try.yaml");
  await Deno.writeTextFile(file, config);
  const place = ["-c", file, "--state-dir", dir];
  const then = await hbd("replay", "--at", String(atS), ...place);
  assertEquals([then.code, then.err], [0, ""]);
  assertMatch(then.out, /^State at .*: 2 hosts, 0 down\n\nHOST +STATE/);
  assertMatch(then.out, /\nbroken +up +\S+ ago +1s +1 /);
  const now = JSON.parse((await hbd("replay", "--at", "now", "--json", ...place)).out);
  const api = await (await fetch(server.url("/api/0/hosts"))).json();
  assertEquals(now.totals.total, 3);
  assertEquals(now.whole, true);
  for (const host of now.hosts) {
    const { duplicates: _duplicates, ...live } = api.hosts.find(
      ({ name }: { name: string }) => name === host.name,
    );
    assertEquals(host, live);
  }

  const same = await hbd("whatif", ...place, "--since", "1h");
  assertEquals(same.code, 0);
  assertMatch(same.out, /^From .* there would have been 1 alert: 0 new, 1 that there were/);
  assertMatch(same.out, /\n= .* CRITICAL {2}broken - no heartbeat/);
  assertMatch(same.err, /^\d+ lines in [\d.]+ s, \d+ lines\/s\n/);
  await Deno.writeTextFile(file, "interval: 1\ngrace: 500\n");
  const other = JSON.parse((await hbd("whatif", ...place, "--json")).out);
  assertEquals([other.new, other.same, other.gone], [0, 0, 1]);
  assertEquals(other.hosts[0].down_s.would_be, 0);
  assertEquals(await server.stop(), 0);
});

Deno.test("what cannot be shown is said, with what to do", async () => {
  await using temp = await tempDir();
  const dir = temp.path;
  const wrong = await hbd("replay", "--at", "yesterday", "--state-dir", dir);
  assertEquals(wrong.code, 2);
  assertStringIncludes(wrong.err, '--at must be a time like "2026-11-01T22:00"');
  assertEquals((await hbd("replay", "--state-dir", dir)).code, 2);
  assertEquals((await hbd("whatif", "--state-dir", dir)).code, 2);
  const none = await hbd("replay", "--at", "1h", "--state-dir", dir);
  assertEquals(none.code, 1);
  assertStringIncludes(none.err, "There is no journal");
});
