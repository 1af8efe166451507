/**
 * Matrix: an event in a room, by the client-server API (https://spec.matrix.org/latest/
 * client-server-api/#sending-events-to-a-room). The notification's id is the transaction, so that
 * the home server itself drops a copy. `m.mentions` says that nobody is mentioned.
 */

import type { MatrixChannelConfig } from "../../config/config.ts";
import { type Channel, SendError } from "../channel.ts";
import { addressBelow, fieldOf, request } from "../http.ts";
import { compose, idOf, inBytes } from "./text.ts";

const PROVIDER = "Matrix";
const API = "/_matrix/client/v3";

/** Bytes of text. A whole event may have 65,536, also when JSON needs two bytes for one. */
const MAX_TEXT_BYTES = 24_000;

/** A channel to one room: its id (`!…`) or an alias of it (`#…`). */
export function matrix({ url, token, room }: MatrixChannelConfig): Channel {
  const common = {
    provider: PROVIDER,
    headers: { authorization: `Bearer ${token.value}` },
    secrets: [token.value],
  };
  let known = room.startsWith("#") ? null : room;

  /** Asks the home server for the id behind an alias. */
  async function resolve(signal: AbortSignal): Promise<string> {
    const { json } = await request({
      ...common,
      url: addressBelow(url, `${API}/directory/room/${encodeURIComponent(room)}`),
      method: "GET",
      isCurable: () => true,
    }, signal);
    const id = fieldOf(json, "room_id");
    if (typeof id === "string") return id;
    throw new SendError(`${PROVIDER} knows no room ${room}`);
  }

  return {
    async send(notification, signal) {
      const id = known ??= await resolve(signal);
      const path = `${API}/rooms/${encodeURIComponent(id)}/send/m.room.message`;
      const { line } = await request({
        ...common,
        url: addressBelow(url, `${path}/${idOf(notification)}`),
        method: "PUT",
        headers: { ...common.headers, "idempotency-key": idOf(notification) },
        body: {
          json: {
            msgtype: "m.text",
            body: compose(notification, { limit: MAX_TEXT_BYTES, measure: inBytes }),
            "m.mentions": {},
          },
        },
        isSuccess: (json) => typeof fieldOf(json, "event_id") === "string",
      }, signal);
      return line;
    },
  };
}
