/**
 * How `hbd serve` is called: its words and options, which `hbd unit` takes too. Only syntax and
 * ranges are judged here.
 */

import { type CommandLine, type OptionSpec, UsageError } from "../config/command_line.ts";
import type { ConfigOverrides } from "../config/load.ts";
import { type FileConfig, fileSchema, KEYS } from "../config/schema.ts";
import { CONFIG_OPTION, option, refuseFrom } from "./tool.ts";

/** How to run the server. */
export interface ServeOptions {
  /** The configuration file; null is none. */
  readonly configFile: string | null;
  readonly overrides: ConfigOverrides;
  /** The state folder as given; null is the platform's own place. */
  readonly stateDir: string | null;
  /** Whether the screen may be used; false is plain output. */
  readonly ui: boolean;
  readonly verbose: boolean;
}

/** The defaults of the positional form, those of the logger that it comes from. */
export const POSITIONAL_INTERVAL_S = "10";
export const POSITIONAL_TOLERANCE_PCT = "20";

/** Every spelling of an option that goes with it. */
export const SERVE_OPTIONS: ReadonlyMap<string, OptionSpec> = new Map([
  ...CONFIG_OPTION,
  option("--bind", "ADDR"),
  option("--http-port", "N"),
  option("--udp-port", "N"),
  option("--state-dir", "DIR"),
  option("--no-ui"),
  ...["-f", "--foreground"].map((s) => [s, { name: "--foreground" }] as const),
  ...["-v", "--verbose"].map((s) => [s, { name: "--verbose" }] as const),
]);

/**
 * How to run the server, by the words behind `serve` and the options.
 *
 * @throws {UsageError} for a word or value that makes no sense
 */
export function serveOptions(
  words: readonly string[],
  given: CommandLine["given"],
): ServeOptions {
  return {
    configFile: given.get("--config") ?? null,
    overrides: overridesOf(words, given),
    stateDir: given.get("--state-dir") ?? null,
    ui: !given.has("--no-ui"),
    verbose: given.has("--verbose"),
  };
}

function overridesOf(
  words: readonly string[],
  given: ReadonlyMap<string, string>,
): ConfigOverrides {
  refuseFrom(words, 3);
  const [port, interval, tolerance] = words;
  const bind = given.get("--bind");
  const httpPort = given.get("--http-port");
  const udpPort = given.get("--udp-port");
  if (port !== undefined && httpPort !== undefined) {
    throw new UsageError(
      `The port is given twice, as PORT "${port}" and as "--http-port ${httpPort}": keep one of them`,
    );
  }
  return {
    ...(bind !== undefined && { bindAddress: valueOf("hbd_host", "--bind", bind) }),
    ...(httpPort !== undefined && { httpPort: valueOf("hbd_port", "--http-port", httpPort) }),
    ...(udpPort !== undefined && { udpPort: udpPortOf(udpPort) }),
    ...(port !== undefined && {
      isPositional: true,
      httpPort: valueOf("hbd_port", "PORT", port),
      intervalS: valueOf("interval", "INTERVAL_S", interval ?? POSITIONAL_INTERVAL_S),
      tolerancePct: valueOf("tolerance", "TOLERANCE_PCT", tolerance ?? POSITIONAL_TOLERANCE_PCT),
    }),
  };
}

function udpPortOf(text: string): number | null {
  const port = valueOf("hb_port", "--udp-port", text);
  return port === "off" ? null : port;
}

/** Judges `text` by the rule of the configuration key; numbers are plain decimal ones. */
function valueOf<K extends keyof FileConfig>(key: K, label: string, text: string): FileConfig[K] {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  const result = fileSchema.safeParse({ [key]: value });
  if (result.success) return result.data[key];
  throw new UsageError(`${label} must be ${KEYS.get(key)?.wants}: got "${text}"`);
}
