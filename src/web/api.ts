/**
 * The JSON API under `/api/0`, `/healthz` and `/metrics`. Names are snake_case, times epoch seconds, durations
 * seconds. Hosts are streamed a slice at a time: a million of them must not hold up a single beat.
 */

import { Hono } from "hono";
import type { HostSnapshot } from "../monitor/snapshot.ts";
import type { ReceivedMessage } from "../monitor/outlet.ts";
import { createAlertApi } from "./alert_api.ts";
import { createChannelApi } from "./channel_api.ts";
import { createDnsApi } from "./dns_api.ts";
import { healthJson } from "./health_json.ts";
import { createHostApi } from "./host_api.ts";
import { methodNotAllowed } from "./method_not_allowed.ts";
import { metricsText } from "./metrics.ts";
import { METRICS_TYPE } from "./metrics_text.ts";
import { createPauseApi } from "./pause_api.ts";
import { unknownHost, unknownPath } from "./request_error.ts";
import { seconds } from "./seconds.ts";
import type { View } from "./view.ts";
import type { Env } from "./who_may.ts";

/** Hosts written in one go. */
const SLICE = 500;

const ROOMS = [createAlertApi, createPauseApi, createDnsApi, createChannelApi, createHostApi];

const READ_ONLY = [
  "/healthz",
  "/metrics",
  "/api/0/hosts",
  "/api/0/hosts/:name",
  "/api/0/messages",
];

/** What begins so is meant for the API: with a slip of the pen in it, it is no beat. */
const OWN = ["/api/0/hosts/*", "/api/0/alerts/*", "/api/0/channels/*"];

/** The routes of the API; every other method on them is answered with 405. */
export function createApi(view: View): Hono<Env> {
  const api = new Hono<Env>({ strict: false });
  api.get("/healthz", (c) => {
    const health = healthJson(view);
    return c.json(health, health.status === "ok" ? 200 : 503);
  });
  api.get("/metrics", (c) => c.body(metricsText(view), 200, { "content-type": METRICS_TYPE }));
  api.get("/api/0/hosts", (c) => {
    c.header("content-type", "application/json");
    return c.body(hostStream(view));
  });
  api.get("/api/0/hosts/:name", (c) => {
    const name = c.req.param("name");
    const host = view.host(name);
    if (host === null) throw unknownHost(name);
    return c.json(hostJson(host));
  });
  api.get("/api/0/messages", (c) => {
    c.header("content-type", "application/json");
    return c.body(`{"messages":[${view.messages().map(messageText).join(",\n")}]}`);
  });

  for (const create of ROOMS) api.route("/", create(view));
  for (const path of READ_ONLY) api.all(path, (c) => methodNotAllowed(c.req.method, "GET, HEAD"));
  for (const path of OWN) {
    api.all(path, (c) => {
      throw unknownPath(c.req.path);
    });
  }
  return api;
}

/** True when only the API can be meant, whatever the method. */
export function mayBeApi(target: string): boolean {
  return target.startsWith("/api/0/") || target.startsWith("/healthz") ||
    target.startsWith("/metrics");
}

function hostStream(view: View): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let first = 0;
  return new ReadableStream({
    start(controller) {
      controller.enqueue(encoder.encode(`{"totals":${JSON.stringify(totalsJson(view))},"hosts":[`));
    },
    pull(controller) {
      const hosts = view.hosts(first, SLICE);
      if (hosts.length > 0) {
        const text = hosts.map((host) => JSON.stringify(hostJson(host))).join(",\n");
        controller.enqueue(encoder.encode(first === 0 ? text : `,\n${text}`));
        first += hosts.length;
        return;
      }
      controller.enqueue(encoder.encode("]}"));
      controller.close();
    },
  });
}

function totalsJson(view: View) {
  const { hosts, down, total, late, missed, stability } = view.totals();
  const { udp } = view.counters();
  return {
    hosts,
    down,
    total,
    late,
    missed,
    stability,
    kernel_drops: udp?.kernelDrops ?? null,
    overload_drops: udp?.overloadDrops ?? 0,
  };
}

function hostJson({ client, ...host }: HostSnapshot) {
  return {
    name: host.name,
    state: host.state,
    ...(host.pausedUntilMs !== null && { paused_until: seconds(host.pausedUntilMs) }),
    total: host.total,
    late: host.late,
    missed: host.missed,
    stability: host.stability,
    interval: seconds(host.intervalMs),
    grace: seconds(host.graceMs),
    last_beat: seconds(host.lastBeatMs),
    deadline: seconds(host.deadlineMs),
    addresses: host.addresses,
    reported_ip: host.reportedIp,
    rtt: client?.rttMs ?? null,
    loss: client?.lossPct ?? null,
    lost: client?.lost ?? 0,
    duplicates: client?.duplicates ?? 0,
    reordered: client?.reordered ?? 0,
    reboots: client?.reboots ?? 0,
    booted: seconds(client?.bootedMs ?? null),
    clock_skew: seconds(client?.skewMs ?? null),
    version: client?.version ?? null,
  };
}

/** A message as JSON. Its payload is copied as text: nested deeply, it could not be serialized. */
function messageText({ seq, atMs, late, message }: ReceivedMessage): string {
  const head = JSON.stringify({
    seq,
    timestamp: atMs / 1000,
    host: message.host,
    source_ip: message.ip,
    source_port: message.port,
    transport: message.transport,
    path: message.path,
    late,
    parse_error: message.parseError,
  });
  return `${head.slice(0, -1)},"message":${message.payloadText}}`;
}
