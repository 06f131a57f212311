import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import pino from 'pino';
import { buildConsole, CONSOLE_DIRECTORY } from '../../scripts/console/buildConsole.ts';
import { createHttpServer, type HttpServer } from '../../src/adapters/http/httpServer.ts';
import type { TokenRole } from '../../src/core/policy/authority.ts';
import { type ApiUnderTest, startApi, until } from '../http/apiUnderTest.ts';
import { connectShopFleet, type ShopFleet, shopManifests } from '../http/shopFleet.ts';
import { ConsoleBrowser, isLive, says, skipWithoutBrowser } from './consoleBrowser.ts';

/*
 * The console in a real browser, served by a real control plane over HTTP. Only the targets are lines of the story each test
 * tells: what agents would say through the fleet's port.
 */

const BLUE = '{"colour":"blue"}';
const RED = '{"colour":"red"}';

describe('the console', { skip: skipWithoutBrowser }, () => {
  let browser: ConsoleBrowser;
  let api: ApiUnderTest;
  let fleet: ShopFleet | null;
  let servers: HttpServer[];

  before(async () => {
    await buildConsole();
    browser = await ConsoleBrowser.launch();
  });
  after(() => browser?.close());
  beforeEach(async () => {
    fleet = null;
    servers = [];
    api = await startApi({ anonymousViewer: true, webDirectory: CONSOLE_DIRECTORY });
  });
  afterEach(async () => {
    fleet?.stop();
    await browser.closePages();
    for (const server of servers) await server.close();
    await api.close();
  });

  const open = (path = '/', as?: TokenRole) =>
    browser.open(api.origin, path, as === undefined ? {} : { token: api.tokens[as] });
  const apply = async (content: string, name: string, as: TokenRole = 'admin') => {
    const documents = shopManifests(content, name);
    const { status, text } = await api.call({
      method: 'POST',
      path: '/v1/manifests',
      body: { documents: as === 'admin' ? documents : documents.slice(2) },
      as,
    });
    assert.equal(status, 200, text);
  };
  const start = async (change: string) => {
    const { status, text } = await api.call({ method: 'POST', path: '/v1/rollouts', body: { change } });
    assert.equal(status, 201, text);
  };
  const rollout = (id: string) => api.controlPlane.rolloutView(id)?.rollout;
  const awaitsPromotion = (id: string) =>
    until(`${id} to wait for a person`, () => rollout(id)?.holds.includes('awaiting-promotion'));
  /** The blue change in the canary, waiting for a person. */
  const waitingBlue = async () => {
    await apply(BLUE, 'blue');
    fleet = await connectShopFleet(api.controlPlane);
    await start('blue');
    await awaitsPromotion('shop-1');
  };
  const completeBlue = async () => {
    await waitingBlue();
    await api.call({ method: 'POST', path: '/v1/rollouts/shop-1/promote' });
    await until('its end', () => rollout('shop-1')?.phase === 'completed');
  };
  const events = async (type: string) => (await api.controlPlane.log(0, 1000)).filter((event) => event.type === type);

  it('says what is empty, and what to do about it', async () => {
    const page = await open();
    await says(page, 'main', 'No change has been rolled out yet');
    await says(page, 'main', 'No target has enrolled yet');
    await says(page, '.connection', /live.*last heard \d+s ago/);
    browser.assertNoFaults();
  });

  it('follows a rollout by itself: from waiting for a person to its end, and a bad one back', async () => {
    await apply(BLUE, 'blue');
    fleet = await connectShopFleet(api.controlPlane);
    const page = await open('/');
    await isLive(page);
    await start('blue');
    await says(page, '[data-rollout="shop-1"]', 'the pipeline asks a person to open the next stage');
    await page.getByRole('link', { name: 'blue' }).first().click();
    await page.waitForURL('**/rollouts/shop-1');
    await says(page, '[data-stage="canary"][data-standing="present"]', /ready, 1 of 1 confirmed/);
    await says(page, '[data-stage="broad"][data-standing="ahead"]', 'closed');
    await says(page, '[data-check="errors web"]', /pass.*failed on treated targets/s);
    await page.locator('[data-check="errors web"] .plot canvas').waitFor();
    await says(page, '.blast', /1\s*target exposed now.*3\s*targets with broad/s);
    await says(page, '[data-revision="blue"]', '1');
    assert.match(await page.title(), /^shop-1 held/);

    await api.call({ method: 'POST', path: '/v1/rollouts/shop-1/promote' });
    await says(page, '.rollout-head', 'completed');
    await says(page, '[data-stage="broad"][data-standing="passed"]', 'passed');
    await says(page, '.timeline', 'shop-1 completed: its change is the last known good');
    await says(page, '[data-revision="blue"]', '3');

    fleet.failOn(RED);
    await apply(RED, 'red');
    await start('red');
    await page.goto(`${api.origin}/rollouts/shop-2`);
    await says(page, '.rollout-head', 'rolled back');
    await says(page, '[data-stage="canary"][data-standing="takenBack"]', 'taken back');
    await says(page, '[data-stage="broad"][data-standing="untouched"]', 'never opened');
    await says(page, '.timeline', 'is in quarantine');
    browser.assertNoFaults();
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
    api.controlPlane.fleet.report(uid, { slots: [], checks: [{ name: hostile, healthy: false, detail: hostile }] });
    await api.controlPlane.halt('person:<i>', hostile);
    const page = await open(`/targets/${uid}`);
    await says(page, 'h1', hostile);
    await says(page, '[data-notice="halt"]', hostile);
    for (const path of ['/', '/targets', '/log']) {
      await page.goto(api.origin + path);
      await says(page, 'main', hostile);
      assert.equal(await page.locator('img, script:not([src]), main b, main i').count(), 0);
    }
    browser.assertNoFaults();
  });

  it('exchanges a token for a session, keeps nothing of it, outlives a reload, and signs out', async () => {
    const closed = await serveAgain({ anonymousViewer: false });
    const page = await browser.open(closed.origin);
    await page.getByLabel('Token').fill('not-a-token');
    await page.keyboard.press('Enter');
    await says(page, '.fault', 'That did not work: the token is not known here, or it was revoked');
    await page.getByLabel('Token').fill(api.tokens.operator);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await isLive(page);
    await says(page, '.person', 'test operator');
    const kept = await page.evaluate(() =>
      JSON.stringify([
        { ...sessionStorage },
        { ...localStorage },
        document.cookie,
        location.href,
        document.documentElement.outerHTML,
      ]),
    );
    assert.equal(kept.includes(api.tokens.operator), false);
    assert.equal(await page.evaluate(() => document.cookie), '', 'no script can read the session');
    await page.reload();
    await isLive(page);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await says(page, '.connection', 'not signed in');
    await page.reload();
    await says(page, 'h1', 'Sign in');
    browser.assertNoFaults();
  });

  it('takes what it showed off the screen when its token is revoked', async () => {
    await completeBlue();
    const closed = await serveAgain({ anonymousViewer: false });
    const { id, secret } = await api.controlPlane.issueToken('engine', 'viewer', 'a wall');
    const page = await browser.open(closed.origin, '/', { token: secret });
    await says(page, '[data-rollout="shop-1"]', 'blue');
    await api.controlPlane.revokeToken('engine', id);
    await says(page, '.connection', 'not signed in');
    assert.equal(await page.locator('[data-rollout]').count(), 0);
  });

  it('says when it is cut off and since when, keeps what it knew, and comes back by itself', async () => {
    await completeBlue();
    const first = await serveAgain({ anonymousViewer: true });
    const page = await browser.open(first.origin);
    await isLive(page);
    await first.server.close();
    await says(page, '.notice', /Not connected: .* What you see is from \d\d:\d\d:\d\d/);
    await says(page, '[data-rollout="shop-1"]', 'blue');
    await page.locator('main.stale').waitFor();
    assert.match(await page.title(), /^not connected/);
    await api.controlPlane.halt('person:ops', 'while nobody looked');
    fleet?.stop();
    api.controlPlane.fleet.lost('1'.padStart(32, '0'));
    await serveAgain({ anonymousViewer: true }, first.port);
    await isLive(page);
    await says(page, '.notice', 'while nobody looked');
    await says(page, '.legend', /not connected\s*1/);
    assert.equal(await page.locator('main.stale').count(), 0);
  });

  it('law 22: a rollback is one key and one confirmation, with the keyboard alone, while people are awaited', async () => {
    await waitingBlue();
    const page = await open('/', 'operator');
    await isLive(page);
    await page.keyboard.press('g');
    await page.keyboard.press('r');
    await page.waitForURL('**/rollouts');
    await page.getByRole('link', { name: 'blue' }).focus();
    await page.keyboard.press('Enter');
    await says(page, '.rollout-head', 'held, ready');
    await page.keyboard.press('r');
    await says(page, 'dialog', /Roll back shop-1\?.*1 target go(?:es)? back/s);
    await page.keyboard.press('Enter');
    await says(page, '.rollout-head', 'rolled back');
    const [ordered] = await events('RollbackOrdered');
    assert.match(String(ordered?.data.says), /ordered from the console/);
    assert.equal(await page.locator('dialog').count(), 0);
    browser.assertNoFaults();
  });

  it('says beforehand what would be refused and why, and a rollback goes through a halt', async () => {
    await waitingBlue();
    await api.controlPlane.halt('engine', 'the phones ring');
    const page = await open('/rollouts/shop-1', 'operator');
    await says(page, '#why-promote', /halt/);
    await page.keyboard.press('o');
    await says(page, 'dialog', /It would be refused now: .*halt/s);
    await page.keyboard.press('Enter');
    await says(page, 'dialog .fault', /halt/);
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('#why-rollback').count(), 0);
    await page.keyboard.press('r');
    await page.keyboard.press('Enter');
    await says(page, '.rollout-head', 'rolled back');

    await page.goto(`${api.origin}/`);
    await page.getByRole('button', { name: 'Lift the halt' }).click();
    await page.locator('[data-notice="halt"]').waitFor({ state: 'detached' });
    browser.assertNoFaults();
  });

  it('forbidden: a viewer sees everything, and is told who may do what they may not', async () => {
    await waitingBlue();
    const page = await open('/rollouts/shop-1', 'viewer');
    await says(page, '#why-rollback', /"test viewer" has the role viewer; to pause, roll back and halt needs the role/);
    await page.keyboard.press('r');
    await page.keyboard.press('Enter');
    await says(page, 'dialog .fault', 'needs the role author, approver, operator or admin');
    await page.goto(`${api.origin}/settings`);
    await says(page, 'main', 'You may not see these: you are signed in as viewer');
    assert.equal(rollout('shop-1')?.rollback, null);
    browser.assertNoFaults();
  });

  it('pauses, resumes and promotes, each with its key', async () => {
    await waitingBlue();
    const page = await open('/rollouts/shop-1', 'operator');
    await says(page, '.rollout-head', 'held');
    await page.keyboard.press('p');
    await page.locator('dialog input').fill('lunch');
    await page.keyboard.press('Enter');
    await says(page, '[data-standing="paused"]', /lunch.*test operator/s);
    await page.keyboard.press('u');
    await page.keyboard.press('Enter');
    await says(page, '[data-standing="held"]', 'asks a person');
    await page.keyboard.press('o');
    await says(page, 'dialog', 'It opens broad: then 3 targets (100 %) have the change');
    await page.keyboard.press('Enter');
    await says(page, '.rollout-head', 'completed');
    browser.assertNoFaults();
  });

  it('law 15: an approval is refused to whoever wrote the change, and given by somebody else', async () => {
    await apply(BLUE, 'blue');
    fleet = await connectShopFleet(api.controlPlane);
    const [service, pipeline] = shopManifests() as { spec: object }[];
    const asked = {
      ...pipeline,
      spec: { ...pipeline?.spec, approvals: [{ before: 'broad', role: 'approver', count: 1 }] },
    };
    const both = await api.call({ method: 'POST', path: '/v1/manifests', body: { documents: [service, asked] } });
    assert.equal(both.status, 200, both.text);
    const { secret: own } = await api.controlPlane.issueToken('engine', 'approver', 'test author');
    await apply(RED, 'red', 'author');
    await start('red');
    await until('people to be asked', () => rollout('shop-1')?.holds.includes('awaiting-approval'));

    const author = await browser.open(api.origin, '/rollouts/shop-1', { token: own });
    await says(author, '#why-approve', /test author/);
    await author.keyboard.press('a');
    await author.keyboard.press('Enter');
    await says(author, 'dialog .fault', /test author/);

    const approver = await open('/', 'approver');
    const card = approver.locator('[data-approval="red"]');
    await says(approver, '[data-approval="red"]', /asks before broad: 0 of 1 by approver/);
    await card.getByRole('button', { name: 'Approve' }).click();
    await approver.locator('dialog input').fill('looks right');
    await approver.keyboard.press('Enter');
    await card.waitFor({ state: 'detached' });
    await until('the gate to open', () => rollout('shop-1')?.holds.includes('awaiting-approval') === false);
    const [given] = await events('ApprovalGiven');
    assert.deepEqual([given?.data.person, given?.data.reason], ['test approver', 'looks right']);
    browser.assertNoFaults();
  });

  it('plans a change that is pasted, says why it would be refused, and starts from there', async () => {
    await apply(BLUE, 'blue');
    fleet = await connectShopFleet(api.controlPlane);
    const page = await open('/plan', 'admin');
    await page.getByRole('button', { name: 'Paste a change' }).click();
    await page.getByLabel(/YAML/).fill('kind: Chnage\n');
    await page.getByRole('button', { name: 'Register and plan' }).click();
    await says(page, '.fault', /did you mean "Change"/);
    const manifest = (shopManifests(RED, 'red')[2] ?? {}) as object;
    await page.getByLabel(/YAML/).fill(JSON.stringify(manifest));
    await page.getByRole('button', { name: 'Register and plan' }).click();
    await says(page, '[data-plan="may start"]', 'red');
    await says(page, '.plan-stages', /canary.*ring=canary.*1.*broad.*2/s);
    await api.controlPlane.halt('engine', 'not now');
    await says(page, '[data-plan="refused"]', 'not now');
    await api.controlPlane.lift('engine');
    await says(page, '[data-plan="may start"]', 'red');
    await page.keyboard.press('s');
    await says(page, 'dialog', 'canary opens first, to 1 target');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/rollouts/shop-1');
    await says(page, '.rollout-head', 'red');
    browser.assertNoFaults();
  });

  it('shows what a change changes, line by line, with secrets masked', async () => {
    const config = (colour: string, password: string) => JSON.stringify({ colour, password, size: 3 });
    await apply(config('blue', 'hunter2'), 'blue');
    fleet = await connectShopFleet(api.controlPlane);
    await start('blue');
    await awaitsPromotion('shop-1');
    await api.call({ method: 'POST', path: '/v1/rollouts/shop-1/promote' });
    await until('its end', () => rollout('shop-1')?.phase === 'completed');
    await apply(config('red', 'hunter3'), 'red');
    const page = await open('/changes');
    await page.getByRole('link', { name: 'red' }).click();
    await says(page, '.line.removed', '"colour": "blue"');
    await says(page, '.line.added', '"colour": "red"');
    await says(page, '.line.added', '"password": "•••••• (secret 2)"');
    await says(page, '.line.same', '"size": 3');
    assert.doesNotMatch(await page.content(), /hunter/);
    browser.assertNoFaults();
  });

  it('verifies the log', async () => {
    await completeBlue();
    const page = await open('/log');
    await isLive(page);
    await page.keyboard.press('v');
    await says(page, '.verification', /intact.*every hash fits/s);
    browser.assertNoFaults();
  });

  it('keyboard: the map is one stop, arrows walk it, Enter opens a target; ? lists every key', async () => {
    await completeBlue();
    const page = await open('/targets');
    await says(page, '[data-revision="blue"]', '3');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Skip to the view');
    await page.keyboard.press('Enter');
    const onMap = () => page.evaluate(() => document.activeElement?.tagName === 'CANVAS');
    for (let stop = 0; stop < 10 && !(await onMap()); stop++) await page.keyboard.press('Tab');
    assert.equal(await onMap(), true);
    await page.keyboard.press('ArrowRight');
    await says(page, '.map-says', 'shop-1 holds blue, settled, ring canary');
    await page.keyboard.press('ArrowRight');
    await says(page, '.map-says', 'shop-2 holds blue');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/targets/0*2');
    await says(page, 'h1', 'shop-2');
    await page.keyboard.press('?');
    await says(page, 'dialog', /Keys.*all keys.*Go to/s);
    await page.keyboard.press('Escape');
    await page.keyboard.press('z');
    await says(page, '.masthead-tools', 'UTC');
    browser.assertNoFaults();
  });

  it('marks targets that are gone or unwell, not by colour alone', async () => {
    await completeBlue();
    const page = await open('/targets');
    await says(page, '[data-revision="blue"]', '3');
    fleet?.stop();
    api.controlPlane.fleet.lost('1'.padStart(32, '0'));
    await says(page, '[data-standing="gone"]', /–\s*not connected\s*1/);
    await page.getByRole('searchbox').fill('gone');
    await says(page, 'h2', '1 target found');
    await says(page, 'tbody', /shop-1.*not connected.*blue/s);
    browser.assertNoFaults();
  });

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
      webDirectory: CONSOLE_DIRECTORY,
      ...options,
    });
    servers.push(server);
    const port = await server.listen('127.0.0.1', onPort);
    return { server, port, origin: `http://127.0.0.1:${port}` };
  }
});
