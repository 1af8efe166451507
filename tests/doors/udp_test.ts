/** What the UDP door takes, answers and drops, with everything real behind it but the socket. */

import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import fc from "fast-check";
import { deflateSync } from "node:zlib";
import type { DropReason } from "../../src/doors/udp.ts";
import { Journal } from "../../src/journal/journal.ts";
import { parseLine } from "../../src/journal/line.ts";
import { encodeDatagram, type Fields } from "../../src/wire/datagram.ts";
import { START_MS } from "../monitor/support.ts";
import { Bench, bytesOf, IP } from "./support.ts";

const TIME = START_MS / 1000;
const htb = (seq: number, more: Fields = {}) => ({
  ID: "HTB",
  name: "kiosk-1",
  time: TIME,
  boot_id: "m.1",
  seq,
  ...more,
});

Deno.test("a message of every kind is taken and acknowledged with its time and number", async () => {
  const bench = new Bench();
  const kinds: Fields[] = [
    { ID: "BOOT" },
    { ID: "HTB", interval: 30 },
    { ID: "PLG", plugin: "cpu_monitor", data: { percent: 5 } },
    { ID: "MSG", message: "hello" },
    { ID: "RES", id: "c-1", exit: 0, output: "" },
    { ID: "SHUTDOWN", back_in: 60 },
  ];
  await bench.take(kinds.map((fields, i) => ({ ...htb(i), ...fields })));
  assertEquals(
    bench.answers(),
    kinds.map((_, seq) => ({ ID: "ACK", name: "kiosk-1", time: TIME, seq, server_time: TIME })),
  );
  assert(bench.sent.every(({ address, port }) => address === IP && port === 4711));
  assertEquals(
    bench.taken.map(({ message }) => message.kind),
    ["boot", "beat", "metrics", "note", "result", "shutdown"],
  );
  assertEquals([bench.door.received, bench.drops], [6, []]);
});

Deno.test("a compressed datagram is as good as a plain one", async () => {
  const bench = new Bench();
  await bench.take([new Uint8Array(deflateSync(JSON.stringify(htb(1))))]);
  assertEquals(bench.monitor.host("kiosk-1")?.total, 1);
  assertEquals(bench.answers()[0]?.ID, "ACK");
});

Deno.test("no answer is sent before the message is in the journal", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await using journal = await Journal.open({
      dir,
      file: "j",
      maxSizeBytes: 1 << 20,
      maxBackups: 1,
      sync: true,
      onTrouble: (error) => assertEquals(error, null),
      onCheckpointNeeded: () => {},
    }, 0);
    let answered = 0;
    const bench = new Bench({
      journal,
      onSend: () => {
        answered++;
        const lines = Deno.readTextFileSync(join(dir, "j")).trimEnd().split("\n");
        assert(lines.length >= answered, `${answered} answers, ${lines.length} lines`);
      },
    });
    for (let round = 0; round < 5; round++) {
      await bench.take([htb(round * 2), htb(round * 2 + 1)]);
    }
    assertEquals(answered, 10);
    const text = await Deno.readTextFile(join(dir, "j"));
    const records = text.trimEnd().split("\n").map(parseLine);
    assertEquals(records.map(({ seq }) => seq), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("a copy is acknowledged again and counted once", async () => {
  const bench = new Bench();
  await bench.take([htb(1), htb(1)]);
  await bench.take([htb(1)]);
  assertEquals(bench.answers().map(({ seq }) => seq), [1, 1, 1]);
  const host = bench.monitor.host("kiosk-1");
  assertEquals([host?.total, host?.client?.duplicates, bench.taken.length], [1, 2, 1]);
});

Deno.test("what is no message is counted by its reason and never answered", async () => {
  const bench = new Bench();
  const deep = '{"ID":"HTB","a":' + "[".repeat(40) + "]".repeat(40) + "}";
  const bad: [Uint8Array, DropReason][] = [
    [bytesOf('{"ID":"HTB"'), "not_json"],
    [new Uint8Array([0, 1, 2, 3]), "not_json"],
    [bytesOf("[1]"), "not_an_object"],
    [bytesOf(deep), "too_deep"],
    [new Uint8Array(deflateSync("x".repeat(100_000))), "too_large"],
    [new Uint8Array([0x78, 0x9c, 0xff, 0xff]), "bad_zlib"],
    [bytesOf({ ID: "ACK", name: "a" }), "bad_id"],
    [bytesOf({ ID: "HTB", name: "a\nb" }), "bad_name"],
    [bytesOf({ ID: "MSG", name: "a" }), "bad_message"],
    [bytesOf({ ID: "PLG", name: "a", data: {} }), "bad_plugin"],
    [bytesOf({ ID: "PLG", name: "a", plugin: "p" }), "bad_data"],
    [bytesOf({ ID: "RES", name: "a" }), "bad_result"],
    [bytesOf("HB1 12345678 short\n{}"), "bad_envelope"],
  ];
  await bench.take(bad.map(([bytes]) => bytes));
  assertEquals(bench.drops, bad.map(([, reason]) => [reason, IP]));
  assertEquals([bench.sent, bench.monitor.totals().hosts], [[], 0]);
  assertEquals(bench.door.received, bad.length);
});

Deno.test("a word is a beat of the address it came from, with the word as payload, unanswered", async () => {
  const bench = new Bench();
  await bench.take([bytesOf("PyHB")], "192.0.2.44");
  await bench.take([bytesOf("x^2 begins like zlib")], "::ffff:192.0.2.44");
  assertEquals(bench.monitor.host("192.0.2.44")?.total, 2);
  assertEquals(bench.taken.map(({ message }) => message.payload), [
    { _raw: "PyHB" },
    { _raw: "x^2 begins like zlib" },
  ]);
  assertEquals([bench.sent, bench.drops], [[], []]);
});

Deno.test("with udp_accept_text off words are dropped", async () => {
  const bench = new Bench({ udp: { acceptText: false } });
  await bench.take([bytesOf("PyHB"), htb(1)]);
  assertEquals(bench.drops, [["not_json", IP]]);
  assertEquals(bench.monitor.totals().hosts, 1);
});

Deno.test("with udp_ack off messages are taken and not answered", async () => {
  const bench = new Bench({ udp: { acknowledge: false } });
  await bench.take([htb(1)]);
  assertEquals([bench.monitor.totals().total, bench.sent], [1, []]);
});

Deno.test("an IPv4 sender on an IPv6 socket has its IPv4 address; the answer goes where it came from", async () => {
  const bench = new Bench();
  await bench.take([htb(1)], "::ffff:192.0.2.9");
  await bench.take([{ ID: "HTB" }], "2001:db8::5");
  assertEquals(bench.monitor.host("kiosk-1")?.addresses, ["192.0.2.9"]);
  assertEquals(bench.monitor.host("2001:db8::5")?.total, 1);
  assertEquals(bench.sent.map(({ address }) => address), ["::ffff:192.0.2.9", "2001:db8::5"]);
});

Deno.test("an answer is small, whatever a message says its time and number are", async () => {
  const bench = new Bench();
  const long = `{"ID":"HTB","name":"a","seq":[${"1e20,".repeat(13_000)}1],"time":"${
    "x".repeat(200)
  }"}`;
  await bench.take([new Uint8Array(deflateSync(long)), htb(2)]);
  assertEquals(bench.answers(), [
    { ID: "ACK", name: "a", server_time: TIME },
    { ID: "ACK", name: "kiosk-1", time: TIME, seq: 2, server_time: TIME },
  ]);
});

Deno.test("a new host over max_hosts is dropped and not answered; known ones go on", async () => {
  const bench = new Bench({ watch: { maxHosts: 1 } });
  await bench.take([htb(1), { ...htb(1), name: "one too many" }, htb(2)]);
  assertEquals(bench.drops, [["full", IP]]);
  assertEquals(bench.answers().map(({ seq }) => seq), [1, 2]);
});

Deno.test("a server that is stopping takes nothing and answers nobody", async () => {
  const bench = new Bench();
  bench.heart.stop();
  await bench.take([htb(1), htb(2)]);
  assertEquals([bench.sent, bench.monitor.totals().total], [[], 0]);
});

Deno.test("a batch counts from when it was received, not from when it was looked at", async () => {
  const bench = new Bench();
  await bench.take([htb(1)]);
  bench.nowMs += 300;
  bench.heart.listeningMs();
  const receivedMs = bench.nowMs;
  bench.nowMs += 400;
  const datagram = bytesOf(htb(2));
  const batch = {
    bytes: datagram.slice(),
    heads: new Uint32Array([datagram.length, 0, 4711]),
    addresses: [IP],
    receivedMs,
  };
  bench.door.take(batch, bench);
  await bench.settled();
  assertEquals(bench.monitor.host("kiosk-1")?.lastBeatMs, receivedMs);
});

Deno.test("the same datagrams give the same state and answers, however they are cut into batches", async () => {
  const hosts = ["a", "b", "c"];
  const message = fc.record({
    name: fc.constantFrom(...hosts),
    seq: fc.integer({ min: 0, max: 50 }),
    boot: fc.integer({ min: 0, max: 1 }),
    kind: fc.constantFrom<Fields>(
      { ID: "HTB" },
      { ID: "HTB", interval: 5, rtt: 2 },
      { ID: "BOOT" },
      { ID: "SHUTDOWN" },
      { ID: "MSG", message: "x" },
      { ID: "PLG", plugin: "p", data: {} },
      { ID: "nonsense" },
    ),
  });
  const cuts = fc.array(fc.integer({ min: 1, max: 10 }), { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(fc.array(message, { maxLength: 60 }), cuts, async (messages, sizes) => {
      const datagrams = messages.map(({ name, seq, boot, kind }, i) =>
        encodeDatagram({ name, seq, boot_id: `${boot}.x`, time: TIME + i, ...kind })
      );
      const [whole, cut] = [new Bench(), new Bench()];
      await whole.take(datagrams);
      for (let first = 0, n = 0; first < datagrams.length; n++) {
        const size = sizes[n % sizes.length] ?? 1;
        await cut.take(datagrams.slice(first, first + size));
        first += size;
      }
      assertEquals(cut.monitor.hosts(0, 10), whole.monitor.hosts(0, 10));
      assertEquals(cut.monitor.seq, whole.monitor.seq);
      assertEquals(cut.answers(), whole.answers());
      assertEquals(cut.drops, whole.drops);
    }),
    { numRuns: 60 },
  );
});
