/** The thresholds of the configuration, and its named sets, as rows of a table. Pure. */

export interface ThresholdRow {
  /** `cpu_monitor.cpu_percent`. */
  readonly metric: string;
  /** Texts; empty: not said. */
  readonly operator: string;
  readonly warning: string;
  readonly critical: string;
  readonly hysteresis: string;
}

export interface ThresholdSet {
  /** Null: the general ones. */
  readonly name: string | null;
  readonly rows: readonly ThresholdRow[];
}

type Fields = Readonly<Record<string, unknown>>;

/** What makes an object a rule, not a branch. */
const RULE_KEYS = ["warning", "critical", "operator", "hysteresis", "display"];

/** The general thresholds first, then `threshold_configs` by name; sets without a rule stay. */
export function thresholdSets(config: Fields): readonly ThresholdSet[] {
  const general = rowsOf(fields(config.thresholds), []);
  const named = Object.entries(fields(config.threshold_configs))
    .map(([name, set]) => ({ name, rows: rowsOf(fields(fields(set).thresholds), []) }));
  return general.length === 0 ? named : [{ name: null, rows: general }, ...named];
}

function rowsOf(tree: Fields, above: readonly string[]): readonly ThresholdRow[] {
  return Object.entries(tree).flatMap(([key, node]): readonly ThresholdRow[] => {
    const path = [...above, key];
    const metric = path.join(".");
    if (node === "off" || node === false) {
      return [{ metric, operator: "off", warning: "", critical: "", hysteresis: "" }];
    }
    if (!isRule(node)) return rowsOf(fields(node), path);
    const { warning, critical, operator, hysteresis } = node;
    return [{
      metric,
      operator: text(operator),
      warning: text(warning),
      critical: text(critical),
      hysteresis: text(hysteresis),
    }];
  });
}

function isRule(node: unknown): node is Fields {
  return Object.entries(fields(node)).some(([key, value]) =>
    RULE_KEYS.includes(key) && typeof value !== "object"
  );
}

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null ? value as Fields : {};
}

function text(value: unknown): string {
  return value === undefined || value === null ? "" : String(value);
}
