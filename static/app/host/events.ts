/** Events of a host, as the API lists them, in words. Pure. */

export interface HostEvent {
  readonly seq: number;
  /** Epoch seconds. */
  readonly time: number;
  /** `down`, `up`, `reboot`, `boot`, `shutdown`, `note`, `pause`, `resume` … */
  readonly kind: string;
  /** In words; empty where the kind says it all. */
  readonly text: string;
}

/** Alerts have a list of their own, with their ends beside their beginnings. */
const OF_ALERTS: ReadonlySet<string> = new Set(["alert", "alert over"]);

/** Kinds whose text is a whole sentence. */
const SENTENCES: ReadonlySet<string> = new Set(["up", "reboot"]);

const WORDS: Readonly<Record<string, string>> = {
  down: "Down",
  up: "Up again",
  missed: "Missed",
  late: "Late",
  reboot: "Rebooted",
  boot: "Booted",
  shutdown: "Said goodbye",
  pause: "Paused",
  resume: "Resumed",
  drop: "Dropped",
  note: "Note",
  start: "Began",
  success: "Succeeded",
  fail: "Failed",
};

/** `Note: backup done`. An event that is not known shows its kind. */
export function eventText({ kind, text }: Pick<HostEvent, "kind" | "text">): string {
  const word = WORDS[kind] ?? kind;
  if (text === "") return word;
  return SENTENCES.has(kind) ? text : `${word}: ${text}`;
}

/** `events`, the newest first, without those that tell of alerts, or what the next one says too. */
export function withoutAlerts(events: readonly HostEvent[]): readonly HostEvent[] {
  return events
    .filter(({ kind }) => !OF_ALERTS.has(kind))
    .filter((event, i, all) => !isSaidByFall(event, all[i - 1]));
}

/** A failure brings its host down, with the same words. */
function isSaidByFall({ kind, text }: HostEvent, next: HostEvent | undefined): boolean {
  return kind === "fail" && next?.kind === "down" && next.text.endsWith(text);
}

const TURNS: ReadonlySet<string> = new Set(["up", "down", "boot", "reboot", "shutdown", "resume"]);

/** When the host came into its state, by its `events`, the newest first; null: not known. */
export function stateSince(events: readonly Pick<HostEvent, "kind" | "time">[]): number | null {
  return events.find(({ kind }) => TURNS.has(kind))?.time ?? null;
}
