/** A web hook of the tests: a real HTTP server that keeps what it is told, and can refuse it. */

import { eventually } from "./hbd.ts";

/** A notification as the default body of a webhook has it. */
export interface Told {
  readonly id: string;
  readonly kind: string;
  readonly level: string;
  readonly host: string;
  readonly metric: string | null;
  readonly title: string;
  readonly body: string;
  readonly url: string | null;
}

export class Hook implements AsyncDisposable {
  /** All that was taken, in order. */
  readonly told: Told[] = [];
  /** False: it answers 503. */
  takes = true;
  /** Requests, also those that were refused. */
  asked = 0;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(port = 0) {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port, onListen: () => {} },
      async (request) => {
        this.asked++;
        const body = await request.json();
        if (!this.takes) return new Response("Not now", { status: 503 });
        this.told.push(body);
        return new Response("ok");
      },
    );
  }

  get port(): number {
    return this.#server.addr.port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`;
  }

  /** The first line of each message. */
  texts(): string[] {
    return this.told.map(({ body }) => body.split("\n")[0] ?? "");
  }

  /** Waits for a message whose first line has `pattern`, from number `from` on. */
  next(pattern: RegExp, from = 0): Promise<Told> {
    return eventually(() => {
      const found = this.told.slice(from).find(({ body }) =>
        pattern.test(body.split("\n")[0] ?? "")
      );
      if (found === undefined) {
        throw new Error(`${pattern} is not in ${JSON.stringify(this.texts())}`);
      }
      return found;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}
