/** The bytes of a bucket say what was put in, whatever that is, and damage is noticed. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { inflateRawSync } from "node:zlib";
import fc from "fast-check";
import { bucketOf } from "../../src/history/bucket_of.ts";
import {
  type DayFigures,
  decodeBucket,
  encodeBucket,
  type HourFigures,
} from "../../src/history/codec.ts";
import { BUCKETS } from "../../src/history/store.ts";

const count = fc.integer({ min: 0, max: 0xffff_ffff });
const us = fc.integer({ min: 0, max: 60_000_000 }).map((us) => us / 1000);
const times = { upMs: count, downMs: count, deafMs: count };
const silent = fc.record({
  ...{ beats: count, late: count, missed: count, ...times, rtts: fc.constant(0) },
  ...{ rttMinMs: fc.constant(0), rttAvgMs: fc.constant(0), rttMaxMs: fc.constant(0) },
});
const measuring = fc.record({
  ...{ beats: count, late: count, missed: count, ...times, rtts: fc.integer({ min: 1 }) },
  ...{ rttMinMs: us, rttAvgMs: us, rttMaxMs: us },
});
const day: fc.Arbitrary<DayFigures> = fc.uniqueArray(
  fc.tuple(fc.integer({ min: 0, max: 23 }), fc.oneof(silent, measuring)),
  { selector: ([hour]) => hour, maxLength: 24 },
).map((hours) => new Map(hours.toSorted(([a], [b]) => a - b)));
const bucket = fc.uniqueArray(
  fc.tuple(fc.string({ unit: "grapheme", minLength: 1, maxLength: 255 }), day),
  { selector: ([name]) => name, maxLength: 20 },
).map((hosts) => new Map(hosts));

Deno.test("what comes out of the bytes of a bucket is what went in", () => {
  fc.assert(fc.property(bucket, (hosts) => {
    assertEquals(decodeBucket(encodeBucket(hosts)), hosts);
  }));
});

Deno.test("the bytes are those that the head of the codec shows", () => {
  const steady: HourFigures = {
    ...{ beats: 120, late: 0, missed: 0, upMs: 3_600_000, downMs: 0, deafMs: 0 },
    ...{ rtts: 0, rttMinMs: 0, rttAvgMs: 0, rttMaxMs: 0 },
  };
  const measured = { late: 1, rtts: 120, rttMinMs: 2.532, rttAvgMs: 3.212, rttMaxMs: 6 };
  const hosts = new Map([
    ["web1", new Map([[0, steady], [1, steady]])],
    ["web2", new Map([[1, { ...steady, ...measured }]])],
  ]);
  const hex = inflateRawSync(encodeBucket(hosts)).toString("hex");
  const names = "0102" + "0477656231030000" + "0477656232020000";
  const columns = "787878" + "000001" + "000000" + "80dddb01".repeat(3) + "000000".repeat(2);
  assertEquals(hex, names + columns + "000078" + "e413" + "8c19" + "f02e");
});

Deno.test("damaged bytes are an error, not wrong figures", () => {
  assertThrows(() => decodeBucket(new Uint8Array([1, 2, 3])));
  const bytes = encodeBucket(new Map([["a", new Map()]]));
  assertThrows(() => decodeBucket(bytes.subarray(0, bytes.length - 2)));
});

Deno.test("hosts are spread evenly over the buckets", () => {
  const counts = new Uint32Array(BUCKETS);
  for (let n = 0; n < 1_000_000; n++) {
    const bucket = bucketOf(`host-${n}.example.com`);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  assert(Math.max(...counts) < 600, `${Math.max(...counts)} in one bucket`);
  assert(Math.min(...counts) > 50, `${Math.min(...counts)} in one bucket`);
});
