/** What the monitor judges by, made of configurations as people write them. */

import { assertEquals } from "@std/assert";
import { parseConfig } from "../src/config/load.ts";
import { watchSettings } from "../src/watch_settings.ts";

Deno.test("a run may take as long as its host's own grace; a grace of 0 limits no run", async () => {
  const config = await parseConfig(
    `grace: 5
hosts:
  job: {interval: 60, grace: 2m}
  exact: {interval: 60, grace: 0}
  plain: {interval: 60}
`,
    "/etc/hbd.yaml",
  );
  const { hosts } = watchSettings(config);
  const limits = Array.from(hosts, ([name, { runLimitMs }]) => [name, runLimitMs]);
  assertEquals(limits, [["job", 120_000], ["exact", undefined], ["plain", undefined]]);
});
