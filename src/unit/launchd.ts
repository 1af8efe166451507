/**
 * A property list for launchd, macOS' service manager: started at boot (for the machine) or at login
 * (for a user), and started again whenever it ends. launchd has no sandbox of this kind and makes up
 * no users: for the machine it runs as root, unless another user is named.
 */

import { MARKER, type Service } from "./service.ts";

/** The label of the job, which its file is named after. */
export function launchdLabel({ program }: Service): string {
  return `local.heartbeat.${program}`;
}

/** The folder that it runs in, with its log and its state; it must be there before the start. */
export function launchdDir({ program, stateDir, isForUser }: Service, home: string): string {
  if (stateDir !== null) return stateDir;
  const base = `${isForUser ? home : ""}/Library/Application Support/Heartbeat`;
  return program === "hbd" ? base : `${base}/hbc`;
}

type Value = string | number | true | readonly string[] | { readonly [key: string]: Value };

/**
 * The text of the property list.
 *
 * @param home the home of whom it runs as: clients keep there what could not be delivered
 */
export function launchdPlist(service: Service, home: string): string {
  const { program, command, runAs, isForUser } = service;
  const dir = launchdDir(service, home);
  const job: { readonly [key: string]: Value } = {
    Label: launchdLabel(service),
    ProgramArguments: program === "hbd" ? [...command, "--state-dir", dir] : command,
    ...(runAs !== null && !isForUser ? { UserName: runAs } : {}),
    RunAtLoad: true,
    KeepAlive: true,
    ThrottleInterval: 2,
    ExitTimeOut: 30,
    WorkingDirectory: dir,
    // launchd gives none to a job of the machine.
    EnvironmentVariables: { HOME: home },
    // Every beat is printed there, and the journal has them; the log is on standard error.
    StandardOutPath: "/dev/null",
    StandardErrorPath: `${dir}/${program}.log`,
    // In octal 0077.
    Umask: 63,
    SoftResourceLimits: { Core: 0, NumberOfFiles: 65536 },
    HardResourceLimits: { Core: 0, NumberOfFiles: 65536 },
  };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" ' +
    '"http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    `<!-- ${MARKER} launchd. Changes are lost when it is installed again. -->`,
    '<plist version="1.0">',
    ...element(job),
    "</plist>",
    "",
  ].join("\n");
}

function element(value: Value): readonly string[] {
  if (value === true) return ["<true/>"];
  if (typeof value === "number") return [`<integer>${value}</integer>`];
  if (typeof value === "string") return [`<string>${escaped(value)}</string>`];
  if (isList(value)) return ["<array>", ...indented(value.flatMap(element)), "</array>"];
  const entries = Object.entries(value);
  return [
    "<dict>",
    ...indented(entries.flatMap(([key, inner]) => [`<key>${key}</key>`, ...element(inner)])),
    "</dict>",
  ];
}

/** `Array.isArray` does not know lists that are readonly. */
function isList(value: readonly string[] | object): value is readonly string[] {
  return Array.isArray(value);
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
