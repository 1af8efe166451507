/**
 * Jobs that report to Healthchecks.io, Uptime Kuma and Cronitor, sent here instead: whole lives of
 * them with real curl, a real server, and somebody who is told.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { beat, eventually, Hbd, parseAnswers, rawHttp, tempDir } from "./hbd.ts";
import { Hook } from "./hook.ts";
import { type ApiJob, curl, CURL_REFUSED, HOSTS, ID, job, RID, TOKEN, told } from "./pings.ts";

const OTHER_RID = "11111111-2222-4333-8444-555555555555";

Deno.test("a backup's life: start, success, runs side by side, failure, recovery", async () => {
  await using hook = new Hook();
  await using hbd = await Hbd.start({
    config: `${HOSTS}
notification_channels:
  hook: {type: webhook, url: "${hook.url}"}
notify: [hook]
`,
  });
  const backup = () => job(hbd, "backup");
  const ping = async (rest: string, ...more: readonly string[]) =>
    assertEquals(await curl(hbd, `/ping/${ID}${rest}`, ...more), [0, "OK"]);

  await ping("/start");
  assertEquals((await backup()).report.runs.map(({ run }) => run), [""]);
  // The duration is that of real time: some of it has to pass.
  await eventually(async () => {
    const [first] = (await backup()).report.runs;
    assert(first !== undefined && Date.now() / 1000 - first.started > 0.3);
  });
  await ping("/0");
  const { report, state, total } = await backup();
  assertEquals([state, total, report.dialect, report.runs], ["up", 1, "healthchecks", []]);
  assert(report.last !== null && report.last.ok && (report.last.duration_s ?? 0) > 0.3);

  await ping(`/start?rid=${RID}`);
  await ping(`/start?rid=${OTHER_RID.toUpperCase()}`);
  assertEquals((await backup()).report.runs.map(({ run }) => run), [RID, OTHER_RID]);
  await ping(`?rid=${RID}`);
  assertEquals((await backup()).report.runs.map(({ run }) => run), [OTHER_RID]);
  assertEquals((await backup()).report.last?.run, RID);

  await ping(`/2?rid=${OTHER_RID}`, "--data-raw", "tar: disk is full\nmore\n");
  const failed = await backup();
  assertEquals([failed.state, failed.missed, failed.report.last?.ok], ["down", 1, false]);
  assertEquals(failed.report.failure?.text, "reported a failure: exit code 2: tar: disk is full");
  await hook.next(/^CRITICAL: backup - reported a failure: exit code 2: tar: disk is full$/);

  await ping("/log", "--data-raw", "trying again");
  assertEquals((await backup()).state, "down");
  await ping("");
  const well = await backup();
  assertEquals([well.state, well.report.failure], ["up", null]);
});

Deno.test("a monitor of Kuma that is down is told of once, though silence follows", async () => {
  await using hook = new Hook();
  await using hbd = await Hbd.start({
    config: `
hosts:
  nas: {ping_id: ${TOKEN}, interval: 1, grace: 0}
  clock: {interval: 1, grace: 0}
incident_share: 100
notification_channels:
  hook: {type: webhook, url: "${hook.url}"}
notify: [hook]
`,
  });
  const push = async (query: string) =>
    assertEquals(await curl(hbd, `/api/push/${TOKEN}?${query}`), [0, '{"ok":true}']);
  await push("status=up&msg=OK&ping=12.5");
  assertEquals((await job(hbd, "nas")).rtt, 12.5);
  await push("status=down&msg=disk+is+full&ping=");
  assertEquals((await job(hbd, "nas")).state, "down");
  await hook.next(/^CRITICAL: nas - reported a failure: disk is full$/);
  // Another host falls silent after it: then so has this one, and would have been told of.
  await beat(hbd, { name: "clock" });
  await hook.next(/^CRITICAL: clock - no heartbeat/);
  await eventually(async () => assert((await job(hbd, "clock")).missed >= 3));
  const ofNas = () => hook.told.filter(({ host }) => host === "nas").map(({ kind }) => kind);
  assertEquals(ofNas().length, 1, JSON.stringify(hook.texts()));
  await push("status=up&msg=OK&ping=");
  assertEquals([(await job(hbd, "nas")).state, (await job(hbd, "nas")).report.failure], [
    "up",
    null,
  ]);
});

Deno.test("what nobody knows is 404, and a script sees that it failed", async () => {
  await using hbd = await Hbd.start({
    config: "ping_key: ys1qjfhbrpkbqedcnl8f5w\nhosts: {backup: {}}\n",
  });
  const refused = [
    `/ping/${ID}`,
    `/ping/${ID}/start`,
    "/ping/ys1qjfhbrpkbqedcnl8f5w/other",
    "/ping/not-the-key-of-pings/backup",
    `/api/push/${TOKEN}`,
    "/p/ys1qjfhbrpkbqedcnl8f5w/other?state=run",
    "/p/not-the-key-of-pings/backup",
  ];
  for (const target of refused) {
    const [answer] = parseAnswers(
      await rawHttp(hbd.port, `GET ${target} HTTP/1.1\r\nHost: s\r\nConnection: close\r\n\r\n`),
    );
    assertEquals(answer?.status, 404, target);
    assertEquals(await curl(hbd, target), [CURL_REFUSED, ""], target);
  }
  assertEquals((await told(hbd)).length, 0);
  assertEquals(await curl(hbd, "/ping/ys1qjfhbrpkbqedcnl8f5w/backup"), [0, "OK"]);
  assertEquals(await curl(hbd, "/p/ys1qjfhbrpkbqedcnl8f5w/backup"), [0, "OK"]);
});

Deno.test("runs, durations and failures are still there after a kill -9", async () => {
  await using dir = await tempDir();
  const stateDir = dir.path;
  let before: readonly ApiJob[];
  const names = ["backup", "nas"];
  const jobs = (hbd: Hbd) => Promise.all(names.map((name) => job(hbd, name)));
  {
    await using hbd = await Hbd.start({ config: HOSTS, stateDir });
    for (const rest of ["/start", `/start?rid=${RID}`, "/log", "/0"]) {
      assertEquals(await curl(hbd, `/ping/${ID}${rest}`), [0, "OK"]);
    }
    await curl(hbd, `/api/push/${TOKEN}?status=down&msg=no+space`);
    before = await jobs(hbd);
    await hbd.kill();
  }
  await using hbd = await Hbd.start({ config: HOSTS, stateDir });
  const after = await jobs(hbd);
  assertEquals(after.map(({ state }) => state), ["up", "down"]);
  assertEquals(after.map(({ report }) => report), before.map(({ report }) => report));
  const [backup, nas] = after;
  assertEquals(backup?.report.runs.map(({ run }) => run), [RID]);
  assert(backup?.report.last?.duration_s !== null);
  assertMatch(nas?.report.failure?.text ?? "", /no space$/);

  // What had begun before ends now.
  assertEquals(await curl(hbd, `/ping/${ID}?rid=${RID}`), [0, "OK"]);
  const { report } = await job(hbd, "backup");
  assertEquals([report.runs, report.last?.run], [[], RID]);
  assert((report.last?.duration_s ?? 0) > 0);
});

Deno.test("a server's address that ends in a slash leads to the same place", async () => {
  await using hbd = await Hbd.start({ config: HOSTS });
  assertEquals(await curl(hbd, `//ping/${ID}`), [0, "OK"]);
  assertEquals(await curl(hbd, `//api/push/${TOKEN}`, "-X", "POST"), [0, '{"ok":true}']);
  assertEquals((await told(hbd)).map(({ host }) => host), ["nas", "backup"]);
});
