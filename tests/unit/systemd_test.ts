/** What systemd itself says of the units; nothing is installed or started. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import type { Service } from "../../src/unit/service.ts";
import { systemdName, systemdUnit } from "../../src/unit/systemd.ts";
import { CLIENT, SERVER } from "./service.ts";

const isLinux = Deno.build.os === "linux";

/** Units of every kind. */
const UNITS: readonly (readonly [string, Service])[] = [
  ["a server", SERVER],
  ["a server from source, with another user and a low port", {
    ...SERVER,
    command: [Deno.execPath(), "run", "-A", "main.ts", "serve"],
    isFromSource: true,
    runAs: "root",
    hasLowPort: true,
    stateDir: "/srv/my state",
    writes: ["/srv/100%"],
  }],
  ["a server of a user", { ...SERVER, isForUser: true }],
  ["a client", CLIENT],
  ["a client without a sandbox", { ...CLIENT, isSandboxed: false }],
  ["a client of a user", { ...CLIENT, isForUser: true }],
];

async function analyze(
  service: Service,
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly text: string }> {
  const dir = await Deno.makeTempDir({ prefix: "hbd-unit-" });
  try {
    const file = join(dir, systemdName(service));
    await Deno.writeTextFile(file, systemdUnit(service));
    const { code, stdout, stderr } = await new Deno.Command("systemd-analyze", {
      args: [...args, file],
      // Where it would look for units of the user.
      env: { HOME: dir, XDG_RUNTIME_DIR: dir, NO_COLOR: "1" },
    }).output();
    const [out, error] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    return { code, text: `${out}${error}` };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

for (const [name, service] of UNITS) {
  Deno.test({
    name: `systemd finds nothing wrong with the unit of ${name}`,
    ignore: !isLinux,
    async fn() {
      const scope = service.isForUser ? "--user" : "--system";
      const { code, text } = await analyze(service, scope, "--man=no", "verify");
      const own = text.split("\n").filter((line) => line.includes(systemdName(service)));
      assertEquals({ code, own }, { code: 0, own: [] }, text);
    },
  });
}

Deno.test({
  name: "systemd sees what is wrong with a unit: the check above means something",
  ignore: !isLinux,
  async fn() {
    const { code, text } = await analyze(
      { ...SERVER, command: ["/nowhere/hbd"] },
      ...["--man=no", "verify"],
    );
    assert(code !== 0, text);
    assertStringIncludes(text, "/nowhere/hbd");
  },
});

// Tenths. A client sees devices, because some of what it measures is told by one.
for (const [service, limit] of [[SERVER, 20], [CLIENT, 25]] as const) {
  Deno.test({
    name: `systemd rates the exposure of ${service.program} at ${limit / 10} of 10 or better`,
    ignore: !isLinux,
    async fn() {
      const { code, text } = await analyze(
        service,
        ...["--offline=true", `--threshold=${limit}`, "--no-pager", "security"],
      );
      assertEquals(code, 0, text);
    },
  });
}

Deno.test("a word stands for itself, whatever is in it, and never begins a line", () => {
  const word = `a b"c'd\\e%f$g;\nExecStartPre=/bin/x`;
  const text = systemdUnit({ ...SERVER, command: ["/bin/sh", word, ";"] });
  assertStringIncludes(
    text,
    String.raw`ExecStart=/bin/sh "a b\"c'd\\e%%f$$g;\x0aExecStartPre=/bin/x" ";" --state-dir`,
  );
  assertEquals(text.match(/^ExecStartPre/gm), null);
});

Deno.test({
  name: "a program and folders are found where $ and % are in their names",
  ignore: !isLinux,
  async fn() {
    const temp = await Deno.makeTempDir({ prefix: "hbd-unit-" });
    try {
      const dir = join(temp, "hbd $HOME 100%");
      await Deno.mkdir(dir);
      const program = join(dir, "hbd");
      await Deno.copyFile("/bin/sh", program);
      const service: Service = { ...SERVER, command: [program], stateDir: join(dir, "state") };
      const { code, text } = await analyze(service, "--man=no", "verify");
      const own = text.split("\n").filter((line) => line.includes(systemdName(service)));
      assertEquals({ code, own }, { code: 0, own: [] }, text);
      // Of folders systemd does not read variables, and so does not know "$$".
      assertMatch(systemdUnit(service), /^ReadWritePaths=".*hbd \$HOME 100%%/m);
      assertStringIncludes(systemdUnit(service), "hbd $$HOME 100%%");
    } finally {
      await Deno.remove(temp, { recursive: true });
    }
  },
});

Deno.test("only a port below 1024 gives a right", () => {
  const [without, with80] = [SERVER, { ...SERVER, hasLowPort: true }].map(systemdUnit);
  assertEquals(without?.match(/CAP_\w+/g), null);
  assertStringIncludes(with80 ?? "", "\nAmbientCapabilities=CAP_NET_BIND_SERVICE\n");
});

Deno.test("a client that runs what its configuration names has nothing hidden from it", () => {
  const text = systemdUnit({ ...CLIENT, isSandboxed: false });
  assertEquals(text.match(/^(?:Protect|Private|Restrict|DynamicUser|SystemCall|NoNew).*/gm), null);
});

Deno.test("a given state folder takes the place of systemd's own", () => {
  const text = systemdUnit({ ...SERVER, runAs: "bob", stateDir: "/srv/hb" });
  assertEquals(text.includes("StateDirectory="), false);
  assertStringIncludes(text, " --state-dir /srv/hb\n");
  assertStringIncludes(text, "\nReadWritePaths=/srv/hb\n");
});
