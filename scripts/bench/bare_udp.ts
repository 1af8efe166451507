/**
 * The other side of `udp_ratio`: the least that a receive loop in Deno can do. It receives into one
 * buffer and counts; nothing is read or kept. `/healthz` tells the count.
 */

const SCRATCH_BYTES = 65_536;

const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
let total = 0;

Deno.serve(
  {
    hostname: "127.0.0.1",
    port: 0,
    onListen({ port }) {
      const udpPort = (socket.addr as Deno.NetAddr).port;
      const text = `http://127.0.0.1:${port}/\nUDP port ${udpPort}\n`;
      Deno.stdout.writeSync(new TextEncoder().encode(text));
    },
  },
  () => Response.json({ hosts: 0, down: 0, total, udp: null }),
);

const scratch = new Uint8Array(SCRATCH_BYTES);
while (true) {
  await socket.receive(scratch);
  total++;
}
