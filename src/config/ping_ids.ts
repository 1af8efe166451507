/** Ping ids that two hosts share: a ping by such an id would beat for one of them alone. */

import type { Config } from "./config.ts";
import type { KeyProblem } from "./yaml_file.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A ping id as it is compared: UUIDs may be written in upper case, too. */
export function plainPingId(id: string): string {
  return UUID.test(id) ? id.toLowerCase() : id;
}

/** Finds hosts with a ping id that one before them has. */
export function pingIdProblems({ hosts }: Pick<Config, "hosts">): readonly KeyProblem[] {
  const owners = new Map<string, string>();
  return Array.from(hosts, ([host, { pingIds = [] }]) =>
    pingIds.flatMap(({ value }, i) => {
      const id = plainPingId(value);
      const owner = owners.get(id);
      if (owner === undefined) owners.set(id, host);
      if (owner === undefined || owner === host) return [];
      const text = `hosts.${host}.ping_id is one of ${JSON.stringify(owner)}, too: ` +
        "each stands for one host";
      return [{ path: ["hosts", host, "ping_id", String(i)], text }];
    })).flat();
}
