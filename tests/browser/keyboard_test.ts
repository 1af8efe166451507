/** The whole way with the keyboard alone, and it is always seen where one is. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Page } from "playwright-core";
import { beat, eventually } from "../e2e/hbd.ts";
import { browserTests } from "./browser.ts";
import { addressOf, serve, showsNames } from "./site.ts";

const test = browserTests();

const CONFIG = "grace: 1\nflap_threshold: 0\nincident_hosts: 0\n";

/** What has the focus, in words: its name, or what it is. */
async function focused(page: Page): Promise<string> {
  return await page.evaluate(`(() => {
    const at = document.activeElement;
    if (at === document.body) return "nothing";
    return at.getAttribute("aria-label") ?? at.labels?.[0]?.textContent.trim() ??
      at.textContent.trim().replace(/\\s+/g, " ");
  })()`) as string;
}

/** Fails unless what has the focus is within the window and has a ring around it. */
async function assertFocusIsSeen(page: Page): Promise<void> {
  const seen = await page.evaluate(`(() => {
    const at = document.activeElement;
    // A radio button or a checkbox may be hidden, and its label drawn in its place.
    const ringed = [at, at.closest("label"), at.closest("tr")].some((one) => {
      if (one === null) return false;
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
      return (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2) || boxShadow !== "none";
    });
    const { top, bottom, left, right } = at.getBoundingClientRect();
    const isInside = top >= -1 && left >= -1 && bottom <= innerHeight + 1 && right <= innerWidth + 1;
    return { what: at.outerHTML.slice(0, 120), ringed, isInside };
  })()`) as { what: string; ringed: boolean; isInside: boolean };
  assert(seen.ringed && seen.isInside, JSON.stringify(seen));
}

test("from the list to a host, to its alert, and the alert acknowledged: by keyboard", async (browser) => {
  await using hbd = await serve(CONFIG);
  for (const name of ["web1", "web2", "web3"]) await beat(hbd, { name, interval: 600 });
  await beat(hbd, { name: "broken", interval: 1 });
  await using opened = await browser.open(hbd.url("/live"));
  const { page } = opened;
  const { keyboard } = page;
  await page.getByRole("heading", { name: "1 of 4 hosts is down" }).waitFor();
  await showsNames(page, ["broken", "web1", "web2", "web3"]);

  await keyboard.press("Tab");
  assertEquals(await focused(page), "Skip to content");
  await assertFocusIsSeen(page);
  await keyboard.press("Enter");
  await keyboard.press("/");
  assertEquals(await focused(page), "Search hosts by name or address/");
  await assertFocusIsSeen(page);
  await keyboard.type("web");
  await showsNames(page, ["web1", "web2", "web3"]);
  for (const [key, name] of [["ArrowDown", "web1"], ["ArrowDown", "web2"], ["End", "web3"]]) {
    await keyboard.press(key ?? "");
    await eventually(async () => assertEquals(await focused(page), name));
    await assertFocusIsSeen(page);
  }
  await keyboard.press("Escape");
  await showsNames(page, ["broken", "web1", "web2", "web3"]);
  await keyboard.press("ArrowDown");
  await eventually(async () => assertEquals(await focused(page), "broken"));
  await keyboard.press("Enter");
  await page.getByRole("heading", { name: "broken" }).waitFor();
  assertEquals(addressOf(page), "/plugins/broken");
  await page.getByRole("region", { name: "Times" }).waitFor();
  assertEquals(await focused(page), "broken");

  // Somewhere before the heading is the link to the alerts.
  for (let n = 0; n < 10 && !/^Alerts/.test(await focused(page)); n++) {
    await keyboard.press("Shift+Tab");
    await assertFocusIsSeen(page);
  }
  await keyboard.press("Enter");
  await page.getByRole("heading", { name: "Alerts", exact: true }).waitFor();
  for (let n = 0; n < 30 && !/^Acknowledge/.test(await focused(page)); n++) {
    await keyboard.press("Tab");
    await assertFocusIsSeen(page);
  }
  await keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Acknowledge" });
  await dialog.waitFor();
  for (let n = 0; n < 10 && await focused(page) !== "Note"; n++) await keyboard.press("Tab");
  await assertFocusIsSeen(page);
  await keyboard.type("I am on it");
  await keyboard.press("Enter");
  await dialog.waitFor({ state: "hidden" });
  await page.getByText("I am on it").waitFor();
  assertMatch(await focused(page), /^Acknowledge anew/);
});

test("on every page each stop of Tab is seen", async (browser) => {
  await using hbd = await serve(CONFIG);
  for (const name of ["web1", "web2"]) await beat(hbd, { name, interval: 600 });
  await using opened = await browser.open(hbd.url("/live"));
  const { page } = opened;
  for (const path of ["/live", "/plugins/web1", "/alerts", "/settings"]) {
    await page.goto(hbd.url(path));
    await page.locator("#page-title").waitFor();
    await opened.drawn();
    const stops = new Set<string>();
    for (let n = 0; n < 40; n++) {
      await page.keyboard.press("Tab");
      if (await page.evaluate("document.activeElement === document.body")) break;
      await assertFocusIsSeen(page);
      stops.add(await focused(page));
    }
    assert(stops.size > 5, `${path}: ${[...stops]}`);
  }
});
