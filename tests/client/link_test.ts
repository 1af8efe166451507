/** One server, over real sockets on the loopback; only names are resolved by the test. */

import { assert, assertEquals } from "@std/assert";
import { Link } from "../../src/client/link.ts";
import { Series } from "../../src/client/series.ts";
import { Sockets } from "../../src/client/sockets.ts";
import { decodeDatagram } from "../../src/wire/datagram.ts";
import { eventually, UdpServer } from "./support.ts";

class Setup implements AsyncDisposable {
  readonly series = new Series("kiosk-1", "3f2a9c1e.mi7k2x", null);
  readonly sockets: Sockets;
  readonly link: Link;
  readonly states: string[] = [];
  addresses: readonly string[] = [];
  lookups = 0;
  acks = 0;

  constructor(port: number) {
    this.sockets = new Sockets((bytes, from) => {
      const { ID, seq, time } = decodeDatagram(bytes).fields;
      if (!this.link.isAt(from) || ID !== "ACK") return;
      if (this.link.acked(from, Number(seq), Number(time))) this.acks += 1;
    });
    this.link = new Link(
      { host: "monitor.test", port },
      this.series,
      this.sockets.send.bind(this.sockets),
      ({ state }) => this.states.push(state),
      () => {
        this.lookups += 1;
        if (this.addresses.length === 0) return Promise.reject(new Error("not found"));
        return Promise.resolve(this.addresses);
      },
    );
  }

  beat(): void {
    this.link.beat({ ID: "HTB" }, this.series.next());
  }

  ips(): readonly string[] {
    return this.link.addresses.map(({ ip }) => ip);
  }

  /** Sends a beat and waits until it is answered `count` times. */
  async answeredBeat(count = 1): Promise<void> {
    const before = this.acks;
    this.beat();
    await eventually(() => assertEquals(this.acks - before, count));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sockets[Symbol.asyncDispose]();
  }
}

Deno.test("a beat goes to the IPv4 and the IPv6 address under one number, other messages to one", async () => {
  await using v4 = new UdpServer();
  const { port } = v4.addr;
  await using v6 = new UdpServer({ hostname: "::1", port });
  await using setup = new Setup(port);
  setup.addresses = ["127.0.0.1", "::1"];
  await setup.link.lookUp();
  await setup.answeredBeat(2);
  assertEquals([v4.all("HTB")[0]?.seq, v6.all("HTB")[0]?.seq], [1, 1]);
  assert(Number(setup.link.rttMs) > 0);
  setup.link.send({ ID: "MSG" }, setup.series.next(), 0);
  await eventually(() => assertEquals(v4.all("MSG").length + v6.all("MSG").length, 1));
  setup.link.send({ ID: "MSG" }, 2, 1);
  await v4.next("MSG");
  await v6.next("MSG");
});

Deno.test("an IPv6 address that never answers is dropped after 3 beats when IPv4 works", async () => {
  await using v4 = new UdpServer();
  await using setup = new Setup(v4.addr.port);
  setup.addresses = ["::1", "127.0.0.1"];
  await setup.link.lookUp();
  for (let i = 0; i < 3; i++) await setup.answeredBeat();
  assertEquals(setup.ips(), ["::1", "127.0.0.1"]);
  await setup.answeredBeat();
  assertEquals(setup.ips(), ["127.0.0.1"]);
});

Deno.test("an IPv6 address is kept while no IPv4 one works, and one that has answered for ever", async () => {
  const v4 = new UdpServer();
  const { port } = v4.addr;
  await v4[Symbol.asyncDispose]();
  await using v6 = new UdpServer({ hostname: "::1", port });
  await using setup = new Setup(port);
  setup.addresses = ["::1", "127.0.0.1"];
  await setup.link.lookUp();
  await setup.answeredBeat();
  v6.answers = () => false;
  for (let i = 0; i < 6; i++) setup.beat();
  assertEquals(setup.ips(), ["::1", "127.0.0.1"]);
});

Deno.test("a server that falls silent is looked up again, and its new address is used at once", async () => {
  await using old = new UdpServer();
  const { port } = old.addr;
  await using fresh = new UdpServer({ hostname: "127.0.0.2", port });
  await using setup = new Setup(port);
  setup.addresses = ["127.0.0.1"];
  await setup.link.lookUp();
  await setup.answeredBeat();
  assertEquals([setup.lookups, setup.states], [1, ["answering"]]);
  old.answers = () => false;
  setup.addresses = ["127.0.0.2"];
  for (let i = 0; i < 3; i++) setup.beat();
  assertEquals([setup.lookups, setup.states], [1, ["answering"]]);
  setup.beat();
  assertEquals(setup.lookups, 2);
  await eventually(() => assertEquals(setup.states, ["answering", "silent", "answering"]));
  assertEquals(setup.ips(), ["127.0.0.2"]);
  assertEquals(fresh.all("HTB")[0]?.seq, 4 + 1);
});

Deno.test("a name that cannot be resolved is asked for again with every beat", async () => {
  await using server = new UdpServer();
  await using setup = new Setup(server.addr.port);
  for (let i = 1; i <= 3; i++) {
    setup.beat();
    await eventually(() => assertEquals(setup.lookups, i));
  }
  setup.addresses = ["127.0.0.1"];
  setup.beat();
  assertEquals((await server.next("HTB")).seq, 4);
});

Deno.test("an answer counts once, and only to a number and a time that were sent there", async () => {
  await using server = new UdpServer();
  await using setup = new Setup(server.addr.port);
  setup.addresses = ["127.0.0.1"];
  await setup.link.lookUp();
  const at = { ip: "127.0.0.1", port: server.addr.port };
  server.answers = () => false;
  setup.link.send({ ID: "MSG" }, 1, 0);
  const first = Number((await server.next("MSG")).time);
  // Attempts have times of their own.
  await eventually(() => assert(Date.now() / 1000 > first));
  setup.link.send({ ID: "MSG" }, 1, 1);
  const second = Number((await server.next("MSG", () => true, 2)).time);
  assert(second > first);
  for (const [seq, time] of [[1, first - 1], [2, first], [0, 0], [1, NaN]] as const) {
    assert(!setup.link.acked(at, seq, time));
  }
  assert(!setup.link.acked({ ...at, ip: "127.0.0.9" }, 1, first));
  assertEquals([setup.link.state, setup.link.answers, setup.link.rttMs], ["unknown", 0, null]);
  assert(setup.link.acked(at, 1, first));
  assert(setup.link.acked(at, 1, second));
  assert(!setup.link.acked(at, 1, first));
  assertEquals([setup.link.state, setup.link.answers], ["answering", 2]);
  assert(Number(setup.link.rttMs) > 0);
});

Deno.test("the answers to all that may be on its way at once count, also when they are late", async () => {
  await using server = new UdpServer();
  await using setup = new Setup(server.addr.port);
  setup.addresses = ["127.0.0.1"];
  await setup.link.lookUp();
  for (let i = 0; i < 250; i++) setup.link.send({ ID: "MSG" }, setup.series.next(), 0);
  await eventually(() => assertEquals(setup.acks, 250));
});

Deno.test("a server may answer from another of its addresses than it was asked at", async () => {
  await using server = new UdpServer();
  await using setup = new Setup(server.addr.port);
  setup.addresses = ["127.0.0.1", "127.0.0.2"];
  await setup.link.lookUp();
  server.answers = () => false;
  setup.link.send({ ID: "MSG" }, 1, 0);
  const { time } = await server.next("MSG");
  const other = { ip: "127.0.0.2", port: server.addr.port };
  assert(setup.link.acked(other, 1, Number(time)));
  assertEquals(setup.link.state, "answering");
});
