/** How requests of NRDP's clients are read, bounded and answered when something is wrong. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { host, Nrdp, service } from "./nrdp_bench.ts";

Deno.test("query and body go together, the body first; HEAD is answered without one", async () => {
  const door = await Nrdp.of();
  const data = JSON.stringify({ checkresults: [host("q", 0)] });
  const query = `?${new URLSearchParams({ token: "t", cmd: "submitcheck", json: data })}`;
  for (const method of ["GET", "POST"]) {
    const { text } = await door.send({ method, query });
    assertStringIncludes(text, "1 checks processed");
  }
  const { text, headers } = await door.send({ method: "HEAD", query });
  assertEquals([text, headers.get("content-type")], ["", "application/json"]);
  const { text: hello } = await door.send({ query, body: "cmd=hello" });
  assertStringIncludes(hello, '"product":"nrdp"');
  assertEquals(door.monitor.host("q")?.total, 3);
  assert(door.taken.every(({ message }) => message.path === "/nrdp/?cmd=submitcheck"));
});

Deno.test("multipart/form-data is read; one that is broken is as no data", async () => {
  const door = await Nrdp.of();
  const form = new FormData();
  form.set("token", "t");
  form.set("cmd", "submitcheck");
  form.set(
    "XMLDATA",
    "<checkresults><checkresult><hostname>m</hostname><state>0</state></checkresult></checkresults>",
  );
  const { body, headers } = new Response(form);
  const type = headers.get("content-type") ?? "";
  const text = await new Response(body).text();
  assertStringIncludes((await door.send({ body: text, type })).text, "1 checks processed");
  const broken = await door.send({ body: text.slice(0, 50), type });
  assertStringIncludes(broken.text, "NO TOKEN");
});

Deno.test("errors are NRDP's, with HTTP status 200", async () => {
  const door = await Nrdp.of();
  const cases: readonly (readonly [string, string])[] = [
    ["", "NO TOKEN"],
    ["cmd=submitcheck&xml=x", "NO TOKEN"],
    ["cmd=submitcheck&token=t", "NO DATA"],
    ["cmd=submitcheck&token=t&xml=hello", "BAD XML"],
    ["cmd=submitcheck&token=t&xml=<a>", "BAD XML"],
    ["cmd=submitcheck&token=t&xml=<html><p/></html>", "BAD XML"],
    ["cmd=submitcmd&token=t&command=X", "COMMANDS DISABLED"],
  ];
  for (const [body, message] of cases) {
    const { text, status } = await door.send({ body });
    assertEquals(status, 200);
    assertStringIncludes(text, "    <status>-1</status>\n");
    assertStringIncludes(text, `    <message>${message}</message>\n`, body);
  }
  for (const json of ["{", "null", "{}", '{"checkresults": {}}', "[".repeat(10_000)]) {
    const body = new URLSearchParams({ token: "t", cmd: "submitcheck", json }).toString();
    assertStringIncludes((await door.send({ body })).text, '{"status":-1,"message":"BAD JSON",');
  }
  const { text } = await door.send({ body: "cmd=getconfig&token=t" });
  assertEquals(text, "No command specified or request handler");
  assertEquals(door.taken, []);
});

Deno.test("nothing to process is no error", async () => {
  const door = await Nrdp.of();
  assertStringIncludes(await door.xml("<checkresults/>"), "<output>0 checks processed</output>");
  assertEquals((await door.json([])).status, 0);
});

Deno.test("the token is the ping key, where there is one", async () => {
  const door = await Nrdp.of("ping_key: a-long-secret");
  assertEquals(await door.json([host("a", 0)], "wrong"), { status: -1, message: "BAD TOKEN" });
  assertEquals(door.monitor.host("a"), null);
  assertEquals((await door.json([host("a", 0)], "a-long-secret")).status, 0);
});

Deno.test("a guarded host must prove who it is; others in the same data are taken", async () => {
  const config = "hosts: {safe: {token: 0123456789abcdef0123456789abcdef}}";
  const door = await Nrdp.of(config);
  const result = await door.json([host("safe", 0), service("safe", "x", 0), host("free", 0)]);
  assertEquals(result.status, -1);
  assertMatch(result.message, /^2 of 3 checks not taken: Host "safe" must prove who it is/);
  assertEquals(result.meta, { output: "1 checks processed" });
  assertMatch((await door.json([host("safe", 0)])).message, /^BAD TOKEN: Host "safe"/);
  assertEquals(door.kinds(), ["free beat"]);

  const keyed = await Nrdp.of(`${config}\nping_key: a-long-secret`);
  assertEquals((await keyed.json([host("safe", 0)], "a-long-secret")).status, 0);
});

Deno.test("hosts over max_hosts are named, the others are taken", async () => {
  const door = await Nrdp.of("max_hosts: 2");
  const result = await door.json([host("a", 0), host("b", 0), host("c", 0), service("c", "x", 0)]);
  assertEquals(result.status, -1);
  assertEquals(
    result.message,
    '2 of 4 checks not taken: Host "c" is new and max_hosts (2) is reached',
  );
  assertEquals(result.meta, { output: "2 checks processed" });
  assertEquals(door.kinds(), ["a beat", "b beat"]);
});

Deno.test("a result that makes no sense is told, and is no reason to send all of it again", async () => {
  const door = await Nrdp.of();
  const result = await door.json([
    host("a", 0),
    host("", 0),
    service("a", " ", 0),
    host("b", "up"),
    null,
  ]);
  assertEquals(result.status, 0);
  assertEquals(
    result.message,
    '4 of 5 checks not taken: result 2 has no hostname; result 3 (of "a") has no servicename; ' +
      'result 4 (of "b") has a state that is no whole number; result 5 has no hostname',
  );
  assertEquals((await door.json([host("", 0)])).status, -1);
  assertEquals((await door.json([host("x".repeat(300), 0)])).status, -1);
  const unnamed = await door.json([host("a", 0), host("x".repeat(300), 0)]);
  assertEquals(unnamed.status, 0);
  assertMatch(unnamed.message, /^1 of 2 checks not taken: Host name/);
});

Deno.test("fifty services and more of a host are all judged", async () => {
  const door = await Nrdp.of("max_body: 1000000");
  const many = Array.from(
    { length: 150 },
    (_, n) => service("a", `check ${n}`, 2, "x".repeat(900)),
  );
  assertEquals((await door.json(many)).meta.output, "150 checks processed");
  assertEquals(door.kinds(), ["a beat", "a metrics", "a metrics"]);
  assertEquals([...door.monitor.alerts?.active() ?? []].length, 150);
  for (const { message } of door.taken) assert(message.payloadText.length < 60_000);
});

Deno.test("more performance data than fit are counted", async () => {
  const door = await Nrdp.of();
  const output = `OK|${Array.from({ length: 2000 }, (_, n) => `n${n}=${n}`).join(" ")}`;
  await door.json([service("a", "x", 0, output)]);
  const sample = door.taken[1]?.message;
  assert(sample?.kind === "metrics" && Number(sample.data.x_left_out) > 0);
  assert(sample.payloadText.length < 60_000);
});

Deno.test("a DOCTYPE is refused before it can grow, and so is deep nesting", async () => {
  const door = await Nrdp.of();
  const entities = Array.from(
    { length: 10 },
    (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`,
  );
  const bomb = `<!DOCTYPE l [<!ENTITY l0 "lol">${entities.join("")}]>
    <checkresults>&l10;</checkresults>`;
  const outside = `<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/hostname">]>
    <checkresults><checkresult><hostname>&x;</hostname></checkresult></checkresults>`;
  const inside = `<checkresults><!DOCTYPE l [<!ENTITY x "y">]><checkresult><hostname>&x;</hostname>
    <state>0</state></checkresult></checkresults>`;
  const deep = "<a>".repeat(2000) + "</a>".repeat(2000);
  for (const data of [bomb, outside, inside, deep, "<!DOCTYPE checkresults><checkresults/>"]) {
    const text = await door.xml(data);
    assertStringIncludes(text, "<message>BAD XML</message>");
    assert(text.length < 500, text);
  }
  assertEquals(door.taken, []);
});

Deno.test("text of checks may be anything, in CDATA too", async () => {
  const door = await Nrdp.of();
  const text = await door.xml(`
<?xml version="1.0"?><checkresults>
<checkresult type="service"><servicename>__proto__</servicename><hostname> a&#98;c </hostname>
<state> 1
</state><output><![CDATA[50% of <!DOCTYPE html> & \u202e 💔]]> &lt;b&gt; &uuml;\\nmore|x=1</output>
</checkresult></checkresults>`);
  assertStringIncludes(text, "<message>OK</message>");
  const sample = door.taken[1]?.message;
  assert(sample?.kind === "metrics");
  assertEquals(sample.host, "abc");
  assertEquals(
    sample.data["__proto___output"],
    "50% of <!DOCTYPE html> & \u202e 💔 <b> &uuml;",
  );
  assertEquals(sample.data["__proto___x"], 1);
});

Deno.test("a body over max_body is refused, and says so", async () => {
  const door = await Nrdp.of("max_body: 100");
  const { text, headers } = await door.send({
    body: `token=t&cmd=submitcheck&xml=${"x".repeat(200)}`,
  });
  assertStringIncludes(text, "BODY TOO LARGE");
  assertEquals(headers.get("connection"), "close");
});

Deno.test("what an answer says of a client's text is one line of good XML", async () => {
  const door = await Nrdp.of();
  const data = `<checkresults><checkresult><hostname>a&lt;&amp;"'\u0007</hostname><state>x</state>
    </checkresult></checkresults>`;
  const [, message = ""] = /<message>(.*)<\/message>/.exec(await door.xml(data)) ?? [];
  assertStringIncludes(message, "a&lt;&amp;\\&quot;&apos;");
});
