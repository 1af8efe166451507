/** A release folder on a real HTTP server, and a shell to install it with that finds what it is given. */

import { createHash } from "node:crypto";
import { join } from "@std/path";
import { tempDir } from "./hbd.ts";

/** What the script uses beside a program that downloads and one that sums. */
const TOOLS = ["chmod", "cp", "getconf", "mkdir", "mktemp", "mv", "rm", "sed", "sh", "uname"];

/** The script as it is in the tree. */
export const SCRIPT = new URL("../../scripts/install.sh", import.meta.url).pathname;

/** What stands for a program. */
export function programText(name: string): string {
  return `#!/bin/sh\necho "${name} 1.2.3"\n`;
}

export interface Release extends AsyncDisposable {
  readonly url: string;
  /** Paths that were asked for. */
  readonly asked: readonly string[];
}

/** Serves `files` by their names, with their sums in SHA256SUMS unless that is among them. */
export function serveRelease(files: Readonly<Record<string, string>>): Release {
  const sums = Object.entries(files).map(([name, text]) =>
    `${createHash("sha256").update(text).digest("hex")}  ${name}\n`
  ).join("");
  const all = new Map(Object.entries({ SHA256SUMS: sums, ...files }));
  const asked: string[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, ({ url }) => {
    const { pathname } = new URL(url);
    asked.push(pathname);
    const text = all.get(pathname.slice("/release/".length));
    return new Response(text ?? "no", { status: text === undefined ? 404 : 200 });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/release`,
    asked,
    async [Symbol.asyncDispose]() {
      await server.shutdown();
    },
  };
}

export interface Installing {
  readonly shell?: readonly [string, ...string[]];
  /** Programs beside the usual ones. @default {curl, sha256sum} */
  readonly tools?: readonly string[];
  /** Programs by name whose text is given. */
  readonly fakes?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What is piped into the shell instead of reading the script. */
  readonly input?: string;
}

export interface Installed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Files below the home by their paths; what can be run ends with `*`. */
  readonly files: readonly string[];
  /** The path of the home, which is gone by now. */
  readonly home: string;
}

/** Runs the script in a home of its own, and looks what is there then. */
export async function runInstall(url: string, options: Installing = {}): Promise<Installed> {
  const { shell = ["sh"], tools = ["curl", "sha256sum"], fakes = {}, args = [], env = {} } =
    options;
  await using dir = await tempDir();
  const [bin, home, temp] = ["bin", "home", "tmp"].map((name) => join(dir.path, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [bin, home, temp]) await Deno.mkdir(path);
  for (const name of [...TOOLS, ...tools]) {
    if (name in fakes) continue;
    const found = ["/usr/bin", "/bin"].map((path) => join(path, name)).find(isFile);
    if (found === undefined) throw new Error(`${name} is not there: run scripts/test_setup.ts`);
    await Deno.symlink(found, join(bin, name));
  }
  for (const [name, text] of Object.entries(fakes)) {
    await Deno.writeTextFile(join(bin, name), text, { mode: 0o755 });
  }
  const [program, ...rest] = [...shell, ...(options.input === undefined ? [SCRIPT] : ["-s"])];
  const child = new Deno.Command(isFile(`/bin/${program}`) ? `/bin/${program}` : program ?? "", {
    args: [...rest, ...args],
    clearEnv: true,
    env: {
      ...{ PATH: bin, HOME: home, TMPDIR: temp, HBD_RELEASE_URL: url },
      ...{ HBD_INSTALL_DIR: join(home, "bin"), ...env },
    },
    cwd: home,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(options.input ?? ""));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const left = [...Deno.readDirSync(temp)].map(({ name }) => `tmp/${name}`);
  return {
    code,
    stdout: new TextDecoder().decode(stdout),
    stderr: new TextDecoder().decode(stderr),
    files: [...filesBelow(home, ""), ...left].sort(),
    home,
  };
}

function* filesBelow(dir: string, before: string): Iterable<string> {
  for (const { name, isDirectory } of Deno.readDirSync(dir)) {
    const path = join(dir, name);
    if (isDirectory) yield* filesBelow(path, `${before}${name}/`);
    else yield `${before}${name}${((Deno.statSync(path).mode ?? 0) & 0o111) === 0o111 ? "*" : ""}`;
  }
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
