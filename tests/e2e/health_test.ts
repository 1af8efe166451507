/** `hbd health` as scripts and containers use it: the exit code is the answer. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { eventually, Hbd, runHbd } from "./hbd.ts";

Deno.test("health is 0 for a server that works, 1 for one that has gone", async () => {
  await using hbd = await Hbd.start();
  const url = hbd.url("");
  for (const asked of [url, `${url}/`, `${url}/healthz`]) {
    const { code, stdout, stderr } = await runHbd(["health", asked]);
    assertEquals([code, stdout, stderr], [0, "ok\n", ""]);
  }
  await hbd.stop();
  const { code, stdout, stderr } = await runHbd(["health", url]);
  assertEquals([code, stdout], [1, ""]);
  assertMatch(stderr, /^hbd: No answer from http:\S+\/healthz: .*refused/);
});

Deno.test("health asks where the configuration says that the server listens", async () => {
  await using hbd = await Hbd.start();
  const file = join(hbd.stateDir, "asked.yaml");
  await Deno.writeTextFile(file, `hbd_port: ${hbd.port}\n`);
  const { code, stdout } = await runHbd(["health", "-c", file]);
  assertEquals([code, stdout], [0, "ok\n"]);
});

Deno.test("a server of which a part does not work is healthy, unless --strict", async () => {
  await using hbd = await Hbd.start({ config: "beat_log: /dev/full\n" });
  await fetch(hbd.url(), { method: "POST", body: `{"name":"a"}` }).then((r) => r.body?.cancel());
  await eventually(async () => {
    const { code, stdout, stderr } = await runHbd(["health", hbd.url(), "--strict"]);
    assertEquals([code, stdout], [1, "degraded\n"]);
    assertMatch(stderr, /^\w+: .+\n/);
  });
  const { code, stdout } = await runHbd(["health", hbd.url()]);
  assertEquals([code, stdout], [0, "degraded\n"]);
});

Deno.test("what answers, but is no hbd, is not healthy", async () => {
  await using other = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response("<html>somebody else</html>"),
  );
  const url = `http://127.0.0.1:${other.addr.port}`;
  const { code, stderr } = await runHbd(["health", url]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, `${url}/healthz answered 200, but not as hbd does`);
});

Deno.test("health refuses what is no address, and two of them", async () => {
  assertEquals((await runHbd(["health", "localhost:50004"])).code, 2);
  assertEquals((await runHbd(["health", "http://localhost:1", "-c", "x.yaml"])).code, 2);
});
