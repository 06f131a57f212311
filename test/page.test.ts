import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import pino from 'pino';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { createHttpServer, type HttpServer } from '../src/adapters/http/httpServer.ts';
import type { EventData, EventType } from '../src/core/record/event.ts';
import type { EventBody } from '../src/wire/http/log.ts';
import { toEntries } from '../web/eventWords.ts';
import { type ApiUnderTest, startApi, until } from './http/apiUnderTest.ts';
import { connectShopFleet, type ShopFleet, shopManifests } from './http/shopFleet.ts';

/*
 * The live page in a real browser, served by a real control plane over HTTP. Only the targets are lines of the story each test
 * tells: what agents would say through the fleet's port.
 */

const CHROMIUM = process.env.RINGFENCE_CHROMIUM ?? '/usr/bin/chromium';
const CHROMIUM_FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const webDirectory = join(import.meta.dirname, '..', 'web');
const missing = `there is no browser at ${CHROMIUM}: install chromium (apt-get install chromium), or set RINGFENCE_CHROMIUM`;
const skip = existsSync(CHROMIUM) || process.env.CI === 'true' ? false : missing;

const BLUE = '{"colour":"blue"}';
const RED = '{"colour":"red"}';

describe('the live page', { skip }, () => {
  let browser: Browser;
  let api: ApiUnderTest;
  let fleet: ShopFleet | null;
  let pages: { page: Page; faults: string[] }[];
  let servers: HttpServer[];

  before(async () => {
    if (!existsSync(CHROMIUM)) assert.fail(missing);
    browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_FLAGS });
  });
  after(() => browser?.close());
  beforeEach(async () => {
    fleet = null;
    pages = [];
    servers = [];
    api = await startApi({ anonymousViewer: true, webDirectory });
  });
  afterEach(async () => {
    fleet?.stop();
    for (const { page } of pages) await page.context().close();
    for (const server of servers) await server.close();
    await api.close();
  });

  /** Opens the page in a browser of its own that notes everything that goes wrong in it and every request to somewhere else. */
  async function open(options: BrowserContextOptions = {}, origin = api.origin) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    const faults: string[] = [];
    page.on('console', (message) => {
      // The browser itself notes answers such as 401, which the page shows in its own words.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        faults.push(message.text());
    });
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('request', (request) => {
      if (new URL(request.url()).origin !== origin) faults.push(`asked elsewhere: ${request.url()}`);
    });
    pages.push({ page, faults });
    await page.goto(origin);
    return page;
  }

  const says = (page: Page, selector: string, text: string | RegExp) =>
    page.locator(selector).filter({ hasText: text }).first().waitFor();
  const noFaults = () =>
    assert.deepEqual(
      pages.flatMap(({ faults }) => faults),
      [],
    );
  const apply = async (content: string, name: string) => {
    const { status, text } = await api.call({
      method: 'POST',
      path: '/v1/manifests',
      body: { documents: shopManifests(content, name) },
    });
    assert.equal(status, 200, text);
  };
  const start = async (change: string) => {
    const { status, text } = await api.call({ method: 'POST', path: '/v1/rollouts', body: { change } });
    assert.equal(status, 201, text);
  };
  /** Sends the good change all the way and leaves the fleet on it. */
  const completeBlue = async () => {
    await apply(BLUE, 'blue');
    fleet = await connectShopFleet(api.controlPlane);
    await start('blue');
    await until('a person to be asked', () =>
      api.controlPlane.rolloutView('shop-1')?.rollout.holds.includes('awaiting-promotion'),
    );
    await api.call({ method: 'POST', path: '/v1/rollouts/shop-1/promote' });
    await until('its end', () => api.controlPlane.rolloutView('shop-1')?.rollout.phase === 'completed');
  };

  it('says what is empty, and what to do about it', async () => {
    const page = await open();
    await says(page, '.rollouts', 'No change has been rolled out yet');
    await says(page, '.fleet', 'No target has enrolled yet');
    await says(page, '.connection', /live.*last heard \d+s ago/);
    noFaults();
  });

  it('follows a rollout by itself: from waiting for a person to its end, and a bad one back', async () => {
    const page = await open();
    await apply(BLUE, 'blue');
    fleet = await connectShopFleet(api.controlPlane);
    await says(page, '.legend', 'baseline 3');
    await start('blue');

    await says(page, '.rollout .reason', 'the pipeline asks a person to open the next stage');
    await says(page, '.stage.present', 'canary');
    await says(page, '.blast', 'Exposed now: 1 target (33 %). With broad: 3 targets (100 %).');
    await says(page, '.stage.ahead', /broad.*closed/s);
    await says(page, '.verdicts', /pass.*errors · web.*requests failed on treated targets/s);
    assert.match(await page.title(), /^shop-1 /);
    await api.call({ method: 'POST', path: '/v1/rollouts/shop-1/promote' });
    await says(page, '.rollout', /blue.*completed/s);
    await says(page, '.gate.open', /opened \d\d:\d\d:\d\d/);
    await says(page, '.legend', /^B blue \w{12} 3$/);

    fleet.failOn(RED);
    await apply(RED, 'red');
    await start('red');
    await says(page, '.rollout', /red.*rolled back/s);
    await says(page, '.stage.takenBack', 'canary');
    await says(page, '.stage.untouched', /broad.*never opened/s);
    await says(page, '.record', /is in quarantine.*shop-2 goes back: web: .* requests failed/s);
    await says(page, '.legend', /^B blue \w{12} 3$/);
    noFaults();
  });

  it('shows what targets and people say as text, whatever it is', async () => {
    await apply(BLUE, 'blue');
    const hostile = '<img src=x onerror="document.title=1"><b>';
    const uid = 'f'.repeat(32);
    const labels = { ring: hostile, region: '</td><script>1</script>' };
    const introduced = await api.controlPlane.fleet.introduce({
      uid,
      name: hostile,
      service: 'shop',
      role: 'web',
      labels,
    });
    assert.ok(introduced.ok);
    const checks = [{ name: hostile, healthy: false, detail: hostile }];
    api.controlPlane.fleet.report(uid, { slots: [], checks });
    await api.controlPlane.halt('person:<i>', hostile);

    const page = await open();
    await page.locator('[data-target]').click();
    await says(page, '.target-detail', hostile);
    await says(page, '.notice', hostile);
    await says(page, '.record', hostile);
    assert.equal(await page.locator('img, script:not([src]), main b, main i').count(), 0);
    noFaults();
  });

  it('asks for a token when it needs one, and keeps it in memory only', async () => {
    const closed = await serveAgain({ anonymousViewer: false });
    const page = await open({}, closed.origin);
    await page.getByLabel('Token').fill('not-a-token');
    await page.keyboard.press('Enter');
    await says(page, '.sign-in', 'That did not work: the token is not known here, or it was revoked');
    await page.getByLabel('Token').fill(api.tokens.viewer);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await says(page, '.connection', 'live');
    const kept = await page.evaluate(() =>
      JSON.stringify([
        { ...sessionStorage },
        { ...localStorage },
        document.cookie,
        location.href,
        document.documentElement.outerHTML,
      ]),
    );
    assert.equal(kept.includes(api.tokens.viewer), false);
    await page.reload();
    await says(page, '.connection', 'not signed in');
    noFaults();
  });

  it('takes what it showed off the screen when its token is revoked', async () => {
    await completeBlue();
    const closed = await serveAgain({ anonymousViewer: false });
    const { id, secret } = await api.controlPlane.issueToken('engine', 'viewer', 'a wall');
    const page = await open({}, closed.origin);
    await page.getByLabel('Token').fill(secret);
    await page.keyboard.press('Enter');
    await says(page, '.rollout', 'blue');
    await api.controlPlane.revokeToken('engine', id);
    await says(page, '.connection', 'not signed in');
    assert.equal(await page.locator('.rollout').count(), 0);
  });

  it('says when it is cut off and since when, keeps what it knew, and comes back by itself', async () => {
    await completeBlue();
    const first = await serveAgain({ anonymousViewer: true });
    const page = await open({}, first.origin);
    await says(page, '.connection', 'live');
    await first.server.close();
    await says(page, '.connection', 'not connected');
    await says(page, '.notice', /Not connected: .* What you see is from \d\d:\d\d:\d\d/);
    await says(page, '.rollout', 'blue');
    await says(page, 'main.stale', '');
    await api.controlPlane.halt('person:ops', 'while nobody looked');
    await serveAgain({ anonymousViewer: true }, first.port);
    await says(page, '.connection', 'live');
    await says(page, '.notice', 'while nobody looked');
    assert.equal(await page.locator('main.stale').count(), 0);
  });

  it('marks targets that are gone or unwell, not by colour alone', async () => {
    await completeBlue();
    const page = await open();
    fleet?.stop();
    api.controlPlane.fleet.lost('1'.padStart(32, '0'));
    await page.getByRole('button', { name: 'shop-1, holds blue, not connected' }).waitFor();
    await says(page, '.legend', '– not connected 1');
  });

  it('can be used with the keyboard alone', async () => {
    await completeBlue();
    const page = await open();
    await says(page, '.connection', 'live');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Skip to the rollouts');
    await page.keyboard.press('Enter');
    // Through the rollouts to the map, which is one stop.
    for (let stop = 0; stop < 20 && (await focused(page)) === null; stop++) await page.keyboard.press('Tab');
    assert.match((await focused(page)) ?? '', /^shop-1, holds blue/);
    await page.keyboard.press('ArrowRight');
    assert.match((await focused(page)) ?? '', /^shop-2, holds blue/);
    await page.keyboard.press('Enter');
    await says(page, '.target-detail', /shop-2.*config\/shop holds blue/s);
    // The page is drawn anew every second; where one stands stays.
    const drawn = await page.locator('.heard').textContent();
    await page
      .locator('.heard')
      .filter({ hasNotText: drawn ?? '' })
      .waitFor();
    assert.match((await focused(page)) ?? '', /^shop-2, holds blue/);
    await page.keyboard.press('Tab');
    assert.equal(await focused(page), null);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 390]) {
      it(`${colorScheme}, ${width} wide: contrast of at least 4.5, nothing beyond the edge, nothing that moves`, async () => {
        await completeBlue();
        fleet?.failOn(RED);
        await apply(RED, 'red');
        await start('red');
        await api.controlPlane.halt('person:ops', 'to see it red');
        const page = await open({ viewport: { width, height: 800 }, colorScheme, reducedMotion: 'reduce' });
        await says(page, '.rollout', /red.*rolled back/s);
        await page.locator('[data-target]').first().click();
        for (const summary of await page.locator('details:not([open]) > summary').all()) await summary.click();
        assert.deepEqual(await page.evaluate(faintTexts), []);
        const [shown, needed] = await page.evaluate(() => [
          document.documentElement.clientWidth,
          document.documentElement.scrollWidth,
        ]);
        assert.equal(needed, shown);
        assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
      });
    }
  }

  /** The same control plane on another listener, so that it can go away and come back. */
  async function serveAgain(
    options: { anonymousViewer: boolean },
    onPort = 0,
  ): Promise<{ server: HttpServer; port: number; origin: string }> {
    const server = createHttpServer({
      controlPlane: api.controlPlane,
      logger: pino({ level: 'silent' }),
      version: '0.0.0-test',
      allowedHosts: [],
      tls: null,
      webDirectory,
      ...options,
    });
    servers.push(server);
    const port = await server.listen('127.0.0.1', onPort);
    return { server, port, origin: `http://127.0.0.1:${port}` };
  }
});

/** What the focused target is called; `null` when something else has the focus. */
async function focused(page: Page): Promise<string | null> {
  return await page.evaluate(() =>
    document.activeElement?.matches('[data-target]') ? document.activeElement.getAttribute('aria-label') : null,
  );
}

/** Texts on the screen whose colour is too near to what is behind them, by the formula of WCAG 2. Runs in the page. */
function faintTexts(): string[] {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  if (canvas === null) return ['no canvas to read colours with'];
  const read = (colour: string): readonly number[] => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (colour: readonly number[]) => {
    const [red = 0, green = 0, blue = 0] = colour.map((part) =>
      part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const behind = (element: Element): readonly number[] => {
    for (let at: Element | null = element; at !== null; at = at.parentElement) {
      const colour = read(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255, 255];
  };
  const faint: string[] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    if (element === null || node.nodeValue?.trim() === '' || !element.checkVisibility() || element.closest('.unseen'))
      continue;
    const style = getComputedStyle(element);
    const [a, b] = [luminance(read(element.closest('svg') ? style.fill : style.color)), luminance(behind(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) faint.push(`${contrast.toFixed(2)} ${element.className} "${node.nodeValue}"`);
  }
  return faint;
}

it('every type of event on the record has words of its own', () => {
  const digest = `sha256:${'1'.repeat(64)}`;
  const named = { name: 'N', digest };
  const id = 'shop-1';
  const samples: {
    readonly [T in EventType]: readonly [data: { readonly [K in keyof EventData[T]]?: unknown }, says: string];
  } = {
    ServiceApplied: [{ service: named }, 'service N registered'],
    PipelineApplied: [{ pipeline: named }, 'pipeline N registered'],
    ChangeApplied: [{ change: named }, 'change N (111111111111) registered'],
    FreezeApplied: [{ freeze: { name: 'N', reason: 'why' } }, 'freeze N is on the calendar: why'],
    FreezeRemoved: [{ name: 'N' }, 'freeze N is off the calendar'],
    CatalogApplied: [{ catalog: { name: 'N', source: 'F' } }, 'catalogue N taken in from F'],
    CatalogRemoved: [{ name: 'N' }, 'catalogue N forgotten'],
    TargetEnrolled: [{ target: named }, 'target N enrolled'],
    TargetRetired: [{ uid: 'abcdef0123' }, 'target abcdef01 retired'],
    TokenIssued: [{ token: { role: 'agent', name: 'N' } }, 'agent token "N" issued'],
    TokenRevoked: [{ id: 't1' }, 'token t1 revoked'],
    SigningKeyAdded: [{ key: { id: 'k1' } }, 'signing key k1 added'],
    SigningKeyRetired: [{ id: 'k1' }, 'signing key k1 retired'],
    CheckpointSigned: [{ checkpoint: { document: { position: 7 } } }, 'the record up to event 7 was signed'],
    LineHalted: [{ reason: 'why' }, 'the line was halted: why'],
    LineLifted: [{}, 'the halt was lifted'],
    ApprovalGiven: [{ plan: named, before: 'start', person: 'ann' }, 'ann approved N before it starts'],
    ApprovalRejected: [
      { plan: { ...named, rollout: id }, before: 'broad', person: 'ann', reason: 'why' },
      'ann rejected shop-1 before broad: why',
    ],
    ApprovalWithdrawn: [
      { plan: named, before: 'broad', person: 'ann' },
      'ann took back what they said of N before broad',
    ],
    BreakGlassAsked: [{ plan: named, person: 'ann', reason: 'why' }, 'ann asked for break-glass for N: why'],
    BreakGlassConfirmed: [{ plan: named, person: 'bob' }, 'bob confirmed break-glass for N'],
    BreakGlassEnded: [{ plan: named, person: 'ann' }, 'ann ended break-glass for N'],
    BreakGlassUsed: [{ id, gates: ['frozen', 'line-halted'] }, 'shop-1 went past frozen, line-halted by break-glass'],
    RolloutStarted: [{ id, change: named }, 'shop-1 started: N'],
    WaveOpened: [{ id, stage: 0, wave: 1 }, 'shop-1 opened canary, wave 2 (5 targets)'],
    ReleaseWidened: [{ id, targets: 2 }, 'shop-1 goes back on 2 more targets'],
    WaveWidened: [{ id, targets: 3 }, 'shop-1 goes on with 3 targets'],
    PaceChanged: [
      { id, pace: { concurrency: 2, says: 'halved from 4: 1 target failed', slower: true } },
      'shop-1: at most 2 targets at once: halved from 4: 1 target failed',
    ],
    RehearsalStarted: [{ id }, 'shop-1 rehearses the way back'],
    RehearsalProved: [{ id, targets: 2 }, 'shop-1 went back as rehearsed (2 targets)'],
    BakeStarted: [{ id, stage: 0 }, 'shop-1 bakes in canary'],
    StagePassed: [{ id, stage: 1 }, 'shop-1 passed stage 2'],
    EvidenceSigned: [{ id, stage: 0, role: 'web' }, 'shop-1: the evidence of canary on web was signed'],
    EvidenceRevoked: [{ id, stage: 0, reason: 'why' }, 'shop-1: the evidence of canary was revoked: why'],
    PermitIssued: [{ id, role: 'web' }, 'shop-1: web was given its permit'],
    HoldRaised: [{ id, reason: 'no-data', says: 'why' }, 'shop-1 holds: why'],
    HoldLifted: [{ id, reason: 'no-data' }, 'shop-1: no longer held by no-data'],
    HoldsAccepted: [{ id, reasons: ['signal-failed'] }, 'shop-1: held reasons were accepted'],
    TargetsFailed: [{ id, count: 1 }, 'shop-1: 1 target failed'],
    RolloutPaused: [{ id, reason: 'why' }, 'shop-1 was paused: why'],
    RolloutResumed: [{ id }, 'shop-1 was resumed'],
    RollbackOrdered: [{ id, says: 'why' }, 'shop-1 goes back: why'],
    DigestQuarantined: [{ id, change: digest }, 'change 111111111111 is in quarantine'],
    StragglersListed: [{ id, count: 2 }, 'shop-1: 2 targets not back in time'],
    RolledBack: [{ id }, 'shop-1 is back: every target holds what it held before'],
    RolloutCompleted: [{ id }, 'shop-1 completed: its change is the last known good'],
  };
  const waves = [2, 5].map((targets) => ({ below: 1, targets }));
  const entry = (type: string, data: EventBody['data']) => {
    const event = { position: 1, stream: 's', type, at: '', actor: 'engine', data, previousHash: '', hash: '' };
    return toEntries([event], () => [{ name: 'canary', targets: 5, waves }])[0]?.says;
  };
  for (const [type, [data, says]] of Object.entries(samples)) assert.equal(entry(type, data), says);
  assert.equal(entry('SomethingLater', { id }), 'SomethingLater (shop-1)');
});
