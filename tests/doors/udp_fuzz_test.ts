/**
 * 230,000 damaged datagrams, through everything that a real one goes through, with a
 * real journal behind it. Nothing may come of one but the declared outcomes, memory must stay flat, and
 * what was taken must read back from the journal. The seed is fixed: a failure comes again.
 */

import { assert, assertEquals } from "@std/assert";
import { deflateSync } from "node:zlib";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Journal } from "../../src/journal/journal.ts";
import { replay } from "../../src/journal/reader.ts";
import { Monitor } from "../../src/monitor/monitor.ts";
import { MemoryStore } from "../../src/store/memory.ts";
import { recover } from "../../src/store/recovery.ts";
import { MessageError, readClientMessage } from "../../src/wire/client_message.ts";
import { DatagramError, decodeDatagram } from "../../src/wire/datagram.ts";
import { makeKey, seal } from "../../src/wire/envelope.ts";
import { settings } from "../monitor/support.ts";
import { Bench, bytesOf, IP } from "./support.ts";

const SEED = 20_261_121;
const BATCH = 200;
const WARM_UP = 30_000;
const DATAGRAMS = 200_000;
const GROWTH_MB = 48;

const KEY = makeKey("the key of all signed hosts");
const SIGNED_HOSTS = 3;
const WATCH = { maxHosts: 200, maxSamples: 5 };

/** Whole numbers from 0 to `below`, the same for the same seed (mulberry32). */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** Values that programs stumble over. */
const VALUES = [
  "null",
  "true",
  "-0",
  "1e999",
  "-1e999",
  "1e-320",
  "9007199254740993",
  "4294967296",
  '""',
  '"\\u0000"',
  '"\\ud800"',
  '"\\u2028"',
  '"__proto__"',
  `"${"x".repeat(300)}"`,
  "[]",
  "{}",
  '{"__proto__":{"ID":"HTB"}}',
  '{"toString":1,"length":-1}',
  `${"[".repeat(500)}${"]".repeat(500)}`,
];

/** Well-formed datagrams to begin with, sent at `nowMs`; `n` makes their numbers go on. */
function original(random: (below: number) => number, n: number, nowMs: number): Uint8Array {
  const time = nowMs / 1000 + random(50);
  const host = random(8);
  const common = `"name":"host-${host}","time":${time},"boot_id":"m${random(3)}.${
    random(2)
  }","seq":${n}`;
  const kinds = [
    `{"ID":"HTB",${common},"interval":${random(100)},"rtt":0.8,"grace":2,"ver":"0.1.0"}`,
    `{"ID":"BOOT",${common},"at":${time - 5}}`,
    `{"ID":"SHUTDOWN",${common},"back_in":${random(600)}}`,
    `{"ID":"MSG",${common},"message":"hello\\nworld","level":"info"}`,
    `{"ID":"PLG",${common},"plugin":"p${random(80)}","data":{"a":{"b":[1,2.5,"x"]}},"at":${time}}`,
    `{"ID":"RES",${common},"id":"c-1","exit":0,"output":"done"}`,
    "PyHB",
  ];
  const text = bytesOf(kinds[random(kinds.length)] ?? "");
  const body = random(3) === 0 ? new Uint8Array(deflateSync(text)) : text;
  return host < SIGNED_HOSTS ? seal(body, KEY) : body;
}

/** Damages `bytes` once, in one of the ways that nature and people have. */
function damaged(bytes: Uint8Array, random: (below: number) => number): Uint8Array {
  const at = random(bytes.length + 1);
  const rest = bytes.subarray(at);
  switch (random(7)) {
    case 0: {
      const flipped = bytes.slice();
      flipped[at] = (flipped[at] ?? 0) ^ (1 << random(8));
      return flipped;
    }
    case 1:
      return bytes.slice(0, at);
    case 2:
      return joined(bytes.subarray(0, at), rest.subarray(random(20)));
    case 3:
      return joined(bytes.subarray(0, at), new Uint8Array([random(256), random(256)]), rest);
    case 4:
      return joined(bytes.subarray(0, at), bytes.subarray(random(bytes.length + 1)), rest);
    case 5: {
      const text = new TextDecoder().decode(bytes);
      return bytesOf(text.replace(/:("[^"]*"|[\d.]+)/g, (whole) => {
        return random(3) === 0 ? `:${VALUES[random(VALUES.length)]}` : whole;
      }));
    }
    default:
      return bytes;
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A damaged datagram; some of those with damaged fields are packed as if nothing were wrong. */
function fuzzed(random: (below: number) => number, n: number, nowMs: number): Uint8Array {
  let bytes = original(random, n, nowMs);
  for (let times = random(3); times > 0; times--) bytes = damaged(bytes, random);
  if (random(10) === 0) bytes = new Uint8Array(deflateSync(bytes, { level: 1 }));
  return random(10) === 0 ? seal(bytes, KEY) : bytes;
}

/** Decodes and reads `bytes` as the door does; anything but the declared errors is thrown on. */
function read(bytes: Uint8Array): string {
  try {
    const { fields, text } = decodeDatagram(bytes);
    assert(!/[\r\n]/.test(text), "The text has a line end in it");
    return readClientMessage(fields, IP, 1).kind;
  } catch (error) {
    if (error instanceof DatagramError || error instanceof MessageError) return error.fault;
    throw error;
  }
}

/** Megabytes in use when all that can be forgotten is forgotten. */
function memoryMb(collect: () => void): { heap: number; rss: number } {
  collect();
  const { heapUsed, external, rss } = Deno.memoryUsage();
  return { heap: (heapUsed + external) / (1 << 20), rss: rss / (1 << 20) };
}

Deno.test("damaged datagrams crash nothing, fill nothing, and leave a journal that reads back", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  const dir = await Deno.makeTempDir();
  try {
    await using journal = await Journal.open({
      dir,
      file: "j",
      maxSizeBytes: 1 << 30,
      maxBackups: 1,
      sync: false,
      onTrouble: (error) => assertEquals(error, null),
      onCheckpointNeeded: () => {},
    }, 0);
    const signing = Array.from({ length: SIGNED_HOSTS }, (_, n) => `host-${n}`);
    const guard = { keys: new Map(signing.map((name) => [name, KEY])) };
    const bench = new Bench({ journal, guard, watch: WATCH });
    const random = randomNumbers(SEED);
    const outcomes = new Map<string, number>();
    let [dropped, taken, answered] = [0, 0, 0];
    let before = { heap: 0, rss: 0 };

    for (let n = 0; n < WARM_UP + DATAGRAMS; n += BATCH) {
      const datagrams = Array.from({ length: BATCH }, (_, i) => fuzzed(random, n + i, bench.nowMs));
      for (const datagram of datagrams) {
        const outcome = read(datagram);
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
      await bench.take(datagrams);
      bench.nowMs += random(200);
      taken += bench.taken.length;
      answered += bench.sent.length;
      for (const [reason] of bench.drops) {
        dropped++;
        outcomes.set(reason, (outcomes.get(reason) ?? 0) + 1);
      }
      // What a running server hands on and forgets; commands and checkpoints take the rest.
      bench.taken.length = bench.sent.length = bench.drops.length = 0;
      bench.monitor.history.takeChanged();
      if (n === WARM_UP) before = memoryMb(collect);
    }

    assertEquals(bench.door.received, WARM_UP + DATAGRAMS);
    assert(taken > DATAGRAMS / 10, `Only ${taken} were taken: the damage is too great to tell`);
    assert(dropped > DATAGRAMS / 10, `Only ${dropped} were dropped: there is hardly any damage`);
    assert(answered <= bench.door.received - dropped);
    for (const outcome of ["beat", "note", "metrics", "result", "bad_zlib", "not_json", "full"]) {
      assert(outcomes.has(outcome), `No ${outcome} among ${Deno.inspect(outcomes)}`);
    }
    const after = memoryMb(collect);
    const growth = `${Deno.inspect(before)} MB before, ${Deno.inspect(after)} MB after`;
    assert(after.heap - before.heap < GROWTH_MB, growth);
    assert(after.rss - before.rss < 3 * GROWTH_MB, growth);

    const onProblem = (problem: unknown) => {
      throw new Error(`Journal line does not read back: ${Deno.inspect(problem)}`);
    };
    const options = { onProblem, onTorn: onProblem };
    let lines = 0;
    for await (const records of replay(dir, "j", 0, options)) lines += records.length;
    assert(lines >= taken, `${lines} lines for ${taken} messages`);
    const again = new Monitor({ ...settings(10), ...WATCH });
    await recover(again, new MemoryStore(), { dir, file: "j" }, options);
    assertEquals(again.totals(), bench.monitor.totals());
    assertEquals(again.seq, bench.monitor.seq);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
