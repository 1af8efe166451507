/** Whatever is asked of the dialects of pings, they answer, and what they take can be written down. */

import { assert } from "@std/assert";
import fc from "fast-check";
import { alertmanager } from "../../src/doors/alertmanager.ts";
import { cronitor } from "../../src/doors/cronitor.ts";
import { healthchecks } from "../../src/doors/healthchecks.ts";
import { uptimeKuma } from "../../src/doors/uptime_kuma.ts";
import { PingBench, RID, UUID } from "./ping_support.ts";

const STATUSES: ReadonlySet<number> = new Set([200, 201, 400, 401, 404, 413, 429]);

const word = fc.oneof(
  fc.constantFrom(
    UUID,
    "start",
    "fail",
    "log",
    "0",
    "256",
    "run",
    "",
    "%",
    "%ff",
    "guarded",
    "key",
  ),
  fc.string({ unit: "grapheme", maxLength: 12 }).map((text) =>
    encodeURIComponent(text.toWellFormed())
  ),
);

const target = fc.tuple(
  fc.constantFrom("ping", "p", "api/push", "alertmanager"),
  fc.array(word, { minLength: 1, maxLength: 4 }),
).map(([door, words]) => `/${door}/${words.join("/")}`);

const query = fc.array(
  fc.tuple(
    fc.constantFrom("rid", "create", "state", "status", "msg", "ping", "metric", "series", "stamp"),
    fc.oneof(
      word,
      fc.constantFrom(RID, "1", "up", "down", "complete", "count:3", "a:1e999", "NaN", "-1"),
    ),
  ),
  { maxLength: 5 },
).map((pairs) => pairs.map((pair) => pair.join("=")).join("&"));

const body = fc.oneof(
  fc.string({ unit: "binary", maxLength: 100 }),
  fc.json(),
  fc.json().map((json) => `{"alerts":[${json}],"status":"firing"}`),
  fc.constant("x".repeat(3000)),
);

Deno.test("whatever is asked, there is an answer, and no message breaks the journal", async () => {
  await fc.assert(fc.asyncProperty(
    fc.boolean(),
    fc.array(fc.tuple(target, query, body, fc.constantFrom("GET", "POST")), { minLength: 1 }),
    async (create, asked) => {
      const bench = new PingBench([healthchecks, uptimeKuma, cronitor, alertmanager], {
        guard: { tokens: new Map([["guarded", "the token of guarded"]]) },
        pings: { create, hostsById: new Map([[UUID, "backup"]]) },
        watch: { maxHosts: 5 },
        maxBodyBytes: 2000,
      });
      for (const [path, search, text, method] of asked) {
        const sent = method === "GET" ? { method } : { method, body: text };
        const answered = await bench.ask(`${path}?${search}`, sent);
        assert(answered === null || STATUSES.has(answered.status), `${answered?.status}`);
      }
      for (const message of bench.taken) {
        assert(!message.path.includes(UUID) && !/[\r\n]/.test(message.path + message.payloadText));
        assert(message.payloadText.isWellFormed());
      }
    },
  ));
});
