/** Pings as Healthchecks.io's clients send them: what they mean here, and how they are answered. */

import { assert, assertEquals } from "@std/assert";
import { healthchecks } from "../../src/doors/healthchecks.ts";
import { type BenchOptions, PingBench, RID, UUID } from "./ping_support.ts";

const KEY = "ys1qjfhbrpkbqedcnl8f5w";
const IDS = { hostsById: new Map([[UUID, "backup"], ["nightly-import-7", "import"]]) };
const OK = [200, "OK"] as const;
const NOT_FOUND = [404, "not found"] as const;
const BAD_URL = [400, "invalid url format"] as const;
const BAD_UUID = [400, "invalid uuid format"] as const;

const bench = (options: BenchOptions = { pings: IDS }) => new PingBench([healthchecks], options);

Deno.test("a ping is a beat of the host that has its id", async () => {
  const hc = bench();
  for (const method of ["GET", "HEAD", "POST", "PUT"]) {
    assertEquals(await hc.say(`/ping/${UUID}`, { method }), OK);
  }
  assertEquals(hc.host("backup").total, 4);
  assertEquals(hc.host("backup").report?.dialect, "healthchecks");
  assertEquals(await hc.say("/ping/nightly-import-7/start"), OK);
  assertEquals(hc.last.host, "import");
});

Deno.test("an id that is a UUID may be in upper case, and have a slash behind it", async () => {
  const hc = bench();
  assertEquals(await hc.say(`/ping/${UUID.toUpperCase()}`), OK);
  assertEquals(await hc.say(`/ping/${UUID}/`), OK);
  assertEquals(await hc.say(`/ping/${UUID}/start/`), OK);
  assertEquals(hc.taken.map(({ host, kind }) => [host, kind]), [
    ["backup", "beat"],
    ["backup", "beat"],
    ["backup", "start"],
  ]);
});

Deno.test("an answer is what the original's is, and kept by nobody", async () => {
  const answered = await bench().ask(`/ping/${UUID}`);
  assert(answered !== null);
  const { headers } = answered;
  assertEquals(headers.get("ping-body-limit"), "10000");
  assertEquals(headers.get("access-control-allow-origin"), "*");
  assertEquals(headers.get("content-type"), "text/plain; charset=utf-8");
  assertEquals(
    headers.get("cache-control"),
    "max-age=0, no-cache, no-store, must-revalidate, private",
  );
});

Deno.test("each address says its own thing", async () => {
  const hc = bench();
  const post = { method: "POST", body: "\r\ntar: no such file\r\ntar: exiting\r\n" };
  const meanings = [
    ["", { kind: "beat", run: "" }],
    ["/0", { kind: "beat", run: "" }],
    ["/000", { kind: "beat", run: "" }],
    ["/start", { kind: "start", run: "" }],
    ["/fail", { kind: "fail", run: "", reason: "tar: no such file" }],
    ["/3", { kind: "fail", run: "", reason: "exit code 3: tar: no such file" }],
    ["/255", { kind: "fail", run: "", reason: "exit code 255: tar: no such file" }],
    ["/log", { kind: "note", text: "tar: no such file", level: "info" }],
  ] as const;
  for (const [rest, meaning] of meanings) {
    assertEquals(await hc.say(`/ping/${UUID}${rest}`, post), OK);
    const found = Object.fromEntries(
      Object.keys(meaning).map((
        key,
      ) => [key, (hc.last as unknown as Record<string, unknown>)[key]]),
    );
    assertEquals<unknown>(found, meaning, rest);
  }
  assertEquals(hc.fields.signal, "log");
});

Deno.test("without a body a failure and a log say what is known of them", async () => {
  const hc = bench();
  await hc.say(`/ping/${UUID}/fail`);
  assertEquals(hc.last.kind === "fail" && hc.last.reason, "");
  await hc.say(`/ping/${UUID}/17`);
  assertEquals(hc.last.kind === "fail" && hc.last.reason, "exit code 17");
  assertEquals([hc.fields.signal, hc.fields.exit], ["exit", 17]);
  await hc.say(`/ping/${UUID}/log`, { method: "POST", body: " \n\t\n" });
  assertEquals(hc.last.kind === "note" && hc.last.text, "log");
});

Deno.test("a run is told by rid, in whatever form a UUID is written", async () => {
  const hc = bench();
  await hc.say(`/ping/${UUID}/start?rid=${RID.toUpperCase()}`);
  await hc.say(`/ping/${UUID}/start`);
  assertEquals(hc.host("backup").report?.runs.map(({ run }) => run), [RID, ""]);
  hc.nowMs += 5000;
  await hc.say(`/ping/${UUID}?rid=${RID.replaceAll("-", "")}`);
  const { report } = hc.host("backup");
  assertEquals(report?.runs.map(({ run }) => run), [""]);
  assertEquals([report?.last?.run, report?.last?.durationMs, report?.last?.isOk], [
    RID,
    5000,
    true,
  ]);
  for (const rid of ["", "1", "job-17", `${RID}0`, RID.slice(1), "g".repeat(32)]) {
    assertEquals(await hc.say(`/ping/${UUID}?rid=${rid}`), BAD_UUID, rid);
  }
  assertEquals(hc.taken.length, 3);
});

Deno.test("what is no signal is refused, and counts for nothing", async () => {
  const hc = bench();
  for (const rest of ["/256", "/99999999999", "/-1", "/1.5", "/stop", "/start/x", "//start"]) {
    assertEquals(await hc.say(`/ping/${UUID}${rest}`), BAD_URL, rest);
  }
  assertEquals(await hc.say(`/ping/%ff${UUID}`), BAD_URL);
  assertEquals(hc.taken, []);
});

Deno.test("the beginning of the body is kept, and no half of a character", async () => {
  const hc = bench();
  const long = `é${"é".repeat(4998)}x€${"y".repeat(5000)}`;
  assertEquals(await hc.say(`/ping/${UUID}/log`, { method: "POST", body: long }), OK);
  assertEquals(hc.fields.body, long.slice(0, 5000));
  await hc.say(`/ping/${UUID}`, { method: "POST", body: new Uint8Array([255, 0, 65]) });
  assertEquals(hc.fields.body, "\ufffd\u0000A");
  await hc.say(`/ping/${UUID}`, { headers: { "user-agent": "runitor/v1.4.1" } });
  assertEquals([hc.fields.body, hc.fields.user_agent], [undefined, "runitor/v1.4.1"]);
});

Deno.test("a job that prints more than max_body is heard all the same, short of 16 MiB", async () => {
  const hc = bench({ pings: IDS, maxBodyBytes: 20_000 });
  const post = (length: number) => ({ method: "POST", body: "x".repeat(length) });
  assertEquals(await hc.say(`/ping/${UUID}/3`, post(1_000_000)), OK);
  assertEquals(hc.fields.body, "x".repeat(10_000));
  const answered = await hc.ask(`/ping/${UUID}`, post(16_777_217));
  assertEquals([answered?.status, answered?.headers.get("connection")], [413, "close"]);
});

Deno.test("an id is not written down", async () => {
  const hc = bench({ pings: { ...IDS, keys: [KEY] } });
  await hc.say(`/ping/${UUID}/start?rid=${RID}`);
  assertEquals(hc.last.path, "/ping/…/start");
  await hc.say(`/ping/${KEY}/K%C3%BCche%2F1/fail?create=1`);
  assertEquals([hc.last.host, hc.last.path], ["Küche/1", "/ping/…/K%C3%BCche%2F1/fail"]);
  const all = JSON.stringify(hc.taken);
  assertEquals([all.includes(UUID), all.includes(KEY)], [false, false]);
});

Deno.test("an id behind a key is still one, and not the name of a new host", async () => {
  const hc = bench();
  assertEquals(await hc.say(`/ping/key/${UUID}/start?create=1`), OK);
  assertEquals([hc.last.host, hc.last.path], ["backup", "/ping/…/…/start"]);
});

Deno.test("an unknown id is not found, unless pings make hosts", async () => {
  const other = "11111111-2222-4333-8444-55555555aaaa";
  const hc = bench({ pings: IDS });
  for (const rest of ["", "/", "/start", "/17", "/log"]) {
    assertEquals(await hc.say(`/ping/${other}${rest}`), NOT_FOUND);
  }
  assertEquals(await hc.say("/ping/long-enough"), NOT_FOUND);
  const open = bench({ pings: { create: true } });
  assertEquals(await open.say(`/ping/${other.toUpperCase()}/start`), OK);
  assertEquals([open.last.host, open.last.path], [other, "/ping/…/start"]);
});

Deno.test("by the ping key each host is pinged by its name", async () => {
  const hc = bench({ pings: { ...IDS, keys: [KEY] } });
  await hc.say(`/ping/${UUID}`);
  assertEquals(await hc.say(`/ping/${KEY}/backup`), OK);
  assertEquals(await hc.say(`/ping/${KEY}/backup/start?rid=${RID}`), OK);
  assertEquals(await hc.say(`/ping/${KEY}/backup/7?rid=${RID}`), OK);
  assertEquals(hc.host("backup").report?.last?.isOk, false);
  assertEquals(await hc.say(`/ping/${KEY}/backup/256`), BAD_URL);
  assertEquals(await hc.say(`/ping/${KEY}x/backup`), NOT_FOUND);
  assertEquals(await hc.say(`/ping/${KEY}x/backup?create=1`), NOT_FOUND);
  assertEquals(await hc.say(`/ping/${KEY}/other`), NOT_FOUND);
  assertEquals(await hc.say(`/ping/${KEY}/other/start?create=0`), NOT_FOUND);
});

Deno.test("where there is no ping key any word will do", async () => {
  const hc = bench({ pings: IDS });
  await hc.say(`/ping/${UUID}`);
  assertEquals(await hc.say("/ping/key/backup"), OK);
  assertEquals(await hc.say("/ping/k/backup/1"), OK);
});

Deno.test("create=1 makes a host by its slug once", async () => {
  const hc = bench({ pings: { keys: [KEY] } });
  assertEquals(await hc.say(`/ping/${KEY}/db-backup/start?create=1`), [201, "Created"]);
  assertEquals(await hc.say(`/ping/${KEY}/db-backup?create=1`), OK);
  assertEquals(hc.host("db-backup").report?.runs, []);
  assertEquals(await hc.say(`/ping/${KEY}/db-backup`), OK);
  assertEquals(await hc.say(`/ping/${KEY}/${"x".repeat(300)}?create=1`), BAD_URL);
});

Deno.test("where pings make hosts, a client that asks for none is told nothing of it", async () => {
  const hc = bench({ pings: { keys: [KEY], create: true } });
  assertEquals(await hc.say(`/ping/${KEY}/db-backup`), OK);
  assertEquals(hc.last.host, "db-backup");
});

Deno.test("where there is a ping key, the name of a host alone is no id", async () => {
  const hc = bench({ pings: { keys: [KEY], create: true } });
  assertEquals(await hc.say(`/ping/${KEY}/db-backup`), OK);
  assertEquals((await hc.say("/ping/db-backup/fail"))?.[0], 404);
  assertEquals((await hc.say("/ping/db-backup"))?.[0], 404);
  assertEquals(await hc.say(`/ping/${UUID}`), OK);
});

Deno.test("one host too many is refused so that clients try again", async () => {
  const hc = bench({ pings: { create: true }, watch: { maxHosts: 1 } });
  assertEquals(await hc.say("/ping/k/a"), OK);
  assertEquals((await hc.say("/ping/k/b"))?.[0], 429);
});

Deno.test("the id of a guarded host and the ping key are proof, a name is none", async () => {
  const guard = { tokens: new Map([["backup", "the token of backup"]]) };
  const hc = bench({ guard, pings: IDS });
  assertEquals(await hc.say(`/ping/${UUID}`), OK);
  const refused = await hc.ask("/ping/key/backup");
  assertEquals([refused?.status, refused?.headers.get("www-authenticate")], [401, "Bearer"]);
  assertEquals(hc.refused, ["unsigned"]);
  const headers = { authorization: "Bearer the token of backup" };
  assertEquals(await hc.say("/ping/key/backup", { headers }), OK);
  const keyed = bench({ guard, pings: { keys: [KEY], create: true } });
  assertEquals(await keyed.say(`/ping/${KEY}/backup`), OK);
});

Deno.test("a ping key may look like a UUID", async () => {
  const hc = bench({ pings: { keys: [UUID] } });
  assertEquals(await hc.say(`/ping/${UUID}/start?create=1`), [201, "Created"]);
  assertEquals([hc.last.host, hc.last.kind], ["start", "beat"]);
});

Deno.test("what cannot be a ping is left to others", () => {
  const speaks = (path: string, method = "POST") => healthchecks.speaks(method, path);
  for (
    const path of ["/", "/ping", "/ping/", "/ping/kiosk", "/pings/a/b", "/ping//x", "/a/ping/b/c"]
  ) {
    assertEquals(speaks(path), false, path);
  }
  for (const path of [`/ping/${UUID}`, "/ping/12345678", "/ping/12345678/", "/ping/k/slug/start"]) {
    assertEquals(speaks(path), true, path);
  }
  assertEquals([speaks(`/ping/${UUID}`, "OPTIONS"), speaks(`/ping/${UUID}`, "DELETE")], [
    false,
    false,
  ]);
});
