/**
 * Files for other programs than ours, which cannot be run here: the workflows of GitHub, the
 * Dockerfile, the editor's settings. What can be seen without them is that they can be read, and that
 * every task, file and option that they name is there.
 */

import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { parse } from "yaml";
import project from "../../deno.json" with { type: "json" };
import { readOptions } from "../../scripts/compile/options.ts";
import { permissionsOf, TARGETS } from "../../scripts/compile/programs.ts";
import { notesOf } from "../../scripts/release_notes.ts";
import { splitCommandLine } from "../../src/config/command_line.ts";
import { health } from "../../src/cli/health.ts";

const ROOT = new URL("../../", import.meta.url);

const read = (path: string): Promise<string> => Deno.readTextFile(new URL(path, ROOT));

interface Step {
  readonly uses?: string;
  readonly run?: string;
}

interface Job {
  readonly uses?: string;
  readonly needs?: string | readonly string[];
  readonly "runs-on"?: string;
  readonly "timeout-minutes"?: number;
  readonly steps?: readonly Step[];
}

interface Workflow {
  readonly jobs: Readonly<Record<string, Job>>;
  readonly env: Readonly<Record<string, string>>;
  readonly permissions: Readonly<Record<string, string>>;
}

/** Every `deno task NAME` in a text. */
function tasksIn(text: string): string[] {
  return [...text.matchAll(/\bdeno(?:@[\d.]+)? task ([\w-]+)/g)].map(([, name = ""]) => name);
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(new URL(path, ROOT)).then(() => true, () => false);
}

for (const name of ["ci", "release"]) {
  Deno.test(`the workflow ${name} runs tasks that are there, by pinned actions`, async () => {
    const text = await read(`.github/workflows/${name}.yml`);
    const { jobs, env, permissions } = parse(text, { strict: true }) as Workflow;
    assertEquals(permissions, { contents: "read" });
    assertEquals(env["DENO_VERSION"], "2.9.6");
    for (const [id, job] of Object.entries(jobs)) {
      for (const needed of [job.needs ?? []].flat()) assert(needed in jobs, `${id}: ${needed}`);
      if (job.uses !== undefined) {
        assert(await exists(job.uses), job.uses);
        continue;
      }
      assert(job["runs-on"] && job["timeout-minutes"] && job.steps?.length, id);
      for (const { uses, run } of job.steps ?? []) {
        assert((uses === undefined) !== (run === undefined), `${id}: a step does one thing`);
        if (uses !== undefined) assertMatch(uses, /^[\w-]+\/[\w-]+@v\d+\.\d+\.\d+$/);
        for (const task of tasksIn(run ?? "")) assert(task in project.tasks, `${id}: ${task}`);
        for (const [, file = ""] of (run ?? "").matchAll(/\bbash (\S+)/g)) {
          assert(await exists(file), file);
        }
        const [, compiled] = /deno task compile ?([^\n]*)/.exec(run ?? "") ?? [];
        // "here" is nothing on a machine that there are no executables for.
        const filled = compiled?.replace("--target here", "--target linux-x64");
        if (filled !== undefined) readOptions(filled.split(" ").filter(Boolean));
      }
    }
  });
}

Deno.test("what is pinned is the same Deno everywhere", async () => {
  for (const path of ["Dockerfile", ".ci/run", ".github/workflows/ci.yml", "README.md"]) {
    const found = (await read(path)).matchAll(/(?:deno@|DENO_VERSION[=:] ?)([\d.]+\d)/g);
    const versions = [...found].map(([, version]) => version);
    assert(versions.length > 0, path);
    assertEquals(new Set(versions), new Set(["2.9.6"]), path);
  }
});

Deno.test("executables may not load native libraries nor code from the network, where that can be said", () => {
  for (const target of TARGETS) {
    const permissions = permissionsOf(target);
    if (target.name.startsWith("linux")) {
      assertEquals(permissions, ["--allow-all"]);
      continue;
    }
    assert(!permissions.includes("--allow-all"), target.name);
    for (const kind of ["ffi", "import"]) assert(permissions.includes(`--deny-${kind}`), kind);
  }
});

/** The instructions of a Dockerfile, lines that go on joined, without remarks. */
function instructionsIn(text: string): (readonly [name: string, rest: string])[] {
  const lines = text.split("\n").filter((line) => !line.startsWith("#")).join("\n")
    .replaceAll(/\\\n\s*/g, "").split("\n").filter((line) => line.trim() !== "");
  return lines.map((line) => {
    const [, name = "", rest = ""] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
    return [name, rest];
  });
}

Deno.test("the container runs hbd as nobody special, with its state kept and its ports told", async () => {
  const instructions = instructionsIn(await read("Dockerfile"));
  const known = ["ARG", "FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME", "EXPOSE"];
  for (const [name] of instructions) {
    assert([...known, "HEALTHCHECK", "ENTRYPOINT"].includes(name), name);
  }
  const of = (name: string) => instructions.flatMap(([one, rest]) => one === name ? [rest] : []);
  for (const from of of("FROM")) assertMatch(from, /^[\w./-]+:[\w.${}-]+( AS \w+)?$/);
  assertMatch(of("USER").at(-1) ?? "", /^[1-9]\d*:[1-9]\d*$/);
  assertEquals(of("VOLUME"), [`${of("ENV")[0]?.replace("XDG_STATE_HOME=", "")}/heartbeat`]);
  assertEquals(of("EXPOSE"), ["50003/udp 50004/tcp 50005/tcp"]);
  assertEquals(of("ENTRYPOINT"), ['["hbd"]']);
  const [, words = ""] = / CMD (\[.*\])$/.exec(of("HEALTHCHECK")[0] ?? "") ?? [];
  const [program, command, ...rest] = JSON.parse(words) as string[];
  assertEquals([program, command], ["hbd", health.name]);
  splitCommandLine(rest, health.options);
  for (const run of of("RUN")) {
    for (const task of tasksIn(run)) assert(task in project.tasks, task);
  }
  const [, compiled = ""] = /deno task compile (.*?)\s*&&/.exec(of("RUN").join("\n")) ?? [];
  const filled = compiled.replace(/"\$\{COMMIT\}"/, "abc").replace(/"linux-\$\(.*\)"/, "linux-x64");
  assertEquals(readOptions(filled.split(/\s+/)).programs.map(({ name }) => name), ["hbd"]);
});

Deno.test("the builder of the container gets what the executables are made of", async () => {
  const lines = (await read(".dockerignore")).split("\n");
  const kept = lines.filter((line) => line.startsWith("!")).map((line) => line.slice(1));
  for (const path of kept) assert(await exists(path), path);
  for (const path of ["deno.json", "deno.lock", "main.ts", "src", "scripts", "static"]) {
    assert(kept.includes(path), path);
  }
  assertEquals(lines.includes("*"), true);
});

interface Launch {
  readonly configurations: readonly {
    readonly name: string;
    readonly preLaunchTask?: string;
    readonly runtimeArgs?: readonly string[];
  }[];
}

interface Tasks {
  readonly tasks: readonly { readonly label: string; readonly command: string }[];
}

Deno.test("the editor's tasks and debugger start what is there", async () => {
  const { tasks } = JSON.parse(await read(".vscode/tasks.json")) as Tasks;
  for (const { command } of tasks) {
    for (const task of tasksIn(command)) assert(task in project.tasks, task);
  }
  const labels = tasks.map(({ label }) => label);
  const { configurations } = JSON.parse(await read(".vscode/launch.json")) as Launch;
  for (const { preLaunchTask, runtimeArgs = [] } of configurations) {
    if (preLaunchTask !== undefined) assert(labels.includes(preLaunchTask), preLaunchTask);
    const file = runtimeArgs.at(-1);
    if (file?.endsWith(".ts")) assert(await exists(file), file);
  }
  JSON.parse(await read(".vscode/settings.json"));
});

Deno.test("the notes of a release are what the change log says of it, and something is said", async () => {
  const log =
    "# Changes\n\n## [Unreleased]\n\n- soon\n\n## [1.2.0] - 2026-01-02\n\n- more\n\n## [1.1.0]\n";
  assertEquals(notesOf("1.2.0", log), "- more\n");
  assertThrows(() => notesOf("1.1.0", log), Error, "nothing under");
  assertThrows(() => notesOf("1.3.0", log), Error, "nothing under");
  const ours = await read("CHANGELOG.md");
  assertMatch(ours, /^## \[Unreleased\]$/m);
  notesOf("Unreleased", ours);
});
