import { assert, assertEquals, assertGreater } from "@std/assert";
import { Link } from "../../src/client/link.ts";
import { backOffMs, Outbox } from "../../src/client/outbox.ts";
import type { Content } from "../../src/client/series.ts";
import { Series } from "../../src/client/series.ts";
import { Spool } from "../../src/client/spool.ts";
import { decodeDatagram, type Fields } from "../../src/wire/datagram.ts";

const SPOOLED = { spool: true };

/** An outbox with its servers, whose datagrams end up in `sent`, and a clock of the test. */
class Setup {
  readonly sent: { readonly ip: string; readonly fields: Fields }[] = [];
  readonly links: readonly Link[];
  readonly outbox: Outbox;
  readonly spool: Spool;
  readonly series = new Series("kiosk-1", "3f2a9c1e.mi7k2x", null);
  nowMs = 1000;
  /** When a server was sent a number last. */
  readonly #times = new Map<string, number>();
  #works = 0;

  private constructor(spool: Spool, ips: readonly string[]) {
    this.spool = spool;
    const send = (bytes: Uint8Array, { ip }: { readonly ip: string }): Promise<void> => {
      const { fields } = decodeDatagram(bytes);
      this.sent.push({ ip, fields });
      this.#times.set(`${ip} ${fields.seq}`, Number(fields.time));
      return Promise.resolve();
    };
    this.links = ips.map((host) =>
      new Link({ host, port: 1 }, this.series, send, () => this.outbox.linkChanged())
    );
    const { links, series } = this;
    const onWork = (): void => void this.#works++;
    this.outbox = new Outbox({ links, series, spool, onWork, nowMs: () => this.nowMs });
  }

  static async make(...ips: readonly string[]): Promise<Setup> {
    return new Setup(await Spool.open(null, 1_000_000), ips.length > 0 ? ips : ["192.0.2.1"]);
  }

  /** Sends a beat that is answered by the servers with these numbers. */
  beat(...answering: readonly number[]): void {
    const seq = this.series.next();
    for (const [i, link] of this.links.entries()) {
      link.beat({ ID: "HTB" }, seq);
      if (answering.includes(i)) this.ack(i, seq);
    }
    this.sent.length = 0;
  }

  ack(i: number, seq: unknown): void {
    const link = this.links[i];
    const [address] = link?.addresses ?? [];
    assert(link !== undefined && address !== undefined);
    const time = this.#times.get(`${address.ip} ${seq}`);
    assert(link.acked(address, Number(seq), Number(time)));
    this.outbox.acked(link, Number(seq));
  }

  /** Lets time pass, ticking when the outbox wants it. Returns what was sent meanwhile. */
  async pass(ms: number): Promise<readonly Fields[]> {
    this.sent.length = 0;
    const endMs = this.nowMs + ms;
    while (true) {
      let waitMs: number | null;
      let works: number;
      do {
        works = this.#works;
        waitMs = this.outbox.tick();
        for (let i = 0; i < 5; i++) await Promise.resolve();
      } while (works !== this.#works);
      if (waitMs === null || this.nowMs + waitMs > endMs) break;
      this.nowMs += waitMs;
    }
    this.nowMs = endMs;
    return this.sent.map(({ fields }) => fields);
  }

  post(n: number): void {
    const content: Content = { ID: "MSG", message: `${n}` };
    void this.outbox.post(content, SPOOLED, 1_000_000 + n);
  }
}

Deno.test("an attempt is waited for 2 s, then 4 s and so on, never longer than 60 s", () => {
  assertEquals([0, 1, 2, 3, 4, 5, 6, 40].map(backOffMs), [
    2000,
    4000,
    8000,
    16_000,
    32_000,
    60_000,
    60_000,
    60_000,
  ]);
});

Deno.test("an acknowledged message is done and never sent again", async () => {
  const setup = await Setup.make();
  setup.beat(0);
  setup.post(1);
  assertEquals(setup.sent.map(({ fields }) => fields.message), ["1"]);
  setup.ack(0, setup.sent[0]?.fields.seq);
  assertEquals(setup.outbox.waiting, 0);
  assertEquals(await setup.pass(600_000), []);
});

Deno.test("retries back off, keep their number, have a new time and say when it happened", async () => {
  const setup = await Setup.make();
  setup.beat(0);
  setup.post(1);
  const [first] = setup.sent.map(({ fields }) => fields);
  assertEquals(first?.at, 1000.001);
  assertEquals((await setup.pass(1999)).length, 0);
  const [second] = await setup.pass(1);
  assertEquals([second?.seq, second?.at], [first?.seq, 1000.001]);
  assertGreater(Number(second?.time) + 0.001, Number(first?.time));
  assertEquals((await setup.pass(3999)).length, 0);
  assertEquals((await setup.pass(1)).length, 1);
  assertEquals((await setup.pass(8000)).length, 1);
  setup.ack(0, first?.seq);
  assertEquals([setup.outbox.waiting, setup.spool.size], [0, 0]);
});

Deno.test("an unanswered message is on disk after its first attempt", async () => {
  const setup = await Setup.make();
  setup.post(1);
  assertEquals(setup.spool.size, 0);
  await setup.pass(2000);
  assertEquals(setup.spool.size, 1);
});

Deno.test("while no server answers nothing is sent, afterwards all in order, one at a time", async () => {
  const setup = await Setup.make();
  for (let i = 0; i < 5; i++) setup.beat();
  assertEquals(setup.links[0]?.state, "silent");
  for (const n of [1, 2, 3]) setup.post(n);
  assertEquals(await setup.pass(3_600_000), []);
  setup.beat(0);
  for (const n of [1, 2, 3]) {
    const sent = await setup.pass(0);
    assertEquals(sent.map(({ message, at }) => [message, at]), [[`${n}`, 1000 + n / 1000]]);
    setup.ack(0, sent[0]?.seq);
  }
  assertEquals(setup.outbox.waiting, 0);
});

Deno.test("what is new waits behind what is old, unless it is urgent or a result", async () => {
  const setup = await Setup.make();
  for (let i = 0; i < 4; i++) setup.beat();
  setup.post(1);
  setup.beat(0);
  setup.post(2);
  void setup.outbox.post({ ID: "RES" }, { spool: false });
  void setup.outbox.post({ ID: "SHUTDOWN" }, { spool: true, urgent: true });
  const sent = setup.sent.map(({ fields }) => fields.ID);
  assertEquals(sent, ["RES", "SHUTDOWN"]);
  assertEquals((await setup.pass(400)).map(({ ID, message }) => message ?? ID), ["1"]);
  assertEquals((await setup.pass(100)).map(({ ID }) => ID), ["SHUTDOWN"]);
});

Deno.test("a message is done when all servers that answer have it, the silent one does not count", async () => {
  const setup = await Setup.make("192.0.2.1", "192.0.2.2", "192.0.2.3");
  for (let i = 0; i < 4; i++) setup.beat(0, 1);
  assertEquals(setup.links.map(({ state }) => state), ["answering", "answering", "silent"]);
  setup.post(1);
  assertEquals(setup.sent.map(({ ip }) => ip), ["192.0.2.1", "192.0.2.2"]);
  const seq = setup.sent[0]?.fields.seq;
  setup.ack(0, seq);
  assertEquals(setup.outbox.waiting, 1);
  await setup.pass(2000);
  assertEquals(setup.sent.map(({ ip }) => ip), ["192.0.2.2"]);
  setup.ack(1, seq);
  assertEquals(setup.outbox.waiting, 0);
});

Deno.test("a server that falls silent is not waited for any more", async () => {
  const setup = await Setup.make("192.0.2.1", "192.0.2.2");
  setup.beat(0, 1);
  setup.post(1);
  setup.ack(0, setup.sent[0]?.fields.seq);
  for (let i = 0; i < 4; i++) setup.beat(0);
  await setup.pass(2000);
  assertEquals(setup.outbox.waiting, 0);
});

Deno.test("a message that is never acknowledged does not hold up the others for ever", async () => {
  const setup = await Setup.make();
  setup.beat(0);
  setup.post(1);
  await setup.pass(2000);
  setup.post(2);
  const sent: unknown[] = [];
  for (let minute = 0; minute < 20; minute++) {
    setup.beat(0);
    sent.push(...(await setup.pass(60_000)).map(({ message }) => message));
  }
  assertEquals(sent.lastIndexOf("1") + 1, sent.indexOf("2"));
  assert(sent.indexOf("2") > 10);
});

Deno.test("an outage that the beats have not noticed yet gives nothing up", async () => {
  const setup = await Setup.make();
  setup.beat(0);
  setup.post(1);
  setup.post(2);
  await setup.pass(3_600_000);
  assertEquals([setup.links[0]?.state, setup.spool.size], ["answering", 2]);
  for (const n of [1, 2]) {
    const [sent] = await setup.pass(60_000);
    assertEquals(sent?.message, `${n}`);
    setup.ack(0, sent?.seq);
  }
  assertEquals(setup.outbox.waiting, 0);
});

Deno.test("a late retry gets a new number, as servers do not remember old ones for ever", async () => {
  const setup = await Setup.make();
  setup.beat(0);
  setup.post(1);
  const seq = setup.sent[0]?.fields.seq;
  for (let i = 0; i < 40; i++) setup.beat(0);
  const [retry] = await setup.pass(2000);
  assertGreater(Number(retry?.seq), Number(seq) + 32);
  setup.ack(0, retry?.seq);
  assertEquals(setup.outbox.waiting, 0);
});

Deno.test("at the end what is not acknowledged is on disk, results are not", async () => {
  const setup = await Setup.make();
  setup.beat(0);
  setup.post(1);
  void setup.outbox.post({ ID: "RES" }, { spool: false });
  await setup.outbox.close();
  assertEquals(setup.spool.size, 1);
  assertEquals((await setup.spool.first())?.fields.message, "1");
});

Deno.test("a message too large for a datagram is given up at once", async () => {
  const setup = await Setup.make();
  setup.beat(0);
  await setup.outbox.post({ ID: "PLG", data: { text: "x".repeat(70_000) } }, SPOOLED);
  assertEquals(setup.outbox.waiting, 0);
});
