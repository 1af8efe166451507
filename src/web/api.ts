/**
 * The JSON API under `/api/0`, and `/healthz`. Names are snake_case, times epoch seconds, durations
 * seconds. Hosts are streamed a slice at a time: a million of them must not hold up a single beat.
 */

import { Hono } from "hono";
import type { HostSnapshot } from "../monitor/snapshot.ts";
import type { ReceivedMessage } from "../monitor/outlet.ts";
import type { View } from "./view.ts";

/** Hosts written in one go. */
const SLICE = 500;

/** The routes of the API; every other method on them is answered with 405. */
export function createApi(view: View): Hono {
  const api = new Hono({ strict: false });
  api.get("/healthz", (c) => {
    const problems = view.problems();
    const { hosts, down, total } = view.totals();
    const { refused, journalLinesLost } = view.counters();
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

  for (const path of ["/healthz", "/api/0/hosts", "/api/0/hosts/:name", "/api/0/messages"]) {
    api.all(path, (c) => methodNotAllowed(c.req.method, "GET, HEAD"));
  }
  return api;
}

/** True when only the API can be meant, whatever the method. */
export function mayBeApi(target: string): boolean {
  return target.startsWith("/api/0/") || target.startsWith("/healthz");
}

/** The answer to a method that a path does not know. */
export function methodNotAllowed(method: string, allow: string): Response {
  return Response.json({ error: `Method ${method} is not allowed here: use ${allow}` }, {
    status: 405,
    headers: { allow },
  });
}

function hostStream(view: View): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let first = 0;
  return new ReadableStream({
    start(controller) {
      controller.enqueue(encoder.encode('{"hosts":['));
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

function hostJson(host: HostSnapshot) {
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
  };
}

/** A message as JSON. Its payload is copied as text: nested deeply, it could not be serialized. */
function messageText({ seq, atMs, late, beat }: ReceivedMessage): string {
  const head = JSON.stringify({
    seq,
    timestamp: atMs / 1000,
    host: beat.host,
    source_ip: beat.ip,
    source_port: beat.port,
    transport: beat.transport,
    path: beat.path,
    late,
    parse_error: beat.parseError,
  });
  return `${head.slice(0, -1)},"message":${beat.payloadText}}`;
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms) / 1000;
}
