/** Everybody sees what is theirs, and is offered what they may do. */

import { assert, assertEquals } from "@std/assert";
import { beat, eventually, type Hbd } from "../e2e/hbd.ts";
import { browserTests, type TestBrowser } from "./browser.ts";
import { openAs, people, serve, showsNames } from "./site.ts";

const test = browserTests();

const USERS = await people({ ada: "admin: true", olga: "", mark: "", mona: "" });
const CONFIG = `${USERS}grace: 1
hosts:
  web1: {owner: olga, managers: [mark], monitors: [mona], interval: 600}
  web2: {owner: olga, monitors: [mark], interval: 600}
  db1: {interval: 1}
`;

/** Some pages ask for what their reader may not have; the server says no. */
const REFUSED = /status of 40[134]/;

async function start(): Promise<Hbd> {
  const hbd = await serve(CONFIG);
  for (const name of ["web1", "web2", "db1"]) await beat(hbd, { name });
  return hbd;
}

/** The buttons at the head of a host's page, as `user` has them. */
async function offered(browser: TestBrowser, hbd: Hbd, user: string, host: string) {
  await using opened = await openAs(browser, hbd, user, `/plugins/${host}`, {
    expected: REFUSED,
  });
  const { page } = opened;
  await page.getByRole("region", { name: "Times" }).waitFor();
  const buttons = await page.locator(".host-head button").allTextContents();
  return {
    buttons,
    commands: await page.getByRole("region", { name: "Commands" }).count() > 0,
  };
}

test("what a role does not allow is not offered", async (browser) => {
  await using hbd = await start();
  const seen = await Promise.all([
    offered(browser, hbd, "ada", "web1"),
    offered(browser, hbd, "olga", "web1"),
    offered(browser, hbd, "mark", "web1"),
    offered(browser, hbd, "mona", "web1"),
    offered(browser, hbd, "mark", "web2"),
  ]);
  const owner = { buttons: ["Pause …", "Edit …", "Access …", "Drop …"], commands: true };
  const monitor = { buttons: [], commands: false };
  assertEquals(seen, [
    owner,
    owner,
    { buttons: ["Pause …"], commands: true },
    monitor,
    monitor,
  ]);
});

test("who may only look can acknowledge nothing, a manager can", async (browser) => {
  const config = CONFIG.replaceAll("interval: 600", "interval: 1");
  await using hbd = await serve(`incident_hosts: 0\nflap_threshold: 0\n${config}`);
  for (const name of ["web1", "web2"]) await beat(hbd, { name });
  for (const [user, buttons] of [["mona", []], ["mark", ["web1"]]] as const) {
    await using opened = await openAs(browser, hbd, user, "/alerts", { expected: REFUSED });
    const { page } = opened;
    await page.getByRole("listitem").filter({ hasText: "web1" }).getByText("CRITICAL").waitFor();
    const offered = page.getByRole("button", { name: /^Acknowledge/ });
    await eventually(async () =>
      assertEquals(
        await offered.allTextContents(),
        buttons.map((host) => `Acknowledge ${host}`),
      )
    );
    await page.goto(hbd.url("/plugins/web1"));
    await page.getByRole("region", { name: "Times" }).waitFor();
    await eventually(async () => assertEquals(await offered.count(), buttons.length));
  }
});

test("two people see different hosts, alerts and settings", async (browser) => {
  await using hbd = await start();
  await using olga = await openAs(browser, hbd, "olga", "/live", { expected: REFUSED });
  await using ada = await openAs(browser, hbd, "ada", "/live", { expected: REFUSED });
  await showsNames(olga.page, ["web1", "web2"]);
  await showsNames(ada.page, ["db1", "web1", "web2"]);
  await ada.page.getByText("1 of 3 hosts is down").waitFor();
  await olga.page.getByText("None of 2 hosts is down").waitFor();
  await olga.page.getByRole("link", { name: "Alerts" }).click();
  await olga.page.getByText("All is well").waitFor();
  await ada.page.getByRole("link", { name: /Alerts/ }).click();
  await ada.page.getByRole("listitem").filter({ hasText: "db1" }).waitFor();
  for (const [{ page }, hasConfig] of [[ada, true], [olga, false]] as const) {
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByRole("heading", { name: "Your API keys" }).waitFor();
    if (!hasConfig) await page.getByText("These are for admins.", { exact: false }).waitFor();
    const config = page.getByRole("heading", { name: "Configuration in force" });
    await eventually(async () => assertEquals(await config.count(), hasConfig ? 1 : 0));
  }
  await olga.page.goto(hbd.url("/plugins/db1"));
  await olga.page.getByText("There is no host of this name, or you may not see it").waitFor();
});

test("a host that is taken away at a reload disappears, and one that is given appears", async (browser) => {
  await using hbd = await start();
  await using mark = await openAs(browser, hbd, "mark", "/live", { expected: REFUSED });
  const { page } = mark;
  await showsNames(page, ["web1", "web2"]);
  await page.evaluate("window.isTheSame = true");
  const changed = CONFIG.replace("managers: [mark], ", "").replace("db1: {", "db1: {owner: mark, ");
  await Deno.writeTextFile(hbd.configFile, `ws_port: 0\n${changed}`);
  hbd.signal("SIGHUP");
  await showsNames(page, ["db1", "web2"]);
  assertEquals(await page.evaluate("window.isTheSame"), true);
});

test("an owner gives a colleague access, who then sees the host at once", async (browser) => {
  await using hbd = await start();
  await using mona = await openAs(browser, hbd, "mona", "/live", { expected: REFUSED });
  await showsNames(mona.page, ["web1"]);
  await using olga = await openAs(browser, hbd, "olga", "/plugins/web2", { expected: REFUSED });
  const { page } = olga;
  await page.getByRole("button", { name: "Access …" }).click();
  const dialog = page.getByRole("dialog", { name: "Access to web2" });
  await dialog.getByLabel(/^Monitors/).fill("mark, mona");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "hidden" });
  await showsNames(mona.page, ["web1", "web2"]);
});

test("a key is shown once, works, and does not after it is revoked", async (browser) => {
  await using hbd = await start();
  await using mark = await openAs(browser, hbd, "mark", "/settings", { expected: REFUSED });
  const { page } = mark;
  await page.getByLabel("What it is for").fill("wall display");
  await page.getByRole("button", { name: /^Make/ }).click();
  const secret = (await page.locator("pre", { hasText: "hbk_" }).textContent() ?? "").trim();
  const ask = async () => {
    const answer = await fetch(hbd.url("/api/0/hosts"), { headers: { "x-auth-token": secret } });
    await answer.body?.cancel();
    return answer.status;
  };
  assertEquals(await ask(), 200);
  await page.reload();
  await page.getByText("wall display").first().waitFor();
  assert(!(await page.content()).includes(secret));
  await page.getByRole("button", { name: /Revoke/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: /Revoke/ }).click();
  await page.getByText("wall display is revoked").waitFor();
  assertEquals(await ask(), 401);
});
