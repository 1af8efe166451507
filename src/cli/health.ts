/**
 * `hbd health [URL]`: asks a running server whether it works, for scripts and containers that have
 * no `curl`. The exit code is the answer: 0 it runs, 1 it does not answer.
 *
 * A server of which a part does not work (a full disk, a mail server that is away) still watches, and
 * starting it again would mend nothing: that is 0 as well, with the problems told, unless `--strict`.
 */

import { type CommandLine, UsageError } from "../config/command_line.ts";
import type { Config } from "../config/config.ts";
import { loadConfig } from "../config/load.ts";
import { CONFIG_OPTION, option, refuseFrom, type Tool, ToolError } from "./tool.ts";

/** A server that takes longer than this does not work. Containers wait for 30 s at most. */
const LIMIT_MS = 5000;

/** What is used of the answer; with users, strangers get the status alone. */
interface Health {
  readonly status: string;
  readonly problems?: readonly { readonly part: string; readonly message: string }[];
}

export const health: Tool = {
  name: "health",
  usage: [["health [URL] [-c FILE]", "ask a running server whether it works: exit code 0 or 1"]],
  options: new Map([...CONFIG_OPTION, option("--strict")]),
  optionHelp: [["--strict", "exit code 1 also when only a part does not work"]],
  run: async (line, { out, note }) => {
    const url = await urlOf(line);
    const { status, problems = [] } = await ask(url);
    out(`${status}\n`);
    for (const { part, message } of problems) note(`${part}: ${message}\n`);
    return status === "ok" || !line.given.has("--strict") ? 0 : 1;
  },
};

async function urlOf({ words, given }: CommandLine): Promise<URL> {
  refuseFrom(words, 1);
  const [word] = words;
  if (word === undefined) return new URL("/healthz", homeOf(await loadConfig(configOf(given))));
  if (given.has("--config")) throw new UsageError("Give URL or -c FILE: both say where to ask");
  const url = URL.canParse(word) ? new URL(word) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`URL must be that of a server, http://localhost:50004: got "${word}"`);
  }
  if (!url.pathname.endsWith("/healthz")) {
    url.pathname = `${url.pathname.replace(/\/+$/, "")}/healthz`;
  }
  return url;
}

function configOf(given: ReadonlyMap<string, string>): string | null {
  return given.get("--config") ?? null;
}

/** Where a server with that configuration is reached from its own machine. */
function homeOf({ bindAddress, httpPort, web }: Config): string {
  const everywhere: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };
  // A certificate is for a name.
  const host = web.https ? "localhost" : everywhere[bindAddress] ?? bindAddress;
  const written = host.includes(":") ? `[${host}]` : host;
  return `${web.https ? "https" : "http"}://${written}:${httpPort}`;
}

async function ask(url: URL): Promise<Health> {
  let response: Response;
  try {
    response = await fetch(url, {
      headers: { accept: "application/json" },
      redirect: "manual",
      signal: AbortSignal.timeout(LIMIT_MS),
    });
  } catch (error) {
    throw new ToolError(`No answer from ${url}: ${reasonOf(error)}`, { cause: error });
  }
  const text = await response.text().catch(() => "");
  const found = healthIn(text);
  if (found === null) {
    throw new ToolError(`${url} answered ${response.status}, but not as hbd does`);
  }
  return found;
}

function healthIn(text: string): Health | null {
  try {
    const found = JSON.parse(text) as Partial<Health> | null;
    return typeof found?.status === "string" ? found as Health : null;
  } catch {
    return null;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `none within ${LIMIT_MS / 1000} s`;
  const text = error.cause instanceof Error ? error.cause.message : error.message;
  return text.replace(/^error sending request for url \([^)]*\): (client error \(\w+\): )?/, "");
}
