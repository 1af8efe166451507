/**
 * Pushover: push messages to phones. A form, as its API of messages describes it
 * (https://pushover.net/api): 1024 characters of text, 250 of title, 512 of link.
 */

import type { PushoverChannelConfig } from "../../config/config.ts";
import type { Channel } from "../channel.ts";
import { addressBelow, fieldOf, request } from "../http.ts";
import { clean, epochSeconds, fit, idOf, isUrgent, linkOf, oneLine } from "./text.ts";

const PROVIDER = "Pushover";
const PATH = "/1/messages.json";
const MAX_MESSAGE = 1024;
const MAX_TITLE = 250;
const MAX_URL = 512;

/** Shown over a user's quiet hours. */
const HIGH = "1";
const NORMAL = "0";

/** A channel to one user or group of Pushover. `url` is its server, or all of the address. */
export function pushover({ token, user, url }: PushoverChannelConfig): Channel {
  const address = URL.parse(url)?.pathname === "/" ? addressBelow(url, PATH) : url;
  const secrets = [token.value, user.value];
  return {
    async send(notification, signal) {
      const title = fit(oneLine(notification.title), { limit: MAX_TITLE });
      const link = linkOf(notification);
      const { line } = await request({
        provider: PROVIDER,
        url: address,
        headers: { "idempotency-key": idOf(notification) },
        body: {
          form: {
            token: token.value,
            user: user.value,
            title,
            // A message must not be empty.
            message: fit(clean(notification.body).trim(), { limit: MAX_MESSAGE }) || title || "-",
            priority: isUrgent(notification) ? HIGH : NORMAL,
            timestamp: String(epochSeconds(notification)),
            ...(link !== null && link.length <= MAX_URL ? { url: link } : {}),
          },
        },
        secrets,
        isSuccess: (json) => fieldOf(json, "status") === 1,
        // {"user": "invalid", "errors": ["user identifier is invalid"], "status": 0}
        isCurable: (json) => [fieldOf(json, "token"), fieldOf(json, "user")].includes("invalid"),
      }, signal);
      return line;
    },
  };
}
