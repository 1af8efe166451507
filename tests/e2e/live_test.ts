/** Live updates of the real program: over its main port, ws_port and TLS. */

import { assert, assertEquals } from "@std/assert";
import { makeAuthority } from "../listeners/certificates.ts";
import { beat, eventually, Hbd } from "./hbd.ts";

// deno-lint-ignore no-explicit-any -- whatever is sent: tests compare it
type Json = any;

/** A WebSocket that keeps what it is sent. */
async function watch(url: string, client?: Deno.HttpClient) {
  const socket = new WebSocket(url, client === undefined ? {} : { client });
  const pushes: Json[] = [];
  const closed = Promise.withResolvers<number>();
  socket.onmessage = ({ data }) => pushes.push(JSON.parse(data));
  socket.onclose = ({ code }) => closed.resolve(code);
  socket.onerror = (event) => event.preventDefault();
  await eventually(() => assert(pushes.length > 0));
  return {
    pushes,
    closed: closed.promise,
    async [Symbol.asyncDispose]() {
      socket.close();
      await closed.promise;
    },
  };
}

function totalOf(pushes: readonly Json[], name: string): number {
  const hosts = pushes.flatMap(({ hosts = [] }) => hosts as Json[]);
  return hosts.findLast((host) => host.name === name)?.total ?? 0;
}

/** A port that is free now. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

Deno.test("a beat and a down reach a dashboard on the main port; a stop says so with 1001", async () => {
  await using hbd = await Hbd.start({ config: "interval: 1\ngrace: 0.5\nws_port: 0\n" });
  await beat(hbd, { name: "a" });
  await using live = await watch(`ws://127.0.0.1:${hbd.port}/ws`);
  assertEquals([live.pushes[0].type, live.pushes[0].hosts[0].name], ["hosts", "a"]);
  await beat(hbd, { name: "a" });
  await eventually(() => assertEquals(totalOf(live.pushes, "a"), 2));
  await eventually(() =>
    assert(live.pushes.some(({ hosts = [] }) => hosts.some(({ state }: Json) => state === "down")))
  );
  await eventually(() => assert(live.pushes.some(({ type }) => type === "alert")));
  assertEquals(await hbd.stop(), 0);
  assertEquals(await live.closed, 1001);
});

Deno.test("ws_port and wss_port have the same; a renewed certificate is taken over at SIGHUP", async () => {
  await using ca = await makeAuthority();
  await ca.issue("first");
  const [wsPort, wssPort] = [freePort(), freePort()];
  const config = `ws_port: ${wsPort}\nwss_port: ${wssPort}\ncert_path: ${ca.dir}\n` +
    `wss_pem: cert.pem\nwss_key: key.pem\n`;
  await using hbd = await Hbd.start({ config });
  await beat(hbd, { name: "a" });
  await using plain = await watch(`ws://127.0.0.1:${wsPort}/`);
  assertEquals(totalOf(plain.pushes, "a"), 1);
  using client = Deno.createHttpClient({ caCerts: [ca.caCert] });
  const first = await watch(`wss://localhost:${wssPort}/`, client);
  assertEquals(totalOf(first.pushes, "a"), 1);
  await ca.issue("second");
  if (Deno.build.os !== "windows") hbd.signal("SIGHUP");
  // The listener with the old certificate is shut down.
  assertEquals(await first.closed, 1001);
  await using second = await watch(`wss://localhost:${wssPort}/`, client);
  assertEquals(totalOf(second.pushes, "a"), 1);
});

Deno.test("a ws_port in use is a warning, and the server goes on", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  await using hbd = await Hbd.start({ config: `ws_port: ${port}\n` });
  await hbd.waitForOutput(/ws_port: 0 turns it off/);
  await beat(hbd, { name: "a" });
});
