/**
 * What belongs to one host: the samples of its plugins, and the commands that wait for it.
 *
 * Commands make a machine do something, so whoever queues or reads them shows the `command_token`
 * of the configuration as a bearer; while there is none, nobody can.
 */

import { type Context, Hono } from "hono";
import { z } from "zod";
import { type Command, CommandTooLong, QueueFull } from "../commands/queue.ts";
import type { Sample } from "../monitor/history.ts";
import { methodNotAllowed } from "./method_not_allowed.ts";
import { RequestError, unknownHost } from "./request_error.ts";
import type { View } from "./view.ts";
import { type Env, requireToken } from "./who_may.ts";

/** Samples answered where the request does not say. */
const SAMPLES = 10;
const SAMPLES_AT_MOST = 10_000;

/** Longest body that is read, bytes. */
const MAX_BODY = 16_384;

const DAY_S = 86_400;

const commandSchema = z.strictObject({
  cmd: z.string().min(1).max(64),
  args: z.array(z.string().max(1000)).max(50).default([]),
  /** Seconds after which it is given up. */
  expires: z.number().positive().max(30 * DAY_S).default(3600),
});

const COMMAND_SAMPLE = '{"cmd": "name", "args": ["…"], "expires": 3600}';

/** The routes below `/api/0/hosts/{name}/`. */
export function createHostApi(view: View): Hono<Env> {
  const api = new Hono<Env>({ strict: false });
  api.get("/api/0/hosts/:name/plugins", (c) => {
    const name = c.req.param("name");
    if (view.host(name) === null) throw unknownHost(name);
    const plugins = view.plugins(name).map(({ plugin, newest, count }) =>
      `${JSON.stringify(plugin)}:{"timestamp":${newest.atMs / 1000},` +
      `"data":${newest.text},"sample_count":${count}}`
    );
    return json(c, `{"hostname":${JSON.stringify(name)},"plugins":{${plugins.join(",\n")}}}`);
  });
  api.get("/api/0/hosts/:name/plugins/:plugin", (c) => {
    const { name, plugin } = c.req.param();
    if (view.host(name) === null) throw unknownHost(name);
    const text = c.req.query("limit") ?? String(SAMPLES);
    const limit = Number(text);
    if (!Number.isInteger(limit) || limit < 1 || limit > SAMPLES_AT_MOST) {
      const error = `limit must be a whole number from 1 to ${SAMPLES_AT_MOST}: got "${text}"`;
      return c.json({ error }, 400);
    }
    const samples = view.samples(name, plugin, limit);
    if (samples === null) {
      const error = `Host ${JSON.stringify(name)} has no plugin ${JSON.stringify(plugin)}`;
      return c.json({ error }, 404);
    }
    const head = `{"hostname":${JSON.stringify(name)},"plugin":${JSON.stringify(plugin)}`;
    return json(c, `${head},"samples":[${samples.map(sampleText).join(",\n")}]}`);
  });

  api.use("/api/0/hosts/:name/commands", async (c, next) => {
    const token = view.commandToken();
    if (token === null) {
      throw new RequestError(403, "Commands are off: set command_token in the configuration");
    }
    requireToken(c, token);
    await next();
  });
  api.get("/api/0/hosts/:name/commands", (c) => {
    const name = c.req.param("name");
    if (view.host(name) === null) throw unknownHost(name);
    const nowMs = view.nowMs();
    const commands = view.commands.list(name).map((command) => commandJson(command, nowMs));
    return c.json({ hostname: name, commands });
  });
  api.post("/api/0/hosts/:name/commands", async (c) => {
    const name = c.req.param("name");
    if (view.host(name) === null) throw unknownHost(name);
    if (!view.takesCommands(name)) {
      const error = `Host ${
        JSON.stringify(name)
      } has no key: commands go only to clients that sign`;
      return c.json({ error }, 409);
    }
    if (Number(c.req.header("content-length") ?? "0") > MAX_BODY) {
      return c.json({ error: `Body is over ${MAX_BODY} bytes` }, 413);
    }
    const body: unknown = await c.req.json().catch(() => undefined);
    if (body === undefined) {
      return c.json({ error: `The body is not JSON. Right is ${COMMAND_SAMPLE}` }, 400);
    }
    const wanted = commandSchema.safeParse(body);
    if (!wanted.success) {
      const [issue] = wanted.error.issues;
      const where = issue?.path.join(".") || "The body";
      const error = `${where}: ${issue?.message}. Right is ${COMMAND_SAMPLE}`;
      return c.json({ error }, 400);
    }
    const { cmd, args, expires } = wanted.data;
    try {
      const command = await view.commands.add(name, cmd, args, expires * 1000);
      return c.json(commandJson(command, view.nowMs()), 201);
    } catch (error) {
      const reason = `Not queued: ${error instanceof Error ? error.message : error}`;
      if (error instanceof CommandTooLong) return c.json({ error: reason }, 400);
      return c.json({ error: reason }, error instanceof QueueFull ? 409 : 503);
    }
  });

  const readOnly = ["/api/0/hosts/:name/plugins", "/api/0/hosts/:name/plugins/:plugin"];
  for (const path of readOnly) api.all(path, (c) => methodNotAllowed(c.req.method, "GET, HEAD"));
  api.all(
    "/api/0/hosts/:name/commands",
    (c) => methodNotAllowed(c.req.method, "GET, HEAD, POST"),
  );
  return api;
}

function sampleText({ atMs, text }: Sample): string {
  return `{"timestamp":${atMs / 1000},"data":${text}}`;
}

function commandJson({ id, cmd, args, queuedMs, expiresMs, result }: Command, nowMs: number) {
  return {
    id,
    cmd,
    args,
    state: result !== null ? "done" : nowMs >= expiresMs ? "expired" : "queued",
    queued: queuedMs / 1000,
    expires: expiresMs / 1000,
    done: result === null ? null : result.atMs / 1000,
    exit: result?.exit ?? null,
    output: result?.output ?? null,
  };
}

function json(c: Context, text: string): Response {
  c.header("content-type", "application/json");
  return c.body(text);
}
