/** What the series of a client tells: repeats, order, loss, reboots; and its clock and round trip. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { beatOf, bootOf, Driver, metricsOf, noteOf, place, settings, START_MS } from "./support.ts";

const BOOT_A = "aaaaaaaa.start1";
const BOOT_B = "bbbbbbbb.start1";

/** Sends beats of host "a" with these numbers, a second apart from `fromS` on. */
function send(d: Driver, seqs: readonly number[], fromS = 0, bootId = BOOT_A): string[] {
  return seqs.map((seq, i) => d.send(beatOf("a", place(bootId, seq)), fromS + i));
}

Deno.test("a repeated datagram is counted once, and counted as a duplicate", () => {
  const d = new Driver(settings(10));
  assertEquals(send(d, [1, 1, 2, 2, 2]), ["taken", "repeated", "taken", "repeated", "repeated"]);
  assertEquals(d.host("a").total, 2);
  assertEquals(d.monitor.totals().total, 2);
  const { duplicates, lost, lossPct, reordered } = d.client("a");
  assertEquals({ duplicates, lost, lossPct, reordered }, {
    duplicates: 3,
    lost: 0,
    lossPct: 0,
    reordered: 0,
  });
});

Deno.test("a repeated datagram does not put the deadline off", () => {
  const d = new Driver(settings(10));
  d.send(beatOf("a", place(BOOT_A, 1)), 0);
  d.send(beatOf("a", place(BOOT_A, 1)), 9);
  d.run(9, 13);
  assertEquals(d.said(), ["down a", "missed a"]);
});

Deno.test("the same beat to the IPv4 and the IPv6 address is one beat, and no duplicate", () => {
  const d = new Driver(settings(10));
  for (let seq = 1; seq <= 20; seq++) {
    const beat = beatOf("a", place(BOOT_A, seq));
    assertEquals(d.send({ ...beat, ip: "192.0.2.1" }, seq * 10), "taken");
    assertEquals(d.send({ ...beat, ip: "2001:db8::1" }, seq * 10), "repeated");
  }
  assertEquals(d.host("a").total, 20);
  assertEquals(d.host("a").addresses, ["2001:db8::1", "192.0.2.1"]);
  assertEquals([d.client("a").duplicates, d.client("a").lost], [0, 0]);
});

Deno.test("beats out of order are all counted, and counted as reordered", () => {
  const d = new Driver(settings(10));
  assert(send(d, [1, 3, 2, 5, 6, 4]).every((outcome) => outcome === "taken"));
  assertEquals([d.host("a").total, d.client("a").reordered, d.client("a").lost], [6, 2, 0]);
});

Deno.test("one that overtook the very first is not counted against the loss", () => {
  const d = new Driver(settings(10));
  send(d, [2, 1, 4]);
  assertEquals([d.client("a").lost, d.client("a").lossPct], [1, 25]);
});

Deno.test("loss is what is missing of what was sent, in percent, and heals when it comes late", () => {
  const d = new Driver(settings(10));
  send(d, [1, 2, 3, 5, 6, 8]);
  assertEquals([d.client("a").lost, d.client("a").lossPct], [2, 25]);
  send(d, [4], 10);
  assertEquals([d.client("a").lost, d.client("a").lossPct], [1, 12.5]);
});

Deno.test("messages of every kind stand in the same series", () => {
  const d = new Driver(settings(10));
  d.send(bootOf("a", place(BOOT_A, 1)), 0);
  d.send(beatOf("a", place(BOOT_A, 2)), 1);
  d.send(noteOf("a", "hello", place(BOOT_A, 3)), 2);
  d.send(metricsOf("a", "cpu_monitor", {}, place(BOOT_A, 4)), 3);
  assertEquals(d.client("a").lost, 0);
  d.send(beatOf("a", place(BOOT_A, 6)), 4);
  assertEquals([d.client("a").lost, d.client("a").lossPct], [1, 16.67]);
});

Deno.test("a count that leaps by more than a million is not taken for loss", () => {
  const d = new Driver(settings(10));
  send(d, [1, 2, 5_000_000, 5_000_001]);
  assertEquals([d.client("a").lost, d.client("a").lossPct], [0, 0]);
});

Deno.test("any delivery of a window's numbers counts each once, and nothing as lost", () => {
  const numbers = fc.array(fc.integer({ min: 1, max: 32 }), { minLength: 1, maxLength: 80 });
  fc.assert(fc.property(numbers, (seqs) => {
    const d = new Driver(settings("auto"));
    send(d, seqs);
    const sent = new Set(seqs);
    const span = Math.max(...seqs) - Math.min(...seqs) + 1;
    const { duplicates, lost } = d.client("a");
    assertEquals(d.host("a").total, sent.size);
    assertEquals(duplicates, seqs.length - sent.size);
    assertEquals(lost, span - sent.size);
  }));
});

Deno.test("a new boot of the machine that nobody told of is a silent reboot", () => {
  const d = new Driver(settings(10));
  send(d, [1, 2]);
  send(d, [1, 2], 10, BOOT_B);
  assertEquals(d.said(), ["reboot a"]);
  assertEquals(d.events[0]?.silenceMs, 9000);
  const { reboots, bootedMs, lost, duplicates } = d.client("a");
  assertEquals({ reboots, bootedMs, lost, duplicates }, {
    reboots: 1,
    bootedMs: START_MS + 10_000,
    lost: 0,
    duplicates: 0,
  });
});

Deno.test("a boot that the host tells of is no silent reboot, and neither are the beats after it", () => {
  const d = new Driver(settings(10));
  send(d, [1, 2]);
  d.send(bootOf("a", place(BOOT_B, 1)), 10);
  send(d, [2, 3], 11, BOOT_B);
  assertEquals(d.said(), []);
  assertEquals(d.client("a").bootedMs, START_MS + 10_000);
});

Deno.test("a client that was only started again on the same boot is no reboot", () => {
  const d = new Driver(settings(10));
  send(d, [1, 2, 3]);
  assertEquals(send(d, [1, 2], 10, "aaaaaaaa.start2"), ["taken", "taken"]);
  assertEquals(d.said(), []);
  assertEquals([d.client("a").reboots, d.client("a").bootedMs], [0, null]);
});

Deno.test("a boot_id without a dot names the boot as a whole", () => {
  const d = new Driver(settings(10));
  send(d, [1], 0, "one");
  send(d, [1], 5, "two");
  assertEquals(d.said(), ["reboot a"]);
});

Deno.test("the skew is the client's clock minus the server's, half a round trip taken into account", () => {
  const d = new Driver(settings(10));
  const skewOf = (sentS: number, rttMs: number | null, atS: number) => {
    d.send(beatOf("a", { sentMs: START_MS + sentS * 1000, rttMs }), atS);
    return d.client("a").skewMs;
  };
  assertEquals(skewOf(0, null, 0), 0);
  assertEquals(skewOf(15, null, 10), 5000);
  assertEquals(skewOf(-3580, null, 20), -3_600_000);
  assertEquals(skewOf(29.9, 200, 30), 0);
});

Deno.test("the round trip and the version are those that the last beat stated", () => {
  const d = new Driver(settings(10));
  d.send(beatOf("a", { ...place(BOOT_A, 1), rttMs: 12.5, version: "0.1.0" }), 0);
  d.send(beatOf("a", place(BOOT_A, 2)), 10);
  assertEquals([d.client("a").rttMs, d.client("a").version], [12.5, "0.1.0"]);
  d.send(beatOf("a", { ...place(BOOT_A, 3), rttMs: 8, version: "0.2.0" }), 20);
  assertEquals([d.client("a").rttMs, d.client("a").version], [8, "0.2.0"]);
});

Deno.test("the grace that a beat states counts until one states none", () => {
  const d = new Driver(settings(10));
  d.send(beatOf("a", { ...place(BOOT_A, 1), graceMs: 7000 }), 0);
  assertEquals(d.host("a").graceMs, 7000);
  d.run(0, 17);
  assertEquals(d.said(), []);
  d.send(beatOf("a", { ...place(BOOT_A, 2), graceMs: 0 }), 17);
  assertEquals(d.host("a").graceMs, 0);
  d.send(beatOf("a", place(BOOT_A, 3)), 27);
  assertEquals(d.host("a").graceMs, 2000);
});

Deno.test("of a host that only beats nothing is known", () => {
  const d = new Driver(settings(10));
  d.beat("a", 0);
  assertEquals(d.host("a").client, null);
});

// Signed messages: none of them may be taken twice, however old

/** A signed beat that is sent, and arrives, at second `atS`. */
function signed(d: Driver, bootId: string, seq: number, sentS: number, atS = sentS): string {
  const more = { ...place(bootId, seq), sentMs: START_MS + sentS * 1000 };
  return d.send(beatOf("a", more), atS, true);
}

Deno.test("a copy of a signed message is repeated while it is remembered, refused after that", () => {
  const d = new Driver(settings(10));
  for (let seq = 1; seq <= 40; seq++) assertEquals(signed(d, BOOT_A, seq, seq), "taken");
  assertEquals(signed(d, BOOT_A, 9, 9, 41), "repeated");
  assertEquals(signed(d, BOOT_A, 8, 8, 41), "replayed");
  assertEquals(signed(d, BOOT_A, 1, 1, 41), "replayed");
  assertEquals(d.host("a").total, 40);
});

Deno.test("a signed series that is over cannot be begun anew", () => {
  const d = new Driver(settings(10));
  for (let seq = 1; seq <= 5; seq++) signed(d, BOOT_A, seq, seq);
  assertEquals(signed(d, BOOT_B, 1, 10), "taken");
  for (let seq = 1; seq <= 5; seq++) {
    assertEquals(signed(d, BOOT_A, seq, seq, 11), "replayed");
  }
  assertEquals(signed(d, "aaaaaaaa.start0", 1, 3, 11), "replayed");
  assertEquals([d.host("a").total, d.client("a").reboots], [6, 1]);
  assertEquals(signed(d, BOOT_B, 2, 12), "taken");
});

Deno.test("a signed series that does not say when it was sent does not replace another", () => {
  const d = new Driver(settings(10));
  signed(d, BOOT_A, 1, 1);
  assertEquals(d.send(beatOf("a", place(BOOT_B, 1)), 2, true), "replayed");
});

Deno.test("what an unsigned message says of its time keeps no signed one out", () => {
  const d = new Driver(settings(10));
  d.send(beatOf("a", { ...place(BOOT_A, 1), sentMs: START_MS + 1e12 }), 0);
  assertEquals(signed(d, BOOT_B, 1, 10), "taken");
});

Deno.test("a signed copy from elsewhere does not change where the host is", () => {
  const d = new Driver(settings(10));
  signed(d, BOOT_A, 1, 1);
  const copy = { ...place(BOOT_A, 1), sentMs: START_MS + 1000, ip: "192.0.2.66" };
  assertEquals(d.send(beatOf("a", copy), 2, true), "repeated");
  assertEquals(d.host("a").addresses, ["192.0.2.1"]);
});

Deno.test("a message from beside the series counts once under its number, and leaves the series", () => {
  const d = new Driver(settings(10));
  d.send(beatOf("a", place("aaaaaaaa.start1", 1)), 0);
  const note = (sentS: number) => ({
    ...noteOf("a", "one", place("aaaaaaaa.start2", 1)),
    sentMs: START_MS + sentS * 1000,
  });
  assertEquals([1, 2, 3].map((atS) => d.send(note(atS), atS)), ["taken", "repeated", "repeated"]);
  assertEquals(d.send(beatOf("a", place("aaaaaaaa.start1", 2)), 4), "taken");
  assertEquals([d.client("a").lost, d.client("a").lossPct], [0, 0]);
});

Deno.test("notes of the same moment with another text are others; the same again is not, over a restart", () => {
  const d = new Driver(settings(10));
  const note = (text: string) => noteOf("a", text, { sentMs: START_MS });
  assertEquals(["one", "two", "one"].map((text) => d.send(note(text), 0)), [
    "taken",
    "taken",
    "repeated",
  ]);
  const again = new Driver(settings(10));
  again.monitor.recall.restoreSelf(d.monitor.recall.record());
  assertEquals(again.send(note("two"), 1), "repeated");
  assertEquals(again.send(note("three"), 1), "taken");
});

Deno.test("a refused copy changes nothing", () => {
  const d = new Driver(settings(10));
  for (let seq = 1; seq <= 40; seq++) signed(d, BOOT_A, seq, seq);
  const [before, seq] = [d.host("a"), d.monitor.seq];
  signed(d, BOOT_A, 2, 2, 45);
  signed(d, BOOT_B, 1, 3, 46);
  assertEquals([d.host("a"), d.monitor.seq], [before, seq]);
});

Deno.test("any copies of what a signed host sent, in any order, are never taken", () => {
  const sends = fc.array(
    fc.record({ gapS: fc.integer({ min: 1, max: 20 }), starts: fc.boolean() }),
    { minLength: 1, maxLength: 60 },
  );
  fc.assert(fc.property(sends, fc.infiniteStream(fc.nat()), (steps, random) => {
    const d = new Driver(settings("auto"));
    const sent: (readonly [string, number, number])[] = [];
    let [atS, start, seq] = [0, 0, 0];
    for (const { gapS, starts } of steps) {
      atS += gapS;
      if (starts) [start, seq] = [start + 1, 0];
      const message = [`aaaaaaaa.${start}`, ++seq, atS] as const;
      assertEquals(signed(d, ...message), "taken");
      sent.push(message);
      const copy = sent[(random.next().value ?? 0) % sent.length];
      if (copy !== undefined) assert(signed(d, ...copy, atS) !== "taken");
    }
    assertEquals(d.host("a").total, sent.length);
  }));
});
