/** What the tests of the configuration have in common. */

import { assertRejects } from "@std/assert";
import type { Config } from "../../src/config/config.ts";
import { ConfigError, parseConfig } from "../../src/config/load.ts";
import type { SecretSources } from "../../src/config/secrets.ts";

/** The lines of the error that `text` gives when it is read as hbd.yaml. */
export async function problems(text: string, sources?: SecretSources): Promise<readonly string[]> {
  const parse = () => parseConfig(text, "hbd.yaml", sources);
  return (await assertRejects(parse, ConfigError)).message.split("\n");
}

/** The same without the places. */
export async function complaints(
  text: string,
  sources?: SecretSources,
): Promise<readonly string[]> {
  return (await problems(text, sources)).map((line) => line.replace(/^hbd\.yaml:\d+:\d+: /, ""));
}

/** What `text` comes to as a file in /etc. */
export function configOf(text: string, sources?: SecretSources): Promise<Config> {
  return parseConfig(text, "/etc/hbd.yaml", sources);
}
