/** Two servers that watch each other: what one says when the other is gone. Real processes. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { eventually, getHost, getJson, Hbd } from "./hbd.ts";

interface ApiAlert {
  readonly kind: string;
  readonly host: string;
  readonly level: string;
  readonly text: string;
}

/** Alerts of hosts: the disk of a machine that tests may be full. */
async function alerts(hbd: Hbd): Promise<readonly ApiAlert[]> {
  const answer = await getJson(hbd, "/api/0/alerts") as { readonly alerts: readonly ApiAlert[] };
  return answer.alerts.filter(({ kind }) => kind !== "server");
}

function config(more: string): string {
  return `tolerance: 100\nheartbeat_to:\n  - ${more}\n`;
}

/** A UDP port that nobody uses at the moment. */
function freeUdpPort(): number {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const { port } = socket.addr as Deno.NetAddr;
  socket.close();
  return port;
}

/** Waits until `hbd` has got `count` beats of the server that beats as `name`. */
async function beats(hbd: Hbd, name: string, count: number): Promise<void> {
  await eventually(async () => {
    const host = await getHost(hbd, name);
    assert(host !== null && host.total >= count && host.state === "up", Deno.inspect(host));
  });
}

/** Two servers: the left one has `port` for UDP. */
async function pair() {
  const port = freeUdpPort();
  const right = await Hbd.start({
    config: config(`{udp: "127.0.0.1:${port}", name: hbd@right, interval: 1}`),
  });
  try {
    const left = await Hbd.start({
      args: ["--udp-port", `${port}`],
      config: config(`{udp: "127.0.0.1:${right.udpPort}", name: hbd@left, interval: 1}`),
    });
    return { left, right };
  } catch (error) {
    await right[Symbol.asyncDispose]();
    throw error;
  }
}

Deno.test("of two servers that watch each other one is killed: the other tells that it is down", async () => {
  const servers = await pair();
  await using left = servers.left;
  await using right = servers.right;
  await beats(left, "hbd@right", 2);
  await beats(right, "hbd@left", 2);
  assertEquals(await alerts(right), []);
  await left.kill();
  await eventually(async () => {
    const [alert] = await alerts(right);
    assert(alert !== undefined, "no alert yet");
    assertEquals([alert.kind, alert.host, alert.level], ["down", "hbd@left", "CRITICAL"]);
    assertMatch(alert.text, /^hbd@left - no heartbeat for /);
  });
});

Deno.test("a server that is stopped on purpose says so to the one that watches it: no alert", async () => {
  const servers = await pair();
  await using left = servers.left;
  await using right = servers.right;
  await beats(right, "hbd@left", 2);
  assertEquals(await left.stop(), 0);
  await eventually(async () => {
    assertEquals((await getHost(right, "hbd@left"))?.state, "shutdown");
  });
  assertEquals(await alerts(right), []);
});

Deno.test("a server beats under the name of its machine; over HTTP it tells how it fares", async () => {
  await using watcher = await Hbd.start();
  await using _hbd = await Hbd.start({
    config: config(`{url: "${watcher.url("/")}", method: POST, interval: 1}`),
  });
  await beats(watcher, `hbd@${Deno.hostname()}`, 1);
  const { messages } = await getJson(watcher, "/api/0/messages") as {
    readonly messages: readonly unknown[];
  };
  assertMatch(JSON.stringify(messages), /"state":\s*"up"/);
});
