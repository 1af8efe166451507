/**
 * The screen: takes messages of the feed, log lines and keys, and draws. It is drawn when something
 * has happened, a few times a second at most, and once a second for what tells how long ago it was.
 *
 * One picture is written at a time: a terminal that takes nothing gets no more of them, and delays
 * nobody. A mistake in here ends the screen and nothing else.
 */

import type { Facts } from "./context.ts";
import { Controls } from "./controls.ts";
import { parseFeedMessage } from "./feed_message.ts";
import { frameOf } from "./frame.ts";
import { type Key, KeyReader } from "./keys.ts";
import { Model } from "./model.ts";
import { Painter } from "./painter.ts";
import type { Size } from "./tty.ts";

/** Messages that come together are drawn together, milliseconds. */
const TOGETHER_MS = 25;

const SECOND_MS = 1000;

/** A lone Escape is one when nothing follows for so long, milliseconds. */
const ESCAPE_MS = 50;

/** A picture that is being written when the screen is left gets this long, milliseconds. */
const LAST_MS = 200;

/** The terminal, as `Tty` is one. */
export interface Surface {
  open(): void;
  close(): void;
  size(): Size;
  write(text: string): Promise<void>;
  read(into: Uint8Array): Promise<number | null>;
  suspend(): Promise<void>;
}

export interface ScreenOptions {
  readonly surface: Surface;
  /** Asked with every picture. */
  readonly facts: (model: Model) => Facts;
  readonly colour: boolean;
  /** The clock of this machine, epoch milliseconds. */
  readonly nowMs: () => number;
}

/** Why the screen is over: it was left, the terminal is gone, or there is a mistake in it. */
export type ScreenEnd =
  | { readonly kind: "quit" | "lost" }
  | { readonly kind: "failed"; readonly error: unknown };

export class Screen {
  readonly model: Model;
  /** Settles when the screen is over. */
  readonly ended: Promise<ScreenEnd>;
  readonly #options: ScreenOptions;
  readonly #end: (end: ScreenEnd) => void;
  readonly #controls = new Controls();
  readonly #painter = new Painter();
  #size: Size = { columns: 80, rows: 24 };
  #isOpen = false;
  #isSuspended = false;
  #isLeaving = false;
  /** Settles when the last picture is out. */
  #written: Promise<void> = Promise.resolve();
  #isWriting = false;
  #isDue = false;
  #soon: ReturnType<typeof setTimeout> | null = null;
  #seconds: ReturnType<typeof setInterval> | null = null;

  constructor(options: ScreenOptions) {
    this.#options = options;
    this.model = new Model(options.nowMs);
    const { promise, resolve } = Promise.withResolvers<ScreenEnd>();
    this.ended = promise;
    this.#end = resolve;
  }

  /** Takes the terminal over and begins to draw. */
  open(): void {
    this.#options.surface.open();
    this.#isOpen = true;
    this.#seconds = setInterval(() => this.#guarded(() => this.#second()), SECOND_MS);
    void this.#readKeys();
    this.#guarded(() => this.#draw());
  }

  /** Gives the terminal back as soon as no picture is being written, which would come after that. */
  async leave(): Promise<void> {
    this.#isLeaving = true;
    await this.#settled();
    this.close();
  }

  /** Gives the terminal back at once. Does nothing when that is done. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (this.#seconds !== null) clearInterval(this.#seconds);
    if (this.#soon !== null) clearTimeout(this.#soon);
    this.#options.surface.close();
    this.#end({ kind: "quit" });
  }

  /** Takes a message of the feed. */
  take(json: string): void {
    if (!this.#isOpen) return;
    this.#guarded(() => {
      const message = parseFeedMessage(json);
      if (message !== null) this.model.take(message);
      this.#drawSoon();
    });
  }

  /** The connection of the feed is gone. */
  lost(why: string): void {
    this.model.lost(why);
    this.#drawSoon();
  }

  /** Shows what the program says of itself. */
  log(text: string, isTrouble: boolean): void {
    this.model.log.own(text, isTrouble, this.model.serverMs);
    this.#drawSoon();
  }

  /** The window has another size, or may show anything: all is drawn anew. */
  repaint(): void {
    this.#painter.forget();
    this.#guarded(() => this.#draw());
  }

  /** The program goes on after it was stopped, by somebody else than a key of its own. */
  resumed(): void {
    if (!this.#isOpen || this.#isSuspended) return;
    this.#guarded(() => this.#options.surface.open());
    this.repaint();
  }

  #second(): void {
    this.model.log.second(this.model.serverMs);
    this.#draw();
  }

  #drawSoon(): void {
    if (this.#soon !== null || !this.#isOpen) return;
    this.#soon = setTimeout(() => {
      this.#soon = null;
      this.#guarded(() => this.#draw());
    }, TOGETHER_MS);
  }

  #draw(): void {
    if (!this.#isOpen || this.#isSuspended || this.#isLeaving) return;
    const { surface, facts, colour } = this.#options;
    const size = surface.size();
    const { model } = this;
    const controls = this.#controls;
    // Also makes the moves, so that it is done for every key.
    const lines = frameOf({ model, controls, facts: facts(model), colour, size });
    this.#isDue = this.#isWriting;
    if (this.#isWriting) return;
    if (size.columns !== this.#size.columns || size.rows !== this.#size.rows) {
      this.#painter.forget();
    }
    this.#size = size;
    const text = this.#painter.paint(lines);
    if (text !== "") this.#written = this.#write(text);
  }

  async #write(text: string): Promise<void> {
    this.#isWriting = true;
    try {
      await this.#options.surface.write(text);
    } catch {
      this.#end({ kind: "lost" });
    } finally {
      this.#isWriting = false;
    }
    if (this.#isDue) this.#guarded(() => this.#draw());
  }

  async #readKeys(): Promise<void> {
    const reader = new KeyReader();
    const bytes = new Uint8Array(1024);
    let escape: ReturnType<typeof setTimeout> | undefined;
    while (this.#isOpen) {
      const read = await this.#options.surface.read(bytes);
      clearTimeout(escape);
      if (read === null) return this.#end({ kind: "lost" });
      const keys = reader.take(bytes.subarray(0, read));
      this.#guarded(() => this.#press(keys));
      if (this.#isSuspended) await this.#suspend();
      if (reader.isWaiting) {
        escape = setTimeout(() => this.#guarded(() => this.#press(reader.rest())), ESCAPE_MS);
      }
    }
  }

  #press(keys: readonly Key[]): void {
    for (const [at, key] of keys.entries()) {
      const hasTable = this.model.hosts.size > 1;
      switch (this.#controls.press(key, hasTable, this.model.log.last)) {
        case "quit":
          return this.#end({ kind: "quit" });
        case "suspend":
          this.#isSuspended = true;
          return;
        case "repaint":
          this.#painter.forget();
      }
      // Each key is seen to before the next one: Enter opens what the arrow before it has marked.
      // But letters are taken together: thousands come at once where a terminal tells no paste.
      const isRun = key.kind === "character" && keys[at + 1]?.kind === "character";
      if (this.#isOpen && !isRun) this.#draw();
    }
  }

  async #suspend(): Promise<void> {
    await this.#settled();
    try {
      await this.#options.surface.suspend();
    } catch {
      this.#end({ kind: "lost" });
    }
    this.#isSuspended = false;
    // It may be over by now.
    if (!this.#isOpen) this.#options.surface.close();
    this.repaint();
  }

  /** Waits for the picture that is being written, if the terminal takes it. */
  async #settled(): Promise<void> {
    let limit: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => limit = setTimeout(resolve, LAST_MS));
    await Promise.race([this.#written, late]);
    clearTimeout(limit);
  }

  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#end({ kind: "failed", error });
      this.close();
    }
  }
}
