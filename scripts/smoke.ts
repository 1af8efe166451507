/**
 * Starts hbd and hbc as they are shipped, from an empty folder and with an empty home, and sees that
 * they work: versions, a beat over HTTP, the web app, a beat of hbc over UDP, the health check, the
 * end. `deno task smoke` does it with the executables in `dist/` that are for this machine; the
 * tests do it with what is in them.
 */

import { dirname, join, resolve } from "@std/path";
import project from "../deno.json" with { type: "json" };
import { fileName, type ProgramName, targetHere } from "./compile/programs.ts";

/** A program and the arguments that stand before its own. */
export type Command = readonly [program: string, ...args: string[]];

/** How long anything may take that should take a moment, milliseconds. */
const LIMIT_MS = 30_000;

/** Something does not work; the message says what. */
export class SmokeError extends Error {
  override readonly name = "SmokeError";
}

/** Tries both programs and says each thing that works. Rejects with the first that does not. */
export async function smoke(
  commands: Readonly<Record<ProgramName, Command>>,
  say: (line: string) => void,
): Promise<void> {
  const scratch = await Deno.realPath(await Deno.makeTempDir({ prefix: "hbd-smoke-" }));
  try {
    const place = { home: join(scratch, "home"), folder: join(scratch, "folder") };
    for (const dir of Object.values(place)) await Deno.mkdir(dir);
    await trySmoke(commands, place, say);
    const left = [...Deno.readDirSync(place.folder)].map(({ name }) => name);
    must(left.length === 0, `left in the folder it was started from: ${left.join(", ")}`);
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

interface Place {
  readonly home: string;
  readonly folder: string;
}

async function trySmoke(
  { hbd, hbc }: Readonly<Record<ProgramName, Command>>,
  place: Place,
  say: (line: string) => void,
): Promise<void> {
  for (const [name, command] of Object.entries({ hbd, hbc })) {
    const { code, stdout } = await run(command, ["--version"], place);
    must(code === 0 && stdout.startsWith(`${name} ${project.version}`), `${name}: ${stdout}`);
    say(stdout.trim());
  }
  const args = ["--bind", "127.0.0.1", "--http-port", "0", "--udp-port", "0", "--no-ui"];
  const server = spawn(hbd, args, place);
  const reading = new Reading(server.stdout);
  const errors = new Reading(server.stderr);
  try {
    const limit = setTimeout(() => server.kill("SIGKILL"), LIMIT_MS);
    const [, url = "", udp = ""] = await reading.until(/Post to +(http\S+)\/\s[^]*UDP port +(\d+)/)
      .catch(() => {
        throw new SmokeError(`hbd did not start:\n${reading.text}${errors.text}`);
      }).finally(() => clearTimeout(limit));
    say(`hbd answers at ${url}`);
    await tryHttp(url);
    say("a beat over HTTP is counted, the web app is there");
    const beat = await run(hbc, ["--once", "--name", "smoke-udp", `127.0.0.1:${udp}`], place);
    must(beat.code === 0, `hbc --once: ${beat.stderr}`);
    await mustKnow(url, "smoke-udp");
    say("a beat of hbc is acknowledged and counted");
    const health = await run(hbd, ["health", url], place);
    must(health.code === 0, `hbd health: ${health.stdout}${health.stderr}`);
    say(`health: ${health.stdout.trim()}`);
  } finally {
    stop(server);
    const { code } = await server.status;
    await Promise.all([reading.ended, errors.ended]);
    if (Deno.build.os !== "windows") must(code === 0, `hbd ended with ${code}:\n${errors.text}`);
  }
  say("hbd stops when it is told to");
}

async function tryHttp(url: string): Promise<void> {
  const posted = await fetch(`${url}/`, {
    method: "POST",
    body: JSON.stringify({ name: "smoke-http", interval: 60 }),
  });
  const answer = await posted.text();
  must(posted.ok, `a beat over HTTP: ${posted.status} ${answer}`);
  await mustKnow(url, "smoke-http");
  const page = await (await fetch(`${url}/`, { headers: { accept: "text/html" } })).text();
  const paths = new Set([...page.matchAll(/\/assets\/[\w.-]+/g)].map(([path]) => path));
  for (const name of ["app", "theme"]) {
    const isThere = [...paths].some((path) => path.startsWith(`/assets/${name}.`));
    must(isThere, `the page does not name the ${name} of the web app`);
  }
  for (const path of paths) {
    const file = await fetch(`${url}${path}`);
    const { byteLength } = await file.arrayBuffer();
    must(file.ok && byteLength > 0, `${path}: ${file.status}, ${byteLength} bytes`);
  }
}

async function mustKnow(url: string, host: string): Promise<void> {
  const response = await fetch(`${url}/api/0/hosts/${host}`);
  const text = await response.text();
  must(response.ok, `${host} is not known: ${response.status} ${text}`);
}

function must(isSo: boolean, otherwise: string): void {
  if (!isSo) throw new SmokeError(otherwise);
}

function spawn([program, ...before]: Command, args: readonly string[], place: Place) {
  return new Deno.Command(program, {
    args: [...before, ...args],
    cwd: place.folder,
    clearEnv: true,
    env: environment(place),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function run(command: Command, args: readonly string[], place: Place) {
  const { code, stdout, stderr } = await spawn(command, args, place).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** As little as a system can do with. */
function environment({ home }: Place): Record<string, string> {
  const kept = ["PATH", "SystemRoot", "TEMP", "TMP"].flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  return { ...Object.fromEntries(kept), HOME: home, USERPROFILE: home, LOCALAPPDATA: home };
}

function stop(child: Deno.ChildProcess): void {
  try {
    // Windows knows no signals that ask.
    child.kill(Deno.build.os === "windows" ? "SIGKILL" : "SIGTERM");
  } catch {
    // It has ended by itself.
  }
}

/** What a process prints, as it comes. */
class Reading {
  text = "";
  readonly ended: Promise<void>;
  #told = Promise.withResolvers<void>();
  #isOver = false;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.ended = this.#read(stream);
  }

  /** Waits for `pattern`. Rejects when the process has ended without it. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    while (true) {
      const found = pattern.exec(this.text);
      if (found) return found;
      if (this.#isOver) throw new SmokeError(this.text);
      await this.#told.promise;
    }
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of stream) {
      this.text += decoder.decode(bytes, { stream: true });
      this.#tell();
    }
    this.#isOver = true;
    this.#tell();
  }

  #tell(): void {
    this.#told.resolve();
    this.#told = Promise.withResolvers();
  }
}

/** The executable for this machine in `dir`. */
function executable(program: ProgramName, dir: string): Command {
  const target = targetHere();
  if (target === null) throw new SmokeError(`Nothing is made for ${Deno.build.target}`);
  return [join(dir, fileName(program, project.version, target))];
}

if (import.meta.main) {
  // deno-lint-ignore no-console -- a script's output
  const say = (line: string) => console.log(line);
  const dir = resolve(Deno.args[0] ?? join(dirname(import.meta.dirname ?? ""), "dist"));
  try {
    await smoke({ hbd: executable("hbd", dir), hbc: executable("hbc", dir) }, say);
  } catch (error) {
    say(error instanceof SmokeError ? `FAILED: ${error.message}` : String(error));
    Deno.exit(1);
  }
}
