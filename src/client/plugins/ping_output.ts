/**
 * Reads what `ping` says at its end, in the dialects of iputils, busybox, BSD and macOS:
 *
 *   3 packets transmitted, 3 received, 0% packet loss, time 2048ms
 *   rtt min/avg/max/mdev = 0.022/0.030/0.035/0.006 ms
 *
 * and of Windows, which speaks the language of its user, but always in this order:
 *
 *   Packets: Sent = 3, Received = 3, Lost = 0 (0% loss),
 *   Minimum = 1ms, Maximum = 3ms, Average = 2ms
 */

/** What became of the packets sent to one host. */
export interface PingResult {
  /** Milliseconds; left out when no packet came back. */
  readonly rtt_min_ms?: number;
  readonly rtt_avg_ms?: number;
  readonly rtt_max_ms?: number;
  /** 0 to 100. */
  readonly loss_percent: number;
}

/** Null when `text` has no statistics, as when the host could not be resolved. */
export function parsePing(text: string): PingResult | null {
  const lossPercent = numberIn(/([\d.]+)% packet loss/.exec(text));
  if (lossPercent === null) return null;
  const times = /min\/avg\/max\S* = ([\d.]+)\/([\d.]+)\/([\d.]+)/.exec(text);
  return withTimes(lossPercent, times?.[1], times?.[2], times?.[3]);
}

/** As `parsePing()`, for Windows. */
export function parseWindowsPing(text: string): PingResult | null {
  const lossPercent = numberIn(/\((\d+)\s?%/.exec(text));
  if (lossPercent === null) return null;
  const times = /= (\d+) ?\p{L}+, [^\n=]*= (\d+) ?\p{L}+, [^\n=]*= (\d+) ?\p{L}+/u.exec(text);
  // "Destination host unreachable" counts there as an answer, but gives no times.
  if (times === null) return { loss_percent: 100 };
  return withTimes(lossPercent, times[1], times[3], times[2]);
}

function withTimes(lossPercent: number, min?: string, avg?: string, max?: string): PingResult {
  if (min === undefined) return { loss_percent: lossPercent };
  return {
    rtt_min_ms: Number(min),
    rtt_avg_ms: Number(avg),
    rtt_max_ms: Number(max),
    loss_percent: lossPercent,
  };
}

function numberIn(match: RegExpExecArray | null): number | null {
  return match === null ? null : Number(match[1]);
}
