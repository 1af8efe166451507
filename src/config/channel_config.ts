/** The way of a checked channel into the program's configuration and back. */

import type { ChannelConfig, DesktopChannelConfig } from "./config.ts";
import type { ChannelFile } from "./schema_channels.ts";
import { type SecretLookup, writeSecret } from "./secret_text.ts";

/** SMTP that speaks TLS from the start (RFC 8314, section 3.3). */
const SMTPS_PORT = 465;

/** The channel that is there without being defined. */
export const DESKTOP_CHANNEL: DesktopChannelConfig = {
  type: "desktop",
  minLevel: "WARNING",
  fallback: null,
};

/** Turns a checked channel into the program's. */
export function toChannel(file: ChannelFile, secret: SecretLookup): ChannelConfig {
  const base = { minLevel: file.min_level, fallback: file.fallback };
  switch (file.type) {
    case "email": {
      const { smtp_port: port, smtp_security: security } = file;
      return {
        type: "email",
        ...base,
        recipients: file.recipients,
        sender: file.sender,
        server: file.smtp_server,
        port,
        security: port === SMTPS_PORT && security === "auto" ? "tls" : security,
        user: file.smtp_user,
        password: file.smtp_password && secret(file.smtp_password),
        insecure: file.smtp_insecure,
      };
    }
    case "pushover":
      return {
        type: "pushover",
        ...base,
        token: secret(file.token),
        user: secret(file.user),
        url: file.url,
      };
    case "mattermost":
    case "slack":
    case "discord":
      return { type: file.type, ...base, url: secret(file.url) };
    case "signal":
      return {
        type: "signal",
        ...base,
        cliPath: file.cli_path,
        user: file.user,
        recipients: file.recipient,
      };
    case "matrix":
      return { type: "matrix", ...base, url: file.url, token: secret(file.token), room: file.room };
    case "ntfy":
      return {
        type: "ntfy",
        ...base,
        url: file.url,
        topic: file.topic,
        token: file.token && secret(file.token),
      };
    case "telegram":
      return {
        type: "telegram",
        ...base,
        url: file.url,
        token: secret(file.token),
        chat: file.chat_id,
      };
    case "gotify":
      return { type: "gotify", ...base, url: file.url, token: secret(file.token) };
    case "webhook":
      return {
        type: "webhook",
        ...base,
        url: secret(file.url),
        method: file.method,
        headers: new Map(Array.from(file.headers, ([name, value]) => [name, secret(value)])),
        body: file.body,
      };
    case "command":
      return { type: "command", ...base, command: file.command };
    case "desktop":
      return { type: "desktop", ...base };
  }
}

/** Turns the program's channel back into the file's keys. */
export function fromChannel(channel: ChannelConfig): ChannelFile {
  const base = { min_level: channel.minLevel, fallback: channel.fallback };
  switch (channel.type) {
    case "email":
      return {
        type: "email",
        ...base,
        recipients: [...channel.recipients],
        sender: channel.sender,
        smtp_server: channel.server,
        smtp_port: channel.port,
        smtp_user: channel.user,
        smtp_password: channel.password && writeSecret(channel.password),
        smtp_security: channel.security,
        smtp_insecure: channel.insecure,
      };
    case "pushover":
      return {
        type: "pushover",
        ...base,
        token: writeSecret(channel.token),
        user: writeSecret(channel.user),
        url: channel.url,
      };
    case "mattermost":
    case "slack":
    case "discord":
      return { type: channel.type, ...base, url: writeSecret(channel.url) };
    case "signal":
      return {
        type: "signal",
        ...base,
        cli_path: channel.cliPath,
        user: channel.user,
        recipient: [...channel.recipients],
      };
    case "matrix":
      return {
        type: "matrix",
        ...base,
        url: channel.url,
        token: writeSecret(channel.token),
        room: channel.room,
      };
    case "ntfy":
      return {
        type: "ntfy",
        ...base,
        url: channel.url,
        topic: channel.topic,
        token: channel.token && writeSecret(channel.token),
      };
    case "telegram":
      return {
        type: "telegram",
        ...base,
        token: writeSecret(channel.token),
        chat_id: channel.chat,
        url: channel.url,
      };
    case "gotify":
      return { type: "gotify", ...base, url: channel.url, token: writeSecret(channel.token) };
    case "webhook":
      return {
        type: "webhook",
        ...base,
        url: writeSecret(channel.url),
        method: channel.method,
        headers: new Map(
          Array.from(channel.headers, ([name, value]) => [name, writeSecret(value)]),
        ),
        body: channel.body,
      };
    case "command":
      return { type: "command", ...base, command: [...channel.command] };
    case "desktop":
      return { type: "desktop", ...base };
  }
}
