/**
 * Lists of hosts: all of them, streamed a slice at a time (a million must not hold up a beat), or a
 * page of those that fit a query.
 */

import type { Access } from "../access/access.ts";
import type { Principal } from "../access/principal.ts";
import type { Config } from "../config/config.ts";
import type { HostSnapshot } from "../monitor/snapshot.ts";
import { Breather } from "../breathe.ts";
import { hostJson } from "./host_json.ts";
import { RequestError } from "./request_error.ts";
import type { View } from "./view.ts";
import { totalsOf, walkHosts } from "./visible.ts";

/** Hosts written in one go. */
const SLICE = 200;

/** Hosts of a page where the query does not say. */
const PAGE = 100;

export interface HostQuery {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
  /** Part of a name or an address, in any case of letters. */
  readonly q?: string | undefined;
  readonly state?: string | undefined;
  readonly owner?: string | undefined;
  readonly group?: string | undefined;
}

/** True when all hosts are asked for. */
export function isForAll(query: HostQuery): boolean {
  return Object.values(query).every((value) => value === undefined);
}

/** A page of hosts that fit the query. Throws a RequestError with 400 for a wrong cursor. */
export async function hostPage(view: View, who: Principal, query: HostQuery) {
  const { limit = PAGE, cursor = null } = query;
  const walk = walkHosts(view, who, cursor);
  if (walk === null) {
    const message = 'cursor must be the "next" of an answer to the same query';
    throw new RequestError(400, message, { field: "cursor" });
  }
  const fits = filterOf(view.config(), view.access(), query);
  const totals = totalsJson(view, who, await totalsOf(view, who));
  const hosts: ReturnType<typeof hostJson>[] = [];
  const breather = new Breather();
  let last = "";
  for (const found of walk) {
    await breather.breathe();
    if (found === null || !fits(found.host)) continue;
    if (hosts.length === limit) return { totals, hosts, next: last };
    hosts.push(hostJson(view, found.host, view.nowMs()));
    last = found.after;
  }
  return { totals, hosts, next: null };
}

/** All hosts, as JSON text. */
export async function hostStream(view: View, who: Principal): Promise<ReadableStream<Uint8Array>> {
  const encoder = new TextEncoder();
  const totals = totalsJson(view, who, await totalsOf(view, who));
  const hosts = (walkHosts(view, who, null) ?? [])[Symbol.iterator]();
  const breather = new Breather();
  let isFirst = true;
  return new ReadableStream({
    start(controller) {
      controller.enqueue(encoder.encode(`{"totals":${JSON.stringify(totals)},"hosts":[`));
    },
    async pull(controller) {
      const texts: string[] = [];
      while (texts.length < SLICE) {
        await breather.breathe();
        const { done, value } = hosts.next();
        if (done === true) break;
        if (value !== null) texts.push(JSON.stringify(hostJson(view, value.host, view.nowMs())));
      }
      if (texts.length === 0) {
        controller.enqueue(encoder.encode("]}"));
        controller.close();
        return;
      }
      const text = texts.join(",\n");
      controller.enqueue(encoder.encode(isFirst ? text : `,\n${text}`));
      isFirst = false;
    },
  });
}

function totalsJson(
  view: View,
  { reach }: Principal,
  { hosts, down, total, late, missed, stability }: Awaited<ReturnType<typeof totalsOf>>,
) {
  const { udp } = view.counters();
  const isWhole = reach === "everything";
  return {
    hosts,
    down,
    total,
    late,
    missed,
    stability,
    kernel_drops: isWhole ? udp?.kernelDrops ?? null : null,
    overload_drops: isWhole ? udp?.overloadDrops ?? 0 : 0,
  };
}

function filterOf(
  config: Config,
  access: Access,
  { q, state, owner, group }: HostQuery,
): (host: HostSnapshot) => boolean {
  const part = q?.toLowerCase();
  return (host) =>
    (state === undefined || host.state === state) &&
    (owner === undefined || access.ownerOf(host.name) === owner) &&
    (group === undefined || config.hosts.get(host.name)?.group === group) &&
    (part === undefined || host.name.toLowerCase().includes(part) ||
      host.addresses.some((address) => address.toLowerCase().includes(part)));
}
