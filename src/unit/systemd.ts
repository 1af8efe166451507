/**
 * A unit of systemd. The server tells systemd when it is ready and feeds its watchdog, so a server
 * that hangs is started again. It runs as a user that exists only while it runs, and may do what it
 * needs and no more.
 *
 * In the unit of a user nothing can be hidden or mounted, so there only what needs no rights is left
 * of that: such a service may do what its user may.
 */

import { descriptionOf, MARKER, type Service } from "./service.ts";

/** Where a service of the machine has its state: StateDirectory= makes it. */
export function systemdStateDir({ program }: Service): string {
  return `/var/lib/${program}`;
}

/** The name of the unit: `hbd.service`. */
export function systemdName({ program }: Service): string {
  return `${program}.service`;
}

/** The text of the unit. */
export function systemdUnit(service: Service): string {
  return [
    `# ${MARKER} systemd. Changes are lost when it is installed again; better:`,
    `# systemctl ${service.isForUser ? "--user " : ""}edit ${systemdName(service)}`,
    "[Unit]",
    `Description=${descriptionOf(service)}`,
    ...(service.isForUser ? [] : ["Wants=network-online.target", "After=network-online.target"]),
    "# Tried again for ever: nobody may be there to start it.",
    "StartLimitIntervalSec=0",
    "",
    "[Service]",
    ...running(service),
    "",
    ...identity(service),
    "",
    ...limits(service),
    ...(service.isSandboxed ? ["", ...sandbox(service)] : []),
    "",
    "[Install]",
    `WantedBy=${service.isForUser ? "default.target" : "multi-user.target"}`,
    "",
  ].join("\n");
}

function running(service: Service): readonly string[] {
  const { program, isForUser, isFromSource } = service;
  const defaults = isForUser ? `%h/.config/heartbeat/${program}.env` : `/etc/default/${program}`;
  return [
    ...(program === "hbd"
      ? [
        "Type=notify",
        "NotifyAccess=main",
        "WatchdogSec=30",
        "ExecReload=kill -HUP $MAINPID",
        "# Every beat is printed there, and the journal has them; the log is on standard error.",
        "StandardOutput=null",
      ]
      : ["Type=exec"]),
    `ExecStart=${execOf(commandOf(service))}`,
    "Restart=always",
    "RestartSec=2",
    // What Deno downloads at the first start comes before the server can ask for more time.
    ...(isFromSource ? ["TimeoutStartSec=300"] : []),
    "# For secrets that the configuration takes from the environment: lines of NAME=value.",
    `EnvironmentFile=-${defaults}`,
  ];
}

function commandOf(service: Service): readonly string[] {
  const { program, command, stateDir, isForUser } = service;
  if (program !== "hbd") return command;
  const dir = stateDir ?? (isForUser ? null : systemdStateDir(service));
  return dir === null ? command : [...command, "--state-dir", dir];
}

/** Who it is, and the folders that are its own. */
function identity(service: Service): readonly string[] {
  const { program, runAs, stateDir, isForUser, isFromSource, isSandboxed } = service;
  if (isForUser) return ["UMask=0077"];
  const state = systemdStateDir(service);
  return [
    ...(runAs !== null ? [`User=${runAs}`] : isSandboxed ? ["DynamicUser=yes"] : []),
    ...(stateDir === null ? [`StateDirectory=${program}`, "StateDirectoryMode=0700"] : []),
    ...(program === "hbc" ? [`Environment=XDG_STATE_HOME=${state}`] : []),
    ...(isFromSource
      ? [`CacheDirectory=${program}`, `Environment=DENO_DIR=/var/cache/${program}`]
      : []),
    "UMask=0077",
  ];
}

function limits({ program }: Service): readonly string[] {
  return [
    "# Memory has secrets in it.",
    "LimitCORE=0",
    ...(program === "hbc" ? [] : [
      "# One file for each connection.",
      "LimitNOFILE=65536",
      "# So that the thread that reads UDP may go before others.",
      "LimitNICE=-10",
    ]),
  ];
}

function sandbox(service: Service): readonly string[] {
  const { program, isForUser, hasLowPort } = service;
  const isServer = program === "hbd";
  const bind = hasLowPort ? "CAP_NET_BIND_SERVICE" : "";
  const free = [
    "NoNewPrivileges=yes",
    "LockPersonality=yes",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes",
    "RestrictNamespaces=yes",
    "# AF_NETLINK: to list the addresses of the machine.",
    "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
    "SystemCallArchitectures=native",
    "SystemCallFilter=@system-service",
    "SystemCallErrorNumber=EPERM",
    "# JavaScript becomes machine code while it runs: that memory is written and then executed.",
    "MemoryDenyWriteExecute=no",
  ];
  if (isForUser) return free;
  return [
    ...free,
    ...(hasLowPort ? ["# For the port below 1024.", `AmbientCapabilities=${bind}`] : []),
    `CapabilityBoundingSet=${bind}`,
    "ProtectSystem=strict",
    ...writable(service),
    ...(isServer ? ["ProtectHome=yes", "ProtectProc=invisible", "PrivateDevices=yes"] : [
      "# Read only, not hidden: what is mounted there is measured. ZFS tells by a device.",
      "ProtectHome=read-only",
    ]),
    "PrivateTmp=yes",
    "ProtectClock=yes",
    "ProtectControlGroups=yes",
    "ProtectHostname=yes",
    "ProtectKernelLogs=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelTunables=yes",
    "RemoveIPC=yes",
  ];
}

function writable({ stateDir, writes }: Service): readonly string[] {
  const dirs = [...new Set([...(stateDir === null ? [] : [stateDir]), ...writes])];
  return dirs.length === 0 ? [] : [`ReadWritePaths=${dirs.map(quoted).join(" ")}`];
}

/** A command line; of its arguments alone systemd puts variables in: there `$` is written twice. */
function execOf([program = "", ...args]: readonly string[]): string {
  return [program, ...args.map((word) => word.replaceAll("$", "$$$$"))].map(quoted).join(" ");
}

/**
 * One word as systemd reads it: `%` stands for itself, and control characters are escaped, so that
 * no word can begin a line of its own.
 */
function quoted(word: string): string {
  const text = word.replaceAll("%", "%%");
  if (/^[\w@%$+=:,./-]+$/.test(text)) return text;
  const safe = text.replace(/["\\]/g, "\\$&").replace(
    // deno-lint-ignore no-control-regex -- these are what is looked for
    /[\u0000-\u001f\u007f]/g,
    (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  return `"${safe}"`;
}
