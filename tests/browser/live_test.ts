/** `/live`: from the first beat on, what happens is shown as it happens. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { beat, eventually, getHost, tempDir } from "../e2e/hbd.ts";
import { browserTests } from "./browser.ts";
import { addressOf, AWAY, namesShown, rowOf, serve, showsNames } from "./site.ts";

const test = browserTests();

/** What the server has is on the page within this time. */
const AT_ONCE = { timeout: 1000 };

test("first run: the lines are there, and the first beat makes a dashboard of it", async (browser) => {
  await using hbd = await serve();
  await using opened = await browser.open(hbd.url("/"));
  const { page } = opened;
  await page.getByRole("heading", { name: "Waiting for the first heartbeat" }).waitFor();
  const lines = await page.locator("pre").allTextContents();
  assertEquals(lines, [
    `curl -d '{"name":"my-device"}' http://127.0.0.1:${hbd.port}/`,
    `hbc -b 127.0.0.1:${hbd.udpPort}`,
    `printf '{"ID":"HTB","name":"my-device"}' | nc -u -w1 127.0.0.1 ${hbd.udpPort}`,
  ]);
  await page.evaluate("window.isTheSame = true");
  const sent = await new Deno.Command("sh", { args: ["-c", lines[2] ?? ""] }).output();
  assert(sent.success);
  await rowOf(page, "my-device").waitFor();
  await page.getByRole("heading", { name: "The host is not down" }).waitFor();
  assertEquals(await page.evaluate("window.isTheSame"), true);
});

test("a beat, a down and an up are on the page within a second", async (browser) => {
  await using hbd = await serve("interval: 1\ngrace: 1\n");
  await beat(hbd, { name: "long-known", interval: 600 });
  await using opened = await browser.open(hbd.url("/live"));
  const { page } = opened;
  await rowOf(page, "long-known").waitFor();

  await beat(hbd, { name: "a", note: "the first one" });
  await rowOf(page, "a").waitFor(AT_ONCE);
  await page.getByText("note the first one").waitFor(AT_ONCE);

  await eventually(async () => assertEquals((await getHost(hbd, "a"))?.state, "down"));
  await rowOf(page, "a").getByText("Down").waitFor(AT_ONCE);
  await page.getByRole("heading", { name: "1 of 2 hosts is down" }).waitFor(AT_ONCE);
  // Changes of a moment are read out together, a little later.
  await page.locator("[aria-live=polite]", { hasText: "a is down" }).waitFor();
  // The tab says it, too.
  await eventually(async () => assertMatch(await page.title(), /^\(1\)|^1 /), AT_ONCE.timeout);

  await beat(hbd, { name: "a", interval: 600 });
  await rowOf(page, "a").getByText("Up").waitFor(AT_ONCE);
  await page.getByRole("heading", { name: "None of 2 hosts is down" }).waitFor(AT_ONCE);
});

test("what is searched, filtered and sorted is in the address and outlives a reload", async (browser) => {
  await using hbd = await serve(`
hosts:
  alpha: {group: front, owner: ann, interval: 100}
  beta: {group: back, owner: ann, interval: 300}
  gamma: {group: back, owner: bob, interval: 200}
  delta: {group: back, owner: ann, interval: 50}
`);
  for (const name of ["alpha", "beta", "gamma"]) await beat(hbd, { name });
  await using opened = await browser.open(hbd.url("/live"));
  const { page } = opened;
  await showsNames(page, ["delta", "alpha", "beta", "gamma"]);

  await page.getByRole("button", { name: "Every" }).click();
  await showsNames(page, ["delta", "alpha", "gamma", "beta"]);
  await page.getByRole("button", { name: "Every" }).click();
  await showsNames(page, ["beta", "gamma", "alpha", "delta"]);
  await page.getByLabel("Group").first().selectOption("back");
  await page.getByLabel("Owner").first().selectOption("ann");
  await page.getByRole("button", { name: "3 Up" }).click();
  await showsNames(page, ["beta"]);
  await page.getByLabel("Search hosts").fill("ET");
  await showsNames(page, ["beta"]);
  const address = "/live?sort=every&dir=desc&group=back&owner=ann&state=up&q=ET";
  assertEquals(addressOf(page), address);

  await page.reload();
  await showsNames(page, ["beta"]);
  assertEquals(addressOf(page), address);
  assertEquals(await page.getByLabel("Search hosts").inputValue(), "ET");
  assertEquals(
    await page.getByRole("columnheader", { name: "Every" }).getAttribute("aria-sort"),
    "descending",
  );

  // To a host and back: all is as it was.
  await page.getByRole("link", { name: "beta", exact: true }).first().click();
  await page.getByRole("heading", { name: "beta" }).waitFor();
  await page.goBack();
  await showsNames(page, ["beta"]);
  await page.getByRole("button", { name: "Show all" }).click();
  await showsNames(page, ["beta", "gamma", "alpha", "delta"]);
  assertEquals(addressOf(page), "/live?sort=every&dir=desc");
});

test("while the server is away the page says so, and goes on by itself when it is back", async (browser) => {
  await using state = await tempDir();
  const port = freePort();
  const options = { stateDir: state.path, args: [String(port), "30"] };
  await using hbd = await serve("", options);
  await beat(hbd, { name: "a" });
  await using opened = await browser.open(hbd.url("/live"), { expected: AWAY });
  const { page } = opened;
  await rowOf(page, "a").waitFor();
  // The row may be the one that the server has drawn: what is searched is what the app has.
  await page.getByLabel("Search hosts").waitFor();
  await hbd.stop();
  const note = page.getByText("Disconnected");
  await note.waitFor();
  assertMatch(
    await page.getByRole("status").filter({ hasText: "Disconnected" }).textContent() ?? "",
    /^Disconnected, data from \d\d:\d\d:\d\d\./,
  );
  assertEquals(await namesShown(page), ["a"]);
  await opened.assertAccessible();

  await using again = await serve("", options);
  await beat(again, { name: "b" });
  await note.waitFor({ state: "hidden" });
  await rowOf(page, "b").waitFor();
  await beat(again, { name: "c" });
  await rowOf(page, "c").waitFor(AT_ONCE);
});

test("behind a proxy that lets no WebSocket through the page says so, and shows what it came with", async (browser) => {
  await using hbd = await serve("");
  await beat(hbd, { name: "a" });
  await using proxy = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { pathname } = new URL(request.url);
    return fetch(hbd.url(pathname), {
      headers: { accept: request.headers.get("accept") ?? "*/*" },
    });
  });
  const url = `http://127.0.0.1:${proxy.addr.port}/live`;
  await using opened = await browser.open(url, { expected: AWAY });
  const { page } = opened;
  await page.getByRole("status").filter({ hasText: "Disconnected" }).waitFor();
  await page.getByRole("link", { name: "a", exact: true }).waitFor();
});

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}
