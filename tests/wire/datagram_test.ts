/** Bytes to a JSON object and back, and everything that is over a bound. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import {
  DatagramError,
  type DatagramFault,
  decodeDatagram,
  encodeDatagram,
  MAX_DATAGRAM_BYTES,
  MAX_DEPTH,
  MAX_TEXT_BYTES,
} from "../../src/wire/datagram.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const compressed = (text: string) => new Uint8Array(deflateSync(bytesOf(text)));

/** The fault of `bytes`, and the text it says. */
function faultOf(bytes: Uint8Array): [DatagramFault, string | null] {
  const { fault, text } = assertThrows(() => decodeDatagram(bytes), DatagramError);
  return [fault, text];
}

/** JSON of an object that is `depth` deep, the innermost one empty. */
function nested(depth: number): string {
  return '{"a":'.repeat(depth - 1) + "{}" + "}".repeat(depth - 1);
}

/** JSON of an object, `length` bytes long. */
function long(length: number): string {
  return `{"a":"${"x".repeat(length - 8)}"}`;
}

/** Any JSON object as it looks after a round trip through text. */
const anyFields = fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue({ maxDepth: 6 }))
  .map((fields) => JSON.parse(JSON.stringify(fields)));

Deno.test("any object comes back from its datagram, plain and compressed", () => {
  fc.assert(fc.property(anyFields, (fields) => {
    const text = JSON.stringify(fields);
    assertEquals(decodeDatagram(encodeDatagram(fields)).fields, fields);
    assertEquals(decodeDatagram(bytesOf(text)), { fields, text });
    assertEquals(decodeDatagram(compressed(text)), { fields, text });
  }));
});

Deno.test("the text of a datagram is its JSON on one line, however it was written", () => {
  fc.assert(fc.property(anyFields, (fields) => {
    const { text } = decodeDatagram(bytesOf(JSON.stringify(fields, null, "\r\n  ")));
    assert(!/[\r\n]/.test(text));
    assertEquals(JSON.parse(text), fields);
  }));
});

Deno.test("a short message is sent as it is, a long one compressed to a fraction", () => {
  const short = { ID: "HTB", name: "kiosk-1", seq: 1 };
  assertEquals(new TextDecoder().decode(encodeDatagram(short)), JSON.stringify(short));
  const bytes = encodeDatagram({ ID: "MSG", message: "again and ".repeat(1000) });
  assertEquals([bytes[0], bytes.length < 500], [0x78, true]);
});

Deno.test("every level and window of zlib is understood; gzip and bare deflate are not", () => {
  const text = JSON.stringify({ ID: "HTB", name: "a" });
  for (const level of [0, 1, 6, 9]) {
    for (const windowBits of [9, 12, 15]) {
      const bytes = new Uint8Array(deflateSync(text, { level, windowBits }));
      assertEquals(decodeDatagram(bytes).text, text);
    }
  }
  assertEquals(faultOf(new Uint8Array(gzipSync(text))), ["not_json", null]);
  assertEquals(faultOf(new Uint8Array(deflateRawSync(text))), ["not_json", null]);
});

Deno.test("a text of 64 KiB is read, one byte more is too large, compressed or not", () => {
  for (const bytes of [bytesOf, compressed]) {
    assertEquals(decodeDatagram(bytes(long(MAX_TEXT_BYTES))).text.length, MAX_TEXT_BYTES);
    assertEquals(faultOf(bytes(long(MAX_TEXT_BYTES + 1))), ["too_large", null]);
  }
});

Deno.test("a message over 64 KiB cannot be written; what can be fits a datagram", () => {
  assertThrows(() => encodeDatagram({ a: "x".repeat(MAX_TEXT_BYTES) }), DatagramError);
  // Nothing compresses worse than text of all characters that JSON leaves alone.
  const noise = crypto.getRandomValues(new Uint8Array(65_000));
  const text = Array.from(noise, (byte) => String.fromCharCode(35 + byte % 57)).join("");
  const bytes = encodeDatagram({ text });
  assert(bytes.length <= MAX_DATAGRAM_BYTES, `${bytes.length} bytes`);
  assertEquals(decodeDatagram(bytes).fields, { text });
});

Deno.test("a zip bomb stops at the bound", () => {
  const bomb = new Uint8Array(deflateSync(new Uint8Array(60 << 20)));
  assert(bomb.length < MAX_DATAGRAM_BYTES);
  const before = Deno.memoryUsage().rss;
  for (let n = 0; n < 50; n++) assertEquals(faultOf(bomb), ["too_large", null]);
  const grownMb = (Deno.memoryUsage().rss - before) / (1 << 20);
  assert(grownMb < 40, `50 bombs of 60 MB each took ${grownMb} MB`);
});

Deno.test("an object as deep as may be is read, a deeper one is not, nor the deepest there is", () => {
  assertEquals(decodeDatagram(bytesOf(nested(MAX_DEPTH))).text, nested(MAX_DEPTH));
  assertEquals(faultOf(bytesOf(nested(MAX_DEPTH + 1))), ["too_deep", null]);
  const lists = (depth: number) => `{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`;
  assertEquals(decodeDatagram(bytesOf(lists(MAX_DEPTH - 1))).text, lists(MAX_DEPTH - 1));
  assertEquals(faultOf(bytesOf(lists(MAX_DEPTH))), ["too_deep", null]);
  assertEquals(faultOf(compressed(lists(32_000))), ["too_deep", null]);
  assertEquals(faultOf(compressed(nested(10_000))), ["too_deep", null]);
});

Deno.test("JSON that is no object is told apart from what is no JSON", () => {
  for (const text of ["[]", "17", '"HTB"', "null", "true", '[{"ID":"HTB"}]']) {
    assertEquals(faultOf(bytesOf(text)), ["not_an_object", null]);
    assertEquals(faultOf(compressed(text)), ["not_an_object", null]);
  }
});

Deno.test("plain text is handed on as what it says; broken JSON and binary are not", () => {
  for (const text of ["PyHB", "PyHB\n", "hello, world", "Grüße ✓", "tab\tand\r\nlines"]) {
    assertEquals(faultOf(bytesOf(text)), ["not_json", text]);
  }
  for (
    const text of ["", '{"ID":"HTB"', " {ID: 1}", "[1,", '\n{"a":1}}', "bell\u0007", "nul\u0000"]
  ) {
    assertEquals(faultOf(bytesOf(text)), ["not_json", null]);
  }
  assertEquals(faultOf(new Uint8Array([0xff, 0xfe, 0x41])), ["not_json", null]);
  assertEquals(faultOf(compressed("PyHB")), ["not_json", null]);
});

Deno.test("words that begin as zlib does are words all the same", () => {
  const letters = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -^_."];
  const isHeader = ([a = "", b = ""]: string[]) =>
    (a.charCodeAt(0) & 15) === 8 && (a.charCodeAt(0) * 256 + b.charCodeAt(0)) % 31 === 0;
  const pairs = letters.flatMap((a) => letters.map((b) => [a, b])).filter(isHeader);
  assert(pairs.length > 5, "No such words");
  for (const pair of pairs) {
    const word = `${pair.join("")}lo there, this is host 17`;
    assertEquals(faultOf(bytesOf(word)), ["bad_zlib", word]);
  }
});

Deno.test("zlib that is cut, damaged or wants a dictionary is bad", () => {
  const whole = compressed(JSON.stringify({ ID: "MSG", message: "some text ".repeat(40) }));
  for (let length = 3; length < whole.length; length += 5) {
    assertEquals(faultOf(whole.subarray(0, length)), ["bad_zlib", null]);
  }
  const damaged = whole.slice();
  damaged[whole.length - 1] = (damaged[whole.length - 1] ?? 0) ^ 1;
  assertEquals(faultOf(damaged), ["bad_zlib", null]);
  // Python: zlib.compressobj(zdict=b'{"ID":"HTB","name":"')
  const wantsDictionary = [120, 187, 53, 149, 5, 22, 171, 70, 136, 213, 2, 0, 20, 53, 3, 38];
  assertEquals(faultOf(new Uint8Array(wantsDictionary)), ["bad_zlib", null]);
});
