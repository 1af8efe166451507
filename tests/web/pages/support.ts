/** The pages over the parts of the bench, with the files of a little bundle. */

import { join } from "@std/path";
import { bundle } from "../../../scripts/bundle.ts";
import { createApp, type Handler } from "../../../src/web/app.ts";
import { Assets } from "../../../src/web/assets.ts";
import { createPages } from "../../../src/web/pages/mod.ts";
import { type Answered, type Asked, Bench, type BenchOptions, START_MS } from "../support.ts";

/** The password of alice and bob, and its hash with few iterations. */
export const PASSWORD = "correct horse";

const HASH = "pbkdf2:sha256:1000$salt1234$" +
  "954e11abc7b5fa6ce04d81b33ef6da2e999495370b37bbd0599d847cb7f389d3";

/** An admin, a user with one host, and hosts of theirs. */
export const USERS = `
users:
  alice: {password: "${HASH}", admin: true}
  bob: {password: "${HASH}"}
hosts:
  web1: {owner: bob}
  db1: {owner: alice}
`;

export class Pages implements AsyncDisposable {
  readonly bench: Bench;
  readonly assets: Assets;
  readonly #handle: Handler;
  readonly #dir: string;

  private constructor(bench: Bench, assets: Assets, dir: string) {
    this.bench = bench;
    this.assets = assets;
    this.#dir = dir;
    // Beats go through the bench itself: none is posted here.
    const door = () => Promise.resolve(new Response("a beat"));
    this.#handle = createApp(door, bench.view, { pages: createPages(bench.view, assets) });
  }

  static async start(options: BenchOptions = {}): Promise<Pages> {
    const dir = await Deno.makeTempDir({ prefix: "hbd-pages-" });
    for (const folder of ["app", "css", "public"]) await Deno.mkdir(join(dir, folder));
    await Deno.writeTextFile(join(dir, "app/main.tsx"), "console.log('app');");
    await Deno.writeTextFile(join(dir, "app/theme.ts"), "console.log('theme');");
    await Deno.writeTextFile(join(dir, "app/public_status.ts"), "console.log('status');");
    await Deno.writeTextFile(join(dir, "css/01.css"), "a{color:red}");
    await Deno.writeTextFile(join(dir, "public/favicon.svg"), "<svg/>");
    await bundle(dir);
    const assets = await Assets.load({ dir: join(dir, "dist") });
    return new Pages(await Bench.start(options), assets, dir);
  }

  /** The answer to a browser. */
  browse(path: string, asked: Asked = {}): Promise<Answered> {
    const headers = { accept: "text/html,application/xhtml+xml,*/*;q=0.8", ...asked.headers };
    return this.bench.ask(path, { ...asked, headers }, this.#handle);
  }

  /** The answer to a program. */
  ask(path: string, asked: Asked = {}): Promise<Answered> {
    return this.bench.ask(path, asked, this.#handle);
  }

  /** Sends a form as a browser does, from a page of this server unless `headers` say otherwise. */
  sendForm(
    path: string,
    fields: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answered> {
    return this.browse(path, {
      method: "POST",
      body: new URLSearchParams(fields).toString(),
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        origin: "http://localhost:50004",
        ...headers,
      },
    });
  }

  /** The cookie of a session of `user`, as a browser sends it. */
  async cookieOf(user: string): Promise<string> {
    const answer = await this.sendForm("/login", { user, password: PASSWORD });
    const [cookie = ""] = (answer.headers.get("set-cookie") ?? "").split(";");
    if (!cookie.startsWith("hbd_session=")) throw new Error(`Not logged in: ${answer.text}`);
    return cookie;
  }

  get handle(): Handler {
    return this.#handle;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bench[Symbol.asyncDispose]();
    await Deno.remove(this.#dir, { recursive: true });
  }
}

/** Lets so many milliseconds pass, a second at a time, with the watchdog looking each time. */
export function pass({ watch }: Bench, ms: number): void {
  watch.until((watch.nowMs + ms - START_MS) / 1000);
}
