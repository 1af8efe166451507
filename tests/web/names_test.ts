/** What nobody may reach by making a host, or by changing their own: what is of others or of all. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { asUser, PEOPLE, peopleBench } from "./people.ts";
import type { Answered, Asked, Bench } from "./support.ts";

const make = (bench: Bench, body: unknown, asked: Asked): Promise<Answered> =>
  bench.post("/api/0/hosts", body, asked);

Deno.test("of two who make a host of the same name at once, one has it", async () => {
  await using bench = await peopleBench();
  const [olga, otto] = [await asUser(bench, "olga"), await asUser(bench, "otto")];
  const made = await Promise.all([
    make(bench, { name: "new1" }, olga),
    make(bench, { name: "new1" }, otto),
  ]);
  assertEquals(made.map(({ status }) => status).toSorted(), [201, 409]);
  const winner = made[0]?.status === 201 ? "olga" : "otto";
  assertEquals(bench.view.access().ownerOf("new1"), winner);
});

Deno.test("only an admin has a host kept in the DNS", async () => {
  await using bench = await peopleBench(PEOPLE.replace("group: web", "dyn: true"));
  const [olga, otto] = [await asUser(bench, "olga"), await asUser(bench, "otto")];
  const made = await make(bench, { name: "www", dyn: true }, otto);
  assertEquals([made.status, made.json.error.field], [403, "dyn"]);
  assertEquals((await make(bench, { name: "www" }, otto)).status, 201);
  const patch = (host: string, dyn: boolean | null, asked: Asked) =>
    bench.ask(`/api/0/hosts/${host}`, { method: "PATCH", body: { dyn }, ...asked });
  assertEquals((await patch("www", true, otto)).json.error.field, "dyn");
  assertEquals((await patch("www", true, await asUser(bench, "ada"))).json.settings.dyn, true);
  // What it is already, and less than that, its owner may say.
  for (const dyn of [true, false, null]) assertEquals((await patch("web1", dyn, olga)).status, 200);
});

Deno.test("only an admin makes or changes a host that is called like a server", async () => {
  await using bench = await peopleBench();
  const otto = await asUser(bench, "otto");
  const made = await make(bench, { name: "hbd@box", notify: [] }, otto);
  assertEquals([made.status, made.json.error.field], [403, "name"]);
  const ada = await asUser(bench, "ada");
  assertEquals((await make(bench, { name: "hbd@box", owner: "otto" }, ada)).status, 201);
  for (const [method, path] of [["PATCH", ""], ["PUT", "/access"]] as const) {
    const body = { owner: null };
    const changed = await bench.ask(`/api/0/hosts/hbd@box${path}`, { method, body, ...otto });
    assertEquals(changed.status, 403, path);
    assertStringIncludes(changed.json.error.message, "only an admin");
  }
});

Deno.test("who makes a host sees nothing of another one that had its name", async () => {
  await using bench = await peopleBench();
  const [olga, otto] = [await asUser(bench, "olga"), await asUser(bench, "otto")];
  await make(bench, { name: "phoenix" }, olga);
  await bench.beat("phoenix");
  bench.watch.sample("phoenix", "cpu", { load: 85 });
  const event = (text: string) => ({
    seq: bench.watch.monitor.seq,
    atMs: bench.watch.nowMs,
    kind: "note",
    host: "phoenix",
    text,
  });
  bench.past.unshift(event("old"));
  await bench.ask("/api/0/hosts/phoenix", { method: "DELETE", ...olga });
  assertEquals((await make(bench, { name: "phoenix" }, otto)).status, 201);

  const PATHS = ["/api/0/messages", "/api/0/messages?host=phoenix"];
  const seen = async (asked: Asked) => {
    const counts: number[] = [];
    for (const path of PATHS) {
      // deno-lint-ignore no-explicit-any -- as the API tells them
      const { messages } = (await bench.ask(path, asked)).json as any;
      counts.push(messages.filter(({ host }: { host: string }) => host === "phoenix").length);
    }
    const { events } = (await bench.ask("/api/0/hosts/phoenix/events", asked)).json;
    const { alerts } = (await bench.ask("/api/0/hosts/phoenix/alerts", asked)).json;
    return [...counts, events.length, alerts.length];
  };
  assertEquals(await seen(otto), [0, 0, 0, 0]);
  assertEquals(await seen(await asUser(bench, "ada")), [1, 1, 1, 1]);
  await bench.beat("phoenix");
  bench.watch.sample("phoenix", "cpu", { load: 85 });
  bench.past.unshift(event("new"));
  assertEquals(await seen(otto), [1, 1, 1, 1]);
});
