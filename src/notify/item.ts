/**
 * What the outbox keeps: one notification for one channel, and where that is stored.
 *
 * Every text is cut to a length with which an item fits into any store: one that a store refuses
 * would hold up all others.
 *
 *   { order: 17, channel: "push", seq: 4711, queuedMs: 1777000000123, had: ["push"],
 *     fellBack: false, notification: { id: "a1-down", title: "[CRITICAL] web1", … } }
 */

import type { Notification } from "./channel.ts";

/** A notification that waits for one channel. */
export interface OutboxItem {
  /** Its place among all items, of every channel, and its key in the store. */
  readonly order: number;
  readonly channel: string;
  /** The journal record that it is about; 0 for none. */
  readonly seq: number;
  /** When it was put into this channel's queue, epoch milliseconds. */
  readonly queuedMs: number;
  readonly notification: Notification;
  /** The channels that got it when it was made, and those that it fell back from and to. */
  readonly had: readonly string[];
  /** The channel's fallback has got it too. */
  readonly fellBack: boolean;
}

/** What is in the store. */
export interface StoredOutbox {
  /** In no order. */
  readonly items: readonly OutboxItem[];
  /** See `OutboxStore.saveOutbox`; 0 when nothing was ever saved. */
  readonly watermark: number;
}

/** Where the outbox is kept. All methods reject with an Error when the store fails. */
export interface OutboxStore {
  /**
   * Saves items; one takes the place of another with the same `order`. With them it notes the
   * watermark, the highest number of a journal record of which nothing is missing in the store: it
   * is never there without the items, in whatever moment the process ends.
   */
  saveOutbox(items: readonly OutboxItem[], watermark: number): Promise<void>;
  removeOutbox(items: readonly OutboxItem[]): Promise<void>;
  loadOutbox(): Promise<StoredOutbox>;
}

/** Bytes of a body in UTF-8. */
export const MAX_BODY_BYTES = 16_384;

/** Bytes of any other text of a notification. */
const MAX_TEXT_BYTES = 2048;

/** Characters of all names in `had` together. */
const MAX_HAD = 4096;

const encoder = new TextEncoder();

/** The notification with its texts cut to what is kept, and nothing in it that is not one. */
export function keepable(notification: Notification): Notification {
  const { id, kind, level, host, metric, title, body, url, atMs } = notification;
  const short = (text: string) => fitted(text, MAX_TEXT_BYTES);
  return {
    id: short(id),
    kind,
    level,
    host: short(host),
    metric: metric === null ? null : short(metric),
    title: short(title),
    body: fitted(body, MAX_BODY_BYTES),
    url: url === null ? null : short(url),
    atMs,
  };
}

/** `notification` with `line` under its body, of which as much is kept as there is room for. */
export function withLine(notification: Notification, line: string): Notification {
  const roomBytes = MAX_BODY_BYTES - encoder.encode(line).length - 1;
  return { ...notification, body: `${fitted(notification.body, roomBytes)}\n${line}` };
}

/** As many of `names`, from the first, as are kept. */
export function keepableNames(names: readonly string[]): readonly string[] {
  let length = 0;
  return names.filter((name) => (length += name.length) <= MAX_HAD);
}

/** `text` cut to `maxBytes` of UTF-8, with an ellipsis where something is missing. */
export function fitted(text: string, maxBytes: number): string {
  const whole = text.toWellFormed();
  if (whole.length * 3 <= maxBytes) return whole;
  const bytes = new Uint8Array(maxBytes);
  if (encoder.encodeInto(whole, bytes).read === whole.length) return whole;
  const { read } = encoder.encodeInto(whole, bytes.subarray(0, maxBytes - 3));
  return `${whole.slice(0, read)}…`;
}
