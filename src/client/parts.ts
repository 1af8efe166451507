/** What every way of running hbc has in common: sockets, series, links to the servers, inbox. */

import type { ClientConfig } from "./config.ts";
import { bootIdAt } from "./boot_id.ts";
import { Inbox, type ServerMessage } from "./inbox.ts";
import { Link } from "./link.ts";
import { type Content, Series } from "./series.ts";
import { Sockets } from "./sockets.ts";

/** Longest time that the first look-up may hold up the first message, milliseconds. */
const FIRST_LOOKUP_MS = 2000;

/** Told what comes from the servers; of answers only those to what was sent to that server. */
export interface Listener {
  onMessage(message: ServerMessage, from: Link): void;
  /** A server begins to answer or falls silent. */
  onChange(link: Link): void;
}

export interface Parts extends AsyncDisposable {
  readonly series: Series;
  readonly links: readonly Link[];
}

/** The series of a client that starts now. */
export async function newSeries({ name, key }: ClientConfig): Promise<Series> {
  return new Series(name, await bootIdAt(Date.now()), key);
}

/** Opens the sockets and looks the servers up. What is from none of the servers is left unread. */
export async function openParts(config: ClientConfig, listener: Listener): Promise<Parts> {
  const series = await newSeries(config);
  const inbox = new Inbox(config.key, config.name);
  const links: Link[] = [];
  const sockets = new Sockets((bytes, from) => {
    const senders = links.filter((link) => link.isAt(from));
    const message = senders.length === 0 ? null : inbox.read(bytes, Date.now());
    if (message === null) return;
    // Two names may stand for one server: each has its own answers.
    for (const link of senders) {
      const counts = message.kind !== "ack" || link.acked(from, message.seq, message.time);
      if (counts) listener.onMessage(message, link);
    }
  });
  const send = sockets.send.bind(sockets);
  for (const server of config.servers) {
    links.push(new Link(server, series, send, (link) => listener.onChange(link)));
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<void>((resolve) => timer = setTimeout(resolve, FIRST_LOOKUP_MS));
  await Promise.race([Promise.all(links.map((link) => link.lookUp())), limit]);
  clearTimeout(timer);
  return { series, links, [Symbol.asyncDispose]: () => sockets[Symbol.asyncDispose]() };
}

/** A beat, without its round trip. */
export function beatContent({ intervalS, graceS }: ClientConfig, version: string): Content {
  return {
    ID: "HTB",
    interval: intervalS,
    ver: version,
    ...(graceS !== null && { grace: graceS }),
  };
}
