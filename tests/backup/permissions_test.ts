import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { permissionsOf, TARGETS } from "../../scripts/compile/programs.ts";
import { KvStore } from "../../src/store/kv.ts";

/** What the executables for macOS and Windows may. */
const PERMISSIONS = TARGETS.filter(({ name }) => name === "macos-arm64").flatMap(permissionsOf)
  .filter((flag) => flag.startsWith("--allow-"));

Deno.test("backup, restore, export and import do with the permissions of an executable", async () => {
  const dir = await Deno.makeTempDir({ prefix: "hbd-backup-" });
  try {
    const state = join(dir, "state");
    await Deno.mkdir(state);
    await (await KvStore.open(join(state, "hbd.kv"))).close();
    const log = join(dir, "x.log");
    await Deno.writeTextFile(
      log,
      '{"timestamp":"2026-01-01 00:00:00","client_ip":"10.0.0.1","path":"/","payload":{}}\n',
    );
    const hbd = async (...args: readonly string[]) => {
      const main = new URL("../../main.ts", import.meta.url).pathname;
      const { code, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--no-prompt", ...PERMISSIONS, main, ...args],
      }).output();
      assertEquals(code, 0, new TextDecoder().decode(stderr));
    };
    await hbd("backup", join(dir, "b.tar.gz"), "--state-dir", state);
    await hbd("restore", join(dir, "b.tar.gz"), "--state-dir", join(dir, "restored"));
    await hbd("import", log, "--state-dir", join(dir, "restored"));
    await hbd("export", "history", "--state-dir", join(dir, "restored"));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
