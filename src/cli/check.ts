/**
 * `hbd check`: validates a configuration and prints the effective one, as a commented file that can
 * be used as it is. Starts nothing and writes nowhere but to `out`.
 */

import { configToYaml, loadConfig } from "../config/load.ts";

/**
 * Prints the effective configuration.
 *
 * @param configFile the file to check, or null for the built-in defaults
 * @throws {ConfigError} when the file cannot be read or is not valid
 */
export async function check(configFile: string | null, out: (text: string) => void): Promise<void> {
  const config = await loadConfig(configFile);
  const source = configFile === null ? "the built-in defaults (no -c FILE given)" : configFile;
  out(`# The effective configuration, from ${source}\n${configToYaml(config)}`);
}
