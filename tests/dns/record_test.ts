/** What may stand in the DNS, and what nsupdate is told: nothing else, whatever comes in. */

import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type DnsUpdate, payloadOf } from "../../src/dns/payload.ts";
import {
  type Checked,
  domainOf,
  recordDataOf,
  recordNameOf,
  shortNameOf,
} from "../../src/dns/record.ts";

/** The value, or null where there is a problem. */
function valueOf<T>(checked: Checked<T>): T | null {
  return checked.ok ? checked.value : null;
}

const UPDATE: DnsUpdate = {
  name: "web1.example.org",
  type: "A",
  address: "192.0.2.7",
  ttlS: 60,
  server: null,
};

Deno.test("a host stands in the DNS under its name up to the first dot, in lower case", () => {
  for (
    const [host, short] of [
      ["web1", "web1"],
      ["WEB1", "web1"],
      ["web1.example.org", "web1"],
      ["a-b.c", "a-b"],
      ["7", "7"],
      ["x".repeat(63), "x".repeat(63)],
    ] as const
  ) assertEquals(valueOf(shortNameOf(host)), short);
});

Deno.test("a host whose name is no label of the DNS has no name there", () => {
  const bad = [
    "",
    ".web1",
    "Ünï",
    "a b",
    "-x",
    "x-",
    "a_b",
    "x".repeat(64),
    "x\nserver evil",
    "x\rserver evil",
    "x\0",
    "x;",
    "x\\",
    '"x"',
    "*",
    "@",
    "\u212Aelvin", // in lower case it is "kelvin"
    "x\u2028y",
  ];
  for (const host of bad) assertEquals(valueOf(shortNameOf(host)), null, JSON.stringify(host));
});

Deno.test("a host that goes by its address has no name in the DNS", () => {
  for (const host of ["192.0.2.7", "2001:db8::7", "::ffff:192.0.2.7"]) {
    assertEquals(valueOf(shortNameOf(host)), null);
  }
});

Deno.test("a domain may end with a dot and have one part; nothing odd is in it", () => {
  assertEquals(valueOf(domainOf("Example.ORG.")), "example.org");
  assertEquals(valueOf(domainOf("lan")), "lan");
  for (const text of ["", ".", "a..b", ".a", "a b", "a\n", "a_b.c", "-a.b", "a.b..", "é.fr"]) {
    assertEquals(valueOf(domainOf(text)), null, JSON.stringify(text));
  }
});

Deno.test("a whole name has at most 253 characters", () => {
  const domain = `${"a".repeat(63)}.${"b".repeat(63)}.${"c".repeat(63)}.${"d".repeat(57)}`;
  assertEquals(valueOf(recordNameOf("web", domain))?.length, 253);
  assertEquals(valueOf(recordNameOf("web1", domain)), null);
});

Deno.test("an address is a record of its kind, in its canonical form", () => {
  for (
    const [ip, type, address] of [
      ["192.0.2.7", "A", "192.0.2.7"],
      ["127.0.0.1", "A", "127.0.0.1"],
      ["10.255.255.255", "A", "10.255.255.255"],
      ["::ffff:192.0.2.7", "A", "192.0.2.7"],
      ["::FFFF:c000:0207", "A", "192.0.2.7"],
      ["0:0:0:0:0:ffff:ffff:fffe", "", ""],
      ["2001:DB8:0:0::7", "AAAA", "2001:db8::7"],
      ["2001:db8:0:0:1:0:0:1", "AAAA", "2001:db8::1:0:0:1"],
      ["::1", "AAAA", "::1"],
      ["fd00::1", "AAAA", "fd00::1"],
    ] as const
  ) {
    assertEquals(valueOf(recordDataOf(ip)), type === "" ? null : { type, address }, ip);
  }
});

Deno.test("an address that means nothing to others is no record", () => {
  const bad = [
    "0.0.0.0",
    "169.254.1.1",
    "224.0.0.1",
    "239.255.255.255",
    "255.255.255.255",
    "::",
    "::ffff:0.0.0.0",
    "::ffff:224.0.0.1",
    "fe80::1",
    "fe80::1%eth0",
    "fe80::1%1\nserver evil",
    "2001:db8::1%1",
    "ff02::1",
    "",
    "1.2.3",
    "1.2.3.4 ",
    "01.2.3.4",
    "1.2.3.4\nserver evil",
    "1.2.3.256",
    "[::1]",
    "::1\n",
    "web1",
  ];
  for (const ip of bad) assertEquals(valueOf(recordDataOf(ip)), null, JSON.stringify(ip));
});

Deno.test("the lines for nsupdate put one record in the place of all others of its type", () => {
  assertEquals(
    payloadOf({ ...UPDATE, server: "192.0.2.53:5353" }),
    "server 192.0.2.53 5353\n" +
      "update delete web1.example.org. A\n" +
      "update add web1.example.org. 60 A 192.0.2.7\n" +
      "send\n",
  );
  assertEquals(
    payloadOf({ ...UPDATE, type: "AAAA", address: "2001:db8::7", ttlS: 0 }),
    "update delete web1.example.org. AAAA\n" +
      "update add web1.example.org. 0 AAAA 2001:db8::7\n" +
      "send\n",
  );
});

Deno.test("the server is a name or an address with an optional port", () => {
  const lineOf = (server: string) => payloadOf({ ...UPDATE, server }).split("\n")[0];
  assertEquals(lineOf("ns.example.org"), "server ns.example.org");
  assertEquals(lineOf("ns.example.org:053"), "server ns.example.org 53");
  assertEquals(lineOf("192.0.2.53"), "server 192.0.2.53");
  assertEquals(lineOf("2001:db8::53"), "server 2001:db8::53");
  assertEquals(lineOf("[2001:db8::53]"), "server 2001:db8::53");
  assertEquals(lineOf("[2001:db8::53]:5353"), "server 2001:db8::53 5353");
  for (
    const server of [
      "",
      ":53",
      "a b",
      "a\nsend",
      "a:0",
      "a:65536",
      "a:b",
      "[a]:53",
      "[::1",
      "::1%x",
    ]
  ) assertThrows(() => lineOf(server), RangeError, "nsupdate_server must be");
});

/** Texts that try to be lines, beside any others, and parts of right ones. */
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom("web1.example.org", "A", "AAAA", "192.0.2.7", "2001:db8::7", "x\nserver evil"),
  fc.array(
    fc.constantFrom(
      "web1",
      ".",
      "\n",
      "\r",
      " ",
      "\0",
      "send",
      "server evil",
      "::1",
      "1.2.3.4",
      "A",
    ),
    { maxLength: 6 },
  ).map((parts) => parts.join("")),
);

Deno.test("whatever it is given, a payload has its own lines alone, or there is none", () => {
  let made = 0;
  const check = (update: DnsUpdate) => {
    let payload: string;
    try {
      payload = payloadOf(update);
    } catch (error) {
      assert(error instanceof RangeError, String(error));
      return;
    }
    made++;
    const lines = payload.split("\n");
    if (update.server !== null) assertMatch(lines.shift() ?? "", /^server [\w.:-]+( \d{1,5})?$/);
    assertEquals(lines.length, 4, payload);
    assertMatch(lines[0] ?? "", /^update delete [a-z\d.-]+\. (A|AAAA)$/);
    assertMatch(lines[1] ?? "", /^update add [a-z\d.-]+\. \d+ (A|AAAA) [\da-f.:]+$/);
    assertEquals(lines.slice(2), ["send", ""]);
  };
  const update = fc.record({
    name: text,
    type: text.map((type) => type as "A"),
    address: text,
    ttlS: fc.oneof(fc.integer(), fc.double(), text.map((ttl) => ttl as unknown as number)),
    server: fc.option(text),
  });
  fc.assert(fc.property(update, check), { numRuns: 2000 });
  // The same with one thing wrong at a time, which is what would get through.
  for (const key of ["name", "type", "address", "server"] as const) {
    fc.assert(fc.property(text, (value) => check({ ...UPDATE, [key]: value })), { numRuns: 1000 });
  }
  assert(made > 100, `only ${made} payloads were made`);
});

Deno.test("any host and any sender give a name and an address that a payload takes, or none", () => {
  const host = fc.oneof(text, fc.domain(), fc.string({ unit: "grapheme" }));
  const ip = fc.oneof(text, fc.ipV4(), fc.ipV6());
  fc.assert(
    fc.property(host, ip, (from, sender) => {
      const name = recordNameOf(from, "example.org");
      const data = recordDataOf(sender);
      if (!name.ok || !data.ok) return;
      payloadOf({ name: name.value, ...data.value, ttlS: 60, server: null });
    }),
    { numRuns: 5000 },
  );
});
