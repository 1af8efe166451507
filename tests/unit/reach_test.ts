/** What a service could not use where it is, judged by real files and their rights. */

import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { type Need, outOfReach } from "../../src/unit/reach.ts";
import type { Service } from "../../src/unit/service.ts";
import { CLIENT, SERVER } from "./service.ts";

async function problem(service: Service, need: Partial<Need> & { path: string }): Promise<string> {
  const problems = await outOfReach(service, [{ what: "The file", use: "read", ...need }]);
  return problems.join("\n");
}

Deno.test("what everybody may read or run is well", async () => {
  assertEquals(await problem(SERVER, { path: "/etc/passwd" }), "");
  assertEquals(await problem(SERVER, { path: "/bin/sh", use: "run" }), "");
});

Deno.test("a file that is not there is told for every service", async () => {
  const path = "/nowhere/hbd.yaml";
  for (const service of [SERVER, { ...SERVER, isForUser: true }, CLIENT]) {
    assertEquals(await problem(service, { path }), `The file ${path} is not there`);
  }
});

Deno.test("temporary files are hidden, but not without a sandbox", async () => {
  const dir = await Deno.makeTempDir({ dir: "/var/tmp", prefix: "hbd-unit-" });
  try {
    const path = join(dir, "hbd.yaml");
    await Deno.writeTextFile(path, "");
    assertMatch(await problem(SERVER, { path }), /is hidden from the service \(PrivateTmp\)/);
    assertMatch(await problem({ ...SERVER, runAs: "bob" }, { path }), /PrivateTmp/);
    assertEquals(await problem({ ...CLIENT, isSandboxed: false }, { path }), "");
    assertEquals(await problem({ ...SERVER, isForUser: true }, { path }), "");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test({
  name: "a file that is closed to others is told, with the part of the path that is",
  // There the file belongs to root, and others may not even enter the folder or read the file.
  ignore: Deno.build.os !== "linux",
  async fn() {
    const path = "/etc/shadow";
    assertMatch(await problem(SERVER, { path }), /, as \/etc\/shadow is closed to others: open it/);
    assertEquals(await problem({ ...SERVER, runAs: "bob" }, { path }), "");
  },
});

Deno.test("a program with a quote in its path is told, as systemd does not run it", async () => {
  const dir = await Deno.makeTempDir({ prefix: "hbd-unit-'" });
  try {
    const path = join(dir, "hbd");
    await Deno.writeTextFile(path, "");
    const service = { ...SERVER, isForUser: true };
    assertMatch(await problem(service, { path, use: "run" }), /has a quote .* move it$/);
    assertEquals(await problem(service, { path }), "");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("a folder to write to needs a user that was there before", async () => {
  assertMatch(await problem(SERVER, { path: "/srv", use: "write" }), /--run-as USER/);
  assertEquals(await problem({ ...SERVER, runAs: "bob" }, { path: "/srv", use: "write" }), "");
});
