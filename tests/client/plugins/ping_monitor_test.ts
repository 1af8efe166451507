import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { RunResult, System } from "../../../src/client/plugin.ts";
import { pingMonitor } from "../../../src/client/plugins/ping_monitor.ts";
import { parsePing, parseWindowsPing } from "../../../src/client/plugins/ping_output.ts";
import { NEVER, realSystem, recorded } from "./real_system.ts";

/** A machine where every program ends as the one that was recorded. */
function replaying(os: System["os"], result: Partial<RunResult>) {
  const commands: string[] = [];
  const system: System = {
    ...realSystem,
    os,
    run(argv) {
      commands.push(argv.join(" "));
      return Promise.resolve({ code: 0, signal: null, stdout: "", stderr: "", ...result });
    },
  };
  return { system, commands };
}

async function collect(options: Record<string, unknown>, system: System = realSystem) {
  const plugin = await pingMonitor.create(options, system);
  assert(plugin !== null);
  const { hosts } = await plugin.collect(NEVER);
  return hosts as Record<string, Record<string, unknown>>;
}

Deno.test("the statistics of iputils, busybox and macOS are read", async () => {
  assertEquals(parsePing(await recorded("ping_iputils.txt")), {
    rtt_min_ms: 0.022,
    rtt_avg_ms: 0.030,
    rtt_max_ms: 0.035,
    loss_percent: 0,
  });
  assertEquals(parsePing(await recorded("ping_iputils_some_lost.txt")), {
    rtt_min_ms: 11.204,
    rtt_avg_ms: 19.876,
    rtt_max_ms: 28.549,
    loss_percent: 33.3333,
  });
  assertEquals(parsePing(await recorded("ping_busybox.txt")), {
    rtt_min_ms: 0.036,
    rtt_avg_ms: 0.053,
    rtt_max_ms: 0.063,
    loss_percent: 0,
  });
  assertEquals(parsePing(await recorded("ping_macos.txt")), {
    rtt_min_ms: 3.214,
    rtt_avg_ms: 4.871,
    rtt_max_ms: 6.402,
    loss_percent: 0,
  });
});

Deno.test("without an answer there is a loss of 100 % and no round trip", async () => {
  for (const name of ["ping_iputils_unreachable.txt", "ping_macos_lost.txt"]) {
    assertEquals(parsePing(await recorded(name)), { loss_percent: 100 });
  }
  assertEquals(parsePing(""), null);
});

Deno.test("the statistics of Windows are read, in any language", async () => {
  assertEquals(parseWindowsPing(await recorded("ping_windows.txt")), {
    rtt_min_ms: 0,
    rtt_avg_ms: 2,
    rtt_max_ms: 4,
    loss_percent: 33,
  });
  assertEquals(parseWindowsPing(await recorded("ping_windows_german.txt")), {
    rtt_min_ms: 11,
    rtt_avg_ms: 15,
    rtt_max_ms: 21,
    loss_percent: 0,
  });
});

Deno.test("an unreachable host is lost, although Windows counts what the router says", async () => {
  const text = await recorded("ping_windows_unreachable.txt");
  assertEquals(parseWindowsPing(text), { loss_percent: 100 });
});

Deno.test("a host that is not resolved has an error beside its loss", async () => {
  const stderr = "ping: nosuch.invalid: Name or service not known\n";
  const linux = replaying("linux", { code: 2, stderr });
  assertEquals(await collect({ hosts: ["nosuch.invalid"] }, linux.system), {
    "nosuch.invalid": {
      loss_percent: 100,
      error: "ping: nosuch.invalid: Name or service not known",
    },
  });
  const stdout = await recorded("ping_windows_unknown_host.txt");
  const windows = replaying("windows", { code: 1, stdout });
  assertEquals(await collect({ hosts: ["nosuch.invalid"] }, windows.system), {
    "nosuch.invalid": {
      loss_percent: 100,
      error:
        "Ping request could not find host nosuch.invalid. Please check the name and try again.",
    },
  });
  const silent = replaying("linux", { code: 1 });
  assertEquals(await collect({ hosts: ["a"] }, silent.system), {
    a: { loss_percent: 100, error: "ping ended with code 1" },
  });
});

Deno.test("each system's own ping is called, once for each host", async () => {
  const expected = {
    linux: ["ping -n -q -c 5 -W 2 gw.example.org", "ping -n -q -c 5 -W 2 fe80::1%eth0"],
    darwin: ["ping -n -q -c 5 -W 2000 gw.example.org", "ping6 -n -q -c 5 fe80::1%eth0"],
    windows: ["ping -n 5 -w 1000 gw.example.org", "ping -n 5 -w 1000 fe80::1%eth0"],
  } as const;
  for (const os of ["linux", "darwin", "windows"] as const) {
    const { system, commands } = replaying(os, {});
    await collect(
      { hosts: ["gw.example.org", "fe80::1%eth0", "gw.example.org"], count: 5 },
      system,
    );
    assertEquals(commands, [...expected[os]]);
  }
});

Deno.test("wrong options are refused, and no host can pass for an option of ping", async () => {
  const cases: readonly (readonly [Record<string, unknown>, string])[] = [
    [{}, `"hosts" must be a list of host names or addresses; it is missing`],
    [{ hosts: [] }, `"hosts" must be a list of host names or addresses; not []`],
    [{ hosts: "gw" }, `"hosts" must be a list of host names or addresses; not "gw"`],
    [{ hosts: ["-f"] }, `"hosts" must list host names or addresses, not "-f"`],
    [{ hosts: ["/t"] }, `"hosts" must list host names or addresses, not "/t"`],
    [{ hosts: ["a b"] }, `"hosts" must list host names or addresses, not "a b"`],
    [{ hosts: [""] }, `"hosts" must list host names or addresses, not ""`],
    [{ hosts: [7] }, `"hosts" must list host names or addresses, not 7`],
    [{ hosts: Array(101).fill("a") }, `"hosts" lists 101 hosts; at most 100 are right`],
    [{ host: ["a"] }, `ping_monitor: there is no option "host"`],
    [{ hosts: ["a"], timeout: "1" }, `"timeout" must be a number from 0.1 to 3600, not "1"`],
    [{ hosts: ["a"], count: 0 }, `"count" must be a whole number from 1 to 20, not 0`],
    [{ hosts: ["a"], count: "3" }, `"count" must be a whole number from 1 to 20, not "3"`],
  ];
  for (const [options, message] of cases) {
    await assertRejects(() => pingMonitor.create(options, realSystem), Error, message);
  }
});

Deno.test("a machine without ping says that it must be installed", async () => {
  const run = () => Promise.reject(new Deno.errors.NotFound("No such file"));
  await assertRejects(
    () => collect({ hosts: ["a"] }, { ...realSystem, os: "linux", run }),
    Error,
    `"ping" cannot be run (No such file); it must be installed`,
  );
});

Deno.test("a ping that hangs is an error of its host, and does not hide the others", async () => {
  const { system } = replaying("linux", { stdout: await recorded("ping_busybox.txt") });
  const hanging: System = {
    ...system,
    run(argv, signal) {
      if (argv.at(-1) !== "slow") return system.run(argv, signal);
      const { promise, reject } = Promise.withResolvers<RunResult>();
      signal.addEventListener("abort", () => reject(signal.reason));
      return promise;
    },
  };
  const { slow, quick } = await collect({ hosts: ["slow", "quick"], timeout: 0.1 }, hanging);
  assertEquals(slow, { loss_percent: 100, error: "No result within 0.1 s" });
  assertEquals(quick?.["loss_percent"], 0);
});

/** Whether this machine has a `ping` that may be used. */
async function hasPing(): Promise<boolean> {
  try {
    const args = Deno.build.os === "windows" ? ["-n", "1"] : ["-c", "1"];
    const command = new Deno.Command("ping", { args: [...args, "127.0.0.1"], stdin: "null" });
    return (await command.output()).success;
  } catch {
    return false;
  }
}

Deno.test({
  name: "this machine answers itself; a name that nobody has is an error beside it",
  // Needs a `ping` that works here: Debian's package iputils-ping.
  ignore: !await hasPing(),
  async fn() {
    const hosts = await collect({ hosts: ["127.0.0.1", "nosuch.invalid"], count: 1 });
    const { "127.0.0.1": here, "nosuch.invalid": nobody } = hosts;
    assertEquals(here?.["loss_percent"], 0);
    const { rtt_min_ms: min, rtt_avg_ms: avg, rtt_max_ms: max } = here ?? {};
    assert(typeof min === "number" && typeof avg === "number" && typeof max === "number");
    assert(min >= 0 && min <= avg && avg <= max && max < 1000, JSON.stringify(here));
    assertEquals(nobody?.["loss_percent"], 100);
    assertMatch(String(nobody?.["error"]), /\S/);
  },
});
