/**
 * Sends one message and ends: `--once`, `--boot` and `-m`. Tries for some seconds; a note or a boot
 * message that nobody has acknowledged by then stays in the spool, for the client that stays.
 */

import { join } from "@std/path";
import type { Task } from "./args.ts";
import type { ClientConfig } from "./config.ts";
import type { Link } from "./link.ts";
import { beatContent, newSeries, openParts } from "./parts.ts";
import type { PluginType } from "./plugin.ts";
import { collectOnce, makePlugins } from "./runner.ts";
import type { Content } from "./series.ts";
import { Spool } from "./spool.ts";
import { machine } from "./system.ts";

/** How long an answer is waited for, milliseconds. */
const LIMIT_MS = 5000;

/** Time between two attempts, milliseconds. */
const RETRY_MS = 1000;

/**
 * Sends what `task` is about.
 *
 * @param stateDir the folder of the spool; null is none
 * @returns null when a server has acknowledged it, else why it failed and what became of it
 */
export async function sendOnce(
  task: Task,
  config: ClientConfig,
  version: string,
  stateDir: string | null,
): Promise<string | null> {
  const atMs = Date.now();
  const content = contentOf(task, config, version);
  if (await deliver(dated(content, atMs), config)) return null;
  const servers = config.servers.map(({ host, port }) => `${host} (port ${port})`).join(", ");
  const failed = `No answer within ${LIMIT_MS / 1000} s from ${servers}` +
    (config.key === null ? "" : ": is it reachable, and the key the same?");
  if (task.kind !== "note" && task.kind !== "boot") return failed;
  const spool = await Spool.open(stateDir && join(stateDir, "spool"), config.spoolMaxBytes);
  spool.add(content, atMs);
  await spool.flushed();
  return spool.dir === null
    ? `${failed}; the message is lost`
    : `${failed}; the message waits in ${spool.dir} until an hbc that stays delivers it`;
}

/** True once every server, or at the limit at least one, has acknowledged the message. */
async function deliver(content: Content, config: ClientConfig): Promise<boolean> {
  const acked = new Set<Link>();
  const { promise: allAcked, resolve } = Promise.withResolvers<void>();
  let seq = -1;
  await using parts = await openParts(config, {
    onMessage(message, from) {
      if (message.kind === "ack" && message.seq === seq) acked.add(from);
      if (acked.size === config.servers.length) resolve();
    },
    onChange() {},
  });
  const { series, links } = parts;
  seq = series.next();
  let attempt = 0;
  const send = (): void => {
    for (const link of links) {
      if (acked.has(link)) continue;
      if (content.ID === "HTB") link.beat(content, seq);
      else if (link.addresses.length === 0) void link.lookUp();
      else link.send(content, seq, attempt);
    }
    attempt += 1;
  };
  send();
  const retries = setInterval(send, RETRY_MS);
  const limit = Promise.withResolvers<void>();
  const timer = setTimeout(limit.resolve, LIMIT_MS);
  await Promise.race([allAcked, limit.promise]);
  clearInterval(retries);
  clearTimeout(timer);
  return acked.size > 0;
}

/**
 * Calls `print` with what would be sent, message by message as JSON: for the client that stays a
 * beat and what each plugin finds. Sends nothing.
 */
export async function printRound(
  task: Task,
  config: ClientConfig,
  version: string,
  pluginTypes: readonly PluginType[],
  print: (line: string) => void,
): Promise<void> {
  const series = await newSeries(config);
  const show = (content: Content): void =>
    print(JSON.stringify(series.fields(content, series.next())));
  show(dated(contentOf(task, config, version), Date.now()));
  if (task.kind !== "beat") return;
  const never = new AbortController().signal;
  for (const scheduled of await makePlugins(config.plugins, pluginTypes, machine)) {
    const { plugin, intervalS } = scheduled;
    const data = await collectOnce(scheduled, never);
    const interval = plugin.kind === "info" ? {} : { interval: intervalS };
    show({ ID: "PLG", plugin: plugin.name, data, ...interval });
  }
}

/**
 * A message with the time it happened, in every attempt: by it the server tells the copy that comes
 * from the spool. A beat is not kept, and says nothing of another time.
 */
function dated(content: Content, atMs: number): Content {
  return content.ID === "HTB" ? content : { ...content, at: atMs / 1000 };
}

function contentOf(task: Task, config: ClientConfig, version: string): Content {
  switch (task.kind) {
    case "boot":
      return { ID: "BOOT" };
    case "note":
      return { ID: "MSG", message: task.text, level: "info" };
    case "beat":
    case "once":
      return beatContent(config, version);
  }
}
