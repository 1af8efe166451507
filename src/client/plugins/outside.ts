/**
 * How the measuring plugins ask the machine: files that may be missing, programs that may fail, and
 * PowerShell, which answers in JSON.
 */

import type { System } from "../plugin.ts";
import { firstLine } from "./option_values.ts";

/** The text of a file that not every machine has; empty when it cannot be read. */
export async function readOptional(system: System, path: string): Promise<string> {
  return await system.readText(path).catch(() => "");
}

/** Names in a folder that not every machine has; none when it cannot be read. */
export async function listOptional(system: System, path: string): Promise<readonly string[]> {
  return await system.readDir(path).catch(() => []);
}

/**
 * What a program prints. An exit code alone is no failure: `df` has one when a single one of many
 * file systems cannot be asked. Rejects with an Error when it fails and prints nothing.
 */
export async function outputOf(
  system: System,
  argv: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const { code, signal: killer, stdout, stderr } = await system.run(argv, signal);
  if (code === 0 || stdout.trim() !== "") return stdout;
  const end = code === null ? `was killed by ${killer}` : `ended with exit code ${code}`;
  const said = firstLine(stderr).slice(0, 200) || "it said nothing";
  throw new Error(`${argv.slice(0, 3).join(" ")} ${end} and no output: ${said}`);
}

/** The same for a program that not every machine has; empty when there is no output. */
export async function outputOptional(
  system: System,
  argv: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  return await outputOf(system, argv, signal).catch(() => "");
}

/**
 * Runs a PowerShell command (Windows), without double quotes in it, and parses the JSON it prints.
 * Rejects with an Error when there is none.
 */
export async function powerShell(
  system: System,
  command: string,
  signal: AbortSignal,
): Promise<unknown> {
  const script = `[Console]::OutputEncoding = [Text.Encoding]::UTF8; ${command}`;
  const argv = ["powershell.exe", "-NoProfile", "-NonInteractive", "-Command", script];
  const text = (await outputOf(system, argv, signal)).replace(/^\ufeff/, "").trim();
  try {
    return text === "" ? [] : JSON.parse(text);
  } catch {
    throw new Error(`PowerShell printed "${text.slice(0, 200)}" where JSON was expected`);
  }
}

/** The objects in what PowerShell printed: a list of one comes as the object alone. */
export function objectsOf(json: unknown): Readonly<Record<string, unknown>>[] {
  const items: unknown[] = Array.isArray(json) ? json : [json];
  return items.filter((item) => typeof item === "object" && item !== null) as Record<
    string,
    unknown
  >[];
}
