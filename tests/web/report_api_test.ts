/** What the API tells of hosts that run jobs: their runs, why they are down, and their calendar. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { alert as alertAnswer } from "../../src/web/api/alert_answers.ts";
import { hostDetail } from "../../src/web/api/host_answers.ts";
import { hostText } from "../../src/web/live/host_text.ts";
import { START_MS } from "../monitor/alerts/support.ts";
import { Bench } from "./support.ts";

const CONFIG = `
hosts:
  backup: {cron: "0 3 * * *", tz: Europe/Berlin, grace: 20m}
  export: {ping_id: 0d4a1f6f-2a11-4c08}
  sealed: {token: correct-horse-battery}
`;

const START_S = START_MS / 1000;

/** The host as the API tells it; it must be what the documents say. */
async function detailOf(bench: Bench, name: string) {
  const { json } = await bench.ask(`/api/0/hosts/${name}`);
  assertEquals(hostDetail.parse(json), json);
  return json;
}

Deno.test("runs are told as they go on and as they ended, and why a host is down", async () => {
  await using bench = await Bench.start({ config: CONFIG });
  assertEquals((await detailOf(bench, "backup")).report, null);
  bench.udp({ ID: "START", name: "backup", run: "a" });
  bench.watch.until(20);
  bench.udp({ ID: "START", name: "backup", run: "b" });
  bench.watch.until(32.5);
  bench.udp({ ID: "HTB", name: "backup", run: "a" });
  const { report } = await detailOf(bench, "backup");
  assertEquals(report, {
    dialect: null,
    runs: [{ run: "b", started: START_S + 20, overdue: false }],
    last: { run: "a", started: START_S, ended: START_S + 32.5, duration_s: 32.5, ok: true },
    failure: null,
  });
  assertEquals((await bench.ask("/api/0/hosts")).json.hosts[0].report, report);

  bench.udp({ ID: "FAIL", name: "backup", run: "c", message: "exit code 3\ndisk full" });
  const failed = await detailOf(bench, "backup");
  assertEquals(failed.state, "down");
  assertEquals(failed.report.failure, {
    since: START_S + 32.5,
    cause: "failure",
    text: "reported a failure: exit code 3 disk full",
  });
  assertEquals(failed.report.last, {
    ...{ run: "c", started: null, ended: START_S + 32.5, duration_s: null, ok: false },
  });
  const [alert] = (await bench.ask("/api/0/alerts?host=backup")).json.alerts;
  assertEquals(alertAnswer.parse(alert), alert);
  assertEquals(alert.evidence, {
    kind: "report",
    cause: "failure",
    text: "reported a failure: exit code 3 disk full",
    at: START_S + 32.5,
  });
  assertEquals(alert.text, "backup - reported a failure: exit code 3 disk full");
});

Deno.test("a calendar is told with the next five times, by its own clock", async () => {
  await using bench = await Bench.start({ config: CONFIG });
  const { schedule, cron, settings } = await detailOf(bench, "backup");
  assertEquals([schedule.cron, schedule.tz], ["0 3 * * *", "Europe/Berlin"]);
  assertEquals([cron, settings.cron, settings.tz], [schedule.cron, schedule.cron, schedule.tz]);
  assertEquals(schedule.next.length, 5);
  assert(schedule.next[0] > START_S);
  const clock = new Intl.DateTimeFormat("en", {
    ...{ timeZone: "Europe/Berlin", hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  });
  for (const at of schedule.next) assertEquals(clock.format(at * 1000), "03:00");
  const other = await detailOf(bench, "export");
  assertEquals([other.schedule, other.cron, other.settings.tz], [null, null, null]);
});

Deno.test("a host says by what its pings find it, and not what that is", async () => {
  const pingBy = async (bench: Bench, name: string) => (await detailOf(bench, name)).ping_by;
  await using open = await Bench.start({ config: CONFIG });
  assertEquals(await pingBy(open, "backup"), "name");
  assertEquals(await pingBy(open, "export"), "id");
  // It shows its token; a ping without it is refused.
  assertEquals(await pingBy(open, "sealed"), null);
  const { text } = await open.ask("/api/0/hosts/export");
  assertEquals(text.includes("0d4a1f6f"), false);

  await using keyed = await Bench.start({ config: `ping_key: a-secret-key\n${CONFIG}` });
  assertEquals(await pingBy(keyed, "backup"), "key");
  assertEquals(await pingBy(keyed, "sealed"), "key");
});

Deno.test("dashboards are told of a run by what beats change, and wholly when the first comes", async () => {
  await using bench = await Bench.start({ config: CONFIG });
  const textNow = () => {
    const host = bench.view.host("backup");
    assert(host !== null);
    return hostText(bench.view, host);
  };
  const before = textNow();
  assertMatch(before.whole, /"report":null/);
  assertEquals(JSON.parse(before.part).report, undefined);
  bench.udp({ ID: "START", name: "backup" });
  const first = textNow();
  assert(first.mark !== before.mark);
  bench.udp({ ID: "HTB", name: "backup", run: "" });
  const second = textNow();
  bench.udp({ ID: "START", name: "backup" });
  bench.udp({ ID: "HTB", name: "backup", run: "" });
  assertEquals(textNow().mark, second.mark);
  assertEquals(JSON.parse(second.part).report.last.ok, true);
  assertEquals(
    Object.keys(JSON.parse(before.whole)).length,
    Object.keys(JSON.parse(second.whole)).length,
  );
});
