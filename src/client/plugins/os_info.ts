/** What the machine runs, since when, and which hbc: sent once at the start. */

import project from "../../../deno.json" with { type: "json" };
import type { PluginData, PluginType, System } from "../plugin.ts";
import { known } from "./numbers.ts";
import { onlyKnown } from "./options.ts";
import { objectsOf, outputOf, powerShell, readOptional } from "./outside.ts";

const NAME = "os_info";

export const osInfo: PluginType = {
  name: NAME,
  intervalS: 0,
  byDefault: true,
  create(options, system) {
    return Promise.try(() => {
      onlyKnown(NAME, options);
      return { name: NAME, kind: "info", collect: (signal) => collectOsInfo(system, signal) };
    });
  },
};

async function collectOsInfo(system: System, signal: AbortSignal): Promise<PluginData> {
  return known({
    os: system.os === "other" ? Deno.build.os : system.os,
    kernel: Deno.osRelease(),
    distribution: await distribution(system, signal).catch(() => undefined),
    arch: Deno.build.arch,
    hostname: Deno.hostname(),
    boot_time: await bootTime(system),
    hbc_version: project.version,
  });
}

/** The name of the system as people know it, with its version; undefined where it has none. */
async function distribution(system: System, signal: AbortSignal): Promise<string | undefined> {
  switch (system.os) {
    case "darwin":
      return parseSwVers(await outputOf(system, ["sw_vers"], signal));
    case "windows": {
      const command = "Get-CimInstance Win32_OperatingSystem | Select-Object Caption, Version" +
        " | ConvertTo-Json -Compress";
      const [{ Caption } = {}] = objectsOf(await powerShell(system, command, signal));
      return typeof Caption === "string" ? Caption.trim() : undefined;
    }
    default:
      return parseOsRelease(
        await readOptional(system, "/etc/os-release") ||
          await readOptional(system, "/usr/lib/os-release"),
      );
  }
}

/** Epoch seconds. */
async function bootTime(system: System): Promise<number> {
  const stat = system.os === "linux" ? await readOptional(system, "/proc/stat") : "";
  const [, btime] = /^btime (\d+)$/m.exec(stat) ?? [];
  return btime === undefined ? Math.round(system.nowMs() / 1000) - Deno.osUptime() : Number(btime);
}

/** The name in an os-release file (os-release(5)): shell assignments, quoted or not. */
export function parseOsRelease(text: string): string | undefined {
  const values = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, key, raw] = /^\s*([A-Z][A-Z0-9_]*)=(.*?)\s*$/.exec(line) ?? [];
    if (key === undefined || raw === undefined) continue;
    const quote = /^(["'])(.*)\1$/.exec(raw);
    values.set(key, quote?.[1] === "'" ? quote[2] ?? "" : unescaped(quote?.[2] ?? raw));
  }
  const name = values.get("NAME") ?? values.get("ID");
  const parts = [name, values.get("VERSION") ?? values.get("VERSION_ID")];
  return values.get("PRETTY_NAME") || parts.filter((part) => part).join(" ") || undefined;
}

function unescaped(text: string): string {
  return text.replace(/\\(["'`$\\])/g, "$1");
}

/** The name and version in the output of macOS's `sw_vers`. */
export function parseSwVers(text: string): string | undefined {
  const value = (key: string) => new RegExp(`^${key}:\\s*(.+?)\\s*$`, "m").exec(text)?.[1];
  const parts = [value("ProductName"), value("ProductVersion")];
  return parts.filter((part) => part).join(" ") || undefined;
}
