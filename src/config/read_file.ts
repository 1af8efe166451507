/** Reads the files that a configuration is made of: bounded, and with plain words when it fails. */

const MAX_FILE_BYTES = 1_048_576;

/** The configuration cannot be used; the message is ready to print, one line for each problem. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** Reads a whole file. */
export type ReadFile = (file: string) => Promise<Uint8Array>;

/**
 * Makes a reader that reads at most one byte over the limit, so that a device file or a huge one
 * cannot fill memory.
 *
 * @param maxBytes what is longer is cut one byte after it
 */
export function readerOf(maxBytes: number): ReadFile {
  return async (file) => {
    using handle = await Deno.open(file);
    const chunk = new Uint8Array(maxBytes + 1);
    let length = 0;
    while (length < chunk.length) {
      const read = await handle.read(chunk.subarray(length));
      if (read === null) break;
      length += read;
    }
    return chunk.subarray(0, length);
  };
}

/**
 * Says why a file could not be read.
 *
 * @param program who tried
 */
export function plainReason(error: unknown, program: string): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  if (error instanceof Deno.errors.IsADirectory) return "it is a directory, not a file";
  if (error instanceof Deno.errors.PermissionDenied) {
    return `the user running ${program} may not read it (check its owner and mode)`;
  }
  if (error instanceof Deno.errors.NotCapable) {
    return "Deno was started without the permission to read it (--allow-read)";
  }
  return error instanceof Error ? error.message : String(error);
}

/**
 * The text of a configuration file.
 *
 * @param program whose configuration it is
 * @param read reads a file, for tests
 * @throws {ConfigError} when it cannot be read, is too large or no UTF-8
 */
export async function readConfigFile(
  file: string,
  program: string,
  read: ReadFile = readerOf(MAX_FILE_BYTES),
): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = await read(file);
  } catch (error) {
    throw new ConfigError(
      `Cannot read the configuration "${file}": ${plainReason(error, program)}`,
      {
        cause: error,
      },
    );
  }
  if (bytes.length > MAX_FILE_BYTES) {
    throw new ConfigError(
      `Cannot use the configuration "${file}": it is over ${MAX_FILE_BYTES} bytes`,
    );
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new ConfigError(`Cannot use the configuration "${file}": it is not UTF-8 text`, {
      cause: error,
    });
  }
}
