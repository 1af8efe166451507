import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { check } from "../../src/cli/check.ts";
import { ConfigError, parseConfig } from "../../src/config/load.ts";
import { DEFAULT_CONFIG } from "../../src/config/schema.ts";

async function printed(configFile: string | null): Promise<string> {
  const texts: string[] = [];
  await check(configFile, (text) => texts.push(text));
  return texts.join("");
}

Deno.test("check() without a file prints the defaults as a file that gives the same again", async () => {
  const text = await printed(null);
  assert(text.startsWith("# The effective configuration, from the built-in defaults"), text);
  assertEquals(parseConfig(text, "hbd.yaml"), DEFAULT_CONFIG);
});

Deno.test("check() prints what a file comes to, and where it came from", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = join(folder, "hbd.yaml");
    await Deno.writeTextFile(file, "interval: 30\nlogfile: hbd.log\n");
    const text = await printed(file);
    assert(text.startsWith(`# The effective configuration, from ${file}\n`), text);
    assertEquals(parseConfig(text, "/elsewhere/hbd.yaml"), {
      ...DEFAULT_CONFIG,
      intervalS: 30,
      logFile: join(folder, "hbd.log"),
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("check() of a wrong file prints nothing and throws the reasons", async () => {
  const texts: string[] = [];
  const missing = join("no", "such.yaml");
  await assertRejects(() => check(missing, (text) => texts.push(text)), ConfigError, missing);
  assertEquals(texts, []);
});
