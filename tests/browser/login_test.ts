/** Logging in and out, as somebody does it in a browser. */

import { assertEquals, assertMatch } from "@std/assert";
import { eventually } from "../e2e/hbd.ts";
import { browserTests } from "./browser.ts";
import { addressOf, logIn, openAs, people, serve } from "./site.ts";

const test = browserTests();
const PEOPLE = await people({ ada: "admin: true, full_name: Ada Admin", mark: "" });

/** What the browser says of a request that is refused, as it must be here. */
const REFUSED = /status of 401/;

test("who is sent to the login comes back to where they were", async (browser) => {
  await using hbd = await serve(PEOPLE);
  const path = "/alerts?level=CRITICAL&q=disk";
  await using opened = await browser.open(hbd.url(path));
  const { page } = opened;
  assertEquals(addressOf(page), `/login?next=${encodeURIComponent(path)}`);
  await logIn(page, "ada");
  await page.getByRole("heading", { name: "Alerts" }).waitFor();
  assertEquals(addressOf(page), path);
  await page.locator(".menu summary").click();
  await page.getByText("Ada Admin").waitFor();
});

test("a wrong password is said so, and the right one lets in", async (browser) => {
  await using hbd = await serve(PEOPLE);
  await using opened = await browser.open(hbd.url("/settings"), { expected: REFUSED });
  const { page } = opened;
  await logIn(page, "mark", "wrong password");
  assertMatch(await page.getByRole("alert").textContent() ?? "", /password/);
  assertEquals(await page.getByLabel("User").inputValue(), "mark");
  await logIn(page, "mark");
  await page.getByRole("heading", { name: "Settings", exact: true }).waitFor();
  assertEquals(addressOf(page), "/settings");
});

test("who logs out sees nothing any more, in no window", async (browser) => {
  await using hbd = await serve(PEOPLE);
  await using opened = await openAs(browser, hbd, "ada", "/live", { expected: REFUSED });
  const { page } = opened;
  await page.getByText("Waiting for the first heartbeat").waitFor();
  const other = await page.context().newPage();
  await other.goto(hbd.url("/alerts"));
  await other.getByRole("heading", { name: "Alerts" }).waitFor();
  await page.locator(".menu summary").click();
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  await other.getByRole("heading", { name: "Log in" }).waitFor();
  assertEquals(addressOf(other), "/login?next=%2Falerts");
  await page.goto(hbd.url("/live"));
  assertEquals(addressOf(page), "/login?next=%2Flive");
});

test("a page that lay open when the user was taken away leads to the login", async (browser) => {
  await using hbd = await serve(PEOPLE);
  await using opened = await openAs(browser, hbd, "mark", "/live", { expected: REFUSED });
  const { page } = opened;
  await page.getByText("There is no host for you yet").waitFor();
  await Deno.writeTextFile(hbd.configFile, `ws_port: 0\n${await people({ ada: "admin: true" })}`);
  hbd.signal("SIGHUP");
  await page.getByRole("heading", { name: "Log in" }).waitFor();
});

test("without JavaScript one logs in and out as well", async (browser) => {
  await using hbd = await serve(PEOPLE);
  await using opened = await browser.open(hbd.url("/alerts"), {
    script: false,
    expected: REFUSED,
  });
  const { page } = opened;
  await logIn(page, "ada", "wrong password");
  assertMatch(await page.getByRole("alert").textContent() ?? "", /password/);
  await logIn(page, "ada");
  await eventually(() => assertEquals(addressOf(page), "/alerts"));
  await page.getByRole("link", { name: "Log out ada" }).click();
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  await page.goto(hbd.url("/alerts"));
  assertEquals(addressOf(page), "/login?next=%2Falerts");
});
