/**
 * What each network interface has sent and received since the boot, on each platform.
 *
 * Errors and drops are those of both directions together.
 */

import type { Counters } from "./numbers.ts";
import { objectsOf } from "./outside.ts";

export type NetCounter =
  | "bytes_sent"
  | "bytes_recv"
  | "packets_sent"
  | "packets_recv"
  | "errors_total"
  | "dropped";

/** Counters by the name of the interface. */
export type NetCounters = ReadonlyMap<string, Counters<NetCounter>>;

/** Reads Linux's /proc/net/dev (proc_net(5)): eight columns in, eight out. */
export function parseNetDev(text: string): NetCounters {
  const interfaces = new Map<string, Counters<NetCounter>>();
  // The name may have a colon in it, and old kernels put no space behind the last one.
  for (const [, name = "", numbers = ""] of text.matchAll(/^\s*(\S+):\s*([\d \t]+)$/gm)) {
    const columns = numbers.trim().split(/\s+/).map(Number);
    const [bytesIn = 0, packetsIn = 0, errorsIn = 0, dropsIn = 0] = columns;
    const [bytesOut = 0, packetsOut = 0, errorsOut = 0, dropsOut = 0] = columns.slice(8);
    if (columns.length < 16) continue;
    interfaces.set(name, {
      bytes_sent: bytesOut,
      bytes_recv: bytesIn,
      packets_sent: packetsOut,
      packets_recv: packetsIn,
      errors_total: errorsIn + errorsOut,
      dropped: dropsIn + dropsOut,
    });
  }
  return interfaces;
}

/**
 * Reads `netstat -ibdn` of macOS and FreeBSD. Each interface has a line of its own link, and more
 * for its addresses, which count the same traffic again. The columns are counted from the right,
 * since a link may have no address.
 */
export function parseNetstatInterfaces(text: string): NetCounters {
  const [header = "", ...lines] = text.split("\n");
  const [, titles = ""] = /\bAddress\s+(.*)$/.exec(header) ?? [];
  const columns = titles.trim().split(/\s+/);
  const interfaces = new Map<string, Counters<NetCounter>>();
  for (const line of lines) {
    const words = line.trim().split(/\s+/);
    const [name = "", , network = ""] = words;
    if (!network.startsWith("<Link") || words.length < columns.length + 3) continue;
    const values = words.slice(-columns.length);
    const value = (title: string) => Number(values[columns.indexOf(title)] ?? 0) || 0;
    // The star is that of an interface that is down.
    interfaces.set(name.replace(/\*$/, ""), {
      bytes_sent: value("Obytes"),
      bytes_recv: value("Ibytes"),
      packets_sent: value("Opkts"),
      packets_recv: value("Ipkts"),
      errors_total: value("Ierrs") + value("Oerrs"),
      dropped: value("Idrop") + value("Drop"),
    });
  }
  return interfaces;
}

/** Asks Windows for its raw counters: what is called "per second" there counts since the boot. */
export const WINDOWS_COMMAND = "Get-CimInstance Win32_PerfRawData_Tcpip_NetworkInterface | " +
  "Select-Object Name, BytesSentPersec, BytesReceivedPersec, PacketsSentPersec, " +
  "PacketsReceivedPersec, PacketsOutboundErrors, PacketsReceivedErrors, " +
  "PacketsOutboundDiscarded, PacketsReceivedDiscarded | ConvertTo-Json -Compress";

/** Reads what Windows answers to `WINDOWS_COMMAND`. */
export function parseWindowsInterfaces(json: unknown): NetCounters {
  const interfaces = new Map<string, Counters<NetCounter>>();
  for (const fields of objectsOf(json)) {
    if (typeof fields.Name !== "string") continue;
    const value = (key: string) => Number(fields[key] ?? 0) || 0;
    interfaces.set(fields.Name, {
      bytes_sent: value("BytesSentPersec"),
      bytes_recv: value("BytesReceivedPersec"),
      packets_sent: value("PacketsSentPersec"),
      packets_recv: value("PacketsReceivedPersec"),
      errors_total: value("PacketsOutboundErrors") + value("PacketsReceivedErrors"),
      dropped: value("PacketsOutboundDiscarded") + value("PacketsReceivedDiscarded"),
    });
  }
  return interfaces;
}
