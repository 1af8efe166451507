/**
 * The lines that nsupdate reads.
 *
 *   server 192.0.2.53 5353
 *   update delete web1.example.com. A
 *   update add web1.example.com. 60 A 192.0.2.7
 *   send
 *
 * Everything is checked here once more, whatever was checked before: nothing that a datagram brought
 * can make a line of its own, or change the meaning of one.
 */

import { isIPv4, isIPv6 } from "node:net";
import { domainOf, isDnsName, isRecordData, type RecordType } from "./record.ts";

/** One record to put in the place of all others of its name and type. */
export interface DnsUpdate {
  /** Whole, without the dot at its end. */
  readonly name: string;
  readonly type: RecordType;
  readonly address: string;
  /** Seconds, 0 to 2147483647 (RFC 2181 8). */
  readonly ttlS: number;
  /** Name or address, with an optional port; null: as nsupdate finds it. */
  readonly server: string | null;
}

const MAX_TTL_S = 0x7fff_ffff;

/** The lines for `update`. Throws a RangeError that says what in it cannot be sent. */
export function payloadOf({ name, type, address, ttlS, server }: DnsUpdate): string {
  if (!isDnsName(name)) throw new RangeError(`${JSON.stringify(name)} is no name in the DNS`);
  if (type !== "A" && type !== "AAAA") {
    throw new RangeError(`The type of a record must be A or AAAA, not ${JSON.stringify(type)}`);
  }
  if (!isRecordData(type, address)) {
    throw new RangeError(`${JSON.stringify(address)} is no address for a record of type ${type}`);
  }
  if (!Number.isInteger(ttlS) || ttlS < 0 || ttlS > MAX_TTL_S) {
    throw new RangeError(`nsupdate_ttl must be 0 to ${MAX_TTL_S} whole seconds: got ${ttlS}`);
  }
  const lines = [
    `update delete ${name}. ${type}`,
    `update add ${name}. ${ttlS} ${type} ${address}`,
    "send",
  ];
  if (server !== null) lines.unshift(serverLine(server));
  return lines.join("\n") + "\n";
}

/** `192.0.2.53`, `ns.example.com:5353`, `2001:db8::53` or `[2001:db8::53]:5353` for nsupdate. */
function serverLine(server: string): string {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d{1,5}))?$/.exec(server) ??
    [undefined, undefined, server, undefined];
  const host = bracketed ?? plain ?? "";
  const isHost = bracketed === undefined
    ? isIPv4(host) || isPlainV6(host) || domainOf(host).ok
    : isPlainV6(host);
  const isPort = port === undefined || (Number(port) >= 1 && Number(port) <= 65535);
  if (!isHost || !isPort) {
    throw new RangeError(
      "nsupdate_server must be a name or an address with an optional port " +
        `(ns.example.com, 192.0.2.53:5353, [2001:db8::53]:5353), not ${JSON.stringify(server)}`,
    );
  }
  return port === undefined ? `server ${host}` : `server ${host} ${Number(port)}`;
}

function isPlainV6(text: string): boolean {
  return isIPv6(text) && !text.includes("%");
}
