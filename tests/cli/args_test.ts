import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { parseCommandLine, USAGE } from "../../src/cli/args.ts";
import type { ServeOptions } from "../../src/cli/serve_args.ts";
import { UsageError } from "../../src/config/command_line.ts";
import { DEFAULT_CONFIG } from "../../src/config/schema.ts";

const PLAIN: ServeOptions = {
  configFile: null,
  overrides: {},
  stateDir: null,
  ui: true,
  verbose: false,
};

function words(line: string): readonly string[] {
  return line.split(" ").filter((word) => word !== "");
}

const served: readonly (readonly [string, Partial<ServeOptions>])[] = [
  ["", {}],
  ["serve", {}],
  ["7777", { overrides: { isPositional: true, httpPort: 7777, intervalS: 10, tolerancePct: 20 } }],
  ["serve 7777 30", {
    overrides: { isPositional: true, httpPort: 7777, intervalS: 30, tolerancePct: 20 },
  }],
  ["7777 2.5 0", {
    overrides: { isPositional: true, httpPort: 7777, intervalS: 2.5, tolerancePct: 0 },
  }],
  ["0 auto", {
    overrides: { isPositional: true, httpPort: 0, intervalS: "auto", tolerancePct: 20 },
  }],
  ["--http-port 0", { overrides: { httpPort: 0 } }],
  ["--http-port=65535", { overrides: { httpPort: 65535 } }],
  ["--bind ::1", { overrides: { bindAddress: "::1" } }],
  ["--bind=localhost serve", { overrides: { bindAddress: "localhost" } }],
  ["-c hbd.yaml", { configFile: "hbd.yaml" }],
  ["--config=a=b.yaml", { configFile: "a=b.yaml" }],
  ["--config=-odd.yaml", { configFile: "-odd.yaml" }],
  ["--state-dir /srv/hb", { stateDir: "/srv/hb" }],
  ["--no-ui -f -v", { ui: false, verbose: true }],
  ["-v 7777 -c x", {
    verbose: true,
    configFile: "x",
    overrides: { isPositional: true, httpPort: 7777, intervalS: 10, tolerancePct: 20 },
  }],
];
for (const [line, options] of served) {
  Deno.test(`"hbd ${line}" serves with ${JSON.stringify(options)}`, () => {
    assertEquals(parseCommandLine(words(line)), {
      name: "serve",
      options: { ...PLAIN, ...options },
    });
  });
}

Deno.test("check takes a configuration file and nothing else", () => {
  assertEquals(parseCommandLine(["check"]), { name: "check", configFile: null });
  assertEquals(parseCommandLine(["check", "-c", "a b"]), { name: "check", configFile: "a b" });
});

Deno.test("notify-test takes a channel and a configuration file", () => {
  const name = "notify-test";
  assertEquals(parseCommandLine([name, "ops"]), { name, channel: "ops", configFile: null });
  assertEquals(parseCommandLine(["-c", "f", name, "my chat"]), {
    name,
    channel: "my chat",
    configFile: "f",
  });
});

const LOOKED_AT: readonly (readonly [string, string])[] = [
  ["", "http://localhost:50004/"],
  ["server", "http://server:50004/"],
  ["server:7777", "http://server:7777/"],
  ["server:80", "http://server/"],
  ["[::1]", "http://[::1]:50004/"],
  ["http://server", "http://server/"],
  ["https://server/beat?x=1#y", "https://server/beat/"],
];
for (const [word, url] of LOOKED_AT) {
  Deno.test(`"hbd top ${word}" looks at ${url}`, () => {
    assertEquals(parseCommandLine(["top", ...words(word)]), {
      name: "top",
      options: { url: new URL(url), token: null },
    });
  });
}

Deno.test("top takes a token", () => {
  assertEquals(parseCommandLine(words("--token hbk_1 top server")), {
    name: "top",
    options: { url: new URL("http://server:50004/"), token: "hbk_1" },
  });
});

Deno.test("passwd takes a user, and a file to write to if it should", () => {
  const passwd = (line: string) => parseCommandLine(["passwd", ...words(line)]);
  const name = "passwd";
  assertEquals(passwd("alice"), { name, options: { user: "alice", writeTo: null } });
  assertEquals(passwd("alice -c f"), { name, options: { user: "alice", writeTo: null } });
  assertEquals(passwd("--write alice -c f"), { name, options: { user: "alice", writeTo: "f" } });
  assertEquals(passwd("-- -odd"), { name, options: { user: "-odd", writeTo: null } });
});

Deno.test("help and version are given wherever they are asked for", () => {
  for (
    const line of ["-h", "--help", "help", "check -h", "99999 --help", "replay --at 2h --help"]
  ) {
    assertEquals(parseCommandLine(words(line)), { name: "help" });
  }
  for (const line of ["--version", "version", "-v --version"]) {
    assertEquals(parseCommandLine(words(line)), { name: "version" });
  }
});

const PORT_RULE = "must be a whole number from 0 to 65535";
const refused: readonly (readonly [string, string])[] = [
  ["0x10", `PORT ${PORT_RULE}: got "0x10"`],
  ["1e3", `PORT ${PORT_RULE}: got "1e3"`],
  ["65536", `PORT ${PORT_RULE}: got "65536"`],
  ["-5", `PORT ${PORT_RULE}: got "-5"`],
  ["80.5", `PORT ${PORT_RULE}: got "80.5"`],
  ["--http-port -5", `--http-port ${PORT_RULE}: got "-5"`],
  ["--http-port=http", `--http-port ${PORT_RULE}: got "http"`],
  [
    "80 0",
    'INTERVAL_S must be a number of seconds above 0 and at most 31536000, a text such as "5m", or "auto": got "0"',
  ],
  ["80 10 -1", 'TOLERANCE_PCT must be a number of percent from 0 to 1000: got "-1"'],
  ["80 10 20%", 'TOLERANCE_PCT must be a number of percent from 0 to 1000: got "20%"'],
  ["80 10 20 30", 'Too many arguments: "30" has no meaning here'],
  ["check hbd.yaml", 'Too many arguments: "hbd.yaml" has no meaning here'],
  ["check --no-ui", 'Option "--no-ui" does not go with "check": only -c FILE does'],
  ["notify-test", "notify-test needs the name of a channel: hbd notify-test CHANNEL"],
  ["notify-test a b", 'Too many arguments: "b" has no meaning here'],
  ["notify-test a -v", 'Option "--verbose" does not go with "notify-test": only -c FILE does'],
  ["passwd", "passwd needs the name of a user: hbd passwd USER"],
  ["passwd a b", 'Too many arguments: "b" has no meaning here'],
  ["passwd a --write", 'Option "--write" needs a file to write to: -c FILE'],
  ["passwd a -v", 'Option "--verbose" does not go with "passwd": only -c FILE does'],
  [
    `passwd ${"x".repeat(65)}`,
    "USER must be 1 to 64 characters without control characters: got 65 characters",
  ],
  ["check --write", 'Option "--write" does not go with "check": only -c FILE does'],
  ["80 --token x", 'Option "--token" goes with "top" only'],
  ["check --token x", 'Option "--token" does not go with "check": only -c FILE does'],
  ["top a b", 'Too many arguments: "b" has no meaning here'],
  ["top -c x", 'Option "--config" does not go with "top": only --token TOKEN does'],
  [
    "top ftp://server/",
    'URL must be that of a server, like http://server:50004/ or server: got "ftp://server/"',
  ],
  [
    "top http://alice:pw@server/",
    'URL must be that of a server, like http://server:50004/ or server: got "http://alice:pw@server/"',
  ],
  ["80 --write", 'Option "--write" goes with "passwd" only'],
  ["notify-tets a", 'Unknown command "notify-tets": did you mean "notify-test"?'],
  [
    "80 --http-port 81",
    'The port is given twice, as PORT "80" and as "--http-port 81": keep one of them',
  ],
  ["-c a --config b", 'Option "--config" is given twice: keep one of them'],
  ["-v --verbose", 'Option "--verbose" is given twice: keep one of them'],
  ["--bind 1.2.3", '--bind must be an IP address or a host name: got "1.2.3"'],
  ["--bind 256.1.1.1", '--bind must be an IP address or a host name: got "256.1.1.1"'],
  ["-c", 'Option "-c" needs a value: -c FILE'],
  ["--state-dir --no-ui", 'Option "--state-dir" needs a value: --state-dir DIR'],
  ["--bind=", 'Option "--bind" needs a value: --bind ADDR'],
  ["--no-ui=yes", 'Option "--no-ui" takes no value'],
  ["--htp-port 3", 'Unknown option "--htp-port": did you mean "--http-port"?'],
  ["--port 3", 'Unknown option "--port": did you mean "--http-port"?'],
  ["chekc", 'Unknown command "chekc": did you mean "check"?'],
];
for (const [line, message] of refused) {
  Deno.test(`"hbd ${line}" is refused: ${message}`, () => {
    assertEquals(
      assertThrows(() => parseCommandLine(words(line)), UsageError).message,
      message,
    );
  });
}

Deno.test("an option unlike any other is refused with the list of those that there are", () => {
  const { message } = assertThrows(() => parseCommandLine(["-x"]), UsageError);
  assertStringIncludes(message, 'Unknown option "-x": known are -c, --config, --bind');
});

Deno.test("USAGE lists every option, the defaults, and fits a terminal", () => {
  const options = [
    "-c",
    "--config",
    "--bind",
    "--http-port",
    "--state-dir",
    "--write",
    "--no-ui",
    "--token",
    "-f",
  ];
  for (
    const option of [...options, "--foreground", "-v", "--verbose", "-h", "--help", "--version"]
  ) {
    assert(new RegExp(`^ +(-\\w, )?${option}[ ,]`, "m").test(USAGE), option);
  }
  assertStringIncludes(USAGE, `default: ${DEFAULT_CONFIG.httpPort}`);
  assertStringIncludes(USAGE, `default: ${DEFAULT_CONFIG.bindAddress}`);
  assert(USAGE.split("\n").every((line) => line.length <= 100));
});

Deno.test("every example of USAGE is a valid command line", () => {
  const examples = [
    ...USAGE.slice(USAGE.indexOf("\nExamples:")).matchAll(/^ {2}hbd(.*?)(?: {3,}.*)$/gm),
  ].map(([, line = ""]) => line)
    .filter((line) => !line.includes("["));
  assertEquals(examples.length, 5);
  examples.forEach((line) => parseCommandLine(words(line)));
});
