/** Certificates for localhost by an authority of our own, made with openssl. */

import { join } from "@std/path";

export interface Authority extends AsyncDisposable {
  /** Where `cert.pem` and `key.pem` are. */
  readonly dir: string;
  /** Its certificate, PEM. */
  readonly caCert: string;
  /** Writes a new certificate for localhost, called `name`, and its key. */
  issue(name: string): Promise<void>;
}

const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

export async function makeAuthority(): Promise<Authority> {
  const dir = await Deno.makeTempDir();
  const at = (name: string) => join(dir, name);
  await openssl("req", "-x509", ...KEY, "-days", "2", "-subj", "/CN=Test authority", ...[
    ...["-keyout", at("ca.key"), "-out", at("ca.pem")],
  ]);
  await Deno.writeTextFile(at("names"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
  return {
    dir,
    caCert: await Deno.readTextFile(at("ca.pem")),
    async issue(name) {
      const subject = ["-subj", `/CN=${name}`];
      await openssl("req", ...KEY, ...subject, "-keyout", at("new.key"), "-out", at("new.csr"));
      const ca = ["-CA", at("ca.pem"), "-CAkey", at("ca.key"), "-CAcreateserial"];
      const ext = ["-days", "2", "-extfile", at("names"), "-out", at("new.pem")];
      await openssl("x509", "-req", "-in", at("new.csr"), ...ca, ...ext);
      await Deno.rename(at("new.key"), at("key.pem"));
      await Deno.rename(at("new.pem"), at("cert.pem"));
    },
    async [Symbol.asyncDispose]() {
      await Deno.remove(dir, { recursive: true });
    },
  };
}

/** The name in the certificate that a port shows. */
export async function shownName(port: number): Promise<string> {
  const text = await openssl(
    "s_client",
    "-connect",
    `127.0.0.1:${port}`,
    "-servername",
    "localhost",
  );
  return /subject=.*?CN ?= ?([^\n,/]+)/.exec(text)?.[1] ?? "";
}

async function openssl(...args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("openssl", {
    args: [...args],
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  if (success) return decoder.decode(stdout);
  throw new Error(`openssl ${args[0]} failed: ${decoder.decode(stderr)}`);
}
