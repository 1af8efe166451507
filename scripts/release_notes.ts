/**
 * `deno task release-notes v1.2.3`: prints what CHANGELOG.md says of that version, for the release.
 * Fails when the tag is not the version in deno.json, or when nothing is said of it.
 */

import project from "../deno.json" with { type: "json" };

/**
 * What the change log says of `version`, without its heading.
 *
 * @throws {Error} when it says nothing
 */
export function notesOf(version: string, changeLog: string): string {
  const sections = changeLog.split(/^## /m).slice(1);
  const section = sections.find((text) => text.startsWith(`[${version}]`));
  const notes = section?.slice(section.indexOf("\n") + 1).trim() ?? "";
  if (notes !== "") return `${notes}\n`;
  throw new Error(`CHANGELOG.md has nothing under "## [${version}] - DATE"`);
}

if (import.meta.main) {
  const [tag = ""] = Deno.args;
  try {
    if (tag !== `v${project.version}`) {
      throw new Error(`The tag must be v${project.version}, as deno.json has it: got "${tag}"`);
    }
    const text = await Deno.readTextFile(new URL("../CHANGELOG.md", import.meta.url));
    await Deno.stdout.write(new TextEncoder().encode(notesOf(project.version, text)));
  } catch (error) {
    // deno-lint-ignore no-console -- a script's output
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}
