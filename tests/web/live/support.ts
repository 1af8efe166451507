/**
 * The live updates over a real monitor whose clock the test sets, for real WebSockets or for links
 * that a test reads by itself; and what a dashboard makes of all that it is sent.
 */

import { Access } from "../../../src/access/access.ts";
import type { Principal } from "../../../src/access/principal.ts";
import type { Config } from "../../../src/config/config.ts";
import { parseConfig } from "../../../src/config/load.ts";
import type { HostEvent, Pause } from "../../../src/monitor/events.ts";
import { Maintenance } from "../../../src/monitor/maintenance.ts";
import { Monitor } from "../../../src/monitor/monitor.ts";
import type { Link } from "../../../src/web/live/client.ts";
import { LiveFeed } from "../../../src/web/live/feed.ts";
import type { FeedView } from "../../../src/web/live/feed_view.ts";
import { LiveSockets } from "../../../src/web/live/socket.ts";
import type { Timing } from "../../../src/web/live/timing.ts";
import { hostJson } from "../../../src/web/host_json.ts";
import { RecentMessages } from "../../../src/web/recent.ts";
import type { Fields } from "../../../src/wire/datagram.ts";
import type { Message } from "../../../src/wire/message.ts";
import { START_MS, type Wanted, watchSettings } from "../../monitor/alerts/support.ts";
import { beatOf, bootOf, shutdownOf } from "../../monitor/support.ts";

export const EVERYTHING: Principal = {
  user: null,
  via: "anonymous",
  reach: "everything",
  most: "monitor",
};

/** The principal of user `user`, who is no admin. */
export function userOf(user: string): Principal {
  return { user, via: "cookie", reach: "own", most: "owner" };
}

/** A clock that stands still until it is told to go on. */
export class FakeTiming implements Timing {
  #nowMs = 0;
  #timers: { readonly atMs: number; readonly then: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, then: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, then };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Lets `ms` pass, and waits each time for what comes of it. */
  async run(ms: number, feed: LiveFeed): Promise<void> {
    const endMs = this.#nowMs + ms;
    while (true) {
      const next = this.#timers.toSorted((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined || next.atMs > endMs) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.then();
      await feed.settled();
    }
    this.#nowMs = endMs;
  }

  /** Timers that wait. */
  get waiting(): number {
    return this.#timers.length;
  }
}

// deno-lint-ignore no-explicit-any -- whatever is sent: tests compare it
export type Json = any;

/** A link that a test reads. */
export class TestLink implements Link {
  bufferedAmount = 0;
  readonly texts: string[] = [];
  closed: number | null = null;
  principal: Principal | null;

  constructor(principal: Principal | null = EVERYTHING) {
    this.principal = principal;
  }

  send(text: string): void {
    this.texts.push(text);
  }

  close(code: number): void {
    this.closed = code;
  }

  who(): Principal | null {
    return this.principal;
  }

  /** What was sent since the last call. */
  take(): Json[] {
    return this.texts.splice(0).map((text) => JSON.parse(text));
  }
}

/** What a dashboard knows from all that it was sent. */
export class Picture {
  readonly hosts = new Map<string, Json>();
  readonly alerts = new Map<string, Json>();
  readonly messages: Json[] = [];
  summary: Json = null;
  snapshots = 0;

  take(pushes: readonly Json[]): void {
    for (const push of pushes) this.#take(push);
  }

  #take(push: Json): void {
    switch (push.type) {
      case "hosts":
        this.snapshots++;
        this.hosts.clear();
        this.alerts.clear();
        this.#put(push.hosts);
        for (const alert of push.alerts) this.alerts.set(alert.id, alert);
        this.messages.push(...push.messages);
        this.summary = push.summary;
        break;
      case "host":
        this.#put(push.hosts);
        for (const name of push.gone) this.hosts.delete(name);
        break;
      case "alert":
        for (const alert of push.alerts) {
          if (alert.ended === null) this.alerts.set(alert.id, alert);
          else this.alerts.delete(alert.id);
        }
        break;
      case "message":
        this.messages.push(...push.messages);
        break;
      case "summary":
        this.summary = push.summary;
    }
  }

  #put(hosts: readonly Json[]): void {
    for (const host of hosts) {
      const known = this.hosts.get(host.name);
      if (known === undefined && host.addresses === undefined) continue;
      this.hosts.set(host.name, { ...known, ...host });
    }
  }
}

export interface HouseOptions {
  /** The configuration file. */
  readonly config?: string;
  readonly wanted?: Wanted;
  readonly timing?: Timing;
}

/** A monitor, its recent messages and the feed. */
export class House {
  monitor: Monitor;
  nowMs = START_MS;
  config: Config;
  readonly view: FeedView;
  readonly feed: LiveFeed;
  /** Numbers of the last records before hosts were made over the API. */
  readonly madeAfter = new Map<string, number>();
  readonly #recent = new RecentMessages();

  private constructor(config: Config, { wanted = {}, timing }: HouseOptions) {
    this.config = config;
    const maintenance = new Maintenance(config.maintenance);
    this.monitor = new Monitor({
      ...watchSettings({ incidentHosts: 0, maintenance, ...wanted }),
      maxHosts: 1_000_000,
      hosts: new Map([...config.hosts.keys()].map((name) => [name, {}])),
    });
    const { monitor } = this;
    this.view = {
      madeAfter: (host) => this.madeAfter.get(host) ?? 0,
      version: "1.2.3",
      nowMs: () => this.nowMs,
      config: () => this.config,
      access: () =>
        new Access({
          users: this.config.users,
          defaultOwner: this.config.defaultOwner,
          hostAccess: (host) => this.config.hosts.get(host) ?? null,
        }),
      host: (name) => monitor.host(name),
      hostsFrom: (place, limit) => monitor.hostsFrom(place, limit),
      totals: () => monitor.totals(),
      downHosts: (limit) => monitor.downHosts(limit),
      messages: () => this.#recent.list(),
      problems: () => [{ part: "store", message: "disk full", sinceMs: START_MS }],
      alerts: () => monitor.alerts,
      incidentOf: (host) => monitor.incidentOf(host),
    };
    this.feed = new LiveFeed({
      view: this.view,
      server: { name: "box", seq: () => monitor.seq },
      ...(timing !== undefined && { timing }),
    });
  }

  static async make(options: HouseOptions = {}): Promise<House> {
    return new House(await parseConfig(options.config ?? "", "/etc/hbd.yaml"), options);
  }

  beat(host: string, more: Fields & { readonly rttMs?: number; readonly ip?: string } = {}): void {
    const { rttMs = null, ip = "192.0.2.1", ...payload } = more;
    this.receive({ ...beatOf(host, { rttMs, ip }), ...received(payload) });
  }

  boot(host: string): void {
    this.receive({ ...bootOf(host), ...received({}) });
  }

  shutdown(host: string): void {
    this.receive({ ...shutdownOf(host), ...received({}) });
  }

  receive(message: Message): void {
    const receipt = this.monitor.receive(message, this.nowMs);
    if (receipt.outcome !== "taken") return;
    const { seq, late, before, after } = receipt;
    this.#publish(before);
    const taken = { seq, atMs: this.nowMs, late, message };
    this.#recent.message(taken);
    this.feed.message(taken);
    this.#publish(after);
    this.#publishAlerts();
  }

  pause(host: string, pause: Pause | null): void {
    this.monitor.pause(host, pause, this.nowMs);
    this.#publishAlerts();
  }

  drop(host: string): void {
    this.monitor.drop(host, this.nowMs);
    this.#publishAlerts();
  }

  /** Lets `seconds` pass for the monitor, with a tick at the end. */
  pass(seconds: number): void {
    this.nowMs += seconds * 1000;
    for (let more = true; more;) {
      const found = this.monitor.tick(this.nowMs, 1000);
      this.#publish(found.events);
      more = found.more;
    }
    this.#publishAlerts();
  }

  /** A host as the API tells it, in the form that a dashboard has it. */
  api(name: string): Json {
    const host = this.monitor.host(name);
    if (host === null) return null;
    const json = hostJson(this.view, host, this.nowMs);
    return JSON.parse(JSON.stringify({ paused_until: null, ...json }));
  }

  #publish(events: readonly HostEvent[]): void {
    for (const event of events) this.feed.event(event);
  }

  #publishAlerts(): void {
    for (const event of this.monitor.takeAlertEvents()) this.feed.alert(event);
  }
}

/** How a message with this payload came in. */
function received(payload: Fields) {
  return {
    transport: "http",
    path: "/",
    payload,
    payloadText: JSON.stringify(payload),
    signed: false,
    parseError: false,
  } as const;
}

/** A server on a free port whose only path is the WebSocket. */
export class Sockets implements AsyncDisposable {
  readonly port: number;
  readonly sockets: LiveSockets;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #house: House;

  constructor(
    house: House,
    who: (headers: Headers) => Principal | null = () => EVERYTHING,
  ) {
    this.#house = house;
    this.sockets = new LiveSockets({
      feed: house.feed,
      who,
      pagePort: () => this.port,
      trustedProxies: () => [],
    });
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request, info) => this.sockets.upgrade(request, info),
    );
    this.port = this.#server.addr.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.sockets.stop();
    await this.#house.feed.stop();
    await this.#server.shutdown();
  }
}

/** Waits until `check` is true, 20 s at most. */
export async function eventually(check: () => boolean): Promise<void> {
  const limitMs = Date.now() + 20_000;
  while (!check()) {
    if (Date.now() > limitMs) throw new Error("Waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
