/** Requests to providers: what an answer means, what never ends, and what must not be told. */

import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { SendError } from "../../../src/notify/channel.ts";
import { type HttpRequest, request } from "../../../src/notify/http.ts";
import { closedPort, drain, patience, Recorder, recorder, TcpServer } from "./support.ts";

const TOKEN = "sEcReT-tOkEn-1234567890";

/** A request to `url`, with a secret. */
function to(url: string, more: Partial<HttpRequest> = {}): HttpRequest {
  return { provider: "Provider", url, body: { json: { a: 1 } }, secrets: [TOKEN], ...more };
}

/** How a request fails. */
async function failure(options: HttpRequest, signal = patience()): Promise<SendError> {
  try {
    const { line } = await request(options, signal);
    throw new Error(`It was answered: ${line}`);
  } catch (error) {
    if (error instanceof SendError) return error;
    throw error;
  }
}

/** How a request fails that is answered like this. */
async function failureFor(status: number, body = "", headers: Record<string, string> = {}) {
  await using server = recorder(body, { status, headers });
  return await failure(to(server.url()));
}

Deno.test("a 2xx answer is told in one line, cut and without the secret", async () => {
  const long = "x".repeat(500);
  await using server = recorder(`all\r\nwell\t${TOKEN} ${long}`, { status: 202 });
  const { line, json } = await request(to(server.url()), patience());
  assertEquals(json, undefined);
  assert(line.startsWith("202 all well *** xxx"), line);
  assert(line.length < 220, line);
});

Deno.test("JSON goes out as JSON, a form as a form, and a GET without a body", async () => {
  await using server = recorder();
  await request(to(server.url("/a?b=c")), patience());
  await request(to(server.url(), { body: { form: { x: "ü&=", y: "" } } }), patience());
  await request(to(server.url(), { method: "GET" }), patience());
  const told = server.got.map(({ method, path, headers, body }) => [
    method,
    path,
    headers.get("content-type"),
    body,
  ]);
  assertEquals(told, [
    ["POST", "/a?b=c", "application/json", '{"a":1}'],
    ["POST", "/", "application/x-www-form-urlencoded;charset=UTF-8", "x=%C3%BC%26%3D&y="],
    ["GET", "/", null, ""],
  ]);
});

Deno.test("400, 413 and 422 refuse the message, other statuses do not", async () => {
  for (const [status, isRefused] of [[400, true], [413, true], [422, true]] as const) {
    assertEquals((await failureFor(status)).isRefused, isRefused, String(status));
  }
  for (const status of [401, 403, 404, 408, 409, 410, 429, 500, 502, 503, 599]) {
    const error = await failureFor(status, "no such luck");
    assertEquals([error.isRefused, error.retryAfterMs], [false, null], String(status));
    assertEquals(error.message, `Provider answered ${status} no such luck`);
  }
});

Deno.test("Retry-After is taken in seconds, as a date, and from the JSON of providers", async () => {
  const after = async (status: number, body: string, header?: string) => {
    const headers: Record<string, string> = header === undefined ? {} : { "retry-after": header };
    return (await failureFor(status, body, headers)).retryAfterMs;
  };
  assertEquals(await after(429, "", "7"), 7000);
  assertEquals(await after(503, "", "0.5"), 500);
  assertEquals(await after(500, "", "7"), null);
  assertEquals(await after(429, "", "soon"), null);
  assertEquals(await after(429, "", "Sat, 28 Mar 2020 12:00:00 GMT"), 0);
  const date = new Date(Date.now() + 100_000).toUTCString();
  const ms = await after(429, "", date) ?? NaN;
  assert(ms > 10_000 && ms <= 100_000, `${ms}`);
  assertEquals(
    await after(429, '{"message": "slow", "retry_after": 64.57, "global": false}'),
    64_570,
  );
  const telegram = '{"ok": false, "error_code": 429, "parameters": {"retry_after": 5}}';
  assertEquals(await after(429, telegram), 5000);
  assertEquals(await after(429, '{"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 2001}'), 2001);
  assertEquals(await after(429, '{"retry_after": "5"}'), null);
  assertEquals(await after(429, '{"retry_after": 2}', "3"), 3000);
  assertEquals(await after(429, "", "99999999999"), 3_600_000);
});

Deno.test("a redirect is not followed, and only its host is told", async () => {
  await using other = recorder();
  await using server = recorder("", {
    status: 302,
    headers: { location: other.url(`/${TOKEN}/elsewhere`) },
  });
  const { message, isRefused } = await failure(to(server.url(`/${TOKEN}`)));
  assertEquals(other.got, []);
  assertEquals(isRefused, false);
  assertMatch(message, /^Provider answered 302 and points to http:\/\/127\.0\.0\.1:\d+: redirects/);
});

Deno.test("the answer's repetition of a secret is not told, in whatever form", async () => {
  const token = 'pass/wörd"&1';
  const url = `https://hooks.example.com/services/T000/${encodeURIComponent(token)}`;
  const repeated = [
    `plain ${token}`,
    JSON.stringify({ token }),
    `slashes ${JSON.stringify(token).replaceAll("/", "\\/")}`,
    `encoded ${encodeURIComponent(token)} ${url}`,
    `base64 ${new TextEncoder().encode(token).toBase64()}`,
  ];
  for (const body of repeated) {
    await using server = recorder(body, { status: 403 });
    const { message } = await failure(to(server.url(), { secrets: [token] }));
    assertMatch(message, /^Provider answered 403 .*\*\*\*/);
    assertNotMatch(message, /w(ö|%C3%B6)rd|cGFzcy/i);
  }
});

Deno.test("an error of the network has no address in it", async () => {
  const port = closedPort();
  const url = `http://user:hunter22@127.0.0.1:${port}/hooks/${TOKEN}(x)?key=${TOKEN}`;
  const { message, cause, isRefused } = await failure(to(url));
  assertMatch(message, /^Provider cannot be reached: tcp connect error: Connection re/);
  assertNotMatch(message, /hooks|hunter22|sEcReT/);
  assertEquals([cause, isRefused], [undefined, false]);
});

Deno.test("what fetch refuses to send is a SendError without secrets too", async () => {
  const nobody = `http://127.0.0.1:${closedPort()}/`;
  for (
    const [url, more] of [
      [`not an address ${TOKEN}`, {}],
      [`ftp://${TOKEN}/`, {}],
      [nobody, { method: "TRACE" }],
      [nobody, { headers: { "x-key": `${TOKEN}\n` + "x: y" } }],
      [nobody, { headers: { "x-key": "€" } }],
      [nobody, { headers: { "": "x" } }],
    ] as const
  ) {
    const { message } = await failure(to(url, more));
    assertMatch(message, /^Provider cannot be reached: /);
    assertNotMatch(message, /Connection refused/);
    assertNotMatch(message, /sEcReT/);
  }
});

Deno.test("a connection that is reset is a failure", async () => {
  await using server = new TcpServer(async (connection) => {
    await connection.read(new Uint8Array(16));
    connection.close();
  });
  const { message } = await failure(to(`http://127.0.0.1:${server.port}/`));
  assertMatch(message, /^Provider cannot be reached: connection /);
});

Deno.test("a server that never answers holds nothing once the attempt is aborted", async () => {
  await using server = new TcpServer(drain);
  const attempt = new AbortController();
  const sending = failure(to(`http://127.0.0.1:${server.port}/`), attempt.signal);
  await server.visited;
  attempt.abort(new DOMException("too late", "TimeoutError"));
  assertEquals(
    (await sending).message,
    "Provider: the attempt was given up: no answer in time",
  );
});

Deno.test("what is aborted before it begins sends nothing", async () => {
  await using server = recorder();
  const { message } = await failure(to(server.url()), AbortSignal.abort(new Error("hbd stops")));
  assertEquals(message, "Provider: the attempt was given up: hbd stops");
  assertEquals(server.got, []);
});

Deno.test("an answer that never ends is cut off, and its status counts", async () => {
  const endless = (status: number) =>
    new Recorder(() =>
      new Response(
        new ReadableStream({ pull: (stream) => stream.enqueue(new Uint8Array(16_384).fill(46)) }),
        { status },
      )
    );
  {
    await using server = endless(200);
    assertMatch((await request(to(server.url()), patience())).line, /^200 \.{200}…$/);
  }
  await using server = endless(500);
  assertMatch((await failure(to(server.url()))).message, /^Provider answered 500 \.{200}…$/);
});

Deno.test("an accepted message is not failed by an answer that breaks off", async () => {
  const start = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nacc";
  await using server = new TcpServer(async (connection) => {
    await connection.read(new Uint8Array(4096));
    await connection.write(new TextEncoder().encode(start));
    connection.close();
  });
  const options = to(`http://127.0.0.1:${server.port}/`, { isSuccess: () => false });
  assertMatch((await request(options, patience())).line, /^200/);
});

Deno.test("a 200 that is not the provider's own is a failure", async () => {
  await using server = recorder("<html>Please log in</html>");
  const { message, isRefused } = await failure(to(server.url(), { isSuccess: () => false }));
  assertEquals(isRefused, false);
  assertEquals(
    message,
    "Provider gave an answer that is not its own: 200 <html>Please log in</html>",
  );
});

Deno.test("a refusal that the configuration can cure is not final", async () => {
  await using server = recorder({ user: "invalid" }, { status: 400 });
  assertEquals((await failure(to(server.url(), { isCurable: () => true }))).isRefused, false);
});
