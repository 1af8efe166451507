/** What of a channel's configuration must never be seen. */

import type { ChannelConfig, Secret } from "../config/config.ts";

/** All secrets of `channel`; shorter ones than a few characters would blot out half of a text. */
export function secretsOf(channel: ChannelConfig): readonly string[] {
  return secretsIn(channel).filter((secret) => secret.length >= 4);
}

function secretsIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  if (isSecret(value)) return [value.value];
  const inner = value instanceof Map ? [...value.values()] : Object.values(value);
  return inner.flatMap(secretsIn);
}

function isSecret(value: object): value is Secret {
  return "value" in value && typeof value.value === "string" && "shown" in value;
}
