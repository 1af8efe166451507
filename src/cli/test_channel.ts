/**
 * `hbd notify-test CHANNEL`: sends a test by a channel of the configuration and says what its
 * provider answered. Needs no running server, and tells nothing to one.
 */

import { ConfigError, didYouMean, loadConfig } from "../config/load.ts";
import { createChannel } from "../notify/channels/mod.ts";
import { attempt } from "../notify/attempt.ts";
import { testNotification } from "../notify/message.ts";
import { secretsOf } from "../notify/secrets.ts";

/** How long the provider may take. */
const LIMIT_MS = 30_000;

/**
 * Sends the test and prints the answer.
 *
 * @throws {ConfigError} when the configuration is not valid or has no such channel
 * @throws {SendError} when the provider did not take it
 */
export async function testChannel(
  name: string,
  configFile: string | null,
  out: (text: string) => void,
): Promise<void> {
  const { notify: { channels, baseUrl } } = await loadConfig(configFile);
  const config = channels.get(name);
  if (config === undefined) {
    const names = [...channels.keys()];
    const hint = names.length === 0
      ? "the configuration has none (notification_channels)"
      : didYouMean(name, names);
    throw new ConfigError(`No channel is called "${name}": ${hint}`);
  }
  const hostname = Deno.hostname();
  const answer = await attempt(
    createChannel(config, { hostname }),
    testNotification(name, hostname, baseUrl, Date.now()),
    { limitMs: LIMIT_MS, secrets: secretsOf(config), stopped: new AbortController().signal },
  );
  out(`Sent by ${name} (${config.type}). Answer: ${answer}\n`);
}
