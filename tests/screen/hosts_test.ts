import { assertEquals } from "@std/assert";
import type { HostChange } from "../../src/screen/feed_message.ts";
import { Hosts } from "../../src/screen/hosts.ts";

function host(name: string, more: Partial<HostChange> = {}): HostChange {
  return { name, state: "up", address: "10.0.0.1", worst: null, ...more };
}

function names(hosts: Hosts, filter = "", nowMs = 0): string {
  return hosts.list(filter, nowMs).map(({ name }) => name).join(" ");
}

function hostsOf(...changes: readonly HostChange[]): Hosts {
  const hosts = new Hosts();
  for (const change of changes) hosts.change(change);
  return hosts;
}

Deno.test("the worst hosts come first, then it goes by name, numbers by their value", () => {
  const hosts = hostsOf(
    host("web10"),
    host("web9"),
    host("Web1"),
    host("gone", { state: "shutdown" }),
    host("away", { state: "paused" }),
    host("fresh", { state: "new" }),
    host("warm", { worst: "WARNING" }),
    host("hot", { worst: "CRITICAL" }),
    host("silent", { state: "down" }),
  );
  assertEquals(names(hosts), "silent hot warm Web1 web9 web10 fresh away gone");
});

Deno.test("a host that goes down moves to the top, and back when it beats again", () => {
  const hosts = hostsOf(host("a"), host("b"), host("c"));
  assertEquals(names(hosts), "a b c");
  hosts.change({ name: "c", state: "down" });
  assertEquals(names(hosts), "c a b");
  hosts.change({ name: "c", state: "up" });
  assertEquals(names(hosts), "a b c");
});

Deno.test("very many hosts are put in order once a second at most", () => {
  const hosts = hostsOf(...Array.from({ length: 1000 }, (_, n) => host(`h${n}`)));
  assertEquals(hosts.list("", 10_000)[0]?.name, "h0");
  hosts.change({ name: "h500", state: "down" });
  assertEquals(hosts.list("", 10_999)[0]?.name, "h0");
  assertEquals(hosts.list("", 11_000)[0]?.name, "h500");
  hosts.remove("h500");
  assertEquals(hosts.list("", 12_000).length, 999);
});

Deno.test("a filter finds a host by an address that it has only now", () => {
  const hosts = hostsOf(host("a"), host("b"));
  assertEquals(names(hosts, "10.9"), "");
  hosts.change(host("b", { address: "10.9.0.1" }));
  assertEquals(names(hosts, "10.9"), "b");
});

Deno.test("a filter finds parts of names and addresses, in any case of letters", () => {
  const hosts = hostsOf(host("Kiosk-1"), host("web", { address: "192.168.1.5" }), host("db"));
  assertEquals(names(hosts, "kio"), "Kiosk-1");
  assertEquals(names(hosts, "192.168"), "web");
  assertEquals(names(hosts, "zzz"), "");
  hosts.change(host("kiosk-2"));
  assertEquals(names(hosts, "KIO"), "Kiosk-1 kiosk-2");
});

Deno.test("what is told in part is put over what is known, and left where nothing is", () => {
  const hosts = hostsOf(host("a", { total: 1, rttMs: 2 }));
  hosts.change({ name: "a", total: 5 });
  assertEquals(hosts.get("a")?.total, 5);
  assertEquals(hosts.get("a")?.rttMs, 2);
  hosts.change({ name: "b", total: 5 });
  assertEquals(hosts.get("b"), null);
  assertEquals(hosts.only()?.name, "a");
});

Deno.test("what is not in a new snapshot is gone once that is complete", () => {
  const hosts = hostsOf(host("a"), host("b"));
  hosts.begin();
  hosts.change(host("b"));
  assertEquals(names(hosts), "a b", "a screen that is being filled does not flicker");
  hosts.change(host("c"));
  hosts.complete();
  assertEquals(names(hosts), "b c");
  hosts.complete();
  assertEquals(names(hosts), "b c");
});
