/** Alerts: counted, filtered, put in order, and explained. */

import { assertEquals, assertMatch } from "@std/assert";
import { explain } from "../../static/app/alerts/evidence.ts";
import {
  alertWords,
  countLevels,
  fitting,
  kindWord,
  shownLevel,
} from "../../static/app/alerts/levels.ts";
import type { Alert } from "../../static/app/types.ts";

const ALL = { level: "", kind: "", host: "", text: "" };

function alert(id: string, change: Partial<Alert> = {}): Alert {
  return {
    id,
    kind: "down",
    host: "web1",
    metric: null,
    level: "CRITICAL",
    worst: "CRITICAL",
    stale: false,
    since: 100,
    ended: null,
    text: "web1 - no heartbeat",
    evidence: { kind: "trouble", message: "" },
    told: null,
    ack: null,
    paused: false,
    ...change,
  };
}

const idsOf = (alerts: readonly Alert[]) => alerts.map(({ id }) => id);

Deno.test("the worst come first, then the newest; what is stale counts apart", () => {
  const alerts = [
    alert("1", { level: "WARNING", stale: true }),
    alert("2", { level: "WARNING" }),
    alert("3", { since: 50 }),
    alert("4", { since: 60 }),
    alert("5", { level: "UNKNOWN" }),
  ];
  assertEquals(idsOf(fitting(alerts, ALL)), ["4", "3", "2", "5", "1"]);
  assertEquals(countLevels(alerts, ALL), { CRITICAL: 2, WARNING: 1, UNKNOWN: 1, stale: 1 });
  assertEquals(shownLevel(alert("6", { level: "OK", worst: "WARNING", ended: 5 })), "WARNING");
});

Deno.test("those that ended last come first", () => {
  const ended = [alert("1", { ended: 5 }), alert("2", { ended: 9 })];
  assertEquals(idsOf(fitting(ended, ALL)), ["2", "1"]);
});

Deno.test("filters narrow down together, and counts are those of the other filters", () => {
  const alerts = [
    alert("1", { text: "Disk is FULL", kind: "metric", level: "WARNING" }),
    alert("2"),
    alert("3", { host: "db", ack: { time: 1, until: null, note: "full of joy" } }),
    alert("4", {
      kind: "incident",
      host: "group web",
      evidence: { kind: "incident", hosts: ["db", "web1"] },
    }),
  ];
  assertEquals(idsOf(fitting(alerts, { ...ALL, text: "full" })), ["3", "1"]);
  assertEquals(idsOf(fitting(alerts, { ...ALL, kind: "metric" })), ["1"]);
  assertEquals(idsOf(fitting(alerts, { ...ALL, host: "db" })), ["4", "3"]);
  assertEquals(idsOf(fitting(alerts, { ...ALL, host: "db", level: "WARNING" })), []);
  assertEquals(countLevels(alerts, { ...ALL, level: "WARNING" }).CRITICAL, 3);
});

const whyOf = (evidence: Alert["evidence"], change: Partial<Alert> = {}) =>
  explain(alert("1", { evidence, ...change }), 1_795_231_400);

Deno.test("a silence is explained with its deadline and what does not count", () => {
  const { sentences, figures } = whyOf({
    kind: "silence",
    last_beat: 1_795_231_286.563,
    interval: 30,
    grace: 6,
    deadline: 1_795_231_322.563,
    looked: 1_795_231_322.75,
    silence: 36.187,
    excluded: 4,
    missed: 2,
    address: "192.168.1.100",
    gaps: [30.002, 29.998],
  });
  const text = sentences.join(" ");
  assertMatch(text, /last heartbeat came at .* from 192\.168\.1\.100\./);
  assertMatch(text, /expected every 30 s, and 6 s of grace allowed/);
  assertMatch(text, /silent for 36\.2 s/);
  assertMatch(text, /4 s more do not count/);
  assertEquals(figures, [["Missed by then", "2"], ["Last gaps between beats", "30 s, 30 s"]]);
});

Deno.test("a host that never beat is explained, too", () => {
  const { sentences } = whyOf({ kind: "silence", last_beat: null, looked: 1, silence: 5 });
  assertMatch(sentences.join(" "), /^It has never beaten\. .*silent for 5 s/);
});

Deno.test("a reading is explained with value and threshold, and shows its last values", () => {
  const why = whyOf({
    kind: "reading",
    value: 4.5,
    threshold: 5,
    operator: "<",
    values: [{ time: 1, value: 6 }, { time: 2, value: 4.5 }, "broken"],
    stale_after: 900,
  }, { metric: "disk_monitor./.free_gb" });
  assertMatch(
    why.sentences.join(" "),
    /free_gb is 4\.5\. That is under its threshold of 5\..*15 min it turns stale/,
  );
  assertEquals([why.values.length, why.threshold], [2, 5]);
});

Deno.test("a check of nagios is explained by its exit code, a stale one as not known", () => {
  const why = whyOf(
    { kind: "reading", value: 2, threshold: null, operator: "nagios", values: [] },
    { metric: "nagios_runner.load_status_code", stale: true },
  );
  assertMatch(why.sentences.join(" "), /ended with 2 \(CRITICAL\)\..*nobody knows/);
});

Deno.test("an incident is explained with its hosts", () => {
  const why = whyOf({
    kind: "incident",
    cause: "group",
    looked: 1,
    silent: 3,
    beating: 1,
    window: 36,
    total: 3,
    down: 2,
    hosts: ["a", "b"],
  });
  assertMatch(why.sentences.join(" "), /one group.*of 4 hosts .* 3 were silent and 1 beat/s);
  assertEquals(why.hosts, ["a", "b"]);
});

Deno.test("flapping, trouble and what is not known are explained", () => {
  const flapping = whyOf({ kind: "flapping", changes: [1, 2, 3] });
  assertMatch(flapping.sentences.join(" "), /changed 3 times within an hour/);
  const trouble = whyOf({ kind: "trouble", message: "disk full" });
  assertMatch(trouble.sentences.join(" "), /disk full/);
  assertMatch(whyOf({ kind: "omen" }).sentences.join(" "), /does not know \(omen\)/);
});

Deno.test("evidence with fields missing or wrong is still explained", () => {
  for (const kind of ["silence", "reading", "incident", "flapping", "trouble"]) {
    const { sentences } = whyOf({ kind, values: "x", hosts: 5, changes: null, gaps: {} });
    assertEquals(sentences.length > 0, true);
    assertEquals(/NaN|undefined|Invalid/.test(sentences.join(" ")), false, sentences.join(" "));
  }
});

Deno.test("a host that says itself that it is down is explained by what it said", () => {
  const because = (cause: "failure" | "overrun", text: string) =>
    explain(alert("1", { evidence: { kind: "report", cause, text, at: 100 } }), 100).sentences;
  assertMatch(
    because("failure", "reported a failure: disk full")[0] ?? "",
    /^At .* it reported a failure: disk/,
  );
  assertMatch(
    because("overrun", "a run that began 3h ago has not finished (2h allowed)")[0] ?? "",
    /it found that a run that began 3h ago has not finished \(2h allowed\)\.$/,
  );
});

Deno.test("an alert of a host that is down is called by how that is known", () => {
  const word = (evidence: Alert["evidence"]) => kindWord(alert("1", { evidence }));
  assertEquals(word({ kind: "silence" }), "Silent host");
  assertEquals(word({ kind: "report", cause: "failure", text: "x" }), "Reported failure");
  assertEquals(word({ kind: "report", cause: "overrun", text: "x" }), "Unfinished run");
  assertEquals(word({ kind: "later" }), "Host down");
});

Deno.test("a failure that is over is still told by what it was", () => {
  const evidence = { kind: "report", cause: "failure", text: "reported a failure: disk full" };
  const over = { ended: 200, text: "web1 - is well again after 2m" };
  assertEquals(alertWords(alert("1", { ...over, evidence })), "reported a failure: disk full");
  assertEquals(alertWords(alert("1", over)), "is well again after 2m");
  assertEquals(alertWords(alert("1")), "no heartbeat");
});
