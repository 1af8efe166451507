/** What check results that come by NRDP do to hosts and alerts. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { dialectOf } from "../../src/doors/dialects.ts";
import { START_MS } from "../monitor/support.ts";
import { host, Nrdp, service } from "./nrdp_bench.ts";

const OK_XML = `<?xml version="1.0" encoding="utf-8"?>
<result>
    <status>0</status>
    <message>OK</message>
    <meta>
        <output>2 checks processed</output>
    </meta>
</result>
`;

Deno.test("paths that end in nrdp are its own, with whatever slashes clients add", () => {
  const paths = ["/nrdp", "/nrdp/", "/nrdp//", "/nagios/nrdp/", "/nrdp/index.php"];
  for (const path of paths) assertEquals(dialectOf("POST", path)?.name, "nrdp", path);
  assertEquals(dialectOf("GET", "/nrdp/")?.name, "nrdp");
  assertEquals(dialectOf("HEAD", "/nrdp/")?.name, "nrdp");
  for (const path of ["/nrdpx", "/xnrdp", "/nrdp/x", "/NRDP"]) {
    assertEquals(dialectOf("POST", path), null, path);
  }
  assertEquals(dialectOf("PUT", "/nrdp/"), null);
});

Deno.test("host and service in XML: a beat and a sample, answered as NRDP does", async () => {
  const door = await Nrdp.of();
  const body = new URLSearchParams({
    token: "any",
    cmd: "submitcheck",
    XMLDATA: `<?xml version='1.0'?>
<checkresults>
    <checkresult type='host'>
        <hostname>somehost</hostname>
        <state>0</state>
        <output>Everything looks okay! | perfdata=1;</output>
    </checkresult>
    <checkresult type='service'>
        <hostname>somehost</hostname>
        <servicename>some service</servicename>
        <state>1</state>
        <output>WARNING: Danger &amp; Will Robinson! | 'a b'=1.5s;1;2;0;9</output>
    </checkresult>
</checkresults>`,
  }).toString();
  const answer = await door.send({ body });
  assertEquals(answer.text, OK_XML);
  assertEquals(answer.status, 200);
  assertEquals(answer.headers.get("content-type"), "text/xml;charset=UTF-8");
  assertEquals(door.kinds(), ["somehost beat", "somehost metrics"]);
  const [beat, sample] = door.taken.map(({ message }) => message);
  assertEquals(beat?.payload, {
    ID: "HTB",
    signal: "host check",
    state: 0,
    output: "Everything looks okay!",
    name: "somehost",
  });
  assertEquals(beat?.path, "/nrdp/?cmd=submitcheck");
  assert(sample?.kind === "metrics");
  assertEquals(sample.plugin, "nrdp");
  assertEquals(sample.data, {
    "some service_status_code": 1,
    "some service_status": "WARNING",
    "some service_output": "WARNING: Danger & Will Robinson!",
    "some service_a_b": 1.5,
    "some service_a_b_unit": "s",
    "some service_a_b_warn": 1,
    "some service_a_b_crit": 2,
    "some service_a_b_min": 0,
    "some service_a_b_max": 9,
  });
  assertEquals(door.state("somehost"), "up");
});

Deno.test("JSON is answered in JSON, and on many lines when it is to be pretty", async () => {
  const door = await Nrdp.of();
  const data = JSON.stringify({ checkresults: [host("web1", "0")] });
  for (const name of ["JSONDATA", "jsondata", "json"]) {
    const body = new URLSearchParams({ token: "t", cmd: "SubmitCheck", [name]: data }).toString();
    const { text, headers } = await door.send({ body });
    const meta = '"meta":{"output":"1 checks processed"}';
    assertEquals(text, `{"result":{"status":0,"message":"OK",${meta}}}`);
    assertEquals(headers.get("content-type"), "application/json");
    const pretty = await door.send({ body: `${body}&pretty=1` });
    assertStringIncludes(pretty.text, '{\n    "result": {\n        "status": 0,');
  }
  assertEquals(door.monitor.host("web1")?.total, 6);
});

Deno.test("states 1 to 3 of a service are alerts without any configuration", async () => {
  const door = await Nrdp.of();
  await door.json([
    service("web1", "Load", 0, "LOAD OK"),
    service("web1", "Disk /", "1", "DISK WARNING - 8% free|/=92%;90;95"),
    service("web1", "HTTP", 2, "refused"),
    service("web1", "NTP", 3, "no answer"),
    service("web1", "odd", 42),
  ]);
  assertEquals(door.alert("web1", "nrdp.Load_status_code"), null);
  assertEquals(
    door.alert("web1", "nrdp.Disk /_status_code"),
    "web1 - nrdp.Disk /_status_code = 1 Disk /: DISK WARNING - 8% free",
  );
  assertEquals(
    door.alert("web1", "nrdp.HTTP_status_code"),
    "web1 - nrdp.HTTP_status_code = 2 HTTP: refused",
  );
  const levels = [...door.monitor.alerts?.active() ?? []].map(({ metric, level }) =>
    `${metric} ${level}`
  );
  assertEquals(levels.toSorted(), [
    "nrdp.Disk /_status_code WARNING",
    "nrdp.HTTP_status_code CRITICAL",
    "nrdp.NTP_status_code UNKNOWN",
    "nrdp.odd_status_code UNKNOWN",
  ]);
  await door.json([service("web1", "HTTP", 0, "HTTP OK")]);
  assertEquals(door.alert("web1", "nrdp.HTTP_status_code"), null);
});

Deno.test("`off` in the configuration takes a service out of the alerts", async () => {
  const door = await Nrdp.of("thresholds: {nrdp: {Mail_status_code: off}}");
  await door.json([service("web1", "Mail", 2), service("web1", "HTTP", 2)]);
  assertEquals(door.alert("web1", "nrdp.Mail_status_code"), null);
  assert(door.alert("web1", "nrdp.HTTP_status_code") !== null);
});

Deno.test("a host that is DOWN or UNREACHABLE fails at once, and is up again with a 0", async () => {
  const door = await Nrdp.of();
  await door.json([host("web1", 0), host("web2", 0)]);
  await door.json([
    host("web1", 1, "CRITICAL - Host unreachable|rta=0"),
    service("web1", "HTTP", 2),
  ]);
  await door.json([host("web2", 2, "")]);
  assertEquals([door.state("web1"), door.state("web2")], ["down", "down"]);
  assertStringIncludes(
    door.monitor.host("web1")?.report?.failure?.text ?? "",
    "CRITICAL - Host unreachable",
  );
  assertStringIncludes(door.monitor.host("web2")?.report?.failure?.text ?? "", "UNREACHABLE");
  await door.json([host("web1", 0)]);
  assertEquals(door.state("web1"), "up");
});

Deno.test("services alone are one beat of their host, beside a check of the host none", async () => {
  const door = await Nrdp.of();
  await door.json([service("a", "x", 0), service("b", "x", 0), service("a", "y", 2)]);
  assertEquals(door.kinds(), ["a beat", "a metrics", "b beat", "b metrics"]);
  door.taken.length = 0;
  await door.json([service("a", "x", 0), host("a", 0)]);
  assertEquals(door.kinds(), ["a beat", "a metrics"]);
});

Deno.test("services do not bring a host back whose own check says that it is down", async () => {
  const door = await Nrdp.of();
  await door.json([host("a", 1, "PING CRITICAL")]);
  await door.json([service("a", "HTTP", 2, "no route")]);
  assertEquals(door.state("a"), "down");
  assert(door.alert("a", "nrdp.HTTP_status_code") !== null);
  await door.json([host("a", 0)]);
  await door.json([service("a", "HTTP", 0)]);
  assertEquals(door.state("a"), "up");
  assertEquals(door.kinds(), ["a fail", "a metrics", "a beat", "a beat", "a metrics"]);
});

Deno.test("of several results of a service the last one counts", async () => {
  const door = await Nrdp.of();
  const { meta } = await door.json([service("a", "x", 2, "old"), service("a", "x", 0, "new")]);
  assertEquals(meta.output, "2 checks processed");
  assertEquals(door.alert("a", "nrdp.x_status_code"), null);
});

Deno.test("a time in the data is for people: it changes nothing", async () => {
  const door = await Nrdp.of();
  await door.json([
    host("a", 0, "", { time: 1_000_000_000 }),
    service("a", "x", 0, "", { time: "5" }),
  ]);
  const [beat, sample] = door.taken.map(({ message }) => message);
  assertEquals(beat?.sentMs, null);
  assertEquals((beat?.payload as { checked: number }).checked, 1_000_000_000);
  assertEquals((sample?.payload as { checked: number }).checked, 5);
  assertEquals(door.monitor.host("a")?.lastBeatMs, START_MS);
});
