import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { parseArgs, type RunOptions } from "../../src/client/args.ts";
import { UsageError } from "../../src/config/command_line.ts";

const PLAIN: RunOptions = {
  task: { kind: "beat" },
  configFile: null,
  overrides: {},
  background: false,
  verbose: false,
  print: false,
};

const runs: readonly (readonly [readonly string[], Partial<RunOptions>])[] = [
  [[], {}],
  [["monitor"], { overrides: { servers: ["monitor"] } }],
  [["a:1", "[::1]:2", "::1"], { overrides: { servers: ["a:1", "[::1]:2", "::1"] } }],
  [["-b", "-d", "-v", "a"], {
    overrides: { servers: ["a"], boot: true },
    background: true,
    verbose: true,
  }],
  [["-m", "-5 degrees", "a"], {
    task: { kind: "note", text: "-5 degrees" },
    overrides: { servers: ["a"] },
  }],
  [["--message=done"], { task: { kind: "note", text: "done" } }],
  [["--boot"], { task: { kind: "boot" } }],
  [["--once", "--print"], { task: { kind: "once" }, print: true }],
  [["--name", "kiosk", "--interval", "2.5", "--key=a=b", "-c", "x.json"], {
    configFile: "x.json",
    overrides: { name: "kiosk", interval: 2.5, key: "a=b" },
  }],
];
for (const [args, options] of runs) {
  Deno.test(`"hbc ${args.join(" ")}" is understood`, () => {
    assertEquals(parseArgs(args), { name: "run", options: { ...PLAIN, ...options } });
  });
}

const wrong: readonly (readonly [readonly string[], string])[] = [
  [["--intreval", "3"], 'Unknown option "--intreval": did you mean "--interval"?'],
  [["--interval"], 'Option "--interval" needs a value: --interval S'],
  [["--interval", "0"], "--interval must be a number of seconds from 0.1"],
  [["--interval", "1e3"], 'got "1e3"'],
  [["-m", ""], 'Option "-m" needs a value: -m TEXT'],
  [["-v", "--verbose"], 'Option "--verbose" is given twice'],
  [["--once=1"], 'Option "--once" takes no value'],
  [["--once", "--boot"], "Only one of --once and --boot at a time"],
  [["-d", "-m", "x"], 'Option "--daemon" is for a client that stays'],
  [["-b", "--once"], 'Option "-b" is for a client that stays'],
  [["a b"], "SERVER must be a host name or an address"],
  [["a:0"], 'got "a:0"'],
  [["a:65536"], 'got "a:65536"'],
  [["http://a/"], 'got "http://a/"'],
  [["[1.2.3.4]"], "write an IPv6 address as [::1]:50003"],
];
for (const [args, message] of wrong) {
  Deno.test(`"hbc ${args.join(" ")}" is refused`, () => {
    assertStringIncludes(assertThrows(() => parseArgs(args), UsageError).message, message);
  });
}

Deno.test("--help and --version go before everything else", () => {
  assertEquals(parseArgs(["-h", "--boot", "--once"]), { name: "help" });
  assertEquals(parseArgs(["a", "--version"]), { name: "version" });
});
