/**
 * Reads the server's configuration file (YAML) into a `Config` and writes one back as YAML. How a
 * file is read and its problems are told is `yaml_file.ts`; values and their ranges are the
 * schema's business.
 */

import { dirname, resolve } from "@std/path";
import { Document, isMap, isScalar } from "yaml";
import type { Config } from "./config.ts";
import {
  DEFAULT_CONFIG,
  type FileConfig,
  fileSchema,
  HOST_KEYS,
  KEYS,
  toConfig,
  toFile,
  UPDATE_KEYS,
} from "./schema.ts";
import { type FileRules, parseYamlFile, readConfigFile } from "./yaml_file.ts";

export { ConfigError, didYouMean } from "./yaml_file.ts";

/** What the command line says about the configuration; it goes over file and default. */
export type ConfigOverrides = Partial<
  Pick<Config, "bindAddress" | "httpPort" | "udpPort" | "intervalS" | "tolerancePct">
>;

/**
 * Loads the configuration: command line over file over default. A tolerance from the command line
 * also replaces a grace from the file.
 *
 * @param file the path of the file, or null for the defaults
 * @param read reads a file, for tests
 * @throws {ConfigError} when the file cannot be read or is not valid
 */
export async function loadConfig(
  file: string | null,
  overrides: ConfigOverrides = {},
  read?: (file: string) => Promise<Uint8Array>,
): Promise<Config> {
  const config = file === null
    ? DEFAULT_CONFIG
    : parseConfig(await readConfigFile(file, "hbd", read), file);
  return {
    ...config,
    ...overrides,
    ...(overrides.tolerancePct !== undefined && { graceS: null }),
  };
}

/**
 * Turns the text of a configuration file into a configuration. Relative paths in it are resolved
 * against the folder of `fileName`.
 *
 * @throws {ConfigError} naming every problem
 */
export function parseConfig(text: string, fileName: string): Config {
  const config = toConfig(parseYamlFile(text, fileName, RULES));
  const absolute = (path: string | null) => path && resolve(dirname(fileName), path);
  return {
    ...config,
    journal: { ...config.journal, dir: absolute(config.journal.dir) },
    beatLog: absolute(config.beatLog),
    logFile: absolute(config.logFile),
  };
}

/** Writes a configuration as a commented file that loads back to the same configuration. */
export function configToYaml(config: Config): string {
  const document = new Document(toFile(config));
  if (isMap(document.contents)) {
    for (const { key } of document.contents.items) {
      if (isScalar(key)) key.commentBefore = ` ${KEYS.get(String(key.value))?.help}`;
    }
  }
  return document.toString({ lineWidth: 0 });
}

const RULES: FileRules<FileConfig> = {
  schema: fileSchema,
  known: ([top]) => [...(top === undefined ? KEYS : below(top)).keys()],
  wanted,
  wrongKey: ([top, host, field], { code }) =>
    top === "hosts" && host !== undefined && code === "invalid_format" && field === undefined
      ? "Host name must be 1 to 255 characters without control characters"
      : null,
};

/** The keys that stand below a mapping at the top, or below each of its entries. */
function below(top: string): typeof KEYS {
  return top === "client_update" ? UPDATE_KEYS : HOST_KEYS;
}

function wanted([top, second, third]: readonly string[]): string | undefined {
  if (top === undefined) return `a mapping, one "key: value" a line`;
  if (second === undefined) return KEYS.get(top)?.wants;
  if (top === "client_update") return UPDATE_KEYS.get(second)?.wants;
  if (third === undefined) return `a mapping with any of ${[...HOST_KEYS.keys()].join(", ")}`;
  return HOST_KEYS.get(third)?.wants;
}
