/** What NRDP's clients send, byte for byte (tests/recorded/nrdp-*.http), to a real hbd. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { eventually, Hbd, parseAnswers, rawHttp } from "./hbd.ts";

const RECORDED = new URL("../recorded/", import.meta.url);

const done = (checks: number) =>
  `<?xml version="1.0" encoding="utf-8"?>
<result>
    <status>0</status>
    <message>OK</message>
    <meta>
        <output>${checks} checks processed</output>
    </meta>
</result>
`;

const jsonDone = (checks: number) =>
  `{"result":{"status":0,"message":"OK","meta":{"output":"${checks} checks processed"}}}`;

/** Sends a recorded request and gives the answer to it. */
async function replay(hbd: Hbd, name: string) {
  const bytes = await Deno.readFile(new URL(`nrdp-${name}.http`, RECORDED));
  const [answer] = parseAnswers(await rawHttp(hbd.port, bytes, { answers: 1 }));
  assert(answer !== undefined);
  return answer;
}

// deno-lint-ignore no-explicit-any -- whatever the API says: tests compare it
async function api(hbd: Hbd, path: string): Promise<any> {
  const response = await fetch(hbd.url(`/api/0/${path}`));
  return await response.json();
}

async function alerts(hbd: Hbd): Promise<string[]> {
  const { alerts } = await api(hbd, "alerts");
  return alerts.map(({ level, text }: { level: string; text: string }) => `${level}: ${text}`);
}

async function curl(...args: readonly string[]): Promise<string> {
  const { success, stdout } = await new Deno.Command("curl", {
    args: ["-f", "--silent", "--insecure", ...args],
    stderr: "null",
  }).output();
  assert(success, `curl ${args.join(" ")}`);
  return new TextDecoder().decode(stdout);
}

Deno.test("every recorded client is answered as by NRDP, and its checks are there", async () => {
  await using hbd = await Hbd.start();
  const xml = { "send_nrdp-sh": 1, "send_nrdp-sh-file": 2, "send_nrdp-sh-wget": 1 };
  const more = { "send_nrdp-py": 1, "send_nrdp-php": 1, ncpa: 5 };
  for (const [name, checks] of Object.entries({ ...xml, ...more })) {
    const { status, headers, body } = await replay(hbd, name);
    assertEquals(status, 200, name);
    assertEquals(headers.get("content-type"), "text/xml;charset=UTF-8");
    assertEquals(body, done(checks), name);
  }
  const { headers, body } = await replay(hbd, "curl-json-multipart");
  assertEquals([headers.get("content-type"), body], ["application/json", jsonDone(2)]);

  const { hosts } = await api(hbd, "hosts");
  const states = hosts.map(({ name, state }: { name: string; state: string }) =>
    `${name} ${state}`
  );
  assertEquals(states.toSorted(), [
    "WIN-APP-01 up",
    "json1 up",
    "mail1 up",
    "php1 down",
    "py1 up",
    "web1 up",
    "web2 up",
  ]);
  const told = await alerts(hbd);
  const wanted = [
    /^CRITICAL: .*php1 - reported a failure: PING CRITICAL - Packet loss = 100%/,
    /^CRITICAL: mail1 - nrdp\.Mail queue_status_code = 2 Mail queue: QUEUE CRITICAL - 412 messages & rising$/,
    /^CRITICAL: WIN-APP-01 - nrdp\.Disk Usage_status_code = 2 Disk Usage: CRITICAL: Used disk space/,
    /^UNKNOWN: WIN-APP-01 - nrdp\.Swap Usage_status_code = 3 /,
    /^WARNING: json1 - nrdp\.someservice_status_code = 1 /,
    /^WARNING: web1 - nrdp\.Disk \/_status_code = 1 Disk \/: DISK WARNING - free space: \/ 812 MB \(8% inode=71%\) & falling$/,
    /^WARNING: web2 - /,
  ];
  for (const pattern of wanted) assertMatch(told.find((text) => pattern.test(text)) ?? "", pattern);
  assertEquals(told.length, wanted.length);

  const { plugins } = await api(hbd, "hosts/mail1/plugins");
  assertStringIncludes(JSON.stringify(plugins), '"Mail queue_queue":412');
});

Deno.test("what was answered is there after kill -9, and no token is in the journal", async () => {
  const token = "0123456789abcdef-token";
  await using first = await Hbd.start({ config: `ping_key: ${token}\n` });
  const results = Array.from({ length: 50 }, (_, n) => ({
    checkresult: { type: "service" },
    hostname: "agent",
    servicename: `check ${n}`,
    state: n === 7 ? 2 : 0,
    output: `fine|value=${n}`,
  }));
  const data = `json=${JSON.stringify({ checkresults: results })}`;
  const send = (key: string, url: string) =>
    curl("-d", "cmd=submitcheck", "-d", `token=${key}`, "--data-urlencode", data, url);
  assertEquals(await send(token, first.url("/nagios/nrdp/")), jsonDone(50));
  const refused = await send("wrong", first.url("/nrdp/"));
  assertEquals(refused, '{"result":{"status":-1,"message":"BAD TOKEN"}}');
  const query = new URLSearchParams({ token, cmd: "submitcheck", json: data.slice(5) });
  assertEquals(await curl(first.url(`/nrdp?${query}`)), jsonDone(50));
  await first.kill();
  assert(!(await Deno.readTextFile(first.journal)).includes(token));

  await using second = await Hbd.start({
    config: `ping_key: ${token}\n`,
    stateDir: first.stateDir,
  });
  const { hosts } = await api(second, "hosts");
  assertEquals(
    hosts.map(({ name, total }: { name: string; total: number }) => ({ name, total })),
    [{ name: "agent", total: 2 }],
  );
  await eventually(async () => {
    assertEquals(await alerts(second), [
      "CRITICAL: agent - nrdp.check 7_status_code = 2 check 7: fine",
    ]);
  });
});
