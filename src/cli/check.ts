/**
 * `hbd check`: validates a configuration and prints the effective one, as a commented file that can
 * be used as it is where no secret is written out in it: those are never printed. Starts nothing
 * and writes nowhere but to `out`.
 */

import type { Config } from "../config/config.ts";
import { ConfigError, configToYaml, loadConfig } from "../config/load.ts";
import { MASK } from "../config/secret_text.ts";
import { warningsOf } from "../config/warnings.ts";
import { readTlsPair, TlsFileError } from "../listeners/tls_files.ts";

const SECRETS = `# Secrets are not shown: "${MASK}" stands for one that was written out.\n`;

/**
 * Prints the effective configuration.
 *
 * @param configFile the file to check, or null for the built-in defaults
 * @throws {ConfigError} when the file cannot be read or is not valid, or the certificate that it
 *   names cannot be used
 */
export async function check(configFile: string | null, out: (text: string) => void): Promise<void> {
  const config = await loadConfig(configFile);
  await tryCertificate(config);
  const source = configFile === null ? "the built-in defaults (no -c FILE given)" : configFile;
  const warnings = warningsOf(config).map((text) => `# Warning: ${text}\n`).join("");
  out(
    `# The effective configuration, from ${source}\n${SECRETS}${warnings}${configToYaml(config)}`,
  );
}

/** A server with a certificate that cannot be used does not start. */
async function tryCertificate({ web }: Config): Promise<void> {
  const { https, wssPort, certFile, keyFile } = web;
  if ((!https && wssPort === null) || certFile === null || keyFile === null) return;
  try {
    await readTlsPair({ certFile, keyFile });
  } catch (error) {
    if (error instanceof TlsFileError) throw new ConfigError(error.message, { cause: error });
    throw error;
  }
}
