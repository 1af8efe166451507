/**
 * Names the life of this client, so that the server can tell a reboot of the machine from a restart
 * of the client: `3f2a9c1e.mi7k2x` is the machine's boot, a dot, and the client's start.
 */

const LINUX_BOOT_ID = "/proc/sys/kernel/random/boot_id";

/** The `boot_id` of a client that was started at `startMs`, epoch milliseconds. */
export async function bootIdAt(startMs: number): Promise<string> {
  return `${await machineBoot(startMs)}.${startMs.toString(36)}`;
}

/** 8 hexadecimal digits that change when the machine boots. */
async function machineBoot(nowMs: number): Promise<string> {
  try {
    const id = (await Deno.readTextFile(LINUX_BOOT_ID)).replaceAll(/[^0-9a-f]/g, "").slice(0, 8);
    if (id.length === 8) return id;
  } catch {
    // Not Linux.
  }
  return bootMinute(nowMs, Deno.osUptime());
}

/**
 * The minute of the boot as 8 hexadecimal digits. A clock that is put right by half a minute or
 * more looks like a reboot: there is nothing better to go by where the system names no boot.
 */
export function bootMinute(nowMs: number, uptimeS: number): string {
  return Math.round((nowMs / 1000 - uptimeS) / 60).toString(16).padStart(8, "0").slice(-8);
}
