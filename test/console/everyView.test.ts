import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, it } from 'node:test';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { buildConsole, CONSOLE_DIRECTORY } from '../../scripts/console/buildConsole.ts';
import { type ApiUnderTest, startApi } from '../http/apiUnderTest.ts';
import { type BusyScene, playBusyScene } from './busyScene.ts';
import { ConsoleBrowser, isLive, skipWithoutBrowser } from './consoleBrowser.ts';
import { consoleViews } from './consoleViews.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Look {
  readonly colorScheme: 'light' | 'dark';
  readonly width: number;
  /** What axe looks for: everything at first, then what colours and widths may change. */
  readonly axe: object;
}

const ALL = { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] };
const COLOURS = { type: 'rule', values: ['color-contrast'] };
const WIDTHS = { type: 'rule', values: ['color-contrast', 'target-size', 'scrollable-region-focusable'] };
const LOOKS: readonly Look[] = [
  { colorScheme: 'light', width: 1280, axe: ALL },
  { colorScheme: 'dark', width: 1280, axe: COLOURS },
  { colorScheme: 'dark', width: 390, axe: WIDTHS },
  { colorScheme: 'light', width: 390, axe: WIDTHS },
];

describe('every view', { skip: skipWithoutBrowser }, () => {
  let browser: ConsoleBrowser;
  let api: ApiUnderTest;
  let scene: BusyScene;
  before(async () => {
    await buildConsole();
    browser = await ConsoleBrowser.launch();
    api = await startApi({ anonymousViewer: true, webDirectory: CONSOLE_DIRECTORY });
    scene = await playBusyScene(api);
  });
  after(async () => {
    scene?.fleet.stop();
    await browser?.close();
    await api?.close();
  });

  it('is clean by axe (WCAG AA) in light and dark, at a desk and on a phone; nothing is beyond the edge, and nothing moves', async () => {
    const found: string[] = [];
    for (const { name, path, shows, as, keys = [] } of consoleViews(api, scene)) {
      const options = { reducedMotion: 'reduce', bypassCSP: true } as const;
      const page = await browser.open(api.origin, path, as === null ? options : { ...options, token: as });
      await isLive(page);
      await page.locator(shows).first().waitFor();
      for (const key of keys) await page.keyboard.press(key);
      await page.evaluate(AXE);
      for (const { colorScheme, width, axe } of LOOKS) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 844 });
        const where = `${name}, ${colorScheme}, ${width}`;
        found.push(...(await violations(page, axe)).map((says) => `${where}: ${says}`));
        const [shown = 0, needed = 0] = await page.evaluate(() => {
          const { clientWidth, scrollWidth } = document.documentElement;
          return [clientWidth, scrollWidth];
        });
        if (needed !== shown) found.push(`${where}: ${needed} pixels wide, ${shown} are shown`);
      }
      if ((await page.evaluate(() => document.getAnimations().length)) > 0) found.push(`${name}: something moves`);
      const headings = await page.locator('h1').count();
      if (headings !== 1) found.push(`${name}: ${headings} headings say what it is`);
      browser.assertNoFaults();
      await browser.closePages();
    }
    assert.deepEqual(found, []);
  });
});

/** What axe finds, each with where it is. */
async function violations(page: Page, runOnly: object): Promise<readonly string[]> {
  const { violations: found } = await page.evaluate(
    (options) => {
      const { axe } = globalThis as unknown as { axe: { run(given: object): Promise<AxeResults> } };
      return axe.run(options);
    },
    { runOnly },
  );
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
  );
}
