/** Lines of the start banner about people and ports: who may change things, and further ports. */

import type { Config } from "../config/config.ts";

type Row = readonly [name: string, value: string];

/** The ports that are really bound; null: none. */
export interface LivePorts {
  readonly wsPort: number | null;
  readonly wssPort: number | null;
  readonly extraPorts: readonly number[];
}

/** Names and values, to be printed below each other. */
export function peopleLines(config: Config, live: LivePorts): readonly Row[] {
  const { wsPort, wssPort, extraPorts } = live;
  const ports = [
    ...(wsPort === null ? [] : [`port ${wsPort}`]),
    ...(wssPort === null ? [] : [`port ${wssPort} (TLS)`]),
  ];
  return [
    ...(extraPorts.length === 0 ? [] : [["Also on", extraPortsText(extraPorts)] as const]),
    ...(ports.length === 0 ? [] : [["WebSocket", `${ports.join(", ")}, and /ws`] as const]),
    config.users.size > 0 ? ["Users", users(config)] : ["Changes", changes(config)],
  ];
}

function extraPortsText(ports: readonly number[]): string {
  return `${ports.length === 1 ? "port" : "ports"} ${ports.join(", ")} (extra_ports)`;
}

function users({ users }: Config): string {
  const admins = [...users.values()].filter(({ admin }) => admin).length;
  return `${users.size}, ${admins === 1 ? "1 admin" : `${admins} admins`}; others see nothing`;
}

/** Who may change something where there are no users. */
function changes({ web, auth }: Config): string {
  if (web.allowAnonymousChanges) return "from anywhere (allow_anonymous_changes: true)";
  if (auth.commandToken !== null) return "with the command_token (no users; see docs/USERS.md)";
  return "from this machine only (no users; see docs/USERS.md)";
}
