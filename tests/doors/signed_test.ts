/** Signed datagrams at the door: who gets in, who does not and why, and how answers are signed. */

import { assertEquals } from "@std/assert";
import type { DropReason } from "../../src/doors/udp.ts";
import { encodeDatagram, type Fields } from "../../src/wire/datagram.ts";
import { type Key, makeKey, seal } from "../../src/wire/envelope.ts";
import { START_MS } from "../monitor/support.ts";
import { Bench, bytesOf, IP } from "./support.ts";

const KEY = makeKey("the key of kiosk-1, 24 long");
const OTHER = makeKey("the key of kiosk-2, 24 long");
const FOREIGN = makeKey("a key that nobody has");
const KEYS = new Map([["kiosk-1", KEY], ["kiosk-2", OTHER]]);
const TIME = START_MS / 1000;

const htb = (seq: number, more: Fields = {}): Fields => ({
  ID: "HTB",
  name: "kiosk-1",
  time: TIME,
  boot_id: "m.1",
  seq,
  ...more,
});
const signed = (fields: Fields, key: Key = KEY) => seal(encodeDatagram(fields), key);

/** What a server with these keys drops of `datagrams`; nothing that it drops is answered. */
async function dropsOf(bench: Bench, datagrams: readonly Uint8Array[]): Promise<DropReason[]> {
  const [drops, sent] = [bench.drops.length, bench.sent.length];
  await bench.take(datagrams);
  const found = bench.drops.slice(drops).map(([reason]) => reason);
  assertEquals(bench.sent.length - sent, datagrams.length - found.length);
  return found;
}

Deno.test("a signed message is taken, and its answer signed with the same key", async () => {
  const bench = new Bench({ guard: { keys: KEYS } });
  await bench.take([signed(htb(1)), signed({ ...htb(2), ID: "MSG", message: "x".repeat(5000) })]);
  assertEquals(bench.signedAnswers(KEY).map(({ ID, seq }) => [ID, seq]), [["ACK", 1], ["ACK", 2]]);
  assertEquals(bench.taken.map(({ message }) => message.signed), [true, true]);
  await bench.take([signed({ ...htb(1), name: "kiosk-2" }, OTHER)]);
  assertEquals(bench.sent.length, 3);
  bench.sent.splice(0, 2);
  assertEquals(bench.signedAnswers(OTHER)[0]?.name, "kiosk-2");
});

Deno.test("every wrong proof is refused for its own reason, and nothing of it is kept", async () => {
  const bench = new Bench({ guard: { keys: KEYS } });
  const good = signed(htb(1));
  const flipped = good.slice();
  flipped[70] = (flipped[70] ?? 0) ^ 1;
  const wrong: [Uint8Array, DropReason][] = [
    [bytesOf(htb(1)), "unsigned"],
    [signed(htb(1), FOREIGN), "unknown_key"],
    [flipped, "bad_signature"],
    [good.subarray(0, good.length - 1), "bad_signature"],
    [good.subarray(0, 57), "bad_signature"],
    [good.subarray(0, 56), "bad_envelope"],
    [good.subarray(0, 20), "bad_envelope"],
    [signed(htb(1), OTHER), "wrong_key"],
    [signed({ ...htb(1), name: "stranger" }), "wrong_key"],
    [signed(htb(1, { time: TIME - 60.001 })), "stale"],
    [signed(htb(1, { time: TIME + 60.001 })), "stale"],
    [signed(htb(1, { time: undefined })), "stale"],
    [signed(htb(1, { time: String(TIME) })), "stale"],
    [signed(htb(1, { boot_id: undefined })), "not_counted"],
    [signed(htb(1, { seq: -1 })), "not_counted"],
    [seal(bytesOf("PyHB"), KEY), "not_json"],
    [signed(htb(1, { ID: "nonsense" })), "bad_id"],
  ];
  assertEquals(await dropsOf(bench, wrong.map(([bytes]) => bytes)), wrong.map(([, why]) => why));
  assertEquals(bench.monitor.totals(), new Bench().monitor.totals());
  assertEquals(await dropsOf(bench, [good]), []);
});

Deno.test("a message at either edge of the window is in time", async () => {
  const bench = new Bench({ guard: { keys: KEYS } });
  const edges = [signed(htb(1, { time: TIME - 60 })), signed(htb(2, { time: TIME + 60 }))];
  assertEquals(await dropsOf(bench, edges), []);
});

Deno.test("a replay is answered while it is remembered, refused after, and stale in the end", async () => {
  const bench = new Bench({ guard: { keys: KEYS } });
  const first = signed(htb(1));
  await bench.take([first]);
  assertEquals(await dropsOf(bench, [first]), []);
  await bench.take(Array.from({ length: 40 }, (_, n) => signed(htb(n + 2))));
  assertEquals(await dropsOf(bench, [first]), ["replayed"]);
  const newSeries = signed(htb(1, { boot_id: "m.2", time: TIME + 1 }));
  assertEquals(await dropsOf(bench, [newSeries]), []);
  assertEquals(await dropsOf(bench, [first, signed(htb(41))]), ["replayed", "replayed"]);
  bench.nowMs += 60_001;
  assertEquals(await dropsOf(bench, [first]), ["stale"]);
  assertEquals(bench.monitor.host("kiosk-1")?.total, 42);
});

Deno.test("hosts without a key are open to all, but not under somebody else's signature", async () => {
  const bench = new Bench({ guard: { keys: KEYS } });
  const open = { ...htb(1), name: "open" };
  assertEquals(await dropsOf(bench, [bytesOf(open)]), []);
  assertEquals(await dropsOf(bench, [signed({ ...open, seq: 2 })]), ["wrong_key"]);
  assertEquals(bench.answers().map(({ name }) => name), ["open"]);
});

Deno.test("a default key is everybody's who has no other; unsigned messages and words are refused", async () => {
  const bench = new Bench({ guard: { keys: new Map([["kiosk-1", KEY]]), defaultKey: OTHER } });
  const stranger = { ...htb(1), name: "stranger" };
  assertEquals(
    await dropsOf(bench, [
      signed(stranger, OTHER),
      signed(htb(1), KEY),
      signed(htb(2), OTHER),
      signed({ ...stranger, seq: 2 }, KEY),
      bytesOf({ ...stranger, seq: 3 }),
    ]),
    ["wrong_key", "wrong_key", "unsigned"],
  );
  await bench.take([bytesOf("PyHB")]);
  assertEquals(bench.drops.at(-1), ["unsigned", IP]);
});

Deno.test("require_key refuses all that is not signed, of hosts that have no key as well", async () => {
  const bench = new Bench({ guard: { keys: KEYS, requireKey: true } });
  const unsigned = [bytesOf(htb(1)), bytesOf({ ID: "HTB" }), bytesOf({ ...htb(1), name: "x" })];
  assertEquals(await dropsOf(bench, unsigned), ["unsigned", "unsigned", "unsigned"]);
  assertEquals(await dropsOf(bench, [signed(htb(1))]), []);
});

Deno.test("a host that has only a token cannot send datagrams", async () => {
  const tokens = new Map([["ipad", "a token of the iPad"]]);
  const bench = new Bench({ guard: { keys: KEYS, tokens } });
  const ipad = { ...htb(1), name: "ipad" };
  assertEquals(await dropsOf(bench, [bytesOf(ipad), signed(ipad)]), ["unsigned", "wrong_key"]);
});

Deno.test("errands go to hosts that have just proven who they are, signed, and to no other", async () => {
  const errands = [{ ID: "CMD", id: "c-1", cmd: "restart", args: [] }];
  const bench = new Bench({ guard: { keys: KEYS }, errands });
  await bench.take([bytesOf({ ...htb(1), name: "open" }), bytesOf("PyHB"), signed(htb(1), OTHER)]);
  assertEquals(bench.answers().map(({ ID }) => ID), ["ACK"]);
  bench.sent.length = 0;
  await bench.take([signed(htb(1))]);
  assertEquals(bench.signedAnswers(KEY).map(({ ID, id, time }) => [ID, id, time]), [
    ["ACK", undefined, TIME],
    ["CMD", "c-1", TIME],
  ]);
  // Other hosts may have the same key: it is said whom they are for.
  assertEquals(bench.signedAnswers(KEY).map(({ name }) => name), ["kiosk-1", "kiosk-1"]);
  bench.sent.length = 0;
  await bench.take([signed(htb(1))]);
  assertEquals(
    bench.signedAnswers(KEY).map(({ ID }) => ID),
    ["ACK"],
    "a copy may come from anybody",
  );
});

Deno.test("a host whose name is not in what it signs is not believed", async () => {
  const bench = new Bench({ guard: { keys: new Map([["192.0.2.1", KEY]]), defaultKey: KEY } });
  const nameless = { ...htb(1), name: undefined };
  assertEquals(await dropsOf(bench, [signed(nameless)]), ["name_not_signed"]);
});

Deno.test("errands go also where messages are not acknowledged", async () => {
  const errands = [{ ID: "UPD", version: "2" }];
  const bench = new Bench({ guard: { keys: KEYS }, errands, udp: { acknowledge: false } });
  await bench.take([signed(htb(1))]);
  assertEquals(bench.signedAnswers(KEY).map(({ ID }) => ID), ["UPD"]);
});
