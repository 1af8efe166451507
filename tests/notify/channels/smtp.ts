/** Real SMTP servers for tests: nodemailer's own, with certificates made here and now. */

import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { join } from "@std/path";

/** A mail as a server has got it. */
export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  /** Header names in lower case; folded lines are put together. */
  readonly headers: ReadonlyMap<string, string>;
  /** As it came, with LF between lines. */
  readonly source: string;
  readonly body: string;
  /** The user that was logged in. */
  readonly user: string | null;
  readonly isEncrypted: boolean;
}

/** A key and a certificate for 127.0.0.1. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

export const USER = "hbd";
export const PASSWORD = "sEcReT-pAsSwOrD";

/** A mail server on loopback that keeps what it gets. */
export class MailServer implements AsyncDisposable {
  readonly mails: Mail[] = [];
  readonly port: number;
  readonly #server: SMTPServer;

  private constructor(server: SMTPServer, port: number, mails: Mail[]) {
    this.#server = server;
    this.port = port;
    this.mails = mails;
  }

  /** Starts one; without more options it takes everything, and offers neither TLS nor logins. */
  static async start(options: SMTPServerOptions = {}): Promise<MailServer> {
    const mails: Mail[] = [];
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: [
        ...(options.key === undefined ? ["STARTTLS"] : []),
        ...(options.onAuth === undefined ? ["AUTH"] : []),
      ],
      disableReverseLookup: true,
      closeTimeout: 10,
      logger: false,
      onData(stream, session, done) {
        const parts: Uint8Array[] = [];
        stream.on("data", (part: Uint8Array) => parts.push(part));
        stream.on("end", () => {
          const source = new TextDecoder().decode(joined(parts)).replaceAll("\r\n", "\n");
          const { mailFrom, rcptTo } = session.envelope;
          mails.push({
            ...parseMail(source),
            from: mailFrom === false || mailFrom === undefined ? "" : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            user: typeof session.user === "string" ? session.user : null,
            isEncrypted: session.secure,
          });
          done(null, "queued as 4711");
        });
      },
      ...options,
    });
    // A client that breaks off is no reason to end the test.
    server.on("error", () => {});
    const { promise, resolve } = Promise.withResolvers<void>();
    server.listen(0, "127.0.0.1", resolve);
    await promise;
    const address = server.server.address();
    if (address === null || typeof address === "string") throw new Error("It has no port");
    return new MailServer(server, address.port, mails);
  }

  get only(): Mail {
    const [first, ...others] = this.mails;
    if (first !== undefined && others.length === 0) return first;
    throw new Error(`Not one mail, but ${this.mails.length}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(resolve);
    await promise;
  }
}

/** Lets `USER` in with `PASSWORD`, and nobody else. */
export const onAuth: NonNullable<SMTPServerOptions["onAuth"]> = (auth, _session, done) => {
  if (auth.username === USER && auth.password === PASSWORD) return done(null, { user: USER });
  done(smtpError(535, `5.7.8 No such user or password: ${auth.password}`));
};

/** An error that the server answers with. */
export function smtpError(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}

/** Makes a certificate with openssl, in `dir`, where `ca.pem` is who vouches for it. */
export async function makeCertificate(dir: string): Promise<Certificate> {
  const path = (name: string) => join(dir, name);
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  await openssl([
    ...["req", "-x509", ...newKey, "-keyout", path("ca.key"), "-out", path("ca.pem")],
    ...["-days", "2", "-subj", "/CN=hbd test CA"],
  ]);
  await openssl([
    ...["req", ...newKey, "-keyout", path("key.pem"), "-out", path("request.pem")],
    ...["-subj", "/CN=hbd test"],
  ]);
  await Deno.writeTextFile(path("names"), "subjectAltName=IP:127.0.0.1,DNS:localhost\n");
  await openssl([
    ...["x509", "-req", "-in", path("request.pem"), "-out", path("cert.pem"), "-days", "2"],
    ...["-CA", path("ca.pem"), "-CAkey", path("ca.key"), "-CAcreateserial"],
    ...["-extfile", path("names")],
  ]);
  return {
    key: await Deno.readTextFile(path("key.pem")),
    cert: await Deno.readTextFile(path("cert.pem")),
  };
}

async function openssl(args: readonly string[]): Promise<void> {
  const command = new Deno.Command("openssl", { args: [...args], stdout: "null", stderr: "piped" });
  const { success, stderr } = await command.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

function parseMail(source: string): Pick<Mail, "headers" | "body" | "source"> {
  const end = source.indexOf("\n\n");
  const head = source.slice(0, end).replace(/\n[ \t]+/g, " ");
  const headers = new Map(
    head.split("\n").map((line) => {
      const at = line.indexOf(":");
      return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
    }),
  );
  return { headers, source, body: source.slice(end + 2) };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
