/** Hosts: listing them, one with all that is known of it, making, changing and dropping one. */

import { z } from "zod";
import { TooManyChanges } from "../../access/host_settings.ts";
import { isAdmin, type Principal } from "../../access/principal.ts";
import { changeProblems, type HostChange, hostChangeSchema } from "../../config/host_change.ts";
import { hostName as hostNameRule } from "../../config/keys.ts";
import { accessJson, hostDetail } from "../host_detail.ts";
import { hostPage, hostStream, isForAll } from "../host_list.ts";
import { streamAnswer } from "../json_answer.ts";
import { RequestError, unknownHost } from "../request_error.ts";
import { type Asked, type Route, route } from "../route.ts";
import type { View } from "../view.ts";
import { cursor, hostName, next, oneOf, wholeNumber } from "./fields.ts";
import * as answers from "./host_answers.ts";

const query = z.object({
  limit: wholeNumber(1, 1000).optional().meta({
    description: "How many, at most; where nothing of the query is given, all hosts are told",
  }),
  cursor: cursor.optional(),
  q: z.string().max(255).optional().meta({ description: "Part of a name or an address" }),
  state: oneOf(answers.HOST_STATES).optional(),
  owner: z.string().optional(),
  group: z.string().optional(),
});

const name = z.string().refine(
  (text) => hostNameRule.safeParse(text).success && text.isWellFormed(),
  "must have 1 to 255 characters without control characters",
);

const accessBody = hostChangeSchema.pick({ owner: true, managers: true, monitors: true });

/** What servers are called that are hosts of others, or tell of themselves. */
const SERVER_PREFIX = "hbd@";

const SETTINGS_SAMPLE = '{"interval": 30, "group": "web", "notify": ["ops_mail"]}';

/** `/api/0/hosts`, `/api/0/hosts/{name}` and `/api/0/hosts/{name}/access`. */
export function hostRoutes(view: View): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/api/0/hosts",
      id: "listHosts",
      summary: "All hosts, or a page of those that fit a query",
      tag: "Hosts",
      needs: "reader",
      query,
      answer: z.object({
        totals: answers.totals,
        hosts: z.array(answers.host),
        next: next.optional(),
      }),
      async handle({ who, query }) {
        if (isForAll(query)) return streamAnswer(await hostStream(view, who));
        return await hostPage(view, who, query);
      },
    }),
    route({
      method: "POST",
      path: "/api/0/hosts",
      id: "createHost",
      summary: "Make a host that has not beaten yet; who makes it owns it",
      tag: "Hosts",
      needs: "user",
      body: hostChangeSchema.extend({ name }),
      bodySample: '{"name": "kiosk-1", "interval": 30}',
      answer: answers.hostDetail,
      status: 201,
      errors: [409, 503],
      async handle(asked) {
        const { who, body: { name, ...wanted } } = asked;
        const mine = who.user === null || wanted.owner ? {} : { owner: who.user };
        if (!isAdmin(who) && wanted.owner && wanted.owner !== who.user) {
          throw new RequestError(403, "A host that you make is yours", { field: "owner" });
        }
        const change = { ...wanted, ...mine };
        refuseAdminsOnly(view, who, name, change);
        refuseUnknownNames(view, change);
        const outcome = await stored(() => view.createHost(name, change));
        if (outcome === "exists") {
          throw new RequestError(409, `There is a host called ${JSON.stringify(name)}`, {
            field: "name",
          });
        }
        if (outcome === "full") {
          throw new RequestError(409, `max_hosts (${view.config().maxHosts}) is reached`);
        }
        return detailOf(view, asked, name);
      },
    }),
    route({
      method: "GET",
      path: "/api/0/hosts/{name}",
      id: "getHost",
      summary: "One host with all that is known of it",
      tag: "Hosts",
      needs: "monitor",
      answer: answers.hostDetail,
      errors: [404],
      handle: (asked) => detailOf(view, asked, asked.params.name ?? ""),
    }),
    route({
      method: "PATCH",
      path: "/api/0/hosts/{name}",
      id: "changeHost",
      summary: "Change what is set for a host; null: as the configuration says again",
      tag: "Hosts",
      needs: "owner",
      body: hostChangeSchema,
      bodySample: SETTINGS_SAMPLE,
      answer: answers.hostDetail,
      errors: [404, 503],
      async handle(asked) {
        const { who, params: { name = "" }, body } = asked;
        refuseAdminsOnly(view, who, name, body);
        refuseUnknownNames(view, body);
        await stored(() => view.changeHost(name, body));
        return detailOf(view, asked, name);
      },
    }),
    route({
      method: "DELETE",
      path: "/api/0/hosts/{name}",
      id: "dropHost",
      summary: "Forget a host and its history; when it beats again it is a new one",
      tag: "Hosts",
      needs: "owner",
      answer: z.object({ hostname: hostName, dropped: z.literal(true) }),
      errors: [404, 503],
      async handle({ params: { name = "" } }) {
        if (!await stored(() => view.dropHost(name))) throw unknownHost(name);
        return { hostname: name, dropped: true };
      },
    }),
    route({
      method: "GET",
      path: "/api/0/hosts/{name}/access",
      id: "getAccess",
      summary: "Who may what at a host",
      tag: "Hosts",
      needs: "monitor",
      answer: answers.hostAccess,
      errors: [404],
      handle: ({ params: { name = "" } }) => accessJson(view, name),
    }),
    route({
      method: "PUT",
      path: "/api/0/hosts/{name}/access",
      id: "changeAccess",
      summary: "Change who may what at a host, or give it to somebody; what is left out stays",
      tag: "Hosts",
      needs: "owner",
      body: accessBody,
      bodySample: '{"owner": "alice", "managers": ["bob"], "monitors": []}',
      answer: answers.hostAccess,
      errors: [404, 503],
      async handle({ who, params: { name = "" }, body }) {
        refuseAdminsOnly(view, who, name, body);
        refuseUnknownNames(view, body);
        await stored(() => view.changeHost(name, body));
        return accessJson(view, name);
      },
    }),
  ];
}

function detailOf(view: View, { who, nowMs }: Asked<unknown, unknown>, name: string) {
  const host = view.host(name);
  // Who gave a host away may not see it any more; the answer is the last that they see of it.
  const role = view.access().role(who, name) ?? "monitor";
  if (host === null) throw unknownHost(name);
  return hostDetail(view, host, role, nowMs);
}

/**
 * Throws a RequestError with 403 where a change reaches beyond the host itself: into the DNS, where
 * anybody could take over a name by making a host that is called so, or into who is told of the
 * trouble of this or another server, which is told in the name of a host.
 */
function refuseAdminsOnly(view: View, who: Principal, name: string, change: HostChange): void {
  if (isAdmin(who)) return;
  if (name.startsWith(SERVER_PREFIX)) {
    const message =
      `A host called ${SERVER_PREFIX}… is a server: only an admin makes or changes it`;
    throw new RequestError(403, message, { field: "name" });
  }
  if (change.dyn === true && view.config().hosts.get(name)?.dyn !== true) {
    throw new RequestError(403, "Only an admin has a host kept in the DNS", { field: "dyn" });
  }
}

/** Throws a RequestError with 422 where a change names users, channels or sets that are not there. */
function refuseUnknownNames(view: View, change: HostChange): void {
  const [problem] = changeProblems(change, view.config());
  if (problem !== undefined) throw new RequestError(422, problem.message, { field: problem.field });
}

/** What `change` gives; a RequestError when it cannot be kept. */
async function stored<T>(change: () => Promise<T>): Promise<T> {
  try {
    return await change();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RequestError(error instanceof TooManyChanges ? 409 : 503, `Not done: ${reason}`);
  }
}
