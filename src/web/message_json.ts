/**
 * A message as the API tells it. Its payload is copied as text: nested deeply, it could not be
 * serialized.
 *
 * `time`, `host` and `msg` are what clients of the daemon read that this one takes the place of.
 */

import type { ReceivedMessage } from "../monitor/outlet.ts";
import { seconds } from "./seconds.ts";
import type { PastMessage } from "./view_history.ts";

/** Characters of the payload in `msg`. */
const MSG_CHARS = 300;

/** The message in the form that it has in the journal. */
export function pastMessage({ seq, atMs, late, message }: ReceivedMessage): PastMessage {
  const { host, ip, port, transport, path, parseError, payloadText } = message;
  return {
    ...{ seq, atMs, host, transport, path, late, parseError, payloadText },
    sourceIp: ip,
    sourcePort: port,
  };
}

/** The message as a JSON value, without its payload but for its beginning. */
export function messageJson(message: PastMessage) {
  return {
    seq: message.seq,
    timestamp: seconds(message.atMs),
    time: seconds(message.atMs),
    host: message.host,
    source_ip: message.sourceIp,
    source_port: message.sourcePort,
    transport: message.transport,
    path: message.path,
    late: message.late,
    parse_error: message.parseError,
    msg: message.payloadText.slice(0, MSG_CHARS).toWellFormed(),
  };
}

/** The message as JSON text, with its payload. */
export function messageText(message: PastMessage): string {
  return `${JSON.stringify(messageJson(message)).slice(0, -1)},"message":${message.payloadText}}`;
}
