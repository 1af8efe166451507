/**
 * Writes down, byte for byte, what real clients send: `tests/recorded/*.http`. Each client of the
 * list below is run once against a port that only listens, answers as the old servers did, and
 * keeps the request. A client that is not installed is left out; its recording stays as it is.
 *
 *   deno run -A scripts/record_requests.ts            all of them
 *   deno run -A scripts/record_requests.ts perl wget  those whose names hold one of these words
 */

const FOLDER = new URL("../tests/recorded/", import.meta.url);

/** Default ports of the servers that these clients were written for. */
const LOGGER = 8765;
const DASHBOARD = 7777;
const PERL = 7777;
const HILBERT = 8888;

/** A client that takes longer has asked for something that is not there. */
const LIMIT_MS = 10_000;

interface Recording {
  /** Name of the file, without `.http`. */
  readonly name: string;
  readonly port: number;
  /** Program and arguments. */
  readonly command: readonly [string, ...string[]];
  /** Where it gets its standard input from. */
  readonly stdin?: string;
}

const JSON_TYPE = "Content-Type: application/json";
const logger = `http://127.0.0.1:${LOGGER}`;
const dashboard = `http://127.0.0.1:${DASHBOARD}`;
const hilbert = `http://127.0.0.1:${HILBERT}`;

function curl(name: string, port: number, ...rest: readonly string[]): Recording {
  return { name: `curl-${name}`, port, command: ["curl", "-sS", ...rest] };
}

function python(name: string, port: number, code: string): Recording {
  return { name: `python-${name}`, port, command: ["python3", "-c", code] };
}

function node(name: string, port: number, code: string): Recording {
  return { name: `node-${name}`, port, command: ["node", "-e", code] };
}

function perl(name: string, code: string): Recording {
  return { name: `perl-${name}`, port: PERL, command: ["perl", "-Mstrict", "-e", code] };
}

const RECORDINGS: readonly Recording[] = [
  // The lines that people copy out of a README.
  curl(
    "json",
    LOGGER,
    ...["-X", "POST", `${logger}/heartbeat`, "-H", JSON_TYPE],
    ...["-d", '{"name":"kiosk-1","ip":"192.168.2.75"}'],
  ),
  // Without a type curl calls it a form.
  curl("json-as-form", DASHBOARD, "-d", '{"device":"kiosk-2","battery":0.8}', dashboard),
  curl("form", LOGGER, "-d", "name=kiosk-3", "-d", "battery=80", `${logger}/heartbeat`),
  curl("text", LOGGER, "-H", "Content-Type: text/plain", "-d", "still alive", logger),
  curl("no-body", DASHBOARD, "-X", "POST", `${dashboard}/heartbeat?name=kiosk-4`),
  curl("empty-body", DASHBOARD, "-d", "", `${dashboard}/heartbeat?name=kiosk-5`),
  curl("http10", LOGGER, "--http1.0", "-H", JSON_TYPE, "-d", '{"name":"kiosk-6"}', logger),
  curl(
    "expect",
    LOGGER,
    ...["-H", JSON_TYPE, "-H", "Expect: 100-continue", "-d", '{"name":"kiosk-7"}', logger],
  ),
  curl(
    "chunked",
    LOGGER,
    ...["-H", JSON_TYPE, "-H", "Transfer-Encoding: chunked", "-d", '{"name":"kiosk-8"}', logger],
  ),
  {
    ...curl("upload", LOGGER, "-T", "-", `${logger}/heartbeat`),
    stdin: '{\n  "name": "kiosk-9",\n  "load": [0.5, 0.25]\n}\n',
  },
  curl("http2", LOGGER, "--http2", "--compressed", "-d", '{"name":"kiosk-10"}', logger),
  {
    name: "wget-json",
    port: LOGGER,
    command: [
      ...(["wget", "-qO-", `--header=${JSON_TYPE}`] as const),
      '--post-data={"hostname":"nas","uptime":12345}',
      `${logger}/heartbeat`,
    ],
  },
  {
    name: "wget-form",
    port: PERL,
    command: ["wget", "-qO-", "--post-data=ip=10.0.0.5&state=up", `http://127.0.0.1:${PERL}/`],
  },
  python(
    "requests-json",
    DASHBOARD,
    `import requests; requests.post("${dashboard}/heartbeat", timeout=5,
  json={"name": "pi", "temperature": 48.3, "note": "Küche"})`,
  ),
  python(
    "requests-form",
    DASHBOARD,
    `import requests; requests.post("${dashboard}", data={"name": "pi", "note": "Küche"}, timeout=5)`,
  ),
  python(
    "urllib",
    LOGGER,
    `import json, urllib.request as u
u.urlopen(u.Request("${logger}/heartbeat", json.dumps({"name": "job", "n": 1}).encode(),
  {"Content-Type": "application/json; charset=utf-8"}), timeout=5).read()`,
  ),
  python(
    "http-client",
    LOGGER,
    `import http.client as h, json
c = h.HTTPConnection("127.0.0.1", ${LOGGER}, timeout=5)
c.request("POST", "/heartbeat", json.dumps({"id": 42, "ok": True}))
c.getresponse().read()`,
  ),
  // Without a length http.client sends what is read from a file in chunks.
  python(
    "http-client-chunked",
    LOGGER,
    `import http.client as h
c = h.HTTPConnection("127.0.0.1", ${LOGGER}, timeout=5)
c.request("POST", "/", iter([b'{"name":', b'"pieces"}']))
c.getresponse().read()`,
  ),
  node(
    "fetch",
    LOGGER,
    `fetch("${logger}/heartbeat", { method: "POST",
  headers: { "Content-Type": "application/json" }, body: JSON.stringify({ name: "node-1", n: 1 }) })
  .then((answer) => answer.text())`,
  ),
  node(
    "fetch-text",
    DASHBOARD,
    `fetch("${dashboard}", { method: "POST", body: JSON.stringify({ name: "node-2" }) })
  .then((answer) => answer.text())`,
  ),
  node(
    "http",
    LOGGER,
    `const request = require("http").request("${logger}/beat", { method: "POST" });
request.write('{"name":'); request.end('"node-3"}')`,
  ),
  perl(
    "http-tiny-json",
    `use HTTP::Tiny; HTTP::Tiny->new(timeout => 5)->post("http://127.0.0.1:${PERL}/",
  { headers => { "Content-Type" => "application/json" }, content => q({"ip":"10.0.0.5"}) })`,
  ),
  perl(
    "http-tiny-form",
    `use HTTP::Tiny; HTTP::Tiny->new(timeout => 5)->post_form("http://127.0.0.1:${PERL}/",
  [ip => "10.0.0.5", battery => "0.8"])`,
  ),
  perl(
    "lwp-json",
    `use LWP::UserAgent; LWP::UserAgent->new(timeout => 5)->post("http://127.0.0.1:${PERL}/",
  "Content-Type" => "application/json; charset=utf-8", Content => q({"battery":0.8,"host":"tablet"}))`,
  ),
  perl(
    "lwp-form",
    `use LWP::UserAgent; LWP::UserAgent->new(timeout => 5, keep_alive => 1)->post(
  "http://127.0.0.1:${PERL}/heartbeat", { ip => "10.0.0.5" })`,
  ),
  perl(
    "io-socket",
    `use IO::Socket::INET; my $s = IO::Socket::INET->new("127.0.0.1:${PERL}") or die $!;
my $body = q({"ip":"10.0.0.6"}); my $length = length $body;
print $s "POST / HTTP/1.0\\r\\nContent-Length: $length\\r\\n\\r\\n$body"; 1 while <$s>`,
  ),
  // Line ends as a careless script writes them.
  perl(
    "io-socket-lf",
    `use IO::Socket::INET; my $s = IO::Socket::INET->new("127.0.0.1:${PERL}") or die $!;
my $body = q({"ip":"10.0.0.7"}); my $length = length $body;
print $s "POST / HTTP/1.0\\nHost: server\\nContent-length: $length\\n\\n$body"; 1 while <$s>`,
  ),
  // The Python client of Hilbert posts what it has said in the address once more; its shell scripts
  // use wget, and a browser's page the rest.
  {
    ...python(
      "",
      HILBERT,
      `import urllib.request as u, urllib.parse as p
u.urlopen(u.Request("${hilbert}/hb_init?4000&appid=Tetris&cache_buster=1795231286.563",
  data=p.urlencode({"appid": "Tetris"}).encode("utf-8")), timeout=5).read()`,
    ),
    name: "hilbert-python-init",
  },
  {
    name: "hilbert-wget-ping",
    port: HILBERT,
    command: [
      ...(["wget", "-t", "2", "-T", "2", "-qO-"] as const),
      "--header=Accept-Encoding: gzip, deflate",
      `${hilbert}/hb_ping?1725&appid=Tetris&cache_buster=1795231288_204411839`,
    ],
  },
  {
    name: "hilbert-wget-done",
    port: HILBERT,
    command: [
      ...([
        "wget",
        "-t",
        "2",
        "-T",
        "2",
        "-qO-",
        "--header=Accept-Encoding: gzip, deflate",
      ] as const),
      ...["--header=Accept-Charset: UTF-8", "--header=Content-Type: application/json"],
      '--post-data={"appid":"Tetris"}',
      `${hilbert}/hb_done?0&appid=Tetris&cache_buster=1795231299_077730127`,
    ],
  },
];

/** Where the request that `bytes` begin with ends; -1 when there is more to come. */
function endOfRequest(bytes: Uint8Array): number {
  // Bytes as characters, so that places in the text are places in the bytes.
  const text = new TextDecoder("latin1").decode(bytes);
  const head = /\r?\n\r?\n/.exec(text);
  if (head === null) return -1;
  const start = head.index + head[0].length;
  const headers = text.slice(0, start);
  if (/^transfer-encoding: *chunked/im.test(headers)) {
    const last = /(?:^|\r\n)0\r\n\r\n/.exec(text.slice(start));
    return last === null ? -1 : start + last.index + last[0].length;
  }
  const [, length = "0"] = /^content-length: *(\d+)/im.exec(headers) ?? [];
  return text.length < start + Number(length) ? -1 : start + Number(length);
}

/** Listens for one request, answers it, and gives its bytes. */
async function takeRequest(listener: Deno.TcpListener): Promise<Uint8Array> {
  using connection = await listener.accept();
  const answer = (text: string) => connection.write(new TextEncoder().encode(text));
  const buffer = new Uint8Array(65_536);
  let bytes = new Uint8Array();
  let isAsked = false;
  while (endOfRequest(bytes) < 0) {
    const read = await connection.read(buffer);
    if (read === null) throw new Error("The client went away in the middle of its request");
    bytes = new Uint8Array([...bytes, ...buffer.subarray(0, read)]);
    const wantsLeave = /^expect: *100-continue/im.test(new TextDecoder().decode(bytes));
    if (wantsLeave && !isAsked) await answer("HTTP/1.1 100 Continue\r\n\r\n");
    isAsked ||= wantsLeave;
  }
  if (endOfRequest(bytes) < bytes.length) throw new Error("More than one request");
  await answer(
    "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n" +
      '{"status":"ok"}',
  );
  return bytes;
}

async function record({ name, port, command, stdin }: Recording): Promise<void> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port });
  const [program, ...args] = command;
  const child = new Deno.Command(program, {
    args,
    stdin: stdin === undefined ? "null" : "piped",
    stdout: "null",
    signal: AbortSignal.timeout(LIMIT_MS),
  }).spawn();
  if (stdin !== undefined) {
    const input = child.stdin.getWriter();
    await input.write(new TextEncoder().encode(stdin));
    await input.close();
  }
  const ended = child.status.then(({ success }) => {
    if (!success) throw new Error(`${program} failed`);
  });
  const [bytes] = await Promise.all([takeRequest(listener), ended]);
  await Deno.writeFile(new URL(`${name}.http`, FOLDER), bytes);
}

for (const recording of RECORDINGS) {
  const words = Deno.args;
  if (words.length > 0 && !words.some((word) => recording.name.includes(word))) continue;
  try {
    await record(recording);
    // deno-lint-ignore no-console -- a script's output
    console.log(`${recording.name}.http`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    // deno-lint-ignore no-console -- a script's output
    console.log(`${recording.name}.http left as it is: ${recording.command[0]} is not installed`);
  }
}
