/**
 * Reads the server's configuration file (YAML) into a `Config` and writes one back as YAML. How a
 * file is read and its problems are told is `yaml_file.ts`; values and their ranges are the
 * schema's business.
 */

import { dirname, resolve } from "@std/path";
import { Document, isMap, isScalar } from "yaml";
import { DESKTOP_CHANNEL } from "./channel_config.ts";
import type { Config } from "./config.ts";
import { pingIdProblems } from "./ping_ids.ts";
import { RULES } from "./places.ts";
import { referenceProblems } from "./references.ts";
import { DEFAULT_CONFIG, KEYS, toConfig, toFile } from "./schema.ts";
import { readSecrets, type SecretSources } from "./secrets.ts";
import { checkYamlFile, readConfigFile } from "./yaml_file.ts";

export { ConfigError, didYouMean } from "./yaml_file.ts";

/** What the command line says about the configuration; it goes over file and default. */
export type ConfigOverrides =
  & Partial<Pick<Config, "bindAddress" | "httpPort" | "udpPort" | "intervalS" | "tolerancePct">>
  & {
    /**
     * The positional form is used (`hbd 7777 30`): where the file does not say otherwise, every
     * miss is told, and on the desktop, as the logger did that this form comes from.
     */
    readonly isPositional?: boolean;
  };

/**
 * Loads the configuration: command line over file over default. A tolerance from the command line
 * also replaces a grace from the file.
 *
 * @param file the path of the file, or null for the defaults
 * @param sources reads files and the environment, for tests
 * @throws {ConfigError} when the file or a secret that it refers to cannot be read, or is not valid
 */
export async function loadConfig(
  file: string | null,
  { isPositional = false, ...overrides }: ConfigOverrides = {},
  sources: SecretSources = {},
): Promise<Config> {
  const config = file === null
    ? DEFAULT_CONFIG
    : await parseConfig(await readConfigFile(file, "hbd", sources.read), file, sources);
  return {
    ...config,
    ...overrides,
    ...(overrides.tolerancePct !== undefined && { graceS: null }),
    ...(isPositional && positional(config)),
  };
}

/** What the positional form means for what the file says nothing about. */
function positional({ alerts, notify }: Config): Pick<Config, "alerts" | "notify"> {
  return {
    alerts: { ...alerts, everyMiss: alerts.everyMiss ?? true },
    notify: notify.notify !== null ? notify : {
      ...notify,
      notify: ["desktop"],
      // A channel of this name that the file defines stays as it is.
      channels: new Map([["desktop", DESKTOP_CHANNEL], ...notify.channels]),
    },
  };
}

/**
 * Turns the text of a configuration file into a configuration. Relative paths in it are resolved
 * against the folder of `fileName`, and secrets are read from where it says that they are.
 *
 * @throws {ConfigError} naming every problem
 */
export async function parseConfig(
  text: string,
  fileName: string,
  sources: SecretSources = {},
): Promise<Config> {
  const { data, error } = checkYamlFile(text, fileName, RULES);
  const secrets = await readSecrets(data, fileName, sources);
  const problems = [...referenceProblems(data), ...secrets.problems];
  if (problems.length > 0) throw error(problems);
  const config = toConfig(data, secrets.lookup);
  const shared = pingIdProblems(config);
  if (shared.length > 0) throw error(shared);
  const absolute = (path: string | null) => path && resolve(dirname(fileName), path);
  return {
    ...config,
    journal: { ...config.journal, dir: absolute(config.journal.dir) },
    beatLog: absolute(config.beatLog),
    logFile: absolute(config.logFile),
    dns: { ...config.dns, keyFile: absolute(config.dns.keyFile) },
    web: {
      ...config.web,
      certFile: absolute(config.web.certFile),
      keyFile: absolute(config.web.keyFile),
    },
  };
}

/**
 * Writes a configuration as a commented file that loads back to the same configuration, but for
 * secrets that stand in the file itself: asterisks take their place.
 */
export function configToYaml(config: Config): string {
  const document = new Document(toFile(config), { aliasDuplicateObjects: false });
  if (isMap(document.contents)) {
    for (const { key } of document.contents.items) {
      if (isScalar(key)) key.commentBefore = ` ${KEYS.get(String(key.value))?.help}`;
    }
  }
  return document.toString({ lineWidth: 0 });
}
