/** Signed datagrams: only what was sealed with the key opens, and nothing about it may change. */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { createHmac } from "node:crypto";
import {
  headOf,
  isEnvelope,
  isSealedWith,
  makeKey,
  openEnvelope,
  openHead,
  seal,
} from "../../src/wire/envelope.ts";

const KEY = makeKey("the key of kiosk-1, 24 long");
const OTHER = makeKey("the key of somebody else");
const BODY = new TextEncoder().encode('{"ID":"HTB","name":"kiosk-1","time":1795231286.5}');
const HEAD_BYTES = 57;

/** True when `bytes` are an envelope sealed with KEY. */
function isGood(bytes: Uint8Array): boolean {
  if (!isEnvelope(bytes)) return false;
  const envelope = openEnvelope(bytes);
  return envelope !== null && envelope.keyId === KEY.id && isSealedWith(envelope, KEY);
}

Deno.test("any body comes back from its envelope, byte for byte", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 500 }), (body) => {
    const sealed = seal(body, KEY);
    assert(isEnvelope(sealed) && isGood(sealed));
    assertEquals(openEnvelope(sealed)?.body, body);
    assertEquals(sealed.length, body.length + HEAD_BYTES);
  }));
});

Deno.test("the first line is as the protocol has it: magic, key id, HMAC in base64url", () => {
  const mac = createHmac("sha256", "the key of kiosk-1, 24 long").update(BODY).digest("base64url");
  assertEquals(headOf(BODY, KEY), `HB1 ${KEY.id} ${mac}`);
  assertEquals(
    new TextDecoder().decode(seal(BODY, KEY)),
    `HB1 ${KEY.id} ${mac}\n${new TextDecoder().decode(BODY)}`,
  );
});

Deno.test("the id of a key is the start of its SHA-256, and tells keys apart", () => {
  // printf %s abc | sha256sum
  assertEquals(makeKey("abc").id, "ba7816bf");
  assertNotEquals(KEY.id, OTHER.id);
  // The text's UTF-8: printf %s Schlüssel | sha256sum
  assertEquals(makeKey("Schlüssel").id, "1fbd7a00");
});

Deno.test("an envelope of another key does not open, even under our key's id", () => {
  const foreign = seal(BODY, OTHER);
  assertEquals(isGood(foreign), false);
  const envelope = openEnvelope(foreign);
  assert(envelope !== null);
  assertEquals(isSealedWith({ ...envelope, keyId: KEY.id }, KEY), false);
  assertEquals(isSealedWith(envelope, OTHER), true);
});

Deno.test("no single bit can be changed, in the head or in the body", () => {
  const sealed = seal(BODY, KEY);
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const changed = sealed.slice();
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    assertEquals(isGood(changed), false, `bit ${bit} was changed`);
  }
});

Deno.test("no byte can be missing at the end, added to it, or missing at the start", () => {
  const sealed = seal(BODY, KEY);
  for (let length = 0; length < sealed.length; length++) {
    assertEquals(isGood(sealed.subarray(0, length)), false, `${length} bytes of it`);
  }
  assertEquals(isGood(new Uint8Array([...sealed, 10])), false);
  assertEquals(isGood(sealed.subarray(1)), false);
});

Deno.test("the MAC has one spelling: stray bits in its last character are refused", () => {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const head = headOf(BODY, KEY);
  const others = [...alphabet].filter((letter) => letter !== head.at(-1));
  for (const letter of others) {
    const envelope = openHead(head.slice(0, -1) + letter, BODY);
    assert(envelope !== null);
    assertEquals(isSealedWith(envelope, KEY), false, letter);
  }
});

Deno.test("a head that is not exactly of its form opens nothing", () => {
  const head = headOf(BODY, KEY);
  for (
    const wrong of [
      "",
      "HB1",
      head.slice(0, -1),
      `${head}=`,
      `${head} `,
      ` ${head}`,
      `${head}\n`,
      head.toLowerCase(),
      head.replace("HB1", "HB2"),
      head.replace(KEY.id, KEY.id.toUpperCase() === KEY.id ? "zzzzzzzz" : KEY.id.toUpperCase()),
      head.replaceAll(" ", "\t"),
    ]
  ) {
    assertEquals(openHead(wrong, BODY), null, JSON.stringify(wrong));
  }
  assertEquals(openHead(head, BODY)?.keyId, KEY.id);
});

Deno.test("what merely begins like an envelope is none", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  assertEquals(isEnvelope(bytes('{"ID":"HTB"}')), false);
  assertEquals(isEnvelope(bytes("HB1")), false);
  assertEquals(isEnvelope(bytes("HB12 x")), false);
  assertEquals(isEnvelope(bytes("HB1 x")), true);
  assertEquals(openEnvelope(bytes("HB1 x")), null);
  assertEquals(openEnvelope(bytes(`HB1 ${"x".repeat(52)}\n{}`)), null);
});
