/**
 * What is known of the key at a path of the file, for messages: what a right value is, which keys
 * may stand beside it, whether its value may be shown. Which keys a channel has depends on its
 * type, so the file as it was read is looked at too.
 */

import { type Keys, WANTS_NAME } from "./keys.ts";
import { type FileConfig, fileSchema, KEYS, UPDATE_KEYS } from "./schema.ts";
import { THRESHOLD_SET_KEYS } from "./schema_alerts.ts";
import { CHANNEL_KEYS, WANTS_CHANNEL } from "./schema_channels.ts";
import { HOST_KEYS } from "./schema_hosts.ts";
import { WANTS_WINDOW, WINDOW_KEYS } from "./schema_maintenance.ts";
import { TARGET_KEYS, WANTS_TARGET } from "./schema_outward.ts";
import { USER_KEYS } from "./schema_users.ts";
import { STATUS_PAGE_KEYS } from "./schema_web.ts";
import { RULE_KEYS, WANTS_THRESHOLDS } from "./threshold_tree.ts";
import type { FileRules } from "./yaml_file.ts";

type Path = readonly string[];

/** Kinds of mappings whose entries have names or numbers of their own. */
const ENTRIES: ReadonlyMap<string, string> = new Map([
  ["hosts", `a mapping with any of ${[...HOST_KEYS.keys()].join(", ")}`],
  ["threshold_configs", 'a mapping with "thresholds"'],
  ["notification_channels", WANTS_CHANNEL],
  ["maintenance", WANTS_WINDOW],
  ["heartbeat_to", WANTS_TARGET],
  ["users", `a mapping with any of ${[...USER_KEYS.keys()].join(", ")}`],
]);

const SECRET_ENTRIES = ["hosts", "notification_channels", "heartbeat_to", "users"];

const NAMES: ReadonlyMap<string, string> = new Map([
  ["hosts", "Host name must be 1 to 255 characters without control characters"],
  ["threshold_configs", `Name of a set of thresholds must be ${WANTS_NAME}`],
  ["notification_channels", `Name of a channel must be ${WANTS_NAME}`],
  ["users", `Name of a user must be ${WANTS_NAME}`],
]);

/** How the server's file is checked, and its problems told. */
export const RULES: FileRules<FileConfig> = {
  schema: fileSchema,
  known: (path, root) => [...(keysBelow(path, root) ?? new Map()).keys()],
  wanted(path, root) {
    if (path.length === 0) return `a mapping, one "key: value" a line`;
    if (isThreshold(path)) return RULE_KEYS.get(path.at(-1) ?? "")?.wants ?? WANTS_THRESHOLDS;
    return infoOf(path, root)?.wants ?? ENTRIES.get(path[0] ?? "");
  },
  isSecret: (path, root) =>
    // A text in place of a whole entry may be the address or the key that belongs in there.
    (path.length <= 2 && SECRET_ENTRIES.includes(path[0] ?? "")) ||
    (infoOf(path, root)?.isSecret ?? false),
  wrongKey(path, { code }) {
    const [top = "", , key] = path;
    if (code !== "invalid_format") return null;
    if (path.length === 2) return NAMES.get(top) ?? null;
    return top === "notification_channels" && key === "headers" && path.length === 4
      ? 'Name of a header must be letters, digits and "-"'
      : null;
  },
};

/** What is known of the key at `path`, or of the one that it is a part of. */
function infoOf(path: Path, root: unknown) {
  for (let depth = path.length; depth > 0; depth--) {
    // What has entries says nothing of what each of them is.
    if (depth === 1 && path.length > 1 && ENTRIES.has(path[0] ?? "")) return undefined;
    const info = keysBelow(path.slice(0, depth - 1), root)?.get(path[depth - 1] ?? "");
    if (info !== undefined) return info;
  }
}

/** The keys that stand below a mapping; undefined where names or values do. */
function keysBelow(path: Path, root: unknown): Keys | undefined {
  const [top, name, ...rest] = path;
  if (top === undefined) return KEYS;
  if (isThreshold(path)) return RULE_KEYS;
  if (rest.length > 0) return undefined;
  if (top === "client_update") return name === undefined ? UPDATE_KEYS : undefined;
  if (top === "status_page") return name === undefined ? STATUS_PAGE_KEYS : undefined;
  if (name === undefined) return undefined;
  switch (top) {
    case "hosts":
      return HOST_KEYS;
    case "threshold_configs":
      return THRESHOLD_SET_KEYS;
    case "notification_channels":
      return CHANNEL_KEYS.get(typeOf(root, name));
    case "maintenance":
      return WINDOW_KEYS;
    case "heartbeat_to":
      return TARGET_KEYS;
    case "users":
      return USER_KEYS;
  }
}

/** Whether the path leads into a tree of thresholds. */
function isThreshold([top, second, third, fourth]: Path): boolean {
  if (top === "threshold_configs") return third === "thresholds" && fourth !== undefined;
  return top === "thresholds" && second !== undefined;
}

function typeOf(root: unknown, name: string): string {
  const channels = root instanceof Map ? root.get("notification_channels") : null;
  const channel = channels instanceof Map ? channels.get(name) : null;
  return channel instanceof Map ? String(channel.get("type")) : "";
}
