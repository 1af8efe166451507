/**
 * Signal: messages through signal-cli (https://github.com/AsamK/signal-cli), which must be
 * registered or linked for the number that sends. The text goes over its standard input, as what is
 * in the arguments is in the list of processes.
 */

import type { SignalChannelConfig } from "../../config/config.ts";
import type { Channel } from "../channel.ts";
import { runProgram } from "./program.ts";
import { compose, inBytes } from "./text.ts";

/** A longer one would be sent as an attachment. */
const MAX_TEXT_BYTES = 2000;

/** Ids of groups are base64 of 16 or 32 bytes; numbers and names never end like that. */
const GROUP_ID = /^[A-Za-z0-9+/]{22,43}={1,2}$/;

/** A channel from one number to all recipients: numbers, ids, `u:name`, or ids of groups. */
export function signal({ cliPath, user, recipients }: SignalChannelConfig): Channel {
  const groups = recipients.filter((recipient) => GROUP_ID.test(recipient));
  const people = recipients.filter((recipient) => !GROUP_ID.test(recipient));
  const argv = [
    ...[cliPath, "-u", user, "send", "--message-from-stdin", ...people],
    ...groups.length === 0 ? [] : ["-g", ...groups],
  ];
  return {
    async send(notification, signal) {
      const stdin = compose(notification, { limit: MAX_TEXT_BYTES, measure: inBytes });
      // It prints the time that Signal knows the message by.
      const line = await runProgram({ name: "signal-cli", argv, stdin }, signal);
      return line === "" ? "sent" : `sent ${line}`;
    },
  };
}
