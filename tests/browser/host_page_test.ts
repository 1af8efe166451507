/** The page of a host: what there is to see of it, and what one can do about it. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { beat, eventually, getHost, getJson, type Hbd } from "../e2e/hbd.ts";
import { now, UdpClient } from "../e2e/udp.ts";
import { browserTests } from "./browser.ts";
import { addressOf, rowOf, serve } from "./site.ts";

const test = browserTests();

const CONFIG = `
thresholds:
  rtt: {web1: {warning: 50, critical: 90}}
  cpu_monitor: {cpu_percent: {warning: 80, critical: 95}}
hosts:
  web1: {group: web}
`;

/** What a request is answered with that asks for a host that there is not. */
const MISSING = /status of 404/;

/** Beats and samples of `web1`, as hbc sends them. */
async function sendSamples(hbd: Hbd): Promise<void> {
  using udp = new UdpClient(hbd);
  let seq = 0;
  const tell = (fields: Record<string, unknown>) =>
    udp.tell(now({ name: "web1", boot_id: "a.b", seq: seq++, ...fields }));
  for (const rtt of [1.5, 2.5, 12]) await tell({ ID: "HTB", interval: 60, rtt, ver: "0.1.0" });
  for (const cpu_percent of [10, 40, 60]) {
    await tell({
      ID: "PLG",
      plugin: "cpu_monitor",
      data: { cpu_percent, cores: { first: cpu_percent / 20 } },
    });
  }
  await tell({
    ID: "PLG",
    plugin: "disk_monitor",
    data: { partitions: { "/srv": { percent: 75, total_gb: 100, free_gb: 25 } } },
  });
  await tell({
    ID: "PLG",
    plugin: "zfs_monitor",
    data: { pools: { tank: { health: "ONLINE", capacity_percent: 40, size_bytes: 1e12 } } },
  });
  await tell({ ID: "PLG", plugin: "nagios_runner", data: { web_output: "HTTP OK" } });
}

test("a host's page has its state, charts with thresholds, gauges, uptime and the lines", async (browser) => {
  await using hbd = await serve(CONFIG);
  await sendSamples(hbd);
  await using opened = await browser.open(hbd.url("/live"));
  const { page } = opened;
  await page.getByRole("link", { name: "web1", exact: true }).first().click();
  await page.getByRole("heading", { name: "web1", exact: true }).waitFor();
  assertEquals(addressOf(page), "/plugins/web1");
  await page.getByText(/^Next beat expected in (1 min|\d+ s)/).waitFor();
  await page.getByRole("img", { name: /^(The last \d intervals?: .* on time|No interval)/ })
    .waitFor();

  const cpu = page.locator("figure.chart", { hasText: "cpu_percent" });
  await cpu.scrollIntoViewIfNeeded();
  await cpu.locator("canvas").waitFor();
  assertMatch(await cpu.getByRole("img").getAttribute("aria-label") ?? "", /^cpu_percent: .*60/);
  assertMatch(await cpu.innerText(), /warning\s+80 %[^]*critical\s+95 %/);
  const rtt = page.getByRole("region", { name: "Round trips" });
  await rtt.locator("canvas").first().waitFor();
  assertMatch(await rtt.innerText(), /12 ms[^]*warning\s+50 ms[^]*critical\s+90 ms/);
  await page.getByText("cores.first").first().waitFor();
  await page.getByText("HTTP OK").waitFor();
  await page.getByText("25.0 GiB of 100 GiB free").or(page.getByText(/25 GiB of 100 GiB free/))
    .waitFor();
  await page.getByText(/ZFS, ONLINE/).waitFor();
  await page.getByText("24 hours").waitFor();
  await page.getByText("100 %").first().waitFor();

  await page.getByText("How to make this host beat").click();
  await page.getByText(`curl -fsS`).or(page.getByText(/curl .*web1/)).first().waitFor();
  await page.getByText("systemd", { exact: true }).click();
  await page.getByText("OnUnitActiveSec=60").waitFor();
});

test("new samples and beats come into the page that is open", async (browser) => {
  await using hbd = await serve(CONFIG);
  await sendSamples(hbd);
  await using opened = await browser.open(hbd.url("/plugins/web1"));
  const { page } = opened;
  const cpu = page.locator("figure.chart", { hasText: "cpu_percent" });
  await cpu.getByText("60 %").first().waitFor();
  using udp = new UdpClient(hbd);
  const fields = { ID: "PLG", plugin: "cpu_monitor", data: { cpu_percent: 97 } };
  await udp.tell(now({ name: "web1", boot_id: "a.b", seq: 100, ...fields }));
  await cpu.locator(".chart-now", { hasText: "97 %" }).waitFor();
  // The alert that it makes is there as well.
  await page.getByRole("list", { name: "Alerts that hold now" }).getByText("CRITICAL").waitFor();
  await beat(hbd, { name: "web1", interval: 1 });
  await page.locator(".host-now").getByText("Down").waitFor();
  await page.getByRole("region", { name: "Events" }).getByText(/No heartbeat/i).first().waitFor();
});

test("a host is paused with a reason, and resumed", async (browser) => {
  await using hbd = await serve();
  await beat(hbd, { name: "a", interval: 600 });
  await using opened = await browser.open(hbd.url("/plugins/a"));
  const { page } = opened;
  await page.getByRole("button", { name: "Pause …" }).click();
  const dialog = page.getByRole("dialog", { name: "Pause a" });
  await dialog.getByLabel("For how long").selectOption("2h");
  await dialog.getByLabel("Reason").fill("new disk");
  await dialog.getByRole("button", { name: "Pause" }).click();
  await dialog.waitFor({ state: "hidden" });
  await page.locator(".host-now").getByText("Paused").waitFor();
  assertEquals((await getHost(hbd, "a"))?.state, "paused");
  await page.getByRole("link", { name: "Live" }).click();
  await rowOf(page, "a").getByText("Paused").waitFor();
  await page.goBack();
  await page.getByRole("button", { name: "Resume" }).click();
  await page.locator(".host-now").getByText("Up").waitFor();
  assertEquals((await getHost(hbd, "a"))?.state, "up");
});

test("its settings are changed, and a mistake in them is said at the form", async (browser) => {
  await using hbd = await serve();
  await beat(hbd, { name: "a" });
  await using opened = await browser.open(hbd.url("/plugins/a"), { expected: /status of 4\d\d/ });
  const { page } = opened;
  await page.getByRole("button", { name: "Edit …" }).click();
  const dialog = page.getByRole("dialog", { name: "Settings of a" });
  await dialog.getByLabel(/^Interval/).fill("often");
  await dialog.getByRole("button", { name: "Save" }).click();
  assertMatch(await dialog.getByRole("alert").textContent() ?? "", /interval/i);
  await dialog.getByLabel(/^Interval/).fill("120");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "hidden" });
  await page.getByRole("region", { name: "Times" }).getByText("2 min").waitFor();
  assertEquals((await getHost(hbd, "a"))?.interval, 120);
});

test("a host is dropped by whoever types its name", async (browser) => {
  await using hbd = await serve();
  await beat(hbd, { name: "old-box" });
  await beat(hbd, { name: "a" });
  await using opened = await browser.open(hbd.url("/plugins/old-box"), { expected: MISSING });
  const { page } = opened;
  await page.getByRole("button", { name: "Drop …" }).click();
  const dialog = page.getByRole("dialog", { name: "Drop old-box" });
  const drop = dialog.getByRole("button", { name: "Drop this host" });
  await dialog.getByRole("textbox").fill("old-bo");
  assert(await drop.isDisabled());
  await dialog.getByRole("textbox").fill("old-box");
  await drop.click();
  await rowOf(page, "a").waitFor();
  assertEquals(addressOf(page), "/live");
  await eventually(async () => assertEquals(await rowOf(page, "old-box").count(), 0));
  assertEquals(await getHost(hbd, "old-box"), null);
});

test("a host that there is not can be made, and its first beat is shown", async (browser) => {
  await using hbd = await serve();
  const name = "a host/with %, spaces";
  const path = `/plugins/${encodeURIComponent(name)}`;
  await using opened = await browser.open(hbd.url(path), { expected: MISSING });
  const { page } = opened;
  await page.getByText("There is no host of this name").waitFor();
  await page.getByRole("button", { name: "Create it now" }).click();
  await page.locator(".host-now").getByText("New").waitFor();
  assertEquals((await getHost(hbd, name))?.state, "new");
  // The line it shows is one that works.
  const line = await page.locator("pre", { hasText: "curl" }).first().textContent() ?? "";
  const { success } = await new Deno.Command("sh", { args: ["-c", line], stdout: "null" }).output();
  assert(success, line);
  await page.locator(".host-now").getByText("Up").waitFor();
  const { hosts } = await getJson(hbd, "/api/0/hosts") as { hosts: { name: string }[] };
  assertEquals(hosts.map((host) => host.name), [name]);
});
