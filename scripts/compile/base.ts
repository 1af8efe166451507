/**
 * Which system a runtime base is for, read from its first bytes. `deno compile` takes a base of the
 * wrong processor without a word, and what comes out cannot be started anywhere.
 */

/** Bytes that tell; the header of a Windows program may begin some way in. */
const HEAD_BYTES = 4096;

/** Processors by their numbers in each format. */
const ELF: ReadonlyMap<number, string> = new Map([[62, "x86_64"], [183, "aarch64"]]);
const MACH_O: ReadonlyMap<number, string> = new Map([
  [0x01000007, "x86_64"],
  [0x0100000c, "aarch64"],
]);
const PE: ReadonlyMap<number, string> = new Map([[0x8664, "x86_64"], [0xaa64, "aarch64"]]);

/**
 * The processor and system of an executable, as target triples begin and go on:
 * `x86_64 linux`, `aarch64 darwin`, `x86_64 windows`; null for any other file.
 */
export async function systemOf(path: string): Promise<string | null> {
  const bytes = new Uint8Array(HEAD_BYTES);
  using file = await Deno.open(path);
  const length = await file.read(bytes) ?? 0;
  if (length < 64) return null;
  const view = new DataView(bytes.buffer);
  if (view.getUint32(0) === 0x7f454c46) return inWords(ELF.get(view.getUint16(18, true)), "linux");
  if (view.getUint32(0, true) === 0xfeedfacf) {
    return inWords(MACH_O.get(view.getUint32(4, true)), "darwin");
  }
  const start = view.getUint32(60, true);
  if (view.getUint16(0) !== 0x4d5a || start > HEAD_BYTES - 6) return null;
  return inWords(PE.get(view.getUint16(start + 4, true)), "windows");
}

/** Whether a program for `system` runs on the target called `triple`. */
export function fits(system: string | null, triple: string): boolean {
  if (system === null) return false;
  const [processor = "", os = ""] = system.split(" ");
  return triple.startsWith(`${processor}-`) && triple.includes(os);
}

function inWords(processor: string | undefined, os: string): string | null {
  return processor === undefined ? null : `${processor} ${os}`;
}
