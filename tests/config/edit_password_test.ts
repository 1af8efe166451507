/** Putting a password into a configuration file leaves the rest of it as it is. */

import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { passwordLines, withPassword } from "../../src/config/edit_password.ts";
import { ConfigError } from "../../src/config/load.ts";
import { configOf } from "./support.ts";

const HASH = `pbkdf2:sha256:600000$salt$${"0a".repeat(32)}`;
const OLD = `pbkdf2:sha256:1000$salt$${"0b".repeat(32)}`;
const NEW = `"${HASH}"`;

interface Case {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  readonly isNewUser?: boolean;
}

const CASES: readonly Case[] = [
  { name: "an empty file", before: "", after: `users:\n  alice:\n    password: ${NEW}\n` },
  {
    name: "a file without users",
    before: "# mine\ninterval: 30     # aligned",
    after: `# mine\ninterval: 30     # aligned\n\nusers:\n  alice:\n    password: ${NEW}\n`,
  },
  {
    name: "users, all commented out",
    before: "users:   # soon\n  # bob: {}\n\nhosts:\n  a:   {watch: true}\n",
    after: `users:   # soon\n  alice:\n    password: ${NEW}\n  # bob: {}\n\nhosts:\n` +
      "  a:   {watch: true}\n",
  },
  {
    name: "other users",
    before: "users:\n    # the boss\n    bob:   # x\n        admin: true   # y\n\n\ninterval: 5\n",
    after: `users:\n    alice:\n      password: ${NEW}\n    # the boss\n    bob:   # x\n` +
      "        admin: true   # y\n\n\ninterval: 5\n",
  },
  {
    name: "users in braces",
    before: "users: {bob: {admin: true}}   # few\n",
    after: `users: { alice: { password: ${NEW} },bob: {admin: true}}   # few\n`,
  },
  {
    name: "empty braces",
    before: "users: {}\n",
    after: `users: { alice: { password: ${NEW} } }\n`,
  },
  {
    name: "a user with a password",
    before: `users:\n  alice:\n    admin: true\n    password: ${OLD}   # old\n`,
    after: `users:\n  alice:\n    admin: true\n    password: ${NEW}   # old\n`,
    isNewUser: false,
  },
  {
    name: "a user with a password in braces",
    before: `users:\n  alice: {password: '${OLD}', admin: true}\n`,
    after: `users:\n  alice: {password: ${NEW}, admin: true}\n`,
    isNewUser: false,
  },
  {
    name: "a user without a password",
    before: "users:\n  alice:\n    # of all\n    admin: true\n",
    after: `users:\n  alice:\n    password: ${NEW}\n    # of all\n    admin: true\n`,
    isNewUser: false,
  },
  {
    name: "a user without anything",
    before: "users:\n  alice:   # new\n  bob:\n",
    after: `users:\n  alice:   # new\n    password: ${NEW}\n  bob:\n`,
    isNewUser: false,
  },
  {
    name: "a password that is none, as hbd check writes it",
    before: 'users:\n  alice:\n    password: "********"\n',
    after: `users:\n  alice:\n    password: ${NEW}\n`,
    isNewUser: false,
  },
  {
    name: "line ends of Windows",
    before: "interval: 5\r\nusers:\r\n  bob:\r\n",
    after: `interval: 5\r\nusers:\r\n  alice:\r\n    password: ${NEW}\r\n  bob:\r\n`,
  },
  {
    name: "a key without a line of its own (written anew)",
    before: "users: {alice: , bob: }   # few\n",
    after: `users: { alice: { password: ${HASH} }, bob: } # few\n`,
    isNewUser: false,
  },
  {
    name: "an explicit null (written anew)",
    before: "# mine\nusers: ~   # none\ninterval: 5 # x\n",
    after: `# mine\nusers:\n  # none\n  alice:\n    password: ${HASH}\ninterval: 5 # x\n`,
  },
];

for (const { name, before, after, isNewUser = true } of CASES) {
  Deno.test(`a password goes into ${name}, and all else stays`, async () => {
    const edited = withPassword(before, "hbd.yaml", "alice", HASH);
    assertEquals(edited, { text: after, isNewUser });
    assertEquals((await configOf(edited.text)).users.get("alice")?.password?.value, HASH);
  });
}

Deno.test("names that mean something else in YAML are quoted", async () => {
  for (const name of ["null", "on", "5", "a: b", "- a", "#x", "*a", "o'hara", 'a"b', "é", "a.b"]) {
    const { text } = withPassword("interval: 5\n", "hbd.yaml", name, HASH);
    assertEquals([...(await configOf(text)).users.keys()], [name]);
    assertEquals([...(await configOf(passwordLines(name, HASH))).users.keys()], [name]);
  }
});

Deno.test("a password that is kept elsewhere is not written over", () => {
  for (const reference of ["file:alice.hash", "${ALICE}"]) {
    const text = `users:\n  alice:\n    password: ${reference}\n`;
    const error = assertThrows(() => withPassword(text, "hbd.yaml", "alice", HASH), ConfigError);
    assertStringIncludes(error.message, `kept elsewhere (${reference})`);
  }
});

Deno.test("what is no configuration is told with its place, and not edited", () => {
  const edit = (text: string) => () => withPassword(text, "hbd.yaml", "alice", HASH);
  assertThrows(edit("users: {\n"), ConfigError, "hbd.yaml:");
  assertThrows(edit("intervall: 5\n"), ConfigError, 'did you mean "interval"?');
  assertThrows(edit("users: [a]\n"), ConfigError, "Cannot edit");
  assertThrows(edit("- a\n"), ConfigError);
});

Deno.test("users behind an alias are written for all who share them, or not at all", () => {
  const text = "users:\n  bob: &b {admin: true}\n  alice: *b\n";
  assertThrows(() => withPassword(text, "hbd.yaml", "alice", HASH), ConfigError, "Cannot edit");
});
