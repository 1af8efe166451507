import { assertEquals, assertMatch } from "@std/assert";
import {
  hostNameOf,
  hostNameProblem,
  reportedIpOf,
  statedIntervalMs,
} from "../../src/wire/identity.ts";

Deno.test("hostNameOf() asks the query, then the payload, then its ip, then the sender", () => {
  const all = { name: "n", host: "h", hostname: "hn", device: "d", id: "i", ip: "10.0.0.1" };
  assertEquals(hostNameOf("/x?appid=A&host=H&name=N", all, "::1"), "N");
  assertEquals(hostNameOf("/x?appid=A&host=H", all, "::1"), "H");
  assertEquals(hostNameOf("/x?appid=A%20b", all, "::1"), "A b");
  assertEquals(hostNameOf("/x?other=1", all, "::1"), "n");
  for (const key of ["name", "host", "hostname", "device", "id", "ip"] as const) {
    assertEquals(hostNameOf("/x", all, "::1"), all[key]);
    all[key] = "";
  }
  assertEquals(hostNameOf("/x", all, "::1"), "::1");
  assertEquals(hostNameOf("/x", { id: 42 }, "::1"), "42");
  for (const payload of [null, 5, "name", [{ name: "a" }], { name: { a: 1 } }]) {
    assertEquals(hostNameOf("/x?name=", payload, "::1"), "::1");
  }
});

Deno.test("hostNameProblem() bounds the length and refuses control characters", () => {
  assertEquals(hostNameProblem("a".repeat(255)), null);
  assertEquals(hostNameProblem("Küche / iPad №3 😀"), null);
  assertMatch(hostNameProblem("a".repeat(256)) ?? "", /at most 255 characters: got 256/);
  assertMatch(hostNameProblem("ab\ncd") ?? "", /U\+000A at position 3/);
  assertMatch(hostNameProblem("\u001b[31m") ?? "", /U\+001B/);
});

Deno.test("statedIntervalMs() takes seconds within reason", () => {
  assertEquals(statedIntervalMs({ interval: 2.5 }), 2500);
  assertEquals(statedIntervalMs({ interval: 1e-9 }), 1000);
  for (const interval of [0, -1, "10", null, 1e9, Infinity, NaN]) {
    assertEquals(statedIntervalMs({ interval }), null);
  }
  assertEquals(statedIntervalMs([10]), null);
});

Deno.test("reportedIpOf() takes text only", () => {
  assertEquals(reportedIpOf({ ip: "10.0.0.1" }), "10.0.0.1");
  assertEquals(reportedIpOf({ ip: 17 }), null);
  assertEquals(reportedIpOf({ ip: "a\nb" }), null);
});
