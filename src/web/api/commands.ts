/** Commands for a host. They make a machine do something, so who only looks does not see them. */

import { z } from "zod";
import { type Command, CommandTooLong, QueueFull } from "../../commands/queue.ts";
import { RequestError } from "../request_error.ts";
import { type Route, route } from "../route.ts";
import { seconds } from "../seconds.ts";
import type { View } from "../view.ts";
import { hostName, time } from "./fields.ts";

const DAY_S = 86_400;

const command = z.object({
  id: z.string(),
  cmd: z.string(),
  args: z.array(z.string()),
  state: z.enum(["queued", "done", "expired"]),
  queued: time,
  expires: time,
  done: time.nullable(),
  exit: z.number().nullable(),
  output: z.string().nullable(),
}).meta({ id: "Command" });

const body = z.strictObject({
  cmd: z.string().min(1).max(64),
  args: z.array(z.string().max(1000)).max(50).default([]),
  expires: z.number().positive().max(30 * DAY_S).default(3600)
    .meta({ description: "Seconds after which it is given up" }),
});

/** `/api/0/hosts/{name}/commands`. */
export function commandRoutes(view: View): readonly Route[] {
  const path = "/api/0/hosts/{name}/commands";
  return [
    route({
      method: "GET",
      path,
      id: "listCommands",
      summary: "The last commands for a host, the newest first",
      tag: "Commands",
      needs: "manager",
      answer: z.object({
        hostname: hostName,
        takes_commands: z.boolean().meta({ description: "It signs, and so can be sent commands" }),
        commands: z.array(command),
      }),
      errors: [404],
      handle: ({ params: { name = "" }, nowMs }) => ({
        hostname: name,
        takes_commands: view.takesCommands(name),
        commands: view.commands.list(name).map((one) => commandJson(one, nowMs)),
      }),
    }),
    route({
      method: "POST",
      path,
      id: "queueCommand",
      summary: "Queue a command for a host that signs",
      tag: "Commands",
      needs: "manager",
      body,
      bodySample: '{"cmd": "name", "args": ["…"], "expires": 3600}',
      answer: command,
      status: 201,
      errors: [404, 409, 503],
      async handle({ params: { name = "" }, body: { cmd, args, expires } }) {
        if (!view.takesCommands(name)) {
          const host = `Host ${JSON.stringify(name)}`;
          throw new RequestError(409, `${host} has no key: commands go only to clients that sign`);
        }
        try {
          const command = await view.commands.add(name, cmd, args, expires * 1000);
          return commandJson(command, view.nowMs());
        } catch (error) {
          const reason = `Not queued: ${error instanceof Error ? error.message : error}`;
          if (error instanceof CommandTooLong) {
            throw new RequestError(422, reason, { field: "args" });
          }
          throw new RequestError(error instanceof QueueFull ? 409 : 503, reason);
        }
      },
    }),
  ];
}

function commandJson({ id, cmd, args, queuedMs, expiresMs, result }: Command, nowMs: number) {
  return {
    id,
    cmd,
    args,
    state: result !== null ? "done" : nowMs >= expiresMs ? "expired" : "queued",
    queued: seconds(queuedMs),
    expires: seconds(expiresMs),
    done: seconds(result?.atMs ?? null),
    exit: result?.exit ?? null,
    output: result?.output ?? null,
  };
}
