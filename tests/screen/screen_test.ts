import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Facts } from "../../src/screen/context.ts";
import { Screen, type ScreenEnd, type Surface } from "../../src/screen/screen.ts";
import { eventually } from "../e2e/hbd.ts";
import { hostJson, messageJson, NOW_MS, push, snapshot } from "./feed.ts";
import { VirtualTerminal } from "./virtual_terminal.ts";

const FACTS: Facts = { head: [":8888"], rows: [["State", "/x"]], curl: "curl …" };

/** A terminal in memory with a keyboard. */
class Desk implements Surface {
  terminal = new VirtualTerminal(80, 24);
  isOpen = false;
  suspended = 0;
  /** Awaited with every picture. */
  gate: Promise<void> = Promise.resolve();
  pictures = 0;
  #typed: Uint8Array[] = [];
  #waiting: ((read: number | null) => void) | null = null;
  #into: Uint8Array = new Uint8Array();
  #isGone = false;

  open(): void {
    this.isOpen = true;
  }

  close(): void {
    this.isOpen = false;
  }

  size() {
    return { columns: this.terminal.columns, rows: this.terminal.rows };
  }

  async write(text: string): Promise<void> {
    this.pictures++;
    const { terminal } = this;
    await this.gate;
    terminal.write(text);
  }

  read(into: Uint8Array): Promise<number | null> {
    const typed = this.#typed.shift();
    if (typed !== undefined) {
      into.set(typed);
      return Promise.resolve(typed.length);
    }
    if (this.#isGone) return Promise.resolve(null);
    this.#into = into;
    return new Promise((resolve) => this.#waiting = resolve);
  }

  suspend(): Promise<void> {
    this.suspended++;
    return Promise.resolve();
  }

  type(text: string): void {
    const bytes = new TextEncoder().encode(text);
    if (this.#waiting === null) this.#typed.push(bytes);
    else {
      this.#into.set(bytes);
      this.#take(bytes.length);
    }
  }

  hangUp(): void {
    this.#isGone = true;
    this.#take(null);
  }

  #take(read: number | null): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.(read);
  }
}

interface Shown extends AsyncDisposable {
  readonly desk: Desk;
  readonly screen: Screen;
  sees(text: string): Promise<void>;
}

function show(desk = new Desk(), facts: () => Facts = () => FACTS): Shown {
  const screen = new Screen({ surface: desk, facts, colour: true, nowMs: () => NOW_MS });
  screen.open();
  return {
    desk,
    screen,
    async sees(text) {
      await eventually(() => assertStringIncludes(desk.terminal.text(), text), 5000);
    },
    async [Symbol.asyncDispose]() {
      screen.close();
      // Whoever reads keys ends with the terminal.
      desk.hangUp();
      await screen.ended;
    },
  };
}

const HOSTS = snapshot([
  hostJson("alpha"),
  hostJson("beta"),
  hostJson("gamma", { addresses: ["10.9.9.9"] }),
]);

Deno.test("what the feed tells is seen", async () => {
  await using shown = show();
  await shown.sees("Connecting…");
  shown.screen.take(snapshot([]));
  await shown.sees("Waiting for first heartbeat…");
  shown.screen.take(push("host", { hosts: [hostJson("kiosk-1")], gone: [] }));
  shown.screen.take(
    push("message", { messages: [messageJson(1, "kiosk-1", '{"battery":0.8}')], skipped: 0 }),
  );
  await shown.sees("battery=0.8");
  await shown.sees("Status: OK");
  shown.screen.log("Configuration reloaded", false);
  await shown.sees("Configuration reloaded");
  shown.screen.lost("no connection");
  await shown.sees("disconnected, data from 14:03:12");
});

Deno.test("Enter opens the marked host, Escape goes back", async () => {
  await using shown = show();
  shown.screen.take(HOSTS);
  await shown.sees("alpha");
  // In one read: each key acts on what the one before it has done.
  shown.desk.type("\u001b[B\r");
  await shown.sees("Last client");
  assertStringIncludes(shown.desk.terminal.text(), "  beta");
  shown.desk.type("\u001b");
  await shown.sees("gamma");
});

Deno.test("a filter shows what fits while it is typed; Escape shows all again", async () => {
  await using shown = show();
  shown.screen.take(HOSTS);
  await shown.sees("alpha");
  shown.desk.type("/10.9");
  await shown.sees("Show: 10.9");
  await eventually(() => assert(!shown.desk.terminal.text().includes("alpha")));
  assertStringIncludes(shown.desk.terminal.text(), "gamma");
  shown.desk.type("\u007f\u007f\u007f\u007fq");
  await shown.sees("Show: q");
  shown.desk.type("\u001b");
  await shown.sees("alpha");
  await shown.sees("q Quit");
});

Deno.test("what is pasted goes into the filter, as its first line, and is nowhere a key", async () => {
  const paste = (text: string) => `\u001b[200~${text}\u001b[201~`;
  await using shown = show();
  shown.screen.take(HOSTS);
  await shown.sees("alpha");
  shown.desk.type(paste("q\u0003\r\u001a") + "?" + paste("q"));
  await shown.sees("Ctrl-L");
  shown.desk.type("x/" + paste("bet\rq\r"));
  await shown.sees("Show: bet▏");
  await eventually(() => assert(!shown.desk.terminal.text().includes("alpha")));
  assert(shown.desk.isOpen);
  assertEquals(shown.desk.suspended, 0);
});

Deno.test("letters that come together are drawn together", async () => {
  const desk = new Desk();
  let drawn = 0;
  await using shown = show(desk, () => {
    drawn++;
    return FACTS;
  });
  shown.screen.take(HOSTS);
  await shown.sees("alpha");
  const before = drawn;
  desk.type(`/${"x".repeat(500)}`);
  await shown.sees("Show: xxxx");
  assert(drawn - before < 50, `drawn ${drawn - before} times`);
});

Deno.test("p pauses the log, and goes on with it", async () => {
  await using shown = show();
  shown.screen.take(HOSTS);
  shown.desk.type("p");
  await shown.sees("paused");
  shown.screen.take(
    push("message", { messages: [messageJson(1, "alpha", '{"n":1}')], skipped: 0 }),
  );
  await shown.sees("paused, 1 new");
  assert(!shown.desk.terminal.text().includes("n=1"));
  shown.desk.type("p");
  await shown.sees("n=1");
});

Deno.test("q, Q and Ctrl-C end it, also within the help and while a filter is typed", async () => {
  for (const keys of ["q", "Q", "\u0003", "?\u0003", "/q\u0003"]) {
    await using shown = show();
    shown.screen.take(HOSTS);
    shown.desk.type(keys);
    assertEquals(await shown.screen.ended, { kind: "quit" } satisfies ScreenEnd, keys);
    shown.screen.close();
    assert(!shown.desk.isOpen);
  }
});

Deno.test("Ctrl-Z gives the terminal to the shell, and all is drawn anew after it", async () => {
  await using shown = show();
  shown.screen.take(HOSTS);
  await shown.sees("alpha");
  shown.desk.terminal = new VirtualTerminal(80, 24);
  shown.desk.type("\u001a");
  await shown.sees("alpha");
  assertEquals(shown.desk.suspended, 1);
});

Deno.test("a window of another size is drawn anew", async () => {
  await using shown = show();
  shown.screen.take(HOSTS);
  await shown.sees("alpha");
  shown.desk.terminal = new VirtualTerminal(30, 8);
  shown.screen.repaint();
  await shown.sees("alpha");
  // A system that does not tell of it: noticed within a second.
  shown.desk.terminal = new VirtualTerminal(100, 30);
  await shown.sees("alpha");
});

Deno.test("a terminal that takes nothing gets one picture, and the latest one when it does", async () => {
  const desk = new Desk();
  await using shown = show(desk);
  shown.screen.take(HOSTS);
  await shown.sees("alpha");
  const gate = Promise.withResolvers<void>();
  desk.gate = gate.promise;
  const before = desk.pictures;
  for (let n = 0; n < 50; n++) {
    shown.screen.take(
      push("message", { messages: [messageJson(n + 1, "alpha", `{"n":${n}}`)], skipped: 0 }),
    );
    shown.screen.repaint();
  }
  assertEquals(desk.pictures, before + 1);
  gate.resolve();
  desk.gate = Promise.resolve();
  await shown.sees("n=19");
});

Deno.test("a terminal that is gone ends it", async () => {
  await using shown = show();
  shown.desk.hangUp();
  assertEquals(await shown.screen.ended, { kind: "lost" } satisfies ScreenEnd);
});

Deno.test("a mistake in it gives the terminal back and says what it was", async () => {
  const error = new Error("a mistake");
  let isWrong = false;
  await using shown = show(new Desk(), () => {
    if (isWrong) throw error;
    return FACTS;
  });
  assert(shown.desk.isOpen);
  isWrong = true;
  shown.screen.take(HOSTS);
  assertEquals(await shown.screen.ended, { kind: "failed", error } satisfies ScreenEnd);
  assert(!shown.desk.isOpen);
});

Deno.test("who leaves waits for the picture that is being written, and for no other", async () => {
  const desk = new Desk();
  await using shown = show(desk);
  const gate = Promise.withResolvers<void>();
  desk.gate = gate.promise;
  shown.screen.take(HOSTS);
  const before = desk.pictures;
  await eventually(() => assertEquals(desk.pictures, before + 1));
  const left = shown.screen.leave();
  assert(desk.isOpen);
  shown.screen.repaint();
  gate.resolve();
  await left;
  assert(!desk.isOpen);
  assertEquals(desk.pictures, before + 1);
});
