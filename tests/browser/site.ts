/**
 * A server to look at with a browser, the people who log in to it, and what is looked for on its
 * pages.
 *
 * Code that runs in the page is given as text: there is a DOM there, and none here.
 */

import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { hashPassword } from "../../src/access/password.ts";
import { eventually, Hbd, type HbdOptions } from "../e2e/hbd.ts";
import type { PageOptions, TestBrowser, TestPage } from "./browser.ts";

/** The password of everybody. */
export const PASSWORD = "correct horse";

/** Rounds of the hash: few, for logins are slow on purpose. */
const ITERATIONS = 1000;

/** What a browser itself says when the server is away. */
export const AWAY = /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|WebSocket/;

/** Starts a server; no port of it is one that another server may have. */
export function serve(config = "", options: Omit<HbdOptions, "config"> = {}): Promise<Hbd> {
  return Hbd.start({ ...options, config: `ws_port: 0\n${config}` });
}

/**
 * The part of a configuration that makes people: each with what else there is to say of them.
 *
 *     await people({ ada: "admin: true", mark: "" })
 */
export async function people(who: Readonly<Record<string, string>>): Promise<string> {
  const hash = await hashPassword(PASSWORD, ITERATIONS);
  const lines = Object.entries(who).map(([name, more]) =>
    `  ${name}: {password: "${hash}"${more === "" ? "" : `, ${more}`}}\n`
  );
  return `users:\n${lines.join("")}`;
}

/** A page at `path` for `user`, who has just logged in. */
export async function openAs(
  browser: TestBrowser,
  hbd: Hbd,
  user: string,
  path: string,
  options: PageOptions = {},
): Promise<TestPage> {
  const opened = await browser.open(hbd.url(path), options);
  await logIn(opened.page, user);
  return opened;
}

/** Fills in the login and sends it off. */
export async function logIn(page: Page, user: string, password = PASSWORD): Promise<void> {
  await page.getByLabel("User").fill(user);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
}

/** The row of a host on `/live`. */
export function rowOf(page: Page, host: string) {
  return page.getByRole("row").filter({
    has: page.getByRole("link", { name: host, exact: true }),
  });
}

/** The names in the table of hosts, from top to bottom. */
export async function namesShown(page: Page): Promise<readonly string[]> {
  const names = await page.evaluate(`[...document.querySelectorAll(".hosts tbody tr")]
    .map((row) => [Number(row.getAttribute("aria-rowindex")), row.querySelector("a").textContent])
    .sort(([a], [b]) => a - b).map(([, name]) => name)`) as unknown;
  return names as string[];
}

/** Waits until the table of hosts shows these names in this order. */
export async function showsNames(page: Page, names: readonly string[]): Promise<void> {
  await eventually(async () => assertEquals(await namesShown(page), names));
}

/** The path and the query of the page. */
export function addressOf(page: Page): string {
  const { pathname, search } = new URL(page.url());
  return pathname + search;
}
