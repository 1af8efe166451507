import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import type { Facts } from "../../src/screen/context.ts";
import { Controls } from "../../src/screen/controls.ts";
import { parseFeedMessage } from "../../src/screen/feed_message.ts";
import { frameOf } from "../../src/screen/frame.ts";
import type { Key } from "../../src/screen/keys.ts";
import { Model } from "../../src/screen/model.ts";
import { Painter } from "../../src/screen/painter.ts";
import { alertJson, hostJson, messageJson, NOW_MS, push, snapshot, summaryJson } from "./feed.ts";
import { VirtualTerminal } from "./virtual_terminal.ts";

const FACTS: Facts = {
  head: [":8888", "Every 10s ±20%", "/var/lib/heartbeat/messages.journal"],
  rows: [["Post to", "http://localhost:8888/"], ["", "http://10.0.0.2:8888/"], ["State", "/x"]],
  curl: `curl -d '{"name":"my-device"}' http://localhost:8888/`,
};

/** What a window of that size shows. */
function shown(...args: Parameters<typeof painted>): string {
  const [, columns, rows] = args;
  const terminal = new VirtualTerminal(columns, rows);
  terminal.write(painted(...args));
  return terminal.text();
}

/** What is written to a window of that size. */
function painted(
  messages: readonly string[],
  columns: number,
  rows: number,
  set: Partial<Controls> = {},
  laterMs = 0,
): string {
  let nowMs = NOW_MS;
  const model = new Model(() => nowMs);
  for (const json of messages) {
    const message = parseFeedMessage(json);
    if (message !== null) model.take(message);
  }
  nowMs += laterMs;
  const controls = Object.assign(new Controls(), set);
  const size = { columns, rows };
  const lines = frameOf({ model, controls, facts: FACTS, colour: true, size });
  assertEquals(lines.length, rows);
  return new Painter().paint(lines);
}

const ONE = [
  snapshot([hostJson("kiosk-1")]),
  push("message", { messages: [messageJson(1, "kiosk-1", '{"battery":0.8}')], skipped: 0 }),
];

Deno.test("one host: its figures above, the log below, keys at the foot", () => {
  assertEquals(
    shown(ONE, 80, 24),
    ` ♥  Heartbeat Monitor  │  :8888  │  Every 10s ±20%  │  …artbeat/messages.journal

  kiosk-1

  Total received    1,234
  Late arrivals     2
  Missed entirely   1
  Stability         99.8 %
  Last heartbeat    14:03:09  (3s ago)
  Last client       192.168.1.5
  Expected          every 10s ±20%
  Round trip        0.8 ms
  Last intervals    ▆▆▆▆▆▃▆▁

  ● Status: OK
── Log ─────────────────────────────────────────────────────────────────────────
 14:03:12  kiosk-1     192.168.1.5  battery=0.8






 q Quit   ↑↓ PgUp PgDn Scroll log   p Pause log   ? Help`,
  );
});

Deno.test("a small window keeps what matters most: whether all is well, and since when", () => {
  const text = shown(ONE, 20, 5);
  assertStringIncludes(text, "♥ Heartbeat Monitor");
  assertStringIncludes(text, "● Status: OK");
  assertStringIncludes(text, "Last      3s ago");
  assertMatch(text, /q Quit/);
});

Deno.test("a host that is silent is an alert that says for how long", () => {
  const text = shown(
    [snapshot([hostJson("a", { state: "down" })])],
    80,
    24,
    {},
    20_000,
  );
  assertStringIncludes(text, "⚠ ALERT: No heartbeat for 23s (expected every 10s ±20%)");
  assertStringIncludes(text, "14:03:09  (23s ago)");
});

Deno.test("what a host says of itself, or is said of it, is its status", () => {
  const status = (host: Readonly<Record<string, unknown>>, alerts: readonly unknown[] = []) =>
    shown([snapshot([hostJson("a", host)], { alerts })], 80, 24).split("\n").slice(2, 16).join(
      "\n",
    );
  assertStringIncludes(
    status({ state: "paused", paused_until: NOW_MS / 1000 + 60 }),
    "until 14:04:12",
  );
  assertStringIncludes(status({ state: "shutdown" }), "○ Status: Shut down");
  assertStringIncludes(status({ state: "new", last_beat: null }), "· Waiting for first heartbeat…");
  assertStringIncludes(status({ deadline: NOW_MS / 1000 - 0.1 }), "Status: Overdue");
  const failure = { since: 1, cause: "failure", text: "reported a failure: exit code 3" };
  assertStringIncludes(
    status({ state: "down", report: { failure } }),
    "ALERT: Reported a failure: exit code 3",
  );
  assertStringIncludes(
    status({ state: "down", cron: "0 3 * * *", last_beat: NOW_MS / 1000 - 100 }),
    "No heartbeat for 1m 40s (expected 0 3 * * *)",
  );
  const metric = alertJson("1", "a", { kind: "metric", level: "WARNING", text: "a - cpu = 85" });
  assertStringIncludes(status({ worst: "WARNING" }, [metric]), "⚠ ALERT: Cpu = 85 (WARNING)");
});

Deno.test("a host that failed in time is down, and its last heartbeat is not red", () => {
  const report = { failure: { since: 1, cause: "failure", text: "reported a failure" } };
  const isRed = (host: Readonly<Record<string, unknown>>): boolean =>
    // deno-lint-ignore no-control-regex -- escape sequences begin with ESC
    /Last heartbeat.*\u001b\[31m14:03:09/.test(
      painted([snapshot([hostJson("a", { state: "down", ...host })])], 80, 24),
    );
  assert(isRed({}));
  assert(!isRed({ report }));
  assert(isRed({ report, deadline: NOW_MS / 1000 - 1 }));
});

Deno.test("a high window shows all that is known of a host", () => {
  const alerts = Array.from(
    { length: 4 },
    (_, n) =>
      alertJson(`${n}`, "a", { kind: "metric", level: "WARNING", text: `a - disk${n} = 9` }),
  );
  const text = shown([snapshot([hostJson("a", { worst: "WARNING" })], { alerts })], 80, 50);
  for (const name of ["Round trip", "Last intervals", "Disk0", "Disk3"]) {
    assertStringIncludes(text, name);
  }
});

Deno.test("a server that was never reached is not said to wait for beats", () => {
  const model = new Model(() => NOW_MS);
  model.lost("no connection");
  const size = { columns: 80, rows: 24 };
  const controls = new Controls();
  const text = frameOf({ model, controls, facts: FACTS, colour: false, size }).join("\n");
  assertStringIncludes(text, "Connecting…");
  assertStringIncludes(text, "no connection");
});

Deno.test("before the first beat the screen says how to send one", () => {
  const text = shown([snapshot([])], 80, 24);
  assertStringIncludes(text, "Waiting for first heartbeat…");
  assertStringIncludes(text, FACTS.curl);
  assertStringIncludes(text, "http://10.0.0.2:8888/");
});

const SEVERAL = [snapshot(
  [
    hostJson("web-2"),
    hostJson("web-10", { rtt: null, stability: null, last_beat: null, state: "new" }),
    hostJson("东京-展厅", { state: "down", last_beat: NOW_MS / 1000 - 100 }),
    hostJson("👨‍👩‍👧"),
  ],
  { summary: summaryJson({ up: 2, down: 1, new: 1 }) },
)];

Deno.test("several hosts: a table, the worst first, columns below each other", () => {
  const lines = shown(SEVERAL, 60, 20).split("\n");
  assertEquals(lines.slice(2, 10), [
    " 4 hosts   ⚠ 1 down   ● 2 up   · 1 new   0.5 beats/s",
    "",
    "   State     Name             Last beat  Stability       RTT",
    " ⚠ DOWN      东京-展厅           1m 40s     99.8 %    0.8 ms",
    " ● up        web-2                   3s     99.8 %    0.8 ms",
    " ● up        👨‍👩‍👧                      3s     99.8 %    0.8 ms",
    " · new       web-10                   -          -         -",
    "",
  ]);
});

Deno.test("a narrow table has its names and what is wrong, a wide one all", () => {
  const narrow = shown(SEVERAL, 20, 8);
  assertStringIncludes(narrow, "⚠ 东京-");
  assertStringIncludes(narrow, "1m 40s");
  const wide = shown(SEVERAL, 200, 20);
  for (const title of ["Total", "Late", "Missed", "Expected", "Last intervals", "Client"]) {
    assertStringIncludes(wide, title);
  }
  assertStringIncludes(wide, "192.168.1.5");
  const hosts = [hostJson("a", { cron: "*/5 * * * *" }), hostJson("b")];
  assertStringIncludes(shown([snapshot(hosts)], 200, 20), " */5 * * * *  ");
});

Deno.test("what is marked stays in sight, and what is marked first stays at the top", () => {
  const hosts = Array.from({ length: 100 }, (_, n) => hostJson(`h${n}`));
  const moved = shown([snapshot(hosts)], 80, 24, { moves: [{ pages: 1 }, { places: 3 }] });
  assertStringIncludes(moved, "h13 ");
  assert(!/ h0 /.test(moved));
  assertStringIncludes(shown([snapshot(hosts)], 80, 24, { moves: ["last"] }), "h99 ");
  assertStringIncludes(shown([snapshot(hosts)], 80, 24, { moves: ["last", "first"] }), " h0 ");
});

Deno.test("a filter that fits nothing says so", () => {
  assertStringIncludes(shown(SEVERAL, 80, 24, { filter: "zzz" }), 'No host has "zzz" in its name');
});

Deno.test("more hosts than are here are said to be there", () => {
  const text = shown(
    [snapshot([hostJson("a"), hostJson("b")], { summary: summaryJson({ up: 30_000 }) })],
    80,
    24,
  );
  assertStringIncludes(text, "30,000 hosts");
  assertStringIncludes(text, "the worst 2 are here");
});

Deno.test("what the server itself lacks is said first", () => {
  const problems = [{ part: "journal", message: "No space left on device" }];
  const summary = { ...summaryJson({ up: 2 }), problems };
  for (const hosts of [[hostJson("a"), hostJson("b")], [hostJson("a")]]) {
    assertStringIncludes(
      shown([snapshot(hosts, { summary })], 80, 24),
      "⚠ journal: No space left on device",
    );
  }
});

Deno.test("the help has the keys and where the server is, and can be scrolled", () => {
  const help = shown(ONE, 80, 40, { isHelp: true });
  for (const text of ["Ctrl-Z", "http://10.0.0.2:8888/", FACTS.curl]) {
    assertStringIncludes(help, text);
  }
  assert(!shown(ONE, 80, 12, { isHelp: true }).includes(FACTS.curl));
  assertStringIncludes(shown(ONE, 80, 12, { isHelp: true, moves: ["last"] }), FACTS.curl);
});

Deno.test("a log that is paused or scrolled stands still and says how much is new", () => {
  const beats = (first: number) =>
    push("message", {
      messages: Array.from({ length: 10 }, (_, n) =>
        messageJson(first + n, "kiosk-1", `{"n":${first + n}}`)),
      skipped: 0,
    });
  const messages = [snapshot([hostJson("kiosk-1")]), beats(1), beats(11)];
  const paused = shown(messages, 80, 24, { isPaused: true, logEnd: 10 });
  assertStringIncludes(paused, "Log  paused, 10 new ");
  assertStringIncludes(paused, "n=10");
  assert(!paused.includes("n=11"));
  const scrolled = shown(messages, 80, 24, { moves: [{ places: -2 }] });
  assertStringIncludes(scrolled, "scrolled back, 2 new");
  assert(!scrolled.includes("n=19"));
  assertStringIncludes(shown(messages, 80, 24, { moves: [{ places: -2 }, "last"] }), "n=20");
});

Deno.test("a window of any size shows whatever names and payloads there are within its bounds", () => {
  const text = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 60 }),
    fc.string({ unit: "binary", maxLength: 60 }),
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 220 }),
      fc.integer({ min: 1, max: 60 }),
      fc.uniqueArray(text, { maxLength: 30 }),
      text,
      fc.constantFrom("up", "down", "paused", "shutdown", "new"),
      fc.boolean(),
      (columns, rows, names, payload, state, isHelp) => {
        const hosts = names.map((name, n) => hostJson(name, n % 3 === 0 ? { state } : {}));
        const messages = names.slice(0, 15).map((name, n) => messageJson(n + 1, name, payload));
        // Throws for whatever is outside of the window or a control character.
        shown([snapshot(hosts), push("message", { messages, skipped: 0 })], columns, rows, {
          isHelp,
          filter: payload.slice(0, 2),
        });
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("in a small window it is seen which host was opened, and how it is", () => {
  const text = shown(SEVERAL, 20, 5, { opened: "web-2" });
  assertStringIncludes(text, "web-2");
  assertStringIncludes(text, "● Status: OK");
});

Deno.test("whatever keys are pressed, there is a picture within the window", () => {
  const model = new Model(() => NOW_MS);
  const hosts = Array.from({ length: 40 }, (_, n) => hostJson(`h${n}`, { late: n }));
  const messages = hosts.map(({ name }, n) => messageJson(n + 1, name, "{}"));
  for (const json of [snapshot(hosts, { messages })]) {
    const message = parseFeedMessage(json);
    assert(message !== null);
    model.take(message);
  }
  const names = ["up", "down", "left", "right", "pageup", "pagedown", "home", "end"] as const;
  const others = ["enter", "escape", "tab", "backspace", "ctrl-l", "ctrl-u"] as const;
  const key: fc.Arbitrary<Key> = fc.oneof(
    fc.constantFrom(...names, ...others).map((name) => ({ kind: "key" as const, name })),
    fc.constantFrom(..."/p?kjgG h1东").map((text) => ({ kind: "character" as const, text })),
    fc.string({ unit: "binary" }).map((text) => ({ kind: "paste" as const, text })),
  );
  fc.assert(
    fc.property(fc.array(key, { maxLength: 40 }), fc.nat({ max: 30 }), (keys, more) => {
      const controls = new Controls();
      const painter = new Painter();
      const size = { columns: 10 + 3 * more, rows: 1 + more };
      const terminal = new VirtualTerminal(size.columns, size.rows);
      for (const one of keys) {
        assertEquals(controls.press(one, true, model.log.last) === "quit", false);
        const lines = frameOf({ model, controls, facts: FACTS, colour: true, size });
        assertEquals(lines.length, size.rows);
        terminal.write(painter.paint(lines));
        assertEquals(controls.moves, []);
      }
    }),
  );
});
