/**
 * What is compiled, and for which systems: both programs, what each may do, and the targets by the
 * names that releases have (`hbd-0.1.0-linux-x64`).
 */

export type ProgramName = "hbd" | "hbc";

/** The JavaScript engines that `deno compile` knows. */
export type Engine = "v8" | "quickjs";

export interface Program {
  readonly name: ProgramName;
  /** Entry file, relative to the root of the tree. */
  readonly entry: string;
  /** Smaller, but its stack traces cannot be read by people. */
  readonly isMinified: boolean;
  /** Whether the web app goes with it. */
  readonly hasWebApp: boolean;
}

export const PROGRAMS: readonly Program[] = [
  { name: "hbd", entry: "main.ts", isMinified: false, hasWebApp: true },
  { name: "hbc", entry: "src/client/main.ts", isMinified: true, hasWebApp: false },
];

export type TargetName = "linux-x64" | "linux-arm64" | "macos-x64" | "macos-arm64" | "windows-x64";

export interface Target {
  readonly name: TargetName;
  /** As compilers call it. */
  readonly triple: string;
  /** What executables end with. */
  readonly ending: "" | ".exe";
}

export const TARGETS: readonly Target[] = [
  { name: "linux-x64", triple: "x86_64-unknown-linux-gnu", ending: "" },
  { name: "linux-arm64", triple: "aarch64-unknown-linux-gnu", ending: "" },
  { name: "macos-x64", triple: "x86_64-apple-darwin", ending: "" },
  { name: "macos-arm64", triple: "aarch64-apple-darwin", ending: "" },
  { name: "windows-x64", triple: "x86_64-pc-windows-msvc", ending: ".exe" },
];

/** The target that this machine runs; null when there is none. */
export function targetHere(): Target | null {
  return TARGETS.find(({ triple }) => triple === Deno.build.target) ?? null;
}

/** What an executable is called: `hbc-0.1.0-windows-x64.exe`. */
export function fileName(program: ProgramName, version: string, target: Target): string {
  return `${program}-${version}-${target.name}${target.ending}`;
}

/**
 * Permissions are fixed when an executable is made; nobody can add to them later. Files, addresses,
 * variables and programs are named in configuration files, so those four cannot be narrowed down.
 * Native libraries and code from the network are never loaded.
 *
 * On Linux that is not enough: both programs read `/proc` (hbd what the kernel dropped of its UDP
 * socket, hbc CPU, disks and network), and Deno gives that to a program that may do everything only.
 */
export function permissionsOf(target: Target): readonly string[] {
  if (target.name.startsWith("linux")) return ["--allow-all"];
  return [
    ...["read", "write", "net", "env", "sys", "run"].map((name) => `--allow-${name}`),
    ...["ffi", "import"].map((name) => `--deny-${name}`),
  ];
}
