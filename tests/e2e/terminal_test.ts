/** What hbd prints: blocks, alerts, summaries, and what happens when nobody reads them. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import {
  beat,
  eventually,
  getHost,
  Hbd,
  HBD_COMMAND,
  LIMIT_MS,
  LOCAL_TIME,
  orElse,
  pause,
  post,
  rawHttp,
  tempDir,
} from "./hbd.ts";

const RULE = "─".repeat(60);
const TIME = new RegExp(LOCAL_TIME, "g");

/** The block that a beat is shown as, with TIME for the time. */
function block(target: string, json: string, marks = ""): string {
  return `${RULE}\n▶ TIME  127.0.0.1  →  ${target}${marks}\n${json}\n${RULE}\n`;
}

/** What was printed after the banner, with TIME for every time. */
function printed(hbd: Hbd): string {
  const text = hbd.stdout();
  return text.slice(text.indexOf("\n\n", text.indexOf("curl ")) + 2).replace(TIME, "TIME");
}

/** Waits until exactly `text` was printed after `before`. */
async function assertPrints(hbd: Hbd, before: string, text: string): Promise<void> {
  await eventually(() => assert(printed(hbd).length >= before.length + text.length), 5000)
    .catch(() => {});
  assertEquals(printed(hbd).slice(before.length), text);
}

Deno.test("plain output is that of the simple logger, byte for byte", async (t) => {
  await using hbd = await Hbd.start({ args: ["0", "60"] });

  async function shows(request: string, text: string): Promise<void> {
    const before = printed(hbd);
    await rawHttp(hbd.port, request);
    await assertPrints(hbd, before, text);
  }

  await t.step("a beat is a block between two rules of 60", async () => {
    await shows(
      post("/heartbeat", '{"name":"ipad","battery":0.8,"tags":["a"],"none":{}}'),
      block(
        "/heartbeat",
        '{\n  "name": "ipad",\n  "battery": 0.8,\n  "tags": [\n    "a"\n  ],\n  "none": {}\n}',
      ),
    );
    assertMatch(hbd.stdout(), new RegExp(`▶ ${LOCAL_TIME}  127\\.0\\.0\\.1  →  /heartbeat\n`));
  });

  await t.step("an empty beat shows its empty payload", async () => {
    await shows(post("/?name=x", ""), block("/?name=x", "{}"));
  });

  await t.step("a body that is not JSON is marked", async () => {
    await shows(
      post("/", "level=3"),
      block("/", '{\n  "_raw": "level=3"\n}', "  ⚠ NOT JSON"),
    );
  });

  await t.step("the time is local and now", () => {
    const [time = ""] = hbd.stdout().match(TIME) ?? [];
    assert(Math.abs(new Date(time.replace(" ", "T")).getTime() - Date.now()) < 60_000, time);
  });

  await t.step("nothing from outside steers a terminal", async () => {
    await rawHttp(hbd.port, post("/", '{"name":"esc","x":"\\u001b[31m","y":"\\u009b31m"}'));
    await rawHttp(hbd.port, post("/?name=esc", "\u001b]0;title\u0007"));
    await hbd.waitForOutput(/title/);
  });

  await t.step("there is not one colour code, as this is no terminal", () => {
    // deno-lint-ignore no-control-regex -- these are what must not be there
    assert(!/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/.test(hbd.stdout()), hbd.stdout());
  });
});

Deno.test("a name in the server's log does not turn what stands beside it", async () => {
  await using hbd = await Hbd.start({ config: "max_hosts: 1\n" });
  await beat(hbd, { name: "kiosk" });
  await rawHttp(hbd.port, post("/", '{"name":"abc\u202edef"}'));
  await hbd.waitForOutput(/Message of new host abc\u{FFFD}def refused/u);
});

Deno.test("a silent host is one alert line, and its next beat is marked late", async () => {
  await using hbd = await Hbd.start({ args: ["0", "1", "20"] });
  await beat(hbd, { name: "kiosk" });
  await hbd.waitForOutput(/ALERT.*\n/);
  assertMatch(
    printed(hbd).split("\n").at(-2) ?? "",
    /^⚠ {2}ALERT: No heartbeat for (1\.[2-9]|2(\.\d)?)s \(expected every 1s ±20%\) {2}kiosk$/,
  );
  await eventually(async () => assert(((await getHost(hbd, "kiosk"))?.missed ?? 0) >= 2));
  assertEquals(hbd.stdout().match(/ALERT/g)?.length, 1, "once, not for every missed beat");
  const before = printed(hbd);
  await rawHttp(hbd.port, post("/", '{"name":"kiosk"}'));
  await hbd.waitForOutput(/again after .*\n/);
  const shown = printed(hbd).slice(before.length);
  assertEquals(
    shown.slice(0, shown.indexOf("✓")),
    block("/", '{\n  "name": "kiosk"\n}', "  ⚠ LATE"),
  );
  assertMatch(
    shown.slice(shown.indexOf("✓")),
    /^✓ {2}Heartbeat again after \d+(\.\d)?s {2}kiosk\n$/,
  );
});

Deno.test("over 20 beats a second a summary a second takes the place of blocks", async () => {
  await using hbd = await Hbd.start({ args: ["0", "60"] });
  const one = post("/", '{"name":"busy"}', ["Connection: keep-alive"]);
  let sent = 0;
  const endMs = performance.now() + 3500;
  while (performance.now() < endMs) {
    await rawHttp(hbd.port, one.repeat(50), { answers: 50 });
    sent += 50;
  }
  const text = await eventually(() => {
    const shown = printed(hbd);
    const counts = [...shown.matchAll(/^TIME {2}(\d+) beats\/s$/gm)].map(([, n]) => Number(n));
    const sum = counts.reduce((a, b) => a + b, 0);
    assertEquals(sum, sent, shown.slice(-500));
    assert(counts.length >= 3 && counts.length <= 5, `${counts}`);
    return shown;
  });
  const blocks = text.match(/▶/g)?.length ?? 0;
  assertEquals(blocks, 20, "those of the first second, before it was known to be a busy one");

  // A whole second without a beat ends it, whenever that second began.
  await pause(2100);
  const before = printed(hbd);
  await rawHttp(hbd.port, post("/quiet", ""));
  await assertPrints(hbd, before, block("/quiet", "{}"));
});

Deno.test("a reader that stops reading stops neither the server nor its end", async () => {
  await using hbd = await Hbd.start({ args: ["0", "60"] });
  hbd.stopReading();
  // Twenty blocks a second get through: make them large enough to fill every pipe and queue.
  const pad = "x".repeat(60_000);
  const beats = 100;
  for (let n = 0; n < beats; n++) await beat(hbd, { name: "loud", n, pad });
  assertEquals((await getHost(hbd, "loud"))?.total, beats);
  const startMs = performance.now();
  assertEquals(await hbd.stop(), 0);
  assert(performance.now() - startMs < 2500, "within 2 s, though nobody reads what it has to say");
});

Deno.test("a reader that is gone stops neither the server nor its end", async () => {
  await using dir = await tempDir();
  const stateDir = join(dir.path, "state");
  const [program, ...args] = [
    ...HBD_COMMAND,
    ...["--bind", "127.0.0.1", "--http-port", "0", "--state-dir", stateDir],
  ] as const;
  const child = new Deno.Command(program, {
    args,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  try {
    let banner = "";
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    while (!/curl.*\n/.test(banner)) {
      const { value, done } = await reader.read();
      assert(!done, banner);
      banner += value;
    }
    await reader.cancel();
    const [, port] = /127\.0\.0\.1:(\d+)/.exec(banner) ?? [];
    for (let n = 0; n < 40; n++) {
      assertMatch(await rawHttp(Number(port), post("/", '{"name":"a"}')), /"status":"ok"/);
    }
    child.kill("SIGTERM");
    const status = await orElse(child.status, LIMIT_MS, null);
    assertEquals(status?.code, 0);
  } finally {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended, as it should have.
    }
    await child.status;
  }
});

const script = await new Deno.Command("script", { args: ["--version"] }).output()
  .then(({ success }) => success, () => false);

/** Runs hbd on a terminal of its own, sends two beats, and returns what the terminal got. */
async function onTerminal(env: Readonly<Record<string, string>>): Promise<string> {
  await using dir = await tempDir();
  const stateDir = join(dir.path, "state");
  const words = [
    ...HBD_COMMAND,
    ...["0", "60", "--no-ui", "--bind", "127.0.0.1", "--state-dir", stateDir],
  ];
  const child = new Deno.Command("script", {
    args: ["-qec", words.map((word) => `'${word}'`).join(" "), "/dev/null"],
    env: { NO_COLOR: "", TERM: "xterm", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  let text = "";
  const reading = (async () => {
    for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) text += part;
  })();
  let pid: number | null = null;
  try {
    const port = await eventually(() => {
      const [, found] = /Post to +http:\/\/127\.0\.0\.1:(\d+)[^]*curl/.exec(text) ?? [];
      assert(found !== undefined, text);
      return Number(found);
    });
    pid = Number(await Deno.readTextFile(join(stateDir, "hbd.lock")));
    await rawHttp(port, post("/", '{"name":"tty"}'));
    await rawHttp(port, post("/", "not json"));
    await eventually(() => assertMatch(text, /NOT JSON[^]*not json[^]*─/), 5000);
  } finally {
    if (pid !== null) Deno.kill(pid, "SIGTERM");
    else child.kill("SIGTERM");
    await child.status;
    await reading;
  }
  return text;
}

Deno.test({
  name: "there are colours on a terminal, and none with NO_COLOR" +
    (script ? "" : " (ignored: the program `script`, which makes a terminal, is not installed)"),
  ignore: !script,
  async fn() {
    const plain = /^▶ .*→ {2}\/\r?$/m;
    const coloured = await onTerminal({});
    assertStringIncludes(coloured, "\u001b[");
    assert(!plain.test(coloured), coloured);
    const uncoloured = await onTerminal({ NO_COLOR: "1" });
    assert(!uncoloured.includes("\u001b"), uncoloured);
    assertMatch(uncoloured, plain);
  },
});
