/**
 * Mattermost: posts through an incoming webhook (https://developers.mattermost.com/integrate/
 * webhooks/incoming/). The text is Markdown of at most 16,383 characters; what the alert says is
 * escaped, and rings nobody.
 */

import type { HookChannelConfig } from "../../config/config.ts";
import type { Channel } from "../channel.ts";
import { request } from "../http.ts";
import { compose, idOf, withoutMarkdown, withoutMentions } from "./text.ts";
import { secretsOfUrl } from "./trouble.ts";

const MAX_TEXT = 16_383;

/** A channel to whatever the webhook at `url` posts to. */
export function mattermost({ url }: HookChannelConfig): Channel {
  return {
    async send(notification, signal) {
      const text = compose(notification, {
        limit: MAX_TEXT,
        escape: (character) => withoutMarkdown(withoutMentions(character)),
        title: (escaped) => `**${escaped}**`,
      });
      const { line } = await request({
        provider: "Mattermost",
        url: url.value,
        headers: { "idempotency-key": idOf(notification) },
        body: { json: { text } },
        secrets: secretsOfUrl(url.value),
      }, signal);
      return line;
    },
  };
}
