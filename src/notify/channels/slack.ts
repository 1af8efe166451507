/**
 * Slack: posts through an incoming webhook (https://docs.slack.dev/messaging/
 * sending-messages-using-incoming-webhooks). Only `&`, `<` and `>` mean something once formatting
 * is off: `<!channel>` would ring everybody. Texts should stay within 4000 characters.
 */

import type { HookChannelConfig } from "../../config/config.ts";
import type { Channel } from "../channel.ts";
import { request } from "../http.ts";
import { compose, idOf } from "./text.ts";
import { secretsOfUrl } from "./trouble.ts";

const MAX_TEXT = 4000;

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** A channel to whatever the webhook at `url` posts to. */
export function slack({ url }: HookChannelConfig): Channel {
  const escape = (text: string) => text.replace(/[&<>]/g, (character) => ENTITIES[character] ?? "");
  return {
    async send(notification, signal) {
      const text = compose(notification, {
        limit: MAX_TEXT,
        escape,
        link: (link) => `<${escape(link)}>`,
      });
      const { line } = await request({
        provider: "Slack",
        url: url.value,
        headers: { "idempotency-key": idOf(notification) },
        // Addresses in a text are not fetched for a preview: the text is not ours.
        body: { json: { text, mrkdwn: false, unfurl_links: false, unfurl_media: false } },
        secrets: secretsOfUrl(url.value),
      }, signal);
      return line;
    },
  };
}
