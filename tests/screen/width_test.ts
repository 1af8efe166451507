import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { printable, printableLine } from "../../src/screen/printable.ts";
import { cut, widthOf } from "../../src/screen/width.ts";

const WIDTHS: readonly (readonly [string, number])[] = [
  ["", 0],
  ["kiosk-1", 7],
  ["Grüße", 5],
  ["e\u0301", 1],
  ["东京", 4],
  ["한국어", 6],
  ["カﾀカナ", 7],
  ["😀", 2],
  ["👨‍👩‍👧", 2],
  ["👍🏽", 2],
  ["❤️", 2],
  ["🇩🇪", 2],
  ["●", 1],
  ["a\u200bb", 2],
  ["עברית", 5],
  ["\u{FFFD}", 1],
];
for (const [text, width] of WIDTHS) {
  Deno.test(`${JSON.stringify(text)} takes ${width} columns`, () => {
    assertEquals(widthOf(text), width);
  });
}

Deno.test("text that is too wide is cut between characters, and says so", () => {
  assertEquals(cut("kiosk-1", 7), "kiosk-1");
  assertEquals(cut("kiosk-1", 6), "kiosk…");
  assertEquals(cut("kiosk-1", 1), "…");
  assertEquals(cut("kiosk-1", 0), "");
  assertEquals(cut("东京站", 6), "东京站");
  assertEquals(cut("东京站", 5), "东京…");
  assertEquals(cut("东京站", 4), "东…");
  assertEquals(cut("e\u0301e\u0301e\u0301", 2), "e\u0301…");
  assertEquals(cut("👨‍👩‍👧👨‍👩‍👧", 3), "👨‍👩‍👧…");
});

Deno.test("whatever is cut never takes more columns than it may", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.nat({ max: 20 }), (text, columns) => {
      const line = printableLine(text);
      const shown = cut(line, columns);
      assert(widthOf(shown) <= columns, JSON.stringify(shown));
      if (widthOf(line) <= columns) assertEquals(shown, line);
    }),
  );
});

Deno.test("no control character, and none that turns the direction of text, gets through", () => {
  const harmful = "\u0000\u0007\t\n\u001b\u007f\u0085\u009b\u061c\u200e\u200f\u2028\u2029\u202a" +
    "\u202e\u2066\u2069\ufff9\ud800";
  for (const one of harmful.match(/./gsu) ?? []) {
    assertEquals(printableLine(`a${one}b`), "a\u{FFFD}b", JSON.stringify(one));
  }
  assertEquals(printableLine("东京 e\u0301 😀"), "东京 e\u0301 😀");
});

Deno.test("marks heaped on a character do not cover the lines above; those of a script stay", () => {
  assertEquals(printable(`o${"\u0301".repeat(100)}k`), `o${"\u0301".repeat(8)}k`);
  for (const text of ["नमस्ते", "བསྒྲུབས", "e\u0301\u0323"]) assertEquals(printable(text), text);
});
