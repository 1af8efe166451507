import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { bundle } from "../../scripts/bundle.ts";
import { bestEncoding } from "../../src/web/accept_encoding.ts";
import { Assets } from "../../src/web/assets.ts";

/** A bundle of a little app, and the assets over it, with a clock that the test sets. */
async function bundled(dir: string) {
  for (const folder of ["app", "css", "public"]) await Deno.mkdir(join(dir, folder));
  await Deno.writeTextFile(join(dir, "app/main.tsx"), "console.log('app');");
  await Deno.writeTextFile(join(dir, "app/theme.ts"), "console.log('theme');");
  await Deno.writeTextFile(join(dir, "app/public_status.ts"), "console.log('status');");
  await Deno.writeTextFile(join(dir, "css/01.css"), `a{color: red}${"b{color: blue}".repeat(50)}`);
  await bundle(dir);
  const clock = { ms: 0 };
  const assets = await Assets.load({ dir: join(dir, "dist"), nowMs: () => clock.ms });
  const ask = (path: string, headers: Record<string, string> = {}, method = "GET") =>
    assets.answer(new Request(`http://localhost${path}`, { headers, method }));
  return { assets, ask, clock };
}

/** A test with a folder of its own. */
function test(name: string, run: (dir: string) => Promise<void>): void {
  Deno.test(name, async () => {
    const dir = await Deno.makeTempDir({ prefix: "hbd-assets-" });
    try {
      await run(dir);
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  });
}

test("a file is kept for ever under the name with its hash", async (dir) => {
  const { assets, ask } = await bundled(dir);
  const path = assets.path("app.js") ?? "";
  assertMatch(path, /^\/assets\/app\.[0-9a-f]{10}\.js$/);
  const answer = ask(path);
  assertEquals(answer.status, 200);
  assertEquals(answer.headers.get("content-type"), "text/javascript; charset=utf-8");
  assertEquals(answer.headers.get("cache-control"), "public, max-age=31536000, immutable");
  assertEquals(answer.headers.get("x-content-type-options"), "nosniff");
  assertEquals(answer.headers.get("content-encoding"), null);
  assertMatch(await answer.text(), /app/);
});

test("a file comes in the form that the browser would rather have", async (dir) => {
  const { assets, ask } = await bundled(dir);
  const path = assets.path("app.css") ?? "";
  const plain = new Uint8Array(await ask(path).arrayBuffer());
  const br = ask(path, { "accept-encoding": "gzip, deflate, br" });
  assertEquals(br.headers.get("content-encoding"), "br");
  assertEquals(br.headers.get("vary"), "accept-encoding");
  assertEquals(new Uint8Array(brotliDecompressSync(await br.arrayBuffer())), plain);
  const gzip = ask(path, { "accept-encoding": "gzip" });
  assertEquals(gzip.headers.get("content-encoding"), "gzip");
  assertEquals(new Uint8Array(gunzipSync(await gzip.arrayBuffer())), plain);
});

test("who has a file already gets 304, for each form apart", async (dir) => {
  const { assets, ask } = await bundled(dir);
  const path = assets.path("app.css") ?? "";
  const etag = ask(path).headers.get("etag") ?? "";
  const brTag = ask(path, { "accept-encoding": "br" }).headers.get("etag") ?? "";
  assert(etag !== brTag);
  for (const known of [etag, `W/${etag}`, `"x", ${etag}`, "*"]) {
    const answer = ask(path, { "if-none-match": known });
    assertEquals([answer.status, answer.body, answer.headers.get("etag")], [304, null, etag]);
  }
  assertEquals(ask(path, { "if-none-match": brTag }).status, 200);
  assertEquals(ask(path, { "if-none-match": brTag, "accept-encoding": "br" }).status, 304);
});

test("HEAD answers with the length and without the file", async (dir) => {
  const { assets, ask } = await bundled(dir);
  const answer = ask(assets.path("app.css") ?? "", {}, "HEAD");
  assertEquals(answer.body, null);
  assert(Number(answer.headers.get("content-length")) > 0);
});

test("there is no way out of the folder, nor to a file that the manifest does not name", async (dir) => {
  const { ask } = await bundled(dir);
  const paths = [
    "manifest.json",
    "",
    ".",
    "../static/dist/manifest.json",
    "%2e%2e/%2e%2e/deno.json",
    "..%2f..%2fdeno.json",
    "..%5c..%5cdeno.json",
    "/etc/passwd",
    "%00",
    "__proto__",
    "constructor",
  ];
  for (const path of paths) {
    const answer = ask(`/assets/${path}`);
    assertEquals(answer.status, 404, path);
    await answer.body?.cancel();
  }
});

test("a new bundle is taken up after a second, and the files before it stay", async (dir) => {
  const { assets, ask, clock } = await bundled(dir);
  const before = assets.path("app.css") ?? "";
  await Deno.writeTextFile(join(dir, "css/01.css"), "c{color: green}");
  await bundle(dir);
  const later = new Date(Date.now() + 5000);
  await Deno.utime(join(dir, "dist", "manifest.json"), later, later);
  clock.ms = 999;
  await assets.refresh();
  assertEquals(assets.path("app.css"), before);
  clock.ms = 1000;
  await assets.refresh();
  const after = assets.path("app.css") ?? "";
  assert(after !== before);
  assertEquals(await ask(after).text(), "c{color: green}");
  assertMatch(await ask(before).text(), /red/);
});

test("without a bundle there are no files, and one that is made later is taken up", async (dir) => {
  const clock = { ms: 0 };
  const assets = await Assets.load({ dir: join(dir, "dist"), nowMs: () => clock.ms });
  assertEquals(assets.path("app.js"), null);
  await bundled(dir);
  clock.ms = 1000;
  await assets.refresh();
  assertMatch(assets.path("app.js") ?? "", /^\/assets\//);
});

Deno.test("bestEncoding() goes by the weights, and takes the smaller of equals", () => {
  const cases: readonly (readonly [string | null, string | null])[] = [
    [null, null],
    ["", null],
    ["gzip, deflate, br, zstd", "br"],
    ["gzip", "gzip"],
    ["br;q=0, gzip", "gzip"],
    ["br;q=0.5, gzip;q=0.8", "gzip"],
    ["*", "br"],
    ["*;q=0", null],
    ["br;q=0, *", "gzip"],
    ["identity, gzip;q=0.5", null],
    ["identity;q=0.5, gzip", "gzip"],
    ["BR ; Q=1", "br"],
    ["gzip;q=nonsense", null],
  ];
  for (const [header, best] of cases) assertEquals(bestEncoding(header), best, String(header));
});
