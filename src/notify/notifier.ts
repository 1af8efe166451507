/**
 * Hands what the monitor wants people to know to the outbox, and makes the channels that the
 * configuration names.
 */

import type { Config } from "../config/config.ts";
import type { AlertBookEvent } from "../monitor/events.ts";
import type { Outlet } from "../monitor/outlet.ts";
import type { LocalTime } from "../wire/local_time.ts";
import { createChannel } from "./channels/mod.ts";
import type { ChannelSetup, ChannelStatus } from "./channel_status.ts";
import { notificationOf, testNotification } from "./message.ts";
import type { Outbox } from "./outbox.ts";
import { secretsOf } from "./secrets.ts";

export interface NotifierOptions {
  readonly outbox: Outbox;
  readonly time: LocalTime;
  readonly hostname: string;
  readonly nowMs: () => number;
}

/** A channel as people may see it. */
export interface ChannelView extends ChannelStatus {
  /** Null: it is not configured any more. */
  readonly type: string | null;
  readonly minLevel: string | null;
  readonly fallback: string | null;
}

export class Notifier implements Outlet {
  readonly #options: NotifierOptions;
  #config: Config["notify"];

  constructor(options: NotifierOptions, config: Config) {
    this.#options = options;
    this.#config = config.notify;
    this.configure(config);
  }

  /** Uses the channels of `config` from now on. */
  configure({ notify }: Pick<Config, "notify">): void {
    this.#config = notify;
    const { outbox, hostname } = this.#options;
    outbox.configure({
      channels: new Map(
        [...notify.channels].map(([name, channel]): [string, ChannelSetup] => [name, {
          channel: createChannel(channel, { hostname }),
          minLevel: channel.minLevel,
          fallback: channel.fallback,
          secrets: secretsOf(channel),
        }]),
      ),
      giveUpMs: notify.giveUpS * 1000,
      fallbackAfterMs: notify.fallbackAfterS * 1000,
    });
  }

  message(): void {}

  event(): void {}

  alert(event: AlertBookEvent): void {
    if (event.type !== "notify") return;
    const { outbox, time } = this.#options;
    const notification = notificationOf(event, time, this.#config.baseUrl);
    outbox.add(notification, event.channels, event.seq);
  }

  /** Sends a test and settles with what the provider answered; rejects when it did not take it. */
  test(channel: string): Promise<string> {
    const { outbox, hostname, nowMs } = this.#options;
    const test = testNotification(channel, hostname, this.#config.baseUrl, nowMs());
    return outbox.test(channel, test);
  }

  channels(): readonly ChannelView[] {
    return this.#options.outbox.status().map((status) => {
      const config = this.#config.channels.get(status.name);
      const { type = null, minLevel = null, fallback = null } = config ?? {};
      return { ...status, type, minLevel, fallback };
    });
  }
}
