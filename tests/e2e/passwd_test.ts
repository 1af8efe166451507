/** `hbd passwd`: on a terminal, where nothing of the password is shown, and from a pipe. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { verifyPassword } from "../../src/access/password.ts";
import { parseConfig } from "../../src/config/load.ts";
import { eventually, HBD_COMMAND, LIMIT_MS, orElse, tempDir } from "./hbd.ts";

const PASSWORD = "correct hörse";

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `hbd passwd` with `input` from a pipe. */
async function piped(args: readonly string[], input: string | Uint8Array): Promise<Run> {
  const [program, ...rest] = [...HBD_COMMAND, "passwd", ...args] as const;
  const child = new Deno.Command(program, {
    args: rest,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = child.output();
  const writer = child.stdin.getWriter();
  const bytes = typeof input === "string" ? new TextEncoder().encode(input) : input;
  // It may have ended before it has read anything.
  await writer.write(bytes).then(() => writer.close()).catch(() => {});
  const { code, stdout, stderr } = await output;
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

async function hashIn(text: string, user: string): Promise<string> {
  return (await parseConfig(text, "hbd.yaml")).users.get(user)?.password?.value ?? "";
}

Deno.test("what passwd prints can be pasted, and is the hash of the first line", async () => {
  const { code, stdout, stderr } = await piped(["o'hara"], `${PASSWORD}\nmore\n`);
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /^users:\n {2}"o'hara":\n {4}password: "pbkdf2:sha256:600000\$.*"\n$/);
  assert(await verifyPassword(await hashIn(stdout, "o'hara"), PASSWORD));
});

Deno.test("a password that will not do is refused with a reason", async () => {
  for (
    const [input, reason] of [
      ["", "A password must have at least 8 characters: got 0"],
      ["7 chars\n", "A password must have at least 8 characters: got 7"],
      [`${"x".repeat(1025)}\n`, "A password must have at most 1024 characters: got 1025"],
      [new Uint8Array([0xff, 0xfe, 10]), "The password on standard input must be UTF-8 text"],
    ] as const
  ) {
    const { code, stdout, stderr } = await piped(["alice"], input);
    assertEquals([code, stdout, stderr], [1, "", `hbd: ${reason}\n`]);
  }
});

Deno.test("--write puts it into the file, which keeps its comments and its mode", async () => {
  await using dir = await tempDir();
  const file = join(dir.path, "hbd.yaml");
  const link = join(dir.path, "link.yaml");
  const before = "# mine\ninterval: 30   # half a minute\nusers:\n  bob:   # soon\n";
  await Deno.writeTextFile(file, before);
  await Deno.chmod(file, 0o640);
  await Deno.symlink("hbd.yaml", link);
  const added = await piped(["alice", "--write", "-c", link], PASSWORD);
  assertEquals(added, {
    code: 0,
    stdout: `User alice added to ${link}. A running hbd takes it up with SIGHUP.\n`,
    stderr: "",
  });
  const text = await Deno.readTextFile(file);
  assert(await verifyPassword(await hashIn(text, "alice"), PASSWORD));
  assertEquals(text.replace(/ {2}alice:\n.*\n/, ""), before);
  assertEquals(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o640);
  assert((await Deno.lstat(link)).isSymlink);

  const changed = await piped(["--write", "alice", "-c", file], "another one\n");
  assertStringIncludes(changed.stdout, `Password of alice changed in ${file}.`);
  const hash = await hashIn(await Deno.readTextFile(file), "alice");
  assert(await verifyPassword(hash, "another one"));
  const names = await Array.fromAsync(Deno.readDir(dir.path), ({ name }) => name);
  assertEquals(names.sort(), ["hbd.yaml", "link.yaml"], "nothing else is left");
});

Deno.test("a file that cannot be used is told before anybody types anything", async () => {
  await using dir = await tempDir();
  const file = join(dir.path, "none.yaml");
  const missing = await piped(["alice", "--write", "-c", file], PASSWORD);
  assertEquals(missing.code, 1);
  assertStringIncludes(missing.stderr, "there is no such file");
  await Deno.writeTextFile(file, "intervall: 5\n");
  const wrong = await piped(["alice", "--write", "-c", file], PASSWORD);
  assertEquals(wrong.code, 1);
  assertStringIncludes(wrong.stderr, 'none.yaml:1:1: Unknown key "intervall"');
  assertEquals(await Deno.readTextFile(file), "intervall: 5\n");
});

const script = await new Deno.Command("script", { args: ["--version"] }).output()
  .then(({ success }) => success, () => false);

/** Runs `hbd passwd alice` on a terminal; each answer is typed when its question is there. */
async function onTerminal(
  answers: readonly (readonly [question: string, keys: string])[],
): Promise<string> {
  const command = [...HBD_COMMAND, "passwd", "alice"].map((word) => `'${word}'`).join(" ");
  const child = new Deno.Command("script", {
    args: ["-qec", `stty -a; ${command}; echo "code $?"; stty -a`, "/dev/null"],
    env: { SHELL: "/bin/sh", TERM: "xterm" },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  let text = "";
  const reading = (async () => {
    for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) text += part;
  })();
  const writer = child.stdin.getWriter();
  try {
    let seen = 0;
    for (const [question, keys] of answers) {
      seen = await eventually(() => {
        const at = text.indexOf(question, seen);
        assert(at >= 0, text);
        return at + question.length;
      });
      await writer.write(new TextEncoder().encode(keys));
    }
    await eventually(() => assertMatch(text, /code \d+[^]*echo /));
  } finally {
    await writer.close().catch(() => {});
    if (await orElse(child.status, LIMIT_MS, null) === null) child.kill("SIGKILL");
    await child.status;
    await reading;
  }
  const [before, after] = [...text.matchAll(/^speed [^]*?-extproc/gm)].map(([flags]) => flags);
  assertEquals(after, before, "the terminal is as it was before");
  return text.replaceAll(/^speed [^]*?-extproc\s*/gm, "").replaceAll("\r\n", "\n");
}

const onTerminalOnly = {
  ignore: !script,
  name: (name: string) =>
    name + (script ? "" : " (ignored: the program `script` is not installed)"),
};

Deno.test({
  ignore: onTerminalOnly.ignore,
  name: onTerminalOnly.name("on a terminal it asks twice and shows nothing of what is typed"),
  async fn() {
    const text = await onTerminal([
      ["New password for alice: ", "wrong start\x15corrextx\x7f\x7f\x7ft\x1b[D hörse\x04\r"],
      ["The same again: ", `${PASSWORD.replace("correct", "corret")}\r`],
    ]);
    const [asked, printed = ""] = text.split("users:");
    assertEquals(asked, "New password for alice: \nThe same again: \n");
    assertStringIncludes(text, "code 0");
    const hash = await hashIn(`users:${printed.split("code")[0]}`, "alice");
    assert(await verifyPassword(hash, "corret hörse"));
  },
});

Deno.test({
  ignore: onTerminalOnly.ignore,
  name: onTerminalOnly.name("two passwords that differ are refused"),
  async fn() {
    const text = await onTerminal([
      ["New password for alice: ", `${PASSWORD}\r`],
      ["The same again: ", `${PASSWORD}!\r`],
    ]);
    assertStringIncludes(text, "hbd: The two passwords are not the same: nothing was changed\n");
    assertStringIncludes(text, "code 1");
  },
});

Deno.test({
  ignore: onTerminalOnly.ignore,
  name: onTerminalOnly.name("Ctrl-C ends it, and the terminal is as it was before"),
  async fn() {
    const text = await onTerminal([["New password for alice: ", "corr\x03"]]);
    assertStringIncludes(text, "hbd: cancelled, nothing was changed\n");
    assertStringIncludes(text, "code 130");
    assert(!text.includes("corr"), text);
  },
});
