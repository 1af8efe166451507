/** Fallbacks: after a time, once each, in order, along chains, and never round in a circle. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { MAX_BODY_BYTES } from "../../src/notify/item.ts";
import { eventually } from "../e2e/hbd.ts";
import { Bench, notification, posting, Providers, settings, START_MS } from "./outbox_support.ts";

const SINCE = new Date(START_MS).toISOString();

/** A bench with these channels; those of `dead` fail. */
async function open(
  providers: Providers,
  channels: Parameters<typeof posting>[1],
  dead: readonly string[],
): Promise<Bench> {
  const bench = new Bench();
  await bench.outbox.load();
  bench.outbox.configure(settings(posting(providers, channels)));
  for (const name of dead) providers.answer(name, { status: 503 });
  return bench;
}

Deno.test("when a channel has failed for two minutes its fallback gets all that waits, and what comes", async () => {
  await using providers = new Providers();
  await using bench = await open(providers, { push: { fallback: "mail" }, mail: {} }, ["push"]);
  const { outbox } = bench;
  for (const id of ["a", "b"]) outbox.add(notification(id), ["push"], 1);
  await bench.failures("push", 1);
  bench.pass(119_999);
  await bench.failures("push", 2);
  assertEquals(bench.status("mail").waiting, 0);
  assertEquals(providers.ids("mail"), []);
  bench.pass(1);
  await eventually(() => assertEquals(providers.ids("mail"), ["a", "b"]));
  outbox.add(notification("c"), ["push"], 2);
  await eventually(() => assertEquals(providers.ids("mail"), ["a", "b", "c"]));

  const body = providers.received.find(({ channel }) => channel === "mail")?.body ?? "";
  const [first, last = ""] = body.split("\n");
  assertEquals(first, "CRITICAL: web1 - a");
  assert(last.startsWith(`(push has failed since ${SINCE}: `), last);
  assertMatch(last, /answered 503: push says 503\)$/);

  // The channel itself gets all of it too, once it works; the fallback nothing twice.
  providers.answer("push", { status: 200 });
  bench.pass(3_600_000);
  await bench.drained("push");
  outbox.add(notification("d"), ["push"], 3);
  await bench.drained("push");
  assertEquals(providers.ids("push"), ["a", "b", "c", "d"]);
  assertEquals(providers.ids("mail"), ["a", "b", "c"]);
});

Deno.test("a hanging channel falls back as well", async () => {
  await using providers = new Providers();
  await using bench = new Bench({ attemptMs: 20 });
  const { outbox } = bench;
  await outbox.load();
  outbox.configure(settings(posting(providers, { push: { fallback: "mail" }, mail: {} })));
  providers.answer("push", "hang");
  outbox.add(notification("a"), ["push"], 1);
  await bench.failures("push", 1);
  bench.pass(120_000);
  await eventually(() => assertEquals(providers.ids("mail"), ["a"]));
});

Deno.test("a fallback that got it anyway, or does not want it, does not get it", async () => {
  await using providers = new Providers();
  await using bench = await open(
    providers,
    { push: { fallback: "mail" }, chat: { fallback: "mail" }, mail: { minLevel: "CRITICAL" } },
    ["push", "chat"],
  );
  const { outbox } = bench;
  outbox.add(notification("both"), ["push", "mail"], 1);
  outbox.add(notification("mild", { level: "WARNING" }), ["push"], 2);
  outbox.add(notification("two failing"), ["push", "chat"], 3);
  await Promise.all([bench.failures("push", 1), bench.failures("chat", 1)]);
  bench.pass(120_000);
  await eventually(() => assertEquals(providers.ids("mail"), ["both", "two failing"]));
  await Promise.all([bench.failures("push", 2), bench.failures("chat", 2)]);
  assertEquals(bench.status("mail").waiting, 0);
});

Deno.test("a chain of fallbacks is followed while they fail too, and a circle ends where it began", async () => {
  await using providers = new Providers();
  await using bench = await open(
    providers,
    { a: { fallback: "b" }, b: { fallback: "c" }, c: { fallback: "a" } },
    ["a", "b", "c"],
  );
  const { outbox } = bench;
  outbox.add(notification("n"), ["a"], 1);
  await bench.failures("a", 1);
  bench.pass(120_000);
  await bench.failures("b", 1);
  assertEquals(bench.status("c").waiting, 0);
  bench.pass(120_000);
  await bench.failures("c", 1);
  bench.pass(120_000);
  await bench.failures("c", 2);
  outbox.add(notification("m"), ["a"], 2);
  await outbox.flushed();
  assertEquals(["a", "b", "c"].map((name) => bench.status(name).waiting), [2, 2, 2]);
  for (const name of ["a", "b", "c"]) providers.answer(name, { status: 200 });
  bench.pass(3_600_000);
  await Promise.all(["a", "b", "c"].map((name) => bench.drained(name)));
  for (const name of ["a", "b", "c"]) assertEquals(providers.ids(name), ["n", "m"]);
  const lines = providers.received.findLast(({ channel }) => channel === "c")?.body.split("\n");
  assertEquals(lines?.map((line) => line.split(":")[0]), [
    "CRITICAL",
    "(a has failed since 2026-04-24T03",
    "(b has failed since 2026-04-24T03",
  ]);
});

Deno.test("what one channel refuses for good its fallback gets", async () => {
  await using providers = new Providers();
  await using bench = await open(providers, { push: { fallback: "mail" }, mail: {} }, []);
  providers.answer("push", { status: 400 });
  bench.outbox.add(notification("long"), ["push"], 1);
  for (const [n, delayMs] of [2000, 4000].entries()) {
    await bench.failures("push", n + 1);
    bench.pass(delayMs);
  }
  await eventually(() => assertEquals(providers.ids("mail"), ["long"]));
  assertMatch(providers.received.at(-1)?.body ?? "", /\n\(push refused it: .* answered 400: .*\)$/);
  await bench.drained("push");
});

Deno.test("what fell back does not do so again after a restart", async () => {
  await using providers = new Providers();
  await using bench = await open(providers, { push: { fallback: "mail" }, mail: {} }, ["push"]);
  bench.outbox.add(notification("a"), ["push"], 1);
  await bench.failures("push", 1);
  bench.pass(120_000);
  await eventually(() => assertEquals(providers.ids("mail"), ["a"]));
  await bench.failures("push", 2);
  await bench.outbox.stop(1000);

  await using again = new Bench({ store: bench.store });
  again.clock.nowMs = bench.clock.nowMs;
  await again.outbox.load();
  again.outbox.configure(settings(posting(providers, { push: { fallback: "mail" }, mail: {} })));
  await again.failures("push", 1);
  again.pass(120_000);
  await again.failures("push", 2);
  again.outbox.add(notification("b"), ["push"], 2);
  await eventually(() => assertEquals(providers.ids("mail"), ["a", "b"]));
});

Deno.test("after a restart, too, a fallback does not get what was sent there in the first place", async () => {
  await using providers = new Providers();
  const channels = { push: { fallback: "mail" }, mail: {} };
  await using bench = await open(providers, channels, ["push"]);
  bench.outbox.add(notification("a"), ["push", "mail"], 1);
  await Promise.all([bench.failures("push", 1), bench.drained("mail")]);
  await bench.outbox.stop(1000);

  await using again = new Bench({ store: bench.store });
  await again.outbox.load();
  again.outbox.configure(settings(posting(providers, channels)));
  await again.failures("push", 1);
  again.pass(120_000);
  await again.failures("push", 2);
  again.outbox.add(notification("b"), ["push"], 2);
  await eventually(() => assertEquals(providers.ids("mail"), ["a", "b"]));
});

Deno.test("the longest body keeps the line on the failure, and its beginning", async () => {
  await using providers = new Providers();
  await using bench = await open(providers, { push: { fallback: "mail" }, mail: {} }, ["push"]);
  bench.outbox.add(notification("a", { body: "ű€😀".repeat(10_000) }), ["push"], 1);
  await bench.failures("push", 1);
  bench.pass(120_000);
  await eventually(() => assertEquals(providers.ids("mail"), ["a"]));
  const body = providers.received.findLast(({ channel }) => channel === "mail")?.body ?? "";
  assertMatch(body, /^(ű€😀)+(ű€?)?…\n\(push has failed since .*\)$/u);
  assert(new TextEncoder().encode(body).length <= MAX_BODY_BYTES);
  const first = providers.received[0]?.body ?? "";
  assert(new TextEncoder().encode(first).length <= MAX_BODY_BYTES);
  assertMatch(first, /…$/);
});
