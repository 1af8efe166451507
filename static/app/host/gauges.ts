/** How full disks and ZFS pools are, by the newest samples of their plugins. Pure. */

import { bytes } from "../format.ts";
import { thresholdOf } from "./metrics.ts";
import type { PluginList, Threshold, Thresholds } from "./types.ts";

export interface Gauge {
  readonly kind: "disk" | "pool";
  /** The mount point, or the pool. */
  readonly name: string;
  /** What it is on: `/dev/sda2, ext4`. Empty: not known. */
  readonly about: string;
  /** 0 to 100; null: not known. */
  readonly percent: number | null;
  /** `13.5 GiB of 97.9 GiB free`, or why there is no answer. */
  readonly text: string;
  readonly level: "ok" | "warning" | "critical" | "unknown";
  /** What the level means; empty: it is well. */
  readonly word: string;
}

const GIB = 1024 ** 3;

/** Where nobody has set thresholds, what a person would call nearly full. */
const STANDARD: Threshold = { warning: 85, critical: 95, operator: ">=" };

const WORDS: Readonly<Record<Gauge["level"], string>> = {
  ok: "",
  warning: "filling up",
  critical: "nearly full",
  unknown: "not known",
};

/** Disks first, then pools, each in the order in which they were sent. */
export function gaugesOf({ plugins }: PluginList, thresholds: Thresholds): readonly Gauge[] {
  const systems = fields(fields(plugins.filesystem_info?.data).filesystems);
  const disks = Object.entries(fields(fields(plugins.disk_monitor?.data).partitions));
  const pools = Object.entries(fields(fields(plugins.zfs_monitor?.data).pools));
  return [
    ...disks.map(([name, data]) =>
      diskOf(name, fields(data), fields(systems[name]), thresholds.disk_monitor)
    ),
    ...pools.map(([name, data]) => poolOf(name, fields(data), thresholds.zfs_monitor)),
  ];
}

/** How bad `value` is by a rule. */
export function levelBy(
  value: number,
  { warning, critical, operator }: Threshold,
): "ok" | "warning" | "critical" {
  const isOver = (limit: number | null) => limit !== null && compare(value, operator, limit);
  return isOver(critical) ? "critical" : isOver(warning) ? "warning" : "ok";
}

function compare(value: number, operator: string, limit: number): boolean {
  switch (operator) {
    case ">":
      return value > limit;
    case ">=":
      return value >= limit;
    case "<":
      return value < limit;
    case "<=":
      return value <= limit;
    case "==":
      return value === limit;
    case "!=":
      return value !== limit;
    default:
      return false;
  }
}

type Fields = Readonly<Record<string, unknown>>;
type Rules = Readonly<Record<string, Threshold>> | undefined;

function diskOf(name: string, data: Fields, system: Fields, rules: Rules): Gauge {
  const about = [system.device, system.type].filter((one) => typeof one === "string").join(", ");
  const percent = number(data.percent);
  const base = { kind: "disk", name, about, percent } as const;
  if (typeof data.error === "string") {
    return { ...base, text: data.error, level: "unknown", word: WORDS.unknown };
  }
  const [total, free] = [number(data.total_gb), number(data.free_gb)];
  const level = levelOf(percent, rules, ["partitions", name, "percent"]);
  return { ...base, text: freeText(free, total, GIB), level, word: WORDS[level] };
}

function poolOf(name: string, data: Fields, rules: Rules): Gauge {
  const percent = number(data.capacity_percent);
  const health = typeof data.health === "string" ? data.health : "";
  const level = levelOf(percent, rules, ["pools", name, "capacity_percent"]);
  const isHealthy = health === "" || health === "ONLINE";
  return {
    kind: "pool",
    name,
    about: health === "" ? "ZFS" : `ZFS, ${health}`,
    percent,
    text: freeText(number(data.free_bytes), number(data.size_bytes), 1),
    level: isHealthy ? level : "critical",
    word: isHealthy ? WORDS[level] : "not healthy",
  };
}

function levelOf(percent: number | null, rules: Rules, keys: readonly string[]): Gauge["level"] {
  if (percent === null) return "unknown";
  return levelBy(percent, thresholdOf(rules, keys) ?? STANDARD);
}

function freeText(free: number | null, total: number | null, factor: number): string {
  if (free === null || total === null) return "size not known";
  return `${bytes(Math.round(free * factor))} of ${bytes(Math.round(total * factor))} free`;
}

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null ? value as Fields : {};
}

function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
