import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Change } from '../policy/change.ts';
import type { Pipeline } from '../policy/pipeline.ts';
import { digestOf, pipeline, verdict } from '../rollout/fixtures.ts';
import { BY_ANN, PeopleStory } from './peopleStory.ts';

const ONE = [{ before: 'start', role: 'approver', count: 1 }] as const;
const NEWER: Change = { ...BY_ANN, digest: digestOf('d'), name: 'newer', slots: { 'config/shop': digestOf('e') } };
const UNTRIED: Change = { ...NEWER, digest: digestOf('b'), name: 'untried', slots: { 'config/shop': digestOf('f') } };
const SAID = { reason: 'it rewrites the stored orders', restore: 'restore the orders from the backup' };
const SHORT = { fastTrack: { minimumMs: 1_000 }, rehearse: true };

/** First one change, then a newer one went all the way. Looks are a second apart. */
function bothGood(more: Partial<Pipeline> = SHORT, newer = NEWER): PeopleStory {
  const story = new PeopleStory(ONE, more);
  for (const change of [BY_ANN, newer]) {
    story.do('ann', { type: 'apply', manifests: [{ kind: 'Change', change }] });
    for (const who of ['bob', 'carol'] as const) story.word(who, 'approve', 'start', change);
    assert.equal(story.start('olga', change)[0], 'RolloutStarted');
    assert.ok(story.settle().includes('RolloutCompleted'));
  }
  return story;
}

describe('fast-track: forward to a known good', () => {
  it('asks nobody, bakes for less, and still goes stage by stage, rehearsal and evidence included', () => {
    const story = bothGood();
    assert.deepEqual(story.start('olga'), ['RolloutStarted', 'WaveOpened']);
    const { fastTrack, pipeline: through } = story.running ?? {};
    assert.equal(fastTrack, true);
    assert.deepEqual(
      [through?.approvals, through?.stages.map(({ bake }) => bake.minimumMs)],
      [undefined, [1_000, 1_000, 1_000]],
    );
    assert.deepEqual(story.assess({}, 1), ['RehearsalStarted']);
    assert.deepEqual(story.assess({}, 1), ['RehearsalProved', 'WaveOpened']);
    assert.deepEqual(story.assess({}, 1), ['BakeStarted']);
    assert.deepEqual(story.assess({ verdicts: [[]] }, 2_000), [], 'not without evidence');
    assert.deepEqual(story.assess({}, 1), ['StagePassed', 'WaveOpened']);
  });

  it('only where the pipeline has such a way', () => {
    const story = bothGood({ rehearse: true });
    assert.deepEqual(story.start('olga'), ['refused approval-missing']);
  });

  it('only to what is an earned last known good of every slot and role it goes to (law 8)', () => {
    const story = bothGood();
    story.do('ann', { type: 'apply', manifests: [{ kind: 'Change', change: UNTRIED }] });
    assert.deepEqual(story.start('olga', UNTRIED), ['refused approval-missing']);
    const half = { ...BY_ANN, digest: digestOf('9'), slots: { ...BY_ANN.slots, 'config/edge': digestOf('e') } };
    const service = story.world.services.get('shop');
    assert.ok(service !== undefined);
    const edge = { roles: ['web'], schema: null, maxBytes: 1_000 };
    story.do('ada', {
      type: 'apply',
      manifests: [
        { kind: 'Service', service: { ...service, slots: { ...service.slots, 'config/edge': edge } } },
        { kind: 'Change', change: half },
      ],
    });
    assert.deepEqual(story.start('olga', half), ['refused approval-missing']);
  });

  it('law 18: not to what is quarantined', () => {
    const story = bothGood();
    story.start('olga');
    story.assess({ verdicts: [[verdict('fail'), verdict('pass', { role: 'web' })]] });
    story.settle();
    assert.deepEqual(story.start('olga'), ['refused quarantined']);
  });

  it('law 6: not past what cannot be undone: from there it is no known good', () => {
    const story = bothGood(SHORT, { ...NEWER, irreversible: SAID });
    assert.deepEqual(story.start('olga'), ['refused approval-missing']);
    story.word('bob', 'approve');
    assert.deepEqual(story.start('olga'), ['RolloutStarted', 'WaveOpened']);
    assert.equal(story.running?.fastTrack, undefined);
  });

  it('law 14: a freeze and a halted line bind it like any other', () => {
    const story = bothGood();
    story.do('olga', { type: 'halt', reason: 'smoke' });
    assert.deepEqual(story.start('olga'), ['refused line-halted']);
  });

  it('law 4: bakes as long as the longest asynchronous path all the same', () => {
    const story = bothGood();
    const service = story.world.services.get('shop');
    assert.ok(service !== undefined);
    story.do('ada', {
      type: 'apply',
      manifests: [{ kind: 'Service', service: { ...service, asynchronousPathMs: 3_000 } }],
    });
    story.start('olga');
    assert.deepEqual(
      story.running?.pipeline.stages.map(({ bake }) => bake.minimumMs),
      [3_000, 3_000, 3_000],
    );
  });

  it('never makes a bake longer', () => {
    const story = bothGood({ fastTrack: { minimumMs: 3_600_000 } });
    story.start('olga');
    assert.equal(story.running?.pipeline.stages[0]?.bake.minimumMs, pipeline().stages[0]?.bake.minimumMs);
  });
});
