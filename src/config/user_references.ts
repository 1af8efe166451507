/**
 * Names of users in a checked file that nobody has. Without users all of them are allowed and mean
 * nothing, so that a file can be made ready before the first user is in it.
 */

import type { FileConfig } from "./schema.ts";
import { didYouMean, type KeyProblem } from "./yaml_file.ts";

/** Finds owners, managers and monitors who are no users. */
export function userProblems({ users, hosts, default_owner }: FileConfig): readonly KeyProblem[] {
  if (users.size === 0) return [];
  const names = [...users.keys()];
  const check = (path: readonly string[], key: string, name: string): readonly KeyProblem[] =>
    users.has(name)
      ? []
      : [{ path, text: `${key} names no user: got ${JSON.stringify(name)}, ${hint(name, names)}` }];
  return [
    ...(default_owner === null ? [] : check(["default_owner"], "default_owner", default_owner)),
    ...Array.from(hosts, ([host, { owner, managers = [], monitors = [] }]) => [
      ...(owner === undefined ? [] : check(["hosts", host, "owner"], `hosts.${host}.owner`, owner)),
      ...Object.entries({ managers, monitors }).flatMap(([role, people]) =>
        people.flatMap((name, i) =>
          check(["hosts", host, role, String(i)], `hosts.${host}.${role}`, name)
        )
      ),
    ]).flat(),
  ];
}

/** Users may be many: then only a near one is named. */
function hint(name: string, names: readonly string[]): string {
  const text = didYouMean(name, names);
  return names.length <= 20 || text.startsWith("did you mean")
    ? text
    : "add it to users, or name one from there";
}
