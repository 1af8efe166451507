/**
 * What a plugin is: something that measures the machine and says what it found as named values.
 *
 * A plugin gets everything from outside through `System`, so that what it makes of recorded outputs
 * can be tested anywhere. It knows nothing of time limits, sending or failing: the runner
 * (`runner.ts`) ends it by its signal and reports what it throws.
 */

/** What a plugin has found: names to values, which may be nested. Goes on the wire as it is. */
export type PluginData = Readonly<Record<string, unknown>>;

export interface Plugin {
  /** Its name on the wire: 1 to 64 letters, digits, `_`, `-` or `.`. */
  readonly name: string;
  /** An info plugin runs once at the start, a monitor plugin every interval. */
  readonly kind: "info" | "monitor";
  /** Measures. Rejects with an Error that says what could not be found out and why. */
  collect(signal: AbortSignal): Promise<PluginData>;
}

/** How a program ended. */
export interface RunResult {
  /** Exit code, or null when a signal killed it. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The machine, as plugins see it. */
export interface System {
  readonly os: "linux" | "darwin" | "windows" | "other";
  /** Epoch milliseconds. */
  nowMs(): number;
  /** The text of a file. Rejects when it cannot be read. */
  readText(path: string): Promise<string>;
  /** Names in a folder. Rejects when it cannot be read. */
  readDir(path: string): Promise<readonly string[]>;
  /**
   * Runs a program without a shell, its output bounded, and kills it when `signal` is aborted.
   * Rejects when it cannot be started; an exit code is not an error.
   */
  run(argv: readonly string[], signal: AbortSignal): Promise<RunResult>;
}

/** How a built-in plugin comes to be; `options` are its keys in the configuration. */
export interface PluginType {
  readonly name: string;
  /** Seconds between two runs where the configuration does not say; 0 for info plugins. */
  readonly intervalS: number;
  /** Whether it runs without being named in the configuration. */
  readonly byDefault: boolean;
  /** Makes it. Null: this machine has nothing for it. Throws an Error for wrong options. */
  create(options: Readonly<Record<string, unknown>>, system: System): Promise<Plugin | null>;
}
