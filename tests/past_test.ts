/** Looking into the journal for many at once. */

import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
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
