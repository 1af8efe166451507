/** The outbox on its way to people: order, retries, giving up, and no channel in another's way. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { SendError } from "../../src/notify/channel.ts";
import { eventually } from "../e2e/hbd.ts";
import {
  Bench,
  notification,
  PostChannel,
  posting,
  Providers,
  settings,
  START_MS,
} from "./outbox_support.ts";

const HOUR_MS = 3_600_000;

/** A port on which nobody listens. */
function deadPort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

Deno.test("what is added arrives, once, and in the order in which it was added", async () => {
  await using providers = new Providers();
  await using bench = new Bench();
  const { outbox } = bench;
  await outbox.load();
  outbox.configure(settings(posting(providers, { push: {}, mail: {} })));
  const ids = Array.from({ length: 30 }, (_, n) => `n${n}`);
  for (const [n, id] of ids.entries()) outbox.add(notification(id), ["push", "mail"], n + 1);
  await Promise.all([bench.drained("push"), bench.drained("mail")]);
  assertEquals([providers.ids("push"), providers.ids("mail")], [ids, ids]);
  const { sent, failed, lastAnswer, lastSentMs, oldestMs } = bench.status("push");
  assertEquals([sent, failed, lastAnswer], [30, 0, "push says 200"]);
  assertEquals([lastSentMs, oldestMs], [START_MS, null]);
  assertEquals(bench.troubles, []);
});

Deno.test("the same id again goes nowhere, whether it still waits or has arrived", async () => {
  await using providers = new Providers();
  await using bench = new Bench();
  const { outbox } = bench;
  await outbox.load();
  outbox.configure(settings(posting(providers, { push: {}, mail: {} })));
  outbox.add(notification("a"), ["push", "push"], 1);
  outbox.add(notification("a"), ["push", "mail"], 1);
  await Promise.all([bench.drained("push"), bench.drained("mail")]);
  outbox.add(notification("a"), ["push", "mail"], 2);
  outbox.add(notification("b"), ["push", "mail"], 2);
  await Promise.all([bench.drained("push"), bench.drained("mail")]);
  assertEquals([providers.ids("push"), providers.ids("mail")], [["a", "b"], ["a", "b"]]);
});

Deno.test("nothing below the level of a channel is sent there", async () => {
  await using providers = new Providers();
  await using bench = new Bench();
  const { outbox } = bench;
  await outbox.load();
  const channels = posting(providers, { push: { minLevel: "CRITICAL" }, mail: {} });
  outbox.configure(settings(channels));
  const both = ["push", "mail"];
  outbox.add(notification("warning", { level: "WARNING" }), both, 1);
  outbox.add(notification("unknown", { level: "UNKNOWN" }), both, 2);
  outbox.add(notification("critical"), both, 3);
  outbox.add(notification("over", { kind: "recovery", level: "CRITICAL" }), both, 4);
  outbox.add(notification("mild over", { kind: "recovery", level: "WARNING" }), both, 5);
  await Promise.all([bench.drained("push"), bench.drained("mail")]);
  assertEquals(providers.ids("push"), ["critical", "over"]);
  assertEquals(
    providers.ids("mail"),
    ["warning", "unknown", "critical", "over", "mild over"],
  );
});

Deno.test("a dead channel and a hanging one delay no other, and keep their order", async () => {
  await using providers = new Providers();
  await using bench = new Bench();
  const { outbox } = bench;
  await outbox.load();
  const port = deadPort();
  const dead = new PostChannel(`http://127.0.0.1:${port}/dead`);
  providers.answer("hanging", "hang");
  const channels = posting(providers, { mail: {}, hanging: {}, dead: { channel: dead } });
  outbox.configure(settings(channels));
  const ids = ["a", "b", "c"];
  for (const id of ids) outbox.add(notification(id), ["dead", "hanging", "mail"], 1);
  await bench.drained("mail");
  await bench.failures("dead", 1);
  await eventually(() => assertEquals(providers.ids("hanging", 0), ["a"]));
  assertEquals(providers.ids("mail"), ids);
  assertEquals([bench.status("dead").waiting, bench.status("hanging").waiting], [3, 3]);

  await using recovered = new Providers(port);
  bench.pass(2000);
  await bench.drained("dead");
  assertEquals(recovered.ids("dead"), ids);
  assertEquals(bench.troubles.length, 2);
  assertEquals(bench.troubles[1], "dead: works");
});

Deno.test("a try that hangs is ended at its limit, also of a channel that does not listen", async () => {
  await using providers = new Providers();
  await using bench = new Bench({ attemptMs: 50 });
  const { outbox } = bench;
  await outbox.load();
  const deaf = { channel: new PostChannel(providers.url("deaf"), { deaf: true }) };
  outbox.configure(settings(posting(providers, { deaf, push: {} })));
  providers.answer("deaf", "hang");
  providers.answer("push", "hang");
  outbox.add(notification("a"), ["deaf", "push"], 1);
  await Promise.all([bench.failures("deaf", 1), bench.failures("push", 1)]);
  assertEquals(bench.status("deaf").lastError, "No answer within 0.05 s");
  assertEquals(bench.status("push").lastError, "No answer within 0.05 s");
  providers.answer("deaf", { status: 200 });
  providers.answer("push", { status: 200 });
  bench.pass(2000);
  await Promise.all([bench.drained("deaf"), bench.drained("push")]);
  assertEquals([providers.ids("deaf"), providers.ids("push")], [["a"], ["a"]]);
});

Deno.test("a channel that fails is tried again ever more seldom, and told of once", async () => {
  await using providers = new Providers();
  await using bench = new Bench();
  const { outbox } = bench;
  await outbox.load();
  outbox.configure(settings(posting(providers, { push: {} })));
  providers.answer("push", { status: 503 });
  outbox.add(notification("a"), ["push"], 1);
  for (const [n, delayMs] of [2000, 4000, 8000, 16_000].entries()) {
    await bench.failures("push", n + 1);
    assertEquals(bench.status("push").nextTryMs, bench.clock.nowMs + delayMs);
    bench.pass(delayMs);
  }
  await bench.failures("push", 5);
  assertEquals(bench.status("push").failingSinceMs, START_MS);
  assertMatch(bench.status("push").lastError ?? "", /answered 503: push says 503$/);
  providers.answer("push", { status: 200 });
  bench.pass(32_000);
  await bench.drained("push");
  const { failingSinceMs, lastErrorMs, sent } = bench.status("push");
  assertEquals([failingSinceMs, lastErrorMs, sent], [null, START_MS + 30_000, 1]);
  assertEquals(bench.troubles.map((text) => text.replace(/http:\S+ /, "")), [
    "push: answered 503: push says 503",
    "push: works",
  ]);
});

Deno.test("a provider that says when to come back is not asked before, nor later than in an hour", async () => {
  await using providers = new Providers();
  await using bench = new Bench();
  const { outbox } = bench;
  await outbox.load();
  outbox.configure(settings(posting(providers, { push: {} })));
  providers.answer("push", { status: 429, retryAfterS: 90 });
  outbox.add(notification("a"), ["push"], 1);
  await bench.failures("push", 1);
  assertEquals(bench.status("push").nextTryMs, START_MS + 90_000);
  providers.answer("push", { status: 429, retryAfterS: 1_000_000 });
  bench.pass(90_000);
  await bench.failures("push", 2);
  assertEquals(bench.status("push").nextTryMs, bench.clock.nowMs + HOUR_MS);
});

Deno.test("a clock that is set back costs no more than one delay", async () => {
  await using providers = new Providers();
  await using bench = new Bench();
  const { outbox } = bench;
  await outbox.load();
  outbox.configure(settings(posting(providers, { push: {} })));
  providers.answer("push", { status: 503 });
  outbox.add(notification("a"), ["push"], 1);
  await bench.failures("push", 1);
  bench.pass(-30 * 24 * HOUR_MS);
  await eventually(() => assertEquals(bench.status("push").nextTryMs, bench.clock.nowMs + 2000));
  bench.pass(2000);
  await bench.failures("push", 2);
});

Deno.test("what is too old is given up after one last try, and is told", async () => {
  await using providers = new Providers();
  await using bench = new Bench();
  const { outbox } = bench;
  await outbox.load();
  outbox.configure(settings(posting(providers, { push: {} }), { giveUpMs: 10_000 }));
  providers.answer("push", { status: 503 });
  outbox.add(notification("a"), ["push"], 1);
  await bench.failures("push", 1);
  bench.pass(4000);
  outbox.add(notification("b"), ["push"], 2);
  await bench.failures("push", 2);
  bench.pass(4000);
  await bench.failures("push", 3);
  assertEquals(bench.status("push").nextTryMs, START_MS + 10_000);
  bench.pass(2000);
  await bench.failures("push", 4);
  const { waiting, givenUp } = bench.status("push");
  assertEquals([waiting, givenUp], [1, 1]);
  assertMatch(bench.troubles.at(-1) ?? "", /^push: Given up: \[CRITICAL\] a\. Too old\. .*503/);
  providers.answer("push", { status: 200 });
  bench.pass(4000);
  await bench.drained("push");
  assertEquals(providers.ids("push"), ["b"]);
});

Deno.test("a clock that jumps ahead by years gives up nothing that can be sent", async () => {
  await using providers = new Providers();
  await using bench = new Bench();
  const { outbox } = bench;
  await outbox.load();
  outbox.configure(settings(posting(providers, { push: {} })));
  providers.answer("push", { status: 503 });
  for (const id of ["a", "b", "c"]) outbox.add(notification(id), ["push"], 1);
  await bench.failures("push", 1);
  providers.answer("push", { status: 200 });
  bench.pass(20 * 365 * 24 * HOUR_MS);
  await bench.drained("push");
  assertEquals(providers.ids("push"), ["a", "b", "c"]);
});

Deno.test("a message that is refused three times is given up, and the next one goes on", async () => {
  await using providers = new Providers();
  await using bench = new Bench();
  const { outbox } = bench;
  await outbox.load();
  outbox.configure(settings(posting(providers, { push: {} })));
  providers.answer("push", { status: 400 });
  outbox.add(notification("poison"), ["push"], 1);
  await bench.failures("push", 1);
  outbox.add(notification("good"), ["push"], 2);
  bench.pass(2000);
  await bench.failures("push", 2);
  assertEquals(bench.status("push").givenUp, 0);
  providers.answer("push", { status: 503 });
  bench.pass(4000);
  await bench.failures("push", 3);
  assertEquals(bench.status("push").givenUp, 0);
  providers.answer("push", { status: 400 });
  bench.pass(8000);
  await eventually(() => assertEquals(bench.status("push").givenUp, 1));
  assert(
    bench.troubles.some((text) => text.includes("Given up: [CRITICAL] poison. It was refused")),
  );
  providers.answer("push", { status: 200 });
  bench.pass(2000);
  await bench.drained("push");
  assertEquals([providers.ids("push"), bench.status("push").sent], [["good"], 1]);
});

Deno.test("secrets are in no error, no status and no trouble, however they are written", async () => {
  await using bench = new Bench();
  const { outbox } = bench;
  await outbox.load();
  const secret = "tök/en&1";
  const url = `http://127.0.0.1:${deadPort()}/${encodeURIComponent(secret)}`;
  const channel = {
    send: async () => {
      try {
        return await (await fetch(url)).text();
      } catch (error) {
        throw new SendError(`${error}, sent with ${secret}`, { cause: error });
      }
    },
  };
  outbox.configure(settings({
    push: { channel, minLevel: "OK", fallback: null, secrets: ["", "en", secret] },
  }));
  outbox.add(notification("a"), ["push"], 1);
  await bench.failures("push", 1);
  const tested = await assertRejects(() => outbox.test("push", notification("t")), SendError);
  assertEquals(tested.cause, undefined);
  for (const text of [bench.status("push").lastError ?? "", ...bench.troubles, tested.message]) {
    assertMatch(text, /\*\*\*/);
    assert(!text.includes(secret) && !text.includes(encodeURIComponent(secret)), text);
  }
});

Deno.test("a test is sent beside the queue and gives the answer; when it works, the queue goes on", async () => {
  await using providers = new Providers();
  await using bench = new Bench();
  const { outbox } = bench;
  await outbox.load();
  outbox.configure(settings(posting(providers, { push: {}, mail: {} })));
  providers.answer("push", { status: 503 });
  outbox.add(notification("a"), ["push"], 1);
  await bench.failures("push", 1);
  const test = notification("t", { kind: "test", level: "OK" });
  await assertRejects(() => outbox.test("push", test), SendError, "answered 503: push says 503");
  await assertRejects(
    () => outbox.test("pusch", test),
    Error,
    'No channel is called "pusch": the channels are mail, push',
  );
  providers.answer("push", { status: 200 });
  assertEquals(await outbox.test("push", test), "push says 200");
  await bench.drained("push");
  assertEquals(providers.ids("push"), ["t", "a"]);
  assertEquals(bench.troubles.at(-1), "push: works");
});

Deno.test("after a reload the new channel is tried at once; of a removed one, what waits is kept until too old", async () => {
  await using providers = new Providers();
  await using bench = new Bench();
  const { outbox } = bench;
  await outbox.load();
  providers.answer("push", { status: 503 });
  providers.answer("chat", { status: 503 });
  outbox.configure(settings(posting(providers, { push: {}, chat: {} })));
  outbox.add(notification("a"), ["push", "chat"], 1);
  await Promise.all([bench.failures("push", 1), bench.failures("chat", 1)]);
  providers.answer("push", { status: 200 });
  outbox.configure(settings(posting(providers, { push: {} })));
  await bench.drained("push");
  const { isConfigured, waiting, oldestMs, failingSinceMs } = bench.status("chat");
  assertEquals([isConfigured, waiting, oldestMs, failingSinceMs], [false, 1, START_MS, null]);
  assertEquals(bench.troubles.filter((text) => text === "chat: works").length, 1);

  bench.pass(24 * HOUR_MS - 1);
  outbox.add(notification("b"), ["chat"], 2);
  await outbox.flushed();
  assertEquals(bench.status("chat").waiting, 2);
  bench.pass(1);
  await eventually(() => assertEquals(bench.status("chat").waiting, 1));
  providers.answer("chat", { status: 200 });
  outbox.configure(settings(posting(providers, { chat: {} })));
  await bench.drained("chat");
  assertEquals(providers.ids("chat"), ["b"]);
});
