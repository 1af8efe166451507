/**
 * The UDP side of the server put together: the socket, the door behind it, and a look at what the
 * kernel had to drop, so that no loss is silent.
 */

import { getLogger } from "@logtape/logtape";
import type { DropLog } from "./doors/drop_log.ts";
import { kernelDrops } from "./doors/kernel_drops.ts";
import { type UdpCounters, UdpDoor, type UdpDoorOptions } from "./doors/udp.ts";
import { UdpSocket } from "./doors/udp_socket.ts";

const log = getLogger(["hbd", "udp"]);

/** How often the kernel's count is looked at, and told of at most. */
const LOOK_MS = 2000;
const TELL_MS = 60_000;

/** The UDP port could not be bound; `cause` is what Deno said. */
export class UdpBindError extends Error {
  override readonly name = "UdpBindError";
}

export interface UdpServiceOptions extends Omit<UdpDoorOptions, "onDropped"> {
  readonly hostname: string;
  readonly port: number;
  readonly drops: DropLog;
}

export class UdpService implements AsyncDisposable {
  readonly #nowMs: () => number;
  #socket: UdpSocket | null = null;
  #door: UdpDoor | null = null;
  #looking: ReturnType<typeof setInterval> | null = null;
  #kernelDrops: number | null = null;
  #overloadDrops = 0;
  #unsent = 0;
  #toldMs = -Infinity;

  private constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Binds the port and begins to receive. Rejects with a UdpBindError. */
  static async open(options: UdpServiceOptions): Promise<UdpService> {
    const { hostname, port, drops, nowMs } = options;
    const service = new UdpService(nowMs);
    const door = new UdpDoor({ ...options, onDropped: (reason, ip) => drops.drop(reason, ip) });
    const waiting: Parameters<UdpDoor["take"]>[0][] = [];
    const socket = await UdpSocket.open({
      hostname,
      port,
      onBatch: (batch) => {
        // The first batch may be here before the socket is.
        if (service.#socket === null) waiting.push(batch);
        else door.take(batch, service.#socket);
      },
      onDropped: (count) => service.#dropped(count),
      onUnsent: (count, reason) => {
        service.#unsent += count;
        log.debug("{count} answers could not be sent: {reason}", { count, reason });
      },
    }).catch((error) => {
      throw new UdpBindError(String(error), { cause: error });
    });
    service.#socket = socket;
    service.#door = door;
    for (const batch of waiting) door.take(batch, socket);
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
      received: this.#door?.received ?? 0,
      kernelDrops: this.#kernelDrops,
      overloadDrops: this.#overloadDrops,
      unsent: this.#unsent,
    };
  }

  /** Stops receiving; what was received by then is taken. */
  async close(): Promise<void> {
    if (this.#looking !== null) clearInterval(this.#looking);
    await this.#socket?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
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
    const nowMs = this.#nowMs();
    if (Math.abs(nowMs - this.#toldMs) < TELL_MS) return;
    this.#toldMs = nowMs;
    log.warn(text, values);
  }
}
