/**
 * Datagrams that the kernel dropped because the socket's buffer was full: the last column of
 * `/proc/net/udp` (Linux; proc(5)). Other systems do not tell it for a single socket.
 *
 *   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt uid timeout inode ref
 *   pointer drops
 *   12: 00000000:C353 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 31337 2 0000 7
 */

/** Where the tables are. */
export const UDP_TABLES = ["/proc/net/udp", "/proc/net/udp6"];

/** Datagrams dropped by the sockets on `port`, or null where the system does not tell. */
export async function kernelDrops(port: number, tables = UDP_TABLES): Promise<number | null> {
  let drops: number | null = null;
  for (const table of tables) {
    const text = await Deno.readTextFile(table).catch(() => null);
    if (text !== null) drops = (drops ?? 0) + dropsOf(text, port);
  }
  return drops;
}

/** The drops on `port` in the text of one table. */
export function dropsOf(table: string, port: number): number {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  let drops = 0;
  for (const line of table.split("\n").slice(1)) {
    const columns = line.trim().split(/\s+/);
    if (columns[1]?.endsWith(suffix)) drops += Number(columns.at(-1)) || 0;
  }
  return drops;
}
