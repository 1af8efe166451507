/**
 * Limits how often passwords are tried: per address, and per user, whether there is such a user or
 * not. An attempt counts from its beginning, so that many at once are no way around it.
 *
 * Strangers who try out a user's password must not lock that user out: where the user has logged in
 * before, only attempts for this user from there count.
 */

/** Failed attempts within the window after which one must wait. */
const MOST = 10;
const WINDOW_MS = 15 * 60_000;

/** Addresses, users and pairs of which attempts are known; the longest unused go first. */
const MAX_BUCKETS = 50_000;
/** Addresses from which users have logged in. */
const MAX_KNOWN = 50_000;

/** Longer names are all the same to it. */
const MAX_NAME_CHARS = 100;

interface Attempt {
  readonly user: string;
  readonly address: string;
  readonly atMs: number;
}

export class LoginLimit {
  readonly #nowMs: () => number;
  /** The oldest attempt first. */
  readonly #buckets = new Map<string, readonly Attempt[]>();
  readonly #known = new Set<string>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /**
   * Notes an attempt, as a failed one until `succeeded()` is called.
   *
   * @returns 0 when it may be made; else the seconds after which to try again, from 1
   */
  begin(user: string, address: string): number {
    const attempt = { ...whoOf(user, address), atMs: this.#nowMs() };
    const names = this.#bucketsOf(attempt);
    const waits = names.map((name) => {
      const recent = this.#recent(name, attempt.atMs);
      const oldest = recent.at(-MOST);
      return oldest === undefined ? 0 : WINDOW_MS - (attempt.atMs - oldest.atMs);
    });
    const waitMs = Math.max(...waits);
    if (waitMs > 0) return Math.ceil(waitMs / 1000);
    for (const name of names) this.#set(name, [...this.#recent(name, attempt.atMs), attempt]);
    return 0;
  }

  /** The password was right: attempts for this user from there count no more. */
  succeeded(user: string, address: string): void {
    const who = whoOf(user, address);
    const pair = pairOf(who);
    for (const name of [`a ${who.address}`, `u ${who.user}`, pair]) {
      const others = (this.#buckets.get(name) ?? [])
        .filter((other) => other.user !== who.user || other.address !== who.address);
      if (others.length === 0) this.#buckets.delete(name);
      else this.#set(name, others);
    }
    this.#known.delete(pair);
    this.#known.add(pair);
    if (this.#known.size > MAX_KNOWN) this.#known.delete(first(this.#known) ?? "");
  }

  /** It was not tried at all: it does not count. */
  undone(user: string, address: string): void {
    const who = whoOf(user, address);
    for (const name of this.#bucketsOf(who)) {
      const attempts = this.#buckets.get(name) ?? [];
      const index = attempts.findLastIndex((other) =>
        other.user === who.user && other.address === who.address
      );
      if (index < 0) continue;
      // Nothing must stay of it: it could push out what is known of others.
      if (attempts.length === 1) this.#buckets.delete(name);
      else this.#set(name, attempts.toSpliced(index, 1));
    }
  }

  #bucketsOf(who: Omit<Attempt, "atMs">): readonly string[] {
    const pair = pairOf(who);
    return this.#known.has(pair) ? [pair] : [`a ${who.address}`, `u ${who.user}`];
  }

  /** A clock that was set back must not make anybody wait for longer than the window. */
  #recent(name: string, nowMs: number): readonly Attempt[] {
    return (this.#buckets.get(name) ?? [])
      .filter(({ atMs }) => atMs <= nowMs && nowMs - atMs < WINDOW_MS);
  }

  #set(name: string, attempts: readonly Attempt[]): void {
    this.#buckets.delete(name);
    this.#buckets.set(name, attempts);
    if (this.#buckets.size > MAX_BUCKETS) this.#buckets.delete(first(this.#buckets.keys()) ?? "");
  }
}

function whoOf(user: string, address: string): Omit<Attempt, "atMs"> {
  return { user: user.slice(0, MAX_NAME_CHARS), address: networkOf(address) };
}

/** The address has no blank in it, so no two pairs are the same text. */
function pairOf({ user, address }: Omit<Attempt, "atMs">): string {
  return `p ${address} ${user}`;
}

function first(names: Iterable<string>): string | undefined {
  for (const name of names) return name;
}

/** Of IPv6 the first 64 bits: whoever has one address has all those that share them. */
export function networkOf(address: string): string {
  const [, v4] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? [];
  if (v4 !== undefined) return v4;
  if (!address.includes(":")) return address;
  const [head = "", tail] = (address.split("%")[0] ?? "").toLowerCase().split("::");
  const start = head === "" ? [] : head.split(":");
  const end = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - start.length - end.length);
  const groups = [...start, ...Array.from({ length: zeros }, () => "0"), ...end];
  return `${groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, "")).join(":")}::/64`;
}
