/**
 * Hilbert's dialect as its clients see it: the real server on a port of `extra_ports`, spoken to by
 * curl, by `fetch` as a page does, and by Nagios' own check_http.
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { eventually, getHost, Hbd, parseAnswers, rawHttp, readJournal } from "./hbd.ts";

const CHECK_HTTP = "/usr/lib/nagios/plugins/check_http";
const GOODBYE = "So Long, and Thanks for All the Fish!";

interface Ran {
  readonly code: number;
  readonly stdout: string;
}

async function run(program: string, ...args: readonly string[]): Promise<Ran> {
  const { code, stdout } = await new Deno.Command(program, { args: [...args], stderr: "inherit" })
    .output();
  return { code, stdout: new TextDecoder().decode(stdout) };
}

/** A server in the place of Hilbert's. */
class Server implements AsyncDisposable {
  private constructor(readonly hbd: Hbd, readonly port: number) {}

  static async start(more = "", stateDir?: string): Promise<Server> {
    const config = `extra_ports: [0]\n${more}`;
    const hbd = await Hbd.start({ config, ...(stateDir !== undefined && { stateDir }) });
    const [, port] = await hbd.waitForOutput(/Also on +port (\d+) \(extra_ports\)/);
    return new Server(hbd, Number(port));
  }

  url(target: string): string {
    return `http://127.0.0.1:${this.port}${target}`;
  }

  async curl(target: string, ...args: readonly string[]): Promise<string> {
    const { code, stdout } = await run("curl", "-sS", "--fail", ...args, this.url(target));
    assertEquals(code, 0, `curl ${target}`);
    return stdout;
  }

  /** What Nagios makes of a status: its plugin looks for a text in it. */
  checkHttp(target: string, text: string): Promise<Ran> {
    return run(
      CHECK_HTTP,
      ...["-H", "127.0.0.1", "-p", String(this.port), "-u", target, "-s", text],
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hbd[Symbol.asyncDispose]();
  }
}

Deno.test("an application of Hilbert's, and those who ask about it", async (t) => {
  await using server = await Server.start();

  await t.step("begins, beats and is seen, by curl as it always was", async () => {
    assertEquals(await server.curl("/hb_init?60000&appid=Tetris"), "61000");
    assertEquals(await server.curl("/hb_ping?30000&appid=Tetris&cache_buster=1"), "31000");
    assertEquals(await server.curl("/some/app/hb_ping?30000&appid=Tetris", "-X", "POST"), "31000");
    assertEquals(await server.curl("/list"), "Tetris");
    assertMatch(
      await server.curl("/status"),
      /^OK - fine application \[Tetris\]\| od=0\.\d\d;3;5;0;6 delay=31000ms;;;$/,
    );
  });

  await t.step("is a host like any other", async () => {
    const host = await getHost(server.hbd, "Tetris");
    assertEquals([host?.state, host?.total, host?.interval, host?.grace], ["up", 3, 31, 124]);
    const lines = await readJournal(server.hbd.stateDir);
    assertEquals(lines.map(({ path }) => path), [
      "/hb_init?60000&appid=Tetris",
      "/hb_ping?30000&appid=Tetris&cache_buster=1",
      "/some/app/hb_ping?30000&appid=Tetris",
    ]);
  });

  await t.step("may be a page in a browser, which asks before it posts JSON", async () => {
    const origin = { origin: "http://kiosk.example" };
    const asked = await fetch(server.url("/hb_ping?30000&appid=Page"), {
      method: "OPTIONS",
      headers: {
        ...origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
      },
    });
    await asked.body?.cancel();
    assertEquals(asked.status, 204);
    assertEquals(asked.headers.get("access-control-allow-origin"), "*");
    assertStringIncludes(asked.headers.get("access-control-allow-methods") ?? "", "POST");
    const answer = await fetch(server.url("/hb_ping?30000&appid=Page"), {
      method: "POST",
      headers: { ...origin, "content-type": "application/json" },
      body: '{"appid":"Page"}',
    });
    assertEquals([answer.status, await answer.text()], [200, "31000"]);
    assertEquals(answer.headers.get("access-control-allow-origin"), "*");
    assertEquals(await server.curl("/list"), "Tetris,\nPage");
  });

  await t.step("is found by check_http, and so is one that is not there", async () => {
    const fine = await server.checkHttp("/status?0&appid=Tetris", "OK - fine application [Tetris]");
    assertEquals(fine.code, 0, fine.stdout);
    const gone = await server.checkHttp("/status?0&appid=Zelda", "OK - fine application");
    assertEquals(gone.code, 2, gone.stdout);
    const several = await server.checkHttp(
      "/status",
      "WARNING - multiple (2) applications: [Tetris,Page]",
    );
    assertEquals(several.code, 0, several.stdout);
  });

  await t.step("says goodbye and is gone", async () => {
    assertEquals(await server.curl("/hb_done?0&appid=Page"), GOODBYE);
    assertEquals(await server.curl("/hb_done?0&appid=Tetris", "-d", "appid=Tetris"), GOODBYE);
    assertEquals(await server.curl("/list"), "");
    assertEquals(
      await server.curl("/status"),
      "UNKNOWN - no heartbeat clients at the moment...",
    );
    assertEquals((await getHost(server.hbd, "Tetris"))?.state, "shutdown");
  });

  await t.step("is told what is wrong with what it says", async () => {
    for (const target of ["/hb_ping?1000", "/hb_ping?-1&appid=A", "/hb_done?x&appid=A"]) {
      const answer = await fetch(server.url(target));
      const text = await answer.text();
      assertEquals([answer.status, answer.headers.get("content-type")], [400, "text/plain"]);
      assertMatch(text, /^ERROR: ./, target);
    }
    assertEquals(await getHost(server.hbd, "A"), null);
  });
});

Deno.test("answers are never compressed, and HEAD has their headers alone", async () => {
  await using server = await Server.start();
  const names = Array.from({ length: 300 }, (_, i) => `application-${i}`);
  for (const name of names) {
    const answer = await fetch(server.url(`/hb_ping?60000&appid=${name}`));
    assertEquals(await answer.text(), "61000");
  }
  const list = names.join(",\n");
  const ask = async (method: string) => {
    const head = `${method} /list HTTP/1.1\r\nHost: s\r\nAccept-Encoding: gzip, deflate, br\r\n` +
      "Connection: close\r\n\r\n";
    const text = await rawHttp(server.port, head);
    const end = text.indexOf("\r\n\r\n") + 4;
    const [{ headers } = { headers: new Map<string, string>() }] = parseAnswers(
      // What HEAD leaves out would be waited for.
      method === "HEAD" ? text + list : text,
    );
    return { headers, body: text.slice(end) };
  };
  const got = await ask("GET");
  assertEquals(got.body, list);
  assertEquals(got.headers.get("content-encoding"), undefined);
  assertEquals(got.headers.get("content-length"), String(list.length));
  assertEquals(got.headers.get("content-type"), "text/plain");
  const headed = await ask("HEAD");
  assertEquals(headed.body, "");
  for (const name of ["content-length", "content-type", "access-control-allow-origin"]) {
    assertEquals(headed.headers.get(name), got.headers.get(name), name);
  }
  // A ping by HEAD is one.
  await server.curl("/hb_ping?1&appid=by-head", "-I");
  assertEquals((await getHost(server.hbd, "by-head"))?.total, 1);
});

Deno.test("a silent application is late, critical, down for us, and then unknown", async () => {
  await using server = await Server.start();
  assertEquals(await server.curl("/hb_ping?0&appid=Tetris"), "1000");
  const seen: string[] = [];
  /** How overdue it was, in timeouts, when it was down for us; the first time. */
  let downAt: number | null = null;
  await eventually(async () => {
    const isDown = (await getHost(server.hbd, "Tetris"))?.state === "down";
    const text = await server.curl("/status?0&appid=Tetris");
    const [state = ""] = text.split(" application");
    if (seen.at(-1) !== state) seen.push(state);
    // What is asked later is later: it was not down before that.
    if (isDown) downAt ??= Number(/od=([\d.]+)/.exec(text)?.[1] ?? "6");
    assertStringIncludes(text, "no application record for queried ID: [Tetris]");
  });
  assertEquals(seen, [
    "OK - fine",
    "WARNING - somewhat late",
    "CRITICAL - quite late",
    "CRITICAL - no",
  ]);
  assert(downAt !== null && downAt >= 5, `It was down at od=${downAt}`);
  assertEquals(await server.curl("/list"), "");
  assertEquals((await getHost(server.hbd, "Tetris"))?.state, "down");
  assertEquals(await server.curl("/hb_ping?0&appid=Tetris"), "1000");
  assertEquals((await getHost(server.hbd, "Tetris"))?.state, "up");
});

Deno.test("applications are known again after a crash, and those that left are not", async () => {
  const stateDir = await Deno.makeTempDir({ prefix: "hbd-e2e-" });
  try {
    {
      await using server = await Server.start("", stateDir);
      for (const id of ["Tetris", "Zelda", "Sonic"]) {
        await server.curl(`/hb_init?60000&appid=${id}`);
      }
      await server.curl("/hb_done?0&appid=Zelda");
      await server.hbd.kill();
    }
    await using server = await Server.start("", stateDir);
    assertEquals(await server.curl("/list"), "Tetris,\nSonic");
    assertMatch(await server.curl("/status?appid=Sonic"), /^OK - fine .* delay=61000ms;;;$/);
    assertEquals((await getHost(server.hbd, "Sonic"))?.grace, 244);
  } finally {
    await Deno.remove(stateDir, { recursive: true });
  }
});

Deno.test("with users a stranger may beat, but is told of nobody", async () => {
  await using server = await Server.start("users: {alice: {admin: true}}\n");
  assertEquals(await server.curl("/hb_ping?60000&appid=Tetris"), "61000");
  assertEquals(await server.curl("/list"), "");
  assertEquals(await server.curl("/status"), "UNKNOWN - no heartbeat clients at the moment...");
  assertEquals(
    await server.curl("/status?appid=Tetris"),
    "CRITICAL - no application record for queried ID: [Tetris]",
  );
});

Deno.test("an extra port in use ends the start, and it is said which", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  await using hbd = await Hbd.spawn({ config: `extra_ports: [${port}]\n` });
  assert(await hbd.exit() !== 0);
  assertStringIncludes(hbd.stderr(), `Port ${port} (extra_ports) cannot be opened`);
});
