/**
 * Plain terminal output, as the simple logger had it: a block for each beat, a line for each alert.
 * When more than 20 beats come in a second, a summary line a second takes the place of the blocks.
 */

import { bold, cyan, dim, green, red, yellow } from "@std/fmt/colors";
import type { LocalTime } from "../wire/local_time.ts";
import type { HostEvent } from "../monitor/events.ts";
import type { Outlet, ReceivedMessage } from "../monitor/outlet.ts";
import type { Message } from "../wire/message.ts";
import { seconds } from "./format.ts";
import { printable } from "./printable.ts";
import type { Terminal } from "./terminal.ts";

/** Blocks, and alerts, shown in one second. */
const SHOWN_PER_SECOND = 20;

const RULE = "─".repeat(60);

type Paint = (text: string) => string;
const unpainted: Paint = (text) => text;

/** Shows beats and events on a terminal; call `second()` once a second. */
export class PlainScreen implements Outlet {
  readonly #terminal: Terminal;
  readonly #time: LocalTime;
  readonly #colour: boolean;
  #beats = 0;
  #late = 0;
  #events = 0;
  #down = 0;
  #up = 0;
  #busy = false;

  constructor(terminal: Terminal, time: LocalTime, colour: boolean) {
    this.#terminal = terminal;
    this.#time = time;
    this.#colour = colour;
  }

  message({ message, late, atMs }: ReceivedMessage): void {
    this.#beats++;
    if (late) this.#late++;
    if (this.#busy || this.#beats > SHOWN_PER_SECOND) return;
    const marks = `${late ? this.#paint(yellow)("  ⚠ LATE") : ""}${
      message.parseError ? this.#paint(red)("  ⚠ NOT JSON") : ""
    }`;
    const head = `${this.#paint(green)("▶")} ${this.#paint(bold)(this.#time.spaced(atMs))}  ` +
      `${this.#paint(cyan)(printable(message.ip))}  →  ${
        message.transport === "udp" ? "UDP " : ""
      }${printable(message.path)}${marks}`;
    const rule = this.#paint(dim)(RULE);
    this.#terminal.print(`${rule}\n${head}\n${pretty(message)}\n${rule}\n`);
  }

  event(event: HostEvent): void {
    if (event.type === "missed") return;
    if (event.type === "down") this.#down++;
    else if (event.type === "up") this.#up++;
    if (++this.#events > SHOWN_PER_SECOND) return;
    this.#terminal.print(this.#textOf(event));
  }

  /** Ends a second that began when this was last called. */
  second(atMs: number): void {
    const tooManyEvents = this.#events > SHOWN_PER_SECOND;
    if (this.#beats > SHOWN_PER_SECOND || tooManyEvents) {
      const late = this.#late === 0 ? "" : this.#paint(yellow)(`, ${this.#late} late`);
      const down = tooManyEvents && this.#down > 0
        ? this.#paint(red)(`, ${this.#down} went down`)
        : "";
      const up = tooManyEvents && this.#up > 0 ? this.#paint(green)(`, ${this.#up} came back`) : "";
      this.#terminal.print(
        `${
          this.#paint(bold)(this.#time.spaced(atMs))
        }  ${this.#beats} beats/s${late}${down}${up}\n`,
      );
    }
    this.#busy = this.#beats > SHOWN_PER_SECOND;
    this.#beats =
      this.#late =
      this.#events =
      this.#down =
      this.#up =
        0;
  }

  #textOf(event: HostEvent): string {
    if (event.type === "down") return this.#alert(event);
    if (event.type === "up") return this.#recovery(event);
    const text = "↻  Rebooted since its last message, without saying so";
    return `${this.#paint(yellow)(text)}  ${this.#paint(bold)(printable(event.host))}\n`;
  }

  #alert({ host, reason, silenceMs, intervalMs, graceMs, isScheduled }: HostEvent): string {
    if (reason !== undefined) {
      const text = `⚠  ALERT: ${printable(reason)}`;
      return `${this.#paint(red)(text)}  ${this.#paint(bold)(printable(host))}\n`;
    }
    const silence = seconds(silenceMs / 1000);
    const expected = intervalMs === null || graceMs === null
      ? ""
      : isScheduled
      ? ` (due ${seconds((silenceMs - intervalMs) / 1000)} ago)`
      : ` (expected every ${seconds(intervalMs / 1000)} ±${
        Math.round(graceMs / intervalMs * 100)
      }%)`;
    const text = `⚠  ALERT: No heartbeat for ${silence}${expected}`;
    return `${this.#paint(red)(text)}  ${this.#paint(bold)(printable(host))}\n`;
  }

  #recovery({ host, silenceMs }: HostEvent): string {
    const text = `✓  Heartbeat again after ${seconds(silenceMs / 1000)}`;
    return `${this.#paint(green)(text)}  ${this.#paint(bold)(printable(host))}\n`;
  }

  #paint(paint: Paint): Paint {
    return this.#colour ? paint : unpainted;
  }
}

function pretty({ payload, payloadText }: Message): string {
  try {
    return printable(JSON.stringify(payload, null, 2));
  } catch {
    // Nested too deeply to be indented.
    return printable(payloadText);
  }
}
