/** What of a host is kept in the DNS, and having it sent now. */

import { Hono } from "hono";
import type { DnsStatus } from "../dns/updater.ts";
import { methodNotAllowed } from "./method_not_allowed.ts";
import { readNoBody } from "./request_body.ts";
import { RequestError, unknownHost } from "./request_error.ts";
import { seconds } from "./seconds.ts";
import type { View } from "./view.ts";
import { type Env, mayChange } from "./who_may.ts";

/** `/api/0/hosts/{name}/dns`. */
export function createDnsApi(view: View): Hono<Env> {
  const api = new Hono<Env>({ strict: false });
  const path = "/api/0/hosts/:name/dns";
  api.get(path, (c) => {
    const name = c.req.param("name");
    if (view.host(name) === null) throw unknownHost(name);
    return c.json({ hostname: name, records: view.dnsStatus(name).map(recordJson) });
  });
  api.post(path, mayChange(view), async (c) => {
    await readNoBody(c);
    const name = c.req.param("name");
    if (view.host(name) === null) throw unknownHost(name);
    const forced = await view.forceDns(name);
    if (forced.outcome !== "queued") {
      throw new RequestError(forced.outcome === "stopped" ? 503 : 409, forced.problem);
    }
    return c.json({ hostname: name, updates: forced.updates }, 202);
  });
  api.all(path, (c) => methodNotAllowed(c.req.method, "GET, HEAD, POST"));
  return api;
}

function recordJson({ name, type, address, state, registeredMs, error, nextTryMs }: DnsStatus) {
  return {
    name,
    type,
    address,
    state,
    registered: seconds(registeredMs),
    error,
    next_try: seconds(nextTryMs),
  };
}
