/** Services to make units of, and a folder that stands for a machine, with its service manager. */

import { join } from "@std/path";
import type { Machine } from "../../src/unit/machine.ts";
import type { Service } from "../../src/unit/service.ts";

/** A server of the machine, as an executable; `systemd-analyze` wants one that is there. */
export const SERVER: Service = {
  program: "hbd",
  command: ["/bin/sh", "serve"],
  isFromSource: false,
  isForUser: false,
  runAs: null,
  stateDir: null,
  writes: [],
  hasLowPort: false,
  isSandboxed: true,
};

export const CLIENT: Service = { ...SERVER, program: "hbc", command: ["/bin/sh", "-b", "monitor"] };

/** What stands for the machine. */
export interface TestMachine extends Machine, AsyncDisposable {
  /** What was said, line by line. */
  readonly said: string[];
  /** What the programs of the service manager were asked, in order, and forgets it. */
  readonly asked: () => Promise<readonly string[]>;
  /** Replaces a program: `script` is what its shell does after it has written down its words. */
  readonly program: (name: string, script: string) => Promise<void>;
}

/**
 * A machine in a folder of its own. `systemctl` says yes to everything; `launchctl` knows which job
 * is loaded.
 */
export async function testMachine(uid = 0): Promise<TestMachine> {
  const root = await Deno.makeTempDir({ prefix: "hbd-unit-" });
  const bin = join(root, "bin");
  const log = join(root, "asked");
  await Deno.mkdir(bin);
  const said: string[] = [];
  const program = async (name: string, script: string): Promise<void> => {
    const path = join(bin, name);
    const text = `#!/bin/sh\necho "${name} $*" >> '${log}'\n${script}\n`;
    await Deno.writeTextFile(path, text, { mode: 0o755 });
  };
  await program("systemctl", "exit 0");
  await program("chown", "exit 0");
  await program(
    "launchctl",
    `case $1 in
      bootstrap) touch '${root}/loaded' ;;
      bootout) rm '${root}/loaded' ;;
      print) case $2 in */*heartbeat*) test -e '${root}/loaded' ;; esac ;;
    esac`,
  );
  return {
    root,
    home: "/home/alice",
    uid,
    searchPath: `${bin}:/usr/bin:/bin`,
    say: (line) => said.push(line.replaceAll(root, "")),
    said,
    program,
    async asked() {
      const text = await Deno.readTextFile(log).catch(() => "");
      await Deno.remove(log).catch(() => {});
      return text.replaceAll(root, "").split("\n").slice(0, -1);
    },
    async [Symbol.asyncDispose]() {
      await Deno.remove(root, { recursive: true });
    },
  };
}
