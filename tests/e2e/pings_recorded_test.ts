/**
 * The requests of clients of Healthchecks.io, Uptime Kuma, Cronitor and Alertmanager, byte for byte
 * as `tests/recorded` holds them: what they mean here, and the answers to the last byte.
 */

import { assertEquals } from "@std/assert";
import { Hbd, rawHttp, readJournal } from "./hbd.ts";
import { HOSTS, ID, RID, TOKEN, told } from "./pings.ts";

const FOLDER = new URL("../recorded/", import.meta.url);

interface Expected {
  readonly host: string;
  readonly message: Readonly<Record<string, unknown>>;
  /** @default {[200, "OK"]} */
  readonly answer?: readonly [status: number, body: string];
}

const CURL = { user_agent: "curl/7.88.1" };
const WGET = { user_agent: "Wget/1.21.3" };
const RUNITOR = { user_agent: "runitor/v1.4.1 (+https://bdd.fi/x/runitor)" };
const JS = { user_agent: "cronitor-js", environment: "production" };
const AM = {
  ...{ alerts: "Watchdog", receiver: "heartbeat", user_agent: "Alertmanager/0.25.0" },
  external_url: "http://alertmanager.example:9093",
};
const KUMA_OK = [200, '{"ok":true}'] as const;
const TAKEN = [200, '{"status":"ok"}'] as const;

/** What each recording means, in the order in which they are sent. */
const RECORDINGS: Readonly<Record<string, Expected>> = {
  "healthchecks-curl-success": {
    host: "backup",
    message: { ID: "HTB", run: "", signal: "success", ...CURL },
  },
  "healthchecks-curl-head": {
    host: "backup",
    message: { ID: "HTB", run: "", signal: "success", ...CURL },
    answer: [200, ""],
  },
  "healthchecks-wget-success": {
    host: "backup",
    message: { ID: "HTB", run: "", signal: "success", ...WGET },
  },
  "healthchecks-curl-exit": {
    host: "backup",
    message: { ID: "FAIL", message: "exit code 3", run: "", signal: "exit", exit: 3, ...CURL },
  },
  "healthchecks-python-requests-start": {
    host: "backup",
    message: { ID: "START", run: RID, signal: "start", user_agent: "python-requests/2.34.2" },
  },
  "healthchecks-curl-body": {
    host: "backup",
    message: {
      ...{ ID: "FAIL", message: "exit code 2: tar: /srv/photos: Cannot stat: No such file" },
      ...{ run: RID, signal: "exit", exit: 2, ...CURL },
      body: "tar: /srv/photos: Cannot stat: No such file\ntar: exiting\n",
    },
  },
  "healthchecks-runitor-start": {
    host: "backup",
    message: { ID: "START", run: RID, signal: "start", ...RUNITOR },
  },
  "healthchecks-runitor-exit": {
    host: "backup",
    message: {
      ...{ ID: "FAIL", message: "exit code 1: Error: no such table: runs" },
      ...{ run: RID, signal: "exit", exit: 1, ...RUNITOR },
      body: "Error: no such table: runs\n\n[runitor] exit status 1",
    },
  },
  "healthchecks-curl-create": {
    host: "database-backup",
    message: { ID: "HTB", run: "", signal: "success", ...CURL },
    answer: [201, "Created"],
  },
  "healthchecks-python-urllib-fail": {
    host: "database-backup",
    message: {
      ...{ ID: "FAIL", message: "Küche: kein Platz", run: "", signal: "fail" },
      ...{ user_agent: "Python-urllib/3.11", body: "Küche: kein Platz" },
    },
  },
  "uptime_kuma-curl-up": {
    host: "nas",
    message: { ID: "HTB", signal: "up", msg: "OK", ...CURL },
    answer: KUMA_OK,
  },
  "uptime_kuma-curl-down": {
    host: "nas",
    message: {
      ...{ ID: "FAIL", message: "disk / is 97% full", signal: "down" },
      ...{ msg: "disk / is 97% full", ...CURL },
    },
    answer: KUMA_OK,
  },
  "uptime_kuma-wget-up": {
    host: "nas",
    message: { ID: "HTB", rtt: 100, signal: "up", msg: "OK", ...WGET },
    answer: KUMA_OK,
  },
  "cronitor-curl-run": {
    host: "nightly-job",
    message: { ID: "START", run: "", signal: "run", ...CURL },
  },
  "cronitor-js-run": {
    host: "nightly-job",
    message: { ID: "START", run: "job-17", signal: "run", from: "db1", ...JS },
  },
  "cronitor-js-complete": {
    host: "nightly-job",
    message: {
      ...{ ID: "PLG", plugin: "cronitor" },
      data: { count: 1423, error_count: 3, duration: 45.2 },
    },
  },
  "cronitor-js-fail": {
    host: "nightly-job",
    message: {
      ...{ ID: "FAIL", message: "Connection refused: größer", run: "job-18", signal: "fail" },
      ...{ from: "db1", body: "Connection refused: größer", ...JS },
    },
  },
  "cronitor-js-beat": { host: "nightly-job", message: { ID: "HTB", signal: "tick", ...JS } },
  "alertmanager-firing": {
    host: "prometheus",
    message: { ID: "HTB", signal: "firing", ...AM },
    answer: TAKEN,
  },
  "alertmanager-resolved": {
    host: "prometheus",
    message: {
      ...{ ID: "MSG", message: "No longer firing: Watchdog", level: "info" },
      ...{ signal: "resolved", ...AM },
    },
    answer: TAKEN,
  },
};

Deno.test("recorded requests are understood and answered, and none is left untested", async (t) => {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(FOLDER)) names.push(name.replace(/\.http$/, ""));
  const ours = names.filter((name) =>
    /^(?:healthchecks|uptime_kuma|cronitor|alertmanager)-/.test(name)
  );
  assertEquals(ours.sort(), Object.keys(RECORDINGS).sort());

  await using hbd = await Hbd.start({ config: HOSTS });
  for (const [name, { host, message, answer = [200, "OK"] }] of Object.entries(RECORDINGS)) {
    await t.step(name, async () => {
      const bytes = await Deno.readFile(new URL(`${name}.http`, FOLDER));
      const isHead = bytes[0] === "H".charCodeAt(0);
      const text = isHead
        ? await headersOf(hbd.port, bytes)
        : await rawHttp(hbd.port, bytes, { answers: 1 });
      const [status, , body = ""] =
        /^HTTP\/1\.1 (\d+)[^]*?(\r\n\r\n)([^]*)$/.exec(text)?.slice(1) ??
          [];
      assertEquals([Number(status), body], [...answer]);
      assertEquals(/content-encoding/i.test(text), false);
      const [latest] = await told(hbd);
      assertEquals(latest?.host, host);
      assertEquals(latest?.message, { ...message, name: host });
    });
  }
  await t.step("and no secret of theirs is written down", async () => {
    const journal = await Deno.readTextFile(hbd.journal);
    for (const secret of [ID, TOKEN, "ys1qjfhbrpkbqedcnl8f5w", "5f1c09d1c5e54f8c8e2b"]) {
      assertEquals(journal.includes(secret), false, secret);
      assertEquals((hbd.stdout() + hbd.stderr()).includes(secret), false, secret);
    }
    const dialects = (await readJournal(hbd.stateDir)).flatMap((line) =>
      line.message === undefined ? [] : [(line as { readonly dialect?: string }).dialect]
    );
    assertEquals(new Set(dialects).size, 4);
  });
});

/** The head of the answer to a HEAD request: its length is that of a body that does not come. */
async function headersOf(port: number, bytes: Uint8Array): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(bytes);
  const buffer = new Uint8Array(4096);
  let text = "";
  while (!text.includes("\r\n\r\n")) {
    const read = await connection.read(buffer);
    if (read === null) break;
    text += new TextDecoder().decode(buffer.subarray(0, read));
  }
  return text;
}

Deno.test("the answers are those of the originals to the last byte", async () => {
  await using hbd = await Hbd.start({ config: HOSTS });
  const ask = async (target: string) => {
    const text = await rawHttp(hbd.port, `GET ${target} HTTP/1.1\r\nHost: s\r\n\r\n`, {
      answers: 1,
    });
    return text.replace(/^date: .*\r\n/m, "").split("\r\n");
  };
  const HC = [
    "content-type: text/plain; charset=utf-8",
    "access-control-allow-origin: *",
    "cache-control: max-age=0, no-cache, no-store, must-revalidate, private",
    "x-content-type-options: nosniff",
  ];
  const ok = ["ping-body-limit: 10000", "content-length: 2", "", "OK"];
  assertEquals(await ask(`/ping/${ID}`), ["HTTP/1.1 200 OK", ...HC, ...ok]);
  const bad = ["content-length: 18", "", "invalid url format"];
  assertEquals(await ask(`/ping/${ID}/256`), ["HTTP/1.1 400 Bad Request", ...HC, ...bad]);
  const badUuid = ["content-length: 19", "", "invalid uuid format"];
  assertEquals(await ask(`/ping/${ID}?rid=1`), ["HTTP/1.1 400 Bad Request", ...HC, ...badUuid]);
  assertEquals(await ask(`/api/push/${TOKEN}`), [
    "HTTP/1.1 200 OK",
    "content-type: application/json; charset=utf-8",
    "cache-control: no-store",
    "content-length: 11",
    "",
    '{"ok":true}',
  ]);
});
