/**
 * The configuration as the program uses it: types alone. `schema.ts` knows how it is written in the
 * file, and checks it.
 */

/** What one host overrides; what it leaves out comes from the top level. */
export interface HostConfig {
  /** Seconds between beats, above 0, or learned from the beats. */
  readonly intervalS?: number | "auto";
  /** When beats are due, as crontabs have it, instead of an interval. */
  readonly cron?: string;
  /** Time zone of `cron`, an IANA name; UTC where it is left out. */
  readonly zone?: string;
  /** Percent of the interval allowed on top, 0 to 1000. */
  readonly tolerancePct?: number;
  /** Seconds allowed on top, from 0; replaces the tolerance. */
  readonly graceS?: number;
  /** The secret that it signs with. */
  readonly key?: Secret;
  /** What it may show over HTTP instead of signing. */
  readonly token?: Secret;
  /** What stands in the address of its pings: whoever knows one may beat for it. */
  readonly pingIds?: readonly Secret[];
  /** False: nobody is notified of it; it is still judged and shown. */
  readonly watch?: boolean;
  /** Hosts of one group that fall silent together are one incident. */
  readonly group?: string;
  /** Names of `threshold_configs`, applied from left to right over the general thresholds. */
  readonly thresholdConfig?: readonly string[];
  /** Names of channels, instead of the general `notify`. */
  readonly notify?: readonly string[];
  /** Its address is kept in the DNS. */
  readonly dyn?: boolean;
  /** The user whose host it is; without one, the `defaultOwner`. */
  readonly owner?: string;
  /** Users who may also send commands, pause and acknowledge. */
  readonly managers?: readonly string[];
  /** Users who may see it. */
  readonly monitors?: readonly string[];
}

/** Somebody who may log in. */
export interface UserConfig {
  readonly fullName: string | null;
  /** `pbkdf2:sha256:<iterations>$<salt>$<hex>`; null: nobody can log in by this name. */
  readonly password: Secret | null;
  /** Owner of every host, and may see and change the settings. */
  readonly admin: boolean;
  /** Names of channels for what concerns the user's hosts; null: those of the host. */
  readonly channels: readonly string[] | null;
}

/** A secret that may be given as `${ENV_NAME}` or `file:/path`. Only `shown` may be shown. */
export interface Secret {
  readonly value: string;
  /** The reference as it was written, or asterisks. */
  readonly shown: string;
}

export type ThresholdOperator = ">" | ">=" | "<" | "<=" | "==" | "!=" | "nagios";

/** When a metric is in alert; what is left out comes from the rule that this one is laid over. */
export interface ThresholdRule {
  readonly warning?: number;
  readonly critical?: number;
  readonly operator?: ThresholdOperator;
  /** Fraction of the threshold, 0 to 1, by which a value must come back before it is over. */
  readonly hysteresis?: number;
  /** Template of the text that follows the value. */
  readonly display?: string;
}

/** Rules by plugin, then by the keys of its data; `off` takes a rule away. */
export type ThresholdTree = ReadonlyMap<string, ThresholdNode>;
export type ThresholdNode = ThresholdRule | "off" | ThresholdTree;

/** When people are told of alerts. */
export interface AlertConfig {
  /** Seconds between two reminders of an alert that lasts; 0: none. */
  readonly renotifyS: number;
  /** Tell of each missed interval, not only of the first; null: only in the positional form. */
  readonly everyMiss: boolean | null;
  /** More transitions than this in an hour are one FLAPPING alert; 0: never. */
  readonly flapThreshold: number;
  /** Hosts that must fall silent together to be one incident; 0: never. */
  readonly incidentHosts: number;
  /** Share of those that should have beaten, percent. */
  readonly incidentPct: number;
}

/** A planned time in which hosts may be silent. Either `daily`, `weekly` or `from` and `to`. */
export interface MaintenanceWindow {
  /** Names of hosts, with `*` for any run of characters; empty with no `group`: every host. */
  readonly hosts: readonly string[];
  readonly group: string | null;
  readonly when:
    /** Local times, minutes after midnight; `to` at or before `from` is on the next day. */
    | { readonly kind: "daily"; readonly from: number; readonly to: number }
    /** `days`: 1 is Monday, 7 is Sunday (ISO 8601); the day on which it begins. */
    | {
      readonly kind: "weekly";
      readonly days: readonly number[];
      readonly from: number;
      readonly to: number;
    }
    /** Local times without an offset, as ISO 8601 has them. */
    | { readonly kind: "once"; readonly from: string; readonly to: string };
  /** An IANA time zone. */
  readonly zone: string;
  readonly reason: string;
}

interface ChannelBase {
  /** Alerts below it are not sent there. */
  readonly minLevel: "WARNING" | "CRITICAL";
  /** The channel that gets it too when this one fails for `fallbackAfterS`. */
  readonly fallback: string | null;
}

export interface EmailChannelConfig extends ChannelBase {
  readonly type: "email";
  readonly recipients: readonly string[];
  readonly sender: string;
  readonly server: string;
  readonly port: number;
  /** `starttls`: required; `auto`: STARTTLS when the server offers it; `tls`: from the start. */
  readonly security: "auto" | "starttls" | "tls" | "none";
  readonly user: string | null;
  readonly password: Secret | null;
  /** Accept certificates that nobody vouches for. */
  readonly insecure: boolean;
}

export interface PushoverChannelConfig extends ChannelBase {
  readonly type: "pushover";
  readonly token: Secret;
  readonly user: Secret;
  readonly url: string;
}

/** A chat that takes posts at a secret address. */
export interface HookChannelConfig extends ChannelBase {
  readonly type: "mattermost" | "slack" | "discord";
  readonly url: Secret;
}

export interface SignalChannelConfig extends ChannelBase {
  readonly type: "signal";
  readonly cliPath: string;
  /** The number that sends. */
  readonly user: string;
  readonly recipients: readonly string[];
}

export interface MatrixChannelConfig extends ChannelBase {
  readonly type: "matrix";
  /** The home server, say `https://matrix.org`. */
  readonly url: string;
  readonly token: Secret;
  readonly room: string;
}

export interface NtfyChannelConfig extends ChannelBase {
  readonly type: "ntfy";
  readonly url: string;
  readonly topic: string;
  readonly token: Secret | null;
}

export interface TelegramChannelConfig extends ChannelBase {
  readonly type: "telegram";
  readonly url: string;
  readonly token: Secret;
  readonly chat: string;
}

export interface GotifyChannelConfig extends ChannelBase {
  readonly type: "gotify";
  readonly url: string;
  readonly token: Secret;
}

export interface WebhookChannelConfig extends ChannelBase {
  readonly type: "webhook";
  readonly url: Secret;
  readonly method: string;
  readonly headers: ReadonlyMap<string, Secret>;
  /** A JSON value whose texts are templates; null: everything there is to say. */
  readonly body: unknown;
}

export interface CommandChannelConfig extends ChannelBase {
  readonly type: "command";
  /** The program and its arguments. */
  readonly command: readonly string[];
}

export interface DesktopChannelConfig extends ChannelBase {
  readonly type: "desktop";
}

export type ChannelConfig =
  | EmailChannelConfig
  | PushoverChannelConfig
  | HookChannelConfig
  | SignalChannelConfig
  | MatrixChannelConfig
  | NtfyChannelConfig
  | TelegramChannelConfig
  | GotifyChannelConfig
  | WebhookChannelConfig
  | CommandChannelConfig
  | DesktopChannelConfig;

/** How people are notified. */
export interface NotifyConfig {
  readonly channels: ReadonlyMap<string, ChannelConfig>;
  /** Channels of hosts without their own; null: none, or `desktop` in the positional form. */
  readonly notify: readonly string[] | null;
  /** Where people reach this server, without a slash at the end; null: no links. */
  readonly baseUrl: string | null;
  /** Seconds after which a notification that cannot be delivered is given up. */
  readonly giveUpS: number;
  /** Seconds that a channel fails until its fallback is used. */
  readonly fallbackAfterS: number;
}

/** Keeping addresses of hosts in the DNS. */
export interface DnsConfig {
  readonly domains: readonly string[];
  readonly bin: string;
  /** Path of a TSIG key file; null: unsigned. */
  readonly keyFile: string | null;
  /** Name or address of the server, with an optional port; null: as nsupdate finds it. */
  readonly server: string | null;
  readonly ttlS: number;
}

/** Somebody who watches this server. */
export type HeartbeatTarget =
  & {
    /** Seconds between beats. */
    readonly intervalS: number;
  }
  & (
    | {
      readonly kind: "udp";
      readonly hostname: string;
      readonly port: number;
      /** The name it beats under; null: `hbd@<hostname>`. */
      readonly name: string | null;
      readonly key: Secret | null;
    }
    | { readonly kind: "http"; readonly url: Secret; readonly method: "GET" | "POST" }
  );

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
  readonly defaultKey: Secret | null;
  /** Refuse what is not signed, of all hosts. */
  readonly requireKey: boolean;
  /** Seconds that the time in a signed message may be from now. */
  readonly windowS: number;
  /** Whoever shows it may do everything; null: there is none. */
  readonly commandToken: Secret | null;
}

/** What people use: pages, API and live updates. */
export interface WebConfig {
  /** Ports that answer as the main one does, always without TLS; 0 takes any free one. */
  readonly extraPorts: readonly number[];
  /** Port for WebSockets alone, 1 to 65535; null: none. */
  readonly wsPort: number | null;
  /** The same over TLS. */
  readonly wssPort: number | null;
  /** The main port speaks HTTPS, with the files below. */
  readonly https: boolean;
  /** Path of the certificate with its chain, PEM. */
  readonly certFile: string | null;
  /** Path of its private key, PEM. */
  readonly keyFile: string | null;
  /** Where there are no users: everybody may change everything. */
  readonly allowAnonymousChanges: boolean;
  /** IP addresses and ranges (CIDR) of proxies that are believed. */
  readonly trustedProxies: readonly string[];
  /** Seconds after which somebody who does nothing is logged out. */
  readonly sessionS: number;
  /** Days for which hourly figures are kept, 0 to 3660; 0: none. */
  readonly historyDays: number;
  /** The page that everybody may see; null: none. */
  readonly statusPage: StatusPageConfig | null;
}

/** A page that needs no login. */
export interface StatusPageConfig {
  readonly title: string;
  /** Names of hosts, with `*` for any run of characters; never empty. */
  readonly hosts: readonly string[];
}

/** A version of the client and where to get it. */
export interface ClientUpdateConfig {
  readonly version: string;
  readonly url: string;
  /** SHA-256 of the file, 64 hexadecimal digits. */
  readonly sha256: string;
}

/** Pings by the name of a host, as services for cron jobs know them. */
export interface PingConfig {
  /** One of these stands in their address; none: any word will do. */
  readonly keys: readonly Secret[];
  /** A ping of an unknown host makes it. */
  readonly create: boolean;
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
  readonly pings: PingConfig;
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
  readonly thresholds: ThresholdTree;
  /** Named sets of thresholds; the one called `default` is laid over `thresholds` for all hosts. */
  readonly thresholdConfigs: ReadonlyMap<string, ThresholdTree>;
  readonly alerts: AlertConfig;
  readonly maintenance: readonly MaintenanceWindow[];
  readonly notify: NotifyConfig;
  readonly dns: DnsConfig;
  readonly heartbeatTo: readonly HeartbeatTarget[];
  /** Hosts with gauges of their own in /metrics, at most. */
  readonly metricsMaxHosts: number;
  /** Users by name; empty: everybody may read. */
  readonly users: ReadonlyMap<string, UserConfig>;
  /** The user who owns the hosts that name no owner; null: the admins alone. */
  readonly defaultOwner: string | null;
  readonly web: WebConfig;
}
