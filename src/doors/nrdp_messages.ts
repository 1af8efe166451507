/**
 * What the check results of one host say, in the fields of our own messages: a check of the host is
 * a beat or a failure, one of a service proves that the host lives, and all services together are a
 * sample of the plugin `nrdp`, with the fields of `nagios_runner`. Pure.
 */

import type { Fields } from "../wire/datagram.ts";
import { checkFields } from "../wire/nagios_fields.ts";
import { parsePluginOutput } from "../wire/nagios_output.ts";
import type { CheckResult } from "./nrdp_data.ts";

/** Services in one sample: they share the room for outputs. */
const SERVICES_PER_SAMPLE = 100;

/** Characters of an output that people read with a beat. */
const MOST_TEXT = 500;

const DOWN: Readonly<Record<number, string>> = { 1: "DOWN", 2: "UNREACHABLE" };

/** What is known of the host that checks are of. */
export interface CheckedHost {
  /** Seconds after which the next results may be expected. */
  readonly sampleS: number;
  /** The last check of the host itself says that it is down. */
  readonly hasFailed: boolean;
}

/**
 * The messages that `checks` of one host are, in the order in which they count; of several results
 * of a service the last one does. A Nagios that hands its results on tells of the services of a
 * dead host, too: only a check of the host itself brings it back.
 */
export function messagesOf(
  checks: readonly CheckResult[],
  { sampleS, hasFailed }: CheckedHost,
): readonly Fields[] {
  const messages: Fields[] = [];
  const services = new Map<string, CheckResult>();
  for (const check of checks) {
    if (check.service === null) messages.push(hostMessage(check));
    else services.set(check.service, check);
  }
  if (messages.length === 0 && !hasFailed) {
    messages.push({ ID: "HTB", signal: "service checks", checks: checks.length });
  }
  const all = [...services.values()];
  for (let from = 0; from < all.length; from += SERVICES_PER_SAMPLE) {
    messages.push(sampleOf(all.slice(from, from + SERVICES_PER_SAMPLE), sampleS));
  }
  return messages;
}

/** Field names of ours (`time`, `at`) are avoided: a sender's clock is for people to read. */
function hostMessage({ state, output, timeS }: CheckResult): Fields {
  const text = parsePluginOutput(output).text.slice(0, MOST_TEXT);
  const said = {
    signal: "host check",
    state,
    ...(timeS !== null && { checked: timeS }),
  };
  if (state === 0) return { ID: "HTB", ...said, ...(text !== "" && { output: text }) };
  return { ID: "FAIL", message: text || (DOWN[state] ?? `state ${state}`), ...said };
}

function sampleOf(checks: readonly CheckResult[], sampleS: number): Fields {
  const data = checkFields(checks.map(({ service, state, output }) => {
    const { text, performance } = parsePluginOutput(output);
    return { name: service ?? "", code: state, output: text, performance };
  }));
  const checked = Math.max(0, ...checks.map(({ timeS }) => timeS ?? 0));
  return { ID: "PLG", plugin: "nrdp", interval: sampleS, data, ...(checked > 0 && { checked }) };
}
