/**
 * webhook: any address, with a JSON body of one's own. The template is JSON already when the
 * values are put into its texts, so that nothing in a value can break out of one:
 *
 *   {"text": "{title}", "at": "{time}"}  →  {"text": "[CRITICAL] web1", "at": 1774702496}
 */

import type { WebhookChannelConfig } from "../../config/config.ts";
import type { Channel, Notification } from "../channel.ts";
import { request } from "../http.ts";
import { epochSeconds, idOf } from "./text.ts";
import { secretsOfUrl } from "./trouble.ts";

/** What there is to say; texts are well-formed, `time` is in whole epoch seconds. */
export interface WebhookValues {
  readonly id: string;
  readonly kind: string;
  readonly level: string;
  readonly host: string;
  readonly metric: string | null;
  readonly title: string;
  readonly body: string;
  readonly url: string | null;
  readonly time: number;
}

/** A channel to the address `url`; a body of null sends all values. */
export function webhook({ url, method, headers, body }: WebhookChannelConfig): Channel {
  const secrets = [
    ...secretsOfUrl(url.value),
    // The scheme of an Authorization is no secret.
    ...[...headers.values()].flatMap(({ value }) => [value, value.replace(/^\S+ +/, "")]),
  ];
  return {
    async send(notification, signal) {
      const values = valuesOf(notification);
      const { line } = await request({
        provider: "The webhook",
        url: url.value,
        method,
        headers: {
          "idempotency-key": idOf(notification),
          ...Object.fromEntries([...headers].map(([name, { value }]) => [name, value])),
        },
        body: { json: body === null ? values : fillIn(body, values) },
        secrets,
      }, signal);
      return line;
    },
  };
}

/**
 * A JSON value with `{name}` in its texts replaced. A text that is `{time}` alone becomes a number;
 * names that are unknown stay; what there is not is empty.
 */
export function fillIn(template: unknown, values: WebhookValues): unknown {
  if (typeof template === "string") {
    if (template === "{time}") return values.time;
    return template.replace(
      /\{(\w+)\}/g,
      (whole, name: string) =>
        Object.hasOwn(values, name) ? String(values[name as keyof WebhookValues] ?? "") : whole,
    );
  }
  if (Array.isArray(template)) return template.map((inner: unknown) => fillIn(inner, values));
  if (typeof template !== "object" || template === null) return template;
  const filled = Object.entries(template).map(([key, inner]) => [key, fillIn(inner, values)]);
  return Object.fromEntries(filled);
}

function valuesOf(notification: Notification): WebhookValues {
  const { id, kind, level, host, metric, title, body, url } = notification;
  return {
    id: id.toWellFormed(),
    kind,
    level,
    host: host.toWellFormed(),
    metric: metric?.toWellFormed() ?? null,
    title: title.toWellFormed(),
    body: body.toWellFormed(),
    url: url?.toWellFormed() ?? null,
    time: epochSeconds(notification),
  };
}
