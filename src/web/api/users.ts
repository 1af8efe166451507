/**
 * Users, who one is oneself, and the keys with which programs ask in one's name.
 *
 * Keys are made and revoked by who has logged in: a key that got into wrong hands cannot make others.
 */

import { z } from "zod";
import { type ApiKey, TooManyKeys } from "../../access/api_keys.ts";
import type { Principal } from "../../access/principal.ts";
import { RequestError } from "../request_error.ts";
import { type Route, route } from "../route.ts";
import { seconds } from "../seconds.ts";
import type { View } from "../view.ts";
import { time } from "./fields.ts";

const KEYS = "/api/0/users/me/keys";

const user = z.object({ name: z.string(), full_name: z.string().nullable(), admin: z.boolean() })
  .meta({ id: "User" });

const keyShape = {
  id: z.string(),
  name: z.string(),
  read_only: z.boolean(),
  created: time,
  last_used: time.nullable().meta({ description: "Since the start of the server" }),
};
const apiKey = z.object(keyShape).meta({ id: "ApiKey" });

/** `/api/0/users` and what is below it. */
export function userRoutes(view: View): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/api/0/users",
      id: "listUsers",
      summary: "All users",
      tag: "Users",
      needs: "reader",
      answer: z.object({ users: z.array(user) }),
      handle: () => ({
        users: Array.from(view.config().users, ([name, { fullName, admin }]) => ({
          name,
          full_name: fullName,
          admin,
        })),
      }),
    }),
    route({
      method: "GET",
      path: "/api/0/users/me",
      id: "getMe",
      summary: "Who one is, and what that allows",
      tag: "Users",
      needs: "anybody",
      answer: z.object({
        user: z.string().nullable(),
        full_name: z.string().nullable(),
        admin: z.boolean().meta({ description: "May see all there is, the settings too" }),
        via: z.enum(["anonymous", "cookie", "session", "api_key", "command_token"]),
        may_change: z.boolean(),
        users_configured: z.boolean(),
        keys_url: z.string(),
      }),
      handle({ who, access }) {
        return {
          user: who.user,
          full_name: view.config().users.get(who.user ?? "")?.fullName ?? null,
          admin: who.reach === "everything",
          via: who.via,
          may_change: who.reach !== "nothing" && who.most !== "monitor",
          users_configured: access.hasUsers,
          keys_url: KEYS,
        };
      },
    }),
    route({
      method: "GET",
      path: KEYS,
      id: "listKeys",
      summary: "One's own API keys, without their secrets",
      tag: "Users",
      needs: "user",
      answer: z.object({ keys: z.array(apiKey) }),
      handle: ({ who }) => ({ keys: view.apiKeys.listOf(userOf(who)).map(keyJson) }),
    }),
    route({
      method: "POST",
      path: KEYS,
      id: "createKey",
      summary: "Make an API key; its secret is told this once",
      tag: "Users",
      needs: "user",
      body: z.strictObject({
        name: z.string().regex(/^\P{Cc}{1,64}$/u, "must have 1 to 64 characters, and no others"),
        read_only: z.boolean().default(true),
      }),
      bodySample: '{"name": "grafana", "read_only": true}',
      answer: z.object({ ...keyShape, secret: z.string() }),
      status: 201,
      errors: [409],
      async handle({ who, body }) {
        const user = loggedIn(who);
        try {
          const { key, secret } = await view.apiKeys.create(
            user,
            body.name.toWellFormed(),
            body.read_only,
          );
          return { ...keyJson(key), secret };
        } catch (error) {
          if (error instanceof TooManyKeys) throw new RequestError(409, error.message);
          throw error;
        }
      },
    }),
    route({
      method: "DELETE",
      path: `${KEYS}/{id}`,
      id: "revokeKey",
      summary: "Revoke one of one's own API keys",
      tag: "Users",
      needs: "user",
      answer: z.object({ id: z.string(), revoked: z.literal(true) }),
      errors: [404],
      async handle({ who, params: { id = "" } }) {
        if (await view.apiKeys.revoke(loggedIn(who), id)) return { id, revoked: true };
        throw new RequestError(404, `You have no key with the id ${JSON.stringify(id)}`);
      },
    }),
  ];
}

function userOf({ user }: Principal): string {
  if (user !== null) return user;
  throw new RequestError(403, "Only users of the configuration have keys");
}

function loggedIn(who: Principal): string {
  const user = userOf(who);
  if (who.via === "cookie" || who.via === "session") return user;
  throw new RequestError(403, "Keys are made and revoked by who has logged in, not with a key");
}

function keyJson({ id, name, readOnly, createdMs, lastUsedMs }: ApiKey) {
  return {
    id,
    name,
    read_only: readOnly,
    created: seconds(createdMs),
    last_used: seconds(lastUsedMs),
  };
}
