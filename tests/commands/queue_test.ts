/** Commands: kept before anybody is told, repeated until they are answered or over, bounded. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Command, CommandQueue, QueueFull } from "../../src/commands/queue.ts";
import type { Message } from "../../src/wire/message.ts";
import { KvStore } from "../../src/store/kv.ts";
import { MemoryStore } from "../../src/store/memory.ts";
import { beatOf, START_MS, udpMessage } from "../monitor/support.ts";

const HOUR_MS = 3_600_000;

/** A queue over `store`, and its clock. */
function open(store = new MemoryStore()) {
  const clock = { nowMs: START_MS };
  return { clock, store, queue: new CommandQueue(store, () => clock.nowMs) };
}

/** The ids of the commands that are sent to `host` now. */
const due = (queue: CommandQueue, host = "a") => queue.due(beatOf(host)).map(({ id }) => id);

/** The answer of `host` to a command. */
function result(id: string, more: Record<string, unknown> = {}, signed = true): Message {
  return udpMessage({ ID: "RES", name: "a", id, exit: 0, output: "done", ...more }, "::1", signed);
}

/** Hands a message to the queue as the heart does. */
function tell(queue: CommandQueue, message: Message, atMs = START_MS): void {
  queue.message({ seq: 1, atMs, late: false, message });
}

Deno.test("a command is in the store before it is said to be queued, and before it is sent", async () => {
  const gate = Promise.withResolvers<void>();
  class SlowStore extends MemoryStore {
    override async saveCommand(command: Command): Promise<void> {
      await gate.promise;
      await super.saveCommand(command);
    }
  }
  const { queue, store } = open(new SlowStore());
  let queued = false;
  const adding = queue.add("a", "restart", ["--now"], HOUR_MS).then((command) => {
    queued = true;
    return command;
  });
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals([queued, queue.list("a"), due(queue)], [false, [], []]);
  gate.resolve();
  const command = await adding;
  assertEquals(await store.loadCommands(), [command]);
  assertEquals(due(queue), [command.id]);
});

Deno.test("a command that cannot be kept is refused and not sent", async () => {
  class FullStore extends MemoryStore {
    override saveCommand(): Promise<void> {
      return Promise.reject(new Error("disk full"));
    }
  }
  const { queue } = open(new FullStore());
  await assertRejects(() => queue.add("a", "restart", [], HOUR_MS), Error, "disk full");
  assertEquals([queue.list("a"), due(queue)], [[], []]);
});

Deno.test("a command is sent with its id, name and arguments, to its own host only", async () => {
  const { queue } = open();
  const { id } = await queue.add("a", "restart", ["--now", "x y"], HOUR_MS);
  assertEquals(queue.due(beatOf("b")), []);
  assertEquals(queue.due(beatOf("a")), [
    { ID: "CMD", id, cmd: "restart", args: ["--now", "x y"] },
  ]);
});

Deno.test("a command is repeated, every two seconds at most, until it is answered", async () => {
  const { queue, clock } = open();
  const { id } = await queue.add("a", "restart", [], HOUR_MS);
  assertEquals(due(queue), [id]);
  clock.nowMs += 1999;
  assertEquals(due(queue), []);
  clock.nowMs += 1;
  assertEquals(due(queue), [id]);
  tell(queue, result(id));
  clock.nowMs += 60_000;
  assertEquals(due(queue), []);
});

Deno.test("a command is not sent any more when it expires", async () => {
  const { queue, clock } = open();
  const { id } = await queue.add("a", "restart", [], 5000);
  clock.nowMs += 4999;
  assertEquals(due(queue), [id]);
  clock.nowMs += 2001;
  assertEquals(due(queue), []);
  assertEquals(queue.list("a").map(({ result }) => result), [null]);
});

Deno.test("five are sent at once, the oldest first, the others after them", async () => {
  const { queue } = open();
  const ids: string[] = [];
  for (let n = 0; n < 7; n++) ids.push((await queue.add("a", `c${n}`, [], HOUR_MS)).id);
  assertEquals(due(queue), ids.slice(0, 5));
  assertEquals(due(queue), ids.slice(5));
  assertEquals(queue.list("a").map(({ id }) => id), ids.toReversed());
});

Deno.test("a result is kept, in the store too; a second one changes nothing", async () => {
  const { queue, store } = open();
  const { id } = await queue.add("a", "restart", [], HOUR_MS);
  tell(queue, result(id, { exit: 3, output: "no" }), START_MS + 7);
  const expected = { atMs: START_MS + 7, exit: 3, output: "no" };
  assertEquals(queue.list("a")[0]?.result, expected);
  assertEquals((await store.loadCommands())[0]?.result, expected);
  tell(queue, result(id, { exit: 0, output: "yes" }), START_MS + 9);
  assertEquals(queue.list("a")[0]?.result, expected);
});

Deno.test("results that are unsigned, of another host or of no command are passed over", async () => {
  const { queue } = open();
  const { id } = await queue.add("a", "restart", [], HOUR_MS);
  tell(queue, result(id, {}, false));
  tell(queue, result(id, { name: "b" }));
  tell(queue, result("no-such-command"));
  tell(queue, udpMessage({ ID: "HTB", name: "a", id }, "::1", true));
  assertEquals(queue.list("a")[0]?.result, null);
});

Deno.test("a result that is read back from the journal counts, and once", async () => {
  const { queue } = open();
  const { id } = await queue.add("a", "restart", [], HOUR_MS);
  queue.learn(result(id, { exit: 1 }), true, START_MS + 5);
  queue.learn(result(id, { exit: 2 }), true, START_MS + 6);
  assertEquals(queue.list("a")[0]?.result?.exit, 1);
});

Deno.test("the longest output that a datagram brings is cut to what every store takes", async () => {
  await using store = await KvStore.open(":memory:");
  const queue = new CommandQueue(store, () => START_MS);
  const { id } = await queue.add("a", "restart", [], HOUR_MS);
  tell(queue, result(id, { output: "€".repeat(60_000) }));
  const again = new CommandQueue(store, () => START_MS);
  await again.load();
  assertEquals(again.list("a"), queue.list("a"));
  assertEquals(again.list("a")[0]?.result?.output, "€".repeat(16_384));
});

Deno.test("a command too long for a datagram is refused in plain words", async () => {
  const { queue } = open();
  const args = Array.from({ length: 40 }, () => "\u0001".repeat(500));
  await assertRejects(() => queue.add("a", "restart", args, HOUR_MS), Error, "at most 16384 bytes");
  assertEquals(queue.list("a"), []);
});

Deno.test("of one host the last 50 are kept, in memory and in the store", async () => {
  const { queue, store } = open();
  for (let n = 0; n < 60; n++) {
    const { id } = await queue.add("a", `c${n}`, [], HOUR_MS);
    if (n < 20) tell(queue, result(id));
  }
  await queue.add("b", "other", [], HOUR_MS);
  const kept = queue.list("a").map(({ cmd }) => cmd);
  assertEquals([kept.length, kept[0], kept.at(-1)], [50, "c59", "c10"]);
  assertEquals((await store.loadCommands()).length, 51);
});

Deno.test("while 50 commands wait for a host no more are queued, and none is forgotten", async () => {
  const { queue, clock } = open();
  for (let n = 0; n < 50; n++) await queue.add("a", `c${n}`, [], HOUR_MS);
  await assertRejects(() => queue.add("a", "one too many", [], HOUR_MS), QueueFull);
  assertEquals(queue.list("a").at(-1)?.cmd, "c0");
  clock.nowMs += HOUR_MS;
  await queue.add("a", "after they expired", [], HOUR_MS);
});

Deno.test("after a restart the queue goes on: the same order, open ones are sent again", async () => {
  const { queue, store, clock } = open();
  const ids: string[] = [];
  for (let n = 0; n < 4; n++) {
    ids.push((await queue.add("a", `c${n}`, [], HOUR_MS)).id);
    clock.nowMs += 10;
  }
  assertEquals(due(queue).length, 4);
  tell(queue, result(ids[1] ?? ""));
  const again = new CommandQueue(store, () => clock.nowMs);
  await again.load();
  assertEquals(again.list("a"), queue.list("a"));
  assertEquals(due(again), [ids[0], ids[2], ids[3]]);
  assert(again.list("b").length === 0);
});
