/** Property lists as another reader than ours understands them: Python's plistlib. */

import { assert, assertEquals } from "@std/assert";
import { launchdPlist } from "../../src/unit/launchd.ts";
import type { Service } from "../../src/unit/service.ts";
import { CLIENT, SERVER } from "./service.ts";

type Plist = Readonly<Record<string, unknown>>;

async function readByPython(text: string): Promise<Plist> {
  const code =
    "import json, plistlib, sys; print(json.dumps(plistlib.loads(sys.stdin.buffer.read())))";
  const child = new Deno.Command("python3", {
    args: ["-c", code],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  assert(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout)) as Plist;
}

async function plistOf(service: Service, home = "/var/root"): Promise<Plist> {
  return await readByPython(launchdPlist(service, home));
}

Deno.test("a server is started at boot, kept alive, and logs into its own folder", async () => {
  const dir = "/Library/Application Support/Heartbeat";
  assertEquals(await plistOf({ ...SERVER, runAs: "bob" }), {
    Label: "local.heartbeat.hbd",
    ProgramArguments: ["/bin/sh", "serve", "--state-dir", dir],
    UserName: "bob",
    RunAtLoad: true,
    KeepAlive: true,
    ThrottleInterval: 2,
    ExitTimeOut: 30,
    WorkingDirectory: dir,
    EnvironmentVariables: { HOME: "/var/root" },
    StandardOutPath: "/dev/null",
    StandardErrorPath: `${dir}/hbd.log`,
    Umask: 0o077,
    SoftResourceLimits: { Core: 0, NumberOfFiles: 65536 },
    HardResourceLimits: { Core: 0, NumberOfFiles: 65536 },
  });
});

Deno.test("every word comes through as it is", async () => {
  const words = ["/a b/<hbd>", "&amp;", `"'`, "</string></array>", "ü漢\u{1F600}", "  two  "];
  const [first = "", ...rest] = words;
  const { ProgramArguments } = await plistOf({ ...CLIENT, command: [first, ...rest] });
  assertEquals(ProgramArguments, words);
});

Deno.test("what a user installs is all in the user's home", async () => {
  const home = "/Users/alice";
  const plist = await plistOf({ ...CLIENT, isForUser: true }, home);
  assertEquals(plist.WorkingDirectory, `${home}/Library/Application Support/Heartbeat/hbc`);
  assertEquals(plist.EnvironmentVariables, { HOME: home });
  assertEquals("UserName" in plist, false);
});
