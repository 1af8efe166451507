/** Channels that are programs: how they are run, what they are told, and that they end. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { createChannel } from "../../../src/notify/channels/mod.ts";
import { type Desktop, desktop } from "../../../src/notify/channels/desktop.ts";
import type { Channel } from "../../../src/notify/channel.ts";
import { COMMON, eventually, failureOf, notice, patience, Programs } from "./support.ts";

const BODY = "CRITICAL: web1 - cpu_monitor.cpu_percent = 96.0\nlast beat 12:34:50";
const LINK = "https://hbd.example.com/hosts/web1";

function commandOf(...command: readonly string[]): Channel {
  return createChannel({ ...COMMON, type: "command", command }, { hostname: "hbd" });
}

function signalBy(cliPath: string, recipients = ["+4911111", "u:ops.01"]): Channel {
  return createChannel({ ...COMMON, type: "signal", cliPath, user: "+4900000", recipients }, {
    hostname: "hbd",
  });
}

Deno.test("signal-cli gets the text on its input, not in its arguments", async () => {
  await using programs = await Programs.create();
  const path = await programs.script("signal-cli", "echo 1774701296789");
  assertEquals(await signalBy(path).send(notice(), patience()), "sent 1774701296789");
  assertEquals(await programs.argv("signal-cli"), [
    ...["-u", "+4900000", "send", "--message-from-stdin"],
    ...["+4911111", "u:ops.01"],
  ]);
  assertEquals(await programs.stdin("signal-cli"), `[CRITICAL] web1\n${BODY}\n${LINK}`);
});

Deno.test("groups of Signal are told from people", async () => {
  await using programs = await Programs.create();
  const path = await programs.script("signal-cli");
  const group = "qCNeN1FPl7JQRQmzMWsBDLlMa6eEkpHnMBUJYtnVWZ4=";
  await signalBy(path, [group, "+4911111"]).send(notice(), patience());
  assertEquals((await programs.argv("signal-cli")).slice(4), ["+4911111", "-g", group]);
  await signalBy(path, [group]).send(notice(), patience());
  assertEquals((await programs.argv("signal-cli")).slice(4), ["-g", group]);
});

Deno.test("a text for Signal is cut to 2000 bytes with its link", async () => {
  await using programs = await Programs.create();
  const path = await programs.script("signal-cli");
  assertEquals(await signalBy(path).send(notice({ body: "ä".repeat(3000) }), patience()), "sent");
  const text = await programs.stdin("signal-cli");
  const bytes = new TextEncoder().encode(text).length;
  assert(bytes > 1990 && bytes <= 2000, `${bytes}`);
  assertMatch(text, /ä…\nhttps:\/\/hbd\.example\.com\/hosts\/web1$/);
});

Deno.test("signal-cli's failure is told by the first line of what it says", async () => {
  await using programs = await Programs.create();
  const path = await programs.script(
    "signal-cli",
    "echo out; echo >&2; echo 'User +4900000 is not registered.' >&2; echo more >&2; exit 1",
  );
  const error = await failureOf(signalBy(path));
  assertEquals(
    [error.message, error.isRefused],
    ["signal-cli ended with code 1: User +4900000 is not registered.", false],
  );
  const missing = await failureOf(signalBy(join(programs.dir, "none")));
  assertMatch(missing.message, /^signal-cli cannot be run: there is no program .*none$/);
});

Deno.test("a program that does not read its input gets it all the same", async () => {
  await using programs = await Programs.create();
  const path = join(programs.dir, "deaf");
  await Deno.writeTextFile(path, "#!/bin/sh\nexec <&-\necho done\n", { mode: 0o755 });
  assertEquals(await signalBy(path).send(notice(), patience()), "sent done");
});

Deno.test("a command gets its own arguments, and the details in its environment", async () => {
  await using programs = await Programs.create();
  const path = await programs.script("page", "echo paged; echo more");
  const evil = "$(touch /tmp/x); `id` \"'\n\0*";
  const channel = commandOf(path, "--to", "$HB_HOST; ls", "");
  assertEquals(await channel.send(notice({ host: evil, metric: null }), patience()), "paged");
  assertEquals(await programs.argv("page"), ["--to", "$HB_HOST; ls", ""]);
  const env = await programs.env("page");
  const got = [...env].filter(([name]) => name.startsWith("HB_"));
  assertEquals(Object.fromEntries(got), {
    HB_ID: notice().id,
    HB_KIND: "alert",
    HB_LEVEL: "CRITICAL",
    HB_HOST: evil.replace("\0", ""),
    HB_METRIC: "",
    HB_TITLE: "[CRITICAL] web1",
    HB_BODY: BODY,
    HB_URL: LINK,
    HB_TIME: "1774701296",
  });
  assertEquals(env.has("PATH"), true);
  assertEquals(await programs.stdin("page"), "");
});

Deno.test("a command gets a long text cut to what an environment takes", async () => {
  await using programs = await Programs.create();
  const path = await programs.script("page");
  const answer = await commandOf(path).send(notice({ body: "ä".repeat(200_000) }), patience());
  assertEquals(answer, "ended with code 0");
  const body = (await programs.env("page")).get("HB_BODY") ?? "";
  assertEquals(body, `${"ä".repeat(49_998)}…`);
});

Deno.test("a command that fails, or cannot be run, is an error that says why", async () => {
  await using programs = await Programs.create();
  const failing = await programs.script("failing", "echo ' no modem\u0007' >&2; exit 3");
  assertEquals(
    (await failureOf(commandOf(failing))).message,
    "The command ended with code 3: no modem",
  );
  const quiet = await programs.script("quiet", "exit 4");
  assertEquals((await failureOf(commandOf(quiet))).message, "The command ended with code 4");
  const killed = await programs.script("killed", "kill -9 $$");
  assertEquals((await failureOf(commandOf(killed))).message, "The command was killed by SIGKILL");
  const file = join(programs.dir, "no-program");
  await Deno.writeTextFile(file, "#!/bin/sh\n", { mode: 0o644 });
  assertMatch((await failureOf(commandOf(file))).message, /^The command cannot be run: .*denied/);
});

Deno.test("a command that talks without end is not held up by its own output", async () => {
  await using programs = await Programs.create();
  const path = await programs.script("loud", "head -c 3000000 /dev/zero | tr '\\0' 'x'");
  assertMatch(await commandOf(path).send(notice(), patience()), /^x{200}…$/);
});

Deno.test("what a command leaves running does not hold up the answer", async () => {
  await using programs = await Programs.create();
  const pidFile = join(programs.dir, "pid");
  const path = await programs.script("starter", `sleep 1000 & echo $! > '${pidFile}'; echo up`);
  assertEquals(await commandOf(path).send(notice(), patience()), "up");
  const pid = Number(await Deno.readTextFile(pidFile));
  assertEquals(isRunning(pid), true);
  Deno.kill(pid, "SIGKILL");
});

Deno.test("an aborted command is gone with all it has started, however deaf it is", async () => {
  await using programs = await Programs.create();
  const pidFile = join(programs.dir, "pids");
  const path = await programs.script(
    "deaf",
    `trap '' TERM; sleep 1000 & echo "$! $$" > '${pidFile}.new'
mv '${pidFile}.new' '${pidFile}'; wait; sleep 1000`,
  );
  const attempt = new AbortController();
  const sending = failureOf(commandOf(path), attempt.signal);
  const pids = (await eventually(() => Deno.readTextFile(pidFile))).trim().split(" ").map(Number);
  assertEquals(pids.map(isRunning), [true, true]);
  attempt.abort(new DOMException("…", "TimeoutError"));
  assertEquals(
    (await sending).message,
    "The command: the attempt was given up: no answer in time",
  );
  await eventually(() => assertEquals(pids.map(isRunning), [false, false]));
});

Deno.test("an aborted command may end by itself", async () => {
  await using programs = await Programs.create();
  const begun = join(programs.dir, "begun");
  const said = join(programs.dir, "said");
  const path = await programs.script(
    "polite",
    `trap "echo bye > '${said}'; exit 0" TERM; touch '${begun}'; sleep 1000 & wait`,
  );
  const attempt = new AbortController();
  const sending = failureOf(commandOf(path), attempt.signal);
  await eventually(() => Deno.stat(begun));
  attempt.abort();
  assertEquals((await sending).message, "The command: the attempt was given up: it was stopped");
  assertEquals(await Deno.readTextFile(said), "bye\n");
});

/** A desktop with programs of the test. */
function fakeDesktop(programs: Programs, more: Partial<Desktop> = {}): Desktop {
  return {
    os: "linux",
    env: (name) => name === "WAYLAND_DISPLAY" ? "wayland-0" : undefined,
    notifySend: join(programs.dir, "notify-send"),
    osascript: join(programs.dir, "osascript"),
    ...more,
  };
}

Deno.test("Linux: notify-send gets title and text behind its options, and no markup", async () => {
  await using programs = await Programs.create();
  await programs.script("notify-send");
  const channel = desktop(fakeDesktop(programs));
  const evil = { title: "--help <b>", body: "<img src=x> a\\nb & c", level: "WARNING" } as const;
  assertEquals(await channel.send(notice(evil), patience()), "shown");
  assertEquals(await programs.argv("notify-send"), [
    "--app-name=Heartbeat",
    "--urgency=normal",
    "--",
    "--help <b>",
    "&lt;img src=x&gt; a\\\\nb &amp; c",
  ]);
  await channel.send(notice(), patience());
  assertEquals((await programs.argv("notify-send"))[1], "--urgency=critical");
});

Deno.test("macOS: osascript gets the texts as arguments of a fixed script", async () => {
  await using programs = await Programs.create();
  await programs.script("osascript");
  const evil = { title: '-e "', body: 'x" & (do shell script "id") & "' };
  const answer = await desktop(fakeDesktop(programs, { os: "darwin" }))
    .send(notice(evil), patience());
  assertEquals(answer, "shown");
  assertEquals(await programs.argv("osascript"), [
    ...["-e", "on run argv"],
    "-e",
    'display notification (item 3 of argv) with title (item 2 of argv) sound name "Basso"',
    ...["-e", "end run"],
    ...["heartbeat", evil.title, evil.body],
  ]);
});

Deno.test("where there is no desktop nothing is done, and that is no error", async () => {
  await using programs = await Programs.create();
  const answer = (more: Partial<Desktop>) =>
    desktop(fakeDesktop(programs, more)).send(notice(), patience());
  assertEquals(await answer({ env: () => undefined }), "no desktop here");
  assertEquals(await answer({ env: () => "" }), "no desktop here");
  assertEquals(await answer({ os: "windows" }), "no desktop here");
  assertMatch(await answer({}), /^no desktop here: there is no program .*notify-send$/);
});

Deno.test("a notify-send that fails is an error", async () => {
  await using programs = await Programs.create();
  await programs.script("notify-send", "echo 'Cannot autolaunch D-Bus' >&2; exit 1");
  const { message } = await failureOf(desktop(fakeDesktop(programs)));
  assertEquals(message, "notify-send ended with code 1: Cannot autolaunch D-Bus");
});

/** True when there is such a process, and it is no zombie. */
function isRunning(pid: number): boolean {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3) !== "Z";
  } catch {
    return false;
  }
}
