/** `/alerts`: what holds, why, who looks after it, and what is over. */

import { assertEquals, assertMatch } from "@std/assert";
import { beat, eventually, type Hbd } from "../e2e/hbd.ts";
import { now, UdpClient } from "../e2e/udp.ts";
import { browserTests } from "./browser.ts";
import { addressOf, serve } from "./site.ts";

const test = browserTests();

const CONFIG = `
grace: 1
flap_threshold: 0
thresholds: {cpu_monitor: {cpu_percent: {warning: 80, critical: 95}}}
`;

/** What the plugin of a host measures. */
async function measure(hbd: Hbd, name: string, cpu_percent: number): Promise<void> {
  using udp = new UdpClient(hbd);
  const place = { boot_id: crypto.randomUUID(), seq: 1 };
  await udp.tell(now({ ...place, ID: "PLG", name, plugin: "cpu_monitor", data: { cpu_percent } }));
}

test("alerts come and go by themselves, and are told in the bar and in the tab", async (browser) => {
  await using hbd = await serve(CONFIG);
  await beat(hbd, { name: "calm", interval: 600 });
  await using opened = await browser.open(hbd.url("/alerts"));
  const { page } = opened;
  await page.getByText("All is well").waitFor();
  await measure(hbd, "calm", 85);
  const alert = page.getByRole("listitem").filter({ hasText: "calm" });
  await alert.getByText("WARNING").waitFor();
  await page.getByRole("link", { name: /Alerts\s*1/ }).waitFor();
  await eventually(async () => assertEquals(await page.title(), "(1) Alerts · Heartbeat"));
  assertMatch(
    await page.locator("link[rel~=icon]").getAttribute("href") ?? "",
    /^data:image\/svg\+xml,.*%23e38b00/,
  );
  await measure(hbd, "calm", 97);
  await alert.getByText("CRITICAL").waitFor();
  await measure(hbd, "calm", 20);
  await page.getByText("All is well").waitFor();
  await eventually(async () => assertEquals(await page.title(), "Alerts · Heartbeat"));
  await page.getByRole("button", { name: "History" }).click();
  await page.getByRole("listitem").filter({ hasText: "calm" }).getByText(/^after/).waitFor();
});

test("why it fired is told in words; it is acknowledged with a note", async (browser) => {
  await using hbd = await serve(CONFIG);
  await beat(hbd, { name: "silent", interval: 1 });
  await beat(hbd, { name: "busy", interval: 600 });
  await measure(hbd, "busy", 85);
  await using opened = await browser.open(hbd.url("/alerts"));
  const { page } = opened;
  const silent = page.getByRole("listitem").filter({ hasText: "silent" });
  await silent.getByText("Why did this fire?").click();
  await silent.getByText(/^Its last heartbeat came at/).waitFor();
  const busy = page.getByRole("listitem").filter({ hasText: "busy" }).first();
  await busy.getByText("Why did this fire?").click();
  await busy.locator(".evidence").getByText(/80/).first().waitFor();

  await silent.getByRole("button", { name: /^Acknowledge/ }).click();
  const dialog = page.getByRole("dialog", { name: "Acknowledge" });
  await dialog.getByLabel("For how long").selectOption("8h");
  await dialog.getByLabel("Note").fill("the cleaner's plug");
  await dialog.getByRole("button", { name: "I look after it" }).click();
  await dialog.waitFor({ state: "hidden" });
  await silent.getByText("the cleaner's plug").waitFor();
  await page.reload();
  await silent.getByText("the cleaner's plug").waitFor();
});

test("what is filtered is in the address and outlives a reload", async (browser) => {
  await using hbd = await serve(CONFIG);
  for (const name of ["one", "two", "three"]) await beat(hbd, { name, interval: 600 });
  await measure(hbd, "one", 85);
  await measure(hbd, "two", 97);
  await measure(hbd, "three", 99);
  await using opened = await browser.open(hbd.url("/alerts"));
  const { page } = opened;
  const hosts = () => page.locator(".alerts > li strong a").allTextContents();
  const shows = (names: readonly string[]) =>
    eventually(async () => assertEquals((await hosts()).toSorted(), names));
  await shows(["one", "three", "two"]);
  await page.getByRole("button", { name: /Critical/ }).click();
  await shows(["three", "two"]);
  await page.getByRole("searchbox").fill("tw");
  await shows(["two"]);
  assertEquals(addressOf(page), "/alerts?level=CRITICAL&q=tw");
  await page.reload();
  await shows(["two"]);
  await page.getByRole("button", { name: "Show all" }).click();
  await shows(["one", "three", "two"]);
  assertEquals(addressOf(page), "/alerts");
});
