import { assertEquals } from "@std/assert";
import { LocalClock } from "../../src/migrate/local_clock.ts";

const BERLIN = () => new LocalClock("Europe/Berlin");

Deno.test("a local time is read in its zone, in winter and in summer", () => {
  assertEquals(BERLIN().read("2026-01-15 12:00:01", 0), Date.UTC(2026, 0, 15, 11, 0, 1));
  assertEquals(BERLIN().read("2026-07-15 12:00:01", 0), Date.UTC(2026, 6, 15, 10, 0, 1));
});

Deno.test("an hour that comes twice in autumn goes on where the lines have come to", () => {
  const clock = BERLIN();
  const read: string[] = [];
  let lastMs = Date.UTC(2026, 9, 24, 23, 0);
  for (
    const text of [
      "01:59:00",
      "02:00:00",
      "02:30:00",
      "02:59:00",
      "02:00:00",
      "02:59:30",
      "03:00:00",
    ]
  ) {
    const atMs = clock.read(`2026-10-25 ${text}`, lastMs) ?? 0;
    lastMs = Math.max(lastMs, atMs);
    read.push(new Date(atMs).toISOString().slice(11, 19));
  }
  assertEquals(read, [
    ...["23:59:00", "00:00:00", "00:30:00", "00:59:00"],
    ...["01:00:00", "01:59:30", "02:00:00"],
  ]);
});

Deno.test("what is no time is told from what is", () => {
  for (
    const text of ["2026-02-30 12:00:00", "2026-01-01 24:00:00", "2026-01-01 12:60:00", "x", ""]
  ) {
    assertEquals(BERLIN().read(text, 0), null, text);
  }
  assertEquals(BERLIN().read("2026-01-01 12:00:61", 0), null);
});

Deno.test("without a zone it is that of the machine", () => {
  const atMs = new Date(2026, 4, 6, 7, 8, 9).getTime();
  assertEquals(new LocalClock(null).read("2026-05-06 07:08:09", 0), atMs);
});
