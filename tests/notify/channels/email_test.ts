/** Mail to real SMTP servers: what they get, in which security, and what their refusals mean. */

import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { join } from "@std/path";
import type { EmailChannelConfig } from "../../../src/config/config.ts";
import { createChannel } from "../../../src/notify/channels/mod.ts";
import type { Channel } from "../../../src/notify/channel.ts";
import { closedPort, COMMON, drain, failureOf, notice, patience, secret } from "./support.ts";
import { TcpServer } from "./support.ts";
import { type Certificate, MailServer, makeCertificate, onAuth, smtpError } from "./smtp.ts";
import { PASSWORD, USER } from "./smtp.ts";

const BODY = "CRITICAL: web1 - cpu_monitor.cpu_percent = 96.0\nlast beat 12:34:50";
const LINK = "https://hbd.example.com/hosts/web1";

function mailTo(port: number, more: Partial<EmailChannelConfig> = {}): Channel {
  return createChannel({
    ...COMMON,
    type: "email",
    recipients: ["ops@example.com"],
    sender: "Heartbeat <hbd@example.com>",
    server: "127.0.0.1",
    port,
    security: "auto",
    user: null,
    password: null,
    insecure: false,
    ...more,
  }, { hostname: "hbd.example.com" });
}

const LOGIN = { user: USER, password: secret(PASSWORD) };

/** A certificate for one test. */
async function withCertificate(test: (made: Certificate, dir: string) => Promise<void>) {
  const dir = await Deno.makeTempDir({ prefix: "hbd-smtp-" });
  try {
    await test(await makeCertificate(dir), dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("a mail has title, text and link, and an id that a copy shares", async () => {
  await using server = await MailServer.start();
  const channel = mailTo(server.port, { recipients: ["ops@example.com", "Boss <b@example.com>"] });
  assertMatch(await channel.send(notice(), patience()), /^250 .*queued as 4711$/);
  const { from, to, headers, body, isEncrypted, user } = server.only;
  assertEquals([from, to], ["hbd@example.com", ["ops@example.com", "b@example.com"]]);
  assertEquals([isEncrypted, user], [false, null]);
  const named = ["from", "to", "subject", "message-id", "x-heartbeat-id", "date", "x-priority"];
  assertEquals(named.map((name) => headers.get(name)), [
    "Heartbeat <hbd@example.com>",
    "ops@example.com, Boss <b@example.com>",
    "[CRITICAL] web1",
    `<${notice().id}@hbd.example.com>`,
    notice().id,
    "Sat, 28 Mar 2026 12:34:56 +0000",
    "1 (Highest)",
  ]);
  assertEquals(headers.get("auto-submitted"), "auto-generated");
  assertMatch(headers.get("content-type") ?? "", /^text\/plain; charset=utf-8/);
  assertEquals(body.trimEnd(), `${BODY}\n\n${LINK}`);
});

Deno.test("a recovery is no urgent mail", async () => {
  await using server = await MailServer.start();
  await mailTo(server.port).send(notice({ kind: "recovery", url: null }), patience());
  assertEquals(server.only.headers.get("x-priority"), undefined);
  assertEquals(server.only.body.trimEnd(), BODY);
});

Deno.test("nothing in a title or a text becomes a header or a recipient", async () => {
  await using server = await MailServer.start();
  const evil = notice({
    id: "x>\r\nBcc: evil@example.com",
    title: "[CRITICAL] a\r\nBcc: evil@example.com\r\n\r\nHello",
    body: ".\r\nQUIT\r\n.\nMAIL FROM:<x@y>\n..\n",
    url: "https://a/\r\nBcc: evil@example.com",
  });
  await mailTo(server.port).send(evil, patience());
  const { to, headers, body } = server.only;
  assertEquals(to, ["ops@example.com"]);
  assertEquals(headers.has("bcc"), false);
  assertEquals(headers.get("subject"), "[CRITICAL] a Bcc: evil@example.com Hello");
  const id = "x%3E%0D%0ABcc%3A%20evil%40example.com";
  assertEquals(headers.get("message-id"), `<${id}@hbd.example.com>`);
  assertMatch(body, /^\.\nQUIT\n\.\nMAIL FROM:<x@y>\n\.\.\n/);
});

Deno.test("STARTTLS is used when the server offers it, and required when told so", async () => {
  await withCertificate(async (made) => {
    await using server = await MailServer.start({ ...made });
    await mailTo(server.port, { insecure: true }).send(notice(), patience());
    await mailTo(server.port, { insecure: true, security: "starttls" }).send(notice(), patience());
    await mailTo(server.port, { security: "none" }).send(notice(), patience());
    assertEquals(server.mails.map(({ isEncrypted }) => isEncrypted), [true, true, false]);
    await using plain = await MailServer.start();
    const error = await failureOf(mailTo(plain.port, { security: "starttls" }));
    assertMatch(error.message, /STARTTLS/);
    assertEquals([error.isRefused, plain.mails], [false, []]);
  });
});

Deno.test("TLS from the start", async () => {
  await withCertificate(async (made) => {
    await using server = await MailServer.start({ ...made, secure: true });
    await mailTo(server.port, { insecure: true, security: "tls" }).send(notice(), patience());
    assertEquals(server.only.isEncrypted, true);
  });
});

Deno.test("a certificate that nobody vouches for is not accepted", async () => {
  await withCertificate(async (made) => {
    for (const secure of [true, false]) {
      await using server = await MailServer.start({ ...made, secure });
      const channel = mailTo(server.port, { security: secure ? "tls" : "auto" });
      const error = await failureOf(channel);
      assertMatch(error.message, /^The mail server 127\.0\.0\.1:\d+: .*(certificate|issuer)/i);
      assertEquals([error.isRefused, server.mails], [false, []]);
    }
  });
});

Deno.test("a certificate that somebody vouches for is accepted", async () => {
  await withCertificate(async (made, dir) => {
    const script = join(dir, "send.ts");
    const root = new URL("../../../", import.meta.url);
    const config = { ...COMMON, type: "email", recipients: ["a@example.com"], sender: "b@c.org" };
    await Deno.writeTextFile(
      script,
      `import { createChannel } from "${new URL("src/notify/channels/mod.ts", root)}";
for (const [port, security] of [[Number(Deno.args[0]), "tls"], [Number(Deno.args[1]), "auto"]]) {
  const config = { ...${JSON.stringify(config)}, server: "127.0.0.1", port, security,
    user: null, password: null, insecure: false };
  const channel = createChannel(config, { hostname: "hbd" });
  await channel.send(${JSON.stringify(notice())}, new AbortController().signal);
}
`,
    );
    await using tls = await MailServer.start({ ...made, secure: true });
    await using starttls = await MailServer.start({ ...made });
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "--no-check", "--cert", join(dir, "ca.pem")],
        ...["--config", new URL("deno.json", root).pathname],
        ...[script, `${tls.port}`, `${starttls.port}`],
      ],
      stdout: "null",
      stderr: "piped",
    }).output();
    assert(success, new TextDecoder().decode(stderr));
    assertEquals([tls.only.isEncrypted, starttls.only.isEncrypted], [true, true]);
  });
});

Deno.test("a login that is right is let in", async () => {
  await withCertificate(async (made) => {
    await using server = await MailServer.start({ ...made, onAuth });
    await mailTo(server.port, { ...LOGIN, insecure: true }).send(notice(), patience());
    assertEquals([server.only.user, server.only.isEncrypted], [USER, true]);
  });
});

Deno.test("a login that is wrong is an error without the password, and no refusal", async () => {
  await using server = await MailServer.start({ onAuth, allowInsecureAuth: true });
  const wrong = "wRoNg-pAsSwOrD";
  const error = await failureOf(mailTo(server.port, { user: USER, password: secret(wrong) }));
  assertMatch(error.message, /: Invalid login: 535 5\.7\.8 No such user or password: \*\*\*$/);
  assertNotMatch(error.message, /wRoNg/);
  assertEquals([error.isRefused, error.cause, server.mails], [false, undefined, []]);
});

/** A server that refuses recipients by their names: `<code>.…@`. */
function picky(): Promise<MailServer> {
  return MailServer.start({
    onRcptTo({ address }, _session, done) {
      const code = Number(address.split(".")[0]);
      done(Number.isNaN(code) ? null : smtpError(code, `no mail for ${address}`));
    },
  });
}

Deno.test("the mail is refused only when every recipient is, and for good", async () => {
  await using server = await picky();
  const to = (...recipients: readonly string[]) => mailTo(server.port, { recipients });
  const both = await failureOf(to("550.a@example.com", "554.b@example.com"));
  assertEquals(both.isRefused, true);
  assertMatch(
    both.message,
    /all recipients were rejected: 55\d no mail for 55\d\.[ab]@example\.com/,
  );
  assertEquals((await failureOf(to("450.a@example.com"))).isRefused, false);
  assertEquals((await failureOf(to("550.a@example.com", "451.b@example.com"))).isRefused, false);
  assertEquals(server.mails, []);
  const answer = await to("550.a@example.com", "b@example.com").send(notice(), patience());
  assertMatch(answer, /^250 .*; .*550 no mail for 550\.a@example\.com$/);
  assertEquals(server.only.to, ["b@example.com"]);
});

Deno.test("a message that is refused for what it is need not be sent again", async () => {
  for (const [code, isRefused] of [[554, true], [552, true], [451, false]] as const) {
    await using server = await MailServer.start({
      onData(stream, _session, done) {
        stream.on("end", () => done(smtpError(code, "not this one"))).resume();
      },
    });
    const error = await failureOf(mailTo(server.port));
    assertMatch(error.message, new RegExp(`Message failed: ${code} not this one$`));
    assertEquals(error.isRefused, isRefused, String(code));
  }
});

Deno.test("a sender that is refused may be put right", async () => {
  await using server = await MailServer.start({
    onMailFrom: (_address, _session, done) => done(smtpError(550, "who are you?")),
  });
  const error = await failureOf(mailTo(server.port));
  assertMatch(error.message, /550 who are you\?$/);
  assertEquals(error.isRefused, false);
});

Deno.test("a server that turns clients away, or is not there, is a failure to try again", async () => {
  await using server = await MailServer.start({
    onConnect: (_session, done) => done(smtpError(421, "too busy")),
  });
  const busy = await failureOf(mailTo(server.port));
  assertMatch(busy.message, /^The mail server 127\.0\.0\.1:\d+: .*421 too busy/);
  const nobody = await failureOf(mailTo(closedPort()));
  assertMatch(nobody.message, /^The mail server 127\.0\.0\.1:\d+: .*(ECONNREFUSED|refused)/);
  const unknown = await failureOf(mailTo(25, { server: "no-such-host.invalid" }));
  assertMatch(unknown.message, /^The mail server no-such-host\.invalid:25: /);
  assertEquals([busy, nobody, unknown].map(({ isRefused }) => isRefused), [false, false, false]);
});

/** Says these lines one by one, each after something was received, and then hangs. */
function hangingAfter(...lines: readonly string[]): TcpServer {
  return new TcpServer(async (connection) => {
    const buffer = new Uint8Array(4096);
    for (const [index, line] of lines.entries()) {
      if (index > 0 && await connection.read(buffer) === null) return;
      await connection.write(new TextEncoder().encode(`${line}\r\n`));
    }
    asked.get(connection.localAddr.port)?.();
    await drain(connection);
  });
}

/** Who wants to know that a server hangs, by port. */
const asked = new Map<number, () => void>();

Deno.test("a server that hangs, at whatever point, ends with the attempt", async () => {
  const hello = "220 here";
  const talks = [
    [],
    [hello],
    [hello, "250 hi"],
    [hello, "250 hi", "250 from"],
    [hello, "250 hi", "250 from", "250 to"],
    [hello, "250 hi", "250 from", "250 to", "354 go on"],
    [hello, "250-hi\r\n250 STARTTLS"],
    [hello, "250-hi\r\n250 STARTTLS", "220 go on"],
  ];
  for (const lines of talks) {
    await using server = hangingAfter(...lines);
    const hangs = Promise.withResolvers<void>();
    asked.set(server.port, hangs.resolve);
    const attempt = new AbortController();
    const sending = failureOf(mailTo(server.port, { insecure: true }), attempt.signal);
    await hangs.promise;
    attempt.abort(new DOMException("…", "TimeoutError"));
    const { message } = await sending;
    assertMatch(message, /^The mail server .*: the attempt was given up: no answer in time$/);
    asked.delete(server.port);
  }
});

Deno.test("a server that hangs in the handshake of TLS ends with the attempt", async () => {
  await using server = new TcpServer(drain);
  const attempt = new AbortController();
  const sending = failureOf(mailTo(server.port, { security: "tls" }), attempt.signal);
  await server.visited;
  attempt.abort();
  assertMatch((await sending).message, /: the attempt was given up: it was stopped$/);
});

Deno.test("what is aborted before it begins connects to nobody", async () => {
  await using server = await MailServer.start();
  const { message } = await failureOf(mailTo(server.port), AbortSignal.abort());
  assertMatch(message, /: the attempt was given up: it was stopped$/);
  assertEquals(server.mails, []);
});
