/**
 * `hbd check`: validates a configuration and prints the effective one, as a commented file that can
 * be used as it is where no secret is written out in it: those are never printed. Starts nothing
 * and writes nowhere but to `out`.
 */

import { configToYaml, loadConfig } from "../config/load.ts";
import { MASK } from "../config/secret_text.ts";
import { warningsOf } from "../config/warnings.ts";

const SECRETS = `# Secrets are not shown: "${MASK}" stands for one that was written out.\n`;

/**
 * Prints the effective configuration.
 *
 * @param configFile the file to check, or null for the built-in defaults
 * @throws {ConfigError} when the file cannot be read or is not valid
 */
export async function check(configFile: string | null, out: (text: string) => void): Promise<void> {
  const config = await loadConfig(configFile);
  const source = configFile === null ? "the built-in defaults (no -c FILE given)" : configFile;
  const warnings = warningsOf(config).map((text) => `# Warning: ${text}\n`).join("");
  out(
    `# The effective configuration, from ${source}\n${SECRETS}${warnings}${configToYaml(config)}`,
  );
}
