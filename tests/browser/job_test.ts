/** The page of a host that runs a job: its runs, its failure, what it printed, its calendar. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { eventually, getHost, type Hbd } from "../e2e/hbd.ts";
import { browserTests, NARROW, type PageOptions, WIDE } from "./browser.ts";
import { rowOf, serve } from "./site.ts";

const test = browserTests();

const CONFIG = `
hosts:
  backup: {cron: "0 3 * * *", tz: Asia/Tokyo, grace: 20m, group: storage}
  mirror: {cron: "*/15 * * * *", grace: 5m, group: storage}
  report: {interval: 1h, grace: 1s}
  sealed: {interval: 1h, ping_id: 7b1f0c3a-5d52-4f1e-9a53-1c54b1d9d0aa}
`;

const OUTPUT = `sending incremental file list
srv/photos/2026/november.tar  1.84G 100%  112.40MB/s
rsync: [sender] write error: No space left on device (28)
<script>document.title = "taken over"</script> & more
`;

const RUN = "3f2a9c1e-8a51-4c08-9c0b-0d4a1f6f2a11";

/** Sends a ping, as `curl` in a job does. */
async function ping(hbd: Hbd, path: string, body?: string): Promise<void> {
  const answer = await fetch(hbd.url(`/ping/key/${path}`), {
    method: body === undefined ? "GET" : "POST",
    ...(body !== undefined && { body }),
  });
  assertEquals([answer.status, await answer.text()], [200, "OK"]);
}

test("a run is shown while it goes on, how it ended, and what it printed", async (browser) => {
  await using hbd = await serve(CONFIG);
  await ping(hbd, `backup/start?rid=${RUN}`);
  await using opened = await browser.open(hbd.url("/plugins/backup"));
  const { page } = opened;
  const runs = page.getByRole("region", { name: "Runs" });
  await runs.getByText(/^Running for \d+ s$/).waitFor();
  await runs.getByText(/run 3f2a9c1e…/).waitFor();
  await runs.getByText("Healthchecks.io pings").waitFor();

  await ping(hbd, `backup?rid=${RUN}`, "42 files\n");
  await runs.getByText("Succeeded").waitFor();
  assertEquals(await runs.getByText("Running for").count(), 0);
  assertMatch(await runs.innerText(), /Took\s+[\d.]+ s/);
  await runs.getByText(/^What it said/).click();
  await runs.getByText("42 files").waitFor();
  const events = page.getByRole("region", { name: "Events" });
  await events.getByText("Succeeded: run 3f2a9c1e…").waitFor();
  await events.getByText("Began: run 3f2a9c1e…").waitFor();
  assertEquals(await page.locator(".host-failure").count(), 0);
});

test("a failure stands at the top, with what was printed as plain text, and why it fired", async (browser) => {
  await using hbd = await serve(CONFIG);
  await ping(hbd, "backup/start");
  await using opened = await browser.open(hbd.url("/plugins/backup"));
  const { page } = opened;
  await page.locator(".host-now").getByText("Up").waitFor();
  await ping(hbd, "backup/3", OUTPUT);
  await page.locator(".host-now").getByText("Down").waitFor();
  const failure = page.locator(".host-failure");
  await failure.waitFor();
  assertMatch(
    await failure.innerText(),
    /^Reported a failure \d+ s ago: exit code 3: sending incremental file list$/,
  );
  // It is down for what it said: its next run is not overdue.
  await page.locator(".host-now").getByText(/^Next beat expected in \d+ h/).waitFor();
  const runs = page.getByRole("region", { name: "Runs" });
  await runs.getByText("Failed").waitFor();
  await runs.getByText(/^What it said/).click();
  assertEquals(await runs.locator("pre").textContent(), OUTPUT);
  assertEquals((await page.title()).includes("taken over"), false);
  const alerts = page.getByRole("list", { name: "Alerts that hold now" });
  await alerts.getByText("Why did this fire?").click();
  await alerts.getByText(/At [\d:]+ it reported a failure: exit code 3/).waitFor();
  await page.getByRole("region", { name: "Events" })
    .getByText(/^Down: Reported a failure: exit code 3/).waitFor();

  await ping(hbd, "backup");
  await page.locator(".host-now").getByText("Up").waitFor();
  await failure.waitFor({ state: "detached" });
});

test("a run that takes too long is marked, and the host is down", async (browser) => {
  await using hbd = await serve(CONFIG);
  await ping(hbd, "report/start");
  await using opened = await browser.open(hbd.url("/plugins/report"));
  const { page } = opened;
  await page.locator(".host-failure").getByText("1s allowed").waitFor();
  assertMatch(
    await page.locator(".host-failure").innerText(),
    /^A run takes too long: it began \d+ s ago, 1s allowed$/,
  );
  const runs = page.getByRole("region", { name: "Runs" });
  await runs.getByText("takes too long").waitFor();
  const alerts = page.getByRole("list", { name: "Alerts that hold now" });
  await alerts.getByText("Why did this fire?").click();
  await alerts.getByText(/it found that a run that began .* has not finished/).waitFor();
});

test("a calendar shows its next times, in its own zone, too, where that is another", async (browser) => {
  await using hbd = await serve(CONFIG);
  await using opened = await browser.open(hbd.url("/plugins/backup"));
  const { page } = opened;
  const schedule = page.getByRole("region", { name: "Schedule" });
  await schedule.getByText("0 3 * * *").waitFor();
  const rows = schedule.locator("tbody tr");
  assertEquals(await rows.count(), 5);
  assertMatch(await schedule.innerText(), /Asia\/Tokyo[^]*20 min/);
  // Which zone the browser is in is its own business.
  if (await schedule.locator("thead").count() > 0) {
    for (const row of await rows.all()) assertMatch(await row.innerText(), /03:00/);
  }
  assertMatch(await rows.first().locator("time").getAttribute("title") ?? "", /:00:00\.000/);
  const times = page.getByRole("region", { name: "Times" });
  await times.getByText("Deadline").waitFor();
  assertEquals(await times.getByText("Interval").count(), 0);
  await page.getByRole("link", { name: "Live" }).click();
  await rowOf(page, "backup").getByText("0 3 * * *").waitFor();
  await using plain = await browser.open(hbd.url("/live"), { script: false });
  await rowOf(plain.page, "backup").getByText("0 3 * * *").waitFor();
});

test("the lines for a job work as they are pasted", async (browser) => {
  await using hbd = await serve(CONFIG);
  await using opened = await browser.open(hbd.url("/plugins/backup"));
  const { page } = opened;
  const line = await page.locator("pre", { hasText: "/start" }).first().textContent() ?? "";
  assertMatch(line, /^0 3 \* \* \* curl/);
  const command = line.split(" ").slice(5).join(" ").replace("/path/to/job", "sh -c 'exit 7'");
  await new Deno.Command("sh", { args: ["-c", command] }).output();
  await page.locator(".host-failure").getByText("exit code 7").waitFor();
  const script = await page.locator("pre", { hasText: "said=" }).textContent() ?? "";
  const job = "sh -c 'echo all is well'";
  const { success } = await new Deno.Command("sh", {
    args: ["-c", script.replace("/path/to/job", job)],
  }).output();
  assert(success, script);
  await eventually(async () => assertEquals((await getHost(hbd, "backup"))?.state, "up"));
  await page.getByText(/^What it said/).click();
  await page.locator(".run-body").getByText("all is well").waitFor();

  await page.goto(hbd.url("/plugins/sealed"));
  await page.getByText("How to make this host beat").waitFor();
  assertEquals((await page.content()).includes("7b1f0c3a"), false);
});

const LOOKS: readonly (readonly [string, PageOptions])[] = [
  ["wide-light", { size: WIDE, scheme: "light" }],
  ["wide-dark", { size: WIDE, scheme: "dark" }],
  ["narrow-light", { size: NARROW, scheme: "light" }],
  ["narrow-dark", { size: NARROW, scheme: "dark" }],
];

test("pages of jobs: wide and narrow, light and dark, accessible, with a picture", async (browser) => {
  await using hbd = await serve(CONFIG);
  await ping(hbd, `backup/start?rid=${RUN}`);
  await ping(hbd, "mirror/start");
  await ping(hbd, "mirror", OUTPUT);
  await ping(hbd, "report/start?rid=0d4a1f6f-2a11-4c08-9c0b-3f2a9c1e8a51");
  await ping(hbd, "report/start");
  await ping(hbd, `backup/3?rid=${RUN}`, OUTPUT);
  for (const [look, options] of LOOKS) {
    await using opened = await browser.open(hbd.url("/live"), options);
    const { page } = opened;
    await rowOf(page, "report").getByText("Down").waitFor();
    await opened.picture(`jobs-live-${look}`);
    for (const host of ["backup", "mirror", "report"]) {
      await page.goto(hbd.url(`/plugins/${host}`));
      await page.getByRole("region", { name: "Runs" }).waitFor();
      await page.getByText("24 hours").waitFor();
      if (host !== "report") await page.getByText(/^What it said/).click();
      if (host === "mirror") await page.getByText("How to make this host beat").click();
      await opened.drawn();
      assert(await opened.fitsInWidth(), `${host} scrolls sideways, ${look}`);
      await opened.picture(`job-${host}-${look}`);
      await opened.assertAccessible();
      if (look !== "narrow-light") continue;
      await page.setViewportSize({ width: 320, height: 640 });
      await opened.drawn();
      assert(await opened.fitsInWidth(), `${host} scrolls sideways on the smallest phones`);
      await page.setViewportSize(NARROW);
    }
    await page.goto(hbd.url("/plugins/backup"));
    await page.getByRole("button", { name: "Edit …" }).click();
    await page.getByText(/It beats by its calendar/).waitFor();
    await opened.picture(`job-edit-${look}`);
    await opened.assertAccessible();
  }
});
