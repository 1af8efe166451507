/**
 * The bytes of a bucket: the hourly figures of some hosts on one day, as columns, deflated. Numbers
 * are unsigned, seven bits a byte, the lowest first, and the last byte below 128.
 *
 * Two hosts on a day, of which `web1` has hours 0 and 1 and `web2` hour 1:
 *
 *   01                       format 1
 *   02                       hosts
 *   04 web1  03 00 00        length of the name, the name in UTF-8, a bit for each hour it has
 *   04 web2  02 00 00
 *   78 78 78                 beats of web1 at 0, web1 at 1, web2 at 1; in this order below, too
 *   00 00 01                 late
 *   00 00 00                 missed
 *   80 dd db 01 …            up time, milliseconds
 *   00 …                     down time
 *   00 …                     deaf time
 *   00 00 78                 round trips measured
 *   e4 13                    their least, microseconds; only where there are some, as below
 *   8c 19                    their mean
 *   f0 2e                    their most
 *
 * Columns of figures that hardly change deflate to next to nothing.
 */

import { deflateRawSync, inflateRawSync } from "node:zlib";

/** Figures of one hour of one host as they are kept. */
export interface HourFigures {
  readonly beats: number;
  readonly late: number;
  readonly missed: number;
  readonly upMs: number;
  readonly downMs: number;
  readonly deafMs: number;
  /** Round trips measured, and their least, mean and most, milliseconds; 0 when there are none. */
  readonly rtts: number;
  readonly rttMinMs: number;
  readonly rttAvgMs: number;
  readonly rttMaxMs: number;
}

/** The figures of one host by the hour of the day, 0 to 23. */
export type DayFigures = Map<number, HourFigures>;

const FORMAT = 1;
const HOURS = 24;
const US_PER_MS = 1000;

type Column = Exclude<keyof HourFigures, "rttMinMs" | "rttAvgMs" | "rttMaxMs">;
const COLUMNS: readonly Column[] = [
  "beats",
  "late",
  "missed",
  "upMs",
  "downMs",
  "deafMs",
  "rtts",
];
const ROUND_TRIPS = ["rttMinMs", "rttAvgMs", "rttMaxMs"] as const;

type Mutable = { -readonly [Key in keyof HourFigures]: HourFigures[Key] };

/** The bytes of the figures of hosts by their names. */
export function encodeBucket(hosts: ReadonlyMap<string, DayFigures>): Uint8Array {
  const writer = new Writer();
  writer.number(FORMAT);
  writer.number(hosts.size);
  const rows: HourFigures[] = [];
  for (const [name, hours] of hosts) {
    writer.text(name);
    let bits = 0;
    for (let hour = 0; hour < HOURS; hour++) {
      const figures = hours.get(hour);
      if (figures === undefined) continue;
      bits |= 1 << hour;
      rows.push(figures);
    }
    for (const shift of [0, 8, 16]) writer.byte((bits >> shift) & 0xff);
  }
  for (const column of COLUMNS) {
    for (const row of rows) writer.number(row[column]);
  }
  const measured = rows.filter(({ rtts }) => rtts > 0);
  for (const column of ROUND_TRIPS) {
    for (const row of measured) writer.number(Math.round(row[column] * US_PER_MS));
  }
  return new Uint8Array(deflateRawSync(writer.bytes()));
}

/** The figures in the bytes of a bucket. Throws an Error when they are damaged. */
export function decodeBucket(bytes: Uint8Array): Map<string, DayFigures> {
  const reader = new Reader(inflateRawSync(bytes));
  const format = reader.number();
  if (format !== FORMAT) throw new Error(`History has format ${format} where ${FORMAT} is known`);
  const hosts = new Map<string, DayFigures>();
  const rows: Mutable[] = [];
  for (let left = reader.number(); left > 0; left--) {
    const name = reader.text();
    const bits = reader.byte() | reader.byte() << 8 | reader.byte() << 16;
    const hours: DayFigures = new Map();
    for (let hour = 0; hour < HOURS; hour++) {
      if (((bits >> hour) & 1) === 0) continue;
      const figures = nothing();
      rows.push(figures);
      hours.set(hour, figures);
    }
    hosts.set(name, hours);
  }
  for (const column of COLUMNS) {
    for (const row of rows) row[column] = reader.number();
  }
  const measured = rows.filter(({ rtts }) => rtts > 0);
  for (const column of ROUND_TRIPS) {
    for (const row of measured) row[column] = reader.number() / US_PER_MS;
  }
  return hosts;
}

function nothing(): Mutable {
  const counts = { beats: 0, late: 0, missed: 0, upMs: 0, downMs: 0, deafMs: 0 };
  return { ...counts, rtts: 0, rttMinMs: 0, rttAvgMs: 0, rttMaxMs: 0 };
}

class Writer {
  #bytes = new Uint8Array(4096);
  #length = 0;
  readonly #encoder = new TextEncoder();

  byte(value: number): void {
    if (this.#length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#length++] = value;
  }

  /** A whole number from 0 to 2^53. */
  number(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.byte(rest % 0x80 | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  text(text: string): void {
    const bytes = this.#encoder.encode(text);
    this.number(bytes.length);
    if (this.#length + bytes.length > this.#bytes.length) this.#grow(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(needed: number): void {
    const larger = new Uint8Array(this.#bytes.length * 2 + needed);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #decoder = new TextDecoder();
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byte(): number {
    const value = this.#bytes[this.#at++];
    if (value === undefined) throw new Error("History ends in the middle of a bucket");
    return value;
  }

  number(): number {
    let value = 0;
    let unit = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value;
      unit *= 0x80;
    }
  }

  text(): string {
    const length = this.number();
    const text = this.#decoder.decode(this.#bytes.subarray(this.#at, this.#at + length));
    this.#at += length;
    return text;
  }
}
