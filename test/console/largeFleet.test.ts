import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { buildConsole, CONSOLE_DIRECTORY } from '../../scripts/console/buildConsole.ts';
import { type ApiUnderTest, startApi } from '../http/apiUnderTest.ts';
import { shopManifests } from '../http/shopFleet.ts';
import { ConsoleBrowser, isLive, says, skipWithoutBrowser } from './consoleBrowser.ts';

const TARGETS = 100_000;

/** A hundred thousand targets that have enrolled at a real control plane, and nothing that moves them. */
describe('the console before 100,000 targets', { skip: skipWithoutBrowser }, () => {
  let browser: ConsoleBrowser;
  let api: ApiUnderTest;
  let page: Page;
  before(async () => {
    await buildConsole();
    browser = await ConsoleBrowser.launch();
    api = await startApi({ anonymousViewer: true, webDirectory: CONSOLE_DIRECTORY });
    const { status, text } = await api.call({
      method: 'POST',
      path: '/v1/manifests',
      body: { documents: shopManifests() },
    });
    assert.equal(status, 200, text);
    const { fleet } = api.controlPlane;
    for (let from = 0; from < TARGETS; from += 5000) {
      await Promise.all(Array.from({ length: 5000 }, (_, index) => enrol(from + index)));
    }
    async function enrol(number: number): Promise<void> {
      const uid = number.toString(16).padStart(32, '0');
      const ring = number < 100 ? 'canary' : 'broad';
      const name = `shop-${String(number).padStart(6, '0')}`;
      const region = ['eu', 'us', 'ap'][number % 3] ?? 'eu';
      const introduced = await fleet.introduce({ uid, name, service: 'shop', role: 'web', labels: { ring, region } });
      assert.ok(introduced.ok);
      fleet.report(uid, { slots: [], checks: [] });
    }
    page = await browser.open(api.origin, '/targets');
    page.setDefaultTimeout(60_000);
    await isLive(page);
  });
  after(async () => {
    await browser?.close();
    await api?.close();
  });

  it('shows all of them, and a hundred of them as rows', async () => {
    await says(page, 'h2', '100,000 targets');
    await says(page, '.map-says', '100,000 shown');
    assert.ok((await page.locator('tbody tr').count()) <= 100);
    browser.assertNoFaults();
  });

  it('the map goes with the hand: a frame for every move of it, however many targets there are', async (t) => {
    const canvas = page.locator('.fleet-map canvas');
    await canvas.scrollIntoViewIfNeeded();
    const box = await canvas.boundingBox();
    assert.ok(box !== null);
    await canvas.focus();
    await page.keyboard.press('+');
    await page.keyboard.press('+');
    const before = await drawn(page);
    const moves = 60;
    await page.mouse.move(box.x + 400, box.y + 60);
    await page.mouse.down();
    for (let move = 0; move < moves; move++) {
      await page.mouse.move(box.x + 400 - move * 4, box.y + 60 + (move % 8));
      await nextFrame(page);
    }
    await page.mouse.up();
    const after = await drawn(page);
    const frames = after.frames - before.frames;
    const perFrame = (after.ms - before.ms) / frames;
    t.diagnostic(`${frames} frames for ${moves} moves, ${perFrame.toFixed(2)} ms of drawing each`);
    assert.ok(frames >= moves - 5 && frames <= 2 * moves, `${frames} frames for ${moves} moves`);
    browser.assertNoFaults();
  });

  it('one that is gone is heard of, found by key, and opened', async () => {
    const number = 77_777;
    const uid = number.toString(16).padStart(32, '0');
    api.controlPlane.fleet.lost(uid);
    await says(page, '[data-standing="gone"]', 'not connected');
    const canvas = page.locator('.fleet-map canvas');
    await canvas.focus();
    await page.keyboard.press('0');
    await page.keyboard.press('n');
    await says(page, '.map-says', `shop-0${number} holds baseline, not connected`);
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/targets/${uid}`);
    await says(page, 'h1', `shop-0${number}`);
    browser.assertNoFaults();
  });
});

async function drawn(page: Page): Promise<{ frames: number; ms: number }> {
  return await page.locator('.fleet-map canvas').evaluate((canvas: HTMLElement) => {
    return { frames: Number(canvas.dataset.frames), ms: Number(canvas.dataset.drawMs) };
  });
}

function nextFrame(page: Page): Promise<unknown> {
  return page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
}
