/**
 * The requests of old clients, byte for byte as `tests/recorded` holds them, sent to a port of
 * `extra_ports`: the answer to the last byte, and the host and payload that came of it.
 *
 * Recordings of other dialects are named after them, and tested with them.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { getHost, getJson, Hbd, parseAnswers, rawHttp } from "./hbd.ts";

const FOLDER = new URL("../recorded/", import.meta.url);

/** Names of the recordings that are tested here begin so. */
const OURS = /^(?:curl|wget|python|node|perl|ios|hilbert)-/;

/** The date, which is another one each time; a real one, in the place where it stands. */
const DATE = "date: [A-Z][a-z]{2}, \\d\\d [A-Z][a-z]{2} \\d{4} \\d\\d:\\d\\d:\\d\\d GMT";

interface Expected {
  readonly host: string;
  readonly payload: unknown;
  /** The body is no JSON. */
  readonly isRaw?: boolean;
  /** What the connection does after the answer. @default {it stays open} */
  readonly end?: "HTTP/1.0" | "close";
  /** The client waits for leave to send its body. */
  readonly asksFirst?: boolean;
}

/** A sender without a name is known by its address. */
const SENDER = "127.0.0.1";

const raw = (text: string) => ({ payload: { _raw: text }, isRaw: true });

const BEATS: Readonly<Record<string, Expected>> = {
  "curl-json": { host: "kiosk-1", payload: { name: "kiosk-1", ip: "192.168.2.75" } },
  "curl-json-as-form": { host: "kiosk-2", payload: { device: "kiosk-2", battery: 0.8 } },
  "curl-form": { host: SENDER, ...raw("name=kiosk-3&battery=80") },
  "curl-text": { host: SENDER, ...raw("still alive") },
  "curl-no-body": { host: "kiosk-4", payload: {} },
  "curl-empty-body": { host: "kiosk-5", payload: {} },
  "curl-http10": { host: "kiosk-6", payload: { name: "kiosk-6" }, end: "HTTP/1.0" },
  "curl-expect": { host: "kiosk-7", payload: { name: "kiosk-7" }, asksFirst: true },
  "curl-chunked": { host: "kiosk-8", payload: { name: "kiosk-8" } },
  "curl-upload": {
    host: "kiosk-9",
    payload: { name: "kiosk-9", load: [0.5, 0.25] },
    asksFirst: true,
  },
  "wget-json": { host: "nas", payload: { hostname: "nas", uptime: 12345 } },
  "wget-form": { host: SENDER, ...raw("ip=10.0.0.5&state=up") },
  "python-requests-json": {
    host: "pi",
    payload: { name: "pi", temperature: 48.3, note: "Küche" },
  },
  "python-requests-form": { host: SENDER, ...raw("name=pi&note=K%C3%BCche") },
  "python-urllib": { host: "job", payload: { name: "job", n: 1 }, end: "close" },
  "python-http-client": { host: "42", payload: { id: 42, ok: true } },
  "python-http-client-chunked": { host: "pieces", payload: { name: "pieces" } },
  "node-fetch": { host: "node-1", payload: { name: "node-1", n: 1 } },
  "node-fetch-text": { host: "node-2", payload: { name: "node-2" } },
  "node-http": { host: "node-3", payload: { name: "node-3" } },
  "perl-http-tiny-json": { host: "10.0.0.5", payload: { ip: "10.0.0.5" } },
  "perl-http-tiny-form": { host: SENDER, ...raw("ip=10.0.0.5&battery=0.8") },
  "perl-lwp-json": { host: "tablet", payload: { battery: 0.8, host: "tablet" }, end: "close" },
  "perl-lwp-form": { host: SENDER, ...raw("ip=10.0.0.5") },
  "perl-io-socket": { host: "10.0.0.6", payload: { ip: "10.0.0.6" }, end: "HTTP/1.0" },
  "perl-io-socket-lf": { host: "10.0.0.7", payload: { ip: "10.0.0.7" }, end: "HTTP/1.0" },
  "ios-shortcuts-json": {
    host: "iPad Küche",
    payload: { device: "iPad Küche", battery: 0.81, charging: true },
  },
  "ios-shortcuts-form": { host: SENDER, ...raw("device=iPad&battery=81") },
};

/** What the runtime refuses before anybody is asked. */
const REFUSED = "curl-http2";

/** In the order of an application's life. */
const HILBERT = {
  "hilbert-python-init": { text: "5000", close: true, signal: "init", state: "up" },
  "hilbert-wget-ping": { text: "2725", close: false, signal: "ping", state: "up" },
  "hilbert-wget-done": {
    ...{ text: "So Long, and Thanks for All the Fish!", close: false },
    ...{ signal: "done", state: "shutdown" },
  },
} as const;

function recorded(name: string): Promise<Uint8Array> {
  return Deno.readFile(new URL(`${name}.http`, FOLDER));
}

/** Starts a server, and tells which further port it has. */
async function start(): Promise<readonly [Hbd, number]> {
  const hbd = await Hbd.start({ config: "extra_ports: [0]\n" });
  const [, port] = await hbd.waitForOutput(/Also on +port (\d+) \(extra_ports\)/);
  return [hbd, Number(port)];
}

/** The answer to a beat as the clients know it, as an expression. */
function answerToBeat({ end, asksFirst = false }: Expected): RegExp {
  return new RegExp(
    (asksFirst ? "^HTTP/1.1 100 Continue\r\n\r\n" : "^") +
      `HTTP/1.${end === "HTTP/1.0" ? 0 : 1} 200 OK\r\n` +
      "content-type: application/json\r\n" +
      "access-control-allow-origin: \\*\r\n" +
      "content-length: 15\r\n" +
      `${DATE}\r\n` +
      (end === "close" ? "connection: close\r\n" : "") +
      '\r\n\\{"status":"ok"\\}$',
  );
}

interface ApiMessage {
  readonly host: string;
  readonly message: unknown;
  readonly parse_error: boolean;
  readonly path: string;
}

async function lastMessage(hbd: Hbd): Promise<ApiMessage | undefined> {
  const { messages } = await getJson(hbd, "/api/0/messages?limit=1") as {
    readonly messages: readonly ApiMessage[];
  };
  return messages[0];
}

Deno.test("every recording is of a client that is tested", async () => {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(FOLDER)) {
    if (name.endsWith(".http") && OURS.test(name)) names.push(name.slice(0, -".http".length));
  }
  const tested = [...Object.keys(BEATS), ...Object.keys(HILBERT), REFUSED];
  assertEquals(names.sort(), tested.sort());
});

Deno.test("what old clients send is a beat, on a port of the server that they know", async (t) => {
  const [hbd, port] = await start();
  await using _ = hbd;
  for (const [name, expected] of Object.entries(BEATS)) {
    await t.step(name, async () => {
      const bytes = await recorded(name);
      const before = (await getHost(hbd, expected.host))?.total ?? 0;
      // One that says that it closes the connection does, or the end would be waited for in vain.
      const answers = expected.end === undefined ? 1 : Infinity;
      assertMatch(await rawHttp(port, bytes, { answers }), answerToBeat(expected));
      assertEquals((await getHost(hbd, expected.host))?.total, before + 1);
      const latest = await lastMessage(hbd);
      assertEquals(
        [latest?.host, latest?.message, latest?.parse_error],
        [expected.host, expected.payload, expected.isRaw ?? false],
      );
      const [target] = new TextDecoder().decode(bytes).split(" ").slice(1);
      assertEquals(latest?.path, target);
    });
  }
  await t.step("twice on one connection, where that stays open", async () => {
    for (const name of ["wget-json", "node-fetch", "ios-shortcuts-json", "perl-lwp-form"]) {
      const bytes = await recorded(name);
      const answers = parseAnswers(
        await rawHttp(port, new Uint8Array([...bytes, ...bytes]), { answers: 2 }),
      );
      assertEquals(answers.map(({ body }) => body), Array(2).fill('{"status":"ok"}'), name);
    }
  });
});

Deno.test("a client that offers HTTP/2 with its body is refused, not half understood", async () => {
  // Deno takes no body with an Upgrade. Were that to change, this could become a beat.
  const [hbd, port] = await start();
  await using _ = hbd;
  const [answer] = parseAnswers(await rawHttp(port, await recorded(REFUSED)));
  assertEquals([answer?.status, answer?.headers.get("connection")], [400, "close"]);
  assertEquals(await getHost(hbd, "kiosk-10"), null);
});

Deno.test("the life of an application that Hilbert watched", async (t) => {
  const [hbd, port] = await start();
  await using _ = hbd;
  for (const [name, { text, close, signal, state }] of Object.entries(HILBERT)) {
    await t.step(name, async () => {
      const answers = close ? Infinity : 1;
      const answer = await rawHttp(port, await recorded(name), { answers });
      assertMatch(
        answer,
        new RegExp(
          "^HTTP/1.1 200 OK\r\n" +
            "content-type: text/plain\r\n" +
            "access-control-allow-origin: \\*\r\n" +
            "cache-control: no-store\r\n" +
            "x-content-type-options: nosniff\r\n" +
            `content-length: ${text.length}\r\n` +
            `${DATE}\r\n` +
            `${close ? "connection: close\r\n" : ""}\r\n${text}$`,
        ),
      );
      const host = await getHost(hbd, "Tetris");
      assertEquals(host?.state, state);
      const said = (await lastMessage(hbd))?.message as { readonly signal?: string };
      assert(said.signal === signal, `The last message is ${JSON.stringify(said)}`);
    });
  }
});
