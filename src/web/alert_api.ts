/**
 * Alerts: those that hold and the last ones that did, each with its evidence, and the word of
 * somebody who looks after one.
 */

import { Hono } from "hono";
import { z } from "zod";
import type { AlertBook } from "../monitor/alerts/book.ts";
import type { AlertRecord } from "../monitor/alerts/record.ts";
import { alertJson } from "./alert_json.ts";
import { alertPage, alertQuery, newestFirst } from "./alert_list.ts";
import { durationField } from "./duration_field.ts";
import { methodNotAllowed } from "./method_not_allowed.ts";
import { readBody } from "./request_body.ts";
import { RequestError, unknownHost } from "./request_error.ts";
import type { View } from "./view.ts";
import { type Env, mayChange } from "./who_may.ts";

const ackSchema = z.strictObject({
  for: durationField.optional(),
  note: z.string().max(500, "must have at most 500 characters").default(""),
});

const ACK_SAMPLE = '{"for": "2h", "note": "…"}, or {} for as long as it lasts';

/** The routes below `/api/0/alerts`, and `/api/0/hosts/{name}/alerts`. */
export function createAlertApi(view: View): Hono<Env> {
  const api = new Hono<Env>({ strict: false });
  api.get("/api/0/alerts", (c) => {
    const book = bookOf(view);
    const { alerts, next } = alertPage(book, alertQuery(c.req.query()));
    return c.json({ counts: book.counts(), alerts: alerts.map((one) => shown(view, one)), next });
  });
  api.get("/api/0/alerts/:id", (c) => c.json(shown(view, alertOf(view, c.req.param("id")))));
  api.get("/api/0/hosts/:name/alerts", (c) => {
    const name = c.req.param("name");
    const book = bookOf(view);
    const alerts = newestFirst(book.ofHost(name));
    // Alerts about the server itself are of a host that need not beat.
    if (view.host(name) === null && alerts.length === 0) throw unknownHost(name);
    const incident = book.get(view.incidentOf(name) ?? "");
    return c.json({
      hostname: name,
      incident: incident === null ? null : shown(view, incident),
      alerts: alerts.map((one) => shown(view, one)),
    });
  });
  api.post("/api/0/alerts/:id/ack", mayChange(view), async (c) => {
    const wanted = await readBody(c, ackSchema, ACK_SAMPLE);
    const { id, endedMs } = alertOf(view, c.req.param("id"));
    const untilMs = wanted.for === undefined ? null : view.nowMs() + wanted.for;
    const note = wanted.note.toWellFormed();
    const alert = endedMs === null ? view.acknowledge(id, untilMs, note) : null;
    if (alert === null) throw new RequestError(409, `Alert ${id} has ended`);
    return c.json(shown(view, alert));
  });

  for (const path of ["/api/0/alerts", "/api/0/alerts/:id", "/api/0/hosts/:name/alerts"]) {
    api.all(path, (c) => methodNotAllowed(c.req.method, "GET, HEAD"));
  }
  api.all("/api/0/alerts/:id/ack", (c) => methodNotAllowed(c.req.method, "POST"));
  return api;
}

function bookOf(view: View): AlertBook {
  const book = view.alerts();
  if (book === null) throw new RequestError(503, "This server makes no alerts");
  return book;
}

function alertOf(view: View, id: string): AlertRecord {
  const alert = bookOf(view).get(id);
  if (alert === null) throw new RequestError(404, `No alert has the id ${JSON.stringify(id)}`);
  return alert;
}

function shown(view: View, alert: AlertRecord) {
  // What an incident is called may be a host's name by chance.
  const host = alert.kind === "incident" ? null : view.host(alert.host);
  return alertJson(alert, (host?.pausedUntilMs ?? null) !== null);
}
