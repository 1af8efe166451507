/**
 * Every route with everybody who can come to it. The routes are taken from where they are declared,
 * so that none can be added without being tried here.
 */

import { assert, assertEquals } from "@std/assert";
import type { Role } from "../../src/access/principal.ts";
import { includesRole } from "../../src/access/principal.ts";
import { apiRoutes } from "../../src/web/api/routes.ts";
import type { Route } from "../../src/web/route.ts";
import { asUser, COMMAND_TOKEN, inBrowser, peopleBench, stir, withKey } from "./people.ts";
import type { Asked, Bench } from "./support.ts";

interface Comer {
  readonly what: string;
  /** At `web1`; null: none. */
  readonly role: Role | null;
  readonly isAdmin?: boolean;
  /** Nobody that is known. */
  readonly isStranger?: boolean;
  /** What it shows is no good: in a header, or in a cookie. */
  readonly bad?: "header" | "cookie";
  readonly isForeignPage?: boolean;
  readonly isReadOnly?: boolean;
  /** A session, by cookie or token. */
  readonly isLoggedIn?: boolean;
  come(bench: Bench): Promise<Asked> | Asked;
}

const bearer = (token: string): Asked => ({ headers: { authorization: `Bearer ${token}` } });
const cookie = (token: string): Asked => ({ headers: { cookie: `hbd_session=${token}` } });

const STRANGER = { role: null, isStranger: true } as const;
const FOREIGN = { origin: "https://evil.example" };

const COMERS: readonly Comer[] = [
  { what: "nobody", ...STRANGER, come: () => ({}) },
  { what: "a wrong token", ...STRANGER, bad: "header", come: () => bearer("x") },
  {
    what: "a wrong X-Auth-Token",
    ...STRANGER,
    bad: "header",
    come: () => ({ headers: { "x-auth-token": "hbk_x" } }),
  },
  { what: "a wrong cookie", ...STRANGER, bad: "cookie", come: () => cookie("x") },
  {
    what: "the command_token in a cookie",
    ...STRANGER,
    bad: "cookie",
    come: () => cookie(COMMAND_TOKEN),
  },
  {
    what: "a session that was ended",
    ...STRANGER,
    bad: "header",
    async come(bench) {
      const { token } = await bench.sessions.create("ada");
      await bench.sessions.end(token);
      return bearer(token);
    },
  },
  {
    what: "a session that has expired",
    ...STRANGER,
    bad: "cookie",
    async come(bench) {
      const { token } = await bench.sessions.create("ada");
      bench.watch.nowMs += 31 * 86_400_000;
      return cookie(token);
    },
  },
  {
    what: "a key that was revoked",
    ...STRANGER,
    bad: "header",
    async come(bench) {
      const { key, secret } = await bench.keys.create("ada", "x", false);
      await bench.keys.revoke("ada", key.id);
      return bearer(secret);
    },
  },
  {
    what: "a monitor",
    role: "monitor",
    isLoggedIn: true,
    come: (bench) => asUser(bench, "mona"),
  },
  {
    what: "a manager",
    role: "manager",
    isLoggedIn: true,
    come: (bench) => inBrowser(bench, "mark"),
  },
  { what: "the owner", role: "owner", isLoggedIn: true, come: (bench) => asUser(bench, "olga") },
  { what: "another user", role: null, isLoggedIn: true, come: (bench) => asUser(bench, "otto") },
  {
    what: "an admin",
    role: "owner",
    isAdmin: true,
    isLoggedIn: true,
    come: (bench) => inBrowser(bench, "ada"),
  },
  {
    what: "the owner's key",
    role: "owner",
    come: (bench) => withKey(bench, "olga", false),
  },
  {
    what: "the owner's read-only key",
    role: "monitor",
    isReadOnly: true,
    come: (bench) => withKey(bench, "olga", true),
  },
  {
    what: "an admin's read-only key",
    role: "monitor",
    isAdmin: true,
    isReadOnly: true,
    come: (bench) => withKey(bench, "ada", true),
  },
  {
    what: "the command_token",
    role: "owner",
    isAdmin: true,
    come: () => bearer(COMMAND_TOKEN),
  },
  {
    what: "an admin's browser on a page of another server",
    role: "owner",
    isAdmin: true,
    isLoggedIn: true,
    isForeignPage: true,
    async come(bench) {
      return { headers: { ...(await inBrowser(bench, "ada")).headers, ...FOREIGN } };
    },
  },
  {
    what: "an admin's browser that says only that the page is of another server",
    role: "owner",
    isAdmin: true,
    isLoggedIn: true,
    isForeignPage: true,
    async come(bench) {
      const { headers } = await inBrowser(bench, "ada");
      return { headers: { ...headers, "sec-fetch-site": "cross-site" } };
    },
  },
];

/** Bodies with which a request is right. */
const BODIES: Readonly<Record<string, unknown>> = {
  createHost: { name: "new1" },
  queueCommand: { cmd: "x" },
  createKey: { name: "x" },
  // Who logs in shows who they are by that; what is not right is found out before.
  login: {},
};

/** Routes that ask for a role at a host that their path does not name. */
const ROLES: Readonly<Record<string, Role>> = { getAlert: "monitor", acknowledgeAlert: "manager" };

/** The status of a refusal; null: it is let through. */
function refusal(route: Route, comer: Comer): number | null {
  const { role, isAdmin = false, isStranger = false, isReadOnly = false } = comer;
  const { id, needs } = route;
  const isChange = route.method !== "GET";
  if (isChange && comer.isForeignPage) return 403;
  if (comer.bad === "header") return 401;
  if (route.path.startsWith("/badge/")) return role === null ? 404 : null;
  if (needs === "anybody") return null;
  if (isStranger) return 401;
  const needed = ROLES[id] ?? needs;
  if (needed === "monitor" || needed === "manager" || needed === "owner") {
    if (isChange && isReadOnly) return role === null ? 404 : 403;
    return role === null ? 404 : includesRole(role, needed) ? null : 403;
  }
  if (isChange && isReadOnly) return 403;
  if (needed === "admin") return isAdmin ? null : 403;
  if (needed === "user" && comer.what === "the command_token" && id !== "createHost") return 403;
  if ((id === "createKey" || id === "revokeKey") && comer.isLoggedIn !== true) return 403;
  return null;
}

function pathOf(route: Route, alert: string): string {
  return route.path.replace("{name}", "web1").replace("{plugin}", "cpu")
    .replace("{channel}", "hook").replace("{id}", route.id === "revokeKey" ? "none" : alert);
}

/** What those may be answered who are let through. */
function isThrough(route: Route, status: number): boolean {
  if (route.id === "login") return status === 422;
  if (route.id === "revokeKey") return status === 404;
  return status < 300 || status === 409;
}

{
  await using bench = await peopleBench();
  for (const route of apiRoutes(bench.view)) {
    Deno.test(`${route.method} ${route.path} is answered to who may use it, and to nobody else`, async () => {
      await using bench = await peopleBench();
      for (const comer of COMERS) {
        for (const host of ["web1", "other", "stray"]) await stir(bench, host);
        const { headers = {} } = await comer.come(bench);
        const [alert] = bench.view.alerts()?.ofHost("web1") ?? [];
        const body = BODIES[route.id];
        const answer = await bench.ask(pathOf(route, alert?.id ?? ""), {
          method: route.method,
          headers,
          ...(body !== undefined && { body }),
        });
        const what = `${comer.what}: ${answer.status} ${answer.text.slice(0, 300)}`;
        const right = refusal(route, comer);
        if (right === null) assert(isThrough(route, answer.status), what);
        else {
          assertEquals(answer.status, right, what);
          const codes: Readonly<Record<number, string>> = {
            401: "unauthorized",
            403: "forbidden",
            404: "not_found",
          };
          assertEquals(Object.keys(answer.json), ["error"]);
          assertEquals(Object.keys(answer.json.error), ["code", "message", "field"]);
          assertEquals(answer.json.error.code, codes[right], what);
          assertEquals(answer.headers.get("www-authenticate"), right === 401 ? "Bearer" : null);
        }
        assertEquals(answer.headers.get("access-control-allow-origin"), null, what);
        assertEquals(answer.headers.get("x-content-type-options"), "nosniff", what);
      }
    });
  }
}
