/** Who may change something, in which form, and what is said to those who may not. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Maintenance } from "../../src/monitor/maintenance.ts";
import { type Asked, Bench, START_S } from "./support.ts";

const TOKEN = "a-token-of-some-length";
const WITH_TOKEN = `command_token: ${TOKEN}\n`;

/** Everything that changes something, for a host and a channel that there are. */
const CHANGES = [
  "/api/0/hosts/web1/pause",
  "/api/0/hosts/web1/resume",
  "/api/0/hosts/web1/dns",
  "/api/0/alerts/1/ack",
  "/api/0/channels/hook/test",
];

const JSON_TYPE = { "content-type": "application/json" };

interface Case {
  readonly what: string;
  readonly asked: Asked;
  /** 0: let through, whatever becomes of it then. */
  readonly status: number;
  readonly error?: RegExp;
}

async function check(config: string, cases: readonly Case[]): Promise<void> {
  await using bench = await Bench.start({ config });
  await bench.beat("web1");
  for (const path of CHANGES) {
    for (const { what, asked, status, error = /^/ } of cases) {
      const answer = await bench.post(path, undefined, asked);
      const said = `${path} ${what}: ${answer.status} ${answer.text}`;
      if (status === 0) assertEquals([401, 403, 413, 415].includes(answer.status), false, said);
      else assertEquals(answer.status, status, said);
      if (status !== 0) assertMatch(answer.json.error.message, error);
      assertEquals(answer.headers.get("access-control-allow-origin"), null);
    }
  }
}

Deno.test("with a command_token only who shows it changes something, from wherever", async () => {
  const authorization = `Bearer ${TOKEN}`;
  await check(WITH_TOKEN, [
    { what: "no token", asked: {}, status: 401, error: /Show the command_token/ },
    {
      what: "wrong token",
      asked: { headers: { authorization: `${authorization}x` } },
      status: 401,
    },
    { what: "only the token", asked: { headers: { authorization: TOKEN } }, status: 401 },
    { what: "the token", asked: { headers: { authorization } }, status: 0 },
    {
      what: "the token from far away",
      asked: { headers: { authorization, host: "hbd.example.com" }, from: "203.0.113.9" },
      status: 0,
    },
    {
      what: "the token through a proxy",
      asked: { headers: { authorization, "x-forwarded-for": "203.0.113.9" } },
      status: 0,
    },
    {
      what: "the token from its own page",
      asked: {
        headers: { authorization, host: "hbd.example.com", origin: "https://hbd.example.com" },
      },
      status: 0,
    },
    {
      what: "the token from a foreign page",
      asked: { headers: { authorization, origin: "https://evil.example" } },
      status: 403,
      error: /web page of another server/,
    },
  ]);
});

Deno.test("without a command_token only people on the machine itself change something", async () => {
  const refused = { status: 403, error: /Without a command_token .* own machine only/ };
  const here = ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"];
  const away = [
    "192.0.2.7",
    "10.0.0.1",
    "::ffff:192.0.2.7",
    "2001:db8::1",
    "1.127.0.0",
    "::127.0.0.1",
  ];
  const proxied = [
    ...["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"],
    ...["X-Real-IP", "X-Client-IP", "CF-Connecting-IP", "Via"],
  ];
  const names = [
    "localhost",
    "localhost:50004",
    "LOCALHOST",
    "hbd.localhost",
    "127.0.0.1:1",
    "[::1]:8",
  ];
  const others = [
    "hbd.example.com",
    "127.0.0.1.evil.example",
    "localhost.evil",
    "[::2]",
    "",
    "a b",
  ];
  await check("", [
    ...here.map((from) => ({ what: from, asked: { from }, status: 0 })),
    ...away.map((from) => ({ what: from, asked: { from }, ...refused })),
    ...names.map((host) => ({ what: host, asked: { headers: { host } }, status: 0 })),
    ...others.map((host) => ({ what: host, asked: { headers: { host } }, ...refused })),
    ...proxied.map((name) => ({ what: name, asked: { headers: { [name]: "x" } }, ...refused })),
  ]);
});

Deno.test("a web page of another server changes nothing, even from this machine", async () => {
  const foreign = { status: 403, error: /A web page of another server/ };
  const origins = [
    ...["null", "", "x", "http://evil.example", "https://localhost.evil:50004", "file://"],
    ...["http://localhost", "http://localhost:50005", "http://127.0.0.1:50004"],
  ];
  const own = ["http://localhost:50004", "https://localhost:50004"];
  await check("", [
    ...origins.map((origin) => ({ what: origin, asked: { headers: { origin } }, ...foreign })),
    ...own.map((origin) => ({ what: origin, asked: { headers: { origin } }, status: 0 })),
    {
      what: "a port that goes without saying",
      asked: { headers: { origin: "http://localhost", host: "localhost:80" } },
      status: 0,
    },
    {
      what: "a page whose name leads here",
      asked: { headers: { origin: "http://evil.example", host: "evil.example" } },
      status: 403,
      error: /Without a command_token/,
    },
  ]);
});

Deno.test("a body must be JSON and say so, for what a form can send is not taken", async () => {
  const wrongType = { status: 415, error: /Content-Type must be application\/json: got / };
  const types = ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", "x"];
  await check("", [
    ...types.flatMap((type) => [
      { what: type, asked: { body: "{}", headers: { "content-type": type } }, ...wrongType },
      { what: `${type}, empty`, asked: { headers: { "content-type": type } }, ...wrongType },
    ]),
    { what: "no type, no body", asked: {}, status: 0 },
    { what: "JSON", asked: { body: "{}", headers: JSON_TYPE }, status: 0 },
    {
      what: "JSON with its characters",
      asked: { body: "{}", headers: { "content-type": "Application/JSON; charset=utf-8" } },
      status: 0,
    },
    {
      what: "too much",
      asked: { body: `{"x":"${"x".repeat(20_000)}"}`, headers: JSON_TYPE },
      status: 413,
      error: /Body is over 16384 bytes/,
    },
  ]);
});

Deno.test("a body without a length is not read further than it may be long", async () => {
  await using bench = await Bench.start();
  await bench.beat("web1");
  let chunks = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      chunks++;
      controller.enqueue(new Uint8Array(4096).fill(32));
    },
  });
  const request = new Request("http://localhost/api/0/hosts/web1/pause", {
    method: "POST",
    headers: { host: "localhost", ...JSON_TYPE },
    body: endless,
  });
  assertEquals((await bench.send(request)).status, 413);
  assertEquals(chunks < 10, true, `${chunks} were read`);
});

Deno.test("a web page is not given leave to send anything to the API", async () => {
  await using bench = await Bench.start();
  const headers = { origin: "http://page", "access-control-request-method": "POST" };
  const paths = [...CHANGES, "/api/0/alerts", "/api/0/hosts", "/api/0/other", "/metrics"];
  for (const path of paths) {
    const answer = await bench.ask(path, { method: "OPTIONS", headers });
    assertEquals([answer.status, answer.headers.get("access-control-allow-origin")], [405, null]);
  }
  assertEquals((await bench.ask("/beat", { method: "OPTIONS", headers })).status, 204);
});

Deno.test("a paused host says so, until when, and is resumed", async () => {
  await using bench = await Bench.start();
  await bench.beat("web1");
  const host = async () => (await bench.ask("/api/0/hosts/web1")).json;
  const pause = (body?: unknown) => bench.post("/api/0/hosts/web1/pause", body);
  const resume = () => bench.post("/api/0/hosts/web1/resume");

  assertEquals([(await host()).state, "paused_until" in await host()], ["up", false]);
  assertEquals((await resume()).json.error.message, 'Host "web1" is not paused');
  assertEquals((await resume()).status, 409);

  const paused = await pause({ for: "2h", reason: "new disk" });
  assertEquals([paused.status, paused.json], [200, {
    hostname: "web1",
    paused: true,
    paused_until: START_S + 7200,
    reason: "new disk",
  }]);
  assertEquals([(await host()).state, (await host()).paused_until], ["paused", START_S + 7200]);
  const listed = (await bench.ask("/api/0/hosts")).json.hosts;
  assertEquals([listed[0].state, listed[0].paused_until], ["paused", START_S + 7200]);

  bench.watch.until(60);
  assertEquals((await bench.ask("/api/0/alerts")).json.alerts, []);
  assertEquals((await pause()).json.paused_until, null);
  assertEquals([(await host()).state, (await host()).paused_until], ["paused", null]);
  const resumed = await resume();
  assertEquals([resumed.status, resumed.json], [200, { hostname: "web1", paused: false }]);
  assertEquals([(await host()).state, "paused_until" in await host()], ["up", false]);

  for (const body of [{ for: -1 }, { for: "2 hours" }, { reason: 1 }, { why: "" }, [], "null"]) {
    const asked = typeof body === "string" ? { headers: JSON_TYPE } : {};
    const { status, json } = await bench.post("/api/0/hosts/web1/pause", body, asked);
    assertEquals(status, 422);
    assertStringIncludes(json.error.message, 'Right is {"for": "2h", "reason": "…"}');
  }
  for (const what of ["pause", "resume", "dns"]) {
    const { status, json } = await bench.post(`/api/0/hosts/nobody/${what}`);
    assertEquals([status, json.error.message], [404, 'No host is called "nobody"']);
    const get = await bench.ask(`/api/0/hosts/web1/${what}`, { method: "DELETE" });
    assertEquals(get.status, 405);
  }
});

Deno.test("resuming a host does not end what the configuration has planned for it", async () => {
  const when = { kind: "daily", from: 0, to: 60 } as const;
  const window = { hosts: ["web1"], group: null, when, zone: "UTC", reason: "backup" };
  await using bench = await Bench.start({ maintenance: new Maintenance([window]) });
  await bench.beat("web1");
  await bench.post("/api/0/hosts/web1/pause");
  const { status, json } = await bench.post("/api/0/hosts/web1/resume");
  const planned = { hostname: "web1", paused: true, paused_until: START_S + 3600 };
  assertEquals([status, json], [200, planned]);
});

Deno.test("an alert that holds says when its host is paused", async () => {
  const rules = new Map([["cpu", new Map([["load", { warning: 80 }]])]]);
  await using bench = await Bench.start({ thresholds: rules });
  bench.watch.sample("web1", "cpu", { load: 85 });
  const isPaused = async () => (await bench.ask("/api/0/alerts")).json.alerts[0].paused;
  assertEquals(await isPaused(), false);
  await bench.post("/api/0/hosts/web1/pause");
  assertEquals(await isPaused(), true);
});

Deno.test("hosts of any name are paused", async () => {
  await using bench = await Bench.start();
  for (
    const name of ["a b", "Küche", "a/b", "50%", "%2F", "?q#h", "日本", "%zz", "__proto__", '"<']
  ) {
    await bench.beat(name);
    const path = `/api/0/hosts/${encodeURIComponent(name)}/pause`;
    const { status, json } = await bench.post(path);
    assertEquals([status, json.hostname], [200, name]);
    assertEquals(bench.watch.monitor.host(name)?.state, "paused");
  }
});

const DNS = `
dyndomains: [example.com]
hosts:
  web1: { dyn: true }
  "bad_name": { dyn: true }
`;

Deno.test("the records of a host are shown, and sent anew when somebody asks", async () => {
  await using bench = await Bench.start({ config: DNS });
  const records = async () => (await bench.ask("/api/0/hosts/web1/dns")).json;
  await bench.beat("web1", "203.0.113.7");
  assertEquals((await records()).hostname, "web1");
  const [{ name, type, address }] = (await records()).records;
  assertEquals([name, type, address], ["web1.example.com", "A", "203.0.113.7"]);
  const { status, json } = await bench.post("/api/0/hosts/web1/dns");
  const updates = [{ name: "web1.example.com", type: "A", address: "203.0.113.7" }];
  assertEquals([status, json], [202, { hostname: "web1", updates }]);
  const [{ state, registered, error, next_try }] = (await records()).records;
  assertMatch(state, /^(pending|registered)$/);
  assertEquals([typeof registered, error], [state === "pending" ? "object" : "number", null]);
  assertEquals(typeof next_try, state === "pending" ? "number" : "object");

  for (const host of ["other", "bad_name"]) await bench.beat(host);
  const table: readonly (readonly [string, RegExp])[] = [
    ["other", /^other is not kept in the DNS: hosts\.other\.dyn must be true/],
    ["bad_name", /^"bad_name" cannot stand in the DNS/],
  ];
  for (const [host, problem] of table) {
    const answer = await bench.post(`/api/0/hosts/${host}/dns`);
    assertEquals(answer.status, 409);
    assertMatch(answer.json.error.message, problem);
  }
  assertEquals((await bench.ask("/api/0/hosts/other/dns")).json.records, []);
  assertEquals((await bench.ask("/api/0/hosts/nobody/dns")).status, 404);
});

const CHANNELS = `
notification_channels:
  hook: { type: webhook, url: "PROVIDERsecret-path", min_level: CRITICAL, fallback: other }
  other: { type: webhook, url: "PROVIDERsecret-path" }
`;

Deno.test("channels are listed without their secrets, and tested", async () => {
  await using bench = await Bench.start({ config: CHANNELS });
  bench.watch.until(5);
  const sent = await bench.post("/api/0/channels/hook/test");
  assertEquals([sent.status, sent.json.channel, typeof sent.json.answer], [200, "hook", "string"]);

  bench.provider.status = 500;
  bench.provider.text = "out of order";
  const failed = await bench.post("/api/0/channels/hook/test");
  assertEquals(failed.status, 502);
  assertStringIncludes(failed.json.error.message, "500");
  const none = await bench.post("/api/0/channels/nobody/test");
  const error = 'No channel is called "nobody": there are hook, other';
  assertEquals([none.status, none.json.error.message], [404, error]);

  const answer = await bench.ask("/api/0/channels");
  assertEquals(answer.text.includes("secret-path"), false);
  const [hook, other] = answer.json.channels;
  assertEquals([other.name, other.type, other.min_level, other.fallback], [
    ...["other", "webhook", "WARNING"],
    null,
  ]);
  assertEquals({ ...hook, last_answer: null }, {
    name: "hook",
    type: "webhook",
    min_level: "CRITICAL",
    fallback: "other",
    configured: true,
    waiting: 0,
    waiting_since: null,
    sent: 0,
    failed: 0,
    given_up: 0,
    dropped: 0,
    failing_since: null,
    last_error: null,
    last_error_time: null,
    last_sent: null,
    last_answer: null,
    next_try: null,
  });
  const get = await bench.ask("/api/0/channels/hook/test");
  assertEquals([get.status, get.headers.get("allow")], [405, "POST"]);
});

Deno.test("without channels there is none to test", async () => {
  await using bench = await Bench.start();
  const test = await bench.post("/api/0/channels/hook/test");
  assertEquals(test.json.error.message, 'No channel is called "hook": none is configured');
});

Deno.test("commands go only to hosts that sign, and are queued and seen by who may change things", async () => {
  const config = `hosts: { web1: { key: 0123456789abcdef } }\n`;
  await using bench = await Bench.start({ config });
  await bench.beat("other");
  const queued = await bench.post("/api/0/hosts/web1/commands", { cmd: "x", args: ["y"] });
  assertEquals([queued.status, queued.json.cmd, queued.json.state], [201, "x", "queued"]);
  assertEquals((await bench.ask("/api/0/hosts/web1/commands")).json.commands, [queued.json]);
  const other = await bench.post("/api/0/hosts/other/commands", { cmd: "x" });
  assertEquals(other.status, 409);
  assertStringIncludes(other.json.error.message, "has no key");
  const long = { cmd: "x", args: Array(17).fill("y".repeat(1000)) };
  assertEquals((await bench.post("/api/0/hosts/web1/commands", long)).status, 413);
  for (const method of ["GET", "POST"]) {
    const asked = { method, from: "192.0.2.7", ...(method === "POST" && { body: { cmd: "x" } }) };
    assertEquals((await bench.ask("/api/0/hosts/web1/commands", asked)).status, 403);
  }
});

Deno.test("a beat through a trusted proxy is its client's; what others say of themselves is not believed", async () => {
  await using bench = await Bench.start({ config: "trusted_proxies: [192.0.2.1]" });
  const beat = (name: string, from: string) =>
    bench.post("/", JSON.stringify({ name }), {
      from,
      headers: { "x-forwarded-for": "198.51.100.9, 203.0.113.5" },
    });
  await beat("behind", "192.0.2.1");
  await beat("liar", "192.0.2.2");
  const addresses = ["behind", "liar"].map((name) => bench.view.host(name)?.addresses);
  assertEquals(addresses, [["203.0.113.5"], ["192.0.2.2"]]);
});
