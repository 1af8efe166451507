/** `hbd unit` by its words, on a machine that is a folder; and as the real program prints it. */

import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import { ToolError } from "../../src/cli/tool.ts";
import { unit, unitTool, type UnitWorld } from "../../src/cli/unit.ts";
import { splitCommandLine, UsageError } from "../../src/config/command_line.ts";
import { MARKER } from "../../src/unit/service.ts";
import { runHbd, tempDir } from "../e2e/hbd.ts";
import { testMachine } from "../unit/service.ts";

interface Done {
  readonly out: string;
  readonly notes: string;
}

/** Runs the command; executables stand for `hbd` and `hbc`. */
async function run(words: readonly string[], world: Partial<UnitWorld> = {}): Promise<Done> {
  const done = { out: "", notes: "" };
  const tool = unitTool(() => ({
    root: "/nowhere",
    home: "/nowhere",
    uid: 0,
    searchPath: "/nowhere",
    sourceDir: null,
    launcher: (program) => Promise.resolve([program === "hbd" ? "/bin/sh" : "/bin/cat"]),
    ...world,
  }));
  await tool.run(splitCommandLine(words, tool.options), {
    out: (text) => done.out += text,
    note: (text) => done.notes += text,
  });
  return done;
}

function execStart(text: string): string | undefined {
  return /^ExecStart=(.*)$/m.exec(text)?.[1];
}

Deno.test("the words and options of serve are those of the service, files with whole paths", async () => {
  await using dir = await tempDir();
  const file = join(dir.path, "my hbd.yaml");
  await Deno.writeTextFile(file, "interval: 30\n");
  const { out } = await run(["systemd", "7777", "30", "--udp-port", "off", "-v", "-f", "-c", file]);
  assertEquals(
    execStart(out),
    `/bin/sh serve 7777 30 --udp-port off --verbose -c "${file}" --state-dir /var/lib/hbd`,
  );
  const relative = await run(["systemd", "--run-as", "bob", "--state-dir", "hb"]);
  assertEquals(execStart(relative.out), `/bin/sh serve --state-dir ${join(Deno.cwd(), "hb")}`);
  assertStringIncludes(relative.out, "\nUser=bob\n");
});

Deno.test("ports below 1024 are seen in the file, too; secrets need not be there", async () => {
  await using dir = await tempDir();
  const file = join(dir.path, "hbd.yaml");
  const secret = "command_token: ${NOT_SET_ANYWHERE_HERE}\n";
  await Deno.writeTextFile(file, `hbd_port: 443\n${secret}`);
  const low = await run(["systemd", "-c", file]);
  assertStringIncludes(low.out, "AmbientCapabilities=CAP_NET_BIND_SERVICE");
  const high = await run(["systemd", "-c", file, "--http-port", "8443"]);
  assertEquals(high.out.includes("AmbientCapabilities"), false);
});

Deno.test("folders that the file names may be written to, with a path from where it is", async () => {
  await using dir = await tempDir();
  const file = join(dir.path, "hbd.yaml");
  await Deno.writeTextFile(file, "journal_dir: j\nlogfile: logs/text.log\n");
  const { out, notes } = await run(["systemd", "-c", file]);
  assertStringIncludes(out, `\nReadWritePaths=${dir.path}/j ${dir.path}/logs\n`);
  assertStringIncludes(notes, `journal_dir ${dir.path}/j is not there`);
});

Deno.test("a client beats to its servers; with programs to run it has no sandbox", async () => {
  await using dir = await tempDir();
  const { out } = await run(["systemd", "--client", "monitor:7", "[::1]:8"]);
  assertEquals(execStart(out), '/bin/cat -b monitor:7 "[::1]:8"');
  assertStringIncludes(out, "\nDynamicUser=yes\n");
  const file = join(dir.path, "hbc.yaml");
  for (
    const runs of [
      "key: k\ncommands: { up: [uptime] }",
      "key: k\nself_update: true",
      "plugins: { p: { exec: [/bin/x] } }",
      "plugins: { nagios_runner: { commands: [{ name: a, command: /bin/x }] } }",
    ]
  ) {
    await Deno.writeTextFile(file, `servers: [monitor]\n${runs}\n`);
    const free = await run(["systemd", "--client", "-c", file]);
    assertEquals(execStart(free.out), `/bin/cat -b -c ${file}`);
    assertEquals(free.out.includes("ProtectSystem"), false);
    assertMatch(free.notes, /runs as root.*--run-as USER/);
  }
});

const WRONG: readonly (readonly [string, RegExp])[] = [
  ["", /"systemd" or "launchd"/],
  ["upstart", /"upstart"/],
  ["systemd x", /PORT/],
  ["systemd --http-port 99999", /--http-port must be/],
  ["systemd --install --uninstall", /Only one of/],
  ["systemd --force", /--force/],
  ["systemd --user --run-as bob", /Only one of/],
  ["systemd --run-as b;ob", /name of a user/],
  ["systemd --client", /needs a server/],
  ["systemd --client a/b", /SERVER must be/],
  ["systemd --client monitor --http-port 80", /does not go with "--client"/],
];
for (const [words, pattern] of WRONG) {
  Deno.test(`"unit ${words}" is refused`, async () => {
    const given = words.split(" ").filter((word) => word !== "");
    assertMatch((await assertRejects(() => run(given), UsageError)).message, pattern);
  });
}

Deno.test("control characters are refused", async () => {
  await assertRejects(() => run(["systemd", "--run-as", "bob", "-c", "a\nb"]), UsageError);
});

Deno.test("installed, it is there with the marker; removed, it is gone, whatever the file says", async () => {
  await using machine = await testMachine();
  const world = { root: machine.root, searchPath: machine.searchPath ?? "" };
  const { out } = await run(["systemd", "--install", "--http-port", "8080"], world);
  assertMatch(out, /^write .*hbd\.service\n.*daemon-reload\n/s);
  const path = `${machine.root}/etc/systemd/system/hbd.service`;
  assertStringIncludes(await Deno.readTextFile(path), MARKER);
  await run(["systemd", "--uninstall", "-c", "/nowhere/any.yaml"], world);
  await assertRejects(() => Deno.stat(path), Deno.errors.NotFound);
});

Deno.test("what could not run is not installed, and the reason names the file", async () => {
  await using machine = await testMachine();
  const world = { root: machine.root, searchPath: machine.searchPath ?? "" };
  const dir = await Deno.makeTempDir({ dir: "/var/tmp", prefix: "hbd-unit-" });
  try {
    const file = join(dir, "hbd.yaml");
    await Deno.writeTextFile(file, "interval: 30\n");
    const words = ["systemd", "--install", "-c", file];
    const { message } = await assertRejects(() => run(words, world), ToolError);
    assertStringIncludes(message, `The configuration ${file} is hidden from the service`);
    assertEquals(await machine.asked(), []);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("without rights the line for sudo is the same command, quoted for a shell", async () => {
  await using machine = await testMachine(1000);
  const world = { root: machine.root, searchPath: machine.searchPath ?? "", uid: 1000 };
  const words = ["systemd", "--client", "[::1]:7", "--install"];
  const { message } = await assertRejects(() => run(words, world), ToolError);
  assertStringIncludes(message, "\n  sudo /bin/sh unit systemd '[::1]:7' --client --install\n");
});

Deno.test("the real program prints a unit with a command that works as it stands there", async () => {
  const { code, stdout, stderr } = await runHbd(["unit", "systemd", "--user", "--udp-port", "off"]);
  assertEquals(code, 0, stderr);
  const words = (execStart(stdout) ?? "").split(" ");
  const serve = words.indexOf("serve");
  assert(serve > 0, stdout);
  const [program = "", ...rest] = words.slice(0, serve);
  assert(program.startsWith("/"), program);
  const { stdout: said } = await new Deno.Command(program, {
    args: [...rest, "--version"],
    cwd: "/",
  }).output();
  assertMatch(new TextDecoder().decode(said), /^hbd \d/);
  assertEquals(unit.name, "unit");
});
