/**
 * Telegram: a message of a bot (https://core.telegram.org/bots/api#sendmessage). 4096 characters;
 * without a parse mode the text is taken as it is, but for mentions, which would ring.
 */

import type { TelegramChannelConfig } from "../../config/config.ts";
import type { Channel } from "../channel.ts";
import { addressBelow, fieldOf, request } from "../http.ts";
import { compose, idOf, withoutMentions } from "./text.ts";
import { secretsOfUrl } from "./trouble.ts";

const MAX_TEXT = 4096;

/** 400 is also what it says to a chat that is not there, or has moved. */
const CURABLE = /chat not found|chat_id|supergroup|not enough rights|kicked|deactivated/i;

/** A channel to one chat: its number, or `@name` of a public one. `url` is the server of the API. */
export function telegram({ url, token, chat }: TelegramChannelConfig): Channel {
  const address = addressBelow(url, `/bot${token.value}/sendMessage`);
  return {
    async send(notification, signal) {
      const { json, line } = await request({
        provider: "Telegram",
        url: address,
        headers: { "idempotency-key": idOf(notification) },
        body: {
          json: {
            chat_id: chat,
            text: compose(notification, { limit: MAX_TEXT, escape: withoutMentions }),
            link_preview_options: { is_disabled: true },
          },
        },
        secrets: [token.value, ...secretsOfUrl(address)],
        isSuccess: (json) => fieldOf(json, "ok") === true,
        isCurable: (json) => CURABLE.test(String(fieldOf(json, "description"))),
      }, signal);
      const id = fieldOf(fieldOf(json, "result"), "message_id");
      return typeof id === "number" ? `200 message ${id}` : line;
    },
  };
}
