/** A service manager for tests: a real unix datagram socket, and what was told to it, with times. */

import { join } from "@std/path";

/** A message as it came, and when, monotonic milliseconds. */
export interface Told {
  readonly text: string;
  readonly atMs: number;
}

export class Manager implements AsyncDisposable {
  /** What NOTIFY_SOCKET has to be. */
  readonly address: string;
  readonly told: Told[] = [];
  readonly #socket: Deno.DatagramConn;
  readonly #reading: Promise<void>;
  readonly #cleanUp: () => Promise<void>;

  private constructor(path: string, address: string, cleanUp: () => Promise<void>) {
    this.address = address;
    this.#cleanUp = cleanUp;
    this.#socket = Deno.listenDatagram({ transport: "unixpacket", path });
    this.#reading = this.#read();
  }

  /** Listens on a socket in a folder of its own. */
  static async start(): Promise<Manager> {
    const dir = await Deno.makeTempDir({ prefix: "hbd-notify-" });
    const path = join(dir, "notify");
    return new Manager(path, path, () => Deno.remove(dir, { recursive: true }));
  }

  /** Listens on a name in the abstract namespace. */
  static startAbstract(): Manager {
    const name = `hbd-test-${crypto.randomUUID()}`;
    return new Manager(`\0${name}`, `@${name}`, () => Promise.resolve());
  }

  /** The messages that have this line. */
  with(line: string): readonly Told[] {
    return this.told.filter(({ text }) => text.split("\n").includes(line));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await this.#reading;
    await this.#cleanUp();
  }

  async #read(): Promise<void> {
    for await (const [bytes] of this.#socket) {
      this.told.push({ text: new TextDecoder().decode(bytes), atMs: performance.now() });
    }
  }
}
