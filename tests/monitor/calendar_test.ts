/** Hosts that beat by a calendar: real cron schedules in real time zones under a fake clock. */

import { assertEquals } from "@std/assert";
import { createSchedule, isCron, nextTimes } from "../../src/config/schedule.ts";
import { Monitor } from "../../src/monitor/monitor.ts";
import type { WatchSettings } from "../../src/monitor/settings.ts";
import { beatOf, settings, taken } from "./support.ts";

const MINUTE_MS = 60_000;

/** A monitor of the host `job` with a schedule, a grace, and a clock that starts at `from`. */
class Night {
  readonly monitor: Monitor;
  nowMs: number;
  readonly said: string[] = [];

  constructor(from: string, cron: string, zone = "UTC", graceMinutes = 20) {
    this.monitor = new Monitor(watchOf(cron, zone, graceMinutes));
    this.nowMs = Date.parse(from);
  }

  /** Lets time pass, with a tick each second. */
  until(to: string): this {
    for (const endMs = Date.parse(to); this.nowMs < endMs;) {
      this.nowMs += 1000;
      this.#note(this.monitor.tick(this.nowMs, 100).events);
    }
    return this;
  }

  /** A beat; true when it is late. */
  beat(): boolean {
    const receipt = taken(this.monitor.receive(beatOf("job"), this.nowMs));
    this.#note([...receipt.before, ...receipt.after]);
    return receipt.late;
  }

  /** Another schedule from now on. */
  change(cron: string, graceMinutes = 20): this {
    this.monitor.configure(watchOf(cron, "UTC", graceMinutes));
    return this;
  }

  /** Stops for some minutes, and starts with another schedule. */
  restart(minutes: number, cron: string): Night {
    const { recall } = this.monitor;
    const again = new Night(new Date(this.nowMs).toISOString(), cron);
    again.monitor.recall.restoreSelf(recall.record());
    const rows = recall.takeChanged();
    again.monitor.recall.restore(rows.flatMap((row) => recall.hostRecord(row) ?? []));
    again.deaf(minutes, true);
    again.monitor.resumeAlerts(again.nowMs);
    return again;
  }

  /** The host may be silent. */
  pause(from: string, to: string): this {
    const [fromMs, untilMs] = [Date.parse(from), Date.parse(to)];
    this.monitor.pause("job", { fromMs, untilMs, reason: "" }, this.nowMs);
    return this;
  }

  deaf(minutes: number, beatsLost: boolean): void {
    this.nowMs += minutes * MINUTE_MS;
    this.monitor.deaf({ shiftMs: minutes * MINUTE_MS, beatsLost }, this.nowMs);
  }

  get deadline(): string {
    return new Date(this.monitor.host("job")?.deadlineMs ?? NaN).toISOString();
  }

  #note(events: readonly { readonly type: string; readonly atMs: number }[]): void {
    for (const { type, atMs } of events) {
      this.said.push(`${type} ${new Date(atMs).toISOString().slice(0, 19)}`);
    }
  }
}

function watchOf(cron: string, zone: string, graceMinutes: number): WatchSettings {
  const schedule = createSchedule(cron, zone);
  const graceMs = () => graceMinutes * MINUTE_MS;
  return settings(10, 20, { job: { schedule, graceMs } });
}

Deno.test("a job is down when its time and the grace have passed, and not a second before", () => {
  const night = new Night("2026-03-02T03:00:05Z", "0 3 * * *");
  night.beat();
  assertEquals(night.deadline, "2026-03-03T03:20:00.000Z");
  night.until("2026-03-03T03:20:00Z");
  assertEquals(night.said, []);
  night.until("2026-03-03T03:21:00Z");
  assertEquals(night.said, ["down 2026-03-03T03:20:01", "missed 2026-03-03T03:20:01"]);
});

Deno.test("before its first beat a job has no deadline, and beats as often as its times come", () => {
  const night = new Night("2026-03-02T03:00:05Z", "0 3 * * *").until("2026-03-02T03:00:07Z");
  const job = night.monitor.host("job");
  assertEquals([job?.state, job?.intervalMs, job?.graceMs, job?.deadlineMs], [
    "new",
    24 * 60 * MINUTE_MS,
    20 * MINUTE_MS,
    null,
  ]);
});

Deno.test("each further time that passes without a beat is missed, once", () => {
  const night = new Night("2026-03-02T03:00:05Z", "0 3 * * *");
  night.beat();
  night.until("2026-03-05T12:00:00Z");
  assertEquals(night.monitor.host("job")?.missed, 3);
  assertEquals(night.said.filter((text) => text.startsWith("missed")).length, 3);
  assertEquals(night.beat(), true);
  assertEquals(night.monitor.host("job")?.state, "up");
  assertEquals(night.deadline, "2026-03-06T03:20:00.000Z");
});

Deno.test("time zones and the change of clocks count as in that zone", () => {
  // On 29 March the clocks of Berlin go from 02:00 to 03:00, on 25 October back from 03:00.
  const spring = new Night("2026-03-28T02:00:10Z", "0 3 * * *", "Europe/Berlin");
  spring.beat();
  assertEquals(spring.deadline, "2026-03-29T01:20:00.000Z");
  const autumn = new Night("2026-10-24T01:00:10Z", "0 3 * * *", "Europe/Berlin");
  autumn.beat();
  assertEquals(autumn.deadline, "2026-10-25T02:20:00.000Z");
});

Deno.test("a beat a little too early counts for the time that it was meant for", () => {
  const night = new Night("2026-03-02T02:59:15Z", "0 3 * * *");
  night.beat();
  assertEquals(night.deadline, "2026-03-03T03:20:00.000Z");
  const earlier = new Night("2026-03-02T02:58:59Z", "0 3 * * *");
  earlier.beat();
  assertEquals(earlier.deadline, "2026-03-02T03:20:00.000Z");
  // Every minute: a tenth of it.
  const minutely = new Night("2026-03-02T03:00:55Z", "* * * * *", "UTC", 1);
  minutely.beat();
  assertEquals(minutely.deadline, "2026-03-02T03:03:00.000Z");
  const often = new Night("2026-03-02T03:00:50Z", "* * * * *", "UTC", 1);
  often.beat();
  assertEquals(often.deadline, "2026-03-02T03:02:00.000Z");
});

Deno.test("while nobody listened at its time, the job is not to blame", () => {
  const night = new Night("2026-03-02T03:00:05Z", "0 3 * * *");
  night.beat();
  night.until("2026-03-03T02:50:00Z");
  night.deaf(40, true);
  assertEquals(night.deadline, "2026-03-04T03:20:00.000Z");
  night.until("2026-03-03T04:30:00Z");
  assertEquals(night.said, []);
});

Deno.test("a restart before its time changes nothing; one in the middle of the grace excuses it", () => {
  const before = new Night("2026-03-02T03:00:05Z", "0 3 * * *");
  before.beat();
  before.until("2026-03-03T01:00:00Z");
  before.deaf(1, true);
  assertEquals(before.deadline, "2026-03-03T03:20:00.000Z");
  const within = new Night("2026-03-02T03:00:05Z", "0 3 * * *");
  within.beat();
  within.until("2026-03-03T03:10:00Z");
  within.deaf(1, true);
  assertEquals(within.deadline, "2026-03-04T03:20:00.000Z");
});

Deno.test("a clock that is set back brings the hour again, and no alarm before it", () => {
  const night = new Night("2026-03-02T03:00:05Z", "0 3 * * *");
  night.beat();
  night.until("2026-03-02T20:00:00Z");
  night.deaf(-60, false);
  assertEquals(night.deadline, "2026-03-03T03:20:00.000Z");
  night.until("2026-03-03T03:20:00Z");
  assertEquals(night.said, []);
});

Deno.test("a host down for thousands of times is caught up with in small bits", () => {
  const night = new Night("2026-03-02T03:00:05Z", "* * * * *", "UTC", 1);
  night.beat();
  night.nowMs += 2000 * MINUTE_MS;
  night.until(new Date(night.nowMs + 1000).toISOString());
  assertEquals(night.monitor.host("job")?.missed, 50);
  night.until(new Date(night.nowMs + MINUTE_MS).toISOString());
  assertEquals(night.monitor.host("job")?.missed, 2001);
});

Deno.test("a schedule goes before the interval that a beat states", () => {
  const night = new Night("2026-03-02T03:00:05Z", "0 3 * * *");
  night.monitor.receive(beatOf("job", { intervalMs: 5000 }), night.nowMs);
  assertEquals(night.deadline, "2026-03-03T03:20:00.000Z");
});

Deno.test("a schedule that is changed counts from then on", () => {
  // A Sunday.
  const night = new Night("2026-03-01T03:00:05Z", "0 3 * * 0");
  night.beat();
  night.until("2026-03-04T10:00:00Z").change("0 3 * * *").until("2026-03-04T10:30:00Z");
  assertEquals([night.said, night.deadline], [[], "2026-03-05T03:20:00.000Z"]);
  // In the grace after a time of the new one, too.
  const within = new Night("2026-03-02T03:00:05Z", "0 3 * * *");
  within.beat();
  within.until("2026-03-02T05:10:00Z").change("0 5 * * *").until("2026-03-02T06:00:00Z");
  assertEquals([within.said, within.deadline], [[], "2026-03-03T05:20:00.000Z"]);
  // What is only due later is so as before.
  const before = new Night("2026-03-02T03:00:05Z", "0 3 * * *");
  before.beat();
  before.until("2026-03-03T02:59:30Z").change("5 3 * * *");
  assertEquals(before.deadline, "2026-03-03T03:25:00.000Z");
});

Deno.test("another grace is no other schedule: what is late by it is late", () => {
  const night = new Night("2026-03-02T03:00:05Z", "0 3 * * *", "UTC", 120);
  night.beat();
  night.until("2026-03-03T03:10:00Z").change("0 3 * * *", 5).until("2026-03-03T03:10:02Z");
  assertEquals(night.monitor.host("job")?.state, "down");
});

Deno.test("a host that is down stays so when its schedule is changed", () => {
  const night = new Night("2026-03-02T03:00:05Z", "0 3 * * *");
  night.beat();
  night.until("2026-03-03T04:00:00Z").change("0 3 * * 0").until("2026-03-03T05:00:00Z");
  assertEquals(night.monitor.host("job")?.state, "down");
  assertEquals(night.said.length, 2);
});

Deno.test("a schedule that is changed between a stop and a start counts from the start on", () => {
  const night = new Night("2026-03-01T03:00:05Z", "0 3 * * 0");
  night.beat();
  const again = night.until("2026-03-04T10:00:00Z").restart(1, "0 3 * * *");
  again.until("2026-03-04T10:30:00Z");
  assertEquals([again.said, again.deadline], [[], "2026-03-05T03:20:00.000Z"]);
});

Deno.test("what is due in a pause is not asked for, and a pause in the grace makes it longer", () => {
  const paused = (from: string, to: string) => {
    const night = new Night("2026-03-02T03:00:05Z", "0 3 * * *");
    night.beat();
    night.until(from).pause(from, to).until("2026-03-03T04:00:00Z");
    return night.said[0];
  };
  const onTime = "down 2026-03-03T03:20:01";
  assertEquals(paused("2026-03-02T10:00:00Z", "2026-03-02T10:01:00Z"), onTime);
  assertEquals(paused("2026-03-02T10:00:00Z", "2026-03-03T02:59:00Z"), onTime);
  assertEquals(paused("2026-03-03T02:50:00Z", "2026-03-03T03:05:00Z"), undefined);
  assertEquals(paused("2026-03-03T02:50:00Z", "2026-03-03T03:30:00Z"), undefined);
  assertEquals(
    paused("2026-03-03T03:05:00Z", "2026-03-03T03:10:00Z"),
    "down 2026-03-03T03:25:01",
  );
});

Deno.test("isCron() takes what comes, and nothing else", () => {
  for (const text of ["0 3 * * *", "@daily", "*/5 * * * *", "30 0 3 * * 1-5"]) {
    assertEquals([text, isCron(text)], [text, true]);
  }
  for (const text of ["", "x", "60 * * * *", "0 0 31 2 *", "0 3 * *", "*".repeat(300)]) {
    assertEquals([text, isCron(text)], [text, false]);
  }
});

Deno.test("a time that does not exist comes as the clocks have been put forward, one that is there twice once", () => {
  const schedule = createSchedule("30 2 * * *", "Europe/Berlin");
  const times = (from: string) =>
    nextTimes(schedule, Date.parse(from), 2).map((ms) => new Date(ms).toISOString());
  assertEquals(times("2026-03-28T12:00:00Z"), [
    "2026-03-29T01:00:00.000Z",
    "2026-03-30T00:30:00.000Z",
  ]);
  assertEquals(times("2026-10-24T12:00:00Z"), [
    "2026-10-25T00:30:00.000Z",
    "2026-10-26T01:30:00.000Z",
  ]);
});

Deno.test("nextTimes() gives the next ones in order, as the zone has them", () => {
  const schedule = createSchedule("0 3 * * *", "Europe/Berlin");
  const times = nextTimes(schedule, Date.parse("2026-10-23T12:00:00Z"), 3);
  assertEquals(times.map((ms) => new Date(ms).toISOString()), [
    "2026-10-24T01:00:00.000Z",
    "2026-10-25T02:00:00.000Z",
    "2026-10-26T02:00:00.000Z",
  ]);
});
