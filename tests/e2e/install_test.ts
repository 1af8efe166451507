/**
 * `scripts/install.sh` in several shells, against a release on a real HTTP server; and the scripts of
 * a running server, piped into a shell as people do it.
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { Hbd, rawHttp, tempDir } from "./hbd.ts";
import { type Installing, programText, runInstall, serveRelease } from "./release.ts";

const isLinux = Deno.build.os === "linux";

/** `uname` of another machine. */
function uname(kernel: string, machine: string): string {
  return `#!/bin/sh\ncase $1 in -s) echo '${kernel}' ;; -m) echo '${machine}' ;; esac\n`;
}

const FILES = Object.fromEntries(
  ["hbd", "hbc"].flatMap((program) =>
    ["linux-x64", "linux-arm64", "macos-x64", "macos-arm64", "windows-x64.exe"].map((system) => {
      const name = `${program}-1.2.3-${system}`;
      return [name, programText(name)] as const;
    })
  ),
);

const LINUX = { uname: uname("Linux", "x86_64") };

const WAYS: readonly (readonly [string, Installing])[] = [
  ["dash and curl", { shell: ["dash"] }],
  ["dash and wget", { shell: ["dash"], tools: ["wget", "sha256sum"] }],
  ["busybox sh and curl", { shell: ["busybox", "sh"] }],
  ["busybox sh and wget", { shell: ["busybox", "sh"], tools: ["wget", "sha256sum"] }],
  ["bash and shasum", { shell: ["bash", "--posix"], tools: ["curl", "shasum", "perl"] }],
  ["dash and openssl", { shell: ["dash"], tools: ["curl", "openssl"] }],
];
for (const [name, way] of WAYS) {
  Deno.test({
    name: `with ${name} the program is there, and nothing else`,
    ignore: !isLinux,
    async fn() {
      await using release = serveRelease(FILES);
      const done = await runInstall(release.url, { ...way, fakes: LINUX });
      assertEquals(done.code, 0, done.stderr);
      assertEquals(done.files, ["bin/hbd*"]);
      assertStringIncludes(done.stdout, `Installed hbd-1.2.3-linux-x64 1.2.3 as ${done.home}`);
      assertMatch(
        done.stdout,
        /\nor, as a service:\n {2}\/.*bin\/hbd unit systemd --user --install\n$/,
      );
      assertEquals(release.asked, ["/release/SHA256SUMS", "/release/hbd-1.2.3-linux-x64"]);
    },
  });
}

Deno.test({
  name:
    "whatever the umask, nobody else may write to what was installed, and who installed it runs it",
  ignore: !isLinux,
  async fn() {
    await using release = serveRelease(FILES);
    for (const umask of ["000", "022", "077"]) {
      await using dir = await tempDir();
      const folder = join(dir.path, "a", "bin");
      const script = await Deno.readTextFile(new URL("../../scripts/install.sh", import.meta.url));
      const { code, stderr } = await runInstall(release.url, {
        ...{ fakes: LINUX, env: { HBD_INSTALL_DIR: folder }, shell: ["dash"] },
        input: `umask ${umask}\n${script}`,
      });
      assertEquals(code, 0, stderr);
      assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["hbd"]);
      for (const path of [join(dir.path, "a"), folder, join(folder, "hbd")]) {
        assertEquals(((await Deno.stat(path)).mode ?? 0) & 0o722, 0o700, `${umask} ${path}`);
      }
    }
  },
});

Deno.test({
  name: "outside of the home the next line is a service of the machine",
  ignore: !isLinux,
  async fn() {
    await using release = serveRelease(FILES);
    await using dir = await tempDir();
    const env = { HBD_INSTALL_DIR: dir.path };
    const { stdout } = await runInstall(release.url, { fakes: LINUX, env });
    assert(stdout.endsWith(`\n  sudo ${dir.path}/hbd unit systemd --install\n`), stdout);
  },
});

const SYSTEMS: readonly (readonly [string, string, string, string])[] = [
  ["Linux", "x86_64", "0", "linux-x64"],
  ["Linux", "aarch64", "0", "linux-arm64"],
  ["Darwin", "x86_64", "0", "macos-x64"],
  ["Darwin", "x86_64", "1", "macos-arm64"],
  ["Darwin", "arm64", "0", "macos-arm64"],
  ["MINGW64_NT-10.0-19045", "x86_64", "0", "windows-x64.exe"],
];
for (const [kernel, machine, translated, wanted] of SYSTEMS) {
  Deno.test({
    name: `${kernel} on ${machine}${translated === "1" ? " by Rosetta" : ""} gets ${wanted}`,
    ignore: !isLinux,
    async fn() {
      await using release = serveRelease(FILES);
      const fakes = { uname: uname(kernel, machine), sysctl: `#!/bin/sh\necho ${translated}\n` };
      const done = await runInstall(release.url, { fakes, args: ["hbc", "monitor"] });
      assertEquals(done.code, 0, done.stderr);
      assertEquals(done.files, [wanted.endsWith(".exe") ? "bin/hbc.exe*" : "bin/hbc*"]);
      assertEquals(release.asked[1], `/release/hbc-1.2.3-${wanted}`);
      assertMatch(done.stdout, /Next:\n {2}.*hbc(\.exe)? -b monitor\n$/);
    },
  });
}

const NAME = "hbd-1.2.3-linux-x64";
const TEXT = programText(NAME);
const WRONG: readonly (readonly [string, Readonly<Record<string, string>>, Installing, RegExp])[] =
  [
    [
      "a sum that is wrong",
      {
        ...FILES,
        SHA256SUMS: `${"0".repeat(64)}  ${NAME}\n`,
      },
      {},
      /^install: hbd-.* is not what it should be, .*\n.*\n {2}SHA256SUMS says 0{64}\n$/,
    ],
    [
      "no program that sums",
      FILES,
      { tools: ["curl"] },
      /^install: .* install sha256sum, shasum or openssl\n$/,
    ],
    ["no program that downloads", FILES, { tools: ["sha256sum"] }, /Neither curl nor wget/],
    ["a release without this system", { "hbd-1.2.3-macos-x64": TEXT }, {}, /no hbd for linux-x64/],
    ["a release without sums", { SHA256SUMS: "" }, {}, /no hbd for linux-x64/],
    [
      "a program that is not there",
      {
        SHA256SUMS: `${"0".repeat(64)}  ${NAME}\n`,
      },
      {},
      /hbd-1\.2\.3-linux-x64 could not be downloaded/,
    ],
    [
      "a path in the sums",
      { SHA256SUMS: `${"0".repeat(64)}  ../hbd-1-linux-x64\n` },
      {},
      /has no hbd/,
    ],
    [
      "a program that does not run",
      {
        [NAME]: "#!/bin/sh\necho no libc >&2\nexit 1\n",
      },
      {},
      /does not run on this machine, .*\n {2}no libc\n$/,
    ],
    [
      "another kernel",
      FILES,
      { fakes: { uname: uname("SunOS", "x86_64") } },
      /for SunOS: run it from/,
    ],
    [
      "a small processor",
      FILES,
      { fakes: { uname: uname("Linux", "armv6l") } },
      /processor armv6l/,
    ],
    ["32 bits on a kernel of 64", FILES, {
      fakes: { ...LINUX, getconf: "#!/bin/sh\necho 32\n" },
    }, /only programs for 64/],
    ["another word", FILES, { args: ["hbx"] }, /got "hbx"/],
  ];
for (const [name, files, way, message] of WRONG) {
  Deno.test({
    name: `with ${name} nothing is installed, and it is said why`,
    ignore: !isLinux,
    async fn() {
      await using release = serveRelease(files);
      const done = await runInstall(release.url, { fakes: LINUX, shell: ["dash"], ...way });
      assertMatch(done.stderr, message);
      assertEquals(done.code, 1);
      assertEquals(done.files, []);
    },
  });
}

Deno.test({
  name: "a relative folder with a space is made whole, and stands in quotes in the line to run",
  ignore: !isLinux,
  async fn() {
    await using release = serveRelease(FILES);
    const env = { HBD_INSTALL_DIR: "it's my bin/" };
    const done = await runInstall(release.url, { fakes: LINUX, env, args: ["hbc", "[::1]:7"] });
    assertEquals(done.files, ["it's my bin/hbc*"]);
    assertStringIncludes(done.stdout, `  '${done.home}/it'\\''s my bin/hbc' -b '[::1]:7'\n`);
  },
});

Deno.test({
  name: "the client of a running server, piped into a shell, is told this server",
  ignore: !isLinux,
  async fn() {
    await using release = serveRelease(FILES);
    await using hbd = await Hbd.start();
    const told = await (await fetch(hbd.url("/install"))).text();
    assertStringIncludes(told, `curl -fsS ${hbd.url("/install/hbc.sh")} | sh\n`);
    const input = await (await fetch(hbd.url("/install/hbc.sh"))).text();
    const done = await runInstall(release.url, { input, fakes: LINUX });
    assertEquals(done.code, 0, done.stderr);
    assertMatch(done.stdout, new RegExp(`hbc -b 127\\.0\\.0\\.1:${hbd.udpPort}\n$`));
    const server = await (await fetch(hbd.url("/install/hbd.sh"))).text();
    const second = await runInstall(release.url, { input: server, fakes: LINUX });
    assertEquals(second.files, ["bin/hbd*"]);
    const missing = await fetch(hbd.url("/install/other.sh"));
    assertEquals(missing.status, 404);
    await missing.body?.cancel();
  },
});

Deno.test("nothing of a Host header that means something to a shell is in what is answered", async () => {
  await using hbd = await Hbd.start();
  for (const host of ["$(touch${IFS}x)", "a';touch x;'", "a`id`", "-oProxy=x", "a b", "[::1]$x"]) {
    for (const path of ["/install", "/install/hbc.sh", "/install/hbd.sh"]) {
      const text = await rawHttp(
        hbd.port,
        `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
      );
      assertEquals(text.includes(host), false, `${path} with ${host}`);
      if (!text.startsWith("HTTP/1.1 200")) continue;
      if (path.endsWith("hbc.sh")) assertStringIncludes(text, "\ndefault_server=''\n");
    }
  }
});

Deno.test("a POST to /install is a beat, as everywhere", async () => {
  await using hbd = await Hbd.start();
  const answer = await fetch(hbd.url("/install"), { method: "POST", body: '{"name":"a"}' });
  assertEquals(answer.status, 200);
  await answer.body?.cancel();
  await hbd.waitForOutput(/\ba\b/);
});
