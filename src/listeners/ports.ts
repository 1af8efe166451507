/**
 * The TCP ports of the server: the main one, for everything; two for WebSockets alone, as the
 * daemon had them that this one takes the place of (`ws_port`, and `wss_port` with TLS); and those
 * of other servers whose clients shall not be touched (`extra_ports`): as the main one, but without
 * TLS, which those clients do not speak.
 *
 * The main port is bound first, so that a port in use is said at once; requests that come before
 * the state is recovered wait for it. Without the plain WebSocket port the server goes on: its own
 * pages do not need it.
 */

import { getLogger } from "@logtape/logtape";
import { type Answer, listen, type Listener, type Place, whenReady } from "./listener.ts";
import { readTlsPair, type TlsPair, type TlsPaths, TlsWatch } from "./tls_files.ts";
import { TlsListener } from "./tls_listener.ts";

const log = getLogger(["hbd", "server"]);

/** How often it is looked whether the files of the certificate have changed. */
const LOOK_MS = 5000;

/** What of the configuration matters to ports. */
export interface PortSettings {
  readonly bindAddress: string;
  readonly httpPort: number;
  readonly web: {
    readonly wsPort: number | null;
    readonly wssPort: number | null;
    /** 0: any that is free. */
    readonly extraPorts: readonly number[];
    readonly https: boolean;
    readonly certFile: string | null;
    readonly keyFile: string | null;
  };
}

export interface PortOptions {
  readonly settings: PortSettings;
  /** Answers on the main port and the extra ones, once it is there. */
  readonly ready: Promise<Answer>;
  /** The same on the ports for WebSockets. */
  readonly socketsReady: Promise<Answer>;
  /** Part `tls` does not work, or (null) works again. */
  readonly onTrouble: (part: "tls", error: Error | null) => void;
  /** Milliseconds between two looks at the files of the certificate. @default {5000} */
  readonly lookMs?: number;
}

/** Keys of the configuration that name ports which are needed, beside the main one. */
export type PortKey = "wss_port" | "extra_ports";

/** A port that is needed could not be opened; the message says which, and the cause why. */
export class PortError extends Error {
  override readonly name = "PortError";
  readonly key: PortKey;
  readonly port: number;

  constructor(key: PortKey, port: number, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`Port ${port} (${key}) cannot be opened: ${why}`, { cause });
    this.key = key;
    this.port = port;
  }
}

export class Ports {
  readonly #options: PortOptions;
  readonly #main: Listener;
  readonly #tls: TlsListener[] = [];
  readonly #extra: Listener[] = [];
  #ws: Listener | null = null;
  #wss: TlsListener | null = null;
  #watch: TlsWatch | null = null;
  #timer: ReturnType<typeof setInterval> | null = null;
  #renewing: Promise<void> = Promise.resolve();
  #isTroubled = false;

  private constructor(options: PortOptions, pair: TlsPair | null) {
    this.#options = options;
    const { bindAddress: hostname, httpPort: port, web } = options.settings;
    const answer = whenReady(options.ready);
    if (web.https && pair !== null) {
      const listener = new TlsListener({ hostname, port }, answer, pair);
      this.#tls.push(listener);
      this.#main = listener;
    } else this.#main = listen({ hostname, port }, answer);
  }

  /**
   * Opens the ports, the main one first. Rejects with what `Deno.serve` throws for the main port, a
   * PortError for wss_port and extra_ports, and a TlsFileError for a certificate that cannot be
   * used; then none stays open.
   */
  static async open(options: PortOptions): Promise<Ports> {
    const paths = tlsPaths(options.settings);
    const watch = paths === null ? null : new TlsWatch(paths);
    const pair = paths === null ? null : await readTlsPair(paths);
    const ports = new Ports(options, pair);
    try {
      ports.#openExtra();
      ports.#openSockets(pair);
    } catch (error) {
      await ports.close();
      throw error;
    }
    if (watch !== null) {
      ports.#watch = watch;
      ports.#timer = setInterval(() => ports.follow(), options.lookMs ?? LOOK_MS);
    }
    return ports;
  }

  /** The main port as it is really bound. */
  get addr(): Deno.NetAddr {
    return this.#main.addr;
  }

  /** The ports for WebSockets as they are really bound; null: there is none. */
  get wsPort(): number | null {
    return this.#ws?.addr.port ?? null;
  }

  get wssPort(): number | null {
    return this.#wss?.addr.port ?? null;
  }

  /** The extra ports as they are really bound, in the order of the configuration. */
  get extraPorts(): readonly number[] {
    return this.#extra.map(({ addr }) => addr.port);
  }

  /** Takes over the certificate when its files have changed. Never throws. */
  follow(): void {
    if (this.#watch?.hasChanged() === true || this.#isTroubled) this.renew();
  }

  /** Reads the certificate again and takes it over. Settles when that is done; never rejects. */
  renew(): Promise<void> {
    this.#renewing = this.#renewing.then(() => this.#renew());
    return this.#renewing;
  }

  /** Closes all ports; requests under way get a moment. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#watch = null;
    await this.#renewing;
    const all = [this.#main, ...this.#extra, this.#ws, this.#wss];
    await Promise.all(all.map((listener) => listener?.close()));
  }

  #openExtra(): void {
    const { bindAddress: hostname, web: { extraPorts } } = this.#options.settings;
    const answer = whenReady(this.#options.ready);
    for (const port of extraPorts) {
      try {
        this.#extra.push(listen({ hostname, port }, answer));
      } catch (error) {
        throw new PortError("extra_ports", port, error);
      }
    }
  }

  #openSockets(pair: TlsPair | null): void {
    const { bindAddress: hostname, web: { wsPort, wssPort } } = this.#options.settings;
    const answer = whenReady(this.#options.socketsReady);
    if (wsPort !== null) this.#ws = openOrWarn({ hostname, port: wsPort }, answer);
    if (wssPort === null || pair === null) return;
    try {
      this.#wss = new TlsListener({ hostname, port: wssPort }, answer, pair);
    } catch (error) {
      throw new PortError("wss_port", wssPort, error);
    }
    this.#tls.push(this.#wss);
  }

  async #renew(): Promise<void> {
    const paths = tlsPaths(this.#options.settings);
    if (paths === null || this.#watch === null) return;
    try {
      const pair = await readTlsPair(paths);
      for (const listener of this.#tls) await listener.replace(pair);
      log.info("Certificate {certFile} is in use", { certFile: paths.certFile });
      if (this.#isTroubled) this.#options.onTrouble("tls", null);
      this.#isTroubled = false;
    } catch (error) {
      this.#isTroubled = true;
      this.#options.onTrouble("tls", error instanceof Error ? error : new Error(String(error)));
    }
  }
}

/** The files that are needed; null: none are. */
function tlsPaths({ web }: PortSettings): TlsPaths | null {
  const { https, wssPort, certFile, keyFile } = web;
  if (!https && wssPort === null) return null;
  if (certFile === null || keyFile === null) {
    throw new Error("https and wss_port need wss_pem and wss_key");
  }
  return { certFile, keyFile };
}

function openOrWarn(place: Place, answer: Answer): Listener | null {
  try {
    return listen(place, answer);
  } catch (error) {
    log.warn(
      "Port {port} (ws_port) for WebSockets of older clients cannot be opened, the server goes on " +
        "without it: {why}. ws_port: 0 turns it off",
      { port: place.port, why: error instanceof Error ? error.message : String(error) },
    );
    return null;
  }
}
