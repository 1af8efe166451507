/** What the page of a host says in words: expectations, uptime, gauges, settings, command lines. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { splitArguments } from "../../static/app/host/arguments.ts";
import { barText, expectationText } from "../../static/app/host/bar.ts";
import { eventText, stateSince, withoutAlerts } from "../../static/app/host/events.ts";
import { gaugesOf, levelBy } from "../../static/app/host/gauges.ts";
import { failureWords, hasRuns, keptBody, reportMark } from "../../static/app/host/runs.ts";
import { roundTripTimes } from "../../static/app/host/round_trips.ts";
import { dueTimes } from "../../static/app/host/schedule.ts";
import { changeOf, fieldsOf } from "../../static/app/host/settings_form.ts";
import type { HostSettings, Hour } from "../../static/app/host/types.ts";
import { cellsOf, knownText, stripText } from "../../static/app/host/uptime.ts";
import type { Report } from "../../static/app/types.ts";

const EXPECTED = { state: "up", last_beat: 100, deadline: 136, interval: 30, grace: 6 } as const;

Deno.test("the next beat is counted down to, then its grace, then it is overdue", () => {
  assertEquals(expectationText(EXPECTED, 118), "Next beat expected in 12 s");
  assertEquals(expectationText(EXPECTED, 132), "Beat expected now; 4 s of grace left");
  assertEquals(expectationText(EXPECTED, 140), "Beat overdue");
  assertEquals(expectationText({ ...EXPECTED, state: "down" }, 190), "Overdue for 1 min");
});

Deno.test("nothing is promised of hosts that are not waited for", () => {
  for (const state of ["new", "shutdown", "paused"] as const) {
    assert(!/expected in/.test(expectationText({ ...EXPECTED, state }, 110)));
  }
  assertMatch(expectationText({ ...EXPECTED, deadline: null }, 110), /to be learned/);
});

Deno.test("the bar is told in words", () => {
  assertEquals(barText("ooolmm"), "The last 6 intervals: 3 on time, 1 late, 2 missed");
  assertEquals(barText(""), "No interval has passed yet");
  assertMatch(barText("d"), /1 interval: 1 not known/);
});

const hour = (start: number, up: number, down: number): Hour => ({
  start,
  beats: 0,
  late: 0,
  missed: 0,
  up,
  down,
  deaf: 0,
  rtt_min: null,
  rtt_avg: null,
  rtt_max: null,
});

Deno.test("hours become cells; what no hour tells of is not known", () => {
  const now = 1_795_231_800;
  const start = Math.floor(now / 3600) * 3600;
  const cells = cellsOf(
    [hour(start - 3600, 3000, 600), hour(start, 100, 0), hour(start - 100 * 3600, 1, 1)],
    "24h",
    now,
  );
  assertEquals(cells.length, 24);
  assertEquals(cells.at(-2), {
    start: start - 3600,
    end: start,
    up: 3000,
    down: 600,
    unknown: 0,
  });
  assertEquals(cells.at(-1)?.unknown, now - start - 100);
  assertEquals(cells.slice(0, 22).every(({ unknown }) => unknown === 3600), true);
  assertMatch(stripText(cells, now), /^Downtime: .*down 10 min.* 23 of 24 parts are mostly/s);
});

Deno.test("every period ends now and its cells lie one after the other", () => {
  const now = 1_795_231_800;
  for (const [period, count] of [["24h", 24], ["7d", 28], ["30d", 30], ["90d", 90]] as const) {
    const cells = cellsOf([], period, now);
    assertEquals(cells.length, count);
    assertEquals(cells.at(-1)?.end, now);
    for (const [i, { start }] of cells.entries()) {
      if (i > 0) assertEquals(cells[i - 1]?.end, start);
    }
    assertMatch(stripText(cells, now), /^No downtime\./);
  }
});

Deno.test("what is not known is said, not hidden", () => {
  assertEquals(knownText(0), "all of it known");
  assertEquals(knownText(0.4), "40.0 % of it not known");
  assertEquals(knownText(0.9998), "less than 1 % of it known");
  assertEquals(knownText(1), "nothing is known yet");
});

Deno.test("disks and pools are gauges with a word for how full they are", () => {
  const plugin = (data: unknown) => ({ timestamp: 1, data, sample_count: 1 });
  const gauges = gaugesOf({
    plugins: {
      disk_monitor: plugin({
        partitions: {
          "/": { percent: 86, total_gb: 100, free_gb: 14 },
          "/home": { percent: 86, total_gb: 100, free_gb: 14 },
          "/mnt": { error: "not there" },
        },
      }),
      filesystem_info: plugin({ filesystems: { "/": { device: "/dev/sda2", type: "ext4" } } }),
      zfs_monitor: plugin({
        pools: { tank: { health: "DEGRADED", capacity_percent: 2, size_bytes: 1024 } },
      }),
    },
  }, {
    disk_monitor: { "partitions./.percent": { warning: 90, critical: null, operator: ">" } },
  });
  assertEquals(gauges.map(({ name, level, word }) => [name, level, word]), [
    ["/", "ok", ""],
    ["/home", "warning", "filling up"],
    ["/mnt", "unknown", "not known"],
    ["tank", "critical", "not healthy"],
  ]);
  assertEquals(gauges[0]?.about, "/dev/sda2, ext4");
  assertEquals(gauges[0]?.text, "14 GiB of 100 GiB free");
  assertEquals(gauges[2]?.text, "not there");
});

Deno.test("data of another form than expected makes no gauge fall over", () => {
  for (const data of [null, "x", 5, { partitions: "x" }, { partitions: { "/": null } }]) {
    gaugesOf({ plugins: { disk_monitor: { timestamp: 1, data, sample_count: 1 } } }, {});
  }
});

Deno.test("a level is judged by its operator", () => {
  assertEquals(levelBy(4, { warning: 10, critical: 5, operator: "<" }), "critical");
  assertEquals(levelBy(7, { warning: 10, critical: 5, operator: "<" }), "warning");
  assertEquals(levelBy(7, { warning: 7, critical: null, operator: ">" }), "ok");
});

const SETTINGS: HostSettings = {
  interval: 30,
  tolerance: 20,
  grace: null,
  cron: null,
  tz: null,
  watch: true,
  group: "web",
  threshold_config: [],
  notify: ["mail"],
  dyn: false,
  owner: null,
  managers: [],
  monitors: [],
};

Deno.test("only what was changed is sent, and an emptied field takes the change back", () => {
  const before = fieldsOf(SETTINGS);
  assertEquals(changeOf(before, before), {});
  assertEquals(
    changeOf(before, {
      ...before,
      interval: " 60 ",
      group: "",
      grace: "5",
      notify: "mail, push,",
      watch: false,
    }),
    { interval: 60, group: null, grace: 5, notify: ["mail", "push"], watch: false },
  );
  assertEquals(changeOf(before, { ...before, interval: "auto" }), { interval: "auto" });
  assertEquals(changeOf(before, { ...before, grace: "soon" }), { grace: "soon" });
});

Deno.test("a command line is split as a shell would split it", () => {
  assertEquals(splitArguments(`show-log  "a b" 'c "d"' e\\ f "g\\"h"`), [
    "show-log",
    "a b",
    `c "d"`,
    "e f",
    `g"h`,
  ]);
  assertEquals(splitArguments(`a "" b''`), ["a", "", "b"]);
  assertEquals(splitArguments("   "), []);
  assertEquals(splitArguments("$(id) `x`"), ["$(id)", "`x`"]);
});

Deno.test("events are told in words, also those that are not known", () => {
  assertEquals(eventText({ kind: "note", text: "backup done" }), "Note: backup done");
  assertEquals(eventText({ kind: "down", text: "" }), "Down");
  assertEquals(
    eventText({ kind: "up", text: "Heartbeat again after 9 s" }),
    "Heartbeat again after 9 s",
  );
  assertEquals(eventText({ kind: "fail", text: "exit code 3" }), "Failed: exit code 3");
  assertEquals(eventText({ kind: "success", text: "" }), "Succeeded");
  assertEquals(eventText({ kind: "landed", text: "" }), "landed");
  const at = (kind: string, time: number) => ({ kind, time });
  assertEquals(stateSince([at("note", 9), at("up", 5), at("down", 3)]), 5);
  assertEquals(stateSince([at("note", 9)]), null);
});

Deno.test("a failure that brings its host down is told once", () => {
  const told = (...kinds: readonly (readonly [kind: string, text: string])[]) =>
    withoutAlerts(kinds.map(([kind, text], i) => ({ seq: 9 - i, time: 9 - i, kind, text })))
      .map(({ kind }) => kind);
  const down = ["down", "Reported a failure: exit code 3"] as const;
  assertEquals(told(["fail", "exit code 4"], ["alert", "x"], down, ["fail", "exit code 3"]), [
    "fail",
    "down",
  ]);
  assertEquals(told(["up", ""], ["fail", "exit code 3"]), ["up", "fail"]);
  assertEquals(told(["down", "No heartbeat for 9 s"], ["fail", "disk full"]), ["down", "fail"]);
});

const REPORT: Report = { dialect: null, runs: [], last: null, failure: null };

Deno.test("a host that is down though it speaks says why, and what its next beat is", () => {
  const failure = {
    since: 100,
    cause: "failure",
    text: "reported a failure: exit code 3: disk full",
  } as const;
  assertEquals(failureWords({ ...REPORT, failure }), {
    what: "Reported a failure",
    at: 100,
    joint: ": ",
    why: "exit code 3: disk full",
  });
  const bare = { since: 100, cause: "failure", text: "reported a failure" } as const;
  assertEquals(failureWords({ ...REPORT, failure: bare })?.why, "");
  assertEquals([failureWords(REPORT), failureWords(null)], [null, null]);
  assertEquals(expectationText({ ...EXPECTED, state: "down" }, 118), "Next beat expected in 12 s");
});

Deno.test("of a run that takes too long its begin is told, not when that was noticed", () => {
  const runs = [{ run: "a", started: 10, overdue: true }, {
    run: "b",
    started: 90,
    overdue: false,
  }];
  const text = "a run that began 2h 0m ago has not finished (2h 0m allowed)";
  assertEquals(
    failureWords({ ...REPORT, runs, failure: { since: 7210, cause: "overrun", text } }),
    {
      what: "A run takes too long: it began",
      at: 10,
      joint: ", ",
      why: "2h 0m allowed",
    },
  );
});

Deno.test("runs are those that a host told of; a dialect alone is none", () => {
  assertEquals(hasRuns(null), false);
  assertEquals(hasRuns({ ...REPORT, dialect: "hilbert" }), false);
  assertEquals(hasRuns({ ...REPORT, runs: [{ run: "", started: 1, overdue: false }] }), true);
  const last = { run: "", started: null, ended: 5, duration_s: null, ok: true };
  assertEquals(hasRuns({ ...REPORT, last }), true);
  assert(reportMark({ ...REPORT, last }) !== reportMark(REPORT));
});

Deno.test("the body that is shown is that of the newest message with one, as it is", () => {
  const said = (seq: number, message: unknown) => ({ seq, timestamp: seq, message });
  const messages = [
    said(9, { ID: "START", signal: "start" }),
    said(8, { ID: "FAIL", body: " \n" }),
    said(7, "body"),
    said(6, { ID: "FAIL", signal: "exit", exit: 3, body: "<b>disk full</b>\nno more" }),
    said(5, { ID: "HTB", body: "older" }),
  ];
  assertEquals(keptBody(messages), {
    time: 6,
    signal: "exit code 3",
    text: "<b>disk full</b>\nno more",
  });
  assertEquals(keptBody([]), null);
});

Deno.test("expected times are told in the calendar's own zone, too, where that is another", () => {
  // The last nights of March 2026, three o'clock in Berlin; its clocks go forward on the 29th.
  const next = [Date.UTC(2026, 2, 28, 2) / 1000, Date.UTC(2026, 2, 30, 1) / 1000];
  const [first, second] = dueTimes(next, "Europe/Berlin", "America/New_York");
  assertMatch(first?.here ?? "", /27.*22:00/);
  assertMatch(first?.there ?? "", /28.*03:00/);
  assertMatch(second?.there ?? "", /30.*03:00/);
  assertEquals(dueTimes(next, "Europe/Berlin", "Europe/Paris").map(({ there }) => there), [
    null,
    null,
  ]);
  // London and UTC agree before the clocks change, and not after it.
  assert(dueTimes(next, "Europe/London", "UTC").every(({ there }) => there !== null));
  assertEquals(dueTimes(next, "Mars/Olympus", "UTC")[0]?.there, null);
});

Deno.test("the last round trips end with the last beat", () => {
  assertEquals(roundTripTimes({ rtts: [1, 2, 3], last_beat: 100, interval: 10 }), [80, 90, 100]);
});
