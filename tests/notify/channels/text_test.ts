/** Texts: cleaned, escaped, cut; and what is told of a failure. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  clean,
  compose,
  fit,
  inBytes,
  inUnits,
  linkOf,
  oneLine,
  withoutMarkdown,
} from "../../../src/notify/channels/text.ts";
import { abortedError, secretsOfUrl, teller } from "../../../src/notify/channels/trouble.ts";
import { notice } from "./support.ts";

/** Any UTF-16 at all, also half characters. */
const anyText = fc.oneof(
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }),
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom("\r", "\n", "\0", '"', "\\", "🔥", "ä", "<", "@", "`", " ") }),
);

Deno.test("a text is cleaned of control characters, with line feeds alone between lines", () => {
  assertEquals(
    clean("a\r\nb\rc\u2028d\0\u0007\u001b[31me\tf\u202eg\ud800"),
    "a\nb\nc\nd[31me\tfg�",
  );
  assertEquals(oneLine("  a\r\n\t b \u0085c "), "a b c");
});

Deno.test("a text that fits is not cut, one that does not ends in an ellipsis", () => {
  assertEquals(fit("abcd", { limit: 4 }), "abcd");
  assertEquals(fit("abcde", { limit: 4 }), "abc…");
  assertEquals(fit("a🔥🔥", { limit: 4 }), "a🔥…");
  assertEquals(fit("ääää", { limit: 8, measure: inBytes }), "ääää");
  assertEquals(fit("äääää", { limit: 8, measure: inBytes }), "ää…");
  assertEquals(fit("abc", { limit: 0 }), "");
  assertEquals(fit("***", { limit: 5, escape: withoutMarkdown }), "\\*\\*…");
});

Deno.test("whatever the text, what is made of it stays within its limit", () => {
  const measures = fc.constantFrom(inUnits, inBytes);
  const limits = fc.integer({ min: 0, max: 300 });
  fc.assert(fc.property(anyText, anyText, limits, measures, (title, body, limit, measure) => {
    const fitted = fit(clean(body), { limit, measure, escape: withoutMarkdown });
    assert(measure(fitted) <= limit && fitted.isWellFormed());
    const layout = { limit: limit + 20, measure, title: (text: string) => `**${text}**` };
    const text = compose(notice({ title, body }), layout);
    assert(measure(text) <= limit + 20 && text !== "" && text.isWellFormed());
  }));
});

Deno.test("a link has nothing in it that could end it", () => {
  assertEquals(linkOf(notice({ url: null })), null);
  assertEquals(
    linkOf(notice({ url: 'https://h/a?b=c&d=%20#e <x>|"\n🔥' })),
    "https://h/a?b=c&d=%20#e%20%3Cx%3E%7C%22%0A%F0%9F%94%A5",
  );
});

Deno.test("a secret is not told, and a short one only hidden where it is a word", () => {
  const tell = teller(["hunter22", "t", ""]);
  assertEquals(tell("hunter22: the token t=t"), "***: the token ***=***");
  assertEquals(tell("a\nb"), "a b");
  const long = tell("🔥".repeat(200));
  assert(long.endsWith("…") && long.isWellFormed() && long.length <= 201);
});

Deno.test("whatever the secret, an answer that repeats it is told without it", () => {
  fc.assert(fc.property(fc.string({ minLength: 4 }), anyText, anyText, (secret, before, after) => {
    fc.pre(!"***…".includes(secret) && !oneLine(before + after).includes(secret));
    const told = teller([secret])(`${before} ${secret} ${JSON.stringify({ secret })} ${after}`);
    assert(told.includes("***") || told.endsWith("…"));
    assert(!told.includes(secret) || /[\s*]/.test(secret), `${JSON.stringify(secret)} in ${told}`);
  }));
});

Deno.test("the parts of a secret address are secrets too, its common words are not", () => {
  const secrets = secretsOfUrl("https://me:p%40ss@h.example/hooks/abcdefgh1?key=12345678&v=1");
  for (const part of ["abcdefgh1", "12345678", "p@ss", "/hooks/abcdefgh1?key=12345678&v=1"]) {
    assert(secrets.includes(part), part);
  }
  assert(!secrets.includes("hooks") && !secrets.includes("1"));
  assertEquals(secretsOfUrl("no address"), ["no address"]);
});

Deno.test("the error of an aborted attempt says why it was aborted", () => {
  const said = (reason?: unknown) => abortedError("X", AbortSignal.abort(reason)).message;
  assertEquals(said(), "X: the attempt was given up: it was stopped");
  assertEquals(said("text"), "X: the attempt was given up: it was stopped");
  assertEquals(said(new Error("hbd stops")), "X: the attempt was given up: hbd stops");
  const late = new DOMException("…", "TimeoutError");
  assertEquals(said(late), "X: the attempt was given up: no answer in time");
});
