import { assertEquals } from "@std/assert";
import { resolve } from "@std/path";
import type { HeartbeatTarget } from "../../src/config/config.ts";
import { complaints, configOf } from "./support.ts";

Deno.test("the keys of DNS updates are read, paths from the folder of the file", async () => {
  const text = `
dyndomains: [example.com, dyn.example.com.]
nsupdate_bin: /usr/bin/nsupdate
nsupdate_key: keys/dyn.key
nsupdate_server: "[::1]:5353"
nsupdate_ttl: 30
metrics_max_hosts: 7
`;
  const { dns, metricsMaxHosts } = await configOf(text);
  assertEquals(dns, {
    domains: ["example.com", "dyn.example.com"],
    bin: "/usr/bin/nsupdate",
    keyFile: resolve("/etc/keys/dyn.key"),
    server: "[::1]:5353",
    ttlS: 30,
  });
  assertEquals(metricsMaxHosts, 7);
  assertEquals((await configOf("dyndomains: example.com")).dns.domains, ["example.com"]);
});

function udp(hostname: string, port = 50_003): HeartbeatTarget {
  return { kind: "udp", hostname, port, name: null, key: null, intervalS: 10 };
}

function http(url: string, more: { intervalS?: number; method?: "POST" } = {}): HeartbeatTarget {
  return {
    kind: "http",
    url: { value: url, shown: "********" },
    method: "GET",
    intervalS: 60,
    ...more,
  };
}

const KEY = "a-key-of-the-other-hbd";
const right: readonly (readonly [string, readonly HeartbeatTarget[]])[] = [
  ["udp://a.example:5", [udp("a.example", 5)]],
  ["udp://[2001:db8::1]/", [udp("2001:db8::1")]],
  ["https://ping.example/x", [http("https://ping.example/x")]],
  ["{udp: a.example}", [udp("a.example")]],
  ['{udp: "2001:db8::1"}', [udp("2001:db8::1")]],
  [`{udp: "[::1]:7", name: hbd-1, key: ${KEY}, interval: 5}`, [{
    kind: "udp",
    hostname: "::1",
    port: 7,
    name: "hbd-1",
    key: { value: KEY, shown: "********" },
    intervalS: 5,
  }]],
  ["[{url: http://a.example, method: POST, interval: 300}, udp://b.example]", [
    http("http://a.example", { method: "POST", intervalS: 300 }),
    udp("b.example"),
  ]],
];
for (const [written, targets] of right) {
  Deno.test(`who watches the server is read: ${written}`, async () => {
    assertEquals((await configOf(`heartbeat_to: ${written}`)).heartbeatTo, targets);
  });
}

Deno.test("an address may be a secret from elsewhere", async () => {
  const env = () => "https://ping.example/x";
  const [target] = (await configOf("heartbeat_to: ${PING}", { env })).heartbeatTo;
  assertEquals(target, {
    kind: "http",
    url: { value: "https://ping.example/x", shown: "${PING}" },
    method: "GET",
    intervalS: 60,
  });
});

const wrong: readonly (readonly [string, string])[] = [
  ["{}", ' needs either "udp" or "url"'],
  ["{udp: a, url: http://a}", ' needs either "udp" or "url"'],
  ["{url: http://a, name: b}", '.name goes with "udp" only, not with "url"'],
  ["{udp: a, method: GET}", '.method goes with "url" only, not with "udp"'],
  [
    "{udp: 'a b'}",
    '.udp must be a host name or address with an optional port: hbd2.example.com, [2001:db8::1]:50003: got "a b"',
  ],
  ["{udp: a, interval: 0}", ".interval must be a number of seconds from 1 to 31536000: got 0"],
  [
    "a.example",
    ' must be a mapping with "udp" or "url", an http or https address, or udp://host:port: got a text of 9 characters',
  ],
  ["{udp: a, nmae: b}", ""],
];
for (const [written, message] of wrong) {
  Deno.test(`a wrong heartbeat_to is refused: ${written}`, async () => {
    const expected = message === ""
      ? 'Unknown key "nmae" in heartbeat_to.0: did you mean "name"?'
      : `heartbeat_to.0${message}`;
    assertEquals(await complaints(`heartbeat_to: ${written}`), [expected]);
  });
}
