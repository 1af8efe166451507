/**
 * Alertmanager's webhook: POST `/alertmanager/<host>`, where people route an alert that always fires
 * (`Watchdog`, `DeadMansSwitch`). As long as one does, Prometheus and Alertmanager are alive: that is
 * a beat. A message that only says what is over is a note, and no sign that any more will come.
 *
 *   receivers:
 *     - name: heartbeat
 *       webhook_configs:
 *         - url: http://server:50004/alertmanager/prometheus
 *           send_resolved: false
 *
 * The last part of the path is the name of a host or its `ping_id`. Alertmanager tries again after
 * 5xx, and drops what is answered with 4xx, logging the text.
 */

import { isRecord } from "../wire/identity.ts";
import type { Fields } from "../wire/datagram.ts";
import type { Dialect } from "./dialect.ts";
import { HIDDEN, hostOfPing, oneLine, partsOf, userAgentOf } from "./ping_request.ts";

const NAME = "alertmanager";
const PATH = /^\/alertmanager\/[^/]+\/?$/;

/** Names of alerts that are told. */
const NAMES_TOLD = 10;

const HEADERS = { "content-type": "application/json", "access-control-allow-origin": "*" };

export const alertmanager: Dialect = {
  name: NAME,
  speaks: (method, path) => (method === "POST" || method === "PUT") && PATH.test(path),
  async answer(asked) {
    const { desk, request } = asked;
    const parts = partsOf(asked.path);
    if (parts === null) return refuse(400, "The address is not properly encoded");
    const [, id = ""] = parts;
    const text = await desk.bodyOf(request);
    if (text === null) return refuse(413, "Body is over max_body", { connection: "close" });
    const message = messageOf(text);
    if (typeof message === "string") return refuse(400, message);
    const owner = hostOfPing(desk, id);
    const refused = await desk.take(asked, {
      dialect: NAME,
      path: `/alertmanager/${owner === null ? encodeURIComponent(id) : HIDDEN}`,
      ...(owner ?? { host: id, isProven: false }),
      messages: [{ ...message, ...userAgentOf(asked) }],
    });
    if (refused === null) return new Response('{"status":"ok"}', { headers: HEADERS });
    const { status, error } = refused;
    return refuse(status, error, status === 401 ? { "www-authenticate": "Bearer" } : {});
  },
};

/** The message that a webhook is, or why it is none. */
function messageOf(text: string): Fields | string {
  const webhook = parse(text);
  if (!isRecord(webhook)) return "Body must be a JSON object, as Alertmanager's webhook sends it";
  const { alerts } = webhook;
  if (!Array.isArray(alerts) || !alerts.every(isRecord)) {
    return 'Body must have a list of objects in "alerts", as Alertmanager\'s webhook does';
  }
  const statusOf = (alert: Fields) => alert.status ?? webhook.status;
  const firing = alerts.filter((alert) => statusOf(alert) === "firing");
  const isFiring = firing.length > 0;
  const names = namesOf(isFiring ? firing : alerts);
  const forPeople = {
    signal: isFiring ? "firing" : "resolved",
    ...(names !== "" && { alerts: names }),
    ...wordsOf(webhook, "receiver", "receiver"),
    ...wordsOf(webhook, "externalURL", "external_url"),
  };
  if (isFiring) return { ID: "HTB", ...forPeople };
  const message = names === "" ? "No alert is firing" : `No longer firing: ${names}`;
  return { ID: "MSG", message, level: "info", ...forPeople };
}

/** What the alerts are called, each once. */
function namesOf(alerts: readonly Fields[]): string {
  const names = new Set<string>();
  for (const { labels } of alerts) {
    const name = isRecord(labels) && typeof labels.alertname === "string"
      ? oneLine(labels.alertname, 100)
      : null;
    if (name !== null) names.add(name);
  }
  const told = Array.from(names).slice(0, NAMES_TOLD).join(", ");
  return names.size > NAMES_TOLD ? `${told} and ${names.size - NAMES_TOLD} more` : told;
}

function wordsOf(webhook: Fields, key: string, field: string): Fields {
  const { [key]: value } = webhook;
  const words = typeof value === "string" ? oneLine(value) : null;
  return words === null ? {} : { [field]: words };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function refuse(status: number, error: string, more: Readonly<Record<string, string>> = {}) {
  return Response.json({ error }, { status, headers: { ...HEADERS, ...more } });
}
