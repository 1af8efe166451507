/**
 * The HTTP door as a sender sees it: every row of its table over a real socket, raw TCP where a
 * well-behaved client could not say what is to be said. One server for all that leaves it alone.
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  type Answer,
  type ApiHost,
  beat,
  eventually,
  getHost,
  getHosts,
  getJson,
  Hbd,
  NO_CLIENT,
  parseAnswers,
  post,
  rawHttp,
  readJournal,
  writeAll,
} from "./hbd.ts";

const OK = '{"status":"ok"}';

/** What `bytes` is answered with, when the connection ends after one answer. */
async function ask(hbd: Hbd, bytes: string | Uint8Array): Promise<Answer> {
  const text = await rawHttp(hbd.port, bytes);
  const answers = parseAnswers(text);
  const [answer] = answers;
  if (answer === undefined || answers.length > 1) throw new Error(`Not one answer: ${text}`);
  return answer;
}

async function total(hbd: Hbd): Promise<number> {
  return (await getHosts(hbd)).reduce((sum, host) => sum + host.total, 0);
}

/** The error that a JSON answer tells: of the door a text, of the API that with more. */
function errorOf({ body }: { readonly body: string }): string {
  const { error } = JSON.parse(body) as { readonly error: string | { readonly message: string } };
  const text = typeof error === "string" ? error : error.message;
  assert(typeof text === "string" && text !== "");
  return text;
}

interface ApiMessage {
  readonly seq: number;
  readonly timestamp: number;
  readonly host: string;
  readonly source_ip: string;
  readonly path: string;
  readonly late: boolean;
  readonly parse_error: boolean;
  readonly message: unknown;
}

async function getMessages(hbd: Hbd): Promise<readonly ApiMessage[]> {
  const { messages } = await getJson(hbd, "/api/0/messages") as {
    readonly messages: readonly ApiMessage[];
  };
  return messages;
}

async function lastMessage(hbd: Hbd): Promise<ApiMessage> {
  const [latest] = await getMessages(hbd);
  if (latest === undefined) throw new Error("No message yet");
  return latest;
}

function assertBeatAnswer(answer: Answer): void {
  assertEquals(answer.status, 200);
  assertEquals(answer.body, OK);
  assertEquals(answer.headers.get("content-type"), "application/json");
  assertEquals(answer.headers.get("access-control-allow-origin"), "*");
  assertEquals(answer.headers.get("content-encoding"), undefined);
  assertEquals(answer.headers.get("content-length"), String(OK.length));
}

Deno.test("a beat over HTTP", async (t) => {
  await using hbd = await Hbd.start();

  /** Sends `bytes`, and expects a beat of `host` with `message`. */
  async function isBeat(bytes: string, host: string, message: unknown, parseError = false) {
    const before = await total(hbd);
    assertBeatAnswer(await ask(hbd, bytes));
    assertEquals(await total(hbd), before + 1);
    const latest = await lastMessage(hbd);
    assertEquals([latest.host, latest.message, latest.parse_error], [host, message, parseError]);
  }

  await t.step("is a POST of JSON, answered with the exact bytes old clients know", async () => {
    await isBeat(post("/heartbeat", '{"name":"a","n":1}'), "a", { name: "a", n: 1 });
    const latest = await lastMessage(hbd);
    assertEquals([latest.path, latest.source_ip, latest.late], ["/heartbeat", "127.0.0.1", false]);
  });

  await t.step("is a PUT as well", async () => {
    await isBeat(post("/", '{"name":"put"}').replace("POST", "PUT"), "put", { name: "put" });
  });

  await t.step("is taken on every path that is not another route's", async () => {
    const paths = [
      "/a/b/c",
      "/api",
      "/api/1/other",
      "/healthzz",
      "/healthz/x",
      "//",
      "/%C3%BC?x=1",
    ];
    for (const path of paths) {
      await isBeat(post(path, '{"name":"p"}'), "p", { name: "p" });
      assertEquals((await lastMessage(hbd)).path, path);
    }
  });

  await t.step("may name the whole URL in its first line", async () => {
    await isBeat(post("http://server/beat?name=absolute", ""), "absolute", {});
    assertEquals((await lastMessage(hbd)).path, "/beat?name=absolute");
  });

  await t.step("may have an empty body with a length of 0", async () => {
    await isBeat(post("/?name=empty", ""), "empty", {});
  });

  await t.step("may have no body and no length, over HTTP/1.1 and 1.0", async () => {
    await isBeat(
      "POST /?name=none HTTP/1.1\r\nHost: s\r\nConnection: close\r\n\r\n",
      "none",
      {},
    );
    await isBeat("POST /?name=old HTTP/1.0\r\n\r\n", "old", {});
    // Without a length nothing can be its body; it is answered all the same.
    const [answer] = parseAnswers(
      await rawHttp(hbd.port, 'POST /?name=old HTTP/1.0\r\n\r\n{"n":1}'),
    );
    assertEquals(answer?.body, OK);
    assertEquals((await getHost(hbd, "old"))?.total, 2);
  });

  await t.step("may hold anything that is JSON", async () => {
    for (const value of [null, 7, "text", [1, { a: 2 }], { deep: { x: [] } }]) {
      await isBeat(post("/?name=json", JSON.stringify(value)), "json", value);
    }
    await isBeat(post("/?name=json", '{\r\n  "a": 1\n}'), "json", { a: 1 });
    await isBeat(post("/?name=json", '\ufeff{"mark":1}'), "json", { mark: 1 });
  });

  await t.step("with a body that is not JSON holds it as text, and is marked", async () => {
    for (const text of ["level=3", '{"name":"x"', "zwei\nZeilen\r\n", "\u0000\u001b[31m", "NaN"]) {
      await isBeat(post("/?name=raw", text), "raw", { _raw: text }, true);
    }
  });

  await t.step("with a body that is not UTF-8 is still one", async () => {
    const head = post("/?name=latin1", "x").replace("Length: 1", "Length: 3").slice(0, -1);
    const bytes = new Uint8Array([...new TextEncoder().encode(head), 0x66, 0xfc, 0x72]);
    assertBeatAnswer(await ask(hbd, bytes));
    assertEquals((await lastMessage(hbd)).message, { _raw: "f\u{FFFD}r" });
  });

  await t.step("may come in chunks", async () => {
    await isBeat(
      "POST /beat HTTP/1.1\r\nHost: s\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n" +
        '9\r\n{"name":"\r\n6;x=y\r\nchunky\r\n2\r\n"}\r\n0\r\n\r\n',
      "chunky",
      { name: "chunky" },
    );
    await isBeat(
      "POST /?name=nochunk HTTP/1.1\r\nHost: s\r\nConnection: close\r\n" +
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "nochunk",
      {},
    );
  });

  await t.step("may ask first whether it may send (Expect: 100-continue)", async () => {
    const [head = "", body = ""] = post("/", '{"name":"asks"}', ["Expect: 100-continue"])
      .split("\r\n\r\n");
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: hbd.port });
    const buffer = new Uint8Array(1024);
    await writeAll(connection, new TextEncoder().encode(`${head}\r\n\r\n`));
    const read = await connection.read(buffer) ?? 0;
    assertMatch(new TextDecoder().decode(buffer.subarray(0, read)), /^HTTP\/1\.1 100 /);
    await writeAll(connection, new TextEncoder().encode(body));
    await eventually(async () => assertEquals((await getHost(hbd, "asks"))?.total, 1));
  });

  await t.step("is answered uncompressed to whoever asks for gzip", async () => {
    assertBeatAnswer(
      await ask(hbd, post("/", '{"name":"gz"}', ["Accept-Encoding: gzip, deflate, br"])),
    );
  });

  await t.step("over HTTP/1.0 ends the connection, with keep-alive it stays open", async () => {
    const old = post("/", '{"name":"v0"}').replace("HTTP/1.1", "HTTP/1.0")
      .replace("Connection: close\r\n", "");
    const closed = await rawHttp(hbd.port, old);
    assertEquals(parseAnswers(closed).map(({ body }) => body), [OK]);

    const kept = old.replace("Host:", "Connection: keep-alive\r\nHost:");
    const both = parseAnswers(await rawHttp(hbd.port, kept + kept, { answers: 2 }));
    assertEquals(both.map(({ body }) => body), [OK, OK]);
    assertEquals(both[0]?.headers.get("connection")?.toLowerCase(), "keep-alive");
    assertEquals((await getHost(hbd, "v0"))?.total, 3);
  });

  await t.step("over HTTP/1.1 leaves the connection open for the next one", async () => {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: hbd.port });
    const bytes = new TextEncoder().encode(
      post("/", '{"name":"kept"}', ["Connection: keep-alive"]),
    );
    const buffer = new Uint8Array(4096);
    for (let n = 1; n <= 3; n++) {
      await writeAll(connection, bytes);
      const read = await connection.read(buffer) ?? 0;
      const [answer] = parseAnswers(new TextDecoder().decode(buffer.subarray(0, read)));
      assertEquals(answer?.body, OK);
      assertEquals((await getHost(hbd, "kept"))?.total, n);
    }
  });

  await t.step("may be sent before the one before is answered (pipelined)", async () => {
    const one = post("/", '{"name":"pipe"}', ["Connection: keep-alive"]);
    const answers = parseAnswers(await rawHttp(hbd.port, one.repeat(20), { answers: 20 }));
    assertEquals(answers.map(({ status, body }) => [status, body]), Array(20).fill([200, OK]));
    assertEquals((await getHost(hbd, "pipe"))?.total, 20);
  });

  await t.step("stands in the journal when it is answered", async () => {
    await beat(hbd, { name: "written", n: 5, ip: "10.1.2.3" }, "/here?x=1");
    const line = (await readJournal(hbd.stateDir)).findLast(({ host }) => host === "written");
    const { seq = 0, timestamp = 0, datetime = "", source_port: port = 0, ...rest } = line ?? {};
    assertEquals(rest, {
      source_ip: "127.0.0.1",
      transport: "http",
      host: "written",
      path: "/here?x=1",
      late: false,
      message: { name: "written", n: 5, ip: "10.1.2.3" },
    });
    assert(seq > 0 && port > 0 && port < 65_536);
    assert(Math.abs(timestamp * 1000 - Date.now()) < 10_000);
    const local = new Date(Math.floor(timestamp) * 1000);
    assertEquals(new Date(datetime).getTime(), local.getTime());
  });
});

Deno.test("the host of a beat", async (t) => {
  await using hbd = await Hbd.start();

  async function hostOf(target: string, payload: unknown): Promise<string> {
    await beat(hbd, payload, target);
    return (await lastMessage(hbd)).host;
  }

  await t.step("is named by the query before the payload, in the documented order", async () => {
    const all = { name: "n", host: "h", hostname: "hn", device: "d", id: "i", ip: "10.0.0.9" };
    assertEquals(await hostOf("/?appid=A&host=H&name=N", all), "N");
    assertEquals(await hostOf("/?appid=A&host=H", all), "H");
    assertEquals(await hostOf("/x?appid=A", all), "A");
    const order = ["name", "host", "hostname", "device", "id", "ip"] as const;
    for (const [i, key] of order.entries()) {
      const left = Object.fromEntries(order.slice(i).map((name) => [name, all[name]]));
      assertEquals(await hostOf("/", left), all[key]);
    }
    assertEquals(await hostOf("/", { other: 1 }), "127.0.0.1");
    assertEquals(await hostOf("/", ["name"]), "127.0.0.1");
  });

  await t.step("may be a number, or be written with percent signs and pluses", async () => {
    assertEquals(await hostOf("/", { id: 42 }), "42");
    assertEquals(await hostOf("/?name=K%C3%BCche%20%231+a", {}), "Küche #1 a");
  });

  await t.step("is not taken from something empty or of another kind", async () => {
    assertEquals(await hostOf("/?name=", { name: "", host: null, id: "real" }), "real");
    assertEquals(await hostOf("/", { name: { a: 1 }, device: "d2" }), "d2");
  });

  await t.step("keeps the address that it reports, beside the one it sends from", async () => {
    await beat(hbd, { name: "nat", ip: "10.9.8.7" });
    await beat(hbd, { name: "nat" });
    const host = await getHost(hbd, "nat");
    assertEquals([host?.reported_ip, host?.addresses], ["10.9.8.7", ["127.0.0.1"]]);
  });

  await t.step("may have 255 characters, and not one more", async () => {
    const longest = "ü".repeat(255);
    assertEquals(await hostOf("/", { name: longest }), longest);
    assertEquals((await getHost(hbd, longest))?.total, 1);
    const before = await total(hbd);
    for (
      const [target, payload] of [["/", { name: "x".repeat(256) }], [
        `/?host=${"y".repeat(300)}`,
        {},
      ]]
    ) {
      const answer = await ask(hbd, post(String(target), JSON.stringify(payload)));
      assertEquals(answer.status, 400);
      assertEquals(answer.headers.get("content-type"), "application/json");
      assertEquals(answer.headers.get("access-control-allow-origin"), "*");
      assertMatch(errorOf(answer), /255.*(256|300)/);
    }
    assertEquals(await total(hbd), before);
  });

  await t.step("must be free of control characters", async () => {
    const before = await total(hbd);
    for (const bad of ["a\nb", "\u0000", "x\u001b[2J", "tab\t", "\u007f", "c1\u0085"]) {
      const answer = await ask(hbd, post("/", JSON.stringify({ name: bad })));
      assertEquals(answer.status, 400, JSON.stringify(bad));
      assertMatch(errorOf(answer), /control character.*U\+00/);
    }
    assertEquals((await ask(hbd, post("/?name=a%0Ab", "{}"))).status, 400);
    assertEquals(await total(hbd), before);
    const controls = (await readJournal(hbd.stateDir)).filter(({ host = "" }) =>
      /\p{Cc}/u.test(host)
    );
    assertEquals(controls, []);
  });
});

Deno.test("bounds of the HTTP door", async (t) => {
  await using hbd = await Hbd.start({ config: "max_body: 1000\nmax_hosts: 3\n" });

  /** A JSON body of exactly `bytes` bytes. */
  const body = (bytes: number, name = "big") => {
    const frame = JSON.stringify({ name, pad: "" });
    return frame.replace('""', `"${"x".repeat(bytes - frame.length)}"`);
  };
  const chunked = (text: string) =>
    "POST / HTTP/1.1\r\nHost: s\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n" +
    (text.match(/.{1,100}/gs) ?? []).map((part) => `${part.length.toString(16)}\r\n${part}\r\n`)
      .join("") +
    "0\r\n\r\n";

  await t.step("a body of exactly max_body is a beat, plain or in chunks", async () => {
    assertBeatAnswer(await ask(hbd, post("/", body(1000))));
    assertBeatAnswer(await ask(hbd, chunked(body(1000))));
    assertEquals((await getHost(hbd, "big"))?.total, 2);
  });

  await t.step("a longer one is 413, names the limit, and is no beat", async () => {
    for (const bytes of [post("/", body(1001)), chunked(body(1001)), post("/", body(100_000))]) {
      const answer = await ask(hbd, bytes);
      assertEquals(answer.status, 413);
      assertEquals(answer.headers.get("content-type"), "application/json");
      assertStringIncludes(errorOf(answer), "max_body (1000 bytes)");
    }
    assertEquals((await getHost(hbd, "big"))?.total, 2);
  });

  await t.step("the limit is in bytes, not in characters", async () => {
    const answer = await ask(hbd, post("/", JSON.stringify({ name: "big", pad: "€".repeat(400) })));
    assertEquals(answer.status, 413);
  });

  await t.step("what follows a body that was too long is not taken for a request", async () => {
    const hidden = `POST /?name=hidden HTTP/1.1\r\nHost: s\r\nContent-Length: 0\r\n\r\n`;
    const long = hidden.repeat(20);
    const text = await rawHttp(hbd.port, post("/", long, ["Connection: keep-alive"]));
    assertEquals(parseAnswers(text).map(({ status }) => status), [413]);
    assertEquals(await getHost(hbd, "hidden"), null);
  });

  await t.step("a length beside chunks does not get round the limit", async () => {
    const text = await rawHttp(
      hbd.port,
      chunked(body(50_000, "smuggled")).replace("Host:", "Content-Length: 5\r\nHost:"),
    );
    const status = parseAnswers(text)[0]?.status ?? 0;
    assert(status === 400 || status === 413, text);
    assertEquals(await getHost(hbd, "smuggled"), null);
  });

  await t.step("a length that is none is a bad request", async () => {
    for (const length of ["-1", "abc", "1e3", "0x10", "99999999999999999999"]) {
      const text = await rawHttp(
        hbd.port,
        post("/", "{}").replace(/Length: \d+/, `Length: ${length}`),
      );
      assertMatch(text, /^HTTP\/1\.1 4\d\d /, length);
    }
  });

  await t.step("a new host over max_hosts is 429, a known one goes on", async () => {
    await beat(hbd, { name: "second" });
    await beat(hbd, { name: "third" });
    const answer = await ask(hbd, post("/", '{"name":"fourth"}'));
    assertEquals(answer.status, 429);
    assertMatch(errorOf(answer), /fourth.*max_hosts \(3\)/);
    assertEquals(answer.headers.get("access-control-allow-origin"), "*");
    await beat(hbd, { name: "second" });
    assertEquals((await getHosts(hbd)).map(({ name }) => name), ["big", "second", "third"]);
    await ask(hbd, post("/", '{"name":"fifth"}'));
    const health = await getJson(hbd, "/healthz") as { readonly refused: number };
    assertEquals(health.refused, 2);
    assertEquals(hbd.stderr().match(/max_hosts/g)?.length, 1, "logged, but not for every beat");
  });
});

Deno.test("whatever comes in, the server lives on", async (t) => {
  await using hbd = await Hbd.start();
  const alive = async () => {
    await beat(hbd, { name: "alive" });
    assertEquals((await fetch(hbd.url("/healthz")).then((r) => r.json())).status, "ok");
    assert(hbd.running);
  };

  await t.step("a client that hangs up in the middle of its body", async () => {
    const cut = [
      "POST /?name=gone HTTP/1.1\r\nHost: s\r\nContent-Length: 100\r\n\r\n{",
      'POST /?name=gone HTTP/1.1\r\nHost: s\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"a',
      "POST /?name=gone HTTP/1.1\r\nHo",
    ];
    for (const bytes of cut) {
      const connection = await Deno.connect({ hostname: "127.0.0.1", port: hbd.port });
      await writeAll(connection, new TextEncoder().encode(bytes));
      connection.close();
    }
    await alive();
    assertEquals(await getHost(hbd, "gone"), null);
  });

  await t.step("a client that does not wait for its answer", async () => {
    const one = new TextEncoder().encode(
      post("/", '{"name":"rude"}', ["Connection: keep-alive"]).repeat(50),
    );
    for (let i = 0; i < 20; i++) {
      const connection = await Deno.connect({ hostname: "127.0.0.1", port: hbd.port });
      await writeAll(connection, one);
      connection.close();
    }
    await alive();
  });

  await t.step("bytes that are not HTTP", async () => {
    const garbage = new Uint8Array(10_000).map((_, i) => (i * 7919) % 256);
    const inputs: readonly (string | Uint8Array)[] = [
      garbage,
      "\r\n\r\n\r\n\r\nhello\r\n\r\n",
      "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\r\n\r\n",
      "GET\r\n\r\n",
      "POST / HTTP/9.9\r\n\r\n",
      `GET /${"x".repeat(1_000_000)} HTTP/1.1\r\n\r\n`,
      `GET / HTTP/1.1\r\n${"X: y\r\n".repeat(20_000)}\r\n`,
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: s\r\nTransfer-Encoding: chunked\r\n\r\nnot-hex\r\n",
    ];
    for (const bytes of inputs) {
      // Some of these leave the server waiting for more; it must then not keep others waiting.
      await rawHttp(hbd.port, bytes, { limitMs: 300 }).catch(() => "");
      await alive();
    }
  });

  await t.step("odd requests get an answer and do no harm", async () => {
    const head = (line: string) => `${line} HTTP/1.1\r\nHost: s\r\nConnection: close\r\n\r\n`;
    const lines = [
      "OPTIONS *",
      "TRACE /",
      "GET /%",
      "GET /%FF%FE",
      "POST /%zz?name=%zz",
      "BREW /tea",
    ];
    for (const line of lines) {
      const { status } = await ask(hbd, head(line));
      assert([200, 204, 400, 405].includes(status), `${line}: ${status}`);
      await alive();
    }
    await rawHttp(hbd.port, head("CONNECT a:1"), { limitMs: 300 }).catch(() => "");
    await alive();
  });

  await t.step("JSON nested as deep as fits is a beat, and can be looked at", async () => {
    const depth = 30_000;
    await beat(hbd, { name: "before" });
    const deep = `{"name":"deep","x":${"[".repeat(depth)}${"]".repeat(depth)}}`;
    assertBeatAnswer(await ask(hbd, post("/", deep)));
    assertEquals((await getHost(hbd, "deep"))?.total, 1);
    const messages = await fetch(hbd.url("/api/0/messages"));
    assertStringIncludes(await messages.text(), '"before"');
    assertEquals(messages.status, 200);
    await alive();
  });

  await t.step("names that mean something to JavaScript are names like others", async () => {
    for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
      await beat(hbd, JSON.parse(`{"name":"${name}","__proto__":{"x":1}}`));
      assertEquals((await getHost(hbd, name))?.total, 1);
    }
  });

  await t.step("and 200 connections at once are all answered", async () => {
    const beats = Array.from({ length: 200 }, () => ask(hbd, post("/", '{"name":"crowd"}')));
    for (const answer of await Promise.all(beats)) assertBeatAnswer(answer);
    assertEquals((await getHost(hbd, "crowd"))?.total, 200);
  });

  assert(!hbd.stderr().includes("Unexpected"), hbd.stderr());
});

Deno.test("GET, HEAD and other methods", async (t) => {
  await using hbd = await Hbd.start({ args: ["0", "60"] });
  await beat(hbd, { name: "<b>&bold" });
  const bare = (method: string, path: string, more = "") =>
    `${method} ${path} HTTP/1.1\r\nHost: my.host:5\r\nConnection: close\r\n${more}\r\n`;

  await t.step("GET of / and of any unclaimed path is a plain status", async () => {
    for (const path of ["/", "/heartbeat", "/api", "/favicon.ico", "/deep/er?x=1"]) {
      const answer = await ask(hbd, bare("GET", path));
      assertEquals(answer.status, 200);
      assertMatch(answer.headers.get("content-type") ?? "", /^text\/plain/);
      assertMatch(answer.body, /^Heartbeat \d+\.\d+\.\d+\n/);
      assertMatch(answer.body, new RegExp(`\\bport +${hbd.port}\\b`));
      assertMatch(answer.body, /\buptime +\d/);
      assertMatch(answer.body, /\bhosts +1\b/);
      assertMatch(answer.body, /\bbeats +1 \(0 late, 0 missed\)/);
      assertStringIncludes(answer.body, `curl -d '{"name":"my-device"}' http://my.host:5/`);
    }
    assertEquals((await getHosts(hbd)).map(({ total }) => total), [1], "a GET is no beat");
  });

  await t.step("the curl line that it tells is a beat", async () => {
    const text = await fetch(hbd.url()).then((response) => response.text());
    const [, payload = "", url = ""] = /curl -d '(.*)' (http\S+)/.exec(text) ?? [];
    const response = await fetch(url, { method: "POST", body: payload });
    assertEquals(await response.text(), OK);
    assertEquals((await getHost(hbd, "my-device"))?.total, 1);
  });

  await t.step("a browser gets a page with the hosts, their names made harmless", async () => {
    for (const path of ["/", "/live"]) {
      const answer = await ask(
        hbd,
        bare("GET", path, "Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8\r\n"),
      );
      assertEquals(answer.status, 200);
      assertMatch(answer.headers.get("content-type") ?? "", /^text\/html/);
      assertMatch(answer.body, /^\s*<!DOCTYPE html>/);
      assertStringIncludes(answer.body, "&lt;b&gt;&amp;bold");
      assert(!answer.body.includes("<b>"), "a name must not become markup");
    }
  });

  await t.step("a host name in the request cannot put anything into the answer", async () => {
    const evil = bare("GET", "/", "Accept: text/html\r\n").replace("my.host:5", "a<script>'b");
    const text = await rawHttp(hbd.port, evil);
    assert(!text.includes("<script>"), text);
  });

  await t.step("HEAD is the headers alone", async () => {
    for (const path of ["/", "/x", "/healthz", "/api/0/hosts", "/api/0/messages"]) {
      const text = await rawHttp(hbd.port, bare("HEAD", path));
      assertMatch(text, /^HTTP\/1\.1 200 /);
      const type = /^(\/x?)$/.test(path) ? "text/plain" : "application/json";
      assertMatch(text, new RegExp(`content-type: ${type}`, "i"));
      assertEquals(text.slice(text.indexOf("\r\n\r\n") + 4), "");
    }
    assertMatch(await rawHttp(hbd.port, bare("HEAD", "/api/0/hosts/none")), /^HTTP\/1\.1 404 /);
  });

  await t.step("other methods are 405 and say what is allowed", async () => {
    const before = await total(hbd);
    for (const method of ["DELETE", "PATCH", "OPTIONS", "PROPFIND"]) {
      for (const path of ["/", "/x"]) {
        const answer = await ask(hbd, bare(method, path));
        assertEquals([answer.status, answer.headers.get("allow")], [405, "GET, HEAD, POST, PUT"]);
        assertStringIncludes(errorOf(answer), method);
      }
    }
    assertEquals(await total(hbd), before);
  });

  await t.step("what the API only tells is read only, and a slip below it is no beat", async () => {
    const before = await total(hbd);
    for (const method of ["POST", "PUT"]) {
      const answer = await ask(hbd, post("/api/0/other", "{}").replace("POST", method));
      assertEquals(answer.status, 404);
    }
    for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
      for (const path of ["/healthz", "/metrics", "/api/0/alerts", "/api/0/messages"]) {
        const answer = await ask(hbd, post(path, "{}").replace("POST", method));
        assertEquals([answer.status, answer.headers.get("allow")], [405, "GET, HEAD"], path);
      }
    }
    assertEquals(await total(hbd), before);
  });

  await t.step("a page of another origin may post (CORS preflight)", async () => {
    const answer = await ask(
      hbd,
      bare(
        "OPTIONS",
        "/heartbeat",
        "Origin: http://page\r\nAccess-Control-Request-Method: POST\r\n" +
          "Access-Control-Request-Headers: content-type\r\n",
      ),
    );
    assertEquals([answer.status, answer.body], [204, ""]);
    assertEquals(answer.headers.get("access-control-allow-origin"), "*");
    assertMatch(answer.headers.get("access-control-allow-methods") ?? "", /POST/);
    assertMatch(answer.headers.get("access-control-allow-headers") ?? "", /content-type|\*/);
  });
});

Deno.test("the API", async (t) => {
  await using hbd = await Hbd.start({
    config: "interval: 60\ntolerance: 50\nhosts:\n  planned: { interval: 30, grace: 5 }\n" +
      "  learning: { interval: auto }\n",
  });

  await t.step("/healthz is ok, with details", async () => {
    const response = await fetch(hbd.url("/healthz"));
    assertEquals(response.status, 200);
    assertMatch(response.headers.get("content-type") ?? "", /^application\/json/);
    const health = await response.json();
    assertEquals([health.status, health.problems], ["ok", []]);
    assertEquals([health.hosts, health.down, health.total], [2, 0, 0]);
  });

  const UNSEEN = {
    state: "new",
    total: 0,
    late: 0,
    missed: 0,
    stability: null,
    last_beat: null,
    deadline: null,
    addresses: [],
    reported_ip: null,
    ...NO_CLIENT,
    bar: "",
    rtts: [],
    owner: null,
    group: null,
    alerts: null,
    worst: null,
    report: null,
    cron: null,
    dyn: false,
    ver: null,
    connections: [],
  };

  /** Those of its fields that are expected to be something. */
  const among = <T extends object>(expected: T, all: object): Partial<T> =>
    Object.fromEntries(Object.entries(all).filter(([key]) => key in expected)) as Partial<T>;

  await t.step("lists configured hosts before their first beat, stability null", async () => {
    const response = await fetch(hbd.url("/api/0/hosts"));
    assertMatch(response.headers.get("content-type") ?? "", /^application\/json/);
    assertEquals(await response.json(), {
      totals: {
        hosts: 2,
        down: 0,
        total: 0,
        late: 0,
        missed: 0,
        stability: null,
        kernel_drops: Deno.build.os === "linux" ? 0 : null,
        overload_drops: 0,
      },
      hosts: [
        { name: "planned", ...UNSEEN, interval: 30, grace: 5 },
        { name: "learning", ...UNSEEN, interval: null, grace: null },
      ],
    });
  });

  await t.step("tells all of a host, times as epoch seconds", async () => {
    const beforeS = Date.now() / 1000;
    await beat(hbd, { name: "plain", ip: "10.0.0.1" });
    await beat(hbd, { name: "planned" });
    await beat(hbd, { name: "learning" });
    await beat(hbd, { name: "stating", interval: 12.5 });
    const expected: readonly (readonly [string, number | null, number | null])[] = [
      ["plain", 60, 30],
      ["planned", 30, 5],
      ["learning", null, null],
      ["stating", 12.5, 6.25],
    ];
    for (const [name, interval, grace] of expected) {
      const host = await getHost(hbd, name);
      const lastS = host?.last_beat ?? 0;
      const right: ApiHost = {
        name,
        state: "up",
        total: 1,
        late: 0,
        missed: 0,
        stability: 100,
        interval,
        grace,
        last_beat: lastS,
        deadline: interval === null || grace === null
          ? null
          : Math.round((lastS + interval + grace) * 1000) / 1000,
        addresses: ["127.0.0.1"],
        reported_ip: name === "plain" ? "10.0.0.1" : null,
        ...NO_CLIENT,
      };
      assertEquals(among(right, host ?? {}), right);
      assert(lastS > beforeS - 0.01 && lastS < Date.now() / 1000 + 0.01, String(lastS));
    }
    assertEquals((await getHosts(hbd)).length, 4);
  });

  await t.step("finds hosts whose names need percent signs", async () => {
    for (const name of ["a b", "Küche", "a/b", "50%", "%2F", "?q#h", "a+b", "日本", "%zz"]) {
      await beat(hbd, { name });
      const host = await getHost(hbd, name);
      assertEquals(host?.name, name);
      assertEquals(host?.total, 1);
    }
  });

  await t.step("answers 404 for a host that it does not know", async () => {
    const response = await fetch(hbd.url("/api/0/hosts/no%20one"));
    assertEquals(response.status, 404);
    assertStringIncludes((await response.json()).error.message, "no one");
    assertEquals((await getHosts(hbd)).some(({ name }) => name === "no one"), false);
  });

  await t.step("tells the last 30 messages, the latest first", async () => {
    for (let n = 1; n <= 35; n++) await beat(hbd, { name: "many", n }, `/m?n=${n}`);
    const messages = await getMessages(hbd);
    assertEquals(
      messages.map(({ message }) => (message as { n: number }).n),
      Array.from({ length: 30 }, (_, i) => 35 - i),
    );
    const { seq = 0, timestamp = 0, ...rest } = messages[0] ?? {};
    assert(seq > 35 && Math.abs(timestamp - Date.now() / 1000) < 10);
    assertEquals(
      { ...rest, source_port: 0, time: 0 },
      {
        host: "many",
        time: 0,
        msg: '{"name":"many","n":35}',
        source_ip: "127.0.0.1",
        source_port: 0,
        transport: "http",
        path: "/m?n=35",
        late: false,
        parse_error: false,
        message: { name: "many", n: 35 },
      } as typeof rest & { source_port: number; time: number },
    );
  });
});
