/** What the API says of the server itself. See docs/API.md. */

export interface ServerInfo {
  readonly version: string;
  readonly time: number;
  readonly started: number;
  /** Seconds. */
  readonly uptime: number;
  readonly users_configured: boolean;
  readonly hosts: {
    readonly hosts: number;
    readonly states: Readonly<Record<string, number>>;
    readonly total: number;
    readonly late: number;
    readonly missed: number;
    readonly stability: number | null;
  };
  /** Null, as are the next two: only for those who see everything. */
  readonly ports: Readonly<Record<string, number | null>> | null;
  readonly problems:
    | readonly { readonly part: string; readonly message: string; readonly since: number }[]
    | null;
  readonly counters: Readonly<Record<string, unknown>> | null;
  readonly history_days: number;
  readonly max_hosts: number;
}

export interface ServerConfig {
  /** In the keys of the file, without secrets. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly hosts_left_out: number;
}

export interface Channel {
  readonly name: string;
  readonly type: string;
  readonly min_level: string;
  readonly fallback: string | null;
  readonly configured: boolean;
  readonly waiting: number;
  readonly waiting_since: number | null;
  readonly sent: number;
  readonly failed: number;
  readonly given_up: number;
  readonly dropped: number;
  readonly failing_since: number | null;
  readonly last_error: string | null;
  readonly last_error_time: number | null;
  readonly last_sent: number | null;
  readonly last_answer: string | null;
  readonly next_try: number | null;
}

export interface User {
  readonly name: string;
  readonly full_name: string | null;
  readonly admin: boolean;
}

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly read_only: boolean;
  readonly created: number;
  readonly last_used: number | null;
}
