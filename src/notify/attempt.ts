/**
 * One try to send one notification. It is over after its limit whatever the channel does, and what
 * it fails with may be shown to anybody: in one line, without the channel's secrets.
 */

import { type Channel, type Notification, SendError } from "./channel.ts";

/** Time that a channel has to end what it was told to give up. */
export const GRACE_MS = 250;

/** Characters of an answer or an error that are kept. */
const MAX_SHOWN = 500;

export interface AttemptOptions {
  readonly limitMs: number;
  /** What must not be seen in errors and answers. */
  readonly secrets: readonly string[];
  /** Ends the try early. */
  readonly stopped: AbortSignal;
}

/** Settles with the provider's answer; rejects with a SendError and nothing else. */
export async function attempt(
  channel: Channel,
  notification: Notification,
  { limitMs, secrets, stopped }: AttemptOptions,
): Promise<string> {
  const controller = new AbortController();
  const over = Promise.withResolvers<never>();
  let grace: ReturnType<typeof setTimeout> | undefined;
  const giveUp = (why: string) => {
    if (controller.signal.aborted) return;
    const error = new SendError(why);
    controller.abort(error);
    // One that was delivered at the last moment is delivered.
    grace = setTimeout(() => over.reject(error), GRACE_MS);
  };
  const onStopped = () => giveUp("Given up, for the server stops");
  const timer = setTimeout(() => giveUp(`No answer within ${limitMs / 1000} s`), limitMs);
  stopped.addEventListener("abort", onStopped, { once: true });
  if (stopped.aborted) onStopped();
  try {
    const sending = (async () => await channel.send(notification, controller.signal))();
    return shown(await Promise.race([sending, over.promise]), secrets);
  } catch (error) {
    throw sendError(controller.signal.aborted ? controller.signal.reason : error, secrets);
  } finally {
    stopped.removeEventListener("abort", onStopped);
    clearTimeout(timer);
    clearTimeout(grace);
  }
}

/** `text` in one line of bounded length, with asterisks in place of each secret. */
export function shown(text: string, secrets: readonly string[]): string {
  // The longest first: one may be a part of another.
  const forms = secrets.flatMap(formsOf).sort((a, b) => b.length - a.length);
  let safe = text;
  for (const form of forms) safe = safe.replaceAll(form, "***");
  const line = safe.replace(/[\p{Cc}\s]+/gu, " ").trim();
  return line.length <= MAX_SHOWN ? line : `${line.slice(0, MAX_SHOWN).toWellFormed()}…`;
}

/** A secret as it may stand in a text, an address or JSON. */
function formsOf(secret: string): readonly string[] {
  if (secret === "") return [];
  return [secret, encodeURIComponent(secret.toWellFormed()), JSON.stringify(secret).slice(1, -1)];
}

/** Without a cause: that may hold what the message must not. */
function sendError(error: unknown, secrets: readonly string[]): SendError {
  const text = error instanceof Error ? error.message || error.name : String(error);
  const message = shown(text, secrets) || "Failed without a reason";
  if (!(error instanceof SendError)) return new SendError(message);
  const { isRefused, retryAfterMs } = error;
  return new SendError(message, { isRefused, ...(retryAfterMs === null ? {} : { retryAfterMs }) });
}
