/**
 * One TCP port that speaks HTTP, or HTTPS. What comes before there is a handler waits for it, and an
 * end waits for requests under way, but not long.
 */

import { getLogger } from "@logtape/logtape";
import type { TlsPair } from "./tls_files.ts";

const log = getLogger(["hbd", "server"]);

/** Time that requests under way get at a stop. */
const DRAIN_MS = 800;

/** Answers one request. */
export type Answer = (
  request: Request,
  sender: Deno.ServeHandlerInfo,
) => Response | Promise<Response>;

export interface Place {
  readonly hostname: string;
  /** 0: any that is free. */
  readonly port: number;
}

/** A port that is open. */
export interface Listener {
  /** What is really bound. */
  readonly addr: Deno.NetAddr;
  /** Stops listening and lets the requests under way end, but does not wait for them long. */
  close(): Promise<void>;
}

/**
 * Opens a port. Throws when that is not possible.
 *
 * @param tls the certificate; null: plain HTTP
 * @param isShared others of this process may open the port too, and get a part of the connections
 */
export function listen(
  { hostname, port }: Place,
  answer: Answer,
  tls: TlsPair | null = null,
  isShared = false,
): Listener {
  const server = Deno.serve({
    hostname,
    port,
    ...(tls !== null && { cert: tls.cert, key: tls.key }),
    ...(isShared && { reusePort: true }),
    automaticCompression: false,
    onListen: () => {},
    onError(error) {
      log.error("Request failed: {error}", { error });
      const message = "Internal error: see the log";
      return Response.json({ error: { code: "internal", message, field: null } }, { status: 500 });
    },
  }, answer);
  return {
    addr: server.addr,
    async close(): Promise<void> {
      const limit = Promise.withResolvers<void>();
      const timer = setTimeout(limit.resolve, DRAIN_MS);
      await Promise.race([server.shutdown(), limit.promise]);
      clearTimeout(timer);
    },
  };
}

/** Answers by `ready` once that is there; until then requests wait. */
export function whenReady(ready: Promise<Answer>): Answer {
  let handle: Answer = async (request, sender) => (await ready)(request, sender);
  void ready.then((handler) => {
    handle = handler;
  }, () => {});
  return (request, sender) => handle(request, sender);
}
