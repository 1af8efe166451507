import { assert, assertEquals } from "@std/assert";
import { managerAddress, SdNotify } from "../../src/self/sd_notify.ts";
import { eventually } from "../e2e/hbd.ts";
import { Manager } from "./manager.ts";

const ignore = Deno.build.os !== "linux";

function addressOf(variables: Readonly<Record<string, string>>) {
  return managerAddress((name) => variables[name], 4711);
}

Deno.test("without NOTIFY_SOCKET, or with a kind of socket that is not known, nobody is told", () => {
  assertEquals(addressOf({}), null);
  assertEquals(addressOf({ NOTIFY_SOCKET: "" }), null);
  assertEquals(addressOf({ NOTIFY_SOCKET: "vsock:2:1234" }), null);
  assertEquals(addressOf({ NOTIFY_SOCKET: "@" }), null);
});

Deno.test("a watchdog for this process counts, one for another or of no time does not", () => {
  const NOTIFY_SOCKET = "/run/systemd/notify";
  const watchdogOf = (more: Readonly<Record<string, string>>) =>
    addressOf({ NOTIFY_SOCKET, ...more })?.watchdogMs;
  assertEquals(watchdogOf({}), null);
  assertEquals(watchdogOf({ WATCHDOG_USEC: "30000000" }), 30_000);
  assertEquals(watchdogOf({ WATCHDOG_USEC: "30000000", WATCHDOG_PID: "4711" }), 30_000);
  assertEquals(watchdogOf({ WATCHDOG_USEC: "30000000", WATCHDOG_PID: "4712" }), null);
  assertEquals(watchdogOf({ WATCHDOG_USEC: "0" }), null);
  assertEquals(watchdogOf({ WATCHDOG_USEC: "soon" }), null);
});

Deno.test({
  name: "a watch that stands still feeds no watchdog, and says so; one that goes on does again",
  ignore,
  async fn() {
    await using manager = await Manager.start();
    const notify = new SdNotify({ path: manager.address, watchdogMs: 60 });
    let isAlive = true;
    notify.ready(() => ({ isAlive, text: "3 hosts, 1 down" }));
    await eventually(() => assert(manager.with("WATCHDOG=1").length > 1));
    assertEquals(manager.told[0]?.text, "READY=1\nSTATUS=3 hosts, 1 down");
    isAlive = false;
    await eventually(() => assertEquals(manager.with("STATUS=The watch stands still").length, 1));
    const [stood] = manager.with("STATUS=The watch stands still");
    assertEquals(stood?.text, "STATUS=The watch stands still");
    const before = manager.told.length;
    isAlive = true;
    await eventually(() => assert(manager.told.length > before));
    assertEquals(manager.told[before]?.text, "WATCHDOG=1\nSTATUS=3 hosts, 1 down");
    await notify.close();
  },
});

Deno.test({
  name: "a name in the abstract namespace is reached, in the order of what happens",
  ignore,
  async fn() {
    await using manager = Manager.startAbstract();
    const address = addressOf({ NOTIFY_SOCKET: manager.address });
    assert(address !== null);
    const notify = new SdNotify(address);
    notify.starting();
    notify.ready(() => ({ isAlive: true, text: "0 hosts,\n0 down" }));
    notify.reloading();
    notify.reloaded();
    notify.stopping();
    await notify.close();
    await eventually(() => assertEquals(manager.told.length, 5));
    assertEquals(manager.told.map(({ text }) => text), [
      "STATUS=Starting\nEXTEND_TIMEOUT_USEC=60000000",
      "READY=1\nSTATUS=0 hosts, 0 down",
      "RELOADING=1\nSTATUS=Reading the configuration again",
      "READY=1\nSTATUS=0 hosts, 0 down",
      "STOPPING=1\nSTATUS=Stopping",
    ]);
  },
});

Deno.test({
  name: "a manager that is gone disturbs nobody",
  ignore,
  async fn() {
    const manager = await Manager.start();
    const notify = new SdNotify({ path: manager.address, watchdogMs: 60 });
    await manager[Symbol.asyncDispose]();
    notify.ready(() => ({ isAlive: true, text: "" }));
    notify.stopping();
    await notify.close();
  },
});
