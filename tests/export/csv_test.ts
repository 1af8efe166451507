import { assertEquals } from "@std/assert";
import { csvLine } from "../../src/export/csv.ts";

Deno.test("cells are separated, quoted where they must be, and the line ends as RFC 4180 has it", () => {
  assertEquals(csvLine(["a", 1, null, true]), "a,1,,true\r\n");
  assertEquals(
    csvLine(['say "x"', "a,b", "two\nlines", " "]),
    '"say ""x""","a,b","two\nlines", \r\n',
  );
});

Deno.test("a text that a spreadsheet would take for a formula is none", () => {
  for (const text of ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"]) {
    const [first = ""] = csvLine([text]).replaceAll('"', "");
    assertEquals(first, "'", JSON.stringify(text));
  }
  assertEquals(csvLine(['=HYPERLINK("x")']), `"'=HYPERLINK(""x"")"\r\n`);
  assertEquals(csvLine([-1.5]), "-1.5\r\n");
});
