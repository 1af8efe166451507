import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { LineWriter, parseLine, seqOfLine } from "../../src/journal/line.ts";
import { parsePayload } from "../../src/wire/payload.ts";
import { LocalTime } from "../../src/wire/local_time.ts";
import { hostNameProblem, reportedIpOf, statedIntervalMs } from "../../src/wire/identity.ts";

const AT_MS = new Date(2026, 2, 28, 12, 34, 56, 123).getTime();

Deno.test("a beat's line is a superset of what the UDP daemon journaled", () => {
  const text = new LineWriter(new LocalTime()).message(
    7,
    {
      kind: "beat",
      transport: "http",
      host: "kiosk-1",
      ip: "192.168.1.100",
      port: 50003,
      path: "/heartbeat",
      payload: { a: 1 },
      payloadText: '{"a":1}',
      parseError: false,
      signed: false,
      series: null,
      sentMs: null,
      reportedIp: null,
      intervalMs: null,
      graceMs: null,
      rttMs: null,
      version: null,
    },
    true,
    AT_MS,
  );
  assertEquals(text.endsWith("}\n"), true);
  assertEquals(JSON.parse(text), {
    seq: 7,
    timestamp: AT_MS / 1000,
    datetime: "2026-03-28T12:34:56",
    source_ip: "192.168.1.100",
    source_port: 50003,
    transport: "http",
    host: "kiosk-1",
    path: "/heartbeat",
    late: true,
    message: { a: 1 },
  });
});

Deno.test("an event's line names the event, the host and the silence", () => {
  const lines = new LineWriter(new LocalTime());
  const text = lines.event({
    type: "missed",
    seq: 8,
    atMs: AT_MS,
    host: 'a "b"',
    silenceMs: 12_977,
    missed: 1,
    intervalMs: 10_000,
    graceMs: 2000,
  });
  assertEquals(JSON.parse(text), {
    seq: 8,
    timestamp: AT_MS / 1000,
    datetime: "2026-03-28T12:34:56",
    event: "missed",
    host: 'a "b"',
    silence_s: 12.977,
    missed: 1,
    interval_s: 10,
    grace_s: 2,
  });
});

Deno.test("any body, name and path make one line that reads back to the same beat", () => {
  const lines = new LineWriter(new LocalTime());
  const host = fc.string({ minLength: 1, maxLength: 255, unit: "grapheme" })
    .filter((name) => hostNameProblem(name) === null);
  const body = fc.oneof(
    fc.json(),
    fc.string({ unit: "binary" }),
    fc.constant('{"interval": 5,\r\n"ip":"::1"}'),
  );
  fc.assert(
    fc.property(fc.nat(), host, fc.webPath(), body, fc.boolean(), (seq, name, path, text, late) => {
      const parsed = parsePayload(text);
      const facts = {
        series: null,
        sentMs: null,
        reportedIp: reportedIpOf(parsed.payload),
        intervalMs: statedIntervalMs(parsed.payload),
        graceMs: null,
        rttMs: null,
        version: null,
      };
      const beat = {
        kind: "beat" as const,
        transport: "http" as const,
        host: name,
        ip: "192.0.2.1",
        port: 1234,
        path,
        ...parsed,
        signed: false,
        ...facts,
      };
      const line = lines.message(seq, beat, late, AT_MS);
      assertEquals(line.indexOf("\n"), line.length - 1);
      assertEquals(seqOfLine(line), seq);
      assertEquals(parseLine(line), {
        kind: "message",
        seq,
        atMs: AT_MS,
        message: { kind: "beat", host: name, ip: beat.ip, port: beat.port, ...facts },
        late,
        signed: false,
      });
    }),
  );
});

Deno.test("parseLine() refuses what is torn or foreign", () => {
  for (
    const text of ["", "{", "17", "null", "[]", '{"seq":1}', '{"seq":1,"timestamp":2,"host":"a"}']
  ) {
    assertThrows(() => parseLine(text), SyntaxError);
  }
});

Deno.test("a pause and a drop come back from their lines as they were", () => {
  const lines = new LineWriter(new LocalTime());
  const pause = { fromMs: AT_MS, untilMs: null, reason: 'the "new" disk' };
  const dropped = { host: "kiosk-1", total: 4711, late: 2, missed: 5 };
  for (
    const event of [
      { type: "pause", seq: 9, atMs: AT_MS, host: "kiosk-1", pause },
      { type: "drop", seq: 10, atMs: AT_MS, ...dropped },
    ] as const
  ) {
    const { seq, atMs } = event;
    assertEquals(parseLine(lines.event(event).trimEnd()), { kind: "alert", seq, atMs, event });
  }
  const text = lines.event({ type: "drop", seq: 10, atMs: AT_MS, ...dropped });
  assertEquals(JSON.parse(text), {
    seq: 10,
    timestamp: AT_MS / 1000,
    datetime: "2026-03-28T12:34:56",
    event: "drop",
    data: dropped,
  });
});
