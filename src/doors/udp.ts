/**
 * The UDP door: datagrams of hbd's protocol (docs/PROTOCOL.md), and words of clients far simpler.
 *
 * Each message is acknowledged once the journal has it. What cannot be used is counted by its
 * reason, logged at most once a minute for each source, and never answered: an answer would make
 * the server a tool against whoever's address was forged.
 */

import { MessageError, type MessageFault, readClientMessage } from "../wire/client_message.ts";
import {
  DatagramError,
  type DatagramFault,
  decodeDatagram,
  encodeDatagram,
  type Fields,
} from "../wire/datagram.ts";
import { isEnvelope, type Key, openEnvelope, seal } from "../wire/envelope.ts";
import { hostNameProblem } from "../wire/identity.ts";
import type { Message, MessageFacts } from "../wire/message.ts";
import { rawPayload } from "../wire/payload.ts";
import { type DatagramBatch, forEachDatagram } from "./datagram_batch.ts";
import type { Guard, RefusedFor } from "./guard.ts";
import type { Intake } from "./intake.ts";

/** Why a datagram came to nothing. */
export type DropReason = DatagramFault | MessageFault | RefusedFor | "bad_envelope" | "full";

/** How an IPv4 sender looks to a socket that listens on IPv6. */
const MAPPED_IPV4 = "::ffff:";

export interface UdpDoorOptions {
  readonly intake: Intake;
  readonly guard: () => Guard;
  readonly nowMs: () => number;
  /** Asked for every datagram, because it can be reloaded. */
  readonly settings: () => UdpSettings;
  /** What waits to be sent to a host that has just proven who it is. */
  readonly errands: (message: MessageFacts) => readonly Fields[];
  /** A datagram from `ip` was dropped. */
  readonly onDropped: (reason: DropReason, ip: string) => void;
}

export interface UdpSettings {
  /** Take what is not JSON for a beat of the sending address. */
  readonly acceptText: boolean;
  /** Acknowledge every message. */
  readonly acknowledge: boolean;
}

/** What the UDP door has done since the start. */
export interface UdpCounters {
  readonly port: number;
  readonly received: number;
  /** Datagrams that the kernel dropped for want of room; null where it does not tell. */
  readonly kernelDrops: number | null;
  /** Datagrams dropped because the server was too far behind. */
  readonly overloadDrops: number;
  /** Answers that could not be sent. */
  readonly unsent: number;
}

/** Sends what it is given with the next `flush()`. */
export interface Sending {
  send(datagram: Uint8Array, address: string, port: number): void;
  flush(): void;
}

/** Where an answer goes, and how it is signed. */
interface Peer {
  readonly address: string;
  readonly port: number;
  readonly key: Key | null;
}

interface Answer {
  readonly peer: Peer;
  readonly fields: Fields;
}

export class UdpDoor {
  readonly #options: UdpDoorOptions;
  #received = 0;

  constructor(options: UdpDoorOptions) {
    this.#options = options;
  }

  /** Datagrams received since the start. */
  get received(): number {
    return this.#received;
  }

  /** Takes a batch of datagrams; answers go to `sending` when the journal has it. */
  take(batch: DatagramBatch, sending: Sending): void {
    const { settings, nowMs } = this.#options;
    const { acknowledge } = settings();
    const answers: Answer[] = [];
    let written: Promise<void> | null = null;
    // A clock that was set back since then must not make them older than they are.
    const receivedMs = Math.min(batch.receivedMs, nowMs());
    forEachDatagram(batch, (datagram, address, port) => {
      this.#received++;
      const peer = { address, port, key: null };
      const taken = this.#one(datagram, peer, receivedMs);
      if (taken === null) return;
      if (taken.written !== written) {
        written = taken.written;
        written.catch(() => {}); // A server that is stopping answers nobody.
      }
      if (acknowledge && taken.answer !== null) answers.push(taken.answer);
      if (taken.peer.key !== null) {
        for (const fields of this.#options.errands(taken.message)) {
          answers.push({ peer: taken.peer, fields: { ...fields, time: nowMs() / 1000 } });
        }
      }
    });
    if (answers.length === 0 || written === null) return;
    // The journal writes in order: the last one's promise is everybody's.
    (written as Promise<void>).then(() => {
      for (const { peer, fields } of answers) this.#send(sending, peer, fields);
      sending.flush();
    }, () => {});
  }

  #one(datagram: Uint8Array, peer: Peer, receivedMs: number) {
    const { intake, guard, onDropped, nowMs } = this.#options;
    const ip = plainAddress(peer.address);
    const read = this.#read(datagram, ip, peer.port);
    if (typeof read === "string") {
      onDropped(read, ip);
      return null;
    }
    const { message, key } = read;
    const refused = key === null
      ? (guard().guards(message.host) ? "unsigned" : null)
      : guard().judge(message, key, nowMs());
    const written = refused ?? intake.receive(message, receivedMs);
    if (typeof written === "string") {
      onDropped(written, ip);
      return null;
    }
    const answer = message.parseError
      ? null
      : { peer: { ...peer, key }, fields: ackOf(message, nowMs()) };
    return { message, written, answer, peer: { ...peer, key } };
  }

  /** The message in a datagram and the key it was signed with, or why there is none. */
  #read(
    datagram: Uint8Array,
    ip: string,
    port: number,
  ): { readonly message: Message; readonly key: Key | null } | DropReason {
    let body = datagram;
    let key: Key | null = null;
    if (isEnvelope(datagram)) {
      const envelope = openEnvelope(datagram);
      if (envelope === null) return "bad_envelope";
      const opened = this.#options.guard().open(envelope);
      if (typeof opened === "string") return opened;
      key = opened;
      body = envelope.body;
    }
    try {
      const { fields, text } = decodeDatagram(body);
      const facts = readClientMessage(fields, ip, port);
      const message: Message = {
        ...facts,
        transport: "udp",
        path: String(fields.ID),
        payload: fields,
        payloadText: text,
        parseError: false,
        signed: key !== null,
      };
      return { message, key };
    } catch (error) {
      if (error instanceof MessageError) return error.fault;
      if (!(error instanceof DatagramError)) throw error;
      const isText = error.text !== null && key === null && this.#options.settings().acceptText;
      return isText ? { message: textBeat(error.text, ip, port), key } : error.fault;
    }
  }

  #send(sending: Sending, { address, port, key }: Peer, fields: Fields): void {
    const body = encodeDatagram(fields);
    sending.send(key === null ? body : seal(body, key), address, port);
  }
}

/** A word from a client that knows nothing of the protocol: the address it came from lives. */
function textBeat(text: string, ip: string, port: number): Message {
  return {
    kind: "beat",
    host: hostNameProblem(ip) === null ? ip : "unknown",
    ip,
    port,
    series: null,
    sentMs: null,
    reportedIp: null,
    intervalMs: null,
    graceMs: null,
    rttMs: null,
    version: null,
    transport: "udp",
    path: "text",
    ...rawPayload(text),
    signed: false,
  };
}

/**
 * `time` and `seq` as they came, so that the sender knows which message is meant. What is no number
 * is left out: it could be so long that the answer fits no datagram.
 */
function ackOf({ host, payload }: Message, nowMs: number): Fields {
  const { time, seq } = payload as Fields;
  const echo = {
    ...(typeof time === "number" && { time }),
    ...(typeof seq === "number" && { seq }),
  };
  return { ID: "ACK", name: host, ...echo, server_time: nowMs / 1000 };
}

function plainAddress(address: string): string {
  return address.startsWith(MAPPED_IPV4) ? address.slice(MAPPED_IPV4.length) : address;
}
