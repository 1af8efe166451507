/**
 * Does what the README says, in its order, in a copy of the project. A comment above a block says
 * what to do with it:
 *
 *   <!-- run -->                  every line must end well; the lines share a shell
 *   <!-- run: text -->            and this must be in what they print
 *   <!-- background: text -->     goes on until the end of the test; it is there when it prints this
 *   <!-- file: hbd.yaml -->       is written into that file
 *   <!-- not run: why -->         is left alone
 *
 * A block of commands, or of a file, without such a comment is a mistake.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { dirname, join } from "@std/path";

/** How long a block may take: the first one may have to fetch Deno. */
const LIMIT_MS = 180_000;

interface Block {
  readonly what: "run" | "background" | "file" | "not run";
  /** Behind the colon. */
  readonly argument: string;
  readonly language: string;
  readonly text: string;
  readonly line: number;
}

Deno.test("everything in the README works, in its order, from a clean copy", async (t) => {
  const readme = await Deno.readTextFile("README.md");
  const blocks = blocksOf(readme);
  assert(blocks.some(({ what }) => what === "run"), "the README has blocks that are run");
  await using place = await Place.make();
  for (const block of blocks) {
    if (block.what === "not run") continue;
    await t.step(`line ${block.line}: ${block.text.split("\n")[0]}`, async () => {
      await place.take(block);
    });
  }
});

Deno.test("blocksOf() refuses a block of commands that nobody runs", () => {
  let message = "";
  try {
    blocksOf("# A\n\n```sh\nrm -rf x\n```\n");
  } catch (error) {
    message = error instanceof Error ? error.message : "";
  }
  assertEquals(message, "README.md:3: say above the block whether it is run");
  const [block] = blocksOf("<!-- run: ok -->\n\n```sh\necho ok\n```\n");
  assertEquals(block, { what: "run", argument: "ok", language: "sh", text: "echo ok", line: 3 });
});

/** The blocks of commands and files, in their order. Throws for one that nobody runs. */
function blocksOf(readme: string): readonly Block[] {
  const blocks: Block[] = [];
  const fence =
    /(?:<!-- (run|background|file|not run)(?:: ([^\n]*?))? -->\n\n?)?^```(\w+)\n([^]*?)^```$/gm;
  for (const found of readme.matchAll(fence)) {
    const [whole, what, argument = "", language = "", text = ""] = found;
    if (what === undefined && language !== "sh" && language !== "yaml") continue;
    const before = readme.slice(0, found.index) + whole.slice(0, whole.indexOf("```"));
    const line = before.split("\n").length;
    if (what === undefined) {
      throw new Error(`README.md:${line}: say above the block whether it is run`);
    }
    blocks.push({ what: what as Block["what"], argument, language, text: text.trimEnd(), line });
  }
  return blocks;
}

/** A copy of the project, and what runs in it. */
class Place implements AsyncDisposable {
  readonly #dir: string;
  readonly #running: Running[] = [];

  private constructor(dir: string) {
    this.#dir = dir;
  }

  static async make(): Promise<Place> {
    const dir = await Deno.makeTempDir({ prefix: "readme-" });
    const { stdout } = await new Deno.Command("git", {
      args: ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    }).output();
    for (const file of new TextDecoder().decode(stdout).split("\0")) {
      if (file === "") continue;
      await Deno.mkdir(join(dir, dirname(file)), { recursive: true });
      await Deno.copyFile(file, join(dir, file)).catch((error) => {
        // Deleted, and not committed yet.
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      });
    }
    return new Place(dir);
  }

  async take({ what, argument, text }: Block): Promise<void> {
    switch (what) {
      case "file":
        return await Deno.writeTextFile(join(this.#dir, argument), `${text}\n`);
      case "background":
        return await this.#start(text, argument);
      case "run": {
        const output = await this.#run(text);
        if (argument !== "") assertStringIncludes(output, argument);
      }
    }
  }

  /** All that the lines print. Throws when one of them fails. */
  async #run(text: string): Promise<string> {
    const command = new Deno.Command("bash", {
      args: ["-e", "-o", "pipefail", "-c", text],
      ...this.#how(),
      stdout: "piped",
      stderr: "piped",
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    const { code, stdout, stderr } = await command.output();
    const decoder = new TextDecoder();
    const output = decoder.decode(stdout) + decoder.decode(stderr);
    assertEquals(code, 0, output);
    return output;
  }

  /** Starts what goes on, and waits until it prints `ready`. */
  async #start(text: string, ready: string): Promise<void> {
    const child = new Deno.Command("setsid", {
      args: ["bash", "-c", text],
      ...this.#how(),
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const reader = child.stdout.getReader();
    this.#running.push({ child, reader });
    const late = setTimeout(() => void endGroup(child), LIMIT_MS);
    let printed = "";
    const decoder = new TextDecoder();
    while (!printed.includes(ready)) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`It ended without saying "${ready}":\n${printed}`);
      printed += decoder.decode(value, { stream: true });
    }
    clearTimeout(late);
  }

  #how(): { readonly cwd: string; readonly env: Record<string, string> } {
    // State of its own, also of what keeps it at home.
    const home = join(this.#dir, ".home");
    return { cwd: this.#dir, env: { XDG_STATE_HOME: home, XDG_CONFIG_HOME: home } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { child, reader } of this.#running) {
      await endGroup(child);
      await reader.cancel();
      await child.status;
    }
    await Deno.remove(this.#dir, { recursive: true });
  }
}

/** What goes on in the background. */
interface Running {
  readonly child: Deno.ChildProcess;
  /** Of what it prints. */
  readonly reader: ReadableStreamDefaultReader<Uint8Array>;
}

/** Ends a process and all that it has started: they are a group of their own. */
async function endGroup({ pid }: Deno.ChildProcess): Promise<void> {
  await new Deno.Command("kill", { args: ["-TERM", "--", `-${pid}`], stderr: "null" }).output();
}
