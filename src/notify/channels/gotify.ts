/**
 * Gotify: push messages from a server of one's own (https://gotify.net/api-docs#/message). Its apps
 * are loud from priority 8 on.
 */

import type { GotifyChannelConfig } from "../../config/config.ts";
import type { Channel } from "../channel.ts";
import { addressBelow, fieldOf, request } from "../http.ts";
import { clean, fit, idOf, isUrgent, linkOf, oneLine } from "./text.ts";

const MAX_TITLE = 250;

/** Gotify names no limit; nobody reads more on a phone. */
const MAX_MESSAGE = 16_384;

const LOUD = 8;
const NORMAL = 5;

/** A channel of one Gotify application, whose token says which. */
export function gotify({ url, token }: GotifyChannelConfig): Channel {
  return {
    async send(notification, signal) {
      const title = fit(oneLine(notification.title), { limit: MAX_TITLE });
      const link = linkOf(notification);
      const { json, line } = await request({
        provider: "Gotify",
        url: addressBelow(url, "/message"),
        headers: { "idempotency-key": idOf(notification), "x-gotify-key": token.value },
        body: {
          json: {
            title,
            // A message must not be empty.
            message: fit(clean(notification.body).trim(), { limit: MAX_MESSAGE }) || title || "-",
            priority: isUrgent(notification) ? LOUD : NORMAL,
            extras: {
              "client::display": { contentType: "text/plain" },
              ...(link === null ? {} : { "client::notification": { click: { url: link } } }),
            },
          },
        },
        secrets: [token.value],
        isSuccess: (json) => typeof fieldOf(json, "id") === "number",
      }, signal);
      const id = fieldOf(json, "id");
      return typeof id === "number" ? `200 message ${id}` : line;
    },
  };
}
