/**
 * Reads the check results that NRDP's clients submit, as XML or as JSON:
 *
 *   <checkresults><checkresult type="service"><hostname>web1</hostname>
 *     <servicename>Load</servicename><state>1</state>
 *     <output>LOAD WARNING|load1=6.1;5;10</output></checkresult></checkresults>
 *   {"checkresults": [{"checkresult": {"type": "service"}, "hostname": "web1",
 *     "servicename": "Load", "state": 1, "output": "LOAD WARNING|load1=6.1;5;10"}]}
 *
 * What cannot be read at all is a `BadData`; a single result that makes no sense is told apart from
 * the others, which are as good without it. A DOCTYPE, with which XML could blow itself up, is
 * refused.
 */

import { isRecord } from "../wire/identity.ts";
import { XMLParser, XMLValidator } from "fast-xml-parser";

/** One check result. */
export interface CheckResult {
  readonly host: string;
  /** Null: it is of the host itself. */
  readonly service: string | null;
  /** A host is up at 0; a service has 0 to 3: OK, WARNING, CRITICAL, UNKNOWN. */
  readonly state: number;
  /** As its program printed it, with performance data. */
  readonly output: string;
  /** When it was looked, epoch seconds by the sender's clock; null: not said. */
  readonly timeS: number | null;
}

/** All results of a submission, as far as they make sense. */
export interface Submission {
  readonly checks: readonly CheckResult[];
  /** What is wrong with the others, in a few words each. */
  readonly unusable: readonly string[];
}

/** The data cannot be read; the message says why, in a line. */
export class BadData extends Error {
  override readonly name = "BadData";

  constructor(why: string) {
    super(why.replace(/\s+/g, " ").slice(0, MOST_REASON).toWellFormed());
  }
}

/** A result as it is in the data: whatever somebody has put there. */
interface RawResult {
  readonly type: unknown;
  readonly fields: Readonly<Record<string, unknown>>;
}

const MOST_REASON = 200;

/** Nagios itself keeps 8 kB of what a check prints; more is not looked at. */
const MOST_OUTPUT = 16_384;

/** The name of a service begins the names of its fields, which are judged up to 200 characters. */
const LONGEST_SERVICE = 160;

const UNKNOWN = 3;

const ENTITIES: Readonly<Record<string, string>> = {
  lt: "<",
  gt: ">",
  amp: "&",
  quot: '"',
  apos: "'",
};

const MOST_DEPTH = 8;

const XML = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  parseTagValue: false,
  trimValues: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: MOST_DEPTH,
  isArray: (name) => name === "checkresult",
  entityDecoder: {
    decode: decodeEntities,
    setExternalEntities: () => {},
    addInputEntities: () => {
      throw new BadData("a DOCTYPE is not allowed");
    },
    reset: () => {},
    setXmlVersion: () => {},
  },
});

/** Reads XML. Throws `BadData` when it is malformed, or nested deeper than check results are. */
export function readXml(text: string): Submission {
  // PHP's own page sends an empty line before the declaration.
  const xml = text.trimStart();
  const verdict = XMLValidator.validate(xml);
  if (verdict !== true) throw new BadData(`${verdict.err.msg} (line ${verdict.err.line})`);
  let root: unknown;
  try {
    [root] = Object.values(XML.parse(xml) as Readonly<Record<string, unknown>>);
  } catch (error) {
    throw new BadData(error instanceof Error ? error.message : String(error));
  }
  const results = isRecord(root) ? root.checkresult : undefined;
  if (results === undefined && !isBlank(root)) throw new BadData("there is no <checkresult>");
  return submissionOf(
    (Array.isArray(results) ? results : []).map((fields: unknown) =>
      isRecord(fields) ? { type: fields["@type"], fields } : { type: undefined, fields: {} }
    ),
  );
}

/** Reads JSON. Throws `BadData` when it is malformed, or has no list "checkresults". */
export function readJson(text: string): Submission {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw new BadData(error instanceof Error ? error.message : String(error));
  }
  const results = isRecord(data) ? data.checkresults : undefined;
  if (!Array.isArray(results)) throw new BadData('there is no list "checkresults"');
  return submissionOf(
    results.map((fields: unknown) => {
      if (!isRecord(fields)) return { type: undefined, fields: {} };
      const { checkresult } = fields;
      return { type: isRecord(checkresult) ? checkresult.type : undefined, fields };
    }),
  );
}

function submissionOf(results: readonly RawResult[]): Submission {
  const checks: CheckResult[] = [];
  const unusable: string[] = [];
  for (const [index, raw] of results.entries()) {
    const check = checkOf(raw);
    if (typeof check === "string") unusable.push(`result ${index + 1} ${check}`);
    else checks.push(check);
  }
  return { checks, unusable };
}

/** The check result, or what is wrong with it. */
function checkOf({ type, fields }: RawResult): CheckResult | string {
  const host = textOf(fields.hostname).trim().toWellFormed();
  if (host === "") return "has no hostname";
  const isService = type === "service";
  const service = textOf(fields.servicename).trim().slice(0, LONGEST_SERVICE).toWellFormed();
  if (isService && service === "") return `(of ${JSON.stringify(host)}) has no servicename`;
  const state = textOf(fields.state).trim();
  if (!/^-?\d{1,9}$/.test(state)) {
    return `(of ${JSON.stringify(host)}) has a state that is no whole number`;
  }
  const timeS = Number(textOf(fields.time));
  return {
    host,
    service: isService ? service : null,
    state: isService && !/^[0-3]$/.test(state) ? UNKNOWN : Number(state),
    // In one line, as Nagios writes it, and as its clients are told to.
    output: textOf(fields.output).replaceAll("\\n", "\n").slice(0, MOST_OUTPUT).trim(),
    timeS: Number.isFinite(timeS) && timeS > 0 ? timeS : null,
  };
}

/** The text of an element (the first of its name) or of a value in JSON. */
function textOf(value: unknown): string {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  const text = isRecord(first) ? first["#text"] : first;
  if (typeof text === "string") return text;
  return typeof text === "number" ? String(text) : "";
}

/** Those that XML knows by itself; others stay as they are written. */
function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|([a-z]{1,4}));/g, (whole, ...found) => {
    const [decimal, hex, name] = found as (string | undefined)[];
    if (name !== undefined) return ENTITIES[name] ?? whole;
    const code = decimal === undefined ? parseInt(hex ?? "", 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
  });
}

/** An element without anything in it. */
function isBlank(value: unknown): boolean {
  if (!isRecord(value)) return typeof value === "string" && value.trim() === "";
  return Object.keys(value).every((key) => key.startsWith("@"));
}
