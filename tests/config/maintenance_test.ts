import { assertEquals } from "@std/assert";
import type { MaintenanceWindow } from "../../src/config/config.ts";
import { complaints, configOf, problems } from "./support.ts";

const WINDOW = { hosts: [], group: null, zone: "UTC", reason: "" };

async function windowOf(written: string): Promise<MaintenanceWindow | undefined> {
  return (await configOf(`maintenance:\n  - ${written}\n`)).maintenance[0];
}

const right: readonly (readonly [string, MaintenanceWindow])[] = [
  ['{daily: "03:00-04:30"}', { ...WINDOW, when: { kind: "daily", from: 180, to: 270 } }],
  ["{daily: 22:00-24:00}", { ...WINDOW, when: { kind: "daily", from: 1320, to: 0 } }],
  ["{daily: 00:00 - 00:00}", { ...WINDOW, when: { kind: "daily", from: 0, to: 0 } }],
  ["{weekly: sun 02:00-04:00}", {
    ...WINDOW,
    when: { kind: "weekly", days: [7], from: 120, to: 240 },
  }],
  ['{weekly: "mon,wed 22:00-02:00"}', {
    ...WINDOW,
    when: { kind: "weekly", days: [1, 3], from: 1320, to: 120 },
  }],
  ['{weekly: "Sat-Mon, thu, sun 22:00-02:00"}', {
    ...WINDOW,
    when: { kind: "weekly", days: [1, 4, 6, 7], from: 1320, to: 120 },
  }],
  ["{hosts: db-*, from: 2026-11-01T22:00, to: 2026-11-02 02:00:30}", {
    ...WINDOW,
    hosts: ["db-*"],
    when: { kind: "once", from: "2026-11-01T22:00", to: "2026-11-02T02:00:30" },
  }],
  ["{hosts: [a, b], group: lab, daily: 01:00-02:00, zone: Europe/Zurich, reason: backup}", {
    hosts: ["a", "b"],
    group: "lab",
    zone: "Europe/Zurich",
    reason: "backup",
    when: { kind: "daily", from: 60, to: 120 },
  }],
];
for (const [written, window] of right) {
  Deno.test(`a window is read: ${written}`, async () => {
    assertEquals(await windowOf(written), window);
  });
}

const TIMES = 'local times such as "03:00-04:00"';
const MOMENT = "a local date and time such as 2026-11-01T22:00, without an offset";
const ZONE = 'a time zone by its IANA name, say "Europe/Zurich"';
const ONE = 'needs one of "daily", "weekly", and "from" with "to"';
const wrong: readonly (readonly [string, string])[] = [
  ["{hosts: a}", ` ${ONE}`],
  ["{daily: 01:00-02:00, weekly: sun 01:00-02:00}", ` ${ONE}`],
  ["{from: 2026-11-01T22:00}", ' needs "to" as well'],
  ["{to: 2026-11-01T22:00}", ' needs "from" as well'],
  ["{daily: 3-4}", `.daily must be ${TIMES}: got "3-4"`],
  ["{daily: 24:00-01:00}", `.daily must be ${TIMES}: got "24:00-01:00"`],
  ["{daily: 01:60-02:00}", `.daily must be ${TIMES}: got "01:60-02:00"`],
  [
    "{weekly: noday 01:00-02:00}",
    `.weekly must be days and ${TIMES}: "sun 02:00-04:00", "mon,wed 22:00-02:00", "mon-fri 12:00-13:00": got "noday 01:00-02:00"`,
  ],
  [
    "{from: 2026-02-30T22:00, to: 2026-03-02T02:00}",
    `.from must be ${MOMENT}: got "2026-02-30T22:00"`,
  ],
  [
    "{from: 2026-02-20T22:00Z, to: 2026-03-02T02:00}",
    `.from must be ${MOMENT}: got "2026-02-20T22:00Z"`,
  ],
  ["{from: 2026-02-20, to: 2026-03-02T02:00}", `.from must be ${MOMENT}: got "2026-02-20"`],
  [
    "{from: 2026-02-20T22:00, to: 2026-02-20T22:00}",
    '.to must be after "from" (2026-02-20T22:00): got 2026-02-20T22:00',
  ],
  ["{daily: 01:00-02:00, zone: Europe/Zürich}", `.zone must be ${ZONE}: got "Europe/Zürich"`],
  ['{daily: 01:00-02:00, zone: "+01:00"}', `.zone must be ${ZONE}: got "+01:00"`],
  [
    "{daily: 01:00-02:00, hosts: []}",
    '.hosts must be a name of a host, with "*" for any run of characters, or a list of such: got a list',
  ],
  ["5", ' must be a mapping with "daily", "weekly", or "from" and "to": got 5'],
];
for (const [written, message] of wrong) {
  Deno.test(`a wrong window is refused: ${written}`, async () => {
    const text = `maintenance:\n  - ${written}\n`;
    assertEquals(await complaints(text), [`maintenance.0${message}`]);
  });
}

Deno.test("what is wrong with a window is told with its place in the list", async () => {
  const text = "maintenance:\n  - daily: 01:00-02:00\n  - daily: soon\n    resaon: x\n";
  assertEquals(await problems(text), [
    `hbd.yaml:3:12: maintenance.1.daily must be ${TIMES}: got "soon"`,
    'hbd.yaml:4:5: Unknown key "resaon" in maintenance.1: did you mean "reason"?',
  ]);
});
