/** The ports of the server: real ones, with real certificates. */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import type { Answer } from "../../src/listeners/listener.ts";
import {
  PortError,
  type PortOptions,
  Ports,
  type PortSettings,
} from "../../src/listeners/ports.ts";
import { TlsFileError } from "../../src/listeners/tls_files.ts";
import { socketsOnly, wantsSocket } from "../../src/web/live/socket.ts";
import { type Authority, makeAuthority, shownName } from "./certificates.ts";

const PLAIN: PortSettings = {
  bindAddress: "127.0.0.1",
  httpPort: 0,
  web: {
    wsPort: null,
    wssPort: null,
    extraPorts: [],
    https: false,
    certFile: null,
    keyFile: null,
  },
};

function withExtra(extraPorts: readonly number[], of = PLAIN): PortSettings {
  return { ...of, web: { ...of.web, extraPorts } };
}

function withTls(ca: Authority, more: Partial<PortSettings["web"]>): PortSettings {
  const files = { certFile: join(ca.dir, "cert.pem"), keyFile: join(ca.dir, "key.pem") };
  return { ...PLAIN, web: { ...PLAIN.web, ...files, ...more } };
}

/** Says hello over a WebSocket. */
const hello: Answer = (request) => {
  if (!wantsSocket(request)) return socketsOnly();
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.onopen = () => socket.send("hello");
  return response;
};

class Opened implements AsyncDisposable {
  readonly troubles: (string | null)[] = [];

  private constructor(readonly ports: Ports) {}

  static async open(settings: PortSettings, more: Partial<PortOptions> = {}): Promise<Opened> {
    let opened: Opened | null = null;
    const ports = await Ports.open({
      settings,
      ready: Promise.resolve(() => new Response("main")),
      socketsReady: Promise.resolve(hello),
      onTrouble: (_, error) => void opened?.troubles.push(error?.message ?? null),
      lookMs: 20,
      ...more,
    });
    return opened = new Opened(ports);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.ports.close();
  }
}

/** What a WebSocket is sent first. */
async function firstMessage(url: string, client?: Deno.HttpClient): Promise<string> {
  const socket = new WebSocket(url, client === undefined ? {} : { client });
  const said = Promise.withResolvers<string>();
  const closed = Promise.withResolvers<void>();
  socket.onmessage = ({ data }) => {
    said.resolve(data);
    socket.close();
  };
  socket.onerror = (event) => said.reject((event as ErrorEvent).error ?? new Error("failed"));
  socket.onclose = () => closed.resolve();
  try {
    return await said.promise;
  } finally {
    await closed.promise;
  }
}

/** A port that was free a moment ago. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

async function eventually(check: () => boolean | Promise<boolean>): Promise<void> {
  const limitMs = Date.now() + 20_000;
  while (!await check()) {
    if (Date.now() > limitMs) throw new Error("Waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

Deno.test("requests that come before there is a handler wait for it", async () => {
  const ready = Promise.withResolvers<Answer>();
  await using opened = await Opened.open(PLAIN, { ready: ready.promise });
  const asked = fetch(`http://127.0.0.1:${opened.ports.addr.port}/`);
  ready.resolve(() => new Response("now"));
  assertEquals(await (await asked).text(), "now");
});

Deno.test("ws_port takes WebSockets on any path, and says so to others", async () => {
  await using opened = await Opened.open({ ...PLAIN, web: { ...PLAIN.web, wsPort: 0 } });
  const { wsPort } = opened.ports;
  assertEquals(await firstMessage(`ws://127.0.0.1:${wsPort}/`), "hello");
  assertEquals(await firstMessage(`ws://127.0.0.1:${wsPort}/any/path`), "hello");
  const other = await fetch(`http://127.0.0.1:${wsPort}/`);
  assertEquals([other.status, other.headers.get("upgrade")], [426, "websocket"]);
  await other.body?.cancel();
});

Deno.test("without ws_port the server goes on, without wss_port it does not start", async () => {
  await using ca = await makeAuthority();
  await ca.issue("first");
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  await using opened = await Opened.open({ ...PLAIN, web: { ...PLAIN.web, wsPort: port } });
  assertEquals(opened.ports.wsPort, null);
  const answer = await fetch(`http://127.0.0.1:${opened.ports.addr.port}/`);
  assertEquals(await answer.text(), "main");
  const error = await assertRejects(
    () => Opened.open(withTls(ca, { wssPort: port })),
    PortError,
  );
  assertStringIncludes(error.message, `${port} (wss_port)`);
});

Deno.test("extra_ports answer as the main port does, each of them", async () => {
  const ready = Promise.withResolvers<Answer>();
  await using opened = await Opened.open(withExtra([0, 0, 0]), { ready: ready.promise });
  const { extraPorts, addr } = opened.ports;
  assertEquals(new Set([addr.port, ...extraPorts]).size, 4);
  const asked = extraPorts.map((port) => fetch(`http://127.0.0.1:${port}/any`));
  ready.resolve((request, { remoteAddr }) => {
    const { hostname } = remoteAddr as Deno.NetAddr;
    return new Response(`${new URL(request.url).port} to ${hostname}`);
  });
  const texts = await Promise.all(asked.map(async (answer) => (await answer).text()));
  assertEquals(texts, extraPorts.map((port) => `${port} to 127.0.0.1`));
});

Deno.test("extra_ports speak plain HTTP where the main port speaks HTTPS", async () => {
  await using ca = await makeAuthority();
  await ca.issue("first");
  await using opened = await Opened.open(withExtra([0], withTls(ca, { https: true })));
  const { extraPorts: [extra], addr: { port } } = opened.ports;
  assertEquals(await (await fetch(`http://127.0.0.1:${extra}/`)).text(), "main");
  using client = Deno.createHttpClient({ caCerts: [ca.caCert] });
  assertEquals(await (await fetch(`https://localhost:${port}/`, { client })).text(), "main");
});

Deno.test("an extra port in use fails the start, says which, and leaves no port open", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  const free = freePort();
  const isRefused = async (settings: PortSettings) => {
    const error = await assertRejects(() => Opened.open(settings), PortError);
    assertStringIncludes(error.message, `Port ${error.port} (extra_ports) cannot be opened: `);
    assertEquals(error.key, "extra_ports");
    return error.port;
  };
  assertEquals(await isRefused({ ...withExtra([0, port]), httpPort: free }), port);
  // What was open by then can be opened again.
  assertEquals(await isRefused({ ...withExtra([free]), httpPort: free }), free);
  Deno.listen({ hostname: "127.0.0.1", port: free }).close();
});

Deno.test("an extra port that HTTPS has already is refused, not shared with it", async () => {
  await using ca = await makeAuthority();
  await ca.issue("first");
  const free = freePort();
  const settings = { ...withExtra([free], withTls(ca, { https: true })), httpPort: free };
  await assertRejects(() => Opened.open(settings), PortError);
});

Deno.test("a main port with HTTPS that somebody shares already is refused", async () => {
  await using ca = await makeAuthority();
  await ca.issue("first");
  await using one = await Opened.open(withTls(ca, { https: true }));
  const settings = { ...withTls(ca, { https: true }), httpPort: one.ports.addr.port };
  await assertRejects(() => Opened.open(settings), Deno.errors.AddrInUse);
});

Deno.test("files that are no certificate or do not fit are refused at the start", async () => {
  await using ca = await makeAuthority();
  const settings = withTls(ca, { https: true });
  const refusal = async () =>
    (await assertRejects(() => Opened.open(settings), TlsFileError)).message;
  assertStringIncludes(await refusal(), "Cannot read the certificate (wss_pem)");
  await ca.issue("first");
  const key = await Deno.readTextFile(join(ca.dir, "key.pem"));
  await ca.issue("second");
  await Deno.writeTextFile(join(ca.dir, "key.pem"), key);
  assertStringIncludes(await refusal(), "is not that of");
  await Deno.writeTextFile(join(ca.dir, "cert.pem"), "nonsense");
  assertStringIncludes(await refusal(), "holds no certificate in PEM");
});

Deno.test("a new certificate is taken over while requests come; a broken one is not", async () => {
  await using ca = await makeAuthority();
  await ca.issue("first");
  await using opened = await Opened.open(withTls(ca, { https: true, wssPort: 0 }));
  const { ports, troubles } = opened;
  using client = Deno.createHttpClient({ caCerts: [ca.caCert] });
  const { wssPort, addr: { port } } = ports;
  const both = async () => [await shownName(port), await shownName(wssPort ?? 0)].join();
  assertEquals(await both(), "first,first");
  assertEquals(await firstMessage(`wss://localhost:${wssPort}/`, client), "hello");

  let isOver = false;
  let answers = 0;
  const asking = (async () => {
    while (!isOver) {
      const answer = await fetch(`https://localhost:${port}/`, { client });
      assertEquals(await answer.text(), "main");
      answers++;
    }
  })();
  await ca.issue("second");
  await eventually(async () => await both() === "second,second");
  isOver = true;
  await asking;
  assert(answers > 0);
  assertEquals(await firstMessage(`wss://localhost:${wssPort}/`, client), "hello");

  await Deno.writeTextFile(join(ca.dir, "cert.pem"), "nonsense");
  await eventually(() => troubles.length > 0);
  assertStringIncludes(troubles.at(-1) ?? "", "holds no certificate in PEM");
  assertEquals(await both(), "second,second");
  await ca.issue("third");
  await eventually(() => troubles.at(-1) === null);
  assertEquals(await both(), "third,third");
});
