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
import { BackupService } from "./backup/service.ts";
import { CommandQueue } from "./commands/queue.ts";
import { UpdateOffers } from "./commands/updates.ts";
import type { DnsSettings } from "./dns/book.ts";
import { DnsUpdater } from "./dns/updater.ts";
import { createBeatDoor } from "./doors/beat.ts";
import { DropLog } from "./doors/drop_log.ts";
import { DialectDesk } from "./doors/dialect_desk.ts";
import { createGuard, pingSettings } from "./guard_settings.ts";
import { hostDirectory } from "./host_directory.ts";
import { Health } from "./health.ts";
import { type Clocks, Heart } from "./heart.ts";
import { HistoryBook } from "./history/book.ts";
import { HostHistory } from "./history/host_history.ts";
import { HistoryKeeper } from "./history/keeper.ts";
import { Journal } from "./journal/journal.ts";
import type { Answer } from "./listeners/listener.ts";
import { Ports } from "./listeners/ports.ts";
import { LocalTime } from "./wire/local_time.ts";
import { LogFiles } from "./log_files.ts";
import { Monitor } from "./monitor/monitor.ts";
import type { Outlet } from "./monitor/outlet.ts";
import type { WatchSettings } from "./monitor/settings.ts";
import { Notifier } from "./notify/notifier.ts";
import { Outbox } from "./notify/outbox.ts";
import { Past } from "./past.ts";
import { loadPeople } from "./people.ts";
import type { Vitals } from "./self/sd_notify.ts";
import { Replayer } from "./replay/replayer.ts";
import { createSelfBeat, createSelfWatch, type SelfParts } from "./self_service.ts";
import { Keeper } from "./store/keeper.ts";
import { KvStore } from "./store/kv.ts";
import { lock } from "./store/lock.ts";
import { type JournalPlace, recover } from "./store/recovery.ts";
import type { Store } from "./store/store.ts";
import { UdpService } from "./udp_service.ts";
import { watchSettings } from "./watch_settings.ts";
import { RecentMessages } from "./web/recent.ts";
import { WebService } from "./web_service.ts";

const log = getLogger(["hbd", "server"]);

/** Time that the last checkpoint gets at a stop. */
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
  /** The ports for WebSockets alone that are really bound; null when there is none. */
  readonly wsPort: number | null;
  readonly wssPort: number | null;
  /** The ports of `extra_ports` that are really bound. */
  readonly extraPorts: readonly number[];
  /** Where the journal is; null when it is disabled. */
  readonly journalPath: string | null;
  /**
   * Tells `send` all that happens, as the live updates do (docs/API.md), until what it returns is
   * called.
   */
  watch(send: (json: string) => void): () => void;
  /** How it is, for whoever runs it. */
  vitals(): Vitals;
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

  const ready = Promise.withResolvers<Answer>();
  const socketsReady = Promise.withResolvers<Answer>();
  const ports = await Ports.open({
    settings: options.config,
    ready: ready.promise,
    socketsReady: socketsReady.promise,
    onTrouble: (part, error) => health.report(part, error, clocks.wallMs()),
  });
  opening.defer(() => ports.close());
  await Deno.mkdir(stateDir, { recursive: true });
  opening.use(
    await lock(
      join(stateDir, "hbd.lock"),
      `State folder ${stateDir}`,
      "give this one its own with --state-dir",
    ),
  );
  const store = opening.use(await openStore(stateDir));

  const { changes, inForce, sessions, apiKeys, login } = await loadPeople(
    store,
    options.config,
    clocks.wallMs,
  );
  opening.defer(() => sessions.settled());
  const config = inForce.config;
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
  const logs = opening.use(
    await LogFiles.open({ config, time, port: ports.addr.port, startedMs, reporter }),
  );
  outlets.push(...logs.outlets);

  const updates = new UpdateOffers(() => inForce.config.clientUpdate, clocks.wallMs);
  const heart = new Heart(monitor, clocks, journal, outlets, time);
  const book = new HistoryBook(store, (day, bucket, error) => {
    log.error("History of day {day}, bucket {bucket} is damaged and begins anew: {error}", {
      day,
      bucket,
      error,
    });
  }, (day, bucket) => {
    log.warn("History of day {day}, bucket {bucket} is full: some hosts in it lack an hour", {
      day,
      bucket,
    });
  });
  const ofHours = { hours: monitor.hours, book, nowMs: () => heart.nowMs() };
  const historyKeeper = new HistoryKeeper({
    ...ofHours,
    days: () => inForce.config.web.historyDays,
    onTrouble: reporter("history"),
  });
  const keeper = new Keeper({
    monitor,
    store,
    nowMs: clocks.wallMs,
    listeningMs: () => heart.listeningMs(),
    notificationsStored: () => outbox.flushed(),
    forgetHistory: (gone) => book.forget(gone),
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
    logs.follow();
  }, FOLLOW_MS);
  opening.defer(() => clearInterval(following));

  // Since the last run was last known to listen, nobody did.
  const deafMs = listeningMs === null ? 0 : monitor.listeningMs(clocks.wallMs()) - listeningMs;
  heart.start(listeningMs === null ? null : { shiftMs: deafMs, beatsLost: true });
  keeper.start();
  historyKeeper.start();
  opening.defer(() => historyKeeper.stop());

  let guard = createGuard(config);
  let pings = pingSettings(config);
  const drops = new DropLog(clocks.wallMs);
  const udp = config.udpPort === null ? null : opening.use(
    await UdpService.open({
      intake: heart,
      hostname: config.bindAddress,
      port: config.udpPort,
      guard: () => guard,
      nowMs: clocks.wallMs,
      settings: () => ({
        acceptText: inForce.config.udpAcceptText,
        acknowledge: inForce.config.udpAck,
      }),
      errands: (message) => [...commands.due(message), ...updates.due(message)],
      drops,
      onTrouble: reporter("udp"),
    }),
  );
  const lossCounters = () => ({
    journalLinesLost: journal?.lost ?? 0,
    udp: udp?.counters() ?? null,
  });
  const self: SelfParts = {
    ...{ hostname, version, health, heart, monitor, outbox, dnsFailing },
    nowMs: clocks.wallMs,
    counters: lossCounters,
    paths: [...new Set([stateDir, place?.dir ?? stateDir])],
  };
  const selfWatch = createSelfWatch(self);
  opening.defer(() => selfWatch.stop());
  selfWatch.start();
  const selfBeat = createSelfBeat(self);
  opening.defer(() => selfBeat.stop());
  selfBeat.configure(config.heartbeatTo);
  selfBeat.start();

  const door = createBeatDoor({
    intake: heart,
    limits: () => inForce.config,
    guard: () => guard,
    nowMs: clocks.wallMs,
    onRefused: (reason, ip) => drops.drop(reason, ip),
  });
  const desk = new DialectDesk({
    intake: heart,
    hosts: hostDirectory(monitor, () => heart.nowMs()),
    limits: () => inForce.config,
    guard: () => guard,
    pings: () => pings,
    onRefused: (reason, ip) => drops.drop(reason, ip),
  });
  /** Takes over what may have changed: of these hosts alone, or of all (null). */
  const apply = (hosts: readonly string[] | null) => {
    const config = inForce.config;
    guard = createGuard(config);
    pings = pingSettings(config);
    notifier.configure(config);
    dnsSettings = dnsSettingsOf(config);
    dns.configure();
    heart.say((monitor) => monitor.configure(settingsOf(config), hosts ?? undefined));
    web.changed(hosts);
  };
  const replayer = opening.use(
    new Replayer({
      place,
      config: () => inForce.config,
      madeAfter: (host) => changes.madeAfter(host),
      hostname,
    }),
  );
  const web = await WebService.open({
    version,
    startedMs,
    nowMs: clocks.wallMs,
    port: () => ports.addr.port,
    guard: () => guard,
    monitor,
    heart,
    recent,
    health,
    counters: () => ({
      ...lossCounters(),
      refused: heart.refused,
      dropped: drops.counts(),
      journal: journal?.counters() ?? null,
      store: keeper.counters(),
      tickLagMs: heart.tickLagMs,
    }),
    notifier,
    dns,
    commands,
    changes,
    inForce,
    sessions,
    apiKeys,
    login,
    history: new HostHistory(ofHours),
    past: new Past(place),
    replayer,
    backups: new BackupService(
      () => ({ stateDir, journal: place, version, nowMs: clocks.wallMs() }),
      () => keeper.checkpoint(),
    ),
    keeper,
    apply: (host) => apply([host]),
    door,
    desk,
    hostname,
  });
  outlets.push(web.live);
  opening.defer(() => web.stop());
  ready.resolve(web.answer);
  socketsReady.resolve(web.answerSockets);

  const resources = opening.move();
  let stopping: Promise<void> | null = null;
  return {
    addr: ports.addr,
    udpPort: udp?.addr?.port ?? null,
    wsPort: ports.wsPort,
    wssPort: ports.wssPort,
    extraPorts: ports.extraPorts,
    journalPath: place === null ? null : join(place.dir, place.file),
    watch: (send) => web.watch(send),
    vitals() {
      const { hosts, down } = monitor.totals();
      const parts = health.problems().map(({ part }) => part).join(", ");
      const trouble = parts === "" ? "" : `, trouble with: ${parts}`;
      return {
        isAlive: heart.isAlive(),
        text: `${hosts} ${hosts === 1 ? "host" : "hosts"}, ${down} down${trouble}`,
      };
    },
    reload(wanted) {
      const before = inForce.file;
      const restart = keysNeedingRestart(before, wanted);
      // What was opened at the start stays; all the rest is taken over.
      const { bindAddress, httpPort, udpPort, journal, beatLog, logFile, web } = before;
      const { extraPorts, wsPort, wssPort, https, certFile, keyFile } = web;
      inForce.reload({
        ...wanted,
        ...{ bindAddress, httpPort, udpPort, journal, beatLog, logFile },
        web: { ...wanted.web, extraPorts, wsPort, wssPort, https, certFile, keyFile },
      });
      apply(null);
      selfBeat.configure(inForce.config.heartbeatTo);
      ports.follow();
      logs.follow();
      return restart;
    },
    stop() {
      if (stopping !== null) return stopping;
      const ending = Promise.all([dns.stop(), selfBeat.stop()]);
      stopping = Promise.all([web.stop(), ports.close()]).then(() => ending).then(() =>
        resources.disposeAsync()
      );
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
