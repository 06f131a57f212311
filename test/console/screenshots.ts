// Writes pictures of every view of the console, in both themes, at a desk and on a phone:
//
//   npm run screenshots                 to .ringfence/screenshots/, whole pages: to look at
//   npm run screenshots -- --docs       those of the guides, to docs/images/
//
// The program itself: node test/console/screenshots.ts
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildConsole, CONSOLE_DIRECTORY } from '../../scripts/console/buildConsole.ts';
import { startApi } from '../http/apiUnderTest.ts';
import { playBusyScene } from './busyScene.ts';
import { ConsoleBrowser, isLive } from './consoleBrowser.ts';
import { consoleViews } from './consoleViews.ts';

interface Shot {
  readonly width: number;
  readonly height: number;
  readonly colorScheme: 'light' | 'dark';
}

const DESK = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
const EVERY: readonly Shot[] = [DESK, PHONE].flatMap((size) => [
  { ...size, colorScheme: 'light' },
  { ...size, colorScheme: 'dark' },
]);
/** What the README and the guides show. */
const DOCS: Readonly<Record<string, readonly Shot[]>> = {
  overview: [{ ...DESK, colorScheme: 'light' }],
  'rollout-held': [
    { ...DESK, height: 1000, colorScheme: 'light' },
    { ...DESK, height: 1000, colorScheme: 'dark' },
  ],
  plan: [{ ...DESK, colorScheme: 'light' }],
  targets: [{ ...DESK, height: 640, colorScheme: 'dark' }],
  'rollback-asked': [{ ...PHONE, colorScheme: 'light' }],
};

const { docs } = parseArgs({ options: { docs: { type: 'boolean', default: false } } }).values;
const root = join(import.meta.dirname, '..', '..');
const folder = docs ? join(root, 'docs', 'images') : join(root, '.ringfence', 'screenshots');
await mkdir(folder, { recursive: true });
await buildConsole();

await using started = new AsyncDisposableStack();
const api = await startApi({ anonymousViewer: true, webDirectory: CONSOLE_DIRECTORY });
started.defer(() => api.close());
const scene = await playBusyScene(api);
started.defer(() => scene.fleet.stop());
const browser = await ConsoleBrowser.launch();
started.defer(() => browser.close());

let count = 0;
for (const { name, path, shows, as, keys = [] } of consoleViews(api, scene)) {
  const shots = docs ? (DOCS[name] ?? []) : EVERY;
  if (shots.length === 0) continue;
  const options = { reducedMotion: 'reduce', viewport: DESK } as const;
  const page = await browser.open(api.origin, path, as === null ? options : { ...options, token: as });
  await isLive(page);
  await page.locator(shows).first().waitFor();
  for (const key of keys) await page.keyboard.press(key);
  for (const { colorScheme, ...size } of shots) {
    await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme });
    // Two frames: what follows the theme and the width has been drawn.
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    await page.screenshot({
      path: join(folder, `${name}-${size.width}-${colorScheme}.png`),
      fullPage: !docs && keys.length === 0,
    });
    count += 1;
  }
  await browser.closePages();
}
process.stdout.write(`screenshots: ${count} pictures in ${folder}\n`);
