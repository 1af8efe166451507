/** Looking back on /live: a real server, real beats, its real journal. */

import { assert, assertEquals } from "@std/assert";
import { beat, eventually } from "../e2e/hbd.ts";
import { browserTests, NARROW } from "./browser.ts";
import { addressOf, rowOf, serve, showsNames } from "./site.ts";

const test = browserTests();

const CONFIG = "grace: 0.5\nflap_threshold: 0\nincident_hosts: 0\n";

/** Seconds now. */
const now = () => Date.now() / 1000;

test("a moment before is shown in the same table, until one goes back to now", async (browser) => {
  await using hbd = await serve(CONFIG);
  await beat(hbd, { name: "steady", interval: 600 });
  await beat(hbd, { name: "broken", interval: 1 });
  const atS = Math.ceil(now());
  await eventually(async () => {
    const { hosts } = await (await fetch(hbd.url("/api/0/hosts"))).json();
    assert(hosts.some(({ state }: { state: string }) => state === "down"));
    // Moments are whole seconds: nothing else happens in those after that.
    const { downs } = await (await fetch(hbd.url("/api/0/replay/timeline"))).json();
    assert(now() > downs[0].time + 3);
  });
  await beat(hbd, { name: "later", interval: 600 });
  await using opened = await browser.open(hbd.url("/live"));
  const { page } = opened;
  const { keyboard } = page;
  await page.getByRole("heading", { name: "1 of 3 hosts is down" }).waitFor();
  const button = page.getByRole("button", { name: "Look back" });
  assertEquals(await button.getAttribute("aria-expanded"), "false");
  assertEquals(await page.getByRole("slider").count(), 0);

  // With the keyboard to the beginning: all that is known is the first beat.
  await button.focus();
  await keyboard.press("Enter");
  const slider = page.getByRole("slider", { name: "Moment" });
  await slider.focus();
  assertEquals(await slider.getAttribute("aria-valuetext"), "now");
  assertEquals(await page.locator(".past-marks rect").count(), 1);
  await keyboard.press("Home");
  await page.getByText("State at").waitFor();
  await page.getByRole("heading", { name: /^(The host was not|None of 2 hosts was) down$/ })
    .waitFor();
  assert(/^\/live\?at=\d+$/.test(addressOf(page)), addressOf(page));
  const moment = await page.locator(".past-value").innerText();
  await page.getByText(`State at ${moment}`, { exact: true }).waitFor();
  // Marks are where the knob would be: they leave as much room at the ends as it takes.
  const { padding, borderWidth } = await page.evaluate(
    "(({ padding, borderWidth }) => ({ padding, borderWidth }))" +
      "(getComputedStyle(document.querySelector('.past-slider input')))",
  ) as { padding: string; borderWidth: string };
  assertEquals([padding, borderWidth], ["0px", "0px"]);
  await opened.assertAccessible();

  // What comes in meanwhile is held back.
  await page.goto(hbd.url(`/live?at=${atS}`));
  await page.getByRole("heading", { name: "None of 2 hosts was down" }).waitFor();
  await showsNames(page, ["broken", "steady"]);
  await beat(hbd, { name: "newest", interval: 600 });
  await page.getByText("State at").waitFor();
  await rowOf(page, "broken").getByText("Up", { exact: true }).waitFor();
  const before = await slider.inputValue();
  await slider.focus();
  await keyboard.press("ArrowRight");
  await eventually(async () => assert(Number(await slider.inputValue()) > Number(before)));
  await showsNames(page, ["broken", "steady"]);
  await opened.assertAccessible();
  await opened.picture("past");

  // Dragged to where it was down.
  const { downs } = await (await fetch(hbd.url("/api/0/replay/timeline"))).json();
  await slider.fill(String(downs[0].time + 0.2));
  await page.getByRole("heading", { name: "1 of 2 hosts was down" }).waitFor();
  await showsNames(page, ["broken", "steady"]);

  // Nor does a moment come back that was just being asked for.
  await slider.fill(String(downs[0].time - 0.5));
  await page.getByRole("button", { name: "Back to now" }).click();
  await page.getByRole("heading", { name: "1 of 4 hosts is down" }).waitFor();
  await showsNames(page, ["broken", "later", "newest", "steady"]);
  assertEquals(addressOf(page), "/live");
  await button.click();
  assertEquals(await page.getByRole("slider").count(), 0);
});

test("on a phone in the dark it fits, and says when the journal knows nothing", async (browser) => {
  await using hbd = await serve(CONFIG);
  await beat(hbd, { name: "steady", interval: 600 });
  await using opened = await browser.open(hbd.url("/live?at=1000000000"), {
    size: NARROW,
    scheme: "dark",
  });
  const { page } = opened;
  await page.getByText("The journal begins later").waitFor();
  assert(await opened.fitsInWidth());
  await opened.assertAccessible();
  await opened.picture("past-phone");
});

test("a server without a journal says so", async (browser) => {
  await using hbd = await serve(`${CONFIG}journal_enabled: false\n`);
  await beat(hbd, { name: "steady", interval: 600 });
  await using opened = await browser.open(hbd.url("/live"), { expected: /503/ });
  await opened.page.getByRole("button", { name: "Look back" }).click();
  await opened.page.getByText("keeps no journal").waitFor();
});
