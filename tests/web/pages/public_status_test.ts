import { assertEquals, assertMatch } from "@std/assert";
import { overall } from "../../../src/web/pages/public_status.ts";
import { Pages, pass, USERS } from "./support.ts";

const PAGE = 'status_page: {title: "Our <services>", hosts: ["web*", mail]}\n';

Deno.test("the public page is off unless the configuration names hosts", async () => {
  await using pages = await Pages.start();
  const { status, text } = await pages.browse("/status");
  assertEquals(status, 404);
  assertMatch(text, /There is no such page/);
});

Deno.test("everybody sees the hosts of the public page, and no others", async () => {
  await using pages = await Pages.start({ config: PAGE + USERS });
  for (const name of ["web1", "web2", "mail", "db1", "myweb"]) await pages.bench.beat(name);
  const { status, text } = await pages.browse("/status");
  assertEquals(status, 200);
  const names = [...text.matchAll(/<h2>([^<]*)<\/h2>/g)].map(([, name]) => name);
  assertEquals(names, ["mail", "web1", "web2"]);
  assertMatch(text, /<h1>Our &lt;services&gt;<\/h1>/);
  assertMatch(text, /Everything is up/);
  assertMatch(text, /<noscript><meta http-equiv="refresh" content="60"><\/noscript>/);
  assertEquals(text.includes("/assets/app."), true);
  assertEquals(/<script[^>]*app\./.test(text), false);
  // Where a host is, is nobody's business.
  assertEquals(text.includes("192.0.2"), false);
});

Deno.test("the public page says what is down, and is made anew after some seconds", async () => {
  await using pages = await Pages.start({ config: PAGE });
  const { bench } = pages;
  await bench.post("/", JSON.stringify({ name: "web1", interval: 10 }));
  await bench.post("/", JSON.stringify({ name: "mail", interval: 100_000 }));
  assertMatch((await pages.browse("/status")).text, /Everything is up/);
  pass(bench, 60_000);
  const { text } = await pages.browse("/status");
  assertMatch(text, /1 of 2 is down/);
  assertMatch(text, /Down for 1m/);
});

Deno.test("the public page shows the uptime of 90 days, and each day", async () => {
  await using pages = await Pages.start({ config: PAGE });
  const { bench } = pages;
  for (let hour = 0; hour < 3; hour++) {
    await bench.post("/", JSON.stringify({ name: "web1", interval: 3600 }));
    pass(bench, 3_500_000);
  }
  const { text } = await pages.browse("/status");
  assertMatch(text, /100 % up in the one day that is known/);
  assertEquals(text.match(/<rect/g)?.length, 90);
  assertMatch(text, /aria-label="Last 90 days: 1 without a fault, 0 with a short one,/);
});

Deno.test("overall() says how all hosts are, the worst first", () => {
  const of = (...states: readonly ("up" | "down" | "new" | "paused" | "shutdown")[]) =>
    overall(states.map((state) => ({ state }))).text;
  assertEquals(of("up", "up"), "Everything is up");
  assertEquals(of("up", "down", "paused"), "1 of 3 is down");
  assertEquals(of("down"), "It is down");
  assertEquals(of("up", "paused"), "Maintenance on 1 of 2");
  assertEquals(of("up", "shutdown"), "Nothing is down");
  assertEquals(of("new", "new"), "Nothing is known yet");
  assertEquals(of(), "Nothing is known yet");
});
