/**
 * A Worker that sends datagrams on its own, while the thread of the test stands still. Posted
 * `{ port, count, flag }`, it sends `count` numbered ones to 127.0.0.1 and then wakes whoever waits
 * for `flag` (an Int32Array in shared memory) to become 1.
 */

/** Small bursts with pauses, so that the kernel's buffer holds them while the receiver gets its turn. */
const BURST = 15;
const PAUSE_MS = 2;

/** What the test tells the Worker. */
export interface Order {
  readonly port: number;
  readonly count: number;
  readonly flag: Int32Array;
}

async function sendAll({ port, count, flag }: Order): Promise<void> {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const encoder = new TextEncoder();
  for (let n = 0; n < count; n++) {
    const to = { transport: "udp", hostname: "127.0.0.1", port } as const;
    await socket.send(encoder.encode(String(n)), to);
    if (n % BURST === BURST - 1) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  socket.close();
  Atomics.store(flag, 0, 1);
  Atomics.notify(flag, 0);
}

/** The global scope of a Worker, of which the compiler knows nothing here. */
const scope = self as unknown as Pick<Worker, "postMessage" | "onmessage">;
scope.onmessage = ({ data }: MessageEvent<Order>) => void sendAll(data);
scope.postMessage("ready");
