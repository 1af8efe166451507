/** What watches over every page of the other tests does notice. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { eventually } from "../e2e/hbd.ts";
import { browserTests } from "./browser.ts";
import { serve } from "./site.ts";

const test = browserTests();

test("errors of a page and its requests to other hosts fail the test", async (browser) => {
  await using hbd = await serve();
  const opened = await browser.open(hbd.url("/live"));
  await opened.page.getByText("Waiting for the first heartbeat").waitFor();
  assertEquals(opened.troubles, []);
  await opened.page.evaluate(`
    console.error("said so");
    setTimeout(() => { throw new Error("nobody caught it"); });
    new Image().src = "http://192.0.2.1/spy.png";
  `);
  await eventually(() => {
    for (const what of ["said so", "nobody caught it", "192.0.2.1"]) {
      assert(opened.troubles.some((one) => one.includes(what)), `${what}: ${opened.troubles}`);
    }
  });
  await assertRejects(() => opened[Symbol.asyncDispose](), Error, "said so");
});

test("a page that is too wide, and one that breaks a rule of accessibility, are found", async (browser) => {
  await using hbd = await serve();
  await using opened = await browser.open(hbd.url("/live"));
  await opened.page.getByText("Waiting for the first heartbeat").waitFor();
  assert(await opened.fitsInWidth());
  await opened.assertAccessible();
  await opened.page.evaluate(`{
    const wide = document.createElement("div");
    wide.style.cssText = "width: 5000px; height: 1px";
    document.body.append(wide, document.createElement("button"));
  }`);
  assert(!await opened.fitsInWidth());
  await assertRejects(() => opened.assertAccessible(), Error, "button-name");
});
