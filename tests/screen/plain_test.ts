import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { HostEvent } from "../../src/monitor/events.ts";
import { seconds } from "../../src/screen/format.ts";
import { PlainScreen } from "../../src/screen/plain.ts";
import { Terminal } from "../../src/screen/terminal.ts";
import { LocalTime } from "../../src/wire/local_time.ts";
import { parsePayload } from "../../src/wire/payload.ts";
import { beatOf } from "../monitor/support.ts";

const AT_MS = new Date(2026, 3, 26, 17, 24, 33).getTime();
const RULE = "─".repeat(60);

/** A writer that keeps what it is given, and takes as long as `gate` does. */
class Paper {
  text = "";
  gate: Promise<void> = Promise.resolve();
  readonly #decoder = new TextDecoder();

  async write(bytes: Uint8Array): Promise<number> {
    await this.gate;
    this.text += this.#decoder.decode(bytes, { stream: true });
    return bytes.length;
  }
}

function screenOn(paper: Paper, colour = false) {
  const terminal = new Terminal(paper);
  return { terminal, screen: new PlainScreen(terminal, new LocalTime(), colour) };
}

function message(text: string, late = false) {
  return {
    seq: 1,
    atMs: AT_MS,
    late,
    message: {
      ...beatOf("a", { ip: "192.168.2.75" }),
      transport: "http" as const,
      path: "/heartbeat",
      ...parsePayload(text),
      signed: false,
    },
  };
}

function event(type: HostEvent["type"], host = "kiosk-1"): HostEvent {
  return {
    type,
    seq: 1,
    atMs: AT_MS,
    host,
    silenceMs: 12_600,
    missed: 1,
    intervalMs: 10_000,
    graceMs: 2000,
  };
}

Deno.test("a beat is a block between rules, with its JSON laid out", async () => {
  const paper = new Paper();
  const { terminal, screen } = screenOn(paper);
  screen.message(message('{"name":"a","n":[1]}'));
  await terminal.flushed();
  const json = '{\n  "name": "a",\n  "n": [\n    1\n  ]\n}';
  const head = "▶ 2026-04-26 17:24:33  192.168.2.75  →  /heartbeat";
  assertEquals(paper.text, `${RULE}\n${head}\n${json}\n${RULE}\n`);
});

Deno.test("late beats and bodies that are no JSON are marked; control characters are made harmless", async () => {
  const paper = new Paper();
  const { terminal, screen } = screenOn(paper);
  screen.message(message("\u001b[2J hello", true));
  await terminal.flushed();
  assertStringIncludes(paper.text, "/heartbeat  ⚠ LATE  ⚠ NOT JSON\n");
  assert(!paper.text.includes("\u001b"));
});

Deno.test("of a host that beats by a calendar is told since when its beat is due", async () => {
  const paper = new Paper();
  const { terminal, screen } = screenOn(paper);
  screen.event({ ...event("down"), isScheduled: true });
  await terminal.flushed();
  assertEquals(paper.text, "⚠  ALERT: No heartbeat for 13s (due 2.6s ago)  kiosk-1\n");
});

Deno.test("a host that says that it is down is an alert with what it says", async () => {
  const paper = new Paper();
  const { terminal, screen } = screenOn(paper);
  screen.event({ ...event("down"), reason: "reported a failure: exit\u001b[2J code 3" });
  await terminal.flushed();
  assertEquals(paper.text, "⚠  ALERT: reported a failure: exit\u{FFFD}[2J code 3  kiosk-1\n");
});

Deno.test("a host that goes down is an alert, one that is back is told, missed ones are not repeated", async () => {
  const paper = new Paper();
  const { terminal, screen } = screenOn(paper);
  screen.event(event("down"));
  screen.event(event("missed"));
  screen.event(event("up"));
  await terminal.flushed();
  assertEquals(
    paper.text,
    "⚠  ALERT: No heartbeat for 13s (expected every 10s ±20%)  kiosk-1\n" +
      "✓  Heartbeat again after 13s  kiosk-1\n",
  );
});

Deno.test("over 20 beats a second the blocks give way to a line a second, and come back after it", async () => {
  const paper = new Paper();
  const { terminal, screen } = screenOn(paper);
  for (let n = 0; n < 25; n++) screen.message(message("{}", n < 3));
  screen.second(AT_MS);
  await terminal.flushed();
  assertEquals(paper.text.split("▶").length - 1, 20);
  assert(paper.text.endsWith("2026-04-26 17:24:33  25 beats/s, 3 late\n"), paper.text);

  paper.text = "";
  for (let n = 0; n < 30; n++) screen.message(message("{}"));
  screen.second(AT_MS);
  screen.second(AT_MS);
  screen.message(message("{}"));
  await terminal.flushed();
  assertEquals(paper.text.split("\n")[0], "2026-04-26 17:24:33  30 beats/s");
  assertEquals(paper.text.split("▶").length - 1, 1);
});

Deno.test("a thousand hosts going down at once are twenty alerts and a count", async () => {
  const paper = new Paper();
  const { terminal, screen } = screenOn(paper);
  for (let n = 0; n < 1000; n++) screen.event(event("down", `h${n}`));
  screen.second(AT_MS);
  await terminal.flushed();
  assertEquals(paper.text.split("ALERT").length - 1, 20);
  assertStringIncludes(paper.text, "0 beats/s, 1000 went down\n");
});

Deno.test("a terminal that takes nothing is not waited for, and what it missed is counted", async () => {
  const paper = new Paper();
  const { promise, resolve } = Promise.withResolvers<void>();
  paper.gate = promise;
  const { terminal } = screenOn(paper);
  for (let n = 0; n < 1000; n++) terminal.print("x".repeat(1000));
  resolve();
  await terminal.flushed();
  assert(paper.text.length < 300_000);
  assertStringIncludes(paper.text, "outputs not shown");
});

Deno.test("seconds() shows tenths below ten seconds", () => {
  assertEquals([0.5, 6.21, 9.96, 13.4].map(seconds), ["0.5s", "6.2s", "10s", "13s"]);
});
