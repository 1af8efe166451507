/** Which addresses get into a script that is piped into a shell. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { clientAddressOf, installScript, reachedAs } from "../../src/web/install.ts";

const GOOD: readonly (readonly [string, string, string])[] = [
  ["monitor", "", "monitor"],
  ["monitor.example.com:50004", ":50004", "monitor.example.com"],
  ["192.0.2.1:80", ":80", "192.0.2.1"],
  ["[2001:db8::5]:50004", ":50004", "[2001:db8::5]"],
  ["[::1]", "", "[::1]"],
];
for (const [header, port, host] of GOOD) {
  Deno.test(`"${header}" is an address that may be shown`, () => {
    assertEquals(reachedAs(header), { host, port });
  });
}

for (
  const header of ["", "-x", "a b", "a;b", "$a", "`a`", "a'b", "a\nb", "[a]", "[::1", "a:b", "a/b"]
) {
  Deno.test(`${JSON.stringify(header)} is none`, () => assertEquals(reachedAs(header), null));
}

Deno.test("whatever stands in the header, one plain word or nothing comes of it", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (header) => {
    const reached = reachedAs(header);
    assert(reached === null || /^[A-Za-z0-9[][\w.:[\]-]*$/.test(reached.host + reached.port));
  }));
});

Deno.test("a client is told the port only where it is not its own default", () => {
  assertEquals(clientAddressOf({ host: "monitor", port: ":80" }, 50_003), "monitor");
  assertEquals(clientAddressOf({ host: "[::1]", port: "" }, 7), "[::1]:7");
});

Deno.test("the two lines that are filled in are in the script, once each", () => {
  const lines = installScript("hbc", "monitor:7").split("\n");
  assertEquals(lines.filter((line) => line.startsWith("default_")), [
    "default_program='hbc'",
    "default_server='monitor:7'",
  ]);
});
