/** `/metrics`: in the format that Prometheus reads, true, and never by walking over many hosts. */

import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { Journal } from "../../src/journal/journal.ts";
import { MetricsText } from "../../src/web/metrics_text.ts";
import { Keeper } from "../../src/store/keeper.ts";
import { MemoryStore } from "../../src/store/memory.ts";
import { type Family, parseMetrics } from "./prometheus.ts";
import { Bench, type BenchOptions, START_S } from "./support.ts";

const WORK = { count: 3, totalMs: 1500, lastMs: 250 };

const COUNTERS: BenchOptions["counters"] = {
  refused: 7,
  journalLinesLost: 2,
  dropped: { bad_id: 3, "not\njson": 1 },
  udp: { port: 50_003, received: 11, kernelDrops: null, overloadDrops: 5, unsent: 1 },
  journal: { ...WORK, bytes: 4096, sizeBytes: 1024 },
  store: { ...WORK, failures: 1 },
  tickLagMs: 12.5,
};

async function metricsOf(bench: Bench): Promise<ReturnType<typeof parseMetrics>> {
  const answer = await bench.ask("/metrics");
  assertEquals(answer.status, 200);
  assertEquals(answer.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  return parseMetrics(answer.text);
}

/** The only value under `name`, with these labels. */
function valueOf(
  families: ReadonlyMap<string, Family>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const family = families.get(name) ?? families.get(name.replace(/_(sum|count)$/, ""));
  return family?.samples.find((sample) =>
    sample.name === name && Object.keys({ ...labels, ...sample.labels })
      .every((key) => labels[key] === sample.labels[key])
  )?.value;
}

Deno.test("a server on which nothing has happened yet has metrics all the same", async () => {
  await using bench = await Bench.start();
  const { families } = await metricsOf(bench);
  assertEquals(valueOf(families, "heartbeat_beats_total"), 0);
  assertEquals(valueOf(families, "heartbeat_hosts", { state: "up" }), 0);
  assertEquals(valueOf(families, "heartbeat_build_info", { version: "1.2.3" }), 1);
  assertEquals(valueOf(families, "process_start_time_seconds"), START_S);
  assert((valueOf(families, "process_resident_memory_bytes") ?? 0) > 1e6);
  assert((valueOf(families, "process_cpu_seconds_total") ?? 0) > 0);
  // Where there is no UDP and no journal, there are no figures of them.
  assertEquals([...families.keys()].filter((name) => /udp|journal_write/.test(name)), []);
});

Deno.test("hosts, beats, alerts, doors, journal and store are counted", async () => {
  const rules = new Map([["cpu", new Map([["load", { warning: 80, critical: 90 }]])]]);
  await using bench = await Bench.start({ thresholds: rules, counters: COUNTERS });
  bench.health.report("store", new Error("full"), bench.watch.nowMs);
  const { watch } = bench;
  for (const name of ["a", "b", "c"]) await bench.beat(name);
  watch.sample("d", "cpu", { load: 85 });
  watch.shutdown("c");
  await bench.post("/api/0/hosts/b/pause");
  for (let atS = 5; atS <= 35; atS += 5) {
    watch.until(atS);
    if (atS === 20) await bench.beat("b");
  }
  const { families } = await metricsOf(bench);
  const table: readonly (readonly [string, Record<string, string>, number])[] = [
    ["heartbeat_hosts", { state: "down" }, 1],
    ["heartbeat_hosts", { state: "shutdown" }, 1],
    ["heartbeat_hosts", { state: "paused" }, 1],
    ["heartbeat_hosts", { state: "new" }, 1],
    ["heartbeat_beats_total", {}, 4],
    ["heartbeat_late_total", {}, watch.monitor.totals().late],
    ["heartbeat_missed_total", {}, watch.monitor.totals().missed],
    ["heartbeat_alerts", { level: "CRITICAL" }, 1],
    ["heartbeat_alerts", { level: "WARNING" }, 1],
    ["heartbeat_alerts", { level: "UNKNOWN" }, 0],
    ["heartbeat_alerts", { level: "stale" }, 0],
    ["heartbeat_refused_total", {}, 7],
    ["heartbeat_messages_dropped_total", { reason: "bad_id" }, 3],
    ["heartbeat_messages_dropped_total", { reason: "not\njson" }, 1],
    ["heartbeat_udp_received_total", {}, 11],
    ["heartbeat_udp_overload_drops_total", {}, 5],
    ["heartbeat_udp_unsent_total", {}, 1],
    ["heartbeat_journal_write_seconds_sum", {}, 1.5],
    ["heartbeat_journal_write_seconds_count", {}, 3],
    ["heartbeat_journal_last_write_seconds", {}, 0.25],
    ["heartbeat_journal_bytes_total", {}, 4096],
    ["heartbeat_journal_size_bytes", {}, 1024],
    ["heartbeat_journal_lines_lost_total", {}, 2],
    ["heartbeat_store_checkpoint_seconds_sum", {}, 1.5],
    ["heartbeat_store_checkpoint_seconds_count", {}, 3],
    ["heartbeat_store_last_checkpoint_seconds", {}, 0.25],
    ["heartbeat_store_failures_total", {}, 1],
    ["heartbeat_tick_lag_seconds", {}, 0.0125],
    ["heartbeat_problems", {}, 1],
  ];
  for (const [name, labels, value] of table) {
    assertEquals(valueOf(families, name, labels), value, `${name} ${JSON.stringify(labels)}`);
  }
  assertEquals(families.has("heartbeat_udp_kernel_drops_total"), false);
});

const CHANNELS = `
notification_channels:
  hook: { type: webhook, url: PROVIDER }
`;

Deno.test("notifications are counted by channel and outcome, and how long they wait", async () => {
  await using bench = await Bench.start({ config: CHANNELS });
  const channels = [{ ...bench.view.channels()[0], name: 'a"b\\c' }].map((channel) => ({
    ...channel,
    isConfigured: true,
    waiting: 4,
    oldestMs: bench.watch.nowMs - 90_500,
    sent: 5,
    failed: 6,
    givenUp: 7,
    dropped: 8,
    failingSinceMs: bench.watch.nowMs - 1000,
    lastError: "refused",
    lastErrorMs: null,
    lastSentMs: null,
    lastAnswer: null,
    nextTryMs: null,
    type: "webhook",
    minLevel: "WARNING",
    fallback: null,
  }));
  const view = { ...bench.view, channels: () => channels };
  const other = bench.over(view);
  const { families } = parseMetrics((await other("/metrics")).text);
  const channel = 'a"b\\c';
  for (const [outcome, n] of Object.entries({ sent: 5, failed: 6, given_up: 7, dropped: 8 })) {
    assertEquals(valueOf(families, "heartbeat_notifications_total", { channel, outcome }), n);
  }
  assertEquals(valueOf(families, "heartbeat_notifications_waiting", { channel }), 4);
  assertEquals(valueOf(families, "heartbeat_notifications_oldest_seconds", { channel }), 90.5);
  assertEquals(valueOf(families, "heartbeat_channel_failing", { channel }), 1);

  const { json: health } = await other("/healthz");
  assertEquals(health.notifications, {
    waiting: 4,
    oldest: 90.5,
    failing: [{ channel, error: "refused", since: START_S - 1 }],
  });
  assertEquals(health.status, "ok");
});

Deno.test("/healthz counts alerts, and what waits to be sent", async () => {
  const rules = new Map([["cpu", new Map([["load", { warning: 80 }]])]]);
  await using bench = await Bench.start({ config: CHANNELS, thresholds: rules });
  bench.watch.sample("a", "cpu", { load: 85 });
  const { status, json } = await bench.ask("/healthz");
  assertEquals([status, json.status], [200, "ok"]);
  assertEquals(json.alerts, { WARNING: 1, UNKNOWN: 0, CRITICAL: 0, stale: 0 });
  assertEquals(json.notifications, { waiting: 0, oldest: null, failing: [] });
});

Deno.test("single hosts have figures while they are few, whatever they are called", async () => {
  await using bench = await Bench.start({ metricsMaxHosts: 8 });
  const { watch } = bench;
  const names = ['q"uote', "back\\slash", "Küche", "a b", "{x}=1,", "日本"];
  for (const name of names) await bench.beat(name);
  bench.udp({ ID: "HTB", name: "rtt", rtt: 12.5, interval: 30, boot_id: "b", seq: 1 });
  watch.shutdown("a b");
  watch.until(5);
  await bench.beat("Küche");
  watch.until(15);
  const { families, comments } = await metricsOf(bench);
  assertEquals(comments, []);
  const total = families.get("heartbeat_host_beats_total")?.samples ?? [];
  assertEquals(total.map(({ labels }) => labels.host), [...names, "rtt"]);
  assertMatch(families.get("heartbeat_host_up")?.help ?? "", /at most metrics_max_hosts hosts/);
  const table: readonly (readonly [string, string, number | undefined])[] = [
    ["heartbeat_host_up", "Küche", 1],
    ["heartbeat_host_up", 'q"uote', 0],
    ["heartbeat_host_up", "a b", undefined],
    ["heartbeat_host_beats_total", "Küche", 2],
    ["heartbeat_host_last_beat_timestamp_seconds", "Küche", START_S + 5],
    ["heartbeat_host_interval_seconds", "rtt", 30],
    ["heartbeat_host_rtt_seconds", "rtt", 0.0125],
    ["heartbeat_host_rtt_seconds", "Küche", undefined],
    ["heartbeat_host_loss_ratio", "rtt", 0],
    ["heartbeat_host_stability_ratio", "Küche", 1],
    ["heartbeat_host_missed_total", "back\\slash", watch.monitor.host("back\\slash")?.missed],
    ["heartbeat_host_late_total", "Küche", 0],
  ];
  for (const [name, host, value] of table) {
    assertEquals(valueOf(families, name, { host }), value, `${name} ${host}`);
  }
});

Deno.test("too many hosts have no figures of their own, and nobody walks over them", async () => {
  await using bench = await Bench.start({ metricsMaxHosts: 2 });
  for (const name of ["a", "b", "c"]) await bench.beat(name);
  const never = () => {
    throw new Error("Hosts were looked at");
  };
  const view = { ...bench.view, hosts: never, hostsFrom: never, host: never, downHosts: never };
  const { families, comments } = parseMetrics((await bench.over(view)("/metrics")).text);
  assertEquals([...families.keys()].filter((name) => name.startsWith("heartbeat_host_")), []);
  assertEquals(valueOf(families, "heartbeat_hosts", { state: "up" }), 3);
  assertEquals(comments, ["3 hosts are over metrics_max_hosts, 2: none has figures of its own"]);
});

Deno.test("/metrics is read only, and paths that only begin so are not its own", async () => {
  await using bench = await Bench.start();
  const post = await bench.post("/metrics", "{}");
  assertEquals([post.status, post.headers.get("allow")], [405, "GET, HEAD"]);
  const head = await bench.ask("/metrics", { method: "HEAD" });
  assertEquals([head.status, head.text], [200, ""]);
  assertEquals((await bench.post("/metricsx", '{"name":"m"}')).json, { status: "ok" });
});

Deno.test("numbers that are none, and families without a value, are written as they must be", () => {
  const text = new MetricsText();
  text.gauge(
    "g",
    "a\\b\nc",
    ...[NaN, Infinity, -Infinity, 1e21, 1e-7].map((value, n) => ({
      labels: { n: String(n) },
      value,
    })),
  );
  text.gauge("none", "No value.", { value: null });
  text.comment("x\ny");
  const { families } = parseMetrics(text.toString());
  assertEquals(families.get("g")?.samples.map(({ value }) => value), [
    ...[NaN, Infinity, -Infinity, 1e21, 1e-7],
  ]);
  assertEquals([...families.keys()], ["g"]);
});

Deno.test("the reader of these tests is strict", () => {
  const head = "# HELP a x\n# TYPE a gauge\n";
  const wrong = [
    "a 1\n",
    `${head}a 1`,
    `${head}b 1\n`,
    `${head}a 1\na 2\n`,
    `${head}a{x="1"} one\n`,
    `${head}a{x="\\x"} 1\n`,
    `${head}a{x=1} 1\n`,
    `${head}a\t1\n`,
    `${head}`,
    `${head}a 1\n\n`,
    "# HELP a_total x\n# TYPE a_total gauge\na_total 1\n",
    "# HELP a x\n# TYPE a summary\na 1\n",
  ];
  for (const text of wrong) assertThrows(() => parseMetrics(text), Error);
  parseMetrics(`${head}a 1\n`);
});

for (const sync of [false, true]) {
  Deno.test(`a journal ${sync ? "with" : "without"} fsync counts its writes`, async () => {
    const dir = await Deno.makeTempDir({ prefix: "hbd-web-" });
    try {
      await using journal = await Journal.open({
        ...{ dir, file: "j", maxSizeBytes: 1 << 20, maxBackups: 1, sync },
        onTrouble: () => {},
        onCheckpointNeeded: () => {},
      }, 0);
      const nothing = { count: 0, bytes: 0, totalMs: 0, lastMs: 0, sizeBytes: 0 };
      assertEquals(journal.counters(), nothing);
      await Promise.all([journal.append("one\n", 1), journal.append("two\n", 2)]);
      await journal.append("three\n", 3);
      const { count, bytes, totalMs, lastMs, sizeBytes } = journal.counters();
      assertEquals([count, bytes, sizeBytes], [2, 14, 14]);
      assert(lastMs >= 0 && totalMs >= lastMs);
      assertEquals((await Deno.stat(join(dir, "j"))).size, 14);
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  });
}

Deno.test("a store counts its checkpoints and those that failed", async () => {
  await using bench = await Bench.start();
  let isFull = false;
  class FullStore extends MemoryStore {
    override saveCheckpoint(...given: Parameters<MemoryStore["saveCheckpoint"]>): Promise<void> {
      return isFull ? Promise.reject(new Error("full")) : super.saveCheckpoint(...given);
    }
  }
  const keeper = new Keeper({
    monitor: bench.watch.monitor,
    store: new FullStore(),
    nowMs: () => bench.watch.nowMs,
    listeningMs: () => 0,
    notificationsStored: () => Promise.resolve(),
    onCheckpoint: () => {},
    onTrouble: () => {},
  });
  await keeper.checkpoint();
  const { totalMs, lastMs, ...counts } = keeper.counters();
  assertEquals(counts, { count: 1, failures: 0 });
  assert(lastMs >= 0 && totalMs >= lastMs);
  isFull = true;
  await keeper.checkpoint();
  assertEquals([keeper.counters().count, keeper.counters().failures], [1, 1]);
});
