/**
 * Tells the service manager (systemd, or whatever speaks sd_notify(3)) how the server is: that it
 * starts, is ready, reloads, stops, and in one line how its hosts are. While the hosts are watched
 * as they should be it also feeds the manager's watchdog: a server that hangs, or whose watch stands
 * still, falls silent and is restarted.
 *
 * One datagram a message, lines of `NAME=value`, to the unix socket that NOTIFY_SOCKET names:
 *
 *     READY=1\nSTATUS=3 hosts, 1 down
 *
 * Nothing here may disturb the server: what cannot be sent is logged once, and that is all.
 */

import { getLogger } from "@logtape/logtape";

const log = getLogger(["hbd", "sd_notify"]);

/** How often the line for people is brought up to date where no watchdog asks for more. */
const STATUS_MS = 10_000;

/** A start that goes on gets this much more time, over and over: a journal can be long. */
const MORE_TIME_MS = 60_000;
const MORE_TIME_EVERY_MS = 20_000;

/** How long a stop waits for what is still to be told. */
const LAST_WORD_MS = 300;

/** How the server is. */
export interface Vitals {
  /** False while its hosts are not watched as they should be. */
  readonly isAlive: boolean;
  /** For people, one line. */
  readonly text: string;
}

/** Where the manager listens, and what it wants. */
export interface ManagerAddress {
  /** Path of a unix socket; one that begins with a zero byte is in Linux' abstract namespace. */
  readonly path: string;
  /** It takes a silence longer than this for a hang, milliseconds; null: it does not watch. */
  readonly watchdogMs: number | null;
}

/**
 * Reads the variables that a service manager sets; null where there is none, or one that speaks over
 * another kind of socket.
 */
export function managerAddress(
  env: (name: string) => string | undefined,
  pid: number,
): ManagerAddress | null {
  const socket = env("NOTIFY_SOCKET") ?? "";
  if (!/^[/@]./.test(socket)) return null;
  const usec = Number(env("WATCHDOG_USEC") ?? "");
  // A watchdog may be meant for another process than this one.
  const isForUs = ["", String(pid)].includes(env("WATCHDOG_PID") ?? "");
  return {
    path: socket.startsWith("@") ? `\0${socket.slice(1)}` : socket,
    watchdogMs: isForUs && Number.isFinite(usec) && usec > 0 ? usec / 1000 : null,
  };
}

export class SdNotify {
  readonly #socket: Deno.DatagramConn;
  readonly #to: Deno.UnixAddr;
  readonly #watchdogMs: number | null;
  #timer: ReturnType<typeof setInterval> | null = null;
  #last: Promise<void> = Promise.resolve();
  #isSending = false;
  #hasFailed = false;
  #status = "";
  #vitals: (() => Vitals) | null = null;

  constructor({ path, watchdogMs }: ManagerAddress) {
    // An empty path has Linux choose a name, in no folder: nothing is left behind.
    this.#socket = Deno.listenDatagram({ transport: "unixpacket", path: "" });
    this.#to = { transport: "unixpacket", path };
    this.#watchdogMs = watchdogMs;
  }

  /**
   * The manager that started this process; null when none did. Its variables are taken away, so that
   * programs started from here do not speak in the server's name.
   */
  static fromEnvironment(): SdNotify | null {
    const address = managerAddress((name) => Deno.env.get(name), Deno.pid);
    for (const name of ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]) Deno.env.delete(name);
    if (address === null) return null;
    try {
      return new SdNotify(address);
    } catch (error) {
      log.warn("The service manager is not told anything: {error}", { error: textOf(error) });
      return null;
    }
  }

  /** The server begins to start; until it is ready, the manager is asked for patience. */
  starting(): void {
    const ask = () => this.#tell(`STATUS=Starting\nEXTEND_TIMEOUT_USEC=${MORE_TIME_MS * 1000}`);
    ask();
    this.#every(MORE_TIME_EVERY_MS, ask);
  }

  /** The server answers. From now on `vitals` is asked in the rhythm of the watchdog. */
  ready(vitals: () => Vitals): void {
    this.#vitals = vitals;
    this.#tell(`READY=1\n${this.#statusLine(vitals().text)}`);
    // A ping a third of the time allowed: late timers leave it well before half of it.
    this.#every(Math.min(STATUS_MS, (this.#watchdogMs ?? Infinity) / 3), () => this.#ping(vitals));
  }

  /** The configuration is being read again; `reloaded` must follow, also where that failed. */
  reloading(): void {
    // Without MONOTONIC_USEC, which only Type=notify-reload wants, and which Deno cannot tell.
    this.#tell("RELOADING=1\nSTATUS=Reading the configuration again");
  }

  /** The reload is over, however it went. */
  reloaded(): void {
    this.#tell(`READY=1\n${this.#statusLine(this.#vitals?.().text ?? "")}`);
  }

  /** The server begins to stop. */
  stopping(): void {
    this.#stopTimer();
    this.#tell("STOPPING=1\nSTATUS=Stopping");
  }

  /** Closes the socket; waits a moment for what is still to be told. */
  async close(): Promise<void> {
    this.#stopTimer();
    const limit = Promise.withResolvers<void>();
    const timer = setTimeout(limit.resolve, LAST_WORD_MS);
    await Promise.race([this.#last, limit.promise]);
    clearTimeout(timer);
    this.#socket.close();
  }

  #ping(vitals: () => Vitals): void {
    // A manager that does not read must not make a queue of pings grow.
    if (this.#isSending) return;
    const { isAlive, text } = vitals();
    const before = this.#status;
    const status = this.#statusLine(isAlive ? text : "The watch stands still");
    if (isAlive && this.#watchdogMs !== null) this.#tell(`WATCHDOG=1\n${status}`);
    else if (status !== before) this.#tell(status);
  }

  #statusLine(text: string): string {
    this.#status = `STATUS=${text.replaceAll(/\s+/g, " ")}`;
    return this.#status;
  }

  #every(ms: number, what: () => void): void {
    this.#stopTimer();
    this.#timer = setInterval(what, ms);
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** In the order of the calls. */
  #tell(message: string): void {
    this.#isSending = true;
    const sent = this.#last = this.#last.then(() => this.#send(message)).finally(() => {
      if (this.#last === sent) this.#isSending = false;
    });
  }

  async #send(message: string): Promise<void> {
    try {
      await this.#socket.send(new TextEncoder().encode(message), this.#to);
      this.#hasFailed = false;
    } catch (error) {
      if (this.#hasFailed) return;
      this.#hasFailed = true;
      log.warn("The service manager could not be told: {error}", { error: textOf(error) });
    }
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
