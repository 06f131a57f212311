import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const CHROMIUM = process.env.RINGFENCE_CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const missing = `there is no browser at ${CHROMIUM}: install chromium (apt-get install chromium), or set RINGFENCE_CHROMIUM`;

/** For `describe`: why tests in a browser are skipped; with CI=true they are not. */
export const skipWithoutBrowser = existsSync(CHROMIUM) || process.env.CI === 'true' ? false : missing;

/** A real browser, and pages in it of which everything that goes wrong is noted, and every request to somewhere else. */
export class ConsoleBrowser {
  readonly #browser: Browser;
  readonly #faults: string[] = [];

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async launch(): Promise<ConsoleBrowser> {
    if (!existsSync(CHROMIUM)) assert.fail(missing);
    return new ConsoleBrowser(await chromium.launch({ executablePath: CHROMIUM, args: FLAGS }));
  }

  /** The console in a browser context of its own. `token`: signed in with it. */
  async open(
    origin: string,
    path = '/',
    { token, ...options }: BrowserContextOptions & { token?: string } = {},
  ): Promise<Page> {
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    if (token !== undefined) {
      const { status, statusText } = await signIn(context, origin, token);
      assert.equal(status, 201, statusText);
    }
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    page.on('console', (message) => {
      // The browser itself notes answers such as 403, which the page shows in its own words.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        this.#faults.push(message.text());
    });
    page.on('pageerror', (error) => this.#faults.push(error.stack ?? error.message));
    page.on('request', (request) => {
      if (new URL(request.url()).origin !== origin) this.#faults.push(`asked elsewhere: ${request.url()}`);
    });
    await page.goto(origin + path);
    return page;
  }

  /** Nothing went wrong in any page since this was last asked. */
  assertNoFaults(): void {
    assert.deepEqual(this.#faults.splice(0), []);
  }

  async closePages(): Promise<void> {
    for (const context of this.#browser.contexts()) await context.close();
    this.#faults.length = 0;
  }

  close(): Promise<void> {
    return this.#browser.close();
  }
}

async function signIn(context: Awaited<ReturnType<Browser['newContext']>>, origin: string, token: string) {
  const answer = await context.request.post(`${origin}/v1/session`, { data: { token } });
  return { status: answer.status(), statusText: await answer.text() };
}

/** Waits until something on the page has these words. */
export async function says(page: Page, selector: string, text: string | RegExp): Promise<void> {
  await page.locator(selector).filter({ hasText: text }).first().waitFor();
}

/** Waits until the console hears the control plane. */
export async function isLive(page: Page): Promise<void> {
  await page.locator('[data-connection="live"]').waitFor();
}
