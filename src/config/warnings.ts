/** What is allowed in a configuration and still should be changed, for `hbd check` and the log. */

import type { Config } from "./config.ts";
import { MIN_ITERATIONS, parsePasswordHash } from "./password_hash.ts";

type Checked = Pick<Config, "users" | "defaultOwner" | "web">;

/** One line for each thing, ready to print. */
export function warningsOf({ users, defaultOwner, web }: Checked): readonly string[] {
  const all = [...users.values()];
  const isClosed = all.length > 0 && all.every(({ password }) => password === null);
  return [
    ...(isClosed
      ? ["users: nobody has a password, so nobody can log in. To make one: hbd passwd USER"]
      : []),
    ...(all.length > 0 && defaultOwner === null && !all.some(({ admin }) => admin)
      ? [
        "users: nobody has admin: true, and there is no default_owner, so nobody sees hosts that " +
        "name no owner",
      ]
      : []),
    ...(all.length > 0 && web.allowAnonymousChanges
      ? ["allow_anonymous_changes means nothing while there are users"]
      : []),
    ...(web.https && web.extraPorts.length > 0
      ? [
        `extra_ports (${web.extraPorts.join(", ")}) speak no TLS: who logs in there sends the ` +
        "password for everybody to read. Let only old clients reach them",
      ]
      : []),
    ...weakHashes(users),
  ];
}

function weakHashes(users: Config["users"]): readonly string[] {
  return Array.from(users, ([name, { password }]) => {
    if (password === null) return [];
    const iterations = parsePasswordHash(password.value)?.iterations ?? MIN_ITERATIONS;
    if (iterations >= MIN_ITERATIONS) return [];
    return [
      `users.${name}.password has ${iterations} iterations, fewer than ${MIN_ITERATIONS}: ` +
      `whoever gets hold of the file tries out passwords faster. ` +
      `To make a new one: hbd passwd ${shellWord(name)}`,
    ];
  }).flat();
}

/** So that the line can be pasted. */
function shellWord(text: string): string {
  return /^[\w.@+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
