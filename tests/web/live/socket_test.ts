/** The WebSocket over real connections in this process. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { MAX_CLIENTS } from "../../../src/web/live/feed.ts";
import { eventually, EVERYTHING, House, Picture, Sockets } from "./support.ts";

const HANDSHAKE = [
  "Host: server",
  "Connection: Upgrade",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
];

/** A dashboard that reads all it is sent. */
class Dashboard {
  readonly picture = new Picture();
  readonly types: string[] = [];
  closed: number | null = null;
  readonly socket: WebSocket;

  constructor(port: number) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
    this.socket.onmessage = ({ data }) => {
      const push = JSON.parse(data);
      this.types.push(push.type);
      this.picture.take([push]);
    };
    this.socket.onclose = ({ code }) => this.closed = code;
  }

  total(host: string): number {
    return this.picture.hosts.get(host)?.total ?? 0;
  }
}

/** Sends a handshake by hand; what comes back after the head is not read. */
async function raw(port: number, lines: readonly string[]) {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const head = ["GET /ws HTTP/1.1", ...lines, "", ""].join("\r\n");
  await connection.write(new TextEncoder().encode(head));
  const buffer = new Uint8Array(12);
  let read = 0;
  while (read < buffer.length) {
    const count = await connection.read(buffer.subarray(read));
    if (count === null) break;
    read += count;
  }
  const status = Number(new TextDecoder().decode(buffer).split(" ")[1]);
  return { connection, status };
}

async function statusOf(port: number, lines: readonly string[]): Promise<number> {
  const { connection, status } = await raw(port, lines);
  connection.close();
  return status;
}

Deno.test("a dashboard gets a snapshot and then each beat; a ping is answered", async () => {
  const house = await House.make();
  await using sockets = new Sockets(house);
  house.beat("a");
  const dashboard = new Dashboard(sockets.port);
  await eventually(() => dashboard.total("a") === 1);
  house.beat("a");
  house.beat("b");
  await eventually(() => dashboard.total("a") === 2 && dashboard.total("b") === 1);
  dashboard.socket.send("nonsense");
  dashboard.socket.send('{"type":"ping"}');
  await eventually(() => dashboard.types.includes("pong"));
  assertEquals(dashboard.types[0], "hosts");
  dashboard.socket.send("x".repeat(65_537));
  await eventually(() => dashboard.closed === 1009);
  await eventually(() => house.feed.clients === 0);
});

Deno.test("a stop closes dashboards with 1001, and takes no new ones", async () => {
  const house = await House.make();
  const sockets = new Sockets(house);
  const dashboard = new Dashboard(sockets.port);
  await eventually(() => dashboard.types.length > 0);
  await sockets[Symbol.asyncDispose]();
  await eventually(() => dashboard.closed === 1001);
});

Deno.test("a handshake is taken in any letters, and from this server's own pages alone", async () => {
  const house = await House.make();
  await using sockets = new Sockets(house);
  const { port } = sockets;
  const status = (...lines: string[]) => statusOf(port, [...HANDSHAKE, ...lines]);
  assertEquals(await status("Upgrade: websocket"), 101);
  assertEquals(await status("Upgrade: WebSocket"), 101);
  assertEquals(await status("Upgrade: websocket", "Origin: http://server"), 101);
  assertEquals(await status("Upgrade: websocket", `Origin: http://server:${port}`), 101);
  assertEquals(await status("Upgrade: websocket", "Origin: http://elsewhere"), 403);
  assertEquals(await status("Upgrade: websocket", "Origin: http://server:1234"), 403);
  assertEquals(await status("Upgrade: websocket", "Origin: null"), 403);
  assertEquals(await statusOf(port, ["Host: server"]), 426);
  assertEquals(await statusOf(port, ["Host: server", "Upgrade: websocket"]), 400);
  await eventually(() => house.feed.clients === 0);
});

Deno.test("who may see nothing is refused; who is logged out meanwhile is closed with 4401", async () => {
  const house = await House.make();
  let isLoggedIn = false;
  await using sockets = new Sockets(house, () => isLoggedIn ? EVERYTHING : null);
  assertEquals(await statusOf(sockets.port, [...HANDSHAKE, "Upgrade: websocket"]), 401);
  isLoggedIn = true;
  const dashboard = new Dashboard(sockets.port);
  await eventually(() => dashboard.types.length > 0);
  isLoggedIn = false;
  await eventually(() => dashboard.closed === 4401);
});

Deno.test("a client that never reads delays nobody, and what waits for it is bounded", async () => {
  const house = await House.make();
  await using sockets = new Sockets(house);
  const { connection, status } = await raw(sockets.port, [...HANDSHAKE, "Upgrade: websocket"]);
  assertEquals(status, 101);
  const dashboard = new Dashboard(sockets.port);
  await eventually(() => dashboard.types.length > 0);
  let round = 0;
  const beats = async () => {
    round++;
    for (let n = 0; n < 2000; n++) house.beat(`host-${n}`);
    await eventually(() => dashboard.total("host-1999") === round);
  };
  // The system's buffers take some MB.
  while (house.feed.behind === 0 && round < 100) await beats();
  assertEquals(house.feed.behind, 1);
  for (let n = 0; n < 4; n++) await beats();
  assertEquals([house.feed.behind, house.feed.clients, dashboard.picture.snapshots], [1, 2, 1]);
  connection.close();
  await eventually(() => house.feed.clients === 1);
  dashboard.socket.close();
  await eventually(() => dashboard.closed !== null);
});

Deno.test(`dashboard number ${MAX_CLIENTS + 1} is refused before the handshake`, async () => {
  const house = await House.make();
  await using sockets = new Sockets(house);
  const lines = [...HANDSHAKE, "Upgrade: websocket"];
  const open = await Promise.all(
    Array.from({ length: MAX_CLIENTS }, () => raw(sockets.port, lines)),
  );
  assert(open.every(({ status }) => status === 101));
  const response = await fetch(`http://127.0.0.1:${sockets.port}/ws`, {
    headers: { upgrade: "websocket", connection: "upgrade" },
  }).catch(() => null);
  await response?.body?.cancel();
  const { connection, status } = await raw(sockets.port, lines);
  connection.close();
  assertEquals(status, 503);
  for (const { connection } of open) connection.close();
  await eventually(() => house.feed.clients === 0);
});

Deno.test("elsewhere than with a handshake it says what is there", async () => {
  const house = await House.make();
  await using sockets = new Sockets(house);
  const response = await fetch(`http://127.0.0.1:${sockets.port}/`);
  assertEquals(response.status, 426);
  assertStringIncludes(await response.text(), "docs/API.md");
});
