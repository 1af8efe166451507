/**
 * A real Chromium for tests: one browser a test file, a page of its own for each test.
 *
 * Every page is watched: an error in its console, an exception that nobody caught, and a request to
 * any other host than the server under test fail the test at its end, whatever else it was about.
 */

import { assertEquals } from "@std/assert";
import axe from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { bundle, isStale } from "../../scripts/bundle.ts";

/** Where pictures of pages go; not in the repository. */
const PICTURES = new URL("./pictures/", import.meta.url);

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Where Chromium may be. */
const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** How long anything on a page may take that should take a moment. */
const LIMIT_MS = 10_000;

/** Pictures are cut off below, pixels. */
const HIGHEST = 8000;

export const WIDE = { width: 1280, height: 900 };
export const NARROW = { width: 390, height: 844 };

export interface PageOptions {
  /** @default {WIDE} */
  readonly size?: { readonly width: number; readonly height: number };
  /** @default {"light"} */
  readonly scheme?: "light" | "dark";
  /** @default {true} */
  readonly script?: boolean;
  /** Errors in the console that belong to the test. */
  readonly expected?: RegExp;
  /** @default {false} */
  readonly reducedMotion?: boolean;
}

/** Registers a test that gets the browser of its file. */
export type BrowserTest = (name: string, run: (browser: TestBrowser) => Promise<void>) => void;

/**
 * One browser for all tests of the file that calls this: it starts before the first of them and ends
 * after the last.
 *
 * The sanitizers of these tests are off: the pipes to the browser, and what is read from them, live
 * longer than a single test.
 */
export function browserTests(): BrowserTest {
  let browser: TestBrowser | null = null;
  Deno.test.beforeAll(async () => {
    browser = await TestBrowser.start();
  });
  Deno.test.afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
  });
  return (name, run) =>
    Deno.test({
      name,
      sanitizeOps: false,
      sanitizeResources: false,
      fn: async () => {
        if (browser === null) throw new Error("The browser has not started");
        await run(browser);
      },
    });
}

/** A browser that ends with the test that holds it. */
export class TestBrowser implements AsyncDisposable {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  /** Starts one; makes the web app first, where something in it has changed. */
  static async start(): Promise<TestBrowser> {
    if (await isStale()) await bundle();
    const executablePath = PLACES.find(isFile);
    if (executablePath === undefined) {
      throw new Error(`Chromium is missing: apt-get install chromium (looked at ${PLACES})`);
    }
    return new TestBrowser(await chromium.launch({ executablePath, args: ARGUMENTS }));
  }

  /** A page in a profile of its own, at `url`. */
  async open(url: string, options: PageOptions = {}): Promise<TestPage> {
    const { size = WIDE, scheme = "light", script = true, expected, reducedMotion } = options;
    const context = await this.#browser.newContext({
      viewport: size,
      colorScheme: scheme,
      javaScriptEnabled: script,
      ...(reducedMotion === true && { reducedMotion: "reduce" }),
      serviceWorkers: "block",
    });
    const page = new TestPage(await context.newPage(), new URL(url).host, expected);
    await page.page.goto(url);
    return page;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}

/** A page, and what went wrong on it. */
export class TestPage implements AsyncDisposable {
  readonly page: Page;
  readonly #troubles: string[] = [];

  constructor(page: Page, host: string, expected: RegExp | undefined) {
    this.page = page;
    page.setDefaultTimeout(LIMIT_MS);
    const note = (text: string) => {
      if (expected?.test(text) !== true) this.#troubles.push(text);
    };
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") note(message.text());
    });
    page.on("pageerror", (error) => note(`exception: ${error.message}`));
    page.on("request", (request) => {
      const url = new URL(request.url());
      const isOwn = url.host === host || url.protocol === "data:" || url.protocol === "blob:";
      if (!isOwn) this.#troubles.push(`request to another host: ${request.url()}`);
    });
  }

  /** What went wrong so far. */
  get troubles(): readonly string[] {
    return this.#troubles;
  }

  /** Fails when the page breaks a rule of accessibility. */
  async assertAccessible(): Promise<void> {
    // The policy of the page forbids scripts in it; this one comes through the debugger.
    await this.page.evaluate(axe.source);
    const violations = await this.page.evaluate(`(async () => {
      const { violations } = await axe.run({ resultTypes: ["violations"] });
      return violations.map(({ id, help, nodes }) =>
        id + ": " + help + ": " + nodes.slice(0, 3).map(({ html }) => html).join(" "));
    })()`);
    assertEquals(violations, []);
  }

  /**
   * Writes a picture of the whole page. The window is made as high as the page first: some parts are
   * drawn only when they can be seen.
   */
  async picture(name: string): Promise<void> {
    await Deno.mkdir(PICTURES, { recursive: true });
    const path = new URL(`${name}.png`, PICTURES).pathname;
    const size = this.page.viewportSize() ?? WIDE;
    const height = await this.page.evaluate("document.documentElement.scrollHeight") as number;
    await this.page.setViewportSize({ ...size, height: Math.min(height, HIGHEST) });
    await this.drawn();
    await this.page.screenshot({ path, animations: "disabled" });
    await this.page.setViewportSize(size);
  }

  /** Waits until what is under way has been drawn. */
  async drawn(): Promise<void> {
    await this.page.evaluate(`(async () => {
      await document.fonts.ready;
      for (let i = 0; i < 6; i++) await new Promise((next) => requestAnimationFrame(next));
    })()`);
  }

  /** True when the page is not wider than the screen. */
  async fitsInWidth(): Promise<boolean> {
    return await this.page.evaluate(
      "document.documentElement.scrollWidth <= document.documentElement.clientWidth",
    ) as boolean;
  }

  /** Ends the page; fails when something went wrong on it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close();
    assertEquals(this.#troubles, []);
  }
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
