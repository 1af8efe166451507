/**
 * Alerts: those that hold and the last ones that did, each with its evidence, and the word of
 * somebody who looks after one.
 *
 * Who sees not everything sees what `own_alert.ts` leaves of them.
 */

import { z } from "zod";
import { isAdmin, type Principal, seesEverything } from "../../access/principal.ts";
import type { AlertBook, AlertCounts } from "../../monitor/alerts/book.ts";
import type { AlertRecord } from "../../monitor/alerts/record.ts";
import { alertJson } from "../alert_json.ts";
import { alertPage, alertQuery, newestFirst } from "../alert_list.ts";
import { Breather } from "../../breathe.ts";
import { alertFor, type AlertView, maySeeAlert } from "../own_alert.ts";
import { requireRole } from "../permit.ts";
import { RequestError, unknownHost } from "../request_error.ts";
import { type Route, route } from "../route.ts";
import type { View } from "../view.ts";
import { alert } from "./alert_answers.ts";
import { durationField, hostName, next, words } from "./fields.ts";
import { alertCounts } from "./host_answers.ts";

/** The routes below `/api/0/alerts`, and `/api/0/hosts/{name}/alerts`. */
export function alertRoutes(view: View): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/api/0/alerts",
      id: "listAlerts",
      summary: "Alerts that hold, or have ended",
      tag: "Alerts",
      needs: "reader",
      query: alertQuery,
      answer: z.object({ counts: alertCounts, alerts: z.array(alert), next }),
      errors: [503],
      async handle({ who, query }) {
        const book = bookOf(view);
        const { alerts, next } = await alertPage(book, query, (one) => alertFor(view, who, one));
        const counts = await alertCountsOf(view, who);
        return { counts, alerts: alerts.map((one) => seenJson(view, one)), next };
      },
    }),
    route({
      method: "GET",
      path: "/api/0/alerts/{id}",
      id: "getAlert",
      summary: "One alert",
      tag: "Alerts",
      needs: "reader",
      answer: alert,
      errors: [404, 503],
      handle: ({ who, params: { id = "" } }) => shown(view, who, alertOf(view, who, id)),
    }),
    route({
      method: "GET",
      path: "/api/0/hosts/{name}/alerts",
      id: "listHostAlerts",
      summary: "The alerts of a host that hold and have ended, and the incident it belongs to",
      tag: "Alerts",
      needs: "monitor",
      isForUnknown: true,
      answer: z.object({
        hostname: hostName,
        incident: alert.nullable(),
        alerts: z.array(alert),
      }),
      errors: [404, 503],
      handle({ who, params: { name = "" } }) {
        const book = bookOf(view);
        const alerts = newestFirst(book.ofHost(name).filter((one) => maySeeAlert(view, who, one)));
        // Alerts about the server itself are of a host that need not beat.
        if (view.host(name) === null && alerts.length === 0) throw unknownHost(name);
        const incident = book.get(view.incidentOf(name) ?? "");
        return {
          hostname: name,
          incident: incident === null || !maySeeAlert(view, who, incident)
            ? null
            : shown(view, who, incident),
          alerts: alerts.map((one) => shown(view, who, one)),
        };
      },
    }),
    route({
      method: "POST",
      path: "/api/0/alerts/{id}/ack",
      id: "acknowledgeAlert",
      summary: "Say that somebody looks after an alert; needs the role manager at its host",
      tag: "Alerts",
      needs: "reader",
      body: z.strictObject({ for: durationField.optional(), note: words }),
      bodySample: '{"for": "2h", "note": "…"}, or {} for as long as it lasts',
      answer: alert,
      errors: [404, 409, 503],
      handle({ who, access, params: { id = "" }, body, nowMs }) {
        const { kind, host, endedMs } = alertOf(view, who, id);
        if (kind !== "incident") requireRole({ view, who, access }, host, "manager");
        else if (!isAdmin(who)) {
          throw new RequestError(403, "An incident is of many hosts: an admin acknowledges it");
        }
        const untilMs = body.for === undefined ? null : nowMs + body.for;
        const alert = endedMs === null ? view.acknowledge(id, untilMs, body.note) : null;
        if (alert === null) throw new RequestError(409, `Alert ${id} has ended`);
        return shown(view, who, alert);
      },
    }),
  ];
}

/** How many alerts hold of those that `who` may see. */
export async function alertCountsOf(
  view: AlertView & Pick<View, "alerts">,
  who: Principal,
): Promise<AlertCounts> {
  const book = view.alerts();
  const counts = { WARNING: 0, UNKNOWN: 0, CRITICAL: 0, stale: 0 };
  if (book === null) return counts;
  if (seesEverything(who)) return book.counts();
  const breather = new Breather();
  for (const alert of book.active()) {
    await breather.breathe();
    if (alert.level === "OK" || !maySeeAlert(view, who, alert)) continue;
    counts[alert.isStale ? "stale" : alert.level]++;
  }
  return counts;
}

function bookOf(view: View): AlertBook {
  const book = view.alerts();
  if (book === null) throw new RequestError(503, "This server makes no alerts");
  return book;
}

function alertOf(view: View, who: Principal, id: string): AlertRecord {
  const alert = bookOf(view).get(id);
  if (alert !== null && maySeeAlert(view, who, alert)) return alert;
  throw new RequestError(404, `No alert has the id ${JSON.stringify(id)}`);
}

function shown(view: View, who: Principal, alert: AlertRecord) {
  return seenJson(view, alertFor(view, who, alert) ?? alert);
}

/** An alert that is as somebody may see it. */
function seenJson(view: View, alert: AlertRecord) {
  // What an incident is called may be a host's name by chance.
  const host = alert.kind === "incident" ? null : view.host(alert.host);
  return alertJson(alert, (host?.pausedUntilMs ?? null) !== null);
}
