import { assertEquals, assertThrows } from "@std/assert";
import { splitCommand } from "../../../src/client/plugins/argv.ts";

Deno.test("blanks separate arguments, quotes and backslashes keep them together", () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["/a/check -w 5,4,3  -c\t10", ["/a/check", "-w", "5,4,3", "-c", "10"]],
    ["  check \n -v ", ["check", "-v"]],
    [`check -s "it's up" -u '/a b'`, ["check", "-s", "it's up", "-u", "/a b"]],
    [String.raw`check "say \"hi\" \\ \n" '\'`, ["check", `say "hi" \\ \\n`, "\\"]],
    [String.raw`check a\ b \" \|`, ["check", "a b", '"', "|"]],
    [`check --url='http://x/?a=1&b=2'"; "tail`, ["check", "--url=http://x/?a=1&b=2; tail"]],
    [`check "" ''`, ["check", "", ""]],
    ["check $HOME *.txt ~ #5 ü", ["check", "$HOME", "*.txt", "~", "#5", "ü"]],
    ["", []],
  ];
  for (const [command, argv] of cases) assertEquals(splitCommand(command), argv);
});

Deno.test("an open quote and what only a shell could do are refused", () => {
  assertThrows(() => splitCommand("check 'a b"), Error, "the quote ' is not closed");
  assertThrows(() => splitCommand('check "a\\"'), Error, 'the quote " is not closed');
  assertThrows(() => splitCommand("check a\\"), Error, "nothing follows the last \\");
  for (const command of ["a | b", "a>b", "a < b", "a && b", "a; b", "a `b`", "a $(b)"]) {
    assertThrows(() => splitCommand(command), Error, "no shell runs it");
  }
});
