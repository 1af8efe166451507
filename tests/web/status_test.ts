import { assertEquals } from "@std/assert";
import { formatDuration } from "../../src/config/duration.ts";
import { curlLine } from "../../src/web/status.ts";

Deno.test("formatDuration() shows the two largest units", () => {
  const shown = [0, 999, 61_000, 3_600_000, 3_661_000, 90_061_000, -5].map(formatDuration);
  assertEquals(shown, ["0s", "0s", "1m 1s", "1h", "1h 1m", "1d 1h", "0s"]);
});

Deno.test("curlLine() takes nothing from a Host header that a shell would understand", () => {
  assertEquals(
    curlLine("example.org:50004"),
    `curl -d '{"name":"my-device"}' http://example.org:50004/`,
  );
  assertEquals(curlLine("[::1]:80"), `curl -d '{"name":"my-device"}' http://[::1]:80/`);
  assertEquals(curlLine("x", "https"), `curl -d '{"name":"my-device"}' https://x/`);
  assertEquals(curlLine("x;rm -rf $HOME`"), `curl -d '{"name":"my-device"}' http://xrm-rfHOME/`);
});
