/** Logging in and out. A browser gets a cookie that no script can read; a program keeps the token. */

import type { Context } from "hono";
import { z } from "zod";
import { MAX_PASSWORD_CHARS } from "../../access/password.ts";
import { clientAddress } from "../client_address.ts";
import { credentialOf } from "../identify.ts";
import { unauthorized } from "../permit.ts";
import { RequestError } from "../request_error.ts";
import { type Env, type Route, route } from "../route.ts";
import { seconds } from "../seconds.ts";
import { sessionCookie } from "../session_cookie.ts";
import type { View } from "../view.ts";
import { time } from "./fields.ts";

const HEADERS = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

/** `/api/0/auth/login` and `/api/0/auth/logout`. */
export function authRoutes(view: View): readonly Route[] {
  const cookieRequest = (c: Context<Env>) => ({
    request: c.req.raw,
    remoteAddr: c.env.remoteAddr,
    trustedProxies: view.config().web.trustedProxies,
  });
  return [
    route({
      method: "POST",
      path: "/api/0/auth/login",
      id: "login",
      summary: "Log in: gives a token for programs, and sets the cookie of browsers",
      tag: "Users",
      needs: "anybody",
      body: z.strictObject({
        user: z.string().min(1).max(255),
        password: z.string().min(1).max(MAX_PASSWORD_CHARS),
        remember: z.boolean().default(false)
          .meta({ description: "Whether the cookie outlives the browser" }),
      }),
      bodySample: '{"user": "alice", "password": "…"}',
      answer: z.object({ token: z.string(), user: z.string(), expires: time }),
      errors: [429, 503],
      async handle({ c, body: { user, password, remember }, nowMs }) {
        const { users, web } = view.config();
        if (users.size === 0) throw new RequestError(403, "No users are configured");
        const { headers } = c.req.raw;
        const address = clientAddress(headers, c.env.remoteAddr, web.trustedProxies);
        const agent = headers.get("user-agent");
        const outcome = await view.login.login(user, password, address, agent);
        if (!outcome.ok) {
          if (outcome.reason === "wrong") throw unauthorized("The user or the password is wrong");
          const retryAfterS = Math.max(1, Math.ceil(outcome.retryAfterS));
          const more = { headers: { "retry-after": String(retryAfterS) } };
          throw outcome.reason === "limited"
            ? new RequestError(429, `Too many tries: wait ${retryAfterS} seconds`, more)
            : new RequestError(503, "Too many people log in at this moment: try again", more);
        }
        const { token, expiresMs } = outcome;
        const maxAgeS = remember ? (expiresMs - nowMs) / 1000 : null;
        c.header("set-cookie", sessionCookie(cookieRequest(c), token, maxAgeS));
        return c.json({ token, user, expires: seconds(expiresMs) }, 200, HEADERS);
      },
    }),
    route({
      method: "POST",
      path: "/api/0/auth/logout",
      id: "logout",
      summary: "End the session that the request shows",
      tag: "Users",
      needs: "anybody",
      answer: z.object({ ended: z.boolean().meta({ description: "False: there was none" }) }),
      async handle({ c }) {
        const credential = credentialOf(view, c.req.raw.headers);
        const session = credential === null ? null : view.sessions.find(credential.secret);
        if (credential !== null && session !== null) await view.sessions.end(credential.secret);
        c.header("set-cookie", sessionCookie(cookieRequest(c), "", 0));
        return c.json({ ended: session !== null }, 200, HEADERS);
      },
    }),
  ];
}
