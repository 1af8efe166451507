import { assertEquals, assertThrows } from "@std/assert";
import { LocalClock } from "../../src/migrate/local_clock.ts";
import { LineError, type LogLine, readLogLine } from "../../src/migrate/log_line.ts";

function read(line: string): LogLine {
  return readLogLine(line, new LocalClock("UTC"), 0);
}

/** Kind, time, host, kind of the message. */
function gist(line: LogLine): readonly unknown[] {
  const time = new Date(line.atMs).toISOString().slice(0, 19);
  return line.kind === "message"
    ? [line.kind, time, line.message.host, line.message.kind]
    : [line.kind, time];
}

Deno.test("a JSON logger's line is a beat of who its payload, path or address names", () => {
  const line = (path: string, payload: unknown) =>
    JSON.stringify({
      timestamp: "2026-04-26 19:56:31",
      client_ip: "192.168.2.75",
      path,
      late: false,
      payload,
    });
  const host = (text: string) => gist(read(text))[2];
  assertEquals(gist(read(line("/heartbeat", { name: "ipad" }))), [
    ...["message", "2026-04-26T19:56:31", "ipad", "beat"],
  ]);
  assertEquals(host(line("/heartbeat?name=kiosk", { name: "ipad" })), "kiosk");
  assertEquals(host(line("/heartbeat", { _raw: "x" })), "192.168.2.75");
});

Deno.test("the Perl server's lines are beats, and say when it began", () => {
  assertEquals(gist(read("2026-02-08 11:30:15 - Server started, listening on port 7777")), [
    ...["started", "2026-02-08T11:30:15"],
  ]);
  const beat = read(
    "2026-02-08 11:30:20 - Received heartbeat - From: 10.1.1.1, Reported IP: 10.0.0.5",
  );
  assertEquals(gist(beat), ["message", "2026-02-08T11:30:20", "10.0.0.5", "beat"]);
  const post = '2026-02-08 11:30:25 - Received POST request - From: 10.1.1.1, Data: {"name":"pi"}';
  assertEquals(gist(read(post))[2], "pi");
  const text =
    "2026-02-08 11:30:25 - Received POST request - From: 10.1.1.1, Data: alive, all well";
  assertEquals(gist(read(text))[2], "10.1.1.1");
});

Deno.test("journals are read, the old daemon's and our own, with who was deaf when", () => {
  const old = {
    ...{ timestamp: 1774701296.123, source_ip: "10.0.0.1", source_port: 5 },
    message: { ID: "SHUTDOWN", name: "nas" },
  };
  assertEquals(gist(read(JSON.stringify(old))), [
    ...["message", "2026-03-28T12:34:56", "nas", "shutdown"],
  ]);
  const beat = '{"seq":7,"timestamp":1774701296.1,"datetime":"x","source_ip":"10.0.0.1",' +
    '"source_port":5,"transport":"http","host":"k","path":"/","late":true,"message":{}}';
  assertEquals(gist(read(beat)), ["message", "2026-03-28T12:34:56", "k", "beat"]);
  const deaf = read(
    '{"seq":8,"timestamp":1774701296,"datetime":"x","event":"deaf","shift_s":4.2,"beats_lost":true}',
  );
  assertEquals(deaf, {
    kind: "deaf",
    atMs: 1774701296000,
    deafness: { shiftMs: 4200, beatsLost: true },
  });
  const missed = '{"seq":9,"timestamp":1774701296,"datetime":"x","event":"missed","host":"k"}';
  assertEquals(gist(read(missed))[0], "other");
});

Deno.test("a line of no known kind says why", () => {
  for (
    const line of ["", "garbage", "{", "[]", "{}", '{"timestamp":"2026-13-01 00:00:00"}', "null"]
  ) {
    assertThrows(() => read(line), LineError);
  }
});
