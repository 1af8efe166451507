/**
 * Links in the docs: each leads to a file that is there, and to a heading that it has, by the names
 * that GitHub gives to headings. A page that the README does not lead to would never be found.
 */

import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";

const ROOT = new URL("..", import.meta.url).pathname;

/** The text of a page without what stands in fences; lines stay where they are. */
async function prose(path: string): Promise<string> {
  const text = await Deno.readTextFile(path);
  return text.replace(/^( *)```.*?^ *```/gms, (block) => block.replace(/[^\n]/g, ""));
}

async function pages(): Promise<readonly string[]> {
  const found: string[] = [];
  for (const dir of [ROOT, join(ROOT, "docs")]) {
    for await (const { name, isFile } of Deno.readDir(dir)) {
      if (isFile && name.endsWith(".md")) found.push(join(dir, name));
    }
  }
  return found.sort();
}

/** The anchors of the headings in `text`. */
function anchors(text: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const found = new Set<string>();
  for (const [, heading = ""] of text.matchAll(/^#{1,6} (.*)$/gm)) {
    const shown = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").trim().toLowerCase();
    const name = shown.replace(/[^\p{L}\p{N}_ -]/gu, "").replaceAll(" ", "-");
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    found.add(count === 0 ? name : `${name}-${count}`);
  }
  return found;
}

/** Where the links in `text` lead, with the lines in which they stand. */
function links(text: string): { readonly to: string; readonly line: number }[] {
  return [...text.matchAll(/\]\(\s*([^)\s]+)\s*\)/g)].map(({ 1: to = "", index }) => ({
    to,
    line: text.slice(0, index).split("\n").length,
  }));
}

/** The path of a page from the root of the tree on. */
function named(page: string): string {
  return page.slice(ROOT.length);
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

Deno.test("every link of the docs leads to a file and a heading that are there", async () => {
  const wrong: string[] = [];
  let count = 0;
  for (const page of await pages()) {
    for (const { to, line } of links(await prose(page))) {
      if (/^(https?|mailto):/.test(to)) continue;
      count++;
      const [path = "", anchor] = to.split("#");
      const target = path === "" ? page : join(page, "..", path);
      const isRight = await isThere(target) &&
        (anchor === undefined || anchors(await prose(target)).has(anchor));
      if (!isRight) wrong.push(`${named(page)}:${line} ${to}`);
    }
  }
  assertEquals(wrong, []);
  assert(count > 100);
});

Deno.test("every page, but for the README itself, is linked from the README", async () => {
  const linked = new Set(
    links(await prose(join(ROOT, "README.md"))).map(({ to }) => to.split("#")[0]),
  );
  const docs = (await pages()).map(named)
    .filter((page) => page !== "README.md");
  assertEquals(docs.filter((page) => !linked.has(page)), []);
});

Deno.test("what is no link is not taken for one, and anchors are those of GitHub", () => {
  const text = "# A `b` & [c](d.md)\n## What's new?\n## What's new?\n### `GET /api/0/hosts`\n";
  assertEquals([...anchors(text)], ["a-b--c", "whats-new", "whats-new-1", "get-api0hosts"]);
  assertEquals(links(`${text}\n[x\ny](z.md#a) [1]`), [
    { to: "d.md", line: 1 },
    { to: "z.md#a", line: 7 },
  ]);
});
