/**
 * ntfy: push messages to phones, published as JSON (https://docs.ntfy.sh/publish/#publish-as-json).
 * A text over 4096 bytes would become an attachment, and the JSON may have twice that. From ntfy
 * 2.16 on, `sequence_id` makes a copy take the place of the first one; older ones ignore it.
 */

import type { NtfyChannelConfig } from "../../config/config.ts";
import type { Channel, Notification } from "../channel.ts";
import { addressBelow, fieldOf, request } from "../http.ts";
import { clean, fit, idOf, inBytes, isUrgent, linkOf, oneLine } from "./text.ts";

const MAX_MESSAGE_BYTES = 4096;

/** Bytes of the text as JSON: with the rest it stays below 8192. */
const MAX_MESSAGE_JSON_BYTES = 6000;

const MAX_TITLE_BYTES = 250;
const MAX_LINK_BYTES = 1000;

/** Vibrates and sounds for long. */
const URGENT = 5;
const DEFAULT = 3;

/** A channel to one topic. */
export function ntfy({ url, topic, token }: NtfyChannelConfig): Channel {
  return {
    async send(notification, signal) {
      const link = linkOf(notification);
      const id = idOf(notification);
      const { line } = await request({
        provider: "ntfy",
        url: addressBelow(url, "/"),
        headers: {
          "idempotency-key": id,
          ...(token === null ? {} : { authorization: `Bearer ${token.value}` }),
        },
        body: {
          json: {
            topic,
            title: fit(oneLine(notification.title), { limit: MAX_TITLE_BYTES, measure: inBytes }),
            message: messageOf(notification),
            priority: isUrgent(notification) ? URGENT : DEFAULT,
            tags: [tagOf(notification)],
            ...(link !== null && inBytes(link) <= MAX_LINK_BYTES ? { click: link } : {}),
            // What it takes for one; another would be an error.
            ...(/^[\w-]{1,64}$/.test(id) ? { sequence_id: id } : {}),
          },
        },
        secrets: token === null ? [] : [token.value],
        isSuccess: (json) => typeof fieldOf(json, "id") === "string",
      }, signal);
      return line;
    },
  };
}

/** The text, never empty: ntfy would write "triggered". */
function messageOf({ body, title }: Notification): string {
  const text = clean(body).trim() || oneLine(title) || "-";
  const short = fit(text, { limit: MAX_MESSAGE_BYTES, measure: inBytes });
  return fit(short, { limit: MAX_MESSAGE_JSON_BYTES, measure: inJsonBytes });
}

/** Bytes within the quotes of a JSON text. */
function inJsonBytes(text: string): number {
  return inBytes(JSON.stringify(text)) - 2;
}

/** The short code of an emoji, shown before the title. */
function tagOf({ kind, level }: Notification): string {
  if (kind === "recovery") return "white_check_mark";
  if (level === "CRITICAL") return "rotating_light";
  return level === "OK" ? "information_source" : "warning";
}
