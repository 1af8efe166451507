/**
 * The JSON API under `/api/0`, and `/healthz`. Names are snake_case, times epoch seconds, durations
 * seconds. Hosts are streamed a slice at a time: a million of them must not hold up a single beat.
 */

import { Hono } from "hono";
import type { HostSnapshot } from "../monitor/snapshot.ts";
import type { ReceivedMessage } from "../monitor/outlet.ts";
import { createHostApi } from "./host_api.ts";
import { methodNotAllowed } from "./method_not_allowed.ts";
import type { View } from "./view.ts";

/** Hosts written in one go. */
const SLICE = 500;

/** The routes of the API; every other method on them is answered with 405. */
export function createApi(view: View): Hono {
  const api = new Hono({ strict: false });
  api.get("/healthz", (c) => {
    const problems = view.problems();
    const { hosts, down, total } = view.totals();
    const { refused, journalLinesLost, dropped, udp } = view.counters();
    const body = {
      status: problems.length === 0 ? "ok" : "degraded",
      problems: problems.map(({ part, message, sinceMs }) => ({
        part,
        message,
        since: sinceMs / 1000,
      })),
      version: view.version,
      uptime: Math.round((view.nowMs() - view.startedMs) / 1000),
      hosts,
      down,
      total,
      refused,
      journal_lines_lost: journalLinesLost,
      dropped,
      udp: udp === null ? null : {
        port: udp.port,
        received: udp.received,
        kernel_drops: udp.kernelDrops,
        overload_drops: udp.overloadDrops,
        unsent: udp.unsent,
      },
    };
    return c.json(body, problems.length === 0 ? 200 : 503);
  });
  api.get("/api/0/hosts", (c) => {
    c.header("content-type", "application/json");
    return c.body(hostStream(view));
  });
  api.get("/api/0/hosts/:name", (c) => {
    const name = c.req.param("name");
    const host = view.host(name);
    if (host === null) return c.json({ error: `No host is called ${JSON.stringify(name)}` }, 404);
    return c.json(hostJson(host));
  });
  api.get("/api/0/messages", (c) => {
    c.header("content-type", "application/json");
    return c.body(`{"messages":[${view.messages().map(messageText).join(",\n")}]}`);
  });

  api.route("/", createHostApi(view));
  for (const path of ["/healthz", "/api/0/hosts", "/api/0/hosts/:name", "/api/0/messages"]) {
    api.all(path, (c) => methodNotAllowed(c.req.method, "GET, HEAD"));
  }
  return api;
}

/** True when only the API can be meant, whatever the method. */
export function mayBeApi(target: string): boolean {
  return target.startsWith("/api/0/") || target.startsWith("/healthz");
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

function seconds(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms) / 1000;
}
