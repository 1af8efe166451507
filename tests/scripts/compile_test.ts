/**
 * The executables of Linux are put together with Deno itself as their base, since its own may not be
 * fetched here: they cannot be started, but what they carry is taken out and run. Bases of the other
 * systems are not at hand; that a base of the wrong system is refused is what is tried with those.
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import project from "../../deno.json" with { type: "json" };
import { type Command, smoke } from "../../scripts/smoke.ts";
import { type Executable, readExecutable, unpack } from "./executable.ts";

const COMPILE = new URL("../../scripts/compile.ts", import.meta.url).pathname;

interface Made {
  readonly code: number;
  readonly said: string;
}

/** Runs the task with Deno as the runtime base, or with none and no network. */
async function compile(out: string, base: string | null, ...args: string[]): Promise<Made> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "-A", COMPILE, "--out", out, "--commit", "1a2b3c4d5e", ...args],
    env: base === null
      // Nothing listens there: a download must fail, wherever the tests run.
      ? { DENORT_BIN: "", HTTPS_PROXY: "http://127.0.0.1:9", https_proxy: "http://127.0.0.1:9" }
      : { DENORT_BIN: base },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, said: decoder.decode(stdout) + decoder.decode(stderr) };
}

async function check(dir: string): Promise<string> {
  const { stdout } = await new Deno.Command("sha256sum", {
    args: ["--strict", "-c", "SHA256SUMS"],
    cwd: dir,
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout);
}

/** Deno, running a program that was unpacked, with nothing of its configuration or its caches. */
function denoRuns(program: string): Command {
  return [
    Deno.execPath(),
    ...["run", "--no-prompt", "-A", "--no-config", "--no-lock", "--no-remote", "--no-npm"],
    ...project.unstable.map((name) => `--unstable-${name}`),
    program,
  ];
}

function names({ files }: Executable): string[] {
  return [...files.keys()].map((path) => path.slice(path.lastIndexOf("/") + 1)).sort();
}

Deno.test("the executables of Linux carry the programs and the web app, and nothing else", {
  ignore: Deno.build.os !== "linux",
}, async (t) => {
  const out = await Deno.makeTempDir({ prefix: "hbd-compile-" });
  const target = Deno.build.arch === "aarch64" ? "linux-arm64" : "linux-x64";
  const path = (program: string) => join(out, `${program}-${project.version}-${target}`);
  try {
    const { code, said } = await compile(out, Deno.execPath(), "--target", target);
    assertEquals(code, 0, said);
    assertStringIncludes(said, "It is all of Deno, not its denort");

    await t.step("under the sums that sha256sum finds", async () => {
      const found = await check(out);
      assertEquals(
        found,
        ["hbc", "hbd"].map((p) => `${p}-${project.version}-${target}: OK\n`).join(""),
      );
    });

    const hbd = await readExecutable(path("hbd"));
    const hbc = await readExecutable(path("hbc"));

    await t.step("hbd: its own script, that of its Workers, the web app", () => {
      const found = names(hbd);
      const scripts = found.filter((name) => /^[\w-]+\.js$/.test(name));
      assert(scripts.includes("hbd.js") && scripts.includes("udp_worker.js"), `${scripts}`);
      const others = found.filter((name) => !scripts.includes(name));
      assertEquals(
        others.filter((name) => !/^\w+\.[0-9a-f]{10}\.\w+(\.br|\.gz)?$/.test(name)),
        ["manifest.json"],
      );
      const manifest = JSON.parse(fileOf(hbd, "manifest.json")) as Record<string, string>;
      for (const name of Object.values(manifest)) assert(others.includes(name), name);
      assertMatch(hbd.entry, /hbd\.js$/);
    });

    await t.step("hbc: one script", () => {
      assertEquals(names(hbc), ["hbc.js"]);
    });

    await t.step("no tests, no packages of tests, nothing of this machine", () => {
      for (const executable of [hbd, hbc]) {
        const script = new TextDecoder().decode(executable.files.get(executable.entry));
        assert(!/Deno\.test\(/.test(script), executable.entry);
        for (const name of ["playwright-core", "fast-check", "axe-core", "smtp-server"]) {
          // So the bundler notes where a part comes from.
          assert(!script.includes(`/${name}/`), `${executable.entry} holds ${name}`);
        }
        const root = new URL("../..", import.meta.url).pathname;
        assert(!script.includes(root), `${executable.entry} names ${root}`);
      }
    });

    await t.step(
      "a name of its own for its storage, the unstable features it uses, no variables",
      () => {
        for (const [name, { description }] of Object.entries({ hbd, hbc })) {
          assertEquals(description.app_name, name);
          assertEquals(description.unstable_config.features, project.unstable);
          assertEquals(description.env_vars_from_env_file, {});
          assertEquals(description.permissions["prompt"], false);
        }
      },
    );

    await t.step(
      "what they carry runs from an empty folder, and needs nothing of the source",
      async () => {
        const said: string[] = [];
        await smoke(
          {
            hbd: denoRuns(await unpack(hbd, join(out, "unpacked", "hbd"))),
            hbc: denoRuns(await unpack(hbc, join(out, "unpacked", "hbc"))),
          },
          (line) => said.push(line),
        );
        assertEquals(
          said.slice(0, 2),
          ["hbd", "hbc"].map((p) => `${p} ${project.version} (1a2b3c4d5e)`),
        );
      },
    );
  } finally {
    await Deno.remove(out, { recursive: true });
  }
});

function fileOf({ files }: Executable, name: string): string {
  const [, bytes] = [...files].find(([path]) => path.endsWith(`/${name}`)) ?? [];
  return new TextDecoder().decode(bytes);
}

Deno.test("where the runtime base cannot be had, the task says how to bring it, and goes on", async () => {
  const out = await Deno.makeTempDir({ prefix: "hbd-compile-" });
  try {
    // Nobody is likely to have had that engine fetched before.
    const args = ["--only", "hbc", "--engine", "quickjs", "--target", "linux-arm64,windows-x64"];
    const { code, said } = await compile(out, null, ...args);
    assertEquals(code, 1);
    for (
      const [triple, target] of [
        ["aarch64-unknown-linux-gnu", "linux-arm64"],
        ["x86_64-pc-windows-msvc", "windows-x64"],
      ]
    ) {
      assertMatch(
        said,
        new RegExp(`runtime base could not be fetched: https:\\S+denort-quickjs-${triple}.zip`),
      );
      assertStringIncludes(
        said,
        `DENORT_BIN=/path/to/denort deno task compile --target ${target}\n`,
      );
    }
    assertStringIncludes(said, "Not made: hbc-");
    assertEquals(await Deno.readTextFile(join(out, "SHA256SUMS")), "");
  } finally {
    await Deno.remove(out, { recursive: true });
  }
});

Deno.test("a runtime base of another system is refused, with the one that is wanted", async () => {
  const out = await Deno.makeTempDir({ prefix: "hbd-compile-" });
  try {
    const others = ["linux-arm64", "macos-x64", "windows-x64"].filter((name) =>
      !(name === "linux-arm64" && Deno.build.target.startsWith("aarch64"))
    );
    const { code, said } = await compile(
      out,
      Deno.execPath(),
      ...["--only", "hbc", "--target", others.join(",")],
    );
    assertEquals(code, 1);
    const refused = said.match(/FAILED .*: DENORT_BIN=.* is for \w+ \w+\n/g) ?? [];
    assertEquals(refused.length, others.length, said);
    assertStringIncludes(said, `denort of Deno ${Deno.version.deno} for x86_64-pc-windows-msvc`);
  } finally {
    await Deno.remove(out, { recursive: true });
  }
});

Deno.test("what makes no sense is told, with what would", async () => {
  for (
    const [args, told] of [
      [["--target", "linux"], "linux-x64,linux-arm64"],
      [["--only", "hbx"], "--only must be hbd or hbc"],
      [["--engine", "spidermonkey"], "--engine must be v8 or quickjs"],
      [["everything"], '"everything" has no meaning here'],
    ] as const
  ) {
    const { code, said } = await compile("unused", null, ...args);
    assertEquals(code, 2);
    assertStringIncludes(said, told);
  }
});
