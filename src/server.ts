/**
 * The composition root: the only file that knows every part. It opens them in order, connects them,
 * and takes them down in reverse.
 *
 * The port is bound first, so that a port in use is said at once; requests that come before the
 * state is recovered wait for it.
 */

import { getLogger } from "@logtape/logtape";
import { join } from "@std/path";
import { alertSettings } from "./alert_settings.ts";
import type { Config } from "./config/config.ts";
import { keysNeedingRestart } from "./config/schema.ts";
import { CommandQueue } from "./commands/queue.ts";
import { UpdateOffers } from "./commands/updates.ts";
import type { DnsSettings } from "./dns/book.ts";
import { DnsUpdater } from "./dns/updater.ts";
import { createBeatDoor } from "./doors/beat.ts";
import { DropLog } from "./doors/drop_log.ts";
import { createGuard } from "./guard_settings.ts";
import { Health } from "./health.ts";
import { type Clocks, Heart } from "./heart.ts";
import { AppendFile } from "./journal/append_file.ts";
import { Journal } from "./journal/journal.ts";
import { LocalTime } from "./wire/local_time.ts";
import { BeatLog } from "./logs/beat_log.ts";
import { TextLog } from "./logs/text_log.ts";
import { Monitor } from "./monitor/monitor.ts";
import type { Outlet } from "./monitor/outlet.ts";
import type { WatchSettings } from "./monitor/settings.ts";
import { Notifier } from "./notify/notifier.ts";
import { Outbox } from "./notify/outbox.ts";
import { SelfBeat } from "./self/beat.ts";
import { SelfWatch } from "./self/watch.ts";
import { Keeper } from "./store/keeper.ts";
import { KvStore } from "./store/kv.ts";
import { lock } from "./store/lock.ts";
import { type JournalPlace, recover } from "./store/recovery.ts";
import type { Store } from "./store/store.ts";
import { UdpService } from "./udp_service.ts";
import { watchSettings } from "./watch_settings.ts";
import { createApp, type Handler } from "./web/app.ts";
import { RecentMessages } from "./web/recent.ts";

const log = getLogger(["hbd", "server"]);

/** Time that requests under way get at a stop, and the last checkpoint after them. */
const DRAIN_MS = 800;
const LAST_CHECKPOINT_MS = 800;

/** Time that a notification which is being sent gets at a stop; it is in the store. */
const LAST_SEND_MS = 300;

/** A notification waits so long for a store that fails: a full disk is told of, too. */
const STORE_PATIENCE_MS = 10_000;

/** How often it is looked whether somebody moved or removed a file that is being written. */
const FOLLOW_MS = 2000;

export interface ServerOptions {
  readonly config: Config;
  /** Folder for the state; made if it is missing. */
  readonly stateDir: string;
  readonly version: string;
  /** Shows beats and events as they come. @default {none} */
  readonly screen?: Outlet;
  /** @default {the machine's} */
  readonly clocks?: Clocks;
  /** @default {Deno KV, in the state folder} */
  readonly openStore?: (stateDir: string) => Promise<Store>;
}

const MACHINE_CLOCKS: Clocks = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

/** A server that is listening. */
export interface RunningServer {
  /** The address that is really bound: with port 0 the port that was given. */
  readonly addr: Deno.NetAddr;
  /** The UDP port that is really bound; null when there is none. */
  readonly udpPort: number | null;
  /** Where the journal is; null when it is disabled. */
  readonly journalPath: string | null;
  /** Takes over what can be changed while running. Returns the keys that need a restart. */
  reload(config: Config): readonly string[];
  /** Stops within 2 s; a second call waits for the first. */
  stop(): Promise<void>;
}

/**
 * Starts a server. Rejects when the port or the state folder is taken or a file cannot be opened;
 * what was opened by then is closed again.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { stateDir, version, clocks = MACHINE_CLOCKS, openStore = openKvStore } = options;
  let { config } = options;
  const startedMs = clocks.wallMs();
  const hostname = Deno.hostname();
  const settingsOf = (config: Config): WatchSettings => ({
    ...watchSettings(config),
    alerts: alertSettings(config, hostname),
  });
  const health = new Health();
  const reporter = (part: string) => (error: Error | null) =>
    health.report(part, error, clocks.wallMs());
  await using opening = new AsyncDisposableStack();

  const ready = Promise.withResolvers<Handler>();
  const http = bind(config, ready.promise);
  opening.defer(http.close);
  await Deno.mkdir(stateDir, { recursive: true });
  opening.use(
    await lock(
      join(stateDir, "hbd.lock"),
      `State folder ${stateDir}`,
      "give this one its own with --state-dir",
    ),
  );
  const store = opening.use(await openStore(stateDir));

  const monitor = new Monitor(settingsOf(config));
  const place = await journalPlace(config, stateDir);
  if (place !== null) {
    const journal = `Journal ${join(place.dir, place.file)}`;
    const path = join(place.dir, `hbd.${place.file}.lock`);
    opening.use(await lock(path, journal, "give this one another journal_dir"));
  }
  const commands = new CommandQueue(store, clocks.wallMs);
  await commands.load();
  const time = new LocalTime();
  const outbox = new Outbox({
    store,
    nowMs: clocks.wallMs,
    onTrouble: tellChannelTrouble,
    storePatienceMs: STORE_PATIENCE_MS,
  });
  opening.defer(() => outbox.stop(LAST_SEND_MS));
  await outbox.load();
  const notifier = new Notifier({ outbox, time, hostname, nowMs: clocks.wallMs }, config);
  const { replayed, listeningMs } = await recover(monitor, store, place, {
    onRecord: (record) => {
      if (record.kind === "message") commands.learn(record.message, record.signed, record.atMs);
      // What had not reached the outbox before a crash does now.
      else if (record.kind === "alert") notifier.alert(record.event);
    },
    onProblem: (problem) => log.error("Journal line passed over: {problem}", { problem }),
    onTorn: cutTornLine,
  });
  outbox.recovered(monitor.seq);
  if (replayed > 0) log.info("{replayed} records read back from the journal", { replayed });

  const journal = place === null ? null : await Journal.open({
    ...config.journal,
    ...place,
    onTrouble: reporter("journal"),
    onCheckpointNeeded: () => void keeper.checkpoint(),
  }, monitor.seq);
  if (journal !== null) {
    opening.defer(async () => {
      await journal.close();
      const { lost } = journal;
      if (lost > 0) log.error("{lost} journal lines could never be written", { lost });
    });
  }

  const recent = new RecentMessages();
  let dnsSettings = dnsSettingsOf(config);
  const dnsFailing = new Map<string, string>();
  const dns = new DnsUpdater({
    store,
    settings: () => dnsSettings,
    nowMs: clocks.wallMs,
    onTrouble(name, error) {
      if (error === null) dnsFailing.delete(name);
      else dnsFailing.set(name, error);
    },
  });
  opening.defer(() => dns.stop());
  await dns.start();
  const outlets: Outlet[] = [recent, commands, notifier, dns];
  if (options.screen !== undefined) outlets.push(options.screen);
  const logFiles: AppendFile[] = [];
  async function openLog(path: string, part: string): Promise<AppendFile> {
    const file = opening.use(await AppendFile.open(path, { onTrouble: reporter(part) }));
    logFiles.push(file);
    return file;
  }
  if (config.beatLog !== null) {
    outlets.push(new BeatLog(await openLog(config.beatLog, "beat_log"), time));
  }
  if (config.logFile !== null) {
    const textLog = new TextLog(await openLog(config.logFile, "logfile"), time);
    textLog.started(http.addr.port, startedMs);
    outlets.push(textLog);
  }

  const updates = new UpdateOffers(() => config.clientUpdate, clocks.wallMs);
  const heart = new Heart(monitor, clocks, journal, outlets, time);
  const keeper = new Keeper({
    monitor,
    store,
    nowMs: clocks.wallMs,
    listeningMs: () => heart.listeningMs(),
    notificationsStored: () => outbox.flushed(),
    onCheckpoint: (seq) => journal?.checkpointed(seq),
    onTrouble: reporter("store"),
  });
  opening.defer(async () => {
    heart.stop();
    // What the last checkpoint does not get done in time is in the journal, if there is one.
    await keeper.stop(journal === null ? null : LAST_CHECKPOINT_MS);
  });

  const following = setInterval(() => {
    journal?.follow();
    for (const file of logFiles) file.follow();
  }, FOLLOW_MS);
  opening.defer(() => clearInterval(following));

  // Since the last run was last known to listen, nobody did.
  const deafMs = listeningMs === null ? 0 : monitor.listeningMs(clocks.wallMs()) - listeningMs;
  heart.start(listeningMs === null ? null : { shiftMs: deafMs, beatsLost: true });
  keeper.start();

  let guard = createGuard(config);
  const drops = new DropLog(clocks.wallMs);
  const udp = config.udpPort === null ? null : opening.use(
    await UdpService.open({
      intake: heart,
      hostname: config.bindAddress,
      port: config.udpPort,
      guard: () => guard,
      nowMs: clocks.wallMs,
      settings: () => ({ acceptText: config.udpAcceptText, acknowledge: config.udpAck }),
      errands: (message) => [...commands.due(message), ...updates.due(message)],
      drops,
      onTrouble: reporter("udp"),
    }),
  );
  const lossCounters = () => ({
    journalLinesLost: journal?.lost ?? 0,
    udp: udp?.counters() ?? null,
  });
  const selfWatch = new SelfWatch({
    nowMs: clocks.wallMs,
    problems: () => health.problems(),
    counters: lossCounters,
    channels: () => outbox.status(),
    dnsFailing: () => [...dnsFailing].map(([name, error]) => ({ name, error })),
    paths: [...new Set([stateDir, place?.dir ?? stateDir])],
    trouble: (part, level, message) =>
      heart.say((monitor, nowMs) => monitor.serverTrouble(part, level, message, nowMs)),
  });
  opening.defer(() => selfWatch.stop());
  selfWatch.start();
  const selfBeat = new SelfBeat({
    hostname,
    version,
    isAlive: () => heart.isAlive(),
    status() {
      const { hosts, down } = monitor.totals();
      const alerts = { ...monitor.alerts?.counts() };
      return { isDegraded: health.problems().length > 0, hosts, down, alerts };
    },
  });
  opening.defer(() => selfBeat.stop());
  selfBeat.configure(config.heartbeatTo);
  selfBeat.start();

  const door = createBeatDoor({
    intake: heart,
    limits: () => config,
    guard: () => guard,
    nowMs: clocks.wallMs,
    onRefused: (reason, ip) => drops.drop(reason, ip),
  });
  ready.resolve(createApp(door, {
    version,
    startedMs,
    nowMs: clocks.wallMs,
    port: () => http.addr.port,
    totals: () => monitor.totals(),
    host: (name) => monitor.host(name),
    hosts: (first, limit) => monitor.hosts(first, limit),
    downHosts: (limit) => monitor.downHosts(limit),
    messages: () => recent.list(),
    problems: () => health.problems(),
    counters: () => ({
      ...lossCounters(),
      refused: heart.refused,
      dropped: drops.counts(),
      journal: journal?.counters() ?? null,
      store: keeper.counters(),
      tickLagMs: heart.tickLagMs,
    }),
    alerts: () => monitor.alerts,
    incidentOf: (host) => monitor.incidentOf(host),
    acknowledge: (id, untilMs, note) =>
      heart.say((monitor, nowMs) => monitor.acknowledge(id, untilMs, note, nowMs)),
    pause: (host, pause) => heart.say((monitor, nowMs) => monitor.pause(host, pause, nowMs)),
    channels: () => notifier.channels(),
    testChannel: (channel) => notifier.test(channel),
    dnsStatus: (host) => dns.status(host),
    forceDns: (host) => dns.force(host),
    metricsMaxHosts: () => config.metricsMaxHosts,
    plugins: (host) => monitor.history.plugins(host),
    samples: (host, plugin, limit) => monitor.history.samples(host, plugin, limit),
    commands,
    commandToken: () => config.auth.commandToken?.value ?? null,
    takesCommands: (host) => guard.keyOf(host) !== null,
  }));

  const resources = opening.move();
  let stopping: Promise<void> | null = null;
  return {
    addr: http.addr,
    udpPort: udp?.addr?.port ?? null,
    journalPath: place === null ? null : join(place.dir, place.file),
    reload(wanted) {
      const restart = keysNeedingRestart(config, wanted);
      // What was opened at the start stays; all the rest is taken over.
      const { bindAddress, httpPort, udpPort, journal, beatLog, logFile } = config;
      config = { ...wanted, bindAddress, httpPort, udpPort, journal, beatLog, logFile };
      guard = createGuard(config);
      notifier.configure(config);
      dnsSettings = dnsSettingsOf(config);
      dns.configure();
      selfBeat.configure(config.heartbeatTo);
      monitor.configure(settingsOf(config));
      for (const file of logFiles) file.follow();
      return restart;
    },
    stop() {
      if (stopping !== null) return stopping;
      const ending = Promise.all([dns.stop(), selfBeat.stop()]);
      stopping = http.close().then(() => ending).then(() => resources.disposeAsync());
      return stopping;
    },
  };
}

function dnsSettingsOf({ dns, hosts }: Config): DnsSettings {
  return { config: dns, isDyn: (host) => hosts.get(host)?.dyn ?? false };
}

function tellChannelTrouble(channel: string, error: Error | null): void {
  if (error === null) log.info("Channel {channel} works again", { channel });
  else log.warn("Channel {channel} fails: {error}", { channel, error: error.message });
}

/** Binds the port; what comes before there is a handler waits for it. */
function bind(config: Config, ready: Promise<Handler>) {
  let handle: Handler = async (request, sender) => (await ready)(request, sender);
  void ready.then((handler) => {
    handle = handler;
  });
  const server = Deno.serve({
    hostname: config.bindAddress,
    port: config.httpPort,
    automaticCompression: false,
    onListen: () => {},
    onError(error) {
      log.error("Request failed: {error}", { error });
      return Response.json({ error: "Internal error: see the log" }, { status: 500 });
    },
  }, (request, sender) => handle(request, sender));
  return {
    addr: server.addr,
    /** Stops listening and lets the requests under way end, but does not wait for them long. */
    async close(): Promise<void> {
      const limit = Promise.withResolvers<void>();
      const timer = setTimeout(limit.resolve, DRAIN_MS);
      await Promise.race([server.shutdown(), limit.promise]);
      clearTimeout(timer);
    },
  };
}

async function journalPlace(config: Config, stateDir: string): Promise<JournalPlace | null> {
  if (!config.journal.enabled) return null;
  const dir = config.journal.dir ?? stateDir;
  await Deno.mkdir(dir, { recursive: true });
  return { dir, file: config.journal.file };
}

/** A torn last line was never answered; cut off, it cannot spoil the line that comes after it. */
function cutTornLine(path: string, goodBytes: number, tornBytes: number): void {
  log.warn("{path} ends in a torn line of {tornBytes} bytes (a crash or power cut): cut off", {
    path,
    tornBytes,
  });
  Deno.truncateSync(path, goodBytes);
}

async function openKvStore(stateDir: string): Promise<Store> {
  const path = join(stateDir, "hbd.kv");
  try {
    return await KvStore.open(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `Store ${path} cannot be opened: ${reason}. If it is damaged, move it away: ` +
        `the state is then read back from the journal, as far as that goes`,
      { cause: error },
    );
  }
}
