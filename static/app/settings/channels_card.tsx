/** The channels by which people are told: how each fares, and a test. */

import { useState } from "preact/hooks";
import { part, send } from "../api.ts";
import { Refusal } from "../components/refusal.tsx";
import { Time } from "../components/time.tsx";
import { count } from "../format.ts";
import { useApi } from "../use_api.ts";
import type { Channel } from "./types.ts";

const AGAIN_MS = 15_000;

export function ChannelsCard({ mayTest }: { readonly mayTest: boolean }) {
  const { data, error, reload } = useApi<{ readonly channels: readonly Channel[] }>(
    "channels",
    AGAIN_MS,
  );
  return (
    <section class="card" aria-labelledby="channels">
      <h2 id="channels">Notification channels</h2>
      {error !== null && <Refusal error={error} what="the channels" />}
      {data?.channels.length === 0 && (
        <p class="dim">
          None is configured, so nobody is told of alerts: see notification_channels in
          docs/CONFIG.md.
        </p>
      )}
      <ul class="channels">
        {data?.channels.map((channel) => (
          <OneChannel key={channel.name} channel={channel} mayTest={mayTest} onTested={reload} />
        ))}
      </ul>
    </section>
  );
}

interface Props {
  readonly channel: Channel;
  readonly mayTest: boolean;
  readonly onTested: () => void;
}

function OneChannel({ channel, mayTest, onTested }: Props) {
  const [said, say] = useState<{ readonly text: string; readonly isError: boolean } | null>(null);
  const [isBusy, setBusy] = useState(false);
  const { name, type, min_level, fallback, configured, failing_since } = channel;
  async function test(): Promise<void> {
    setBusy(true);
    say(null);
    try {
      const { answer } = await send<{ readonly answer: string }>(
        "POST",
        `channels/${part(name)}/test`,
      );
      say({ text: `The test was taken: ${answer}`, isError: false });
    } catch (error) {
      say({ text: error instanceof Error ? error.message : String(error), isError: true });
    } finally {
      setBusy(false);
      onTested();
    }
  }
  return (
    <li>
      <div class="row channel-head">
        <strong>{name}</strong>
        <span class="dim">
          {type}, from {min_level} on{fallback !== null && `, else ${fallback}`}
        </span>
        <span class={failing_since !== null ? "error" : channel.sent === 0 ? "dim" : "channel-ok"}>
          {!configured
            ? "gone from the configuration"
            : failing_since === null && channel.sent === 0
            ? "not used yet"
            : failing_since === null
            ? (
              <>
                <span aria-hidden="true">✓</span> works
              </>
            )
            : (
              <>
                <span aria-hidden="true">✗</span> fails since <Time at={failing_since} />
              </>
            )}
        </span>
        {mayTest && configured && (
          <button type="button" disabled={isBusy} onClick={test}>
            {isBusy ? "Sending …" : "Send a test"}
            <span class="unseen">{` by ${name}`}</span>
          </button>
        )}
      </div>
      <p class="dim num">{countsText(channel)}</p>
      {channel.last_sent !== null && (
        <p class="dim">
          Last sent <Time at={channel.last_sent} />: {channel.last_answer ?? "taken"}
        </p>
      )}
      {channel.last_error !== null && (
        <p class={failing_since === null ? "dim" : "error"}>
          Last error <Time at={channel.last_error_time} />: {channel.last_error}
        </p>
      )}
      <p role="status" class={said?.isError === true ? "error" : "channel-ok"}>{said?.text}</p>
    </li>
  );
}

function countsText({ sent, failed, waiting, given_up, dropped }: Channel): string {
  const lost = given_up + dropped;
  return `${count(sent)} sent, ${count(failed)} tries failed, ${count(waiting)} waiting` +
    (lost === 0 ? "" : `, ${count(lost)} given up`);
}
