/**
 * The UDP side of the server put together: the socket, the door behind it, and a look at what the
 * kernel had to drop, so that no loss is silent.
 */

import { getLogger } from "@logtape/logtape";
import type { DatagramBatch } from "./doors/datagram_batch.ts";
import type { DropLog } from "./doors/drop_log.ts";
import { kernelDrops } from "./doors/kernel_drops.ts";
import { type UdpCounters, UdpDoor, type UdpDoorOptions } from "./doors/udp.ts";
import { UdpSocket } from "./doors/udp_socket.ts";

const log = getLogger(["hbd", "udp"]);

/** How often the kernel's count is looked at, and told of at most. */
const LOOK_MS = 2000;
const TELL_MS = 60_000;

/** Time between two attempts to open a socket that failed. */
const REOPEN_MS = 1000;

/** The UDP port could not be bound; `cause` is what Deno said. */
export class UdpBindError extends Error {
  override readonly name = "UdpBindError";
}

export interface UdpServiceOptions extends Omit<UdpDoorOptions, "onDropped"> {
  readonly hostname: string;
  readonly port: number;
  readonly drops: DropLog;
  /** The socket failed with an error, or works again: null. */
  readonly onTrouble: (error: Error | null) => void;
}

export class UdpService implements AsyncDisposable {
  readonly #options: UdpServiceOptions;
  readonly #door: UdpDoor;
  #socket: UdpSocket | null = null;
  #looking: ReturnType<typeof setInterval> | null = null;
  #kernelDrops: number | null = null;
  #overloadDrops = 0;
  #unsent = 0;
  #toldMs = -Infinity;
  #reopening: ReturnType<typeof setTimeout> | null = null;
  #closed = false;

  private constructor(options: UdpServiceOptions) {
    this.#options = options;
    const { drops } = options;
    this.#door = new UdpDoor({ ...options, onDropped: (reason, ip) => drops.drop(reason, ip) });
  }

  /** Binds the port and begins to receive. Rejects with a UdpBindError. */
  static async open(options: UdpServiceOptions): Promise<UdpService> {
    const service = new UdpService(options);
    try {
      await service.#open(options.port);
    } catch (error) {
      throw new UdpBindError(String(error), { cause: error });
    }
    service.#looking = setInterval(() => void service.#look(), LOOK_MS);
    await service.#look();
    return service;
  }

  /** The address that is really bound. */
  get addr(): Deno.NetAddr | null {
    return this.#socket?.addr ?? null;
  }

  counters(): UdpCounters {
    return {
      port: this.#socket?.addr.port ?? 0,
      received: this.#door.received,
      kernelDrops: this.#kernelDrops,
      overloadDrops: this.#overloadDrops,
      unsent: this.#unsent,
    };
  }

  /** Stops receiving; what was received by then is taken. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#looking !== null) clearInterval(this.#looking);
    if (this.#reopening !== null) clearTimeout(this.#reopening);
    await this.#socket?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #open(port: number): Promise<void> {
    const waiting: DatagramBatch[] = [];
    let socket: UdpSocket | null = null;
    socket = await UdpSocket.open({
      hostname: this.#options.hostname,
      port,
      onBatch: (batch) => {
        // The first batch may be here before the socket is.
        if (socket === null) waiting.push(batch);
        else this.#door.take(batch, socket);
      },
      onDropped: (count) => this.#dropped(count),
      onFailed: (error) => this.#failed(error, socket),
      onUnsent: (count, reason) => {
        this.#unsent += count;
        log.debug("{count} answers could not be sent: {reason}", { count, reason });
      },
    });
    this.#socket = socket;
    for (const batch of waiting) this.#door.take(batch, socket);
  }

  /** The socket is gone, which must never be: it is opened anew until that works. */
  #failed(error: Error, socket: UdpSocket | null): void {
    // Where there is no socket yet, whoever opens it is told.
    if (socket === null || this.#closed) return;
    this.#options.onTrouble(error);
    const { port } = socket.addr;
    this.#reopening = setTimeout(async () => {
      try {
        await socket.close();
        await this.#open(port);
        this.#options.onTrouble(null);
      } catch (again) {
        this.#failed(again instanceof Error ? again : new Error(String(again)), socket);
      }
    }, REOPEN_MS);
  }

  #dropped(count: number): void {
    this.#overloadDrops += count;
    this.#tell("{count} datagrams dropped so far: the server is too far behind", {
      count: this.#overloadDrops,
    });
  }

  async #look(): Promise<void> {
    const before = this.#kernelDrops ?? 0;
    this.#kernelDrops = await kernelDrops(this.#socket?.addr.port ?? 0);
    if ((this.#kernelDrops ?? 0) <= before) return;
    this.#tell(
      "{count} datagrams dropped by the kernel so far: its buffer is too small for such bursts. " +
        "See net.core.rmem_default in docs/DEPLOY.md",
      { count: this.#kernelDrops },
    );
  }

  #tell(text: string, values: Record<string, unknown>): void {
    const nowMs = this.#options.nowMs();
    if (Math.abs(nowMs - this.#toldMs) < TELL_MS) return;
    this.#toldMs = nowMs;
    log.warn(text, values);
  }
}
