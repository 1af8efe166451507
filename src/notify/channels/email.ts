/**
 * email: plain text by SMTP, through nodemailer. The Message-ID is made of the notification's id,
 * so that a copy is known as one. Every attempt has a connection of its own, and none outlives it.
 */

import { createTransport, type SendMailOptions } from "nodemailer";
import type { EmailChannelConfig } from "../../config/config.ts";
import { type Channel, type Notification, SendError } from "../channel.ts";
import { clean, fit, idOf, isUrgent, linkOf, oneLine } from "./text.ts";
import { abortedError, base64, messageOf, type Tell, teller } from "./trouble.ts";

const MAX_SUBJECT = 200;
const MAX_BODY = 200_000;

/** Answers that say no for good: to a mailbox, or to this very message. */
const REFUSALS: ReadonlySet<number> = new Set([550, 551, 552, 553, 554]);

/** What nodemailer says of a failure. */
interface SmtpError {
  readonly code?: unknown;
  /** What the server was told when it said no. */
  readonly command?: unknown;
  readonly responseCode?: unknown;
  /** One for each recipient that was refused. */
  readonly rejectedErrors?: unknown;
}

/** A channel to all recipients; `hostname` is this server, as it says hello and signs ids. */
export function email(config: EmailChannelConfig, hostname: string): Channel {
  const name = hostname.replace(/[^A-Za-z0-9.-]/g, "-") || "localhost";
  const { server, port, security, user, password, insecure } = config;
  const provider = `The mail server ${server}:${port}`;
  const pass = password?.value ?? "";
  const tell = teller([pass, base64(pass), base64(`\0${user ?? ""}\0${pass}`)]);
  const transport = createTransport({
    host: server,
    port,
    name,
    secure: security === "tls",
    requireTLS: security === "starttls",
    ignoreTLS: security === "none",
    tls: { rejectUnauthorized: !insecure },
    ...(user === null ? {} : { auth: { user, pass } }),
    // Nothing waits for the server's goodbye, also when it hangs.
    socketCloseTimeout: 0,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send(notification, signal) {
      if (signal.aborted) throw abortedError(provider, signal);
      try {
        const info = await transport.sendMail({ ...mailOf(notification, config, name), signal });
        const refused = (info.rejectedErrors ?? []).map((error) => error.message);
        return tell([info.response, ...refused].join("; "));
      } catch (error) {
        if (signal.aborted) throw abortedError(provider, signal);
        throw errorOf(error, provider, tell);
      }
    },
  };
}

function mailOf(
  notification: Notification,
  config: EmailChannelConfig,
  hostname: string,
): SendMailOptions {
  const id = idOf(notification);
  const link = linkOf(notification);
  const body = fit(clean(notification.body).trim(), { limit: MAX_BODY });
  return {
    from: config.sender,
    to: [...config.recipients],
    subject: fit(oneLine(notification.title), { limit: MAX_SUBJECT }),
    text: `${[body, ...link === null ? [] : [link]].filter((part) => part !== "").join("\n\n")}\n`,
    date: new Date(notification.atMs),
    messageId: `<${id}@${hostname}>`,
    priority: isUrgent(notification) ? "high" : "normal",
    headers: {
      "X-Heartbeat-Id": id,
      // Nobody's holiday should be answered to.
      "Auto-Submitted": "auto-generated",
    },
  };
}

function errorOf(error: unknown, provider: string, tell: Tell): SendError {
  const message = `${provider}: ${tell(messageOf(error))}`;
  const isSmtp = typeof error === "object" && error !== null;
  return new SendError(message, { isRefused: isSmtp && isRefusal(error) });
}

/** True when every recipient, or the message itself, was refused for good. */
function isRefusal({ command, responseCode, rejectedErrors }: SmtpError): boolean {
  if (command === "DATA") return isForGood(responseCode);
  if (command !== "RCPT TO" || !Array.isArray(rejectedErrors)) return false;
  return rejectedErrors.length > 0 &&
    rejectedErrors.every((rejected: SmtpError) => isForGood(rejected.responseCode));
}

function isForGood(responseCode: unknown): boolean {
  return typeof responseCode === "number" && REFUSALS.has(responseCode);
}
