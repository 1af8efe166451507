/**
 * The configuration as the program uses it: types alone. `schema.ts` knows how it is written in the
 * file, and checks it.
 */

/** What one host overrides; what it leaves out comes from the top level. */
export interface HostConfig {
  /** Seconds between beats, above 0, or learned from the beats. */
  readonly intervalS?: number | "auto";
  /** Percent of the interval allowed on top, 0 to 1000. */
  readonly tolerancePct?: number;
  /** Seconds allowed on top, from 0; replaces the tolerance. */
  readonly graceS?: number;
  /** The secret that it signs with. */
  readonly key?: string;
  /** What it may show over HTTP instead of signing. */
  readonly token?: string;
}

/** Where and how received messages are written down. */
export interface JournalConfig {
  readonly enabled: boolean;
  /** The folder of the journal; null is the state folder. */
  readonly dir: string | null;
  /** A plain file name, without a folder. */
  readonly file: string;
  /** Size in bytes at which the file is rotated. */
  readonly maxSizeBytes: number;
  /** Rotated files to keep. */
  readonly maxBackups: number;
  /** Whether each write is forced to the disk before the answer. */
  readonly sync: boolean;
}

/** Who must prove who they are; see also the hosts' own keys. */
export interface AuthConfig {
  /** The key of every host that has none of its own; null is none. */
  readonly defaultKey: string | null;
  /** Refuse what is not signed, of all hosts. */
  readonly requireKey: boolean;
  /** Seconds that the time in a signed message may be from now. */
  readonly windowS: number;
  /** What people show to queue commands; null: nobody can. */
  readonly commandToken: string | null;
}

/** A version of the client and where to get it. */
export interface ClientUpdateConfig {
  readonly version: string;
  readonly url: string;
  /** SHA-256 of the file, 64 hexadecimal digits. */
  readonly sha256: string;
}

/** The effective configuration: defaults, file and command line taken together. */
export interface Config {
  /** Seconds between beats, above 0, or learned from the beats. */
  readonly intervalS: number | "auto";
  /** Percent of the interval allowed on top, 0 to 1000. */
  readonly tolerancePct: number;
  /** Seconds allowed on top, from 0; when not null it replaces the tolerance. */
  readonly graceS: number | null;
  /** IP address or host name to listen on. */
  readonly bindAddress: string;
  /** 0 to 65535; 0 takes any free port. */
  readonly httpPort: number;
  /** 0 to 65535; 0 takes any free port; null is no UDP. */
  readonly udpPort: number | null;
  /** Take datagrams that are not JSON for beats of the sending address. */
  readonly udpAcceptText: boolean;
  /** Answer every datagram that is a message. */
  readonly udpAck: boolean;
  readonly auth: AuthConfig;
  /** The client program that hosts should run; null: any. */
  readonly clientUpdate: ClientUpdateConfig | null;
  /** Samples kept of each plugin of each host. */
  readonly maxSamples: number;
  /** Largest accepted body in bytes. */
  readonly maxBodyBytes: number;
  /** Most hosts that are remembered. */
  readonly maxHosts: number;
  readonly journal: JournalConfig;
  /** File for one JSON line a beat; null is off. */
  readonly beatLog: string | null;
  /** File for the text log; null is off. */
  readonly logFile: string | null;
  readonly hosts: ReadonlyMap<string, HostConfig>;
}
