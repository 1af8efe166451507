/**
 * The lines that make a host beat, ready to paste, whatever its name: each place has quotes of its
 * own (a shell, crontab, a unit of systemd). Pure.
 */

export interface Recipe {
  readonly id: "curl" | "cron" | "systemd" | "hbc" | "job";
  readonly title: string;
  /** What to do with it. */
  readonly hint: string;
  readonly blocks: readonly { readonly label: string; readonly text: string }[];
}

export interface Beater {
  readonly host: string;
  /** Of the server as it is reached from here, without a slash at the end. */
  readonly origin: string;
  /** Seconds between beats. */
  readonly intervalS: number;
  /** Null: the server has none. */
  readonly udpPort: number | null;
}

/** Where hbc sends its beats when it is told of no port. */
const UDP_PORT = 50_003;

/** Recipes for `beater`. */
export function recipesFor(beater: Beater): readonly Recipe[] {
  const { host, origin, intervalS, udpPort } = beater;
  const { hostname } = new URL(origin);
  const hbcServer = udpPort === UDP_PORT ? hostname : `${hostname}:${udpPort}`;
  const unit = unitName(host);
  const { cronS, schedule } = cronOf(intervalS);
  const cronCommand = curl(origin, payload(host, cronS), shellQuote);
  return [
    {
      id: "curl",
      title: "curl",
      hint: "One beat, from any shell, script or job.",
      blocks: [{
        label: "One beat",
        text: curl(origin, payload(host, intervalS), shellQuote),
      }],
    },
    {
      id: "cron",
      title: "cron",
      hint: "A line for crontab -e. cron knows no less than a minute.",
      blocks: [{
        label: "A line for crontab",
        text: `${schedule} ${cronQuote(cronCommand)} >/dev/null`,
      }],
    },
    {
      id: "systemd",
      title: "systemd",
      hint: `Two files in /etc/systemd/system, then the last line as root.`,
      blocks: [
        {
          label: `/etc/systemd/system/${unit}.service`,
          text: [
            "[Unit]",
            `Description=Heartbeat of ${unitText(host)}`,
            "Wants=network-online.target",
            "After=network-online.target",
            "",
            "[Service]",
            "Type=oneshot",
            `ExecStart=/usr/bin/${curl(origin, payload(host, intervalS), unitQuote)}`,
          ].join("\n"),
        },
        {
          label: `/etc/systemd/system/${unit}.timer`,
          text: [
            "[Unit]",
            `Description=Heartbeat of ${unitText(host)}, every ${intervalS} s`,
            "",
            "[Timer]",
            "OnBootSec=10",
            `OnUnitActiveSec=${intervalS}`,
            "AccuracySec=1",
            "",
            "[Install]",
            "WantedBy=timers.target",
          ].join("\n"),
        },
        {
          label: "Switch it on",
          text: `systemctl daemon-reload && systemctl enable --now ${unit}.timer`,
        },
      ],
    },
    ...udpPort === null ? [] : [{
      id: "hbc" as const,
      title: "hbc",
      hint: `The mini client: it measures the machine, too. It sends to UDP port ${udpPort}.`,
      blocks: [{
        label: "Run hbc",
        text: `hbc -b ${shellWord(`--name=${host}`)} --interval=${intervalS} ` +
          shellWord(hbcServer),
      }],
    }],
  ];
}

/** How often cron can do it, at most as far apart as asked for: what divides an hour, or a day. */
function cronOf(intervalS: number): { readonly cronS: number; readonly schedule: string } {
  const largest = (of: number, most: number) => {
    let step = Math.max(1, Math.min(of, Math.floor(most)));
    while (of % step !== 0) step--;
    return step;
  };
  const every = (step: number) => step === 1 ? "*" : `*/${step}`;
  const minutes = largest(60, intervalS / 60);
  if (minutes < 60) return { cronS: minutes * 60, schedule: `${every(minutes)} * * * *` };
  const hours = largest(24, intervalS / 3600);
  const schedule = hours === 24 ? "0 0 * * *" : `0 ${every(hours)} * * *`;
  return { cronS: hours * 3600, schedule };
}

/** A word of a POSIX shell, in quotes. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The same, with quotes only where they are needed. */
export function shellWord(text: string): string {
  return /^[\w.:@%+=,/][\w.:@%+=,/-]*$/.test(text) ? text : shellQuote(text);
}

/** A shell's line in a crontab, where `%` would end it. */
export function cronQuote(line: string): string {
  return line.replaceAll("%", "\\%");
}

/** An argument of `ExecStart=`: its quotes, its `%` and its `$`. */
export function unitQuote(text: string): string {
  const quoted = text.replaceAll("\\", "\\\\").replaceAll('"', '\\"');
  return `"${quoted.replaceAll("%", "%%").replaceAll("$", "$$$$")}"`;
}

/** A name for the files of a unit: nothing in it needs quotes anywhere. */
export function unitName(host: string): string {
  const plain = host.replace(/[^A-Za-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 60);
  return plain === "" ? "heartbeat-beat" : `heartbeat-${plain}`;
}

/** A text in a unit's description. */
function unitText(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("%", "%%");
}

function payload(host: string, intervalS: number): string {
  return JSON.stringify({ name: host, interval: intervalS });
}

function curl(origin: string, body: string, quote: (text: string) => string): string {
  return `curl -fsS -m 10 -d ${quote(body)} ${quote(`${origin}/heartbeat`)}`;
}
