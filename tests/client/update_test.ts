/** Updates with real programs: shell scripts that are fetched from a real HTTP server. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { createHash } from "node:crypto";
import { join } from "@std/path";
import { install, tryNew, UpdateError, Updater } from "../../src/client/update.ts";
import { eventually, tempDir, UdpServer } from "./support.ts";

const NEVER = new AbortController().signal;

/** Serves `content` under every path. */
function serve(content: string | (() => Response)) {
  const answer = typeof content === "string" ? () => new Response(content) : content;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
  return {
    url: `http://127.0.0.1:${server.addr.port}/hbc`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

async function writeBinary(path: string, script: string): Promise<void> {
  await Deno.writeTextFile(path, script);
  await Deno.chmod(path, 0o755);
}

async function namesIn(dir: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(dir))).map(({ name }) => name).sort();
}

Deno.test("the new program takes the place of the old one, which is kept beside it", async () => {
  await using dir = await tempDir();
  const binary = join(dir.path, "hbc");
  await writeBinary(binary, "#!/bin/sh\necho old\n");
  await Deno.writeTextFile(`${binary}.old`, "older");
  const script = "#!/bin/sh\necho new\n";
  await using web = serve(script);
  await install({ version: "2", url: web.url, sha256: sha256(script) }, binary);
  assertEquals(await namesIn(dir.path), ["hbc", "hbc.old"]);
  for (const [path, text] of [[binary, "new\n"], [`${binary}.old`, "old\n"]] as const) {
    const { stdout } = await new Deno.Command(path).output();
    assertEquals(new TextDecoder().decode(stdout), text);
  }
});

Deno.test("a wrong SHA-256, a missing file and a foreign URL change nothing", async () => {
  await using dir = await tempDir();
  const binary = join(dir.path, "hbc");
  await writeBinary(binary, "old");
  await using right = serve("new");
  await using missing = serve(() => new Response("no", { status: 404 }));
  const cases = [
    [right.url, sha256("other"), /announced was/],
    [missing.url, sha256("no"), /404/],
    ["file:///bin/sh", sha256("x"), /no http\(s\) URL/],
  ] as const;
  for (const [url, sum, reason] of cases) {
    const offered = { version: "2", url, sha256: sum };
    assertMatch((await assertRejects(() => install(offered, binary), UpdateError)).message, reason);
    assertEquals(await namesIn(dir.path), ["hbc"]);
    assertEquals(await Deno.readTextFile(binary), "old");
  }
});

Deno.test("what may not be updated, is of the same version or just failed is left alone", async () => {
  await using dir = await tempDir();
  const binary = join(dir.path, "hbc");
  await writeBinary(binary, "old");
  let requests = 0;
  await using web = serve(() => {
    requests += 1;
    return new Response("new");
  });
  const offered = { version: "2", url: web.url, sha256: sha256("new") };
  const wrong = { ...offered, sha256: sha256("other") };
  assert(!await new Updater({ binary, version: "1", isAllowed: false }).take(offered));
  assert(!await new Updater({ binary: null, version: "1", isAllowed: true }).take(offered));
  assert(!await new Updater({ binary, version: "2", isAllowed: true }).take(offered));
  assertEquals(requests, 0);
  const updater = new Updater({ binary, version: "1", isAllowed: true });
  assert(!await updater.take(wrong, 0));
  assert(!await updater.take(wrong, 3_599_999));
  assertEquals(requests, 1);
  assert(!await updater.take(wrong, 3_600_000));
  assertEquals(requests, 2);
  const both = await Promise.all([updater.take(offered), updater.take(offered)]);
  assertEquals([both, requests], [[true, false], 3]);
});

Deno.test("a new program that ends, hangs or cannot run is replaced by the old one", async () => {
  const broken = ["#!/bin/sh\nexit 1\n", "#!/bin/sh\nexec sleep 300\n", "#!/nowhere/at-all\n"];
  for (const script of broken) {
    await using dir = await tempDir();
    const binary = join(dir.path, "hbc");
    await writeBinary(`${binary}.old`, "old");
    await writeBinary(binary, script);
    assertEquals(await tryNew(binary, [], NEVER, { limitS: 0.5 }), "failed");
    assertEquals(await namesIn(dir.path), ["hbc"]);
    assertEquals(await Deno.readTextFile(binary), "old");
  }
});

Deno.test("a trial ends when the client is told to stop, and the old program is back", async () => {
  await using dir = await tempDir();
  const binary = join(dir.path, "hbc");
  await writeBinary(`${binary}.old`, "old");
  await writeBinary(binary, "#!/bin/sh\nexec sleep 300\n");
  const stopped = new AbortController();
  const trial = tryNew(binary, [], stopped.signal);
  stopped.abort("SIGTERM");
  assertEquals(await trial, "stopped");
  assertEquals(await Deno.readTextFile(binary), "old");
});

/** An installed hbc that says it is version 1, running; ended with all that follow it. */
class Installation implements AsyncDisposable {
  readonly binary: string;
  readonly #dir: string;
  readonly #child: Deno.ChildProcess;

  private constructor(dir: string, child: Deno.ChildProcess) {
    this.#dir = dir;
    this.binary = join(dir, "hbc");
    this.#child = child;
  }

  static async start(port: number): Promise<Installation> {
    const dir = await Deno.makeTempDir({ prefix: "hbc-test-" });
    await writeBinary(join(dir, "hbc"), Installation.script("1"));
    const args = [String(port), dir];
    const child = new Deno.Command(join(dir, "hbc"), {
      args,
      env: { HBC_BACKGROUND: "1" },
      stdout: "null",
      stderr: "null",
    }).spawn();
    return new Installation(dir, child);
  }

  /** The program of a version. */
  static script(version: string): string {
    const file = new URL("updatable_hbc.ts", import.meta.url).pathname;
    return `#!/bin/sh\nexec "${Deno.execPath()}" run -A --unstable-net "${file}" "$0" ${version} "$@"\n`;
  }

  /** Waits until the first process has ended. */
  async ended(): Promise<number> {
    return (await this.#child.status).code;
  }

  /** What each process has found in the variable that says it runs in the background. */
  async background(): Promise<readonly string[]> {
    return (await Deno.readTextFile(join(this.#dir, "background"))).trim().split("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const text = await Deno.readTextFile(join(this.#dir, "pids")).catch(() => "");
    for (const pid of text.trim().split("\n")) {
      try {
        Deno.kill(Number(pid), "SIGKILL");
      } catch {
        // It has ended.
      }
    }
    await this.#child.status;
    await Deno.remove(this.#dir, { recursive: true });
  }
}

Deno.test("a client replaces itself and goes when the new one beats; the host did not boot", async () => {
  await using server = new UdpServer({ key: "s3cret" });
  await using hbc = await Installation.start(server.addr.port);
  const script = Installation.script("2");
  await using web = serve(script);
  const to = await server.client();
  const offer = { ID: "UPD", name: "kiosk-1", version: "2", url: web.url, sha256: sha256(script) };
  await server.send({ ...offer, time: Date.now() / 1000 }, to);
  const { boot_id } = await server.next("HTB", ({ ver }) => ver === "2");
  assertEquals(await hbc.ended(), 0);
  const old = server.all("HTB")[0]?.boot_id;
  assertEquals(String(boot_id).split(".")[0], String(old).split(".")[0]);
  assert(boot_id !== old);
  assertEquals([server.all("BOOT").length, server.all("SHUTDOWN").length], [1, 0]);
  assertEquals(await Deno.readTextFile(hbc.binary), script);
  assertEquals(await Deno.readTextFile(`${hbc.binary}.old`), Installation.script("1"));
  // Else a new one with -d would start a copy and end.
  assertEquals(await hbc.background(), ["1", "1"]);
});

Deno.test("a client whose new program is broken goes on itself, with the old one in place", async () => {
  await using server = new UdpServer({ key: "s3cret" });
  await using hbc = await Installation.start(server.addr.port);
  const script = "#!/bin/sh\nexit 1\n";
  await using web = serve(script);
  const to = await server.client();
  const offer = { ID: "UPD", name: "kiosk-1", version: "2", url: web.url, sha256: sha256(script) };
  const first = server.all("HTB")[0]?.boot_id;
  await server.send({ ...offer, time: Date.now() / 1000 }, to);
  const { ver } = await server.next("HTB", ({ boot_id }) => boot_id !== first);
  assertEquals(ver, "1");
  await eventually(async () => {
    assertEquals(await Deno.readTextFile(hbc.binary), Installation.script("1"));
  });
  assertEquals([server.all("BOOT").length, server.all("SHUTDOWN").length], [1, 0]);
});
