import { assert, assertEquals, assertMatch } from "@std/assert";
import { nagiosRunner } from "../../../src/client/plugins/nagios_runner.ts";
import { type Commands, optionsOf } from "./nagios_options.ts";
import { NEVER, realSystem, Scripts, trackedSystem } from "./real_system.ts";

/** Where Debian's package monitoring-plugins-basic puts them. */
const REAL = "/usr/lib/nagios/plugins";

const NOT_LINUX = Deno.build.os !== "linux";
const WINDOWS = Deno.build.os === "windows";

async function collect(commands: Commands, rest: Record<string, unknown> = {}) {
  const { system, settled } = trackedSystem();
  const plugin = await nagiosRunner.create(optionsOf(commands, rest), system);
  assert(plugin !== null);
  assertEquals([plugin.name, plugin.kind], ["nagios_runner", "monitor"]);
  const data = await plugin.collect(NEVER);
  // The plugin does not wait for what it has killed, but a test must leave nothing behind.
  await settled();
  return data;
}

/** The fields of a shell script that is run as the command "x". */
async function collectScript(script: string, rest: Record<string, unknown> = {}) {
  return await collect({ x: ["/bin/sh", "-c", script] }, rest);
}

function unknown(output: string) {
  return { x_status_code: 3, x_status: "UNKNOWN", x_output: output };
}

Deno.test({
  name: "real plugins are run in parallel, and their state, text and figures become fields",
  ignore: NOT_LINUX,
  async fn() {
    const data = await collect({
      load: `${REAL}/check_load -w 5000,4000,3000 -c 10000,8000,6000`,
      procs: `${REAL}/check_procs -w 1:100000 -c 1:200000`,
      disk: [`${REAL}/check_disk`, "-w", "0%", "-c", "0%", "-p", "/"],
      warn: `${REAL}/check_dummy 1 'a "word"'`,
      crit: `${REAL}/check_dummy 2`,
      unknown: `${REAL}/check_dummy 3`,
      bad: `${REAL}/check_load --no-such-option`,
    });
    for (const name of ["load", "procs", "disk"]) {
      assertEquals([data[`${name}_status_code`], data[`${name}_status`]], [0, "OK"], name);
    }
    assertMatch(String(data["load_output"]), /^LOAD OK - (total )?load average: [^|]*$/);
    assertMatch(String(data["load_load1"]), /^\d+(\.\d+)?$/);
    assertEquals([data["load_load1_warn"], data["load_load1_crit"]], [5000, 10000]);
    assertEquals(data["load_load15_min"], 0);
    assertMatch(String(data["procs_output"]), /^PROCS OK: \d+ process/);
    assert(Number(data["procs_procs"]) >= 1);
    assertMatch(String(data["disk_output"]), /^DISK OK/);
    assert(Number(data["disk_/"]) > 0);
    assertMatch(String(data["disk_/_unit"]), /^[KMG]?i?B$/);
    assert(Number(data["disk_/_max"]) > 0);
    assertEquals(data["warn_status"], "WARNING");
    assertEquals(data["warn_output"], 'WARNING: a "word"');
    assertEquals([data["crit_status_code"], data["crit_status"]], [2, "CRITICAL"]);
    assertEquals([data["unknown_status_code"], data["unknown_status"]], [3, "UNKNOWN"]);
    assertEquals([data["bad_status_code"], data["bad_status"]], [3, "UNKNOWN"]);
    assertMatch(String(data["bad_output"]), /\S/);
  },
});

Deno.test({
  name: "check_ping measures this machine",
  ignore: NOT_LINUX,
  async fn() {
    const command = `${REAL}/check_ping -4 -H 127.0.0.1 -w 1000,20% -c 2000,60% -p 1`;
    const data = await collect({ gw: command }, { timeout: 60 });
    assertEquals([data["gw_status"], data["gw_pl"], data["gw_pl_unit"]], ["OK", 0, "%"]);
    assertEquals([data["gw_rta_unit"], data["gw_rta_warn"]], ["ms", 1000]);
    assert(Number(data["gw_rta"]) < 1000);
  },
});

Deno.test({
  name: "labels with odd characters, quotes and thresholds that are ranges",
  ignore: WINDOWS,
  async fn() {
    const script = `echo "OK | 'C:\\\\ used %'=5%;10:20;~:30;0;100 it''s=3"; echo "more"`;
    assertEquals(await collectScript(script), {
      x_status_code: 0,
      x_status: "OK",
      x_output: "OK",
      "x_C___used__": 5,
      "x_C___used___unit": "%",
      "x_C___used___warn": "10:20",
      "x_C___used___crit": "~:30",
      "x_C___used___min": 0,
      "x_C___used___max": 100,
      x_it__s: 3,
    });
  },
});

Deno.test({
  name: "a figure never hides the state of a command, nor another figure",
  ignore: WINDOWS,
  async fn() {
    const data = await collect({
      "a": ["/bin/sh", "-c", "echo 'OK | status=7 b_status=8 n=1 n=2 n_max=4 n=3;;;;5'"],
      "a_b": ["/bin/sh", "-c", "echo down; exit 2"],
    });
    assertEquals(data, {
      a_status_code: 0,
      a_status: "OK",
      a_output: "OK",
      a_b_status_code: 2,
      a_b_status: "CRITICAL",
      a_b_output: "down",
      a_status_2: 7,
      a_b_status_2: 8,
      a_n: 1,
      a_n_2: 2,
      a_n_max: 4,
      a_n_3: 3,
      a_n_3_max: 5,
    });
  },
});

Deno.test({
  name: "stderr is the output when stdout is empty, and only then",
  ignore: WINDOWS,
  async fn() {
    const err = await collectScript("echo; echo 'no route | x=1' >&2; echo more >&2; exit 2");
    assertEquals(err, {
      x_status_code: 2,
      x_status: "CRITICAL",
      x_output: "no route | x=1",
    });
    const both = await collectScript("echo warn >&2; echo fine");
    assertEquals(both["x_output"], "fine");
  },
});

Deno.test({
  name: "an exit code over 3, a signal and a program that is not there are UNKNOWN, and say why",
  ignore: WINDOWS,
  async fn() {
    assertEquals(
      await collectScript("echo 'odd | a=1'; exit 4"),
      unknown("Exit code 4, right are 0 to 3: odd"),
    );
    assertEquals(
      await collectScript("exit 255"),
      unknown("Exit code 255, right are 0 to 3"),
    );
    assertEquals(await collectScript("kill -SEGV $$"), unknown("Killed by SIGSEGV"));
    assertEquals(
      await collectScript("echo 'half way'; kill -KILL $$"),
      unknown("Killed by SIGKILL: half way"),
    );
    const { x_output, ...rest } = await collect({ x: "no-such-program-anywhere -v" });
    assertEquals(rest, { x_status_code: 3, x_status: "UNKNOWN" });
    assertMatch(String(x_output), /^no-such-program-anywhere cannot be run: ./);
  },
});

Deno.test({
  name: "a command that hangs is UNKNOWN after the time limit, and does not hide the others",
  ignore: WINDOWS,
  async fn() {
    const data = await collect({
      x: ["/bin/sh", "-c", "echo started; exec sleep 60"],
      good: ["/bin/sh", "-c", "echo fine"],
    }, { timeout: 2 });
    assertEquals(data, {
      ...unknown("No result within 2 s"),
      good_status_code: 0,
      good_status: "OK",
      good_output: "fine",
    });
  },
});

Deno.test({
  name: "a child that keeps the output of a killed command open holds nothing up",
  ignore: WINDOWS,
  async fn() {
    await using scripts = await Scripts.create();
    const path = await scripts.write("check", `sleep 60 & echo $! >"${scripts.dir}/pid"; wait`);
    const data = await collect({ x: [path] }, { timeout: 1 });
    assertEquals(data, unknown("No result within 1 s"));
    const pid = await Deno.readTextFile(`${scripts.dir}/pid`);
    Deno.kill(Number(pid), "SIGKILL");
  },
});

Deno.test({
  name: "when the plugin itself is stopped, what has no result yet is UNKNOWN",
  ignore: WINDOWS,
  async fn() {
    const { system, settled } = trackedSystem();
    const plugin = await nagiosRunner.create(
      optionsOf({ x: ["/bin/sh", "-c", "exec sleep 60"] }),
      system,
    );
    const controller = new AbortController();
    const data = plugin?.collect(controller.signal);
    controller.abort();
    assertEquals(await data, unknown("Stopped before its result"));
    assertEquals(await plugin?.collect(controller.signal), unknown("Stopped before its result"));
    await settled();
  },
});

Deno.test({
  name: "commands that print too much share what fits one datagram, and say what is missing",
  ignore: WINDOWS,
  async fn() {
    const long =
      `head -c 500000 /dev/zero | tr '\\0' x; printf ' |'; seq 20000 | sed "s/.*/'l &'=&%;1:2/" | tr '\\n' ' '`;
    const commands: Record<string, readonly string[]> = {};
    for (let n = 1; n <= 20; n++) commands[`c${n}`] = ["/bin/sh", "-c", long];
    commands["small"] = ["/bin/sh", "-c", "echo 'OK | a=1'"];
    const data = await collect(commands);
    assert(new TextEncoder().encode(JSON.stringify(data)).length < 60_000);
    assertEquals([data["small_output"], data["small_a"]], ["OK", 1]);
    assertEquals([data["c20_status"], data["c20_l_1"], data["c20_l_1_unit"]], ["OK", 1, "%"]);
    assertEquals(String(data["c20_output"]).length, Math.floor(10_000 / 21));
    const told = Object.keys(data).filter((key) => /^c20_l_\d+$/.test(key)).length;
    assertEquals(data["c20_left_out"], 20_000 - told);
  },
});

Deno.test({
  name: "control characters of the output do not reach the server",
  ignore: WINDOWS,
  async fn() {
    const data = await collectScript(`printf 'a\\033[31mred\\tb\\000c\\n'`);
    assertEquals(data["x_output"], "a [31mred b c");
  },
});

Deno.test({
  name: "a command line is not run by a shell",
  ignore: WINDOWS,
  async fn() {
    const data = await collect({ x: "/bin/echo $HOME '$(id)' *" });
    assertEquals(data["x_output"], "$HOME $(id) *");
  },
});

Deno.test("Windows has nothing for it", async () => {
  const windows = { ...realSystem, os: "windows" } as const;
  assertEquals(await nagiosRunner.create(optionsOf({ a: "x" }), windows), null);
});
