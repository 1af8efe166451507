/**
 * A real name server for the tests: bind9's named on a loopback port of its own, with two zones that
 * take updates signed with its key, and one that takes none. What it wrote is gone at the end.
 */

import { join } from "@std/path";
import type { DnsConfig } from "../../src/config/config.ts";
import { LIMIT_MS } from "../e2e/hbd.ts";

/** Zones that take updates, but none of `refused.example.org`. */
export const ZONES = ["example.org", "example.com"] as const;

/** A zone that takes no updates. */
export const CLOSED_ZONE = "example.net";

export class Named implements AsyncDisposable {
  readonly port: number;
  /** Key that it knows. */
  readonly keyFile: string;
  /** A key of the same name with another secret. */
  readonly wrongKeyFile: string;
  readonly #dir: string;
  #child: Deno.ChildProcess | null = null;
  #reading: Promise<void> | null = null;

  private constructor(dir: string, port: number) {
    this.#dir = dir;
    this.port = port;
    this.keyFile = join(dir, "key");
    this.wrongKeyFile = join(dir, "wrong_key");
  }

  /** Starts one and waits until it answers. */
  static async start(): Promise<Named> {
    const dir = await Deno.makeTempDir({ prefix: "named-" });
    const named = new Named(dir, freePort());
    try {
      await named.#configure();
      await named.up();
    } catch (error) {
      await named[Symbol.asyncDispose]();
      throw error;
    }
    return named;
  }

  /** Starts it again after `down`. */
  async up(): Promise<void> {
    const child = new Deno.Command("/usr/sbin/named", {
      args: ["-g", "-4", "-n", "1", "-c", join(this.#dir, "named.conf")],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    this.#child = child;
    const running = Promise.withResolvers<void>();
    this.#reading = (async () => {
      let said = "";
      const text = child.stderr.pipeThrough(new TextDecoderStream());
      for await (const part of text) {
        said = (said + part).slice(-20_000);
        if (/ running\s*$/m.test(said)) running.resolve();
      }
      running.reject(new Error(`named ended and had said:\n${said}`));
    })();
    running.promise.catch(() => {});
    const limit = setTimeout(
      () => running.reject(new Error(`named does not run after ${LIMIT_MS} ms`)),
      LIMIT_MS,
    );
    await running.promise.finally(() => clearTimeout(limit));
  }

  /** Ends it; what it knows stays. */
  async down(): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    this.#child = null;
    try {
      child.kill("SIGTERM");
    } catch {
      // It has ended by itself.
    }
    await Promise.all([child.status, this.#reading]);
  }

  /** Settings for hosts in the first zone. */
  config(more: Partial<DnsConfig> = {}): DnsConfig {
    return {
      domains: [ZONES[0]],
      bin: "nsupdate",
      keyFile: this.keyFile,
      server: `127.0.0.1:${this.port}`,
      ttlS: 60,
      ...more,
    };
  }

  /** What it answers for `name` and `type`, as `TTL ADDRESS`. */
  async ask(name: string, type: string): Promise<string[]> {
    const { success, stdout } = await new Deno.Command("dig", {
      args: ["@127.0.0.1", "-p", `${this.port}`, "+noall", "+answer", "+norecurse", name, type],
      stdin: "null",
    }).output();
    if (!success) throw new Error(`dig failed: ${new TextDecoder().decode(stdout)}`);
    return new TextDecoder().decode(stdout).trim().split("\n").filter((line) => line !== "")
      .map((line) => line.split(/\s+/)).map((words) => `${words[1]} ${words[4]}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down();
    await Deno.remove(this.#dir, { recursive: true });
  }

  async #configure(): Promise<void> {
    const write = (name: string, text: string) => Deno.writeTextFile(join(this.#dir, name), text);
    await write("key", keyText());
    await write("wrong_key", keyText());
    const zone = (name: string, more: string) =>
      `zone "${name}" { type primary; file "${name}.zone"; ${more} };\n`;
    const policy = "update-policy { deny hbd name refused.example.org.; grant hbd zonesub ANY; };";
    await write(
      "named.conf",
      `include "${this.keyFile}";
options {
  directory "${this.#dir}"; pid-file none; session-keyfile none;
  listen-on port ${this.port} { 127.0.0.1; }; listen-on-v6 { none; };
  recursion no; dnssec-validation no; empty-zones-enable no;
};
controls { };
` + ZONES.map((name) => zone(name, policy)).join("") + zone(CLOSED_ZONE, "allow-update { none; };"),
    );
    for (const name of [...ZONES, CLOSED_ZONE]) {
      await write(
        `${name}.zone`,
        "$TTL 60\n@ IN SOA ns root 1 3600 600 86400 60\n@ IN NS ns\nns IN A 127.0.0.1\n",
      );
    }
  }
}

function keyText(): string {
  const secret = crypto.getRandomValues(new Uint8Array(32)).toBase64();
  return `key "hbd" {\n  algorithm hmac-sha256;\n  secret "${secret}";\n};\n`;
}

/** A port of the loopback address that is free for TCP, and most likely for UDP. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
