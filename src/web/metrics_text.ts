/**
 * Writes the text format of Prometheus, version 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/):
 *
 *   # HELP heartbeat_hosts Hosts by state.
 *   # TYPE heartbeat_hosts gauge
 *   heartbeat_hosts{state="up"} 12
 *
 * Each family is written once and in one piece, which the format demands.
 */

/** A value; null is left out. */
export interface MetricSample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number | null;
}

/** The content type of the text. */
export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

export class MetricsText {
  readonly #lines: string[] = [];

  /** A value that only rises while the server runs. `name` ends in `_total`. */
  counter(name: string, help: string, ...samples: readonly MetricSample[]): void {
    this.#family(name, "counter", help, samples);
  }

  /** A value that rises and falls. */
  gauge(name: string, help: string, ...samples: readonly MetricSample[]): void {
    this.#family(name, "gauge", help, samples);
  }

  /** How often something was done, and how many seconds that took in all. */
  summary(name: string, help: string, count: number, sumS: number): void {
    this.#head(name, "summary", help);
    this.#lines.push(`${name}_sum ${numberText(sumS)}`, `${name}_count ${numberText(count)}`);
  }

  /** A line for people. */
  comment(text: string): void {
    this.#lines.push(`# ${text.replaceAll("\n", " ")}`);
  }

  toString(): string {
    return this.#lines.join("\n") + "\n";
  }

  #family(name: string, type: string, help: string, samples: readonly MetricSample[]): void {
    const lines = samples.flatMap(({ labels, value }) =>
      value === null ? [] : [`${name}${labelsText(labels)} ${numberText(value)}`]
    );
    if (lines.length === 0) return;
    this.#head(name, type, help);
    for (const line of lines) this.#lines.push(line);
  }

  #head(name: string, type: string, help: string): void {
    const text = help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
    this.#lines.push(`# HELP ${name} ${text}`, `# TYPE ${name} ${type}`);
  }
}

function labelsText(labels: MetricSample["labels"]): string {
  if (labels === undefined) return "";
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return `{${parts.join(",")}}`;
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : String(value);
}
