/** Looking into the journal for many at once. */

import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import type { PastQuery } from "../src/web/view_history.ts";
import { TooManyWait } from "../src/journal/turns.ts";
import { Past } from "../src/past.ts";

Deno.test("of too many who search at once, the last are told to come again", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const line = '{"seq":1,"timestamp":5,"host":"a","message":{"x":"y"}}\n';
    await Deno.writeTextFile(join(dir, "journal"), line);
    const past = new Past({ dir, file: "journal" });
    const query = { host: null, text: "y", sinceMs: null, beforeSeq: null, limit: 5 };
    const search = () => past.messages({ ...query, maySee: (host, seq) => host + seq === "a1" });
    const searches = Array.from({ length: 32 }, search);
    await assertRejects(search, TooManyWait);
    await assertRejects(() => past.events({ ...query, maySee: () => true }), TooManyWait);
    const found = (await Promise.all(searches)).map((one) => one?.found.length);
    assertEquals(new Set(found), new Set([1]));
    assertEquals((await search())?.found[0]?.host, "a");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("what a job reports is told in words, by whichever way it came", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const run = "3f2a9c1e-8a51-4c08-9c0b-0d4a1f6f2a11";
    const said = [
      { dialect: "healthchecks", path: "/ping/…/start", message: { ID: "START", run } },
      { dialect: "healthchecks", path: "/ping/…", message: { ID: "HTB", run } },
      { dialect: "hilbert", path: "/hb_ping", message: { ID: "HTB" } },
      { transport: "udp", message: { ID: "START" } },
      { transport: "udp", message: { ID: "HTB" } },
      {
        dialect: "healthchecks",
        path: "/ping/…/3",
        message: { ID: "FAIL", message: "exit code 3" },
      },
      { event: "down", silence_s: 0, missed: 1, reason: "reported a failure: exit code 3" },
      { dialect: "healthchecks", path: "/ping/…/log", message: { ID: "MSG", message: "half" } },
      { path: "/x", message: { ID: "MSG", message: "of our own JSON: a payload as any" } },
      { dialect: "nrdp", path: "/nrdp", message: { ID: "MSG" } },
      { dialect: "hilbert", path: "/hb_done", message: { ID: "SHUTDOWN" } },
      { event: "down", silence_s: 12.4, missed: 0 },
      {
        event: "down",
        silence_s: 0,
        missed: 0,
        reason: "a run that began 3h ago has not finished",
      },
    ];
    const lines = said.map((line, n) => {
      const { transport = "http" } = line;
      const place = { seq: n + 1, timestamp: n, host: "job", source_ip: "::1", source_port: 1 };
      return `${JSON.stringify({ ...place, transport, ...line })}\n`;
    });
    await Deno.writeTextFile(join(dir, "journal"), lines.join(""));
    const past = new Past({ dir, file: "journal" });
    const query: PastQuery = {
      ...{ host: "job", text: null, sinceMs: null, beforeSeq: null, limit: 50 },
      maySee: () => true,
    };
    const { found } = await past.events(query);
    assertEquals(found.toReversed().map(({ kind, text }) => [kind, text]), [
      ["start", "run 3f2a9c1e…"],
      ["success", "run 3f2a9c1e…"],
      ["start", ""],
      ["fail", "exit code 3"],
      ["down", "Reported a failure: exit code 3"],
      ["note", "half"],
      ["shutdown", ""],
      ["down", "No heartbeat for 12 s"],
      ["down", "A run that began 3h ago has not finished"],
    ]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
