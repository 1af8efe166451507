/**
 * The app over real parts: a monitor with alerts under a clock that the test sets, an outbox whose
 * channels post to a server on loopback, users with sessions and keys, the queue of commands and the
 * DNS updater. Requests go in as the server hands them over, with the address that they are said to
 * come from. Only the journal is not there: what it would be searched for is kept in a list.
 */

import { ApiKeys } from "../../src/access/api_keys.ts";
import { HostSettings } from "../../src/access/host_settings.ts";
import { Login } from "../../src/access/login.ts";
import { LoginLimit } from "../../src/access/login_limit.ts";
import { PasswordDesk } from "../../src/access/password.ts";
import { Sessions } from "../../src/access/sessions.ts";
import type { Config } from "../../src/config/config.ts";
import { parseConfig } from "../../src/config/load.ts";
import { CommandQueue } from "../../src/commands/queue.ts";
import { DnsUpdater } from "../../src/dns/updater.ts";
import { type BeatDoor, createBeatDoor } from "../../src/doors/beat.ts";
import { DropLog } from "../../src/doors/drop_log.ts";
import { createGuard } from "../../src/guard_settings.ts";
import { HistoryBook } from "../../src/history/book.ts";
import { HostHistory } from "../../src/history/host_history.ts";
import { Health } from "../../src/health.ts";
import { Notifier } from "../../src/notify/notifier.ts";
import { Outbox } from "../../src/notify/outbox.ts";
import { pastReport, reportParts } from "../../src/replay/past_report.ts";
import { SettingsInForce } from "../../src/settings_in_force.ts";
import { MemoryStore } from "../../src/store/memory.ts";
import { hostSchedule } from "../../src/view.ts";
import { createApp, type Handler } from "../../src/web/app.ts";
import { RecentMessages } from "../../src/web/recent.ts";
import { pastMessage } from "../../src/web/message_json.ts";
import type { Counters, View } from "../../src/web/view.ts";
import type { PastEvent, PastMessage, PastQuery } from "../../src/web/view_history.ts";
import { LocalTime } from "../../src/wire/local_time.ts";
import type { Message } from "../../src/wire/message.ts";
import { START_MS, type Wanted, Watchman, watchSettings } from "../monitor/alerts/support.ts";
import { udpMessage } from "../monitor/support.ts";

export { START_MS };

/** Seconds of the start of the clock. */
export const START_S = START_MS / 1000;

export interface BenchOptions extends Wanted {
  /** The configuration file; `PROVIDER` in it becomes the address of the provider. */
  readonly config?: string;
  /** @default {1000} */
  readonly metricsMaxHosts?: number;
  readonly counters?: Partial<Counters>;
}

export interface Asked {
  readonly method?: string;
  /** Sent as it is when it is a text, otherwise as JSON with the content type of that. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** The address it comes from. @default {"127.0.0.1"} */
  readonly from?: string;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // deno-lint-ignore no-explicit-any -- whatever the API says: tests compare it
  readonly json: any;
}

/** What the bench is made of. */
interface Parts {
  readonly watch: Watchman;
  readonly view: View;
  readonly health: Health;
  readonly sessions: Sessions;
  readonly keys: ApiKeys;
  readonly inForce: SettingsInForce;
  readonly past: PastEvent[];
  readonly door: BeatDoor;
  readonly stack: AsyncDisposableStack;
}

export class Bench implements AsyncDisposable {
  readonly watch: Watchman;
  readonly view: View;
  readonly health: Health;
  readonly sessions: Sessions;
  readonly keys: ApiKeys;
  readonly inForce: SettingsInForce;
  /** What the journal would tell of events. */
  readonly past: PastEvent[];
  /** How the provider answers. */
  readonly provider = { status: 200, text: "taken" };
  readonly #door: BeatDoor;
  readonly #handle: Handler;
  readonly #stack: AsyncDisposableStack;

  private constructor(parts: Parts) {
    this.watch = parts.watch;
    this.view = parts.view;
    this.health = parts.health;
    this.sessions = parts.sessions;
    this.keys = parts.keys;
    this.inForce = parts.inForce;
    this.past = parts.past;
    this.#door = parts.door;
    this.#handle = createApp(parts.door, parts.view);
    this.#stack = parts.stack;
  }

  static async start(options: BenchOptions = {}): Promise<Bench> {
    const { config: text = "", metricsMaxHosts = 1000, counters, ...wanted } = options;
    await using stack = new AsyncDisposableStack();
    let bench: Bench | null = null;
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
      const { status = 500, text = "" } = bench?.provider ?? {};
      return new Response(text, { status });
    });
    stack.defer(() => server.shutdown());
    const address = `http://127.0.0.1:${server.addr.port}/`;
    const file = {
      ...await parseConfig(text.replaceAll("PROVIDER", address), "/etc/hbd.yaml"),
      metricsMaxHosts,
    };
    const store = new MemoryStore();
    const changes = new HostSettings(store);
    const inForce = new SettingsInForce(file, changes);
    const settingsOf = ({ hosts }: Config) => ({
      ...watchSettings(wanted),
      hosts: new Map(Array.from(hosts.keys(), (name) => [name, {}])),
    });

    const watch = new Watchman(settingsOf(file));
    const nowMs = () => watch.nowMs;
    const passwordOf = (user: string) => inForce.config.users.get(user)?.password?.value ?? null;
    const lifetimeMs = () => inForce.config.web.sessionS * 1000;
    const sessions = new Sessions(store, { nowMs, lifetimeMs, passwordOf });
    const keys = new ApiKeys(store, { nowMs, isUser: (user) => inForce.access.isUser(user) });
    const login = new Login({
      passwords: () => new Map(Array.from(inForce.config.users.keys(), (u) => [u, passwordOf(u)])),
      sessions,
      limit: new LoginLimit(nowMs),
      desk: new PasswordDesk(),
    });
    const config = file;
    const past: PastEvent[] = [];
    const received: PastMessage[] = [];
    const outbox = new Outbox({ store, nowMs, onTrouble: () => {} });
    stack.defer(() => outbox.stop(1000));
    await outbox.load();
    const notifierOptions = { outbox, time: new LocalTime(), hostname: "box", nowMs };
    const notifier = new Notifier(notifierOptions, config);
    outbox.recovered(0);
    const dns = new DnsUpdater({
      store,
      settings: () => ({
        config: config.dns,
        isDyn: (host) => config.hosts.get(host)?.dyn ?? false,
      }),
      nowMs,
      run: () => Promise.resolve(),
      onTrouble: () => {},
    });
    stack.defer(() => dns.stop());
    await dns.start();
    const commands = new CommandQueue(store, nowMs);
    const guard = createGuard(config);
    const drops = new DropLog(nowMs);
    const health = new Health();
    const recent = new RecentMessages();

    const { monitor } = watch;
    const say = <T>(what: () => T): T => {
      const said: T[] = [];
      watch.say(() => said.push(what()));
      const [first] = said;
      if (first === undefined) throw new Error("Nothing was said");
      return first;
    };
    const view: View = {
      version: "1.2.3",
      startedMs: START_MS,
      nowMs,
      port: () => 50_004,
      totals: () => monitor.totals(),
      host: (name) => monitor.host(name),
      hostsFrom: (place, limit) => monitor.hostsFrom(place, limit),
      downHosts: (limit) => monitor.downHosts(limit),
      messages: () => recent.list(),
      problems: () => health.problems(),
      counters: () => ({
        refused: 0,
        journalLinesLost: 0,
        dropped: drops.counts(),
        udp: null,
        journal: null,
        store: { count: 0, failures: 0, totalMs: 0, lastMs: 0 },
        tickLagMs: null,
        ...counters,
      }),
      plugins: (host) => monitor.history.plugins(host),
      samples: (host, plugin, limit) => monitor.history.samples(host, plugin, limit),
      commands,
      config: () => inForce.config,
      access: () => inForce.access,
      sessions,
      apiKeys: keys,
      login,
      madeAfter: (host) => changes.madeAfter(host),
      changedHere: (host) => Object.keys(changes.of(host) ?? {}),
      schedule: (host) => hostSchedule(inForce.config, host),
      async changeHost(host, change) {
        await changes.patch(host, change);
        inForce.changed();
        monitor.configure(settingsOf(inForce.config), [host]);
      },
      async createHost(host, change) {
        if (monitor.host(host) !== null) return "exists";
        if (!await changes.create(host, change, monitor.seq)) return "exists";
        inForce.changed();
        monitor.configure(settingsOf(inForce.config), [host]);
        return "created";
      },
      async dropHost(host) {
        await changes.remove(host);
        inForce.changed();
        monitor.configure(settingsOf(inForce.config), [host]);
        return say(() => monitor.drop(host, watch.nowMs));
      },
      history: new HostHistory({ hours: monitor.hours, book: new HistoryBook(store), nowMs }),
      events: (query) => Promise.resolve(searched(past, query, ({ text }) => text)),
      searchMessages: (query) =>
        Promise.resolve(searched(received, query, ({ payloadText }) => payloadText)),
      // The past is what is now: how it is rebuilt is tested elsewhere.
      pastState({ atMs, who }) {
        const known = { older: new Set<string>(), sinceMs: START_MS, isWhole: true };
        const state = { monitor, ...known, lastMs: monitor.totals().lastBeatMs ?? START_MS };
        const { config, access } = inForce;
        const maySee = (host: string) => access.maySee(who, host);
        const report = pastReport({ state, isListening: true }, {
          ...{ atMs, config, maySee },
          limit: 1000,
        });
        const encoder = new TextEncoder();
        const parts = [...reportParts(report)].map((text) => encoder.encode(text));
        return Promise.resolve(parts);
      },
      timeline(who) {
        const seen = past.filter(({ host }) => inForce.access.maySee(who, host));
        const downs = seen.map(({ atMs }) => ({ atMs, hosts: 1 }));
        return Promise.resolve({ sinceMs: START_MS, downs, isComplete: true });
      },
      takesCommands: (host) => guard.keyOf(host) !== null,
      alerts: () => monitor.alerts,
      incidentOf: (host) => monitor.incidentOf(host),
      acknowledge: (id, untilMs, note) =>
        say(() => [monitor.acknowledge(id, untilMs, note, watch.nowMs)])[0] ?? null,
      pause: (host, pause) => say(() => monitor.pause(host, pause, watch.nowMs)),
      channels: () => notifier.channels(),
      testChannel: (channel) => notifier.test(channel),
      dnsStatus: (host) => dns.status(host),
      forceDns: (host) => dns.force(host),
      backup: () => Promise.resolve(new Blob(["backup"]).stream()),
    };
    const take = (message: Message): Promise<void> => {
      watch.receive(message);
      const taken = { seq: monitor.seq, atMs: watch.nowMs, late: false, message };
      dns.message(taken);
      recent.message(taken);
      received.unshift(pastMessage(taken));
      return Promise.resolve();
    };
    const door = createBeatDoor({
      intake: { receive: take, written: () => Promise.resolve() },
      limits: () => config,
      guard: () => guard,
      nowMs,
      onRefused: (reason, ip) => drops.drop(reason, ip),
    });
    const parts = { watch, view, health, sessions, keys, inForce, past, door };
    bench = new Bench({ ...parts, stack: stack.move() });
    return bench;
  }

  /** The answer to a request. */
  async ask(path: string, asked: Asked = {}, handle = this.#handle): Promise<Answered> {
    const { method = "GET", body, headers = {}, from = "127.0.0.1" } = asked;
    const isJson = body !== undefined && typeof body !== "string";
    const request = new Request(`http://localhost:50004${path}`, {
      method,
      headers: {
        host: "localhost:50004",
        ...(isJson && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: isJson ? JSON.stringify(body) : body as string }),
    });
    return await this.send(request, from, handle);
  }

  /** Asks an app over another view of the same. */
  over(view: View): (path: string, asked?: Asked) => Promise<Answered> {
    const handle = createApp(this.#door, view);
    return (path, asked) => this.ask(path, asked, handle);
  }

  /** The answer to a request that somebody else has made. */
  async send(request: Request, from = "127.0.0.1", handle = this.#handle): Promise<Answered> {
    const remoteAddr = { transport: "tcp", hostname: from, port: 4711 } as const;
    const response = await handle(request, { remoteAddr });
    const text = await response.text();
    const type = response.headers.get("content-type") ?? "";
    const json = type.startsWith("application/json") && text !== "" ? JSON.parse(text) : null;
    return { status: response.status, headers: response.headers, text, json };
  }

  post(path: string, body?: unknown, more: Asked = {}): Promise<Answered> {
    return this.ask(path, { method: "POST", body, ...more });
  }

  /** A beat through the HTTP door. */
  async beat(host: string, from = "192.0.2.7"): Promise<void> {
    await this.post("/", JSON.stringify({ name: host }), { from });
  }

  /** A message that came by UDP. */
  udp(fields: Readonly<Record<string, unknown>>): void {
    this.watch.receive(udpMessage(fields, "192.0.2.7"));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

/** What of a list fits a query, as the search of the journal finds it; the newest come first. */
function searched<T extends { readonly seq: number; readonly atMs: number; readonly host: string }>(
  all: readonly T[],
  { host, text, sinceMs, beforeSeq, limit, maySee }: PastQuery,
  textOf: (one: T) => string,
) {
  const found = all.filter((one) =>
    (host === null || one.host === host) && maySee(one.host, one.seq) &&
    (text === null || textOf(one).toLowerCase().includes(text.toLowerCase())) &&
    one.atMs >= (sinceMs ?? -Infinity) && one.seq < (beforeSeq ?? Infinity)
  );
  return { found: found.slice(0, limit), isComplete: true };
}
