/** What hosts say of themselves is text on every page, whatever it looks like. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Page } from "playwright-core";
import { beat, eventually, type Hbd } from "../e2e/hbd.ts";
import { now, UdpClient } from "../e2e/udp.ts";
import { browserTests } from "./browser.ts";
import { namesShown, serve } from "./site.ts";

const test = browserTests();

const IMAGE = `<img src=x onerror="window.isHurt=1">`;
const SCRIPT = `"><script>window.isHurt=1</script>`;
const TEMPLATE = "${window.isHurt=1}{{7*7}}</title></style><svg onload=window.isHurt=1>";
const LINK = `javascript:window.isHurt=1//' onmouseover='window.isHurt=1`;
const EVIL = [IMAGE, SCRIPT, TEMPLATE, LINK];

const CONFIG = `
flap_threshold: 0
grace: 1
thresholds:
  nagios_runner: {status_code: {operator: nagios, display: "{check_name}: {output}"}}
status_page: {title: ${JSON.stringify(IMAGE)}, hosts: ["*"]}
hosts:
  ${JSON.stringify(IMAGE)}: {group: ${JSON.stringify(SCRIPT.slice(0, 60))}}
`;

/** All that a host can say. */
async function sayAll(hbd: Hbd, name: string): Promise<void> {
  await beat(hbd, { name, interval: 600, note: IMAGE, ip: SCRIPT, [TEMPLATE]: LINK });
  using udp = new UdpClient(hbd);
  let seq = 0;
  const place = { name, boot_id: crypto.randomUUID() };
  const tell = (fields: Record<string, unknown>) =>
    udp.tell(now({ ...place, seq: seq++, ...fields }));
  await tell({ ID: "HTB", interval: 600, ver: IMAGE.slice(0, 60), rtt: 3 });
  await tell({ ID: "MSG", message: IMAGE, level: SCRIPT.slice(0, 60) });
  const plugin = IMAGE.slice(0, 64);
  for (const value of [1, 2]) {
    await tell({ ID: "PLG", plugin, data: { [SCRIPT]: value, text: IMAGE, [IMAGE]: SCRIPT } });
  }
  await tell({
    ID: "PLG",
    plugin: "nagios_runner",
    data: { web_status_code: 2, web_output: IMAGE, web_status: SCRIPT },
  });
  const disk = { percent: 99, total_gb: 1, free_gb: 0 };
  await tell({ ID: "PLG", plugin: "disk_monitor", data: { partitions: { [IMAGE]: disk } } });
  await tell({ ID: "PLG", plugin: "os_info", data: { distribution: IMAGE, kernel: SCRIPT } });
}

/** Fails when something that a host said became more than text. */
async function assertUnhurt(page: Page): Promise<void> {
  assertEquals(await page.evaluate("window.isHurt ?? null"), null);
  const made = await page.evaluate(
    `document.querySelectorAll("img[src=x], [onerror], [onload], [onmouseover], svg[onload]").length +
      [...document.links].filter(({ protocol }) => protocol === "javascript:").length`,
  );
  assertEquals(made, 0);
}

test("names, payloads, notes and samples that look like markup are shown as they are", async (browser) => {
  await using hbd = await serve(CONFIG);
  for (const name of EVIL) await sayAll(hbd, name);
  for (const script of [true, false]) {
    await using opened = await browser.open(hbd.url("/live"), {
      script,
      expected: /status of 404/,
    });
    const { page } = opened;
    if (script) {
      await eventually(async () =>
        assertEquals((await namesShown(page)).toSorted(), EVIL.toSorted())
      );
    }
    const table = await page.locator(".hosts").innerText();
    for (const name of EVIL) assertStringIncludes(table, name);
    await assertUnhurt(page);
    for (
      const path of [
        "/alerts",
        "/status",
        `/live?q=${encodeURIComponent(SCRIPT)}&group=${encodeURIComponent(IMAGE)}&sort=${
          encodeURIComponent(TEMPLATE)
        }`,
        `/alerts?host=${encodeURIComponent(IMAGE)}&q=${encodeURIComponent(SCRIPT)}`,
        "/settings",
        `/plugins/nobody${encodeURIComponent(IMAGE)}`,
      ]
    ) {
      await page.goto(hbd.url(path));
      await page.locator("#page-title, h1").first().waitFor();
      if (script) await opened.drawn();
      if (path === "/alerts") {
        for (const name of EVIL) await page.getByText(name).first().waitFor();
        if (script) await page.getByText(`web: ${IMAGE}`).first().waitFor();
      }
      if (path === "/status") assertEquals(await page.locator("h1").innerText(), IMAGE);
      await assertUnhurt(page);
    }
    for (const name of EVIL) {
      await page.goto(hbd.url(`/plugins/${encodeURIComponent(name)}`));
      await page.getByRole("heading", { name, exact: true, level: 1 }).waitFor();
      if (!script) continue;
      // All that it measures is on the page, and every fold open.
      await page.getByRole("heading", { name: "Measured" }).waitFor();
      await page.evaluate(
        `for (const fold of document.querySelectorAll("details")) fold.open = true`,
      );
      await page.getByText("nagios_runner").first().waitFor();
      await page.getByRole("region", { name: "Events" }).getByText(IMAGE).first().waitFor();
      await opened.drawn();
      await assertUnhurt(page);
      assertStringIncludes(await page.title(), name);
    }
  }
});
