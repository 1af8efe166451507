/** From a silent host to the person who is told, with real processes, mail and web hooks. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Hbc } from "../client/support.ts";
import { MailServer } from "../notify/channels/smtp.ts";
import { eventually, Hbd, LIMIT_MS, runHbd, tempDir } from "./hbd.ts";
import { Hook } from "./hook.ts";

const CPU = `
thresholds:
  cpu_monitor:
    cpu_percent: {warning: 80.0, critical: 90.0}
`;

function hookConfig(url: string, more = ""): string {
  return `
notification_channels:
  hook: {type: webhook, url: "${url}"}
notify: [hook]
${more}`;
}

async function post(hbd: Hbd, name: string, interval = 1): Promise<void> {
  const body = JSON.stringify({ name, interval });
  const answer = await fetch(hbd.url(), { method: "POST", body });
  await answer.body?.cancel();
  assertEquals(answer.status, 200);
}

async function api<T>(hbd: Hbd, path: string): Promise<T> {
  return await (await fetch(hbd.url(path))).json();
}

/** Sends what the plugin of host `a` has measured. */
async function sample(hbd: Hbd, percent: number): Promise<void> {
  const udp = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const data = { ID: "PLG", name: "a", plugin: "cpu_monitor", data: { cpu_percent: percent } };
  const bytes = new TextEncoder().encode(JSON.stringify(data));
  await udp.send(bytes, { transport: "udp", hostname: "127.0.0.1", port: hbd.udpPort });
  udp.close();
}

/** Waits until `name` has missed so many more intervals. */
async function missMore(hbd: Hbd, name: string, more: number): Promise<void> {
  const missed = async () => (await api<{ missed: number }>(hbd, `/api/0/hosts/${name}`)).missed;
  const before = await missed();
  await eventually(async () => assert(await missed() >= before + more));
}

/** Beats for `names` until it is disposed of. */
function beating(hbd: Hbd, names: readonly string[], intervalS = 1): AsyncDisposable {
  const beat = () => Promise.all(names.map((name) => post(hbd, name, intervalS)));
  let last: Promise<unknown> = beat();
  const timer = setInterval(() => last = beat(), intervalS * 500);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await last;
    },
  };
}

Deno.test("of three clients one is killed: one mail and one web hook; it is back: one more each", async () => {
  await using mail = await MailServer.start();
  await using hook = new Hook();
  await using hbd = await Hbd.start({
    config: `
notification_channels:
  ops_mail:
    type: email
    recipients: [ops@example.com]
    sender: hbd@example.com
    smtp_server: 127.0.0.1
    smtp_port: ${mail.port}
    smtp_security: none
  hook: {type: webhook, url: "${hook.url}"}
notify: [ops_mail, hook]
`,
  });
  const start = (name: string) =>
    Hbc.start(["--interval", "1", "--name", name, `127.0.0.1:${hbd.udpPort}`]);
  await using _a = await start("a");
  await using _b = await start("b");
  {
    await using c = await start("c");
    await eventually(async () => {
      const { hosts } = await api<{ hosts: { total: number }[] }>(hbd, "/api/0/hosts");
      assert(hosts.length === 3 && hosts.every(({ total }) => total >= 3));
    });
    await c.kill();
  }
  const down = await hook.next(/^CRITICAL: c - no heartbeat for /);
  assertEquals(down.title, "[CRITICAL] c");
  await eventually(() => assertEquals(mail.mails.length, 1));
  assertEquals(mail.mails[0]?.headers.get("subject"), "[CRITICAL] c");
  assertEquals(mail.mails[0]?.to, ["ops@example.com"]);
  // Long enough for several more deadlines to pass.
  await missMore(hbd, "c", 5);
  await using _again = await start("c");
  await hook.next(/^RECOVERED: c - heartbeat is back after \d+(\.\d)?s$/);
  await eventually(() => assertEquals(mail.mails.length, 2));
  assertMatch(mail.mails[1]?.body ?? "", /RECOVERED: c - heartbeat is back after/);
  assertEquals(hook.told.length, 2);
});

Deno.test("killed between an alert and its delivery, the server delivers it when it is back", async () => {
  await using state = await tempDir();
  await using hook = new Hook();
  hook.takes = false;
  const options = { stateDir: state.path, config: hookConfig(hook.url, CPU) };
  {
    await using hbd = await Hbd.start(options);
    await post(hbd, "a");
    await eventually(() => assert(hook.asked > 0));
    await hbd.kill();
  }
  hook.takes = true;
  await using hbd = await Hbd.start(options);
  await hook.next(/^CRITICAL: a - no heartbeat/);
  // It goes on with what it knows: a second message would be on its way by the next miss.
  await missMore(hbd, "a", 5);
  assertEquals(hook.texts().filter((text) => text.startsWith("CRITICAL")).length, 1);
  await post(hbd, "a");
  await hook.next(/^RECOVERED: a/);
});

Deno.test("killed at whatever moment after an alert, the server tells it at least once, at most twice", async () => {
  await using hook = new Hook();
  for (let delayMs = 0; delayMs < 100; delayMs += 20) {
    await using state = await tempDir();
    const options = { stateDir: state.path, config: hookConfig(hook.url) };
    const name = `host-${delayMs}`;
    {
      await using hbd = await Hbd.start(options);
      await post(hbd, name, 0.5);
      await hbd.waitForOutput(/ALERT: No heartbeat/);
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      await hbd.kill();
    }
    await using _hbd = await Hbd.start(options);
    await hook.next(new RegExp(`^CRITICAL: ${name} - no heartbeat`));
    const count = hook.texts().filter((text) => text.includes(name)).length;
    assert(count === 1 || count === 2, `${count} messages of ${name}`);
    const ids = hook.told.filter(({ host }) => host === name).map(({ id }) => id);
    assertEquals(new Set(ids).size, 1, "a copy has the id of the first");
  }
});

Deno.test("200 hosts cut off at once are one message, and one when they are back", async () => {
  await using hook = new Hook();
  await using hbd = await Hbd.start({ config: hookConfig(hook.url) });
  const names = Array.from({ length: 200 }, (_, n) => `host-${n}`);
  {
    await using _beating = beating(hbd, names, 2);
    await eventually(async () => {
      const { hosts } = await api<{ hosts: { total: number }[] }>(hbd, "/api/0/hosts");
      assert(hosts.length === 200 && hosts.every(({ total }) => total >= 3));
    });
  }
  await hook.next(/^CRITICAL: .* hosts that should have beaten are silent/);
  await missMore(hbd, "host-7", 3);
  const { totals } = await api<{ totals: { down: number } }>(hbd, "/api/0/hosts");
  assertEquals(totals.down, 200);
  assertEquals(hook.told.length, 1);
  await using _beating = beating(hbd, names, 2);
  await hook.next(/^RECOVERED: .* - all 200 are back after/);
  assertEquals(hook.told.length, 2);
});

Deno.test("a channel that is down gets what waits when it is up, in order; another is not kept", async () => {
  await using good = new Hook();
  let bad = new Hook();
  const { port } = bad;
  await bad[Symbol.asyncDispose]();
  await using hbd = await Hbd.start({
    config: `
notification_channels:
  good: {type: webhook, url: "${good.url}"}
  bad: {type: webhook, url: "http://127.0.0.1:${port}/hook"}
notify: [good, bad]
${CPU}`,
  });
  const load = (percent: number) => sample(hbd, percent);
  await load(85);
  await good.next(/^WARNING: a - cpu_monitor\.cpu_percent = 85\.0$/);
  await load(95);
  await good.next(/^CRITICAL: a/);
  await load(10);
  await good.next(/^RECOVERED: a - cpu_monitor\.cpu_percent = 10\.0 \(CRITICAL -> OK\)$/);
  bad = new Hook(port);
  await using _bad = bad;
  await eventually(() => assertEquals(bad.texts(), good.texts()), 3 * LIMIT_MS);
});

Deno.test("a reload takes up thresholds and channels", async () => {
  await using hook = new Hook();
  await using hbd = await Hbd.start({ config: "interval: 60\n" });
  await sample(hbd, 95);
  await eventually(async () => {
    const { hosts } = await api<{ hosts: unknown[] }>(hbd, "/api/0/hosts");
    assertEquals(hosts.length, 1);
  });
  await Deno.writeTextFile(hbd.configFile, hookConfig(hook.url, CPU));
  hbd.signal("SIGHUP");
  await hbd.waitForOutput(/Configuration reloaded/);
  await sample(hbd, 96);
  await hook.next(/^CRITICAL: a - cpu_monitor\.cpu_percent = 96\.0$/);
  assertEquals(hook.told.length, 1);
});

Deno.test("hbd notify-test sends a test and prints the answer, or says what is wrong, exit 1", async () => {
  await using hook = new Hook();
  await using dir = await tempDir();
  const file = `${dir.path}/hbd.yaml`;
  await Deno.writeTextFile(file, hookConfig(hook.url));
  const sent = await runHbd(["notify-test", "hook", "-c", file]);
  assertEquals([sent.code, sent.stdout], [0, "Sent by hook (webhook). Answer: 200 ok\n"]);
  assertEquals(hook.told.map(({ kind }) => kind), ["test"]);
  const unknown = await runHbd(["notify-test", "hok", "-c", file]);
  assertEquals(unknown.code, 1);
  assertMatch(unknown.stderr, /No channel is called "hok": did you mean "hook"\?/);
  hook.takes = false;
  const refused = await runHbd(["notify-test", "hook", "-c", file]);
  assertEquals(refused.code, 1);
  assertMatch(refused.stderr, /503/);
});
