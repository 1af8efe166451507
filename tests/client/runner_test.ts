import { assert, assertEquals, assertMatch } from "@std/assert";
import type { PluginOptions } from "../../src/client/config.ts";
import type { Plugin, PluginData, PluginType } from "../../src/client/plugin.ts";
import { collectOnce, makePlugins, Runner, type Sample } from "../../src/client/runner.ts";
import { machine } from "../../src/client/system.ts";
import { eventually } from "./support.ts";

const NEVER = new AbortController().signal;

function type(
  name: string,
  collect: (signal: AbortSignal) => Promise<PluginData>,
  { kind = "monitor", intervalS = 300, byDefault = true }: {
    kind?: Plugin["kind"];
    intervalS?: number;
    byDefault?: boolean;
  } = {},
): PluginType {
  return { name, intervalS, byDefault, create: () => Promise.resolve({ name, kind, collect }) };
}

const fine = (): Promise<PluginData> => Promise.resolve({ ok: 1 });

async function made(
  options: Readonly<Record<string, PluginOptions>>,
  types: readonly PluginType[],
) {
  return await makePlugins(new Map(Object.entries(options)), types, machine);
}

Deno.test("plugins that run by default are there unless switched off, others when they are named", async () => {
  const types = [type("a", fine), type("b", fine), type("c", fine, { byDefault: false })];
  const names = async (options: Readonly<Record<string, PluginOptions>>) =>
    (await made(options, types)).map(({ plugin }) => plugin.name);
  assertEquals(await names({}), ["a", "b"]);
  assertEquals(await names({ b: false, c: {} }), ["a", "c"]);
});

Deno.test("interval and timeout come from the options, else from the type", async () => {
  const types = [type("a", fine), type("b", fine)];
  const [a, b] = await made({ b: { interval: 5, timeout: 1 } }, types);
  assertEquals([a?.intervalS, a?.timeoutS], [300, 30]);
  // The plugin gets the limit itself; the one around it is a little longer.
  assertEquals([b?.intervalS, b?.timeoutS], [5, 3]);
});

Deno.test("a plugin gets its own options; a custom one gets its name too", async () => {
  const given: unknown[] = [];
  const recording = (name: string, byDefault: boolean): PluginType => ({
    ...type(name, fine, { byDefault }),
    create(options) {
      given.push(options);
      return Promise.resolve(null);
    },
  });
  const types = [recording("a", false), recording("exec", false)];
  await made({ a: { per_core: true, interval: 5 }, mine: { exec: ["x"], timeout: 2 } }, types);
  assertEquals(given, [{ per_core: true }, { exec: ["x"], name: "mine" }]);
});

Deno.test("one that cannot be made reports why as its data", async () => {
  const failing: PluginType = {
    ...type("a", fine),
    create: () => Promise.reject(new Error("hosts must be a list")),
  };
  const plugins = await made({ nope: {}, b: { interval: "often" } }, [failing, type("b", fine)]);
  const errors = new Map<string, string>();
  for (const each of plugins) {
    errors.set(each.plugin.name, String((await collectOnce(each, NEVER)).error));
  }
  assertEquals(errors.get("a"), "hosts must be a list");
  assertMatch(errors.get("nope") ?? "", /no built-in plugin: give the program to run/);
  assertMatch(errors.get("b") ?? "", /interval must be a number of seconds.*"often"/);
});

Deno.test("a plugin over its time is ended by its signal and reported, whether it heeds it or not", async () => {
  let reason: unknown;
  const heeds = type(
    "heeds",
    (signal) =>
      new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(reason = signal.reason))
      ),
  );
  const deaf = type("deaf", () => new Promise(() => {}));
  for (const each of [heeds, deaf]) {
    const plugin = await each.create({}, machine);
    assert(plugin !== null);
    const data = await collectOnce({ plugin, intervalS: 1, timeoutS: 0.05 }, NEVER);
    assertEquals(data, { error: "No result within 0.05 s" });
  }
  assert(reason instanceof Error);
});

Deno.test("info plugins run once, monitor plugins again and again; a failing one hides no other", async () => {
  const samples: Sample[] = [];
  const plugins = await made({}, [
    type("info", fine, { kind: "info", intervalS: 0 }),
    type("bad", () => Promise.reject(new Error("no sensor")), { intervalS: 0.1 }),
    type("good", fine, { intervalS: 0.1 }),
  ]);
  const runner = new Runner(plugins, (sample) => samples.push(sample));
  const of = (name: string) => samples.filter(({ plugin }) => plugin === name);
  runner.start();
  await eventually(() => assert(of("bad").length >= 3 && of("good").length >= 3));
  await runner.stop();
  assertEquals(of("info").map(({ data, intervalS }) => [data, intervalS]), [[{ ok: 1 }, null]]);
  assertEquals([of("bad")[0]?.data, of("bad")[0]?.intervalS], [{ error: "no sensor" }, 0.1]);
  assertEquals(of("good")[0]?.data, { ok: 1 });
});

Deno.test("stop() ends a run that is under way, and nothing is reported of it", async () => {
  const samples: Sample[] = [];
  const { promise: begun, resolve } = Promise.withResolvers<void>();
  const plugins = await made({}, [type("slow", () => {
    resolve();
    return new Promise(() => {});
  })]);
  const runner = new Runner(plugins, (sample) => samples.push(sample));
  runner.start();
  await begun;
  await runner.stop();
  assertEquals(samples, []);
});
