import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { eventually } from '../../src/apps/demo/eventually.ts';
import { findFreePort } from '../../src/apps/demo/portOwner.ts';
import { ConsoleBrowser, isLive, says, skipWithoutBrowser } from './consoleBrowser.ts';

/** Far more than a story needs on a machine that does other things, too. */
const STORY_MS = 5 * 60_000;
const never = new AbortController().signal;
const root = join(import.meta.dirname, '..', '..');

/** `npm start`, its 24 real agents and services, watched from the console: nothing but what the console shows is looked at. */
describe("the demo's two stories, watched from the console", { skip: skipWithoutBrowser }, () => {
  let folder: string;
  let demo: ChildProcess;
  let browser: ConsoleBrowser;
  let page: Page;
  let said = '';
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ringfence-watched-'));
    const [port, opampPort] = [await findFreePort(), await findFreePort()];
    const directory = join(folder, 'demo');
    const places = ['--port', String(port), '--opamp-port', String(opampPort), '--directory', directory];
    const program = [join(root, 'scripts', 'pinned.mjs'), 'src/apps/cli/main.ts', 'demo', ...places];
    demo = spawn(process.execPath, program, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [demo.stdout, demo.stderr]) stream?.on('data', (text) => (said += text));
    const origin = `http://127.0.0.1:${port}`;
    await eventually(
      'an answer of the control plane',
      never,
      async () => {
        if (demo.exitCode !== null) assert.fail(`the demo ended with ${demo.exitCode}:\n${said}`);
        const { ok } = await fetch(`${origin}/readyz`).catch(() => ({ ok: false }));
        return ok || null;
      },
      STORY_MS,
    );
    const token = await eventually(
      'the admin token',
      never,
      async () => {
        const text = await readFile(join(directory, 'admin.token'), 'utf8').catch(() => '');
        return text.trim() || null;
      },
      STORY_MS,
    );
    browser = await ConsoleBrowser.launch();
    page = await browser.open(origin, '/', { token });
    page.setDefaultTimeout(STORY_MS);
    await isLive(page);
  });
  after(async () => {
    await browser?.close();
    if (demo?.exitCode === null) {
      const ended = once(demo, 'exit');
      demo.kill('SIGTERM');
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  });

  it('the good change: from ring to ring, until every target holds it', async () => {
    await page.locator('[data-rollout="shop-1"] a').first().click();
    await page.waitForURL('**/rollouts/shop-1');
    await says(page, '[data-check]', /errors/);
    await says(page, '.rollout-head', 'completed');
    for (const stage of ['canary', 'pilot', 'broad'])
      await page.locator(`[data-stage="${stage}"][data-standing="passed"]`).waitFor();
    await says(page, '.timeline', 'shop-1 completed: its change is the last known good');
    await page.locator('.plot canvas').first().waitFor();
    await says(page, '.legend', /more-results\s*24/);
    browser.assertNoFaults();
  });

  it('the bad change: caught in the first ring and back, the others never see it', async () => {
    await page.goto(new URL('/', page.url()).href);
    await page.locator('[data-rollout="shop-2"] a').first().click();
    await says(page, '.rollout-head', 'rolled back');
    await says(page, '[data-stage="canary"][data-standing="takenBack"]', 'taken back');
    for (const stage of ['pilot', 'broad'])
      await says(page, `[data-stage="${stage}"][data-standing="untouched"]`, 'never opened');
    await says(page, '[data-check$=" api"]', /fail/);
    await says(page, '.timeline', 'is in quarantine');
    await says(page, '.timeline', 'shop-2 is back: every target holds what it held before');
    await says(page, '.legend', /more-results\s*24/);
    browser.assertNoFaults();
  });
});
