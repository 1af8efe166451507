/** Who must prove who they are, and by what. */

import { assertEquals } from "@std/assert";
import { Guard, type GuardSettings, sameText } from "../../src/doors/guard.ts";
import { makeKey, openEnvelope, seal } from "../../src/wire/envelope.ts";
import type { Origin } from "../../src/wire/message.ts";
import { START_MS } from "../monitor/support.ts";
import { IP, OPEN } from "./support.ts";

const KEY = makeKey("the key of kiosk-1, 24 long");
const OTHER = makeKey("the key of somebody else");
const keys = new Map([["kiosk-1", KEY]]);
const tokens = new Map([["ipad", "a token of the iPad"]]);

const guardOf = (more: Partial<GuardSettings>) => new Guard({ ...OPEN, ...more });

function origin(more: Partial<Origin> = {}): Origin {
  const series = { bootId: "m.1", seq: 1 };
  return { host: "kiosk-1", ip: IP, port: 1, series, sentMs: START_MS, ...more };
}

Deno.test("without keys and tokens the guard is open, and with any of them it is not", () => {
  assertEquals([guardOf({}).isOpen, guardOf({}).guards("kiosk-1")], [true, false]);
  for (const more of [{ keys }, { tokens }, { defaultKey: KEY }, { requireKey: true }]) {
    assertEquals(guardOf(more).isOpen, false);
  }
});

Deno.test("hosts with a key or a token are guarded; with a default key or require_key all are", () => {
  const names = ["kiosk-1", "ipad", "other"];
  const guarded = (more: Partial<GuardSettings>) => names.map((name) => guardOf(more).guards(name));
  assertEquals(guarded({ keys, tokens }), [true, true, false]);
  assertEquals(guarded({ defaultKey: KEY }), [true, true, true]);
  assertEquals(guarded({ requireKey: true }), [true, true, true]);
});

Deno.test("a host's own key goes before the default key", () => {
  const guard = guardOf({ keys, defaultKey: OTHER });
  assertEquals([guard.keyOf("kiosk-1"), guard.keyOf("other")], [KEY, OTHER]);
  assertEquals(guardOf({ keys }).keyOf("other"), null);
});

Deno.test("an envelope opens to the key it was sealed with, of those that the server has", () => {
  const guard = guardOf({ keys, defaultKey: OTHER });
  const opened = (bytes: Uint8Array) => {
    const envelope = openEnvelope(bytes);
    return envelope === null ? null : guard.open(envelope);
  };
  const body = new Uint8Array([1, 2, 3]);
  assertEquals(opened(seal(body, KEY)), KEY);
  assertEquals(opened(seal(body, OTHER)), OTHER);
  assertEquals(opened(seal(body, makeKey("a foreign key"))), "unknown_key");
  const tampered = seal(body, KEY);
  tampered[tampered.length - 1] = 4;
  assertEquals(opened(tampered), "bad_signature");
});

Deno.test("judge() wants the host's own key, a time near now, and a place in a series", () => {
  const guard = guardOf({ keys, windowMs: 5000 });
  const judged = (more: Partial<Origin>, key = KEY) => guard.judge(origin(more), key, START_MS);
  assertEquals(judged({}), null);
  assertEquals(judged({ sentMs: START_MS - 5000 }), null);
  assertEquals(judged({ sentMs: START_MS + 5000 }), null);
  assertEquals(judged({ sentMs: START_MS - 5001 }), "stale");
  assertEquals(judged({ sentMs: START_MS + 5001 }), "stale");
  assertEquals(judged({ sentMs: null }), "stale");
  assertEquals(judged({ series: null }), "not_counted");
  assertEquals(judged({}, OTHER), "wrong_key");
  assertEquals(judged({ host: "other" }), "wrong_key");
});

Deno.test("a token is right for its own host only, and only whole", () => {
  const guard = guardOf({ tokens });
  assertEquals(guard.isToken("ipad", "a token of the iPad"), true);
  for (const wrong of ["", "a token of the iPa", "a token of the iPad ", "A token of the iPad"]) {
    assertEquals(guard.isToken("ipad", wrong), false);
  }
  assertEquals(guard.isToken("kiosk-1", "a token of the iPad"), false);
  assertEquals(guard.isToken("kiosk-1", ""), false);
});

Deno.test("sameText() compares texts of any length and alphabet", () => {
  assertEquals([sameText("", ""), sameText("ü✓", "ü✓"), sameText("ab", "aü")], [true, true, false]);
});
