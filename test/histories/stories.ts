import assert from 'node:assert/strict';
import { forgeLog } from '../../src/adapters/store/sqlite/testing/forgeLog.ts';
import { pipeline, stage } from '../../src/core/rollout/fixtures.ts';
import { type HistoryStage, OPS, TARGETS } from './historyStage.ts';

const MANUAL = [stage('canary', { promote: 'manual' }), stage('broad')];

/** What is played to make a history, by the name that its file gets. A story that is here was recorded; it may change for the next recording. */
export const STORIES: Readonly<Record<string, (on: HistoryStage) => Promise<void>>> = {
  'good-rollout': async (on) => {
    await on.prepare();
    for (const [index, name] of ['good', 'better', 'good'].entries()) {
      const id = await on.start(name);
      await on.until('the end', () => on.rollout(id).phase === 'completed');
      assert.equal(id, `shop-${index + 1}`);
    }
  },

  'bad-rollout': async (on) => {
    await on.prepare();
    await on.start('good');
    await on.until('a last known good', () => on.rollout().phase === 'completed');
    const id = await on.start('bad');
    const bad = on.rollout(id).change.slots['config/shop'];
    on.failing = ({ role }, holds) => (role === 'api' && holds === bad ? 0.3 : 0.001);
    await on.until('the way back', () => on.rollout(id).phase === 'rolledBack');
    assert.equal(on.rollout(id).rollback?.code, 'guardrail-failed');
    const again = await on.plane.start(OPS, 'bad');
    assert.ok(!again.ok, 'it is quarantined');
  },

  'silent-target': async (on) => {
    await on.prepare();
    await on.start('good');
    await on.until('the first ring', () => on.rollout().stage === 1);
    on.present = TARGETS.filter(({ name }) => name !== 'shop-0' && name !== 'shop-3');
    await on.crash();
    await on.until('the rollback', () => on.rollout().rollback !== null);
    await on.until('stragglers', () => on.rollout().stragglers.length > 0);
    on.present = TARGETS;
    for (const target of TARGETS) await on.plane.fleet.introduce(target);
    await on.until('the way back', () => on.rollout().phase === 'rolledBack');
  },

  freeze: async (on) => {
    await on.prepare();
    await on.start('good');
    await on.until('a bake', () => on.rollout().phase === 'baking');
    const freeze = {
      name: 'lunch',
      services: ['shop'],
      reason: 'everybody eats',
      timeZone: 'Europe/Berlin',
      starts: '2026-01-05T10:00:00',
      lasts: { duration: 'PT10M' },
      rule: null,
      except: [],
    };
    await on.apply({ kind: 'Freeze', freeze });
    await on.until('the freeze', () => on.rollout().holds.includes('frozen'));
    await on.until('its end', () => on.rollout().phase === 'completed');
    await on.apply({
      kind: 'Freeze',
      freeze: { ...freeze, name: 'always', lasts: { duration: 'P1D' }, rule: 'FREQ=DAILY' },
    });
    assert.ok(!(await on.plane.start(OPS, 'better')).ok, 'frozen');
    assert.ok((await on.plane.removeFreeze(OPS, 'always')).ok);
    const id = await on.start('better');
    await on.until('the end', () => on.rollout(id).phase === 'completed');
  },

  halt: async (on) => {
    await on.prepare();
    await on.start('good');
    await on.until('a bake', () => on.rollout().phase === 'baking');
    assert.ok((await on.plane.halt(OPS, 'smoke in the other region')).ok);
    await on.until('the hold', () => on.rollout().holds.includes('line-halted'));
    await on.crash();
    await on.beat();
    assert.ok((await on.plane.lift(OPS)).ok);
    await on.until('the end', () => on.rollout().phase === 'completed');
    assert.ok((await on.plane.halt(OPS, 'for the night')).ok);
  },

  rehearsal: async (on) => {
    await on.prepare({ rehearse: true });
    await on.start('good');
    await on.until('the end', () => on.rollout().phase === 'completed');
    assert.notEqual(on.rollout().evidence[0]?.rehearsal?.provenAt, undefined);
  },

  'evidence-revoked': async (on) => {
    await on.prepare({ stages: MANUAL });
    await on.start('good');
    await on.until('the question', () => on.rollout().holds.includes('awaiting-promotion'));
    assert.ok((await on.plane.revokeEvidence(OPS, 'shop-1', 'canary', 'the probe was broken')).ok);
    await on.until('the hold', () => on.rollout().holds.includes('evidence-revoked'));
    assert.ok((await on.plane.resume(OPS, 'shop-1')).ok);
    await on.until('the question again', () => {
      const { revoked, holds } = on.rollout();
      return revoked.length === 0 && holds.includes('awaiting-promotion');
    });
    assert.ok((await on.plane.promote(OPS, 'shop-1')).ok);
    await on.until('the end', () => on.rollout().phase === 'completed');
  },

  'keys-rotated': async (on) => {
    await on.prepare({ stages: MANUAL });
    await on.start('good');
    await on.until('the question', () => on.rollout().holds.includes('awaiting-promotion'));
    const [first] = on.plane.world().keys.keys();
    await on.plane.rotateKey(OPS);
    assert.ok((await on.plane.retireKey(OPS, first ?? '')).ok);
    assert.ok((await on.plane.promote(OPS, 'shop-1')).ok);
    await on.until('the end', () => on.rollout().phase === 'completed');
    await on.plane.rotateKey(OPS);
  },

  'paused-and-taken-back': async (on) => {
    await on.prepare();
    await on.start('good');
    await on.until('the second ring', () => on.rollout().stage === 1);
    assert.ok((await on.plane.pause(OPS, 'shop-1', 'a customer calls')).ok);
    await on.beat();
    assert.ok((await on.plane.resume(OPS, 'shop-1')).ok);
    await on.beat();
    assert.ok((await on.plane.rollback(OPS, 'shop-1', 'it was ours after all')).ok);
    await on.until('the way back', () => on.rollout().phase === 'rolledBack');
    const { id } = await on.plane.issueToken(OPS, 'viewer', 'somebody');
    assert.ok((await on.plane.revokeToken(OPS, id)).ok);
    const [gone = assert.fail()] = TARGETS;
    on.present = TARGETS.slice(1);
    assert.ok((await on.plane.retireTarget(OPS, gone.uid)).ok);
    assert.ok((await on.plane.fleet.introduce({ ...gone, uid: 'f'.repeat(32) })).ok);
  },

  'people-asked': async (on) => {
    const approvals = [
      { before: 'start', role: 'approver', count: 2 },
      { before: 'broad', role: 'operator', count: 1 },
    ] as const;
    await on.prepare({ approvals });
    const [ann, bob] = [await on.person('ann', 'approver'), await on.person('bob', 'approver')];
    const carol = await on.person('carol', 'operator');
    const say = (actor: string, word: 'approve' | 'reject' | 'withdraw', of: string) =>
      on.plane.approvals
        .say(actor, word, { of }, null, 'looked at it')
        .then((said) => assert.ok(said.ok, JSON.stringify(said)));
    await say(ann, 'approve', 'good');
    assert.ok(!(await on.plane.start(OPS, 'good')).ok, 'one of two');
    await say(bob, 'reject', 'good');
    await say(bob, 'withdraw', 'good');
    await say(bob, 'approve', 'good');
    await on.start('good');
    await on.until('the question', () => on.rollout().holds.includes('awaiting-approval'));
    await say(carol, 'approve', 'shop-1');
    await on.until('the end', () => on.rollout().phase === 'completed');

    const glass = { of: 'better' };
    const dora = await on.person('dora', 'admin');
    assert.ok((await on.plane.approvals.askBreakGlass(carol, glass, 'the shop is down', 3_600_000)).ok);
    assert.ok((await on.plane.approvals.confirmBreakGlass(dora, glass)).ok);
    const id = await on.start('better');
    await on.until('the end', () => on.rollout(id).phase === 'completed');
    assert.ok((await on.plane.approvals.askBreakGlass(carol, { of: 'bad' }, 'once more', 60_000)).ok);
    assert.ok((await on.plane.approvals.endBreakGlass(carol, { of: 'bad' })).ok);
  },

  'steps-under-a-floor': async (on) => {
    const broad = stage('broad', { concurrency: { start: { count: 1 }, most: { count: 3 } } });
    await on.prepare({ stages: [stage('canary'), broad] }, { capacity: { domain: 'ring', unavailable: { count: 1 } } });
    await on.start('good');
    await on.until('the end', () => on.rollout().phase === 'completed');
    const id = await on.start('better');
    await on.until('the second ring', () => on.rollout(id).stage === 1 && on.rollout(id).phase === 'baking');
    assert.ok((await on.plane.rollback(OPS, id, 'in steps as well')).ok);
    await on.until('the way back', () => on.rollout(id).phase === 'rolledBack');
  },

  'signal-accepted': async (on) => {
    const catalog = {
      name: 'backstage',
      source: 'catalog-info.yaml',
      entities: { checkout: { dependsOn: ['shop'], standsFor: [] } },
    };
    const watched = pipeline().checks.map((check) => ({ ...check, effect: 'signal' as const }));
    await on.prepare({ checks: watched });
    await on.apply({ kind: 'Catalog', catalog });
    const id = await on.start('bad');
    const bad = on.rollout(id).change.slots['config/shop'];
    on.failing = (_, holds) => (holds === bad ? 0.2 : 0.001);
    await on.until('the hold', () => on.rollout(id).holds.includes('signal-failed'));
    assert.ok((await on.plane.resume(OPS, id)).ok);
    await on.until('the next ring', () => on.rollout(id).stage === 1);
    await on.until('the hold', () => on.rollout(id).holds.includes('signal-failed'));
    assert.ok((await on.plane.resume(OPS, id)).ok);
    await on.until('the end', () => on.rollout(id).phase === 'completed');
    assert.ok((await on.plane.removeCatalog(OPS, 'backstage')).ok);
  },

  'back-in-steps': async (on) => {
    await on.prepare({}, { capacity: { domain: 'ring', unavailable: { count: 1 } } });
    await on.start('good');
    await on.until('the second ring', () => on.rollout().stage === 1 && on.rollout().phase === 'baking');
    assert.ok((await on.plane.rollback(OPS, 'shop-1', 'one by one')).ok);
    await on.until('the way back', () => on.rollout().phase === 'rolledBack');
  },

  'cannot-be-undone': async (on) => {
    await on.prepare();
    const irreversible = { reason: 'it rewrites the tables', restore: 'from the dump of the night before' };
    await on.change('migration', { irreversible });
    const people = [await on.person('ann', 'approver'), await on.person('bob', 'approver')];
    for (const actor of people)
      assert.ok((await on.plane.approvals.say(actor, 'approve', { of: 'migration' }, null, 'there is a dump')).ok);
    await on.start('migration');
    await on.until('the second ring', () => on.rollout().stage === 1);
    assert.ok((await on.plane.rollback(OPS, 'shop-1', 'the dump is incomplete')).ok);
    await on.until('its end', () => on.rollout().phase === 'rolledBack');
  },

  // The hashes fit; what was changed is what a forger changes: who was first in line.
  'forged-store': async (on) => {
    await on.prepare();
    await on.start('good');
    await on.until('the first ring', () => on.rollout().stage === 1);
    await on.close();
    forgeLog(on.directory, (events) =>
      events.map((event) => (event.actor === OPS ? { ...event, actor: 'token:somebody' } : event)),
    );
    await on.open();
    await on.beat();
    // Where the forgery is found out, the line is halted; where it is not, this says that it is not.
    await on.plane.lift(OPS);
    await on.until('the end', () => on.rollout().phase === 'completed');
  },
};
