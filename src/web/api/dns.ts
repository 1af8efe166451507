/** What of a host is kept in the DNS, and having it sent now. */

import { z } from "zod";
import type { DnsStatus } from "../../dns/updater.ts";
import { RequestError } from "../request_error.ts";
import { type Route, route } from "../route.ts";
import { seconds } from "../seconds.ts";
import type { View } from "../view.ts";
import { hostName, time } from "./fields.ts";

const record = z.object({
  name: z.string(),
  type: z.string(),
  address: z.string().nullable(),
  state: z.enum(["registered", "pending", "failing"]),
  registered: time.nullable(),
  error: z.string().nullable(),
  next_try: time.nullable(),
});

/** `/api/0/hosts/{name}/dns`. */
export function dnsRoutes(view: View): readonly Route[] {
  const path = "/api/0/hosts/{name}/dns";
  return [
    route({
      method: "GET",
      path,
      id: "getDns",
      summary: "The records of a host in the DNS",
      tag: "DNS",
      needs: "monitor",
      answer: z.object({ hostname: hostName, records: z.array(record) }),
      errors: [404],
      handle: ({ params: { name = "" } }) => ({
        hostname: name,
        records: view.dnsStatus(name).map(recordJson),
      }),
    }),
    route({
      method: "POST",
      path,
      id: "sendDns",
      summary: "Send the records of a host now",
      tag: "DNS",
      needs: "manager",
      answer: z.object({
        hostname: hostName,
        updates: z.array(z.object({ name: z.string(), type: z.string(), address: z.string() })),
      }),
      status: 202,
      errors: [404, 409, 503],
      async handle({ params: { name = "" } }) {
        const forced = await view.forceDns(name);
        if (forced.outcome !== "queued") {
          throw new RequestError(forced.outcome === "stopped" ? 503 : 409, forced.problem);
        }
        return { hostname: name, updates: forced.updates };
      },
    }),
  ];
}

function recordJson({ name, type, address, state, registeredMs, error, nextTryMs }: DnsStatus) {
  return {
    ...{ name, type, address, state },
    registered: seconds(registeredMs),
    error,
    next_try: seconds(nextTryMs),
  };
}
