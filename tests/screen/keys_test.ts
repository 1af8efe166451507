import { assertEquals } from "@std/assert";
import { type Key, KeyReader } from "../../src/screen/keys.ts";

const ENCODER = new TextEncoder();

/** Keys as words: `up`, `"a"` for a character, `paste("a")`. */
function words(keys: readonly Key[]): string {
  return keys.map((key) => {
    if (key.kind === "key") return key.name;
    const text = JSON.stringify(key.text);
    return key.kind === "paste" ? `paste(${text})` : text;
  }).join(" ");
}

/** The keys of reads, without a rest. */
function keysOf(...reads: readonly string[]): string {
  const reader = new KeyReader();
  return words(reads.flatMap((text) => reader.take(ENCODER.encode(text))));
}

const KEYS: readonly (readonly [string, string])[] = [
  ["q", '"q"'],
  ["/ab", '"/" "a" "b"'],
  ["\u001b[A\u001b[B", "up down"],
  ["\u001bOA\u001bOB", "up down"],
  ["\u001b[5~\u001b[6~", "pageup pagedown"],
  ["\u001b[H\u001b[F\u001b[1~\u001b[4~\u001b[7~\u001b[8~", "home end home end home end"],
  ["\u001b[1;5A", "up"],
  ["\u001b[5;2~", "pageup"],
  ["\r", "enter"],
  ["\n", "enter"],
  ["\t", "tab"],
  ["\u007f\b", "backspace backspace"],
  ["\u0003\u001a\u000c", "ctrl-c ctrl-z ctrl-l"],
  ["\u0000\u0001", ""],
  ["\u001b[200~q\u0003\r/x\u001b[201~q", 'paste("q\\u0003\\r/x") "q"'],
  ["\u001b[200~\u001b[201~", 'paste("")'],
  ["\u001b[200~q", ""],
  ["\u001b[201~q", '"q"'],
  ["\u001b[<0;10;10Mq", '"q"'],
  ["\u001bx", 'escape "x"'],
  ["ä东😀", '"ä" "东" "😀"'],
];
for (const [text, expected] of KEYS) {
  Deno.test(`${JSON.stringify(text)} is ${expected || "no key"}`, () => {
    assertEquals(keysOf(text), expected);
  });
}

Deno.test("a key may come in several reads, cut anywhere", () => {
  assertEquals(keysOf("\u001b", "[", "A"), "up");
  assertEquals(keysOf("\u001b[", "5", "~q"), 'pageup "q"');
  assertEquals(keysOf("\u001b[1;", "5A"), "up");
  const reader = new KeyReader();
  const bytes = ENCODER.encode("东");
  assertEquals(words([...bytes].flatMap((byte) => reader.take(new Uint8Array([byte])))), '"东"');
});

Deno.test("a paste may come in several reads, cut anywhere; its beginning is kept", () => {
  const whole = "\u001b[200~a\u001b[20b\u001b[201~q";
  assertEquals(keysOf(...whole), 'paste("a\\u001b[20b") "q"');
  const reader = new KeyReader();
  reader.take(ENCODER.encode("\u001b[200~x\u001b[2"));
  assertEquals(reader.isWaiting, false, "Escape within a paste is no key");
  for (let n = 0; n < 100; n++) reader.take(ENCODER.encode("y".repeat(1000)));
  const [paste] = reader.take(ENCODER.encode("\u001b[201~"));
  assertEquals(words(paste === undefined ? [] : [paste]).length, 'paste("")'.length + 1000 + 5);
});

Deno.test("a lone Escape is one once nothing follows", () => {
  const reader = new KeyReader();
  assertEquals(words(reader.take(ENCODER.encode("\u001b"))), "");
  assertEquals(reader.isWaiting, true);
  assertEquals(words(reader.rest()), "escape");
  assertEquals(reader.isWaiting, false);
  assertEquals(words(reader.take(ENCODER.encode("[A"))), '"[" "A"');
});

Deno.test("a sequence that never ends is not waited for", () => {
  const reader = new KeyReader();
  reader.take(ENCODER.encode(`\u001b[${"1;".repeat(100)}`));
  assertEquals(reader.isWaiting, false);
});
