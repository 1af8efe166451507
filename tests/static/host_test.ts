/** What the page of a host says in words: expectations, uptime, gauges, settings, command lines. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { splitArguments } from "../../static/app/host/arguments.ts";
import { barText, expectationText } from "../../static/app/host/bar.ts";
import { eventText, stateSince } from "../../static/app/host/events.ts";
import { gaugesOf, levelBy } from "../../static/app/host/gauges.ts";
import { roundTripTimes } from "../../static/app/host/round_trips.ts";
import { changeOf, fieldsOf } from "../../static/app/host/settings_form.ts";
import type { HostSettings, Hour } from "../../static/app/host/types.ts";
import { cellsOf, knownText, stripText } from "../../static/app/host/uptime.ts";

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
  assertEquals(eventText({ kind: "landed", text: "" }), "landed");
  const at = (kind: string, time: number) => ({ kind, time });
  assertEquals(stateSince([at("note", 9), at("up", 5), at("down", 3)]), 5);
  assertEquals(stateSince([at("note", 9)]), null);
});

Deno.test("the last round trips end with the last beat", () => {
  assertEquals(roundTripTimes({ rtts: [1, 2, 3], last_beat: 100, interval: 10 }), [80, 90, 100]);
});
