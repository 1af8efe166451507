/**
 * The files with a certificate and its key, and whether they have changed. Both are read together:
 * a renewal that has written only one of them so far fails the check, and is read again later.
 */

import { createPrivateKey, X509Certificate } from "node:crypto";

/** A certificate with its chain, and its private key; both PEM. */
export interface TlsPair {
  readonly cert: string;
  readonly key: string;
}

export interface TlsPaths {
  readonly certFile: string;
  readonly keyFile: string;
}

/** Something is wrong with a file; the message says with which, what, and what would be right. */
export class TlsFileError extends Error {
  override readonly name = "TlsFileError";
}

/** Reads both files. Rejects with a TlsFileError when they cannot be used. */
export async function readTlsPair({ certFile, keyFile }: TlsPaths): Promise<TlsPair> {
  const cert = await readText(certFile, "certificate (wss_pem)");
  const key = await readText(keyFile, "key (wss_key)");
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(cert);
  } catch (cause) {
    const wanted = "it must begin with -----BEGIN CERTIFICATE-----";
    throw new TlsFileError(`${certFile} holds no certificate in PEM: ${wanted}`, { cause });
  }
  let fits: boolean;
  try {
    fits = certificate.checkPrivateKey(createPrivateKey(key));
  } catch (cause) {
    const wanted = "it must begin with -----BEGIN PRIVATE KEY----- and have no passphrase";
    throw new TlsFileError(`${keyFile} holds no private key in PEM: ${wanted}`, { cause });
  }
  if (!fits) throw new TlsFileError(`The key in ${keyFile} is not that of ${certFile}`);
  return { cert, key };
}

/** Looks whether the files are others than when they were last looked at. */
export class TlsWatch {
  readonly #paths: TlsPaths;
  #seen: string;

  constructor(paths: TlsPaths) {
    this.#paths = paths;
    this.#seen = this.#look();
  }

  /** True when they have changed since the last call. */
  hasChanged(): boolean {
    const now = this.#look();
    const before = this.#seen;
    this.#seen = now;
    return now !== before;
  }

  #look(): string {
    return [this.#paths.certFile, this.#paths.keyFile].map((path) => {
      try {
        const { mtime, size, ino } = Deno.statSync(path);
        return `${mtime?.getTime()} ${size} ${ino}`;
      } catch {
        return "missing";
      }
    }).join(", ");
  }
}

async function readText(path: string, what: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TlsFileError(`Cannot read the ${what} ${path}: ${why}`, { cause });
  }
}
