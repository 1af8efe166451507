/** The UDP socket as the main thread sees it; it lives in a Worker (`udp_worker.ts`). */

import { BatchWriter, type DatagramBatch, transferOf, weightOf } from "./datagram_batch.ts";
import type { FromWorker, ToWorker } from "./udp_worker.ts";

export interface UdpSocketOptions {
  /** IP address or host name to listen on. */
  readonly hostname: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** Called with each batch of datagrams. */
  readonly onBatch: (batch: DatagramBatch) => void;
  /** Datagrams were dropped because the main thread was too far behind. */
  readonly onDropped: (count: number) => void;
  /** The socket is gone: its Worker has failed. It is not opened again by itself. */
  readonly onFailed: (error: Error) => void;
  /** Answers could not be sent. */
  readonly onUnsent: (count: number, reason: string) => void;
}

export class UdpSocket implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #answers = new BatchWriter();
  readonly #ended: Promise<void>;
  #closed = false;
  /** The address that is really bound. */
  readonly addr: Deno.NetAddr;

  private constructor(worker: Worker, addr: Deno.NetAddr, ended: Promise<void>) {
    this.#worker = worker;
    this.#ended = ended;
    this.addr = addr;
  }

  /** Binds the socket. Rejects as `Deno.listenDatagram` throws. */
  static async open(options: UdpSocketOptions): Promise<UdpSocket> {
    const { hostname, port, onBatch, onDropped, onFailed, onUnsent } = options;
    const worker = new Worker(new URL("./udp_worker.ts", import.meta.url), { type: "module" });
    const tell = (message: ToWorker) => worker.postMessage(message);
    const opened = Promise.withResolvers<Deno.NetAddr>();
    const closed = Promise.withResolvers<void>();
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      switch (data.say) {
        case "open":
          return opened.resolve({ transport: "udp", hostname: data.hostname, port: data.port });
        case "failed":
          return opened.reject(errorOf(data.name, data.message));
        case "received":
          if (data.dropped > 0) onDropped(data.dropped);
          onBatch(data.batch);
          return tell({ do: "done", bytes: weightOf(data.batch) });
        case "closed":
          return closed.resolve();
        case "unsent":
          return onUnsent(data.count, data.message);
      }
    };
    worker.onerror = (event) => {
      event.preventDefault();
      const error = new Error(`UDP socket's Worker failed: ${event.message}`);
      opened.reject(error);
      closed.resolve();
      onFailed(error);
    };
    try {
      tell({ do: "open", hostname, port });
      return new UdpSocket(worker, await opened.promise, closed.promise);
    } catch (error) {
      worker.terminate();
      throw error;
    }
  }

  /** Sends a datagram with the next `flush()`. */
  send(datagram: Uint8Array, hostname: string, port: number): void {
    this.#answers.add(datagram, hostname, port, 0);
  }

  /** Sends what was given to `send()`. */
  flush(): void {
    if (this.#answers.count === 0 || this.#closed) return;
    const batch = this.#answers.take();
    this.#worker.postMessage({ do: "send", batch } satisfies ToWorker, transferOf(batch));
  }

  /** Stops receiving, and lets what was received by then come through. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.flush();
    this.#closed = true;
    this.#worker.postMessage({ do: "close" } satisfies ToWorker);
    await this.#ended;
    this.#worker.terminate();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** The error of the Worker, as the class it had there. */
function errorOf(name: string, message: string): Error {
  if (name === "AddrInUse") return new Deno.errors.AddrInUse(message);
  if (name === "AddrNotAvailable") return new Deno.errors.AddrNotAvailable(message);
  if (name === "PermissionDenied") return new Deno.errors.PermissionDenied(message);
  return new Error(message);
}
