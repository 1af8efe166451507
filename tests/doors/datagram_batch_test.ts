/** Datagrams come out of a batch as they went in, also when it was handed to another thread. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  BatchWriter,
  type DatagramBatch,
  forEachDatagram,
  transferOf,
} from "../../src/doors/datagram_batch.ts";

type Entry = readonly [Uint8Array, string, number];

const entry = fc.tuple(
  fc.oneof(fc.uint8Array({ maxLength: 100 }), fc.constant(new Uint8Array(65_507).fill(7))),
  fc.constantFrom("192.0.2.1", "192.0.2.2", "2001:db8::1", ""),
  fc.integer({ min: 0, max: 65_535 }),
);

function read(batch: DatagramBatch): Entry[] {
  const entries: Entry[] = [];
  forEachDatagram(batch, (bytes, address, port) => entries.push([bytes.slice(), address, port]));
  return entries;
}

Deno.test("any datagrams come back in order with their addresses and ports, also when transferred", () => {
  const writer = new BatchWriter();
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 300, size: "max" }), (entries) => {
      entries.forEach(([bytes, address, port], i) => writer.add(bytes, address, port, 100 + i));
      assertEquals(writer.count, entries.length);
      assertEquals(writer.length, entries.reduce((sum, [bytes]) => sum + bytes.length, 0));
      const batch = writer.take();
      assertEquals([writer.count, writer.length], [0, 0]);
      if (entries.length > 0) assertEquals(batch.receivedMs, 100);
      assertEquals(new Set(batch.addresses).size, batch.addresses.length);
      const posted = structuredClone(batch, { transfer: transferOf(batch) });
      assertEquals(batch.bytes.length, 0, "The batch was copied");
      assertEquals(read(posted), entries);
    }),
    { numRuns: 60 },
  );
});

Deno.test("a datagram is copied: its buffer may be used again at once", () => {
  const writer = new BatchWriter();
  const scratch = new Uint8Array([1, 2, 3]);
  writer.add(scratch, "a", 1, 0);
  scratch.fill(9);
  writer.add(scratch, "a", 1, 0);
  assertEquals(read(writer.take()).map(([bytes]) => [...bytes]), [[1, 2, 3], [9, 9, 9]]);
});
