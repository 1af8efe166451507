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
import { hostNameOf, hostNameProblem, plainAddress } from "../wire/identity.ts";
import type { Message, MessageFacts } from "../wire/message.ts";
import { rawPayload } from "../wire/payload.ts";
import { type DatagramBatch, forEachDatagram } from "./datagram_batch.ts";
import type { Guard, RefusedFor } from "./guard.ts";
import type { Intake } from "./intake.ts";

/** Why a datagram came to nothing. */
export type DropReason = DatagramFault | MessageFault | RefusedFor | "bad_envelope" | "full";

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
    const { settings, nowMs, errands } = this.#options;
    const { acknowledge } = settings();
    const answers: Answer[] = [];
    const writes = new Set<Promise<void>>();
    // A clock that was set back since then must not make them older than they are.
    const receivedMs = Math.min(batch.receivedMs, nowMs());
    forEachDatagram(batch, (datagram, address, port) => {
      this.#received++;
      const taken = this.#one(datagram, address, port, receivedMs);
      if (taken === null) return;
      const { message, peer, written, isNew } = taken;
      writes.add(written);
      if (acknowledge && !message.parseError) {
        answers.push({ peer, fields: ackOf(message, nowMs()) });
      }
      // Whoever repeats a signed datagram need not be the host.
      if (peer.key === null || !isNew) return;
      for (const fields of errands(message)) {
        const { host: name } = message;
        answers.push({ peer, fields: { ...fields, name, time: nowMs() / 1000 } });
      }
    });
    // A server that is stopping answers nobody.
    Promise.all(writes).then(() => {
      for (const { peer, fields } of answers) this.#send(sending, peer, fields);
      sending.flush();
    }, () => {});
  }

  /** Takes one datagram; null when it came to nothing. */
  #one(datagram: Uint8Array, address: string, port: number, receivedMs: number) {
    const { intake, onDropped } = this.#options;
    const ip = plainAddress(address);
    const read = this.#read(datagram, ip, port);
    if (typeof read === "string") {
      onDropped(read, ip);
      return null;
    }
    const refused = this.#refusal(read.message, read.key);
    if (refused !== null) {
      onDropped(refused, ip);
      return null;
    }
    const { message, key } = read;
    const taken = intake.receive(message, receivedMs);
    if (taken === "full" || taken === "replayed") {
      onDropped(taken, ip);
      return null;
    }
    const isNew = taken !== "repeated";
    const written = isNew ? taken : intake.written();
    return { message, written, isNew, peer: { address, port, key } };
  }

  /** Why a message must not be taken, or null. */
  #refusal(message: Message, key: Key | null): RefusedFor | null {
    const guard = this.#options.guard();
    if (key === null) return guard.guards(message.host) ? "unsigned" : null;
    // What a datagram does not say of its sender is not signed.
    if (hostNameOf("", message.payload, "") === "") return "name_not_signed";
    return guard.judge(message, key, this.#options.nowMs());
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
