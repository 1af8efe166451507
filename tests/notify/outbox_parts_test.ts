/** The small parts of the outbox: its back-off, its texts, and one try. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { attempt, shown } from "../../src/notify/attempt.ts";
import { retryDelayMs } from "../../src/notify/backoff.ts";
import { type Channel, SendError } from "../../src/notify/channel.ts";
import { fitted, keepable, keepableNames, MAX_BODY_BYTES } from "../../src/notify/item.ts";
import { notification } from "./outbox_support.ts";

const LIMITS = { firstRetryMs: 2000, maxRetryMs: 3_600_000 };

/** A try with nothing special. */
function options(more: Partial<Parameters<typeof attempt>[2]> = {}) {
  return { limitMs: 10_000, secrets: [], stopped: new AbortController().signal, ...more };
}

Deno.test("the back-off begins at two seconds, doubles, and ends at an hour", () => {
  const delays = Array.from({ length: 13 }, (_, n) => retryDelayMs(n + 1, null, 0, LIMITS));
  assertEquals(delays.slice(0, 4), [2000, 4000, 8000, 16_000]);
  assertEquals(delays.slice(-2), [2_880_000, 2_880_000]);
  assertEquals(retryDelayMs(1, null, 1, LIMITS), 2500);
  assertEquals(retryDelayMs(99, null, 1, LIMITS), 3_600_000);
});

Deno.test("the back-off is within its bounds whatever is asked for, and grows until it is bounded", () => {
  const random = fc.double({ min: 0, max: 1, noNaN: true });
  const retryAfter = fc.option(fc.double({ min: -1e6, max: 1e15, noNaN: true }));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), retryAfter, random, random, (n, ms, a, b) => {
      const delayMs = retryDelayMs(n, ms, a, LIMITS);
      assert(delayMs >= LIMITS.firstRetryMs && delayMs <= LIMITS.maxRetryMs);
      assert(delayMs >= Math.min(ms ?? 0, LIMITS.maxRetryMs));
      const next = retryDelayMs(n + 1, null, b, LIMITS);
      assert(next > retryDelayMs(n, null, a, LIMITS) || next >= LIMITS.maxRetryMs / 1.25);
    }),
  );
});

Deno.test("a text is cut to its bytes, well-formed, and whole where it fits", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", maxLength: 60 }),
      fc.integer({ min: 3, max: 80 }),
      (text, max) => {
        const cut = fitted(text, max);
        const bytes = new TextEncoder().encode(cut).length;
        assert(bytes <= max && cut.isWellFormed());
        const isWhole = new TextEncoder().encode(text).length <= max;
        if (isWhole) assertEquals(cut, text.toWellFormed());
        else assert(cut.endsWith("…") && text.toWellFormed().startsWith(cut.slice(0, -1)));
      },
    ),
  );
});

Deno.test("of a notification only its own fields are kept, and no more than fits", () => {
  const long = "€".repeat(30_000);
  const kept = keepable({
    ...notification("a", { body: long, title: long, metric: "m", url: "https://hbd.example" }),
    ...{ extra: () => {} },
  });
  assertEquals(Object.keys(kept).sort(), Object.keys(notification("a")).sort());
  assertEquals(new TextEncoder().encode(kept.body).length <= MAX_BODY_BYTES, true);
  assertEquals([kept.metric, kept.url], ["m", "https://hbd.example"]);
  assertEquals(keepableNames(["a", "b"]), ["a", "b"]);
  assertEquals(keepableNames(["a", "x".repeat(5000)]), ["a"]);
});

Deno.test("what a channel fails with becomes a SendError in one line, without secrets or cause", async () => {
  const fails = (error: unknown): Channel => ({ send: () => Promise.reject(error) });
  const cause = new Error("hunter2");
  const secrets = ["hunter2"];
  const refused = new SendError("no:\n\thunter2\u0007!", {
    isRefused: true,
    retryAfterMs: 7,
    cause,
  });
  for (
    const [error, expected] of [
      [refused, "no: *** !"],
      [new TypeError("broken hunter2"), "broken ***"],
      [new Error(""), "Error"],
      ["thrown text", "thrown text"],
      [new SendError(""), "Failed without a reason"],
    ] as const
  ) {
    const name = error instanceof SendError && error.message === "" ? "SendError" : expected;
    const sent = attempt(fails(error), notification("a"), options({ secrets }));
    const got = await assertRejects(() => sent, SendError);
    assertEquals([got.message, got.cause], [name, undefined]);
    if (error === refused) assertEquals([got.isRefused, got.retryAfterMs], [true, 7]);
  }
  const throws: Channel = {
    send: () => {
      throw new Error("at once");
    },
  };
  await assertRejects(() => attempt(throws, notification("a"), options()), SendError, "at once");
});

Deno.test("a try that is stopped is over, even when the server stopped before it began", async () => {
  const hangs: Channel = {
    send: (_, signal) => {
      const { promise, reject } = Promise.withResolvers<string>();
      if (signal.aborted) reject(signal.reason);
      signal.addEventListener("abort", () => reject(new Error("some other reason")));
      return promise;
    },
  };
  const stop = new AbortController();
  const sending = attempt(hangs, notification("a"), options({ stopped: stop.signal }));
  stop.abort();
  const why = "Given up, for the server stops";
  await assertRejects(() => sending, SendError, why);
  const late = attempt(hangs, notification("a"), options({ stopped: stop.signal }));
  await assertRejects(() => late, SendError, why);
});

Deno.test("long answers are cut, and secrets in every form are hidden first", () => {
  assertEquals(shown("x".repeat(600), []), `${"x".repeat(500)}…`);
  assertEquals(shown('a"b a\\"b a%22b', ['a"b']), "*** *** ***");
  assertEquals(shown("topsecret top", ["top", "topsecret"]), "*** ***");
});
