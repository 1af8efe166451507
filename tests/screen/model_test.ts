import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseFeedMessage } from "../../src/screen/feed_message.ts";
import { Model } from "../../src/screen/model.ts";
import { wordsOf } from "../../src/screen/words.ts";
import { alertJson, hostJson, messageJson, NOW_MS, push, snapshot } from "./feed.ts";

function modelOf(...messages: readonly string[]): Model {
  const model = new Model(() => NOW_MS);
  take(model, ...messages);
  return model;
}

function take(model: Model, ...messages: readonly string[]): void {
  for (const json of messages) {
    const message = parseFeedMessage(json);
    if (message !== null) model.take(message);
  }
}

/** The lines of the log, the oldest first. */
function log({ log }: Model): readonly string[] {
  return [...log.upTo(log.last, () => true)].reverse().map(({ kind, host, text }) =>
    `${kind} ${host}: ${text}`
  );
}

Deno.test("a beat is a line of the log, with the words of its payload", () => {
  const model = modelOf(snapshot([hostJson("a")]));
  take(
    model,
    push("message", {
      messages: [
        messageJson(1, "a", '{"name":"a","battery":0.8}'),
        messageJson(2, "a", '{"name":"a"}', { late: true }),
      ],
      skipped: 0,
    }),
  );
  assertEquals(log(model), ["beat a: battery=0.8", "late a: ⚠ LATE "]);
});

Deno.test("payloads are shown in words, whatever they are", () => {
  assertEquals(wordsOf('{"host":"a","x":"a b","y":[1,{"z":null}]}', "a"), 'x=a b y=[1,{"z":null}]');
  assertEquals(wordsOf('{"ID":"HTB","name":"a","signal":"ping"}', "a"), "signal=ping");
  assertEquals(
    wordsOf('{"ID":"FAIL","message":"disk full","run":"","signal":"fail","name":"a"}', "a"),
    "signal=fail message=disk full",
    "a job, by what it reports",
  );
  assertEquals(wordsOf('{"note":"","signal":"-60 dBm"}', "a"), "note= signal=-60 dBm");
  assertEquals(wordsOf('{"_raw":"level=3"}', "a"), "level=3");
  assertEquals(wordsOf("[1,2]", "a"), "[1,2]");
  assertEquals(wordsOf("{}", "a"), "");
  const cut = `{"x":"${"y".repeat(294)}`;
  assertEquals(wordsOf(cut, "a"), `${cut}…`, "the feed tells 300 characters");
});

Deno.test("over 20 beats a second are a line a second; those that are late are listed", () => {
  const model = modelOf(snapshot([hostJson("a")]));
  const beats = (first: number, late: boolean) =>
    push("message", {
      messages: Array.from({ length: 20 }, (_, n) => messageJson(first + n, "a", "{}", { late })),
      skipped: 100,
    });
  take(model, beats(1, false));
  assertEquals(log(model).length, 0, "120 at once are too many to begin with");
  model.log.second(NOW_MS);
  assertEquals(log(model), ["summary : 120 beats"]);
  assert(model.log.isBusy);
  take(model, beats(21, true), beats(41, true));
  model.log.second(NOW_MS);
  const lines = log(model);
  assertEquals(lines.filter((line) => line.startsWith("late")).length, 20);
  assertEquals(lines.at(-1), "summary : 240 beats, 40 of those seen late");
  model.log.second(NOW_MS);
  take(model, push("message", { messages: [messageJson(61, "a", "{}")], skipped: 0 }));
  assertEquals(log(model).at(-1), "beat a: ", "it is quiet again");
});

Deno.test("an alert is told when it begins and when it is over, not when it is only changed", () => {
  const model = modelOf(snapshot([hostJson("a")]));
  take(model, push("alert", { alerts: [alertJson("1", "a")] }));
  take(model, push("alert", { alerts: [alertJson("1", "a")] }));
  assertEquals(model.alertsOf("a").length, 1);
  take(
    model,
    push("alert", { alerts: [alertJson("1", "a", { ended: 9, text: "a - heartbeat is back" })] }),
  );
  assertEquals(model.alertsOf("a"), []);
  assertEquals(log(model), [
    "alert a: ⚠ ALERT: No heartbeat for 13s (expected every 10s, 2s grace)",
    "recovery a: ✓ Heartbeat is back",
  ]);
});

Deno.test("a metric that gets worse is told again, with its level", () => {
  const metric = { kind: "metric", text: "a - cpu = 95" };
  const model = modelOf(snapshot([hostJson("a")]));
  for (const level of ["WARNING", "CRITICAL", "WARNING"]) {
    take(model, push("alert", { alerts: [alertJson("1", "a", { ...metric, level })] }));
  }
  assertEquals(log(model), [
    "alert a: ⚠ ALERT: Cpu = 95 (WARNING)",
    "alert a: ⚠ ALERT: Cpu = 95 (CRITICAL)",
  ]);
});

Deno.test("thousands of alerts at once are 20 lines and a count", () => {
  const model = modelOf(snapshot([hostJson("a")]));
  const alerts = Array.from({ length: 5000 }, (_, n) => alertJson(`${n}`, "a"));
  take(model, push("alert", { alerts }));
  model.log.second(NOW_MS);
  assertEquals(log(model).length, 21);
  assertEquals(log(model).at(-1), "alert : ⚠ and 4,980 more changes of alerts");
  assertEquals(model.alertsOf("a").length, 2000, "what is held is bounded");
});

Deno.test("a new snapshot tells no beat and no alert twice", () => {
  const model = modelOf(snapshot([hostJson("a")], {
    messages: [messageJson(1, "a", '{"n":1}')],
    alerts: [alertJson("1", "a")],
  }));
  take(
    model,
    snapshot([hostJson("a")], {
      messages: [messageJson(1, "a", '{"n":1}'), messageJson(2, "a", '{"n":2}')],
      alerts: [alertJson("1", "a"), alertJson("2", "a")],
    }),
  );
  assertEquals(log(model).map((line) => line.slice(0, 11)), [
    "beat a: n=1",
    "alert a: ⚠ ",
    "beat a: n=2",
    "alert a: ⚠ ",
  ]);
});

Deno.test("a snapshot in pieces is complete with its last one", () => {
  const model = modelOf(snapshot([hostJson("old")]));
  take(model, snapshot([hostJson("a")], { more: true }));
  take(model, push("host", { hosts: [hostJson("b")], gone: [], complete: false }));
  assertEquals(model.hosts.size, 3);
  take(model, push("host", { hosts: [hostJson("c")], gone: [], complete: true }));
  assertEquals(model.hosts.size, 3);
  assertEquals(model.hosts.get("old"), null);
});

Deno.test("times are those of the server, whatever the clock here says", () => {
  const model = new Model(() => 5000);
  take(model, snapshot([hostJson("a")]));
  assertEquals(model.serverMs, NOW_MS);
});

Deno.test("a connection that is lost is so since it was lost first", () => {
  let nowMs = NOW_MS;
  const model = new Model(() => nowMs);
  take(model, snapshot([]));
  assertEquals(model.connection.kind, "open");
  model.lost("the server has stopped");
  nowMs += 60_000;
  model.lost("no connection");
  assertEquals(model.connection, { kind: "lost", sinceMs: NOW_MS, why: "no connection" });
  take(model, snapshot([]));
  assertEquals(model.connection.kind, "open");
});

Deno.test("whatever a server says is taken or left, and never trusted", () => {
  assertEquals(parseFeedMessage("no JSON"), null);
  assertEquals(parseFeedMessage('{"type":"pong"}'), null);
  const types = fc.constantFrom("hosts", "host", "message", "alert", "summary");
  const fields = fc.dictionary(
    fc.constantFrom("time", "hosts", "gone", "messages", "skipped", "alerts", "summary", "server"),
    fc.oneof(fc.jsonValue(), fc.array(fc.record({ name: fc.jsonValue(), state: fc.jsonValue() }))),
  );
  fc.assert(fc.property(types, fields, (type, raw) => {
    const model = modelOf(snapshot([hostJson("a")]));
    take(model, JSON.stringify({ ...raw, type }));
    model.log.second(NOW_MS);
    model.hosts.list("", NOW_MS);
  }));
});
