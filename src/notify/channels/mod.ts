/** From the configuration of a channel to the channel: the one place that knows all types. */

import type { ChannelConfig } from "../../config/config.ts";
import type { Channel } from "../channel.ts";
import { command } from "./command.ts";
import { desktop } from "./desktop.ts";
import { discord } from "./discord.ts";
import { email } from "./email.ts";
import { gotify } from "./gotify.ts";
import { matrix } from "./matrix.ts";
import { mattermost } from "./mattermost.ts";
import { ntfy } from "./ntfy.ts";
import { pushover } from "./pushover.ts";
import { signal } from "./signal.ts";
import { slack } from "./slack.ts";
import { telegram } from "./telegram.ts";
import { webhook } from "./webhook.ts";

export interface ChannelOptions {
  /** The name of this server, for ids of mails. */
  readonly hostname: string;
}

/** The channel that `config` describes. Nothing is opened or asked before the first `send`. */
export function createChannel(config: ChannelConfig, { hostname }: ChannelOptions): Channel {
  switch (config.type) {
    case "email":
      return email(config, hostname);
    case "pushover":
      return pushover(config);
    case "mattermost":
      return mattermost(config);
    case "slack":
      return slack(config);
    case "discord":
      return discord(config);
    case "signal":
      return signal(config);
    case "matrix":
      return matrix(config);
    case "ntfy":
      return ntfy(config);
    case "telegram":
      return telegram(config);
    case "gotify":
      return gotify(config);
    case "webhook":
      return webhook(config);
    case "command":
      return command(config);
    case "desktop":
      return desktop();
  }
}
