/** The UDP socket in its Worker, over real sockets of this machine. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { forEachDatagram } from "../../src/doors/datagram_batch.ts";
import { UdpSocket, type UdpSocketOptions } from "../../src/doors/udp_socket.ts";
import type { Order } from "./datagram_sender.ts";

const LIMIT_MS = 20_000;

interface Received {
  readonly text: string;
  readonly address: string;
  readonly port: number;
  readonly receivedMs: number;
}

/** A socket that keeps what it receives. */
async function listen(hostname: string, more: Partial<UdpSocketOptions> = {}) {
  const received: Received[] = [];
  const decoder = new TextDecoder();
  const socket = await UdpSocket.open({
    hostname,
    port: 0,
    onBatch: (batch) =>
      forEachDatagram(batch, (bytes, address, port) => {
        const { receivedMs } = batch;
        received.push({ text: decoder.decode(bytes), address, port, receivedMs });
      }),
    onDropped: (count) => assertEquals(count, 0),
    onFailed: (error) => {
      throw error;
    },
    onUnsent: (count, reason) => assertEquals([count, reason], [0, ""]),
    ...more,
  });
  return { socket, received };
}

function client(hostname: string) {
  const socket = Deno.listenDatagram({ transport: "udp", hostname, port: 0 });
  const encoder = new TextEncoder();
  const { port } = socket.addr as Deno.NetAddr;
  return {
    port,
    send: (text: string, to: number) =>
      socket.send(encoder.encode(text), { transport: "udp", hostname, port: to }),
    async receive(): Promise<string> {
      const [bytes] = await socket.receive();
      return new TextDecoder().decode(bytes);
    },
    [Symbol.dispose]: () => socket.close(),
  };
}

/** Waits until `check` is true. */
async function eventually(check: () => boolean): Promise<void> {
  const limit = Date.now() + LIMIT_MS;
  while (!check()) {
    assert(Date.now() < limit, "Waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const NETS = [
  { bind: "127.0.0.1", from: "127.0.0.1", seenAs: "127.0.0.1" },
  { bind: "0.0.0.0", from: "127.0.0.1", seenAs: "127.0.0.1" },
  { bind: "::1", from: "::1", seenAs: "::1" },
  { bind: "::", from: "::1", seenAs: "::1" },
  { bind: "::", from: "127.0.0.1", seenAs: "::ffff:127.0.0.1" },
] as const;

for (const { bind, from, seenAs } of NETS) {
  Deno.test(`a socket on ${bind} hears ${from}, and its answer comes back there`, async () => {
    const beforeMs = Date.now();
    const { socket, received } = await listen(bind);
    await using _closing = socket;
    using sender = client(from);
    assert(socket.addr.port > 0);
    await sender.send("hello", socket.addr.port);
    await eventually(() => received.length === 1);
    const [first] = received;
    assertEquals([first?.text, first?.address, first?.port], ["hello", seenAs, sender.port]);
    const receivedMs = first?.receivedMs ?? 0;
    assert(receivedMs >= beforeMs && receivedMs <= Date.now());
    socket.send(new TextEncoder().encode("answer 1"), seenAs, sender.port);
    socket.send(new TextEncoder().encode("answer 2"), seenAs, sender.port);
    socket.flush();
    assertEquals([await sender.receive(), await sender.receive()], ["answer 1", "answer 2"]);
  });
}

Deno.test("the largest datagram there is comes through whole, and so does an empty one", async () => {
  const { socket, received } = await listen("127.0.0.1");
  await using _closing = socket;
  using sender = client("127.0.0.1");
  await sender.send("x".repeat(65_507), socket.addr.port);
  await sender.send("", socket.addr.port);
  await eventually(() => received.length === 2);
  assertEquals(received.map(({ text }) => text.length), [65_507, 0]);
});

Deno.test("a port that is taken is said as AddrInUse, an address that is not ours as such", async () => {
  const { socket } = await listen("127.0.0.1");
  await using _closing = socket;
  const { port } = socket.addr;
  await assertRejects(() => listen("127.0.0.1", { port }), Deno.errors.AddrInUse);
  await assertRejects(() => listen("192.0.2.1"), Deno.errors.AddrNotAvailable);
});

Deno.test("what was sent before close() is still handed over, and the port is free after it", async () => {
  const { socket, received } = await listen("127.0.0.1");
  using sender = client("127.0.0.1");
  await sender.send("first", socket.addr.port);
  await eventually(() => received.length === 1);
  socket.send(new TextEncoder().encode("last answer"), "127.0.0.1", sender.port);
  await socket.close();
  await socket.close();
  assertEquals(await sender.receive(), "last answer");
  const again = await listen("127.0.0.1", { port: socket.addr.port });
  await again.socket.close();
});

Deno.test("an answer that cannot be sent is reported, and the socket goes on", async () => {
  const unsent: number[] = [];
  const { socket, received } = await listen("127.0.0.1", {
    onUnsent: (count) => void unsent.push(count),
  });
  await using _closing = socket;
  using sender = client("127.0.0.1");
  // An IPv4 socket cannot reach an IPv6 address; nor can anything send 70,000 bytes at once.
  socket.send(new Uint8Array(1), "::1", sender.port);
  socket.send(new Uint8Array(70_000), "127.0.0.1", sender.port);
  socket.send(new TextEncoder().encode("good"), "127.0.0.1", sender.port);
  socket.flush();
  assertEquals(await sender.receive(), "good");
  await eventually(() => unsent.length > 0);
  assertEquals(unsent, [2]);
  await sender.send("still there", socket.addr.port);
  await eventually(() => received.length === 1);
});

Deno.test("while the main thread stands still nothing of 3000 datagrams is lost", async () => {
  const { socket, received } = await listen("127.0.0.1");
  await using _closing = socket;
  const sender = new Worker(new URL("./datagram_sender.ts", import.meta.url), { type: "module" });
  try {
    await new Promise((resolve) => sender.onmessage = resolve);
    const flag = new Int32Array(new SharedArrayBuffer(4));
    const order: Order = { port: socket.addr.port, count: 3000, flag };
    sender.postMessage(order);
    // The thread stands still from here until all has been sent, and for 300 ms at least.
    const startMs = Date.now();
    assert(
      Atomics.wait(flag, 0, 0, LIMIT_MS) !== "timed-out",
      "The sender did not come to its end",
    );
    Atomics.wait(flag, 0, 1, Math.max(0, 300 - (Date.now() - startMs)));
    const endMs = Date.now();
    assertEquals(received.length, 0, "The main thread did not stand still");
    await eventually(() => received.length >= 3000);
    assertEquals(
      received.map(({ text }) => Number(text)),
      Array.from({ length: 3000 }, (_, n) => n),
    );
    assert(received.every(({ receivedMs }) => receivedMs <= endMs), "Received after the stall");
  } finally {
    sender.terminate();
  }
});
