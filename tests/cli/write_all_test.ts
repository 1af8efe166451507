import { assertEquals, assertThrows } from "@std/assert";
import { writeAll } from "../../src/cli/write_all.ts";

Deno.test("all of a text is written, however little the pipe takes, and whether it is full", () => {
  const taken: number[] = [];
  let calls = 0;
  const pipe = {
    writeSync(bytes: Uint8Array): number {
      if (++calls % 3 === 0) throw new Deno.errors.WouldBlock();
      taken.push(...bytes.subarray(0, 5));
      return Math.min(5, bytes.length);
    },
  };
  const text = "each line ends — in ünicode\n";
  writeAll(pipe, text);
  assertEquals(new TextDecoder().decode(new Uint8Array(taken)), text);
});

Deno.test("a pipe that nobody reads any more is told", () => {
  const pipe = {
    writeSync(): number {
      throw new Deno.errors.BrokenPipe();
    },
  };
  assertThrows(() => writeAll(pipe, "x"), Deno.errors.BrokenPipe);
});
