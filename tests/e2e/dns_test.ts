/** A host's address in the DNS, with a real server and a real name server. */

import { assert, assertEquals } from "@std/assert";
import { Named } from "../dns/named.ts";
import { beat, eventually, getJson, Hbd } from "./hbd.ts";

Deno.test("a dyn host that beats is in the DNS; a key that is refused is an alert of the server", async () => {
  await using named = await Named.start();
  const config = (key: string) => `
dyndomains: [example.org]
nsupdate_key: ${key}
nsupdate_server: "127.0.0.1:${named.port}"
hosts:
  web1: {dyn: true}
  other: {dyn: false}
`;
  await using hbd = await Hbd.start({ config: config(named.keyFile) });
  await beat(hbd, { name: "web1" });
  await beat(hbd, { name: "other" });
  await eventually(async () => {
    assertEquals(await named.ask("web1.example.org", "A"), ["60 127.0.0.1"]);
  });
  assertEquals(await named.ask("other.example.org", "A"), []);
  await using refused = await Hbd.start({ config: config(named.wrongKeyFile) });
  await beat(refused, { name: "web1" });
  await eventually(async () => {
    const { alerts } = await getJson(refused, "/api/0/alerts") as {
      alerts: { kind: string; metric: string | null }[];
    };
    assert(alerts.some(({ kind, metric }) => kind === "server" && metric === "dns"));
  }, 90_000);
});
