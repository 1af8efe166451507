/**
 * Commands for hosts: queued by people, sent when the host speaks, repeated until it says what
 * became of them or they expire. The queue is in the store before anybody is told that it was
 * queued.
 *
 * Only clients that sign get commands, and they run only what their own configuration names.
 */

import { getLogger } from "@logtape/logtape";
import type { Outlet, ReceivedMessage } from "../monitor/outlet.ts";
import type { Fields } from "../wire/datagram.ts";
import type { MessageFacts } from "../wire/message.ts";

const log = getLogger(["hbd", "commands"]);

/** A command, as it is kept. Times are epoch milliseconds. */
export interface Command {
  readonly id: string;
  readonly host: string;
  /** The name under which the client's configuration has it. */
  readonly cmd: string;
  readonly args: readonly string[];
  readonly queuedMs: number;
  /** After this it is not sent any more. */
  readonly expiresMs: number;
  readonly result: {
    readonly atMs: number;
    /** Exit code; null when it could not be run or was ended by force. */
    readonly exit: number | null;
    readonly output: string;
  } | null;
}

/** Where commands are kept. */
export interface CommandStore {
  saveCommand(command: Command): Promise<void>;
  removeCommand(command: Command): Promise<void>;
  loadCommands(): Promise<readonly Command[]>;
}

/** Commands kept for one host, with their results; finished ones are forgotten first. */
const PER_HOST = 50;

/** Hosts with commands. */
const HOSTS = 100_000;

/** A command is repeated at most this often. */
const REPEAT_MS = 2000;

/** Longest command with its arguments, bytes of JSON: far less than fits a datagram. */
const MAX_COMMAND_BYTES = 16_384;

/** Characters of output that are kept: as much as the store takes for sure, and clients send less. */
const MAX_OUTPUT = 16_384;

/** Commands sent at once to one host. */
const AT_ONCE = 5;

/** A command does not fit a datagram; the message says how long it may be. */
export class CommandTooLong extends Error {
  override readonly name = "CommandTooLong";
}

/** Too many commands wait, for this host or in all; the message says which. */
export class QueueFull extends Error {
  override readonly name = "QueueFull";
}

export class CommandQueue implements Outlet {
  readonly #store: CommandStore;
  readonly #nowMs: () => number;
  /** Of each host, the oldest first. */
  readonly #hosts = new Map<string, Command[]>();
  readonly #sentMs = new Map<string, number>();

  constructor(store: CommandStore, nowMs: () => number) {
    this.#store = store;
    this.#nowMs = nowMs;
  }

  /** Reads what the store has. */
  async load(): Promise<void> {
    const commands = [...await this.#store.loadCommands()];
    for (const command of commands.sort((a, b) => a.queuedMs - b.queuedMs)) {
      this.#list(command.host).push(command);
    }
  }

  /**
   * Queues a command. Rejects with a CommandTooLong or a QueueFull, or when the store fails.
   */
  async add(
    host: string,
    cmd: string,
    args: readonly string[],
    lifetimeMs: number,
  ): Promise<Command> {
    if (this.#hosts.size >= HOSTS && !this.#hosts.has(host)) {
      throw new QueueFull(`More than ${HOSTS} hosts have commands`);
    }
    const size = new TextEncoder().encode(JSON.stringify([cmd, ...args])).length;
    if (size > MAX_COMMAND_BYTES) {
      throw new CommandTooLong(
        `A command with its arguments must have at most ${MAX_COMMAND_BYTES} bytes: got ${size}`,
      );
    }
    const queuedMs = this.#nowMs();
    const command: Command = {
      id: crypto.randomUUID(),
      host,
      cmd,
      args,
      queuedMs,
      expiresMs: queuedMs + lifetimeMs,
      result: null,
    };
    const waiting = this.list(host).filter((other) => isWaiting(other, queuedMs)).length;
    if (waiting >= PER_HOST) {
      throw new QueueFull(`${PER_HOST} commands are waiting for this host: none more until then`);
    }
    await this.#store.saveCommand(command);
    const list = this.#list(host);
    list.push(command);
    while (list.length > PER_HOST) {
      const done = list.findIndex((other) => !isWaiting(other, queuedMs));
      const [old] = list.splice(Math.max(0, done), 1);
      if (old === undefined) break;
      this.#sentMs.delete(old.id);
      // Where this fails it is read back at the next start, and forgotten with the next command.
      await this.#store.removeCommand(old).catch((error) => log.warn("{error}", { error }));
    }
    return command;
  }

  /** Forgets the commands of a host that was dropped. Rejects when the store fails. */
  async forget(host: string): Promise<void> {
    const commands = this.#hosts.get(host) ?? [];
    // At once: what is queued from here on is for whoever has that name then.
    this.#hosts.delete(host);
    for (const command of commands) {
      this.#sentMs.delete(command.id);
      await this.#store.removeCommand(command);
    }
  }

  /** The commands of `host`, the newest first. */
  list(host: string): readonly Command[] {
    return [...this.#hosts.get(host) ?? []].reverse();
  }

  /** What must be sent to the host of `message` now. */
  due({ host }: MessageFacts): readonly Fields[] {
    const list = this.#hosts.get(host);
    if (list === undefined) return [];
    const nowMs = this.#nowMs();
    // A clock that was set back must not keep one from being repeated.
    const isRested = ({ id }: Command) =>
      Math.abs(nowMs - (this.#sentMs.get(id) ?? 0)) >= REPEAT_MS;
    const due = list.filter((command) => isWaiting(command, nowMs) && isRested(command))
      .slice(0, AT_ONCE);
    for (const { id } of due) this.#sentMs.set(id, nowMs);
    return due.map(({ id, cmd, args }) => ({ ID: "CMD", id, cmd, args }));
  }

  message({ message, atMs }: ReceivedMessage): void {
    this.learn(message, message.signed, atMs);
  }

  event(): void {}

  /** Takes the result in `message`, if it is one; also when it is read back from the journal. */
  learn(message: MessageFacts, isSigned: boolean, atMs: number): void {
    if (message.kind !== "result" || !isSigned) return;
    const list = this.#hosts.get(message.host) ?? [];
    const index = list.findIndex(({ id }) => id === message.command);
    const command = list[index];
    if (command === undefined || command.result !== null) return;
    const { exit } = message;
    const output = message.output.slice(0, MAX_OUTPUT).toWellFormed();
    const done = { ...command, result: { atMs, exit, output } };
    list[index] = done;
    this.#sentMs.delete(done.id);
    this.#store.saveCommand(done).catch((error) => {
      log.error("Result of {cmd} on {host} could not be kept: {error}", {
        cmd: done.cmd,
        host: done.host,
        error: String(error),
      });
    });
  }

  #list(host: string): Command[] {
    let list = this.#hosts.get(host);
    if (list === undefined) this.#hosts.set(host, list = []);
    return list;
  }
}

function isWaiting({ result, expiresMs }: Command, nowMs: number): boolean {
  return result === null && nowMs < expiresMs;
}
