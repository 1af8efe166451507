/**
 * `hbd top [URL]`: the screen for a server that runs elsewhere, over its API and its WebSocket. It
 * changes nothing there.
 */

import { reasonOf } from "../notify/http.ts";
import type { Facts } from "../screen/context.ts";
import { isRecord, text } from "../screen/json_fields.ts";
import { headersWith, LiveSource } from "../screen/live_source.ts";
import { canShowScreen } from "../screen/tty.ts";
import { curlLine } from "../web/status.ts";
import { onEndingSignal } from "./ending_signals.ts";
import { LogOutput } from "./log_output.ts";
import { openScreen } from "./open_screen.ts";

/** What is looked at. */
export interface TopOptions {
  /** The server, with a path that ends in `/`. */
  readonly url: URL;
  /** A key or token; null: that of the environment, if there is one. */
  readonly token: string | null;
}

/** There is nothing to look at; the message says why and what to do, ready to print. */
export class TopError extends Error {
  override readonly name = "TopError";
}

/** Where the token is when it is not on the command line, where others could read it. */
const TOKEN_VARIABLE = "HBD_TOKEN";

/** A server that does not answer in this time is not there. */
const ANSWER_MS = 10_000;

/** Shows the screen until a key or a signal ends it. Rejects with a TopError. */
export async function top({ url, token }: TopOptions): Promise<void> {
  if (!canShowScreen((name) => Deno.env.get(name))) {
    throw new TopError(
      "top needs a terminal of its own, in the foreground and with a TERM that is not dumb. " +
        `For programs there is the API: curl ${new URL("api/0/hosts", url)}`,
    );
  }
  const secret = token ?? (Deno.env.get(TOKEN_VARIABLE) || null);
  const version = await versionOf(url, secret);
  const ended = Promise.withResolvers<unknown>();
  const end = () => ended.resolve(null);
  onEndingSignal(end);
  // From a terminal that was closed.
  Deno.addSignalListener("SIGHUP", end);
  const fail = (error: unknown) => ended.resolve(error ?? new Error("Unknown error"));
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    fail(event.reason);
  });
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    fail(event.error);
  });

  const { screen, close } = openScreen(({ server }) => factsOf(url, version, server), LOGS);
  const source = new LiveSource({
    url,
    token: secret,
    onMessage: (json) => screen.take(json),
    onLost: (why) => screen.lost(why),
  });
  source.start();
  void screen.ended.then((end) => ended.resolve(end.kind === "failed" ? end.error : null));
  const error = await ended.promise;
  source.stop();
  await close();
  if (error !== null) throw error;
}

/** Nothing is logged here. */
const LOGS = new LogOutput();

/** The version of the server. Rejects with a TopError when it is none, or wants another token. */
async function versionOf(url: URL, token: string | null): Promise<string> {
  const asked = new URL("api/0/server", url);
  let response: Response;
  let body: unknown;
  try {
    const signal = AbortSignal.timeout(ANSWER_MS);
    response = await fetch(asked, { headers: headersWith(token), signal });
    body = await response.json().catch(() => null);
  } catch (error) {
    const why = reasonOf(error, asked.href);
    throw new TopError(`No server answers at ${url}: ${why}${hintFor(why, url)}`);
  }
  if (response.status === 401) {
    throw new TopError(
      token === null
        ? `${url} wants to know who asks: make a key there (docs/USERS.md), and give it in ` +
          `${TOKEN_VARIABLE} or with --token`
        : `${url} does not take this token: it was revoked, or is one of another server`,
    );
  }
  const version = isRecord(body) ? text(body.version, 50) : "";
  if (response.status === 200 && version !== "") return version;
  throw new TopError(
    `${asked} answers with ${response.status}, and not as a Heartbeat server does`,
  );
}

/** What may help, after the reason why there was no answer; empty: nothing is known. */
function hintFor(why: string, url: URL): string {
  if (why.includes("CaUsedAsEndEntity")) {
    return ". Its certificate is that of an authority: make it with basicConstraints=CA:FALSE";
  }
  if (why.includes("certificate")) {
    return ". If it is yours, let DENO_CERT name the file with it, or with that of its authority";
  }
  // How the other protocol looks to this one.
  const isOther = url.protocol === "https:"
    ? why.includes("InvalidContentType")
    : why.includes("invalid HTTP version");
  if (!isOther) return "";
  const other = new URL(url);
  other.protocol = url.protocol === "https:" ? "http:" : "https:";
  return `. Perhaps it is ${other}`;
}

function factsOf(url: URL, version: string, server: { readonly name: string } | null): Facts {
  const name = server === null ? "" : `${server.name} `;
  return {
    head: [url.host, `${name}${version}`],
    rows: [
      ["Looking at", String(url)],
      ["Server", `${name}Heartbeat ${version}`],
    ],
    curl: curlLine(url.host, url.protocol === "https:" ? "https" : "http"),
  };
}
