import { assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { bundle, isStale } from "../../scripts/bundle.ts";
import { minifyCss } from "../../scripts/minify_css.ts";

/** A little web app in a folder of its own, gone at the end of the test. */
class Site implements AsyncDisposable {
  private constructor(readonly dir: string) {}

  static async make(): Promise<Site> {
    const site = new Site(await Deno.makeTempDir({ prefix: "hbd-bundle-" }));
    await site.write("app/other.ts", "export const word: string = 'other';");
    await site.write("app/main.tsx", "import { word } from './other.ts'; console.log(word);");
    await site.write("app/theme.ts", "console.log('theme');");
    await site.write("app/public_status.ts", "console.log('status');");
    await site.write("css/01_first.css", "/* first */\n.a {\n  color: red;\n}\n");
    await site.write("css/02_second.css", ".b { color: blue; }");
    await site.write("public/favicon.svg", "<svg/>");
    return site;
  }

  async write(path: string, text: string): Promise<void> {
    const file = join(this.dir, path);
    await Deno.mkdir(join(file, ".."), { recursive: true });
    await Deno.writeTextFile(file, text);
  }

  async manifest(): Promise<Readonly<Record<string, string>>> {
    return JSON.parse(await this.dist("manifest.json"));
  }

  dist(name: string): Promise<string> {
    return Deno.readTextFile(join(this.dir, "dist", name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.dir, { recursive: true });
  }
}

Deno.test("bundle() puts every file under a name with its hash, compressed beside it", async () => {
  await using site = await Site.make();
  const { gzipBytes, files } = await bundle(site.dir);
  const manifest = await site.manifest();
  assertEquals(Object.keys(manifest).sort(), [
    "app.css",
    "app.js",
    "favicon.svg",
    "status.js",
    "theme.js",
  ]);
  let sum = 0;
  for (const [name, hashed] of Object.entries(manifest)) {
    assertMatch(hashed, /^\w+\.[0-9a-f]{10}\.\w+$/);
    assertEquals(files.get(name)?.name, hashed);
    const plain = await Deno.readFile(join(site.dir, "dist", hashed));
    const gzip = await Deno.readFile(join(site.dir, "dist", `${hashed}.gz`));
    const br = await Deno.readFile(join(site.dir, "dist", `${hashed}.br`));
    assertEquals(new Uint8Array(gunzipSync(gzip)), plain);
    assertEquals(new Uint8Array(brotliDecompressSync(br)), plain);
    sum += gzip.length;
  }
  assertEquals(gzipBytes, sum);
  assertMatch(await site.dist(manifest["app.js"] ?? ""), /other/);
});

Deno.test("bundle() joins style sheets by name, or as order.txt says", async () => {
  await using site = await Site.make();
  await bundle(site.dir);
  assertEquals(
    await site.dist((await site.manifest())["app.css"] ?? ""),
    ".a{color: red}.b{color: blue}",
  );
  await site.write("css/order.txt", "02_second.css\n");
  await bundle(site.dir);
  assertEquals(
    await site.dist((await site.manifest())["app.css"] ?? ""),
    ".b{color: blue}.a{color: red}",
  );
  await site.write("css/order.txt", "03_third.css\n");
  await assertRejects(() => bundle(site.dir), Error, "names 03_third.css, which is not there");
});

Deno.test("bundle() refuses what is too large, and leaves the last bundle in place", async () => {
  await using site = await Site.make();
  await bundle(site.dir);
  const before = await site.manifest();
  await site.write("app/main.tsx", "console.log('changed');");
  await assertRejects(() => bundle(site.dir, 100), Error, "and may have 100: app.js");
  assertEquals(await site.manifest(), before);
});

Deno.test("bundle() says what is wrong with a script, and leaves the last bundle in place", async () => {
  await using site = await Site.make();
  await bundle(site.dir);
  const before = await site.manifest();
  await site.write("app/main.tsx", "import './missing.ts'; const = 3;");
  await assertRejects(() => bundle(site.dir), Error, "main.tsx");
  assertEquals(await site.manifest(), before);
});

Deno.test("bundle() keeps files of the bundle before for a while, and removes older ones", async () => {
  await using site = await Site.make();
  await bundle(site.dir);
  const { "app.css": first = "" } = await site.manifest();
  await site.write("css/02_second.css", ".c{}");
  await bundle(site.dir);
  assertNotEquals((await site.manifest())["app.css"], first);
  assertEquals(await site.dist(first), ".a{color: red}.b{color: blue}");
  await Deno.utime(join(site.dir, "dist", first), 1, 1);
  await bundle(site.dir);
  await assertRejects(() => site.dist(first), Deno.errors.NotFound);
});

Deno.test("isStale() is true after a change, and false after bundling", async () => {
  await using site = await Site.make();
  assertEquals(await isStale(site.dir), true);
  await bundle(site.dir);
  const later = Date.now() / 1000 + 5;
  await Deno.utime(join(site.dir, "dist", "manifest.json"), later, later);
  assertEquals(await isStale(site.dir), false);
  await Deno.utime(join(site.dir, "app", "other.ts"), later + 1, later + 1);
  assertEquals(await isStale(site.dir), true);
});

Deno.test("minifyCss() leaves alone what means something", () => {
  const kept = [
    `a{content: "  /* no; comment */ } "}`,
    `a{background: url(data:image/svg+xml,<svg a='1' />)}`,
    `a{width: calc(1px + 2px)}`,
    `.a :hover .b{color: red}`,
    `@media (max-width: 640px){a{color: red}}`,
  ];
  assertEquals(kept.map(minifyCss), kept);
  assertEquals(minifyCss("a {\n  color : red ;\n}\n\n/* x */ b , c { }"), "a{color : red}b,c{}");
});
