/**
 * The Worker that owns the UDP socket, so that nothing the main thread does ever keeps a datagram
 * waiting in the socket's small buffer.
 *
 * It copies what comes into batches and posts them: at once when there is little to do, every 4 ms
 * when there is much. When the main thread is so far behind that much waits for it already, what
 * comes is counted and dropped: memory stays bounded. It sends what the main thread asks it to.
 */

import { setPriority } from "node:os";
import {
  BatchWriter,
  type DatagramBatch,
  forEachDatagram,
  transferOf,
  weightOf,
} from "./datagram_batch.ts";

/** What the main thread tells the Worker. */
export type ToWorker =
  | { readonly do: "open"; readonly hostname: string; readonly port: number }
  | { readonly do: "send"; readonly batch: DatagramBatch }
  /** The main thread has dealt with so many bytes. */
  | { readonly do: "done"; readonly bytes: number }
  | { readonly do: "close" };

/** What the Worker tells the main thread. */
export type FromWorker =
  | { readonly say: "open"; readonly hostname: string; readonly port: number }
  | { readonly say: "failed"; readonly name: string; readonly message: string }
  | { readonly say: "received"; readonly batch: DatagramBatch; readonly dropped: number }
  | { readonly say: "closed" }
  | { readonly say: "unsent"; readonly count: number; readonly message: string };

/** Time between two batches when there is much to do. */
const BATCH_MS = 4;

/** A batch this large is posted at once. */
const FULL_BYTES = 1 << 18;

/** Bytes the main thread may be behind before datagrams are dropped. */
const BEHIND_BYTES = 64 << 20;

/** Wait after an error, so that one that lasts does not keep the processor busy. */
const AFTER_ERROR_MS = 10;

/** Largest datagram there is. */
const SCRATCH_BYTES = 65_536;

/** Nice value of the thread that drains the socket: before those that work on what it brings. */
const NICE = -10;

/**
 * Puts this thread before the others, where the system lets us (root, or CAP_SYS_NICE, or
 * LimitNICE= in a systemd unit): a socket's buffer lasts some milliseconds only. Linux alone has
 * priorities of threads; elsewhere the call would be for the whole process.
 */
function comeFirst(): void {
  if (Deno.build.os !== "linux") return;
  try {
    setPriority(0, NICE);
  } catch {
    // Then it waits for its turn like all others.
  }
}

class SocketWorker {
  readonly #post: (message: FromWorker, transfer?: ArrayBuffer[]) => void;
  readonly #batch = new BatchWriter();
  #socket: Deno.DatagramConn | null = null;
  #postedMs = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #behind = 0;
  #dropped = 0;

  constructor(post: (message: FromWorker, transfer?: ArrayBuffer[]) => void) {
    this.#post = post;
  }

  take(message: ToWorker): void {
    switch (message.do) {
      case "open":
        return this.#open(message.hostname, message.port);
      case "send":
        return void this.#send(message.batch);
      case "done":
        this.#behind -= message.bytes;
        return;
      case "close":
        if (this.#timer !== null) clearTimeout(this.#timer);
        this.#flush();
        this.#socket?.close();
        this.#socket = null;
        return this.#post({ say: "closed" });
    }
  }

  #open(hostname: string, port: number): void {
    try {
      this.#socket = Deno.listenDatagram({ transport: "udp", hostname, port });
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      return this.#post({ say: "failed", name, message });
    }
    comeFirst();
    const addr = this.#socket.addr as Deno.NetAddr;
    this.#post({ say: "open", hostname: addr.hostname, port: addr.port });
    void this.#receive(this.#socket);
  }

  async #receive(socket: Deno.DatagramConn): Promise<void> {
    const scratch = new Uint8Array(SCRATCH_BYTES);
    while (this.#socket === socket) {
      try {
        const [datagram, addr] = await socket.receive(scratch);
        const { hostname, port } = addr as Deno.NetAddr;
        this.#received(datagram, hostname, port);
      } catch {
        // Closed; or an error that passes, perhaps caused by an answer of ours.
        await new Promise((resolve) => setTimeout(resolve, AFTER_ERROR_MS));
      }
    }
  }

  #received(datagram: Uint8Array, hostname: string, port: number): void {
    if (this.#behind > BEHIND_BYTES) {
      this.#dropped++;
      return;
    }
    const nowMs = Date.now();
    this.#batch.add(datagram, hostname, port, nowMs);
    if (this.#batch.length > FULL_BYTES || nowMs - this.#postedMs >= BATCH_MS) return this.#flush();
    this.#timer ??= setTimeout(() => this.#flush(), BATCH_MS);
  }

  #flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#batch.count === 0) return;
    this.#postedMs = Date.now();
    const batch = this.#batch.take();
    this.#behind += weightOf(batch);
    const dropped = this.#dropped;
    this.#dropped = 0;
    this.#post({ say: "received", batch, dropped }, transferOf(batch));
  }

  async #send(batch: DatagramBatch): Promise<void> {
    const sends: Promise<unknown>[] = [];
    forEachDatagram(batch, (datagram, hostname, port) => {
      const to = { transport: "udp", hostname, port } as const;
      sends.push(this.#socket?.send(datagram, to) ?? Promise.resolve());
    });
    const failed = (await Promise.allSettled(sends)).filter((send) => send.status === "rejected");
    if (failed.length === 0) return;
    this.#post({ say: "unsent", count: failed.length, message: String(failed[0]?.reason) });
  }
}

/** The global scope of a Worker, of which the compiler knows nothing here. */
const scope = self as unknown as Pick<Worker, "postMessage" | "onmessage">;
const worker = new SocketWorker((message, transfer = []) => scope.postMessage(message, transfer));
scope.onmessage = ({ data }: MessageEvent<ToWorker>) => worker.take(data);
