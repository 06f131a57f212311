// Writes pictures of every view of the console, in both themes, at a desk and on a phone: node scripts/pinned.mjs test/console/screenshots.ts [FOLDER]
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { buildConsole, CONSOLE_DIRECTORY } from '../../scripts/console/buildConsole.ts';
import { startApi } from '../http/apiUnderTest.ts';
import { playBusyScene } from './busyScene.ts';
import { ConsoleBrowser, isLive } from './consoleBrowser.ts';
import { consoleViews } from './consoleViews.ts';

const folder = resolve(process.argv[2] ?? join(import.meta.dirname, '..', '..', '.ringfence', 'screenshots'));
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
  const options = { reducedMotion: 'reduce', viewport: { width: 1280, height: 800 } } as const;
  const page = await browser.open(api.origin, path, as === null ? options : { ...options, token: as });
  await isLive(page);
  await page.locator(shows).first().waitFor();
  for (const key of keys) await page.keyboard.press(key);
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: width === 390 ? 844 : 800 });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      // Two frames: what follows the theme and the width has been drawn.
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`), fullPage: keys.length === 0 });
      count += 1;
    }
  }
  await browser.closePages();
}
process.stdout.write(`screenshots: ${count} pictures in ${folder}\n`);
