/** How a server is written down: `monitor`, `monitor:50003`, `192.0.2.1`, `::1`, `[::1]:50003`. */

import { isIPv6 } from "node:net";

/** The port where nothing else is said. */
export const DEFAULT_PORT = 50_003;

/** A server as the configuration names it. */
export interface ServerName {
  /** Host name or address, without brackets. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
}

const HOST = /^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252}[A-Za-z0-9_.])?$/;

/** Reads the name of a server; null when it is none. */
export function parseServer(text: string): ServerName | null {
  const bare = /^[^[\]]*$/.test(text) && isIPv6(text) ? [text, text] : null;
  const [, host = "", port] = bare ?? /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(text) ??
    /^([^:[\]]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  const portNumber = port === undefined ? DEFAULT_PORT : Number(port);
  const isHost = text.startsWith("[") || bare !== null ? isIPv6(host) : HOST.test(host);
  return isHost && portNumber >= 1 && portNumber <= 65_535 ? { host, port: portNumber } : null;
}

/** An address and a port as people write them. */
export function inWords(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
