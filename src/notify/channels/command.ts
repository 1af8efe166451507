/**
 * command: any program, with the notification in its environment. There is no shell in between,
 * and nothing that a host says is in the arguments: a script that quotes its variables is safe.
 *
 *   HB_ID HB_KIND HB_LEVEL HB_HOST HB_METRIC HB_TITLE HB_BODY HB_URL HB_TIME (epoch seconds)
 */

import type { CommandChannelConfig } from "../../config/config.ts";
import type { Channel, Notification } from "../channel.ts";
import { runProgram } from "./program.ts";
import { epochSeconds, fit, inBytes } from "./text.ts";

/** Linux takes 131,072 bytes in one variable, with its name. */
const MAX_VALUE_BYTES = 100_000;

/** A channel that runs a program; it fails when the program ends with another code than 0. */
export function command({ command }: CommandChannelConfig): Channel {
  return {
    async send(notification, signal) {
      const run = { name: "The command", argv: command, env: environmentOf(notification) };
      const line = await runProgram(run, signal);
      return line === "" ? "ended with code 0" : line;
    },
  };
}

function environmentOf(notification: Notification): Readonly<Record<string, string>> {
  const { id, kind, level, host, metric, title, body, url } = notification;
  const values: Readonly<Record<string, string>> = {
    HB_ID: id,
    HB_KIND: kind,
    HB_LEVEL: level,
    HB_HOST: host,
    HB_METRIC: metric ?? "",
    HB_TITLE: title,
    HB_BODY: body,
    HB_URL: url ?? "",
    HB_TIME: String(epochSeconds(notification)),
  };
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, fitForEnvironment(value)]),
  );
}

function fitForEnvironment(value: string): string {
  const text = value.toWellFormed().replaceAll("\0", "");
  return fit(text, { limit: MAX_VALUE_BYTES, measure: inBytes });
}
