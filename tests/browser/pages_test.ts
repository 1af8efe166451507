/**
 * Every page with a company's machines on it: wide and narrow, light and dark. None of them breaks a
 * rule of accessibility or scrolls sideways, and of each there is a picture in `pictures/`.
 *
 * With `DOCS_PICTURE=1` in the environment the picture of `/live` in `docs/` is made anew.
 */

import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import type { Page } from "playwright-core";
import { beat, eventually, type Hbd, tempDir } from "../e2e/hbd.ts";
import {
  browserTests,
  NARROW,
  type PageOptions,
  type TestBrowser,
  type TestPage,
  WIDE,
} from "./browser.ts";
import { machinesConfig } from "./machines.ts";
import { keepBeating, writePast } from "./past.ts";
import { logIn, openAs, PASSWORD, people, rowOf, serve } from "./site.ts";

const test = browserTests();

/** Hours that have passed when pictures are made. */
const HOURS = 30;

const LOOKS: readonly (readonly [string, PageOptions])[] = [
  ["wide-light", { size: WIDE, scheme: "light" }],
  ["wide-dark", { size: WIDE, scheme: "dark" }],
  ["narrow-light", { size: NARROW, scheme: "light" }],
  ["narrow-dark", { size: NARROW, scheme: "dark" }],
];

/** The smallest phone that is still in use. */
const TINY = { width: 320, height: 640 };

/** From that phone to a wall display. */
const OTHER_SIZES = [TINY, { width: 768, height: 1024 }, { width: 1920, height: 1080 }];

/** Pages by the name of their picture; each with what is on it when it is complete. */
const PAGES: readonly (readonly [string, string, (page: Page) => Promise<unknown>])[] = [
  ["live", "/live", (page) => rowOf(page, "kiosk-5").waitFor()],
  [
    "live-filtered",
    "/live?group=branch&sort=rtt&dir=desc",
    (page) => rowOf(page, "branch-till-6").waitFor(),
  ],
  ["host", "/plugins/web-03", charts],
  ["host-disk-full", "/plugins/db-2", charts],
  ["host-down", "/plugins/sensor-attic", (page) => page.getByText("24 hours").waitFor()],
  ["host-missing", "/plugins/unknown-box", (page) => page.getByText("There is no host").waitFor()],
  ["alerts", "/alerts", openReasons],
  [
    "alerts-history",
    "/alerts?state=ended",
    (page) => page.getByText(/^after/).first().waitFor(),
  ],
  ["settings", "/settings", (page) => page.getByText("flap_threshold").waitFor()],
  ["status", "/status", (page) => page.getByRole("heading", { level: 1 }).waitFor()],
];

/** Much like others: in two looks only. */
const VARIANTS: ReadonlySet<string> = new Set(["live-filtered", "host-disk-full"]);

/** Pages of the app may ask for what there is not. */
const EXPECTED = /status of 40[14]/;

async function charts(page: Page): Promise<void> {
  await page.getByRole("heading", { name: "Measured" }).waitFor();
  await page.locator("figure.chart", { hasText: "cpu_percent" }).waitFor();
}

/** Of each kind of alert one says why it fired. */
async function openReasons(page: Page): Promise<void> {
  for (const host of ["kiosk-5", "router-zurich", "ipad-reception"]) {
    await page.getByRole("listitem").filter({ hasText: host })
      .getByText("Why did this fire?").first().click();
  }
}

async function config(): Promise<string> {
  const users = await people({
    alice: "full_name: Alice Smith, admin: true",
    bob: "full_name: Bob Jones",
    carol: "",
  });
  return `${users}${machinesConfig()}status_page:
  title: Example Ltd services
  hosts: [web-*, mail.example.com, "kiosk-5", router-zurich]
`;
}

/** Does what people do: pauses a host, looks after an alert. */
async function tidyUp(hbd: Hbd): Promise<void> {
  const send = async (path: string, body: unknown, headers = {}) => {
    const answer = await fetch(hbd.url(`/api/0/${path}`), {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    assertEquals(answer.ok, true, path);
    return await answer.json();
  };
  const { token } = await send("auth/login", { user: "alice", password: PASSWORD });
  const headers = { authorization: `Bearer ${token}` };
  await send("hosts/build-01/pause", { for: "2h", reason: "moving to the new rack" }, headers);
  const { alerts } = await (await fetch(hbd.url("/api/0/alerts"), { headers })).json();
  const attic = alerts.find(({ host }: { host: string }) => host === "sensor-attic");
  await send(`alerts/${attic.id}/ack`, { for: "8h", note: "battery ordered" }, headers);
}

/** When each machine has just beaten once. */
async function pictureForDocs(browser: TestBrowser, hbd: Hbd): Promise<void> {
  const size = { width: 1440, height: 760 };
  await using opened = await openAs(browser, hbd, "alice", "/live", { size });
  const { page } = opened;
  await page.locator(".messages li", { hasText: "payroll export" }).waitFor();
  await page.screenshot({ path: join(import.meta.dirname ?? "", "../../docs/live.png") });
}

/** Looks at a page: its width, its accessibility, its picture. */
async function look(opened: TestPage, name: string): Promise<void> {
  await opened.drawn();
  assert(await opened.fitsInWidth(), `${name} scrolls sideways`);
  await opened.picture(name);
  await opened.assertAccessible();
}

/** What opens over a page. */
async function lookAtDialogs(opened: TestPage, hbd: Hbd, name: string): Promise<void> {
  const { page } = opened;
  await page.goto(hbd.url("/plugins/web-03"));
  for (const what of ["Pause", "Edit", "Access", "Drop"]) {
    await page.getByRole("button", { name: `${what} …` }).click();
    await page.locator("dialog input").first().waitFor();
    await lookAtWindow(opened, `dialog-${what.toLowerCase()}-${name}`);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
  }
  await page.locator(".menu summary").click();
  await page.getByText("Alice Smith").waitFor();
  await lookAtWindow(opened, `menu-${name}`);
  await page.goto(hbd.url("/alerts"));
  await page.getByRole("button", { name: /^Acknowledge/ }).first().click();
  await page.locator("dialog input").first().waitFor();
  await lookAtWindow(opened, `dialog-acknowledge-${name}`);
}

/** Looks at what can be seen without scrolling. */
async function lookAtWindow(opened: TestPage, name: string): Promise<void> {
  await opened.drawn();
  assert(await opened.fitsInWidth(), `${name} scrolls sideways`);
  await opened.page.screenshot({ path: picturePath(name) });
  await opened.assertAccessible();
}

test("every page: wide and narrow, light and dark, accessible, with a picture", async (browser) => {
  await using state = await tempDir();
  const text = await config();
  await writePast(state.path, text, HOURS);
  await using hbd = await serve(text, { stateDir: state.path });
  await tidyUp(hbd);
  await using _beats = keepBeating(hbd);
  if (Deno.env.get("DOCS_PICTURE") === "1") await pictureForDocs(browser, hbd);
  await Promise.all(LOOKS.map(async ([name, options]) => {
    await using opened = await browser.open(hbd.url("/login"), { ...options, expected: EXPECTED });
    const { page } = opened;
    await look(opened, `login-${name}`);
    await logIn(page, "alice");
    await rowOf(page, "kiosk-5").waitFor();
    for (const [what, path, isComplete] of PAGES) {
      if (VARIANTS.has(what) && !/wide-light|narrow-dark/.test(name)) continue;
      await page.goto(hbd.url(path));
      await isComplete(page);
      await look(opened, `${what}-${name}`);
    }
    if (/wide-dark|narrow-light/.test(name)) await lookAtDialogs(opened, hbd, name);
  }));

  await using resized = await openAs(browser, hbd, "alice", "/login", { expected: EXPECTED });
  await rowOf(resized.page, "kiosk-5").waitFor();
  for (const [what, path, isComplete] of PAGES) {
    await resized.page.goto(hbd.url(path));
    await isComplete(resized.page);
    for (const size of OTHER_SIZES) {
      await resized.page.setViewportSize(size);
      await resized.drawn();
      assert(await resized.fitsInWidth(), `${what} scrolls sideways at ${size.width} pixels`);
    }
  }

  for (const [name, size] of [["wide", WIDE], ["narrow", NARROW]] as const) {
    const options = { size, script: false, expected: EXPECTED };
    await using opened = await openAs(browser, hbd, "alice", "/live", options);
    const { page } = opened;
    await rowOf(page, "kiosk-5").getByText("Down").waitFor();
    assertEquals(await page.locator(".hosts tbody tr").count(), 39);
    assert(await opened.fitsInWidth(), "/live without JavaScript scrolls sideways");
    await page.screenshot({ path: picturePath(`live-without-script-${name}`), fullPage: true });
    await page.goto(hbd.url("/alerts"));
    await page.getByText("disk_monitor./var/lib/data.percent").first().waitFor();
    assert(await opened.fitsInWidth(), "/alerts without JavaScript scrolls sideways");
    await page.screenshot({ path: picturePath(`alerts-without-script-${name}`), fullPage: true });
  }
});

test("the first run: wide and narrow, light and dark, accessible, with a picture", async (browser) => {
  await using hbd = await serve();
  for (const [name, options] of LOOKS) {
    await using opened = await browser.open(hbd.url("/live"), options);
    await opened.page.getByText("Waiting for the first heartbeat").waitFor();
    await look(opened, `first-run-${name}`);
    await opened.page.goto(hbd.url("/alerts"));
    await opened.page.getByRole("heading", { name: "Alerts" }).waitFor();
    await look(opened, `alerts-none-${name}`);
  }
  await using tiny = await browser.open(hbd.url("/live"), { size: TINY });
  await tiny.page.getByText("Waiting for the first heartbeat").waitFor();
  assert(await tiny.fitsInWidth());
});

test("the theme is chosen and kept; who wants no motion sees none", async (browser) => {
  await using hbd = await serve();
  await using opened = await browser.open(hbd.url("/live"), { reducedMotion: true });
  const { page } = opened;
  await page.getByText("Waiting for the first heartbeat").waitFor();
  assertEquals(await page.evaluate(`document.getAnimations().length`), 0);
  const background = () => page.evaluate(`getComputedStyle(document.body).backgroundColor`);
  const light = await background();
  await page.locator(".menu summary").click();
  await page.getByLabel("Dark").check();
  await eventually(async () => assert(await background() !== light));
  const dark = await background();
  await page.reload();
  assertEquals(await background(), dark);
  await beat(hbd, { name: "a" });
  await rowOf(page, "a").waitFor();
  assertEquals(await page.evaluate(`document.getAnimations().length`), 0);
});

function picturePath(name: string): string {
  return join(import.meta.dirname ?? "", "pictures", `${name}.png`);
}
