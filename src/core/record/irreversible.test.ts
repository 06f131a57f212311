import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Digest } from '../kernel/digest.ts';
import type { Change } from '../policy/change.ts';
import { desiredRevision } from '../rollout/assignment.ts';
import { digestOf, TARGETS, verdict } from '../rollout/fixtures.ts';
import { type Standing, tallyOf } from '../rollout/tally.ts';
import type { Target } from '../topology/target.ts';
import { BY_ANN, PeopleStory } from './peopleStory.ts';

const OLD = digestOf('0');
const MOVES_DATA: Change = {
  ...BY_ANN,
  irreversible: { reason: 'it rewrites the stored orders', restore: 'restore the orders from the backup of the night' },
};
const BRINGS = MOVES_DATA.slots['config/shop'] as Digest;
const NEXT: Change = { ...BY_ANN, digest: digestOf('d'), name: 'next', slots: { 'config/shop': digestOf('e') } };
const NEXT_TOO: Change = {
  ...NEXT,
  digest: digestOf('b'),
  irreversible: { reason: 'it builds on the rewritten orders', restore: 'restore the orders from the backup' },
};

/** Targets that hold what their assignment wants of them, as soon as they hear of it; and say so while they are connected. */
class Fleet {
  readonly story: PeopleStory;
  readonly holds = new Map<string, Digest>(TARGETS.map(({ uid }) => [uid, OLD]));
  readonly heard = new Map<string, number>();
  readonly away = new Set<string>();

  constructor(story: PeopleStory) {
    this.story = story;
  }

  beat(): string[] {
    for (const target of TARGETS) {
      const assignment = this.story.world.assignments.get(`shop/${target.role}/config/shop`);
      if (assignment === undefined || this.away.has(target.uid)) continue;
      this.holds.set(target.uid, desiredRevision(assignment, target, this.#held(target)) ?? OLD);
      this.heard.set(target.uid, assignment.generation);
    }
    const { running } = this.story;
    if (running === undefined) return [];
    const good = (role: string, slot: string) =>
      this.story.world.lastKnownGoods.get(`shop/${role}/${slot}`)?.at(-1) ?? null;
    const tally = tallyOf(running, this.#standings(), good, this.story.now);
    return this.story.assess({ tally });
  }

  untilEnd(): void {
    for (let beats = 0; beats < 200 && this.story.running !== undefined; beats++) this.beat();
    assert.equal(this.story.running, undefined, 'it ends');
  }

  holders(of: Digest): Target[] {
    return TARGETS.filter((target) => this.#held(target) === of);
  }

  #held({ uid }: Target): Digest {
    return this.holds.get(uid) ?? OLD;
  }

  *#standings(): Iterable<Standing> {
    for (const target of TARGETS) {
      const connected = !this.away.has(target.uid);
      const slot = {
        generation: this.heard.get(target.uid) ?? 0,
        phase: 'settled' as const,
        current: this.#held(target),
        baseline: OLD,
        failed: null,
        failureCode: '',
        failure: '',
      };
      // Who is away was last heard of a moment ago: nobody counts as silent in these stories.
      const lostAt = connected ? null : this.story.now;
      yield { target, connected, lostAt, slots: new Map([['config/shop', slot]]), failingChecks: [] };
    }
  }
}

function started(change = MOVES_DATA): Fleet {
  const story = new PeopleStory(undefined, { rehearse: true }, change);
  for (const who of ['bob', 'carol'] as const) story.word(who, 'approve', null, change);
  assert.deepEqual(story.start('olga', change), ['RolloutStarted', 'WaveOpened']);
  return new Fleet(story);
}

const rollback = (story: PeopleStory, id = 'shop-1') =>
  story.do('olga', { type: 'rollout', id, input: { type: 'rollback', reason: 'orders are lost' } });

describe('law 6: a change that cannot be undone', () => {
  it('needs two approvals by two people, whatever the pipeline asks', () => {
    const story = new PeopleStory(undefined, {}, MOVES_DATA);
    assert.deepEqual(story.start('olga', MOVES_DATA), ['refused approval-missing']);
    assert.deepEqual(story.word('ann', 'approve', null, MOVES_DATA), ['refused forbidden']);
    story.word('bob', 'approve', null, MOVES_DATA);
    assert.deepEqual(story.start('olga', MOVES_DATA), ['refused approval-missing']);
    story.word('carol', 'approve', null, MOVES_DATA);
    assert.deepEqual(story.start('olga', MOVES_DATA), ['RolloutStarted', 'WaveOpened']);
  });

  it('where the pipeline asks one, one more is asked; where it asks two, no more', () => {
    for (const [count, needed] of [
      [1, ['bob', 'carol']],
      [2, ['bob', 'carol']],
      [3, ['bob', 'carol', 'ada']],
    ] as const) {
      const story = new PeopleStory([{ before: 'start', role: 'approver', count }], {}, MOVES_DATA);
      for (const who of needed) {
        assert.deepEqual(story.start('olga', MOVES_DATA), ['refused approval-missing']);
        story.word(who, 'approve', null, MOVES_DATA);
      }
      assert.deepEqual(story.start('olga', MOVES_DATA), ['RolloutStarted', 'WaveOpened']);
    }
  });

  it('law 15: break-glass does not stand in for them', () => {
    const story = new PeopleStory(undefined, {}, MOVES_DATA);
    const of = { change: MOVES_DATA.digest, pipeline: 'shop', rollout: null };
    story.do('olga', { type: 'askBreakGlass', of, reason: 'now', forMs: 3_600_000 });
    story.do('bob', { type: 'confirmBreakGlass', of });
    assert.deepEqual(story.start('olga', MOVES_DATA), ['refused approval-missing']);
  });

  it('is not rehearsed: there is no way back to walk', () => {
    const fleet = started();
    assert.deepEqual(fleet.beat(), ['BakeStarted']);
  });

  it('said later, it stands, and what was agreed before is asked anew; it is never taken back', () => {
    const story = new PeopleStory([{ before: 'start', role: 'approver', count: 1 }]);
    story.word('bob', 'approve');
    const apply = (change: Change) => story.do('ada', { type: 'apply', manifests: [{ kind: 'Change', change }] });
    assert.deepEqual(apply({ ...MOVES_DATA, author: 'token:ada' }), ['ChangeApplied']);
    assert.deepEqual(story.world.changes.get(BY_ANN.digest), MOVES_DATA, 'its author stays who it was');
    assert.deepEqual(story.start('olga'), ['refused approval-missing']);
    assert.deepEqual(apply(BY_ANN), ['refused change-differs']);
    assert.deepEqual(apply(MOVES_DATA), []);
  });

  it('completed, it is the last known good like any other', () => {
    const fleet = started();
    fleet.untilEnd();
    assert.equal(fleet.story.world.rollouts.get('shop-1')?.phase, 'completed');
    assert.equal(fleet.holders(BRINGS).length, TARGETS.length);
    for (const assignment of fleet.story.world.assignments.values()) assert.equal(assignment.kept, undefined);
  });
});

describe('law 7: ordered back, what cannot be undone stops where it is', () => {
  const atPilot = () => {
    const fleet = started();
    for (let beats = 0; beats < 50 && fleet.story.running?.stage === 0; beats++) fleet.beat();
    fleet.beat();
    return fleet;
  };

  it('who has it keeps it, nobody else gets it, and the end says how many', () => {
    const fleet = atPilot();
    const had = fleet.holders(BRINGS).map(({ name }) => name);
    assert.ok(had.length > 2 && had.length < TARGETS.length);
    assert.deepEqual(rollback(fleet.story), ['RollbackOrdered']);
    fleet.untilEnd();
    assert.deepEqual(
      fleet.holders(BRINGS).map(({ name }) => name),
      had,
    );
    const { phase, kept, rollback: order } = fleet.story.world.rollouts.get('shop-1') ?? {};
    assert.deepEqual([phase, kept], ['rolledBack', had.length]);
    assert.match(
      order?.says ?? '',
      /^orders are lost; nobody else gets it, and targets that have it keep it: it cannot be undone \(it rewrites the stored orders\); to restore: restore the orders from the backup of the night$/,
    );
  });

  it('a guardrail stops and quarantines it like any other', () => {
    const fleet = atPilot();
    const failing = [verdict('fail'), verdict('pass', { role: 'web' })];
    assert.deepEqual(fleet.story.assess({ verdicts: [failing] }), ['RollbackOrdered', 'DigestQuarantined']);
  });

  it('a target that was told and cannot be heard is waited for: nobody knows whether it has it', () => {
    const fleet = atPilot();
    const [one] = fleet.holders(BRINGS);
    assert.ok(one !== undefined);
    fleet.away.add(one.uid);
    rollback(fleet.story);
    for (let beats = 0; beats < 10; beats++) fleet.beat();
    assert.equal(fleet.story.running?.phase, 'rollingBack');
    assert.deepEqual(fleet.story.running?.stragglers, [one.name]);
    fleet.away.delete(one.uid);
    fleet.beat();
    assert.equal(fleet.story.running, undefined);
  });

  it('law 5: from there nothing that can be undone has a way back, and is refused', () => {
    const fleet = atPilot();
    rollback(fleet.story);
    fleet.untilEnd();
    fleet.story.do('ann', { type: 'apply', manifests: [{ kind: 'Change', change: NEXT }] });
    assert.deepEqual(fleet.story.start('olga', NEXT), ['refused no-way-back']);
  });

  it('what comes next goes forward from it, and leaves those alone that it has not reached', () => {
    const fleet = atPilot();
    const had = fleet.holders(BRINGS).length;
    rollback(fleet.story);
    fleet.untilEnd();
    fleet.story.do('ann', { type: 'apply', manifests: [{ kind: 'Change', change: NEXT_TOO }] });
    for (const who of ['bob', 'carol'] as const) fleet.story.word(who, 'approve', null, NEXT_TOO);
    assert.deepEqual(fleet.story.start('olga', NEXT_TOO), ['RolloutStarted', 'WaveOpened']);
    fleet.beat();
    assert.equal(fleet.holders(digestOf('e')).length, 2, 'the first stage has what comes next');
    assert.equal(fleet.holders(BRINGS).length, had - 2, 'the others keep what they had');
    rollback(fleet.story, 'shop-2');
    fleet.untilEnd();
    assert.deepEqual([fleet.holders(digestOf('e')).length, fleet.holders(BRINGS).length], [2, had - 2]);
  });

  it('where nobody took it after all, everything is as before', () => {
    const fleet = started();
    for (const { uid } of TARGETS) fleet.away.add(uid);
    rollback(fleet.story);
    fleet.away.clear();
    fleet.untilEnd();
    assert.equal(fleet.story.world.rollouts.get('shop-1')?.kept, 0);
    fleet.story.do('ann', { type: 'apply', manifests: [{ kind: 'Change', change: NEXT }] });
    assert.deepEqual(fleet.story.start('olga', NEXT), ['RolloutStarted', 'WaveOpened']);
  });

  it('whoever comes and goes: after the order nobody takes it and nobody loses it', () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.constant('beat' as const) },
      { weight: 2, arbitrary: fc.nat({ max: TARGETS.length - 1 }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.array(step, { maxLength: 30 }), (before, after) => {
        const fleet = started();
        const run = (steps: typeof before, then: () => void) => {
          for (const one of steps) {
            const uid = typeof one === 'number' ? TARGETS[one]?.uid : undefined;
            if (uid === undefined) fleet.beat();
            else if (!fleet.away.delete(uid)) fleet.away.add(uid);
            then();
          }
        };
        run(before, () => {});
        if (fleet.story.running === undefined) return;
        const had = fleet.holders(BRINGS);
        rollback(fleet.story);
        run(after, () => assert.deepEqual(fleet.holders(BRINGS), had));
        fleet.away.clear();
        fleet.untilEnd();
        assert.deepEqual(fleet.holders(BRINGS), had);
        assert.equal(fleet.story.world.rollouts.get('shop-1')?.kept, had.length);
      }),
      { numRuns: 200 },
    );
  });
});
