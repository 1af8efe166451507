/** Long work that many ask for at once: some is done, some waits, and the rest is refused. */

import { assertEquals, assertRejects } from "@std/assert";
import { TooManyWait, Turns } from "../../src/journal/turns.ts";

Deno.test("so many tasks are under way, so many wait for their turn, and no more", async () => {
  const turns = new Turns(2, 3);
  const ends = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const begun: number[] = [];
  const done = ends.map(({ promise }, n) =>
    turns.run(async () => {
      begun.push(n);
      await promise;
      if (n === 1) throw new Error("failed");
      return n;
    })
  );
  const failed = assertRejects(() => done[1] ?? Promise.resolve(), Error, "failed");
  await assertRejects(() => turns.run(() => Promise.resolve()), TooManyWait, "try again");
  assertEquals(begun, [0, 1]);
  // What fails leaves its place to the next as well.
  ends[1]?.resolve();
  await failed;
  await until(() => begun.length === 3);
  for (const end of ends) end.resolve();
  assertEquals(await Promise.all(done.filter((_, n) => n !== 1)), [0, 2, 3, 4]);
  assertEquals(begun, [0, 1, 2, 3, 4]);
  assertEquals(await turns.run(() => Promise.resolve("free")), "free");
});

async function until(isSo: () => boolean): Promise<void> {
  for (let n = 0; n < 100 && !isSo(); n++) await Promise.resolve();
  assertEquals(isSo(), true);
}
