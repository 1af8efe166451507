/**
 * Installing and removing on a machine that is a folder, with a service manager that writes down what
 * it is asked. The real `systemctl` and `launchctl` are not run by any test.
 */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { dirname } from "@std/path";
import { install, type Manager, uninstall, type Unit, unitPath } from "../../src/unit/install.ts";
import { MARKER, UnitError } from "../../src/unit/service.ts";
import { SERVER, testMachine } from "./service.ts";

function unitOf(manager: Manager, over: Partial<Unit> = {}): Unit {
  return {
    manager,
    service: SERVER,
    text: `# ${MARKER}\n`,
    isForced: false,
    again: "/usr/local/bin/hbd unit systemd --install",
    ...over,
  };
}

Deno.test("systemd: each step is said, a second time nothing changes, a change restarts", async () => {
  await using machine = await testMachine();
  const unit = unitOf("systemd");
  await install(unit, machine);
  assertEquals(await Deno.readTextFile(unitPath(unit, machine)), unit.text);
  assertEquals(machine.said, [
    "write    /etc/systemd/system/hbd.service",
    "run      systemctl daemon-reload",
    "run      systemctl enable --now hbd.service",
    "hbd is installed and started",
  ]);
  const [ask, ...steps] = await machine.asked();
  assertEquals(ask, "systemctl show --property=Version");
  assertEquals(steps, ["systemctl daemon-reload", "systemctl enable --now hbd.service"]);

  await install(unit, machine);
  assertEquals((await machine.asked()).slice(1), steps);

  await install(unitOf("systemd", { text: `# ${MARKER}, changed\n` }), machine);
  assertEquals((await machine.asked()).slice(1), [...steps, "systemctl restart hbd.service"]);
});

Deno.test("systemd: removing stops first, and is the same twice", async () => {
  await using machine = await testMachine();
  const unit = unitOf("systemd");
  await install(unit, machine);
  await machine.asked();
  await uninstall(unit, machine);
  await assertRejects(() => Deno.stat(unitPath(unit, machine)), Deno.errors.NotFound);
  assertEquals((await machine.asked()).slice(1), [
    "systemctl disable --now hbd.service",
    "systemctl daemon-reload",
  ]);
  assertStringIncludes(machine.said.at(-1) ?? "", "/var/lib/hbd");
  await uninstall(unit, machine);
  assertEquals(await machine.asked(), []);
  assertEquals(
    machine.said.at(-1),
    "There is no /etc/systemd/system/hbd.service: nothing to do",
  );
});

Deno.test("systemd: a user installs in the own home, without rights", async () => {
  await using machine = await testMachine(1000);
  const unit = unitOf("systemd", { service: { ...SERVER, isForUser: true } });
  await install(unit, machine);
  assertEquals(
    unitPath(unit, machine),
    `${machine.root}/home/alice/.config/systemd/user/hbd.service`,
  );
  const asked = await machine.asked();
  assert(asked.every((line) => line.startsWith("systemctl --user ")), asked.join("\n"));
});

Deno.test("launchd: a job is loaded once, and loaded again when it is changed", async () => {
  await using machine = await testMachine();
  const job = "system/local.heartbeat.hbd";
  const path = "/Library/LaunchDaemons/local.heartbeat.hbd.plist";
  const unit = unitOf("launchd", { service: { ...SERVER, runAs: "bob" } });
  const start = [`launchctl enable ${job}`, `launchctl bootstrap system ${path}`];
  const steps = async () =>
    (await machine.asked()).filter((line) => !line.startsWith("launchctl print"));
  await install(unit, machine);
  const dir = "/Library/Application Support/Heartbeat";
  assert((await Deno.stat(`${machine.root}${dir}`)).isDirectory);
  assertEquals(await steps(), [`chown bob ${dir}`, ...start]);
  await install(unit, machine);
  assertEquals(await steps(), [`chown bob ${dir}`]);
  await install({ ...unit, text: `${unit.text} ` }, machine);
  assertEquals(await steps(), [`chown bob ${dir}`, `launchctl bootout ${job}`, ...start]);
  await uninstall(unit, machine);
  assertEquals(await steps(), [`launchctl bootout ${job}`]);
  await assertRejects(() => Deno.stat(unitPath(unit, machine)), Deno.errors.NotFound);
});

for (const manager of ["systemd", "launchd"] as const) {
  Deno.test(`${manager}: a unit that hbd did not make stays, unless it is forced`, async () => {
    await using machine = await testMachine();
    const unit = unitOf(manager);
    const path = unitPath(unit, machine);
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeTextFile(path, "mine\n");
    const error = await assertRejects(() => install(unit, machine), UnitError);
    assertStringIncludes(error.message, "--force");
    await assertRejects(() => uninstall(unit, machine), UnitError);
    assertEquals(await Deno.readTextFile(path), "mine\n");
    assertEquals(await machine.asked(), []);
    await install({ ...unit, isForced: true }, machine);
    assertEquals(await Deno.readTextFile(path), unit.text);
  });

  Deno.test(`${manager}: without rights nothing is done, and the line for sudo is told`, async () => {
    await using machine = await testMachine(1000);
    const unit = unitOf(manager);
    for (const act of [install, uninstall]) {
      const { message } = await assertRejects(() => act(unit, machine), UnitError);
      assertStringIncludes(message, "\n  sudo /usr/local/bin/hbd unit systemd --install\n");
    }
    assertEquals(await machine.asked(), []);
    await assertRejects(() => Deno.stat(unitPath(unit, machine)), Deno.errors.NotFound);
  });

  Deno.test(`${manager}: nothing is written where it does not run`, async () => {
    await using machine = await testMachine();
    const unit = unitOf(manager);
    const program = manager === "systemd" ? "systemctl" : "launchctl";
    await machine.program(program, "echo no bus >&2; exit 1");
    const { message } = await assertRejects(() => install(unit, machine), UnitError);
    assertEquals(message, `${manager} does not answer, so nothing was changed: no bus`);
    await Deno.remove(`${machine.root}/bin/${program}`);
    const nowhere = { ...machine, searchPath: `${machine.root}/bin` };
    const missing = await assertRejects(() => install(unit, nowhere), UnitError);
    assertStringIncludes(missing.message, `no program "${program}"`);
    await assertRejects(() => Deno.stat(unitPath(unit, machine)), Deno.errors.NotFound);
  });
}

Deno.test("a link that stands where the unit is written first is not followed", async () => {
  await using machine = await testMachine();
  const unit = unitOf("systemd");
  const path = unitPath(unit, machine);
  const precious = `${machine.root}/precious`;
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(precious, "mine");
  for (const link of [`${path}.tmp`, path]) await Deno.symlink(precious, link);
  await install({ ...unit, isForced: true }, machine);
  assertEquals(await Deno.readTextFile(precious), "mine");
  assertEquals(await Deno.readTextFile(path), unit.text);
  const { isSymlink, mode } = await Deno.lstat(path);
  assertEquals([isSymlink, (mode ?? 0) & 0o777], [false, 0o644]);
});

Deno.test("without a home nothing is installed for a user", async () => {
  await using machine = await testMachine();
  const unit = unitOf("systemd", { service: { ...SERVER, isForUser: true } });
  for (const act of [install, uninstall]) {
    const { message } = await assertRejects(() => act(unit, { ...machine, home: "" }), UnitError);
    assertStringIncludes(message, "HOME");
  }
  assertEquals(await machine.asked(), []);
});

Deno.test("a step that fails is told with what the program said", async () => {
  await using machine = await testMachine();
  await machine.program("systemctl", 'test "$1" != enable || { echo bad unit >&2; exit 3; }');
  const { message } = await assertRejects(() => install(unitOf("systemd"), machine), UnitError);
  assertEquals(message, '"systemctl enable --now hbd.service" failed with exit code 3: bad unit');
});
