import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { importTool } from "../../src/cli/import.ts";
import { splitCommandLine } from "../../src/config/command_line.ts";
import { tempDir } from "../e2e/hbd.ts";

Deno.test("what stands in a log does not steer the terminal of who imports it", async () => {
  await using dir = await tempDir();
  const log = join(dir.path, "heartbeats.log");
  const lines = ["2026-11-01 12:00:00", "\x1b[2J", "2026-11-01 12:00:10"].map((timestamp) =>
    JSON.stringify({ timestamp, client_ip: "10.0.0.1", path: "/a", payload: {} })
  );
  await Deno.writeTextFile(log, `${lines.join("\n")}\n`);
  let out = "";
  const words = [log, "--dry-run", "--tz", "UTC", "--state-dir", join(dir.path, "state")];
  const code = await importTool.run(splitCommandLine(words, importTool.options), {
    out: (text) => out += text,
    note: () => {},
  });
  assertEquals(code, 0, out);
  assertStringIncludes(out, "1 line could not be read: line 2 (");
  assertStringIncludes(out, "2 beats");
  assert(!out.includes("\x1b"), out);
});
