/** Offers of a newer client: to those that run another version, once an hour. */

import { assertEquals } from "@std/assert";
import { UpdateOffers, type WantedVersion } from "../../src/commands/updates.ts";
import { beatOf, bootOf, START_MS } from "../monitor/support.ts";

const WANTED = { version: "0.2.0", url: "https://example.org/hbc", sha256: "ab".repeat(32) };
const OFFER = { ID: "UPD", ...WANTED };

function open(first: WantedVersion | null = WANTED) {
  const state = { nowMs: START_MS, wanted: first };
  const offers = new UpdateOffers(() => state.wanted, () => state.nowMs);
  const due = (version: string | null, host = "a") => offers.due(beatOf(host, { version }));
  return { state, offers, due };
}

Deno.test("a client of another version is told where to get the one that is wanted", () => {
  const { due } = open();
  assertEquals(due("0.1.0"), [OFFER]);
  assertEquals(due("0.3.0", "b"), [OFFER]);
});

Deno.test("who runs the wanted version, or does not say which, is told nothing", () => {
  const { due, offers } = open();
  assertEquals([due("0.2.0"), due(null)], [[], []]);
  assertEquals(offers.due(bootOf("a")), []);
});

Deno.test("without a wanted version nobody is told anything; a reload may name one", () => {
  const { due, state } = open(null);
  assertEquals(due("0.1.0"), []);
  state.wanted = WANTED;
  assertEquals(due("0.1.0"), [OFFER]);
});

Deno.test("each host is told once an hour", () => {
  const { due, state } = open();
  assertEquals([due("0.1.0"), due("0.1.0"), due("0.1.0", "b")], [[OFFER], [], [OFFER]]);
  state.nowMs += 3_599_999;
  assertEquals(due("0.1.0"), []);
  state.nowMs += 1;
  assertEquals(due("0.1.0"), [OFFER]);
});

Deno.test("a host that took it and then falls back to its old version is told at once", () => {
  const { due, state } = open();
  assertEquals(due("0.1.0"), [OFFER]);
  state.nowMs += 60_000;
  assertEquals([due("0.2.0"), due("0.1.0")], [[], [OFFER]]);
});
