/** A real hbd under a service manager's socket, as systemd runs it with Type=notify. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Manager } from "../self/manager.ts";
import { eventually, Hbd, pause } from "./hbd.ts";

const WATCHDOG_MS = 1200;

Deno.test({
  name:
    "READY comes when the port answers, WATCHDOG again and again, but never from a stopped process, " +
    "RELOADING ends in READY, STOPPING comes at SIGTERM",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using manager = await Manager.start();
    const hbd = await Hbd.spawn({
      config: "interval: 30\n",
      env: { NOTIFY_SOCKET: manager.address, WATCHDOG_USEC: String(WATCHDOG_MS * 1000) },
    });
    await using _ = hbd;
    await eventually(() => assertEquals(manager.with("READY=1").length, 1));
    const [, port] = await hbd.waitForOutput(/Post to +http:\/\/127\.0\.0\.1:(\d+)\//);
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`);
    assertEquals(answer.status, 200);
    await answer.body?.cancel();
    assertMatch(manager.told[0]?.text ?? "", /^STATUS=Starting\nEXTEND_TIMEOUT_USEC=\d+$/);

    await eventually(() => assert(manager.with("WATCHDOG=1").length >= 6));

    hbd.signal("SIGSTOP");
    await stopped(hbd.pid);
    // What was on its way is read first.
    await pause(50);
    const before = manager.told.length;
    await pause(2 * WATCHDOG_MS);
    assertEquals(manager.told.length, before);
    hbd.signal("SIGCONT");
    await eventually(() => assert(manager.told.length > before));

    const sent = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: '{"name":"a"}' });
    await sent.body?.cancel();
    await eventually(() => assert(manager.with("STATUS=1 host, 0 down").length > 0));

    await Deno.writeTextFile(hbd.configFile, "interval: never\n");
    hbd.signal("SIGHUP");
    await eventually(() => {
      const last = manager.told.findLastIndex(({ text }) => text.startsWith("RELOADING=1"));
      assert(last >= 0);
      assert(manager.told.slice(last).some(({ text }) => text.startsWith("READY=1")));
    });

    assertEquals(await hbd.stop(), 0);
    assertEquals(manager.told.at(-1)?.text, "STOPPING=1\nSTATUS=Stopping");
  },
});

/** Waits until the kernel says that the process is stopped. */
async function stopped(pid: number): Promise<void> {
  await eventually(async () => {
    const status = await Deno.readTextFile(`/proc/${pid}/stat`);
    assertEquals(status.slice(status.lastIndexOf(")") + 2)[0], "T");
  });
}
