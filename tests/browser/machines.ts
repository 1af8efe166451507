/**
 * The machines of a small company: web servers, databases, kiosks, sensors, with the troubles that
 * such machines have. Pictures of pages show these.
 */

import type { Fields } from "../../src/wire/datagram.ts";

export interface Machine {
  readonly name: string;
  readonly ip: string;
  readonly ip6?: string;
  /** Seconds. */
  readonly interval: number;
  readonly group?: string;
  readonly owner?: string;
  /** The round trip that it measures, ms; `minute` counts down to now. Left out: it beats by HTTP. */
  readonly rtt?: (minute: number, chance: number) => number;
  /** What stands in its beats by HTTP. */
  readonly says?: (minute: number) => Fields;
  readonly isSilent?: (minute: number) => boolean;
  /** What it takes longer than its interval, ms. */
  readonly lateMs?: (minute: number) => number;
  /** It says goodbye so many minutes before now. */
  readonly goodbyeMinute?: number;
  /** What its plugins measure, each minute. */
  readonly samples?: (
    minute: number,
    random: (seed: number) => number,
  ) => readonly (readonly [string, Fields])[];
}

/** Between two of the ends that are given, minutes before now. */
const within = (from: number, to: number) => (minute: number) => minute <= from && minute > to;

/** Its line is cut at night, with all that is behind it. */
const branchIsCut = within(195, 183);

const web = (n: number): Machine => ({
  name: `web-${String(n).padStart(2, "0")}`,
  ip: `192.0.2.${10 + n}`,
  ip6: `2001:db8::${10 + n}`,
  interval: 10,
  group: "web",
  owner: "alice",
  rtt: (minute, chance) => 1.2 + n / 4 + chance * 0.8 + (minute % 47 < 2 ? 6 * chance : 0),
  samples: (minute, random) => server(n, minute, random),
  ...(n === 4 && { lateMs: (minute: number) => minute % 7 < 0.2 ? 5000 : 0 }),
});

/** What the plugins of a server measure. */
function server(
  n: number,
  minute: number,
  random: (seed: number) => number,
): readonly (readonly [string, Fields])[] {
  const chance = random(n * 1000 + Math.floor(minute));
  const wave = Math.sin((minute + n * 30) / 25);
  const peak = n === 3 && minute < 14 ? 46 : 0;
  const percent = Math.min(99, 28 + 14 * wave + 9 * chance + peak);
  return [
    ["cpu_monitor", {
      cpu_percent: round(percent),
      load_1: round(percent / 25 + chance),
      load_5: round(percent / 27 + 0.4),
      load_15: round(1.1 + 0.2 * wave),
      cores: 8,
    }],
    ["memory_monitor", {
      percent: round(52 + 6 * wave + 2 * chance),
      available_mb: Math.round(15_600 - 900 * wave),
      swap_percent: round(2 + chance),
    }],
    ["disk_monitor", {
      partitions: {
        "/": {
          ...{ percent: 61, total_gb: 97.9, free_gb: 38.2, free_mb: 39_117, inodes_percent: 12 },
        },
        "/var/lib/data": {
          percent: n === 12 ? round(96.5 - minute / 60) : 74,
          total_gb: 1876.4,
          free_gb: n === 12 ? 65.7 : 487.9,
          free_mb: n === 12 ? 67_277 : 499_610,
          inodes_percent: 3,
        },
      },
      io: { sda: { reads_per_s: round(8 + 30 * chance), busy_percent: round(4 + 8 * chance) } },
    }],
    ...(n > 10
      ? [
        ["zfs_monitor", {
          pools: {
            tank: {
              health: n === 13 ? "DEGRADED" : "ONLINE",
              health_ok: n !== 13,
              capacity_percent: 58 + n,
              fragmentation_percent: 12,
              dedup_ratio: 1,
              size_bytes: 7_988_639_170_560,
              allocated_bytes: 5_432_274_635_980,
              free_bytes: 2_556_364_534_580,
            },
          },
        }] as const,
      ]
      : []),
    ["os_info", {
      os: "linux",
      kernel: "6.12.48-amd64",
      distribution: "Debian GNU/Linux 13 (trixie)",
      arch: "x86_64",
    }],
    ["nagios_runner", {
      web_status_code: 0,
      web_status: "OK",
      web_output: `HTTP OK: HTTP/1.1 200 OK - 5210 bytes in 0.0${10 + Math.round(9 * chance)} s`,
      web_time: round(0.01 + chance / 100, 1000),
      web_time_unit: "s",
    }],
  ];
}

const db = (n: number): Machine => ({
  name: `db-${n}`,
  ip: `192.0.2.${30 + n}`,
  interval: 10,
  group: "database",
  owner: "bob",
  rtt: (_minute, chance) => 0.6 + chance * 0.3,
  samples: (minute, random) => server(10 + n, minute, random),
});

const kiosk = (n: number): Machine => ({
  name: `kiosk-${n}`,
  ip: `198.51.100.${20 + n}`,
  interval: 30,
  group: "kiosk",
  owner: "carol",
  says: (minute) => ({ page: "departures", battery: 62 + ((n * 7 + Math.floor(minute / 9)) % 38) }),
  ...(n === 5 && { isSilent: within(23, -1) }),
  ...(n === 2 && { lateMs: (minute: number) => minute % 11 < 0.5 ? 15_000 : 0 }),
});

const branch = (n: number): Machine => ({
  name: `branch-till-${n}`,
  ip: `203.0.113.${n}`,
  interval: 30,
  group: "branch",
  owner: "carol",
  rtt: (minute, chance) => 18 + n + 9 * chance + (minute % 90 < 4 ? 60 * chance : 0),
  isSilent: branchIsCut,
});

const sensor = (place: string, n: number, more: Partial<Machine> = {}): Machine => ({
  name: `sensor-${place}`,
  ip: `198.51.100.${60 + n}`,
  interval: 60,
  group: "sensor",
  owner: "bob",
  says: (minute) => ({ temperature: round(18 + n + Math.sin(minute / 80) * 3), humidity: 41 + n }),
  ...more,
});

function round(value: number, by = 10): number {
  return Math.round(value * by) / by;
}

/** All of them; `kiosk-9` is in the configuration alone. */
export const MACHINES: readonly Machine[] = [
  ...[1, 2, 3, 4, 5, 6].map(web),
  ...[1, 2, 3].map(db),
  ...[1, 2, 3, 4, 5, 6, 7, 8].map(kiosk),
  ...[1, 2, 3, 4, 5, 6].map(branch),
  ...["cellar", "roof", "server-room", "greenhouse"].map((place, n) => sensor(place, n)),
  sensor("attic", 5, { isSilent: within(205, -1) }),
  {
    ...{ name: "mail.example.com", ip: "192.0.2.25", ip6: "2001:db8::25", interval: 30 },
    ...{ group: "mail", owner: "alice" },
    rtt: (_minute, chance) => 3 + chance,
    samples: (minute) => [["nagios_runner", {
      smtp_status_code: minute < 41 ? 3 : 0,
      smtp_status: minute < 41 ? "UNKNOWN" : "OK",
      smtp_output: minute < 41 ? "No answer within 10 s" : "SMTP OK - 0.012 s response time",
      queue_status_code: 0,
      queue_status: "OK",
      queue_output: "OK: mailq is empty",
    }]],
  },
  {
    ...{ name: "router-zurich", ip: "192.0.2.1", ip6: "2001:db8::1", interval: 10 },
    ...{ group: "network", owner: "alice" },
    rtt: (minute, chance) => 4.4 + chance + (minute < 6 ? 128 * (0.8 + chance / 4) : 0),
  },
  {
    ...{ name: "router-geneva", ip: "203.0.113.254", interval: 10, group: "network" },
    owner: "alice",
    rtt: (_minute, chance) => 11.8 + 2 * chance,
    isSilent: branchIsCut,
  },
  {
    ...{ name: "backup-nas", ip: "192.0.2.50", interval: 300, group: "storage", owner: "bob" },
    says: () => ({ job: "nightly", snapshots: 42 }),
  },
  {
    ...{ name: "media-nas", ip: "192.0.2.51", interval: 60, group: "storage", owner: "bob" },
    rtt: (_minute, chance) => 1 + chance,
    goodbyeMinute: 95,
  },
  {
    ...{ name: "ipad-reception", ip: "198.51.100.90", interval: 60, owner: "carol" },
    says: () => ({ app: "visitors", version: "3.2" }),
    isSilent: (minute) => minute < 55 && minute % 10 < 4.5 && minute > 2,
  },
  {
    ...{ name: "printer-2nd-floor", ip: "198.51.100.91", interval: 120, owner: "carol" },
    says: () => ({ toner: 23, pages: 18_204 }),
  },
  {
    ...{ name: "build-01", ip: "192.0.2.61", interval: 30, group: "lab", owner: "alice" },
    rtt: (_minute, chance) => 2 + chance,
  },
  {
    ...{ name: "test-vm", ip: "192.0.2.62", interval: 30, group: "lab", owner: "alice" },
    rtt: (_minute, chance) => 2 + chance,
    isSilent: within(31, -1),
  },
  {
    ...{ name: "payroll export (monthly)", ip: "192.0.2.70", interval: 86_400, owner: "bob" },
    says: () => ({ rows: 211, took_s: 14 }),
  },
];

/** The configuration that goes with them; whoever starts a server adds what else it needs. */
export function machinesConfig(): string {
  const hosts = MACHINES.map(({ name, group, owner }) => {
    const of = [group && `group: ${group}`, owner && `owner: ${owner}`].filter(Boolean);
    return `  "${name}": {${of.join(", ")}}\n`;
  });
  return `interval: auto
flap_threshold: 6
notification_channels:
  ops_mail: {type: command, command: ["true"]}
  pager: {type: command, command: ["true"], min_level: CRITICAL}
notify: [ops_mail, pager]
thresholds:
  rtt:
    router-zurich: {warning: 80, critical: 250}
    web-01: {warning: 20, critical: 60}
  cpu_monitor:
    cpu_percent: {warning: 75, critical: 92, hysteresis: 0.05}
  memory_monitor:
    percent: {warning: 85, critical: 95}
  disk_monitor:
    partitions:
      /var/lib/data:
        percent: {warning: 85, critical: 95}
  nagios_runner:
    status_code: {operator: nagios, display: "{check_name}: {output}"}
hosts:
${hosts.join("")}  kiosk-9: {group: kiosk, owner: carol, interval: 30}
`;
}
