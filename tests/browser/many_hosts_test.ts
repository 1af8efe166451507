/** Ten thousand hosts on one page. */

import { assert, assertEquals } from "@std/assert";
import { eventually, type Hbd } from "../e2e/hbd.ts";
import { browserTests } from "./browser.ts";
import { namesShown, rowOf, serve } from "./site.ts";

const test = browserTests();

const HOSTS = 10_000;
const AT_ONCE = 200;

const nameOf = (n: number) => `host-${String(n).padStart(5, "0")}`;

async function fill(hbd: Hbd): Promise<void> {
  for (let from = 0; from < HOSTS; from += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, async (_, i) => {
      const body = JSON.stringify({ name: nameOf(from + i), interval: 3600 });
      const answer = await fetch(hbd.url(), { method: "POST", body });
      await answer.body?.cancel();
      assertEquals(answer.status, 200);
    }));
  }
}

test("of 10,000 hosts few rows are in the page, and each can be reached", async (browser) => {
  await using hbd = await serve();
  await fill(hbd);
  await using opened = await browser.open(hbd.url("/live"));
  const { page } = opened;
  await page.getByRole("heading", { name: "None of 10,000 hosts is down" }).waitFor();
  await rowOf(page, nameOf(0)).waitFor();
  const rows = () => page.evaluate(`document.querySelectorAll(".hosts tbody tr").length`);
  assert(Number(await rows()) < 100, `${await rows()} rows`);
  // They come in several messages.
  await page.locator(`.hosts[aria-rowcount="${HOSTS + 1}"]`).waitFor();

  await page.evaluate("scrollTo(0, document.documentElement.scrollHeight)");
  // The newest messages stand below on this width: the last row is above them.
  await page.evaluate(`scrollTo(0, scrollY + document.querySelector(".hosts tbody")
    .getBoundingClientRect().bottom - innerHeight)`);
  await rowOf(page, nameOf(HOSTS - 1)).waitFor();
  assertEquals((await namesShown(page)).at(-1), nameOf(HOSTS - 1));
  assert(Number(await rows()) < 100, `${await rows()} rows`);

  await page.keyboard.press("/");
  await page.keyboard.type("host-04242");
  await eventually(async () => assertEquals(await namesShown(page), [nameOf(4242)]));
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: nameOf(4242) }).waitFor();
});
