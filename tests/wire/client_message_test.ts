/** What the fields of a datagram mean, type by type, and what makes one useless. */

import { assertEquals, assertThrows } from "@std/assert";
import {
  MessageError,
  type MessageFault,
  placeOf,
  readClientMessage,
} from "../../src/wire/client_message.ts";
import type { Fields } from "../../src/wire/datagram.ts";

const IP = "192.0.2.7";

const read = (fields: Fields) => readClientMessage(fields, IP, 4711);

const COMMON = { name: "kiosk-1", time: 1_795_231_286.563, boot_id: "3f2a9c1e.mi7k2x", seq: 12 };
const ORIGIN = {
  host: "kiosk-1",
  ip: IP,
  port: 4711,
  series: { bootId: "3f2a9c1e.mi7k2x", seq: 12 },
  sentMs: 1_795_231_286_563,
};

function assertFault(fields: Fields, fault: MessageFault): void {
  const error = assertThrows(() => read(fields), MessageError);
  assertEquals(error.fault, fault, JSON.stringify(fields));
}

Deno.test("HTB is a beat with all that it states", () => {
  const more = { interval: 30, grace: 4.5, rtt: 0.8, ver: "0.1.0", ip: "10.0.0.7" };
  assertEquals(read({ ID: "HTB", ...COMMON, ...more }), {
    kind: "beat",
    ...ORIGIN,
    reportedIp: "10.0.0.7",
    intervalMs: 30_000,
    graceMs: 4500,
    rttMs: 0.8,
    version: "0.1.0",
  });
});

Deno.test("HTB alone is a beat of the address it came from, which states nothing", () => {
  assertEquals(read({ ID: "HTB" }), {
    kind: "beat",
    host: IP,
    ip: IP,
    port: 4711,
    series: null,
    sentMs: null,
    reportedIp: null,
    intervalMs: null,
    graceMs: null,
    rttMs: null,
    version: null,
  });
});

Deno.test("fields of a beat that make no sense are passed over, and the beat counts", () => {
  const plain = read({ ID: "HTB", name: "kiosk-1" });
  const senseless = {
    interval: ["30", 0, -1, 1e9, null],
    grace: ["5", -1, 1e9, {}],
    rtt: ["1", -0.1, 3_600_001, []],
    ver: [17, "", "x".repeat(65), "two\nlines"],
    time: ["now", 0, -5, 1e12, null],
    boot_id: [5, "", "x".repeat(65), "a\u0000"],
    seq: ["1", -1, 0.5, 2 ** 53, null],
    ip: [1, "a\nb"],
  };
  for (const [key, values] of Object.entries(senseless)) {
    for (const value of values) {
      assertEquals(read({ ID: "HTB", name: "kiosk-1", [key]: value }), plain, `${key}: ${value}`);
    }
  }
  assertEquals(read({ ID: "HTB", name: "kiosk-1", boot_id: "a" }), plain);
  assertEquals(read({ ID: "HTB", name: "kiosk-1", seq: 3 }), plain);
});

Deno.test("BOOT tells when it happened, where that was earlier", () => {
  assertEquals(read({ ID: "BOOT", ...COMMON }), { kind: "boot", ...ORIGIN, happenedMs: null });
  assertEquals(read({ ID: "BOOT", ...COMMON, at: 1_795_231_000.25 }), {
    kind: "boot",
    ...ORIGIN,
    happenedMs: 1_795_231_000_250,
  });
});

Deno.test("SHUTDOWN may say when the host will be back", () => {
  const said = (more: Fields) => read({ ID: "SHUTDOWN", ...COMMON, ...more });
  const goodbye = { kind: "shutdown" as const, ...ORIGIN, happenedMs: null };
  assertEquals(said({}), { ...goodbye, backInMs: null });
  assertEquals(said({ back_in: 600 }), { ...goodbye, backInMs: 600_000 });
  assertEquals(said({ back_in: 0 }), { ...goodbye, backInMs: 0 });
  assertEquals(said({ back_in: "soon" }), { ...goodbye, backInMs: null });
});

Deno.test("MSG is a note with its level; without a text it is malformed", () => {
  const note = { kind: "note" as const, ...ORIGIN, happenedMs: null };
  const text = "Line one\nline two";
  assertEquals(read({ ID: "MSG", ...COMMON, message: text }), { ...note, text, level: null });
  assertEquals(read({ ID: "MSG", ...COMMON, message: text, level: "warning" }), {
    ...note,
    text,
    level: "warning",
  });
  for (const message of [undefined, "", 17, null, ["a"]]) {
    assertFault({ ID: "MSG", ...COMMON, message }, "bad_message");
  }
});

Deno.test("PLG is a sample of a plugin; without plugin or data it is malformed", () => {
  const data = { percent: 17.5, nested: { list: [1, 2] } };
  const fields = { ID: "PLG", ...COMMON, plugin: "cpu_monitor", data, interval: 300, at: 100 };
  assertEquals(read(fields), {
    kind: "metrics",
    ...ORIGIN,
    happenedMs: 100_000,
    plugin: "cpu_monitor",
    data,
    intervalMs: 300_000,
  });
  for (const plugin of [undefined, "", 5, "x".repeat(65), "two\nlines"]) {
    assertFault({ ...fields, plugin }, "bad_plugin");
  }
  for (const wrong of [undefined, null, 5, "{}", [], [{}]]) {
    assertFault({ ...fields, data: wrong }, "bad_data");
  }
});

Deno.test("RES is what became of a command; without the command's id it is malformed", () => {
  const fields = { ID: "RES", ...COMMON, id: "c-1", exit: 2, output: "no such file" };
  const result = { kind: "result" as const, ...ORIGIN, command: "c-1" };
  assertEquals(read(fields), { ...result, exit: 2, output: "no such file" });
  assertEquals(read({ ...fields, exit: "2", output: 7 }), { ...result, exit: null, output: "" });
  for (const id of [undefined, "", 5, "x".repeat(65)]) {
    assertFault({ ...fields, id }, "bad_result");
  }
});

Deno.test("a type that no client sends is malformed, also those that the server sends", () => {
  for (const ID of [undefined, null, "", "htb", "ACK", "CMD", "UPD", 5, ["HTB"], "__proto__"]) {
    assertFault({ ...COMMON, ID }, "bad_id");
  }
});

Deno.test("names follow the rules of HTTP", () => {
  for (const name of ["x".repeat(256), "a\nb", "a\u0000", "\u2028"]) {
    assertFault({ ID: "HTB", name }, "bad_name");
  }
  const named = (fields: Fields) => read({ ID: "HTB", ...fields }).host;
  assertEquals(named({ name: "x".repeat(255) }), "x".repeat(255));
  assertEquals(named({ hostname: "b", host: "a" }), "a");
  assertEquals(named({ device: 17 }), "17");
  assertEquals(named({ name: "half \ud800" }), "half \ufffd");
  assertEquals(named({ name: "", ip: "10.0.0.1" }), "10.0.0.1");
});

Deno.test("placeOf() finds nothing in what is no object", () => {
  for (const payload of [null, undefined, 5, "text", []]) {
    assertEquals(placeOf(payload), { series: null, sentMs: null });
  }
});
