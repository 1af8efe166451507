import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { type CommandResult, Commands } from "../../src/client/commands.ts";
import { eventually, tempDir } from "./support.ts";

type List = Readonly<Record<string, readonly string[]>>;

function open(list: List, timeoutS = 20, memoryFile: string | null = null): Promise<Commands> {
  return Commands.open({ commands: new Map(Object.entries(list)), timeoutS, memoryFile });
}

function ask(commands: Commands, cmd: string, args: readonly string[] = [], id = cmd) {
  return commands.run({ id, cmd, args });
}

Deno.test("a command gives its exit code and both of its outputs in order", async () => {
  const commands = await open({
    both: ["sh", "-c", "echo one; sleep 0.1; echo two >&2; sleep 0.1; echo three; exit 7"],
  });
  assertEquals(await ask(commands, "both"), { exit: 7, output: "one\ntwo\nthree" });
});

Deno.test("arguments go where {args} stands, as they are, and nowhere else", async () => {
  const commands = await open({
    show: ["printf", "<%s>", "{args}", "end"],
    none: ["echo", "{arg}"],
  });
  const args = ["a b", "$(id)", "; ls", "{args}"];
  assertEquals(await ask(commands, "show", args), {
    exit: 0,
    output: "<a b><$(id)><; ls><{args}><end>",
  });
  assertEquals((await ask(commands, "show", [], "2"))?.output, "<end>");
  assertEquals((await ask(commands, "none", ["x"]))?.exit, null);
  assertMatch(String((await ask(commands, "none", ["x"]))?.output), /takes no arguments/);
  assertEquals(await ask(commands, "none", [], "3"), { exit: 0, output: "{arg}" });
});

Deno.test("what is not configured or cannot be started is refused with the reason", async () => {
  const commands = await open({ missing: ["/nowhere/at-all"] });
  assertMatch(String((await ask(commands, "rm"))?.output), /not one of the commands/);
  const missing = await ask(commands, "missing");
  assertEquals(missing?.exit, null);
  assertMatch(String(missing?.output), /nowhere/);
});

Deno.test("output is cut at 8 KiB, and the rest does not stop the command", async () => {
  const commands = await open({ much: ["sh", "-c", "yes | head -c 1000000; exit 5"] });
  const result = await ask(commands, "much");
  assertEquals(result?.exit, 5);
  assertMatch(String(result?.output), /^(y\n){4096}\(cut after 8192 bytes\)$/);
});

Deno.test("a command that takes too long is killed with all it has started", async () => {
  await using dir = await tempDir();
  const pidFile = join(dir.path, "pid");
  const script = 'sleep 300 & echo $! > "$0"; echo begun; wait';
  const commands = await open({ hang: ["sh", "-c", script, pidFile] }, 0.5);
  assertEquals(await ask(commands, "hang"), {
    exit: null,
    output: "begun\n(killed after 0.5 s)",
  });
  const pid = (await Deno.readTextFile(pidFile)).trim();
  await eventually(async () => {
    const state = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => "gone");
    assertMatch(state, /^gone$|\) Z /);
  });
});

Deno.test("a command that leaves a service running ends with its own exit code", async () => {
  const commands = await open({ start: ["sh", "-c", "sleep 60 & echo $!; exit 3"] });
  const result = await ask(commands, "start");
  assertEquals(result?.exit, 3);
  // It lives, and is no zombie, which could be killed as well.
  if (Deno.build.os === "linux") {
    assertMatch(await Deno.readTextFile(`/proc/${result?.output}/stat`), /\) [^ZX] /);
  }
  Deno.kill(Number(result?.output), "SIGKILL");
});

Deno.test("an id runs once: the repeated one gets the same result, or nothing while it runs", async () => {
  await using dir = await tempDir();
  const file = join(dir.path, "runs");
  const commands = await open({ count: ["sh", "-c", 'echo x >> "$0"; wc -l < "$0"', file] });
  const [first, meanwhile] = await Promise.all([ask(commands, "count"), ask(commands, "count")]);
  assertEquals([first?.output.trim(), meanwhile], ["1", null]);
  assertEquals(await ask(commands, "count"), first);
  assertEquals((await ask(commands, "count", [], "other"))?.output.trim(), "2");
});

Deno.test("an id that ran before a restart does not run again", async () => {
  await using dir = await tempDir();
  const memory = join(dir.path, "commands.json");
  const list: List = { ok: ["echo", "fine"] };
  assertEquals((await ask(await open(list, 20, memory), "ok"))?.exit, 0);
  const again = await open(list, 20, memory);
  const result = await ask(again, "ok");
  assertEquals(result?.exit, null);
  assertMatch(String(result?.output), /not run twice/);
  assertEquals((await ask(again, "ok", [], "new"))?.exit, 0);
  await Deno.writeTextFile(memory, "{torn");
  assertEquals((await ask(await open(list, 20, memory), "ok"))?.exit, 0);
});

Deno.test("no more than 8 run at a time, and stop() ends them", async () => {
  const commands = await open({ hang: ["sleep", "300"] });
  const running = Array.from({ length: 8 }, (_, i) => ask(commands, "hang", [], `${i}`));
  assertEquals(await ask(commands, "hang", [], "9"), null);
  commands.stop();
  const results: (CommandResult | null)[] = await Promise.all(running);
  assert(results.every((result) => result?.exit === null));
});
