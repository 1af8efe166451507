import { assert, assertEquals, assertRejects } from "@std/assert";
import type { PluginData, System } from "../../../src/client/plugin.ts";
import {
  parseNetstatStates,
  parseSockstat,
  parseTcpTable,
} from "../../../src/client/plugins/connections.ts";
import {
  parseNetDev,
  parseNetstatInterfaces,
  parseWindowsInterfaces,
} from "../../../src/client/plugins/net_counters.ts";
import { NetworkMonitor, networkMonitor } from "../../../src/client/plugins/network_monitor.ts";
import { Rates } from "../../../src/client/plugins/numbers.ts";
import { NEVER, realSystem, recorded } from "./real_system.ts";
import { replay } from "./recorded_system.ts";

type Interfaces = Record<string, Record<string, unknown>>;

const SOCKETS = {
  "/proc/net/sockstat": "linux_sockstat.txt",
  "/proc/net/sockstat6": "linux_sockstat6.txt",
  "/proc/net/tcp": "linux_tcp.txt",
  "/proc/net/tcp6": "linux_tcp6.txt",
};

async function collect(system: System, options: Record<string, unknown> = {}) {
  const plugin = await networkMonitor.create(options, system);
  assert(plugin !== null);
  return await plugin.collect(NEVER);
}

const interfacesOf = (data: PluginData) => data.interfaces as Interfaces;

Deno.test("the counters of Linux, errors and drops of both directions together", async () => {
  const interfaces = parseNetDev(await recorded("linux_net_dev_before.txt"));
  assertEquals([...interfaces.keys()], ["lo", "eth0", "br-1f2e3d4c5b6a"]);
  assertEquals(interfaces.get("eth0"), {
    bytes_sent: 1_234_567_890,
    bytes_recv: 8_765_432_109,
    packets_sent: 5_432_109,
    packets_recv: 9_876_543,
    errors_total: 3,
    dropped: 14,
  });
});

Deno.test("an old kernel's line without a space, and a name with a colon", async () => {
  const interfaces = parseNetDev(await recorded("linux_net_dev_old.txt"));
  assertEquals([...interfaces.keys()], ["eth0", "eth0:1"]);
  assertEquals(interfaces.get("eth0")?.bytes_recv, 4_012_345_678);
  assertEquals(parseNetDev("eth0: 1 2 3\n").size, 0);
});

Deno.test("macOS: the link's line of each interface, with or without an address", async () => {
  const interfaces = parseNetstatInterfaces(await recorded("macos_netstat_interfaces.txt"));
  assertEquals([...interfaces.keys()], ["lo0", "gif0", "en0", "utun0"]);
  assertEquals(interfaces.get("en0"), {
    bytes_sent: 1_234_567_890,
    bytes_recv: 8_765_432_109,
    packets_sent: 5_432_109,
    packets_recv: 9_876_543,
    errors_total: 3,
    dropped: 7,
  });
  assertEquals(interfaces.get("utun0")?.bytes_recv, 51_234);
  assertEquals(parseNetstatInterfaces("").size, 0);
});

Deno.test("Windows: the raw counters of each adapter", async () => {
  const interfaces = parseWindowsInterfaces(JSON.parse(await recorded("windows_interfaces.txt")));
  assertEquals(interfaces.size, 2);
  assertEquals(interfaces.get("Intel[R] Ethernet Connection [7] I219-V"), {
    bytes_sent: 1_234_567_890,
    bytes_recv: 8_765_432_109,
    packets_sent: 5_432_109,
    packets_recv: 9_876_543,
    errors_total: 3,
    dropped: 7,
  });
  assertEquals(parseWindowsInterfaces([{ BytesSentPersec: 1 }, null]).size, 0);
});

Deno.test("rates are those between two samples; none for what is new or was reset", async () => {
  const { system } = replay({
    os: "linux",
    files: { "/proc/net/dev": ["linux_net_dev_before.txt", "linux_net_dev_after.txt"] },
  });
  let nowMs = 5000;
  const plugin = new NetworkMonitor(system, null, new Rates(() => nowMs));
  const first = interfacesOf(await plugin.collect(NEVER));
  assertEquals("sent_per_s" in (first["eth0"] ?? {}), false);
  nowMs = 15_000;
  const second = interfacesOf(await plugin.collect(NEVER));
  assertEquals([second["eth0"]?.sent_per_s, second["eth0"]?.recv_per_s], [5000, 10_000]);
  assertEquals([second["lo"]?.sent_per_s, second["lo"]?.recv_per_s], [0, 0]);
  const bridge = second["br-1f2e3d4c5b6a"];
  // More was sent than before, but what was received shows that it began anew.
  assertEquals([bridge?.bytes_sent, bridge?.sent_per_s], [9000, undefined]);
  assertEquals([second["wg0"]?.bytes_sent, second["wg0"]?.sent_per_s], [200, undefined]);
});

Deno.test("two samples at the same moment give no rates", () => {
  const rates = new Rates<"bytes">(() => 1000);
  rates.next(new Map([["eth0", { bytes: 1 }]]));
  assertEquals(rates.next(new Map([["eth0", { bytes: 2 }]]))("eth0", "bytes"), undefined);
});

Deno.test("connections are counted by state, over IPv4 and IPv6", async () => {
  const { system } = replay({
    os: "linux",
    files: { "/proc/net/dev": "linux_net_dev_before.txt", ...SOCKETS },
  });
  assertEquals((await collect(system)).connections, {
    tcp: 8,
    tcp_established: 2,
    tcp_listen: 3,
    tcp_time_wait: 1,
    tcp_close_wait: 1,
    udp: 11,
  });
});

Deno.test("with very many connections the sums must do, and the table is not read", async () => {
  const { system } = replay({
    os: "linux",
    files: {
      "/proc/net/dev": "linux_net_dev_before.txt",
      ...SOCKETS,
      "/proc/net/sockstat": "linux_sockstat_crowded.txt",
    },
  });
  const read: string[] = [];
  const watched: System = {
    ...system,
    readText(path) {
      read.push(path);
      return system.readText(path);
    },
  };
  assertEquals((await collect(watched)).connections, {
    tcp: 271_005,
    tcp_time_wait: 31_000,
    udp: 11,
  });
  assertEquals(read.some((path) => path.startsWith("/proc/net/tcp")), false);
});

Deno.test("a container without IPv6, tables or sums tells what there is", async () => {
  const files = { "/proc/net/dev": "linux_net_dev_before.txt" };
  const connections = async (more: Record<string, string>) => {
    const { system } = replay({ os: "linux", files: { ...files, ...more } });
    return (await collect(system)).connections;
  };
  assertEquals(await connections({}), undefined);
  assertEquals(await connections({ "/proc/net/sockstat": "linux_sockstat.txt" }), {
    tcp: 20,
    tcp_time_wait: 6,
    udp: 7,
  });
  assertEquals(await connections({ "/proc/net/tcp6": "linux_tcp6.txt" }), {
    tcp: 2,
    tcp_established: 1,
    tcp_listen: 1,
    tcp_time_wait: 0,
    tcp_close_wait: 0,
  });
  assertEquals(parseSockstat("", ""), undefined);
  assertEquals(parseTcpTable("  sl  local_address\n torn"), []);
});

Deno.test("macOS: interfaces and connections of its netstat", async () => {
  const { system } = replay({
    os: "darwin",
    programs: {
      "netstat -ibdn": "macos_netstat_interfaces.txt",
      "netstat -an -p tcp": "macos_netstat_tcp.txt",
    },
  });
  const data = await collect(system, { interfaces: ["en0", "en7"] });
  assertEquals(Object.keys(interfacesOf(data)), ["en0", "en7"]);
  assertEquals(interfacesOf(data)["en7"], { error: "There is no such interface" });
  assertEquals(data.connections, {
    tcp: 7,
    tcp_established: 2,
    tcp_listen: 2,
    tcp_time_wait: 1,
    tcp_close_wait: 1,
  });
  assertEquals(parseNetstatStates("Active Internet connections\n"), []);
});

Deno.test("Windows: interfaces, no connections", async () => {
  const { system } = replay({
    os: "windows",
    programs: { "powershell.exe": "windows_interfaces.txt" },
  });
  const data = await collect(system);
  assertEquals(Object.keys(data), ["interfaces"]);
  assertEquals(Object.keys(interfacesOf(data)).length, 2);
});

Deno.test("interfaces are named in a list", async () => {
  await assertRejects(
    () => networkMonitor.create({ interfaces: "eth0" }, realSystem),
    Error,
    'network_monitor: "interfaces" must be a list of names of network interfaces; not "eth0"',
  );
});

Deno.test({
  name: "this machine counts what goes over its loopback, and a connection that is open",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const plugin = await networkMonitor.create({}, realSystem);
    assert(plugin !== null);
    const before = interfacesOf(await plugin.collect(NEVER));
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    using client = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
    using server = await listener.accept();
    await client.write(new Uint8Array(10_000));
    await server.read(new Uint8Array(1));
    const data = await plugin.collect(NEVER);
    const after = interfacesOf(data);
    const sent = Number(after["lo"]?.bytes_sent) - Number(before["lo"]?.bytes_sent);
    assert(sent >= 10_000, `${sent} bytes over lo`);
    assert(Number(after["lo"]?.sent_per_s) > 0);
    const { tcp_established, tcp_listen } = data.connections as Record<string, number>;
    assert(Number(tcp_established) >= 2 && Number(tcp_listen) >= 1);
  },
});
