/** The terminal screen, in a real terminal (tmux) and over a real server. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { makeAuthority } from "../listeners/certificates.ts";
import { beat, eventually, Hbd, HBD_COMMAND } from "./hbd.ts";
import { Tmux } from "./tmux.ts";

const MISTAKEN = new URL("mistaken_hbd.ts", import.meta.url).pathname;

/** hbd as it is, and the one with mistakes in it. */
const MISTAKEN_COMMAND = HBD_COMMAND.map((word) => word.endsWith("/main.ts") ? MISTAKEN : word);

// deno-lint-ignore no-control-regex -- escape sequences begin with ESC
const RED_TIME = /Last heartbeat.*\u001b\[31m\d\d:/;
// deno-lint-ignore no-control-regex -- as above
const RED_LATE = /\u001b\[31m⚠ LATE battery=0\.7/;

Deno.test("one host: waited for, seen, missed, and back late", async () => {
  await using tmux = await Tmux.open();
  await tmux.hbd("0", "1", "20");
  const port = await tmux.port();
  await tmux.sees(/Every 1s ±20%.*messages\.journal/);
  await tmux.sees("Waiting for first heartbeat…");
  await tmux.sees(`curl -d '{"name":"my-device"}' http://127.0.0.1:${port}/`);
  await tmux.beat(port, { name: "kiosk-1", battery: 0.8 });
  await tmux.sees(/Total received +1$/m);
  await tmux.sees(/Last client +127\.0\.0\.1/);
  await tmux.sees(/^ \d\d:\d\d:\d\d {2}kiosk-1 +127\.0\.0\.1 +battery=0\.8$/m);
  await tmux.sees(/⚠ ALERT: No heartbeat for \d+s \(expected every 1s ±20%\)/);
  await tmux.sees(/Last heartbeat +\d\d:\d\d:\d\d {2}\([2-9]s ago\)/);
  assertMatch(await tmux.text(true), RED_TIME, "in red");
  await tmux.beat(port, { name: "kiosk-1", battery: 0.7 });
  await tmux.sees(/⚠ LATE battery=0\.7/);
  await tmux.sees(/Late arrivals +1$/m);
  await tmux.sees("✓ Heartbeat is back");
  assertMatch(await tmux.text(true), RED_LATE, "in red");
  await tmux.press("q");
  await tmux.isRestored();
});

Deno.test("several hosts: the worst first, filtered, opened, in windows of all sizes", async (t) => {
  await using tmux = await Tmux.open();
  await tmux.hbd("0", "60");
  const port = await tmux.port();
  const names = ["web-1", "web-2", "web-10", "东京-展厅", "👨‍👩‍👧 family"];
  for (const name of names) await tmux.beat(port, { name, esc: "\u001b[31m\u202e" });
  await tmux.sees(/5 hosts +● 5 up/);

  await t.step("in order, columns below each other", async () => {
    await tmux.sees(/web-1 [^]*web-2 [^]*web-10 [^]*东京-展厅[^]*👨‍👩‍👧 family/);
    const rows = (await tmux.text()).split("\n").filter((row) => /^ ● up/.test(row));
    // Four columns of these are seen as two characters each.
    const ends = rows.map((row) => row.length + (row.match(/[东京展厅]/g)?.length ?? 0));
    assertEquals(new Set(ends.slice(0, 4)).size, 1, rows.join("\n"));
  });

  await t.step("nothing of a payload steers the terminal", async () => {
    await tmux.sees("esc=\u{FFFD}[31m\u{FFFD}");
  });

  await t.step("a host is opened and left", async () => {
    await tmux.press("Down", "Down", "Enter");
    await tmux.sees(/^ {2}web-10$/m);
    await tmux.sees(/Total received +1$/m);
    await tmux.press("Escape");
    await tmux.sees(/5 hosts/);
  });

  await t.step("a filter", async () => {
    await tmux.type("/tokyo");
    await tmux.sees('No host has "tokyo" in its name');
    await tmux.press("C-u");
    await tmux.type("web-1");
    await tmux.seesNo(/up +web-2 /);
    await tmux.press("Enter");
    await tmux.sees(/\/web-1 +5 hosts/);
    await tmux.press("Escape");
    await tmux.sees(/up +web-2 /);
  });

  await t.step("windows from very small to large", async () => {
    for (const [columns, rows] of [[20, 5], [200, 50], [40, 12], [1, 1], [80, 24]] as const) {
      await tmux.resize(columns, rows);
      if (rows > 1) await tmux.sees(/web-1/);
      if (rows > 1) await tmux.sees("q Quit");
    }
    await tmux.sees(/Last beat +Stability +RTT/);
    await tmux.sees("? Help");
  });

  await t.step("the help has what a start without a screen prints", async () => {
    await tmux.press("?");
    await tmux.press("End");
    await tmux.sees(/Journal +.*messages\.journal/);
    await tmux.press("x");
    await tmux.sees(/5 hosts/);
  });
  await tmux.press("C-c");
  await tmux.isRestored();
});

Deno.test("what is pasted is no key: not in the screen, and as ever when it is left", async () => {
  await using tmux = await Tmux.open();
  await tmux.hbd("0", "60");
  const port = await tmux.port();
  for (const name of ["web-1", "web-2"]) await tmux.beat(port, { name });
  await tmux.sees(/2 hosts +● 2 up/);
  await tmux.paste("q\nq");
  await tmux.type("/");
  await tmux.paste("web-2\nq\n");
  await tmux.sees("Show: web-2▏");
  await tmux.seesNo(/up +web-1 /);
  await tmux.press("C-c");
  await tmux.isRestored();
  await tmux.command(["cat"]);
  await tmux.sees(/cat\n/);
  await tmux.paste("pasted");
  await tmux.sees(/^pasted$/m);
});

Deno.test("the terminal is as it was after each way to end", async (t) => {
  await using tmux = await Tmux.open();
  const ends: readonly (readonly [string, () => Promise<void>])[] = [
    ["q", () => tmux.press("q")],
    ["Ctrl-C", () => tmux.press("C-c")],
    ["SIGTERM", async () => Deno.kill(await tmux.pid(), "SIGTERM")],
    ["SIGINT", async () => Deno.kill(await tmux.pid(), "SIGINT")],
    ["SIGQUIT", async () => Deno.kill(await tmux.pid(), "SIGQUIT")],
    ["SIGUSR2", async () => Deno.kill(await tmux.pid(), "SIGUSR2")],
    ["SIGALRM", async () => Deno.kill(await tmux.pid(), "SIGALRM")],
  ];
  for (const [name, end] of ends) {
    await t.step(name, async () => {
      await tmux.hbd("--http-port", "0");
      await tmux.sees("Waiting for first heartbeat…");
      await end();
      await tmux.isRestored();
    });
  }
});

Deno.test("a terminal that is closed ends the server, as it should end", async () => {
  const tmux = await Tmux.open();
  let pid = 0;
  try {
    await tmux.hbd("--http-port", "0");
    await tmux.sees("Waiting for first heartbeat…");
    pid = await tmux.pid();
  } finally {
    await tmux.close();
  }
  await eventually(() => assert(!isRunning(pid), `hbd ${pid} goes on without its terminal`));
  await tmux[Symbol.asyncDispose]();
});

Deno.test("Ctrl-Z stops it, fg brings it back; SIGHUP reloads, and the log waits for the end", async () => {
  await using tmux = await Tmux.open();
  await tmux.hbd("--http-port", "0");
  const port = await tmux.port();
  await tmux.beat(port, { name: "kiosk-1" });
  await tmux.sees("Status:");
  await tmux.press("C-z");
  await tmux.sees(/Stopped/);
  await tmux.isRestored();
  await tmux.command(["fg"]);
  await tmux.sees("Status:");
  Deno.kill(await tmux.pid(), "SIGHUP");
  await tmux.sees("Configuration reloaded");
  await tmux.press("q");
  await tmux.sees(/\[INF\] hbd·serve: Configuration reloaded[^]*Left by a key: stopping/);
  await tmux.isRestored();
});

Deno.test("a mistake in the server is told, and it goes on", async () => {
  await using tmux = await Tmux.open();
  const args = ["--bind", "127.0.0.1", "--udp-port", "0", "--state-dir", tmux.stateDir];
  await tmux.command([...MISTAKEN_COMMAND, "--http-port", "0", ...args]);
  const port = await tmux.port();
  Deno.kill(await tmux.pid(), "SIGURG");
  await tmux.sees(/Unexpected: .*a mistake of ours/);
  Deno.kill(await tmux.pid(), "SIGIO");
  await tmux.sees(/Unexpected: .*a rejection of ours/);
  await tmux.beat(port, { name: "kiosk-1" });
  await tmux.sees("Status:");
  await tmux.press("q");
  await tmux.isRestored();
});

Deno.test("without colours there are none, and a dumb terminal gets plain output", async () => {
  await using plain = await Tmux.open({ env: { NO_COLOR: "1" } });
  await plain.hbd("--http-port", "0");
  const port = await plain.port();
  await plain.beat(port, { name: "kiosk-1" });
  await plain.sees("Status:");
  // deno-lint-ignore no-control-regex -- escape sequences begin with ESC
  assert(!/\u001b\[[\d;]*3[0-7]m/.test(await plain.text(true)), await plain.text(true));
  await plain.press("q");
  await plain.isRestored();

  for (const term of ["dumb", ""]) {
    await using dumb = await Tmux.open({ env: { TERM: term } });
    await dumb.hbd("--http-port", "0");
    const [, found] = await dumb.sees(/Post to +http:\/\/127\.0\.0\.1:(\d+)/);
    await dumb.beat(Number(found), { name: "kiosk-1" });
    await dumb.sees(/▶ [\d-]+ [\d:]+ {2}127\.0\.0\.1 {2}→/);
    await dumb.press("C-c");
    await dumb.sees("SIGINT: stopping");
  }
});

Deno.test("in the background of a shell it prints, and is not stopped", async () => {
  await using tmux = await Tmux.open();
  const args = ["--http-port", "0", "--bind", "127.0.0.1", "--udp-port", "0"];
  const words = [...HBD_COMMAND, ...args, "--state-dir", tmux.stateDir];
  await tmux.type(`${words.join(" ")} &`);
  await tmux.press("Enter");
  const [, port] = await tmux.sees(/Post to +http:\/\/127\.0\.0\.1:(\d+)/);
  await tmux.beat(Number(port), { name: "kiosk-1" });
  await tmux.sees("→");
  Deno.kill(await tmux.pid(), "SIGTERM");
  await tmux.sees("SIGTERM: stopping");
});

/** A configuration with a user, whose key is `KEY`. */
const WITH_TOKEN = "command_token: s3cret-token-for-tests\n" +
  'users: { alice: { password: "pbkdf2:sha256:1000$abcd$' + "0".repeat(64) + '", admin: true } }\n';

Deno.test("hbd top shows a server elsewhere, and lives through its restart", async () => {
  await using tmux = await Tmux.open();
  const stateDir = join(tmux.dir, "elsewhere");
  let port = 0;
  {
    await using hbd = await Hbd.start({ args: ["0", "60"], stateDir });
    port = hbd.port;
    await beat(hbd, { name: "kiosk-1", n: 1 });
    await tmux.command([...HBD_COMMAND, "top", `127.0.0.1:${port}`]);
    await tmux.sees(new RegExp(`Heartbeat Monitor {2}│ {2}127\\.0\\.0\\.1:${port} {2}│`));
    await tmux.sees(/Total received +1$/m);
    await tmux.sees("n=1");
    await beat(hbd, { name: "kiosk-1", n: 2 });
    await tmux.sees(/Total received +2$/m);
    await tmux.sees("n=2");
    assertEquals(await hbd.stop(), 0);
  }
  await tmux.sees(/⚠ {2}disconnected, data from \d\d:\d\d:\d\d {2}│/);
  await tmux.sees(/Total received +2$/m);
  await using again = await Hbd.start({ args: [String(port), "60"], stateDir });
  await tmux.seesNo(/disconnected/);
  await beat(again, { name: "kiosk-1", n: 3 });
  await tmux.sees(/Total received +3$/m);
  await tmux.press("q");
  await tmux.isRestored();
});

Deno.test("hbd top needs a token where there are users, and says so", async () => {
  await using hbd = await Hbd.start({ config: WITH_TOKEN });
  await using tmux = await Tmux.open();
  const top = [...HBD_COMMAND, "top", `http://127.0.0.1:${hbd.port}`];
  await tmux.command(top);
  await tmux.sees(/wants to know who asks[^]*HBD_TOKEN/);
  await tmux.command([...top, "--token", "wrong"]);
  await tmux.sees(/does not take this token/);
  await tmux.command([...top, "--token", "s3cret-token-for-tests"]);
  await tmux.sees("Waiting for first heartbeat…");
  await tmux.press("q");
  await tmux.isRestored();
  await tmux.command(["env", "HBD_TOKEN=s3cret-token-for-tests", ...top]);
  await tmux.sees("Waiting for first heartbeat…");
  await tmux.press("C-c");
  await tmux.isRestored();
});

Deno.test("hbd top says where no server is, and leaves the terminal after a mistake, too", async () => {
  await using hbd = await Hbd.start();
  await using tmux = await Tmux.open();
  await tmux.command([...HBD_COMMAND, "top", "http://127.0.0.1:1/"]);
  await tmux.sees("No server answers at http://127.0.0.1:1/");
  for (const [signal, text] of [["SIGURG", "a mistake"], ["SIGIO", "a rejection"]] as const) {
    await tmux.command([...MISTAKEN_COMMAND, "top", `127.0.0.1:${hbd.port}`]);
    await tmux.sees("Waiting for first heartbeat…");
    Deno.kill(await pidOf(`top 127.0.0.1:${hbd.port}`), signal);
    await tmux.sees(`${text} of ours`);
    await tmux.isRestored();
  }
});

Deno.test("hbd top says what to do about a certificate, and which protocol to try", async () => {
  await using hbd = await Hbd.start();
  await using authority = await makeAuthority();
  await authority.issue("localhost");
  const [cert, key] = await Promise.all(
    ["cert.pem", "key.pem"].map((name) => Deno.readTextFile(join(authority.dir, name))),
  );
  await using secure = Deno.serve(
    { hostname: "127.0.0.1", port: 0, cert: cert ?? "", key: key ?? "", onListen: () => {} },
    () => new Response("Not found", { status: 404 }),
  );
  const address = `127.0.0.1:${secure.addr.port}`;
  await using tmux = await Tmux.open({ columns: 240 });
  await tmux.command([...HBD_COMMAND, "top", `https://${address}`]);
  await tmux.sees(/No server answers at https:.*: invalid peer certificate: .*DENO_CERT/);
  await tmux.command([...HBD_COMMAND, "top", `http://${address}`]);
  await tmux.sees(`Perhaps it is https://${address}/`);
  await tmux.command([...HBD_COMMAND, "top", `https://127.0.0.1:${hbd.port}`]);
  await tmux.sees(`Perhaps it is http://127.0.0.1:${hbd.port}/`);
  const ca = join(authority.dir, "ca.pem");
  await tmux.command(["env", `DENO_CERT=${ca}`, ...HBD_COMMAND, "top", `https://${address}`]);
  await tmux.sees("answers with 404, and not as a Heartbeat server does");
});

/** The process whose command line ends in `words`. */
async function pidOf(words: string): Promise<number> {
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const line = await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "");
    if (line.replaceAll("\0", " ").trim().endsWith(words)) return Number(name);
  }
  throw new Error(`No process runs ${words}`);
}

function isRunning(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGCONT");
    return true;
  } catch {
    return false;
  }
}
