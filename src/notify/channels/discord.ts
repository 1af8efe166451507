/**
 * Discord: executes a webhook (https://docs.discord.com/developers/resources/webhook). 2000
 * characters; nobody is mentioned, whatever the text says; with `wait` the answer is about the
 * message and not only about the request.
 */

import type { HookChannelConfig } from "../../config/config.ts";
import type { Channel } from "../channel.ts";
import { fieldOf, request } from "../http.ts";
import { compose, idOf, withoutMarkdown } from "./text.ts";
import { secretsOfUrl } from "./trouble.ts";

const MAX_TEXT = 2000;

/** Shows no previews of what addresses in the text lead to. */
const SUPPRESS_EMBEDS = 4;

/** A channel to whatever the webhook at `url` posts to; a `thread_id` in its query stays. */
export function discord({ url }: HookChannelConfig): Channel {
  const address = waitingAt(url.value);
  return {
    async send(notification, signal) {
      const content = compose(notification, {
        limit: MAX_TEXT,
        escape: withoutMarkdown,
        title: (escaped) => `**${escaped}**`,
        link: (link) => `<${link}>`,
      });
      const { json, line } = await request({
        provider: "Discord",
        url: address,
        headers: { "idempotency-key": idOf(notification) },
        body: { json: { content, allowed_mentions: { parse: [] }, flags: SUPPRESS_EMBEDS } },
        secrets: [...secretsOfUrl(url.value), ...secretsOfUrl(address)],
      }, signal);
      // The answer is the whole message; all there is to tell of it is its number.
      const id = fieldOf(json, "id");
      return typeof id === "string" && /^\d+$/.test(id) ? `200 message ${id}` : line;
    },
  };
}

function waitingAt(url: string): string {
  const address = URL.parse(url);
  if (address === null) return url;
  address.searchParams.set("wait", "true");
  return address.href;
}
