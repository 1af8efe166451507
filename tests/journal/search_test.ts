/** Searching the journal gives what a reader of all its files would have picked, the newest first. */

import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import fc from "fast-check";
import { LineWriter } from "../../src/journal/line.ts";
import { type JournalMatch, type JournalQuery, searchJournal } from "../../src/journal/search.ts";
import type { HostEvent } from "../../src/monitor/events.ts";
import { LocalTime } from "../../src/wire/local_time.ts";
import { START_MS, udpMessage } from "../monitor/support.ts";

const LINES = new LineWriter(new LocalTime());

function note(seq: number, host: string, text: string, atMs = START_MS + seq * 1000): string {
  return LINES.message(seq, udpMessage({ ID: "MSG", name: host, message: text }), false, atMs);
}

function down(seq: number, host: string): string {
  const times = { silenceMs: 1, missed: 0, intervalMs: 10, graceMs: 0 };
  const event: HostEvent = { type: "down", seq, atMs: START_MS + seq * 1000, host, ...times };
  return LINES.event(event);
}

/** A journal of these files, the newest first. */
async function withJournal(
  files: readonly string[],
  work: (search: (query: JournalQuery) => ReturnType<typeof searchJournal>) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    for (const [n, text] of files.entries()) {
      await Deno.writeTextFile(join(dir, n === 0 ? "j" : `j.${n}`), text);
    }
    await work((query) => searchJournal(dir, "j", query));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const seqs = (matches: readonly JournalMatch[]) => matches.map(({ seq }) => seq);

Deno.test("the newest come first, over rotated files, as many as asked for", async () => {
  const files = [
    note(5, "a", "five") + note(6, "b", "six"),
    note(3, "a", "three") + note(4, "b", "four"),
    note(1, "a", "one") + note(2, "b", "two"),
  ];
  await withJournal(files, async (search) => {
    assertEquals(seqs((await search({ limit: 10 })).matches), [6, 5, 4, 3, 2, 1]);
    const two = await search({ host: "a", limit: 2 });
    assertEquals([seqs(two.matches), two.complete, two.next], [[5, 3], true, 3]);
    const rest = await search({ host: "a", limit: 2, beforeSeq: 3 });
    assertEquals([seqs(rest.matches), rest.complete, rest.next], [[1], true, null]);
    assertEquals(seqs((await search({ limit: 9, sinceMs: START_MS + 4000 })).matches), [6, 5, 4]);
  });
});

Deno.test("a host is its name and not a text in what others say", async () => {
  const alert = { id: "9", host: "a", kind: "down" };
  const lines = [
    note(1, "a", "mine"),
    note(2, "b", 'they say "host":"a" here'),
    down(3, "a"),
    `{"seq":4,"timestamp":${START_MS / 1000},"event":"grouped","data":{"hosts":["b","a"]}}\n`,
    `{"seq":5,"timestamp":${START_MS / 1000},"event":"alert","data":${
      JSON.stringify({ alert })
    }}\n`,
    `{"seq":6,"timestamp":${START_MS / 1000},"event":"drop","data":{"host":"a","total":1}}\n`,
    `{"seq":7,"timestamp":${START_MS / 1000},"event":"deaf","shift_s":1,"beats_lost":true}\n`,
    down(8, "aa"),
  ];
  await withJournal([lines.join("")], async (search) => {
    const { matches } = await search({ host: "a", limit: 100 });
    assertEquals(seqs(matches), [6, 5, 4, 3, 1]);
    const [drop] = matches;
    assert(drop?.kind === "event");
    assertEquals([drop.event, drop.hosts, drop.fields], ["drop", ["a"], { host: "a", total: 1 }]);
    const deaf = (await search({ limit: 2 })).matches[1];
    assertEquals(deaf?.kind === "event" && deaf.hosts, []);
  });
});

Deno.test("texts are found in any case, with quotes and letters of any kind, but not in times", async () => {
  const lines = note(1, "a", 'The DISK is "full"') + note(2, "b", "Grüße ✓") +
    note(3, "Disk1", "x");
  await withJournal([lines], async (search) => {
    const find = async (text: string) => seqs((await search({ text, limit: 10 })).matches);
    assertEquals(await find("disk"), [3, 1]);
    assertEquals(await find('"FULL"'), [1]);
    assertEquals(await find("grüße ✓"), [2]);
    assertEquals(await find("datetime"), []);
    assertEquals(await find("192.0.2.1"), []);
    const payload = (await search({ text: "✓", limit: 1 })).matches[0];
    assertEquals(payload?.kind === "message" && payload.payload, {
      ...{ ID: "MSG", name: "b", message: "Grüße ✓" },
    });
    assertEquals(payload?.kind === "message" && payload.path, "MSG");
  });
});

Deno.test("a limit of bytes says that it cut the search, and where to go on", async () => {
  const lines = Array.from(
    { length: 20_000 },
    (_, n) => note(n + 1, `h${n % 100}`, "x".repeat(50)),
  );
  await withJournal([lines.join("")], async (search) => {
    const found: number[] = [];
    let [beforeSeq, rounds, complete] = [undefined as number | undefined, 0, false];
    while (!complete) {
      const more = beforeSeq === undefined ? {} : { beforeSeq };
      const answer = await search({ host: "h7", limit: 1000, readBytes: 1_000_000, ...more });
      found.push(...seqs(answer.matches));
      complete = answer.complete;
      rounds++;
      assertEquals(answer.next === null, complete);
      beforeSeq = answer.next ?? undefined;
    }
    assert(rounds >= 2, `${rounds} rounds`);
    assertEquals(found, Array.from({ length: 200 }, (_, n) => 20_000 - 92 - n * 100));
  });
});

Deno.test("torn and foreign lines, and a line that is just being written, are passed over", async () => {
  const lines = note(1, "a", "x") + "no journal\n" + '{"seq":2,"torn\n' + note(3, "a", "y") +
    note(4, "a", "z").slice(0, 40);
  await withJournal([lines], async (search) => {
    assertEquals(seqs((await search({ limit: 10 })).matches), [3, 1]);
  });
  await withJournal([], async (search) => {
    assertEquals(await search({ limit: 10 }), { matches: [], complete: true, next: null });
  });
});

Deno.test("who asks decides what is found", async () => {
  await withJournal([note(1, "a", "x") + down(2, "a") + note(3, "a", "y")], async (search) => {
    const accepts = (match: JournalMatch) => match.kind === "message";
    assertEquals(seqs((await search({ limit: 10, accepts })).matches), [3, 1]);
  });
});

Deno.test("any journal in any pages gives every record once, however long its lines are", async () => {
  const line = fc.tuple(fc.constantFrom("a", "b"), fc.constantFrom(10, 1000, 70_000, 300_000));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(line, { maxLength: 8 }), { maxLength: 3 }),
      fc.integer({ min: 1, max: 5 }),
      async (files, limit) => {
        let seq = 0;
        const wanted: number[] = [];
        const texts = files.map((lines) =>
          lines.map(([host, length]) => {
            if (host === "a") wanted.unshift(seq + 1);
            return note(++seq, host, "é".repeat(length));
          }).join("")
        );
        await withJournal(texts.toReversed(), async (search) => {
          const found: number[] = [];
          let next: number | null = null;
          do {
            const more = next === null ? {} : { beforeSeq: next };
            const answer = await search({ host: "a", limit, ...more });
            found.push(...seqs(answer.matches));
            next = answer.next;
          } while (next !== null);
          assertEquals(found, wanted);
        });
      },
    ),
    { numRuns: 60 },
  );
});
