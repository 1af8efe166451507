/**
 * A process with an outbox that is to be killed: adds notifications `n<seq>` for the channel `push`,
 * beginning after the watermark, and says `stored <seq>` when one is in the store.
 *
 * Arguments: path of the database, address that the channel posts to, how many to add.
 */

import { Outbox } from "../../src/notify/outbox.ts";
import { KvStore } from "../../src/store/kv.ts";
import { notification, PostChannel, settings } from "./outbox_support.ts";

const [path = "", url = "", count = "0"] = Deno.args;
const encoder = new TextEncoder();
const say = (line: string) => void Deno.stdout.writeSync(encoder.encode(`${line}\n`));

const outbox = new Outbox({
  store: await KvStore.open(path),
  nowMs: Date.now,
  onTrouble: (channel, error) => say(`${channel} ${error === null ? "works" : "fails"}`),
});
await outbox.load();
const channel = new PostChannel(url);
outbox.configure(settings({ push: { channel, minLevel: "WARNING", fallback: null } }));
const first = outbox.watermark + 1;
outbox.recovered(outbox.watermark);
for (let seq = first; seq < first + Number(count); seq++) {
  outbox.add(notification(`n${seq}`), ["push"], seq);
  await outbox.flushed();
  say(`stored ${seq}`);
}
// It does not end by itself.
setInterval(() => {}, 60_000);
