/** The kernel's count of drops, from its tables. */

import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { dropsOf, kernelDrops } from "../../src/doors/kernel_drops.ts";

/** As Linux 6.1 prints it; every line is padded to the same length. */
const UDP = [
  "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops            ",
  "  483: 00000000:C353 00000000:0000 07 00000000:00034B00 00:00000000 00000000  1000        0 31337 2 0000000000000000 1207     ",
  "  967: 3500007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000   101        0 16513 2 0000000000000000 0        ",
  " 1011: 0100007F:C353 0100007F:8AE2 01 00000000:00000000 00:00000000 00000000  1000        0 41187 2 0000000000000000 5        ",
  " 1500: 00000000:8AE2 0100007F:C353 01 00000000:00000000 00:00000000 00000000  1000        0 41190 2 0000000000000000 99       ",
  "",
].join("\n");

const UDP6 = [
  "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops",
  " 2035: 00000000000000000000000000000000:C353 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000  1000        0 20113 2 0000000000000000 42",
  "",
].join("\n");

Deno.test("drops are those of the sockets bound to the port, whatever their address", () => {
  assertEquals(dropsOf(UDP, 0xc353), 1212);
  assertEquals(dropsOf(UDP, 53), 0);
  assertEquals(dropsOf(UDP, 0x8ae2), 99);
  assertEquals(dropsOf(UDP, 4711), 0);
  assertEquals(dropsOf(UDP6, 50_003), 42);
});

Deno.test("an empty table, one without lines and a line that is cut have no drops", () => {
  assertEquals(dropsOf("", 50_003), 0);
  assertEquals(dropsOf(UDP.split("\n").slice(0, 1).join("\n"), 50_003), 0);
  assertEquals(dropsOf("head\n  483: 00000000:C353", 50_003), 0);
  assertEquals(dropsOf("head\n  483:", 50_003), 0);
});

Deno.test("the drops of both tables are taken together; null where there is neither", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const [udp, udp6] = [join(dir, "udp"), join(dir, "udp6")];
    assertEquals(await kernelDrops(50_003, [udp, udp6]), null);
    await Deno.writeTextFile(udp, UDP);
    assertEquals(await kernelDrops(50_003, [udp, udp6]), 1212);
    await Deno.writeTextFile(udp6, UDP6);
    assertEquals(await kernelDrops(50_003, [udp, udp6]), 1254);
    assertEquals(await kernelDrops(1, [udp, udp6]), 0);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
