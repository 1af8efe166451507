import { assertEquals, assertStringIncludes } from "@std/assert";
import { Line } from "../../src/screen/line.ts";
import { Painter } from "../../src/screen/painter.ts";
import { VirtualTerminal } from "./virtual_terminal.ts";

function line(text: string, columns = 20): string {
  return new Line(columns, true).add(text, "red").toString();
}

Deno.test("only lines that have changed are written", () => {
  const terminal = new VirtualTerminal(20, 3);
  const painter = new Painter();
  terminal.write(painter.paint([line("one"), line("two"), line("three")]));
  assertEquals(terminal.lines(), ["one", "two", "three"]);
  terminal.touched.clear();
  terminal.write(painter.paint([line("one"), line("2"), line("three")]));
  assertEquals(terminal.lines(), ["one", "2", "three"]);
  assertEquals([...terminal.touched], [1]);
  assertEquals(painter.paint([line("one"), line("2"), line("three")]), "", "nothing has changed");
});

Deno.test("all lines are written to a terminal that may show anything", () => {
  const painter = new Painter();
  const lines = [line("one"), line("two")];
  const first = painter.paint(lines);
  painter.forget();
  assertEquals(painter.paint(lines), first);
  assertStringIncludes(painter.paint([...lines, line("three")]), "one", "another number of rows");
});

Deno.test("a line is never wider than the window, and clears what stood there", () => {
  for (const text of ["short", "12345678901234567890", "123456789012345678901", "东".repeat(20)]) {
    const terminal = new VirtualTerminal(20, 1);
    terminal.write(`\u001b[1;1H${"#".repeat(20)}`);
    terminal.write(`\u001b[1;1H${line(text)}`);
    assertEquals(terminal.lines()[0]?.includes("#"), false, text);
  }
});

Deno.test("what follows text of an uncertain width is set to its column", () => {
  const text = new Line(40, false).add("❤️ 东京").to(12).add("x").toString();
  assertStringIncludes(text, "\u001b[8G");
  assertStringIncludes(text, `\u001b[K❤️`, "cleared before, as some show a heart in one column");
  assertEquals(new Line(40, false).add("abc").to(12).add("x").toString(), "abc         x\u001b[K");
});

Deno.test("without colours there are none", () => {
  const text = new Line(40, false).add("a", "red").add("b", "alarm").toString();
  assertEquals(text, "a\u001b[1mb\u001b[0m\u001b[K");
});

Deno.test("text from outside cannot steer the terminal", () => {
  const terminal = new VirtualTerminal(40, 1);
  terminal.write(`\u001b[1;1H${line("a\u001b[2Jb\u009b31mc\nd", 40)}`);
  assertEquals(terminal.lines()[0], "a\u{FFFD}[2Jb\u{FFFD}31mc\u{FFFD}d");
});
