/** The lines to paste say what they should, whatever a host is called: a real shell reads them. */

import { assertEquals, assertMatch } from "@std/assert";
import { parseArgs } from "../../src/client/args.ts";
import { jobRecipe } from "../../static/app/host/how_to_job.ts";
import {
  cronQuote,
  recipesFor,
  shellQuote,
  shellWord,
  unitName,
  unitQuote,
} from "../../static/app/host/how_to.ts";

const ODD = [
  "kiosk-1",
  "it's",
  `a "b" c`,
  "$HOME `id` $(id) \\ \\\\",
  "100%d; rm -rf /",
  "tab\u00e9 \u{1F600} && x | y > z",
  "-n",
  "!history",
  "a/b?c#d&e=f",
];

/** The arguments that a shell makes of `line`. */
async function shellArguments(line: string): Promise<string[]> {
  const script = `set -- ${line}\nfor one; do printf '%s\\0' "$one"; done`;
  const { stdout } = await new Deno.Command("sh", { args: ["-c", script] }).output();
  return new TextDecoder().decode(stdout).split("\0").slice(0, -1);
}

Deno.test("a shell reads a quoted text as that text", async () => {
  for (const text of ODD) {
    assertEquals(await shellArguments(shellQuote(text)), [text]);
    assertEquals(await shellArguments(shellWord(text)), [text]);
  }
  assertEquals(shellWord("kiosk-1.example.org"), "kiosk-1.example.org");
});

Deno.test("the line with curl sends the name as it is", async () => {
  for (const host of ODD) {
    const [curl] = recipesFor({
      udpPort: 50_003,
      host,
      origin: "http://server:50004",
      intervalS: 30,
    });
    const words = await shellArguments(curl?.blocks[0]?.text ?? "");
    const body: unknown = JSON.parse(words[words.indexOf("-d") + 1] ?? "");
    assertEquals(body, { name: host, interval: 30 });
    assertEquals(words.at(-1), "http://server:50004/heartbeat");
  }
});

Deno.test("cron ends no line at a percent sign", async () => {
  for (const host of ODD) {
    const recipe = recipesFor({ udpPort: 50_003, host, origin: "http://s:1", intervalS: 300 })
      .find(({ id }) => id === "cron");
    const line = recipe?.blocks[0]?.text ?? "";
    assertMatch(line, /^\*\/5 \* \* \* \* curl /);
    assertEquals(/(^|[^\\])%/.test(line), false);
    // What cron gives to the shell: the backslashes before percent signs are gone.
    const given = line.split(" ").slice(5).join(" ").replaceAll("\\%", "%").replace(
      / >\/dev\/null$/,
      "",
    );
    const words = await shellArguments(given);
    const body: unknown = JSON.parse(words[words.indexOf("-d") + 1] ?? "");
    assertEquals(body, { name: host, interval: 300 });
  }
  assertEquals(cronQuote("date +%s"), "date +\\%s");
});

Deno.test("a job's lines ping its own address, whatever it is called, with its exit code", async () => {
  const job = { origin: "http://s:1", cron: "*/5 3 * * MON-FRI", pingBy: "name" } as const;
  for (const host of ODD) {
    const [line, script] = jobRecipe({ ...job, host })?.blocks ?? [];
    const [, given = ""] = /^\*\/5 3 \* \* MON-FRI (.*)$/.exec(line?.text ?? "") ?? [];
    assertEquals(/(^|[^\\])%/.test(given), false);
    const [start = "", , end = ""] = given.replaceAll("\\%", "%").split("; ");
    const url = `http://s:1/ping/key/${encodeURIComponent(host)}`;
    assertEquals((await shellArguments(start)).at(-1), `${url}/start`);
    assertEquals((await shellArguments(end)).at(-1), `${url}/0`);
    assertMatch(script?.text ?? "", /\nsaid=\$\(.* 2>&1\)\n/);
  }
});

Deno.test("a script tells what its job prints, however much, and its exit code", async () => {
  const blocks = jobRecipe({ host: "a", origin: "http://s:1", cron: null, pingBy: "name" })?.blocks;
  const job = "sh -c 'yes | head -c 300000; exit 3'";
  const script = (blocks?.[1]?.text ?? "").replace("/path/to/job", job);
  const curl = 'curl() { for last; do :; done; echo "$last $(tr -d "\\n" | wc -c)"; }';
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", `${curl}\n${script}`],
    stdin: "null",
  }).output();
  const told = new TextDecoder().decode(stdout).replace(/ +/g, " ");
  assertEquals(told, "http://s:1/ping/key/a/start 0\nhttp://s:1/ping/key/a/3 150000\n");
});

Deno.test("where a secret stands in the address of pings, the lines say where it goes", () => {
  const urlOf = (pingBy: "id" | "key") => {
    const recipe = jobRecipe({ host: "a", origin: "http://s:1", cron: null, pingBy });
    return [
      recipe?.hint.match(/ping_\w+/)?.[0],
      recipe?.blocks[0]?.text.match(/'(.*)\/start/)?.[1],
    ];
  };
  assertEquals(urlOf("id"), ["ping_id", "http://s:1/ping/PING_ID"]);
  assertEquals(urlOf("key"), ["ping_key", "http://s:1/ping/PING_KEY/a"]);
  assertEquals(jobRecipe({ host: "..", origin: "http://s:1", cron: null, pingBy: "name" }), null);
});

Deno.test("a calendar that crontabs do not know is not put into one", () => {
  const timesOf = (cron: string) =>
    jobRecipe({ host: "a", origin: "http://s:1", cron, pingBy: "id" })?.blocks[0]?.text
      .split(" curl")[0];
  assertEquals(timesOf("0 0 L * *"), "0 3 * * *");
  assertEquals(timesOf("*/10 * * * * *"), "0 3 * * *");
  assertEquals(timesOf("15 4 1,15 JAN-MAR *"), "15 4 1,15 JAN-MAR *");
});

Deno.test("an interval under a minute is a minute for cron, and told as such", () => {
  const recipe = recipesFor({ udpPort: 50_003, host: "a", origin: "http://s:1", intervalS: 5 })
    .find(({ id }) => id === "cron");
  assertMatch(recipe?.blocks[0]?.text ?? "", /^\* \* \* \* \* curl .*"interval":60/);
});

Deno.test("an hour and more is a line that cron understands", () => {
  const lineOf = (intervalS: number) =>
    recipesFor({ udpPort: 50_003, host: "a", origin: "http://s:1", intervalS })
      .find(({ id }) => id === "cron")?.blocks[0]?.text ?? "";
  assertMatch(lineOf(3600), /^0 \* \* \* \* .*"interval":3600/);
  assertMatch(lineOf(7200), /^0 \*\/2 \* \* \* .*"interval":7200/);
  assertMatch(lineOf(86_400), /^0 0 \* \* \* .*"interval":86400/);
  // Every seven minutes would stumble at each full hour: the next that divides it is taken.
  assertMatch(lineOf(420), /^\*\/6 \* \* \* \* .*"interval":360/);
});

Deno.test("systemd reads a quoted argument as that text", () => {
  for (const text of ODD) assertEquals(systemdArgument(unitQuote(text)), text);
  const recipe = recipesFor({
    udpPort: 50_003,
    host: "it's 5%",
    origin: "http://s:1",
    intervalS: 30,
  })
    .find(({ id }) => id === "systemd");
  assertEquals(recipe?.blocks.map(({ label }) => label), [
    "/etc/systemd/system/heartbeat-it-s-5.service",
    "/etc/systemd/system/heartbeat-it-s-5.timer",
    "Switch it on",
  ]);
  assertMatch(recipe?.blocks[0]?.text ?? "", /\nDescription=Heartbeat of it's 5%%\n/);
});

Deno.test("the files of a unit have a name without quotes, also where nothing is left", () => {
  assertEquals(unitName("web/1 é"), "heartbeat-web-1");
  assertEquals(unitName("日本"), "heartbeat-beat");
});

Deno.test("hbc reads its line as meant: the name, and the server without its port", async () => {
  for (const host of ODD) {
    const recipe = recipesFor({
      udpPort: 50_003,
      host,
      origin: "http://[2001:db8::1]:50004",
      intervalS: 30,
    })
      .find(({ id }) => id === "hbc");
    const [program, ...words] = await shellArguments(recipe?.blocks[0]?.text ?? "");
    assertEquals(program, "hbc");
    const command = parseArgs(words);
    assertEquals(command.name === "run" && command.options.overrides, {
      servers: ["[2001:db8::1]"],
      name: host,
      interval: 30,
      boot: true,
    });
  }
});

/** As systemd.syntax(7) has it: C-style quotes, then `%%` and `$$`. */
function systemdArgument(quoted: string): string {
  return quoted.slice(1, -1)
    .replace(/\\(["\\])/g, "$1")
    .replaceAll("%%", "%")
    .replaceAll("$$", "$");
}

Deno.test("hbc is told the UDP port when it is not the usual one, and left out without one", () => {
  const hbcLine = (udpPort: number | null) =>
    recipesFor({ host: "a", origin: "http://s:1", intervalS: 30, udpPort })
      .find(({ id }) => id === "hbc")?.blocks[0]?.text;
  assertEquals(hbcLine(50_003), "hbc -b '--name=a' --interval=30 s");
  assertEquals(hbcLine(4000), "hbc -b '--name=a' --interval=30 s:4000");
  assertEquals(hbcLine(null), undefined);
});
