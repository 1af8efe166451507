/** Hashes of passwords: those of others verify, and how long it takes tells nothing. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Busy, hashPassword, PasswordDesk, verifyPassword } from "../../src/access/password.ts";
import { MIN_ITERATIONS, parsePasswordHash } from "../../src/config/password_hash.ts";

/** What Python's hashlib makes of it, in the way of Werkzeug: the salt is the bytes of its text. */
async function werkzeugHash(password: string, salt: string, iterations: number): Promise<string> {
  const program = "import hashlib,sys; p,s,n=sys.argv[1:]; " +
    "print('pbkdf2:sha256:%s$%s$%s' % (n, s, " +
    "hashlib.pbkdf2_hmac('sha256', p.encode(), s.encode(), int(n)).hex()))";
  const { stdout, success } = await new Deno.Command("python3", {
    args: ["-c", program, password, salt, String(iterations)],
  }).output();
  assert(success);
  return new TextDecoder().decode(stdout).trim();
}

Deno.test("a new hash has 600,000 rounds and verifies its own password alone", async () => {
  const hash = await hashPassword("correct horse");
  assertMatch(hash, /^pbkdf2:sha256:600000\$[0-9a-f]{32}\$[0-9a-f]{64}$/);
  assertEquals(parsePasswordHash(hash)?.iterations, MIN_ITERATIONS);
  assertEquals(await verifyPassword(hash, "correct horse"), true);
  assertEquals(await verifyPassword(hash, "correct horsf"), false);
  assertEquals(await verifyPassword(hash, ""), false);
});

Deno.test("two hashes of one password differ", async () => {
  const [one, other] = await Promise.all([hashPassword("same", 1), hashPassword("same", 1)]);
  assert(one !== other);
});

Deno.test("hashes that Werkzeug made verify", async () => {
  for (
    const [password, salt, iterations] of [
      ["correct horse", "p3Xq0aVtWz", 260_000],
      ["pässwörd ☃ 密码", "AbCdEfGh", 150_000],
      ["x", "a./+=-_9", 1],
    ] as const
  ) {
    const hash = await werkzeugHash(password, salt, iterations);
    assertEquals(await verifyPassword(hash, password), true, hash);
    assertEquals(await verifyPassword(hash, `${password} `), false, hash);
    assertEquals(
      await verifyPassword(
        hash.toUpperCase().replace(/^[^$]+\$[^$]+/, () => hash.split("$").slice(0, 2).join("$")),
        password,
      ),
      true,
      "capital digits",
    );
  }
});

Deno.test("what is no hash verifies nothing", async () => {
  for (const hash of ["", "x", "pbkdf2:sha256:1$a$", "scrypt:32768:8:1$a$00", "********"]) {
    assertEquals(await verifyPassword(hash, hash), false);
  }
});

Deno.test("an endless password is wrong", async () => {
  const long = "x".repeat(1025);
  assertEquals(await verifyPassword(await hashPassword(long, 1), long), false);
  const longest = "x".repeat(1024);
  assertEquals(await verifyPassword(await hashPassword(longest, 1), longest), true);
});

Deno.test("the desk says right and wrong, also of no hash and of fewer rounds", async () => {
  const desk = new PasswordDesk();
  const hash = await hashPassword("right", 10);
  assertEquals(
    await Promise.all([
      desk.verify(hash, "right", 1000),
      desk.verify(hash, "wrong", 1000),
      desk.verify(null, "right", 1000),
      desk.verify(hash, "right", 0),
      desk.verify("no hash", "right", 1000),
    ]),
    [true, false, false, true, false],
  );
});

Deno.test("while passwords are verified the event loop goes on", async () => {
  const desk = new PasswordDesk();
  let turns = 0;
  let isDone = false;
  const verifying = Promise.all([1, 2, 3].map(() => desk.verify(null, "x", MIN_ITERATIONS)))
    .then(() => isDone = true);
  while (!isDone) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    turns++;
  }
  await verifying;
  assert(turns > 5, `${turns}`);
});

Deno.test("of too many at once some are refused, and the others all get their answer", async () => {
  const desk = new PasswordDesk();
  const hash = await hashPassword("right", 10);
  const results = await Promise.allSettled(
    Array.from({ length: 50 }, () => desk.verify(hash, "right", 100)),
  );
  const refused = results.filter(({ status }) => status === "rejected");
  assertEquals(refused.length, 18);
  for (const result of refused) {
    assert(result.status === "rejected" && result.reason instanceof Busy);
  }
  assertEquals(await desk.verify(hash, "right", 100), true, "and afterwards there is room again");
});
