import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isOpened } from '../../core/rollout/assignment.ts';
import { beginRelease, releaseOf } from '../../core/rollout/beginRelease.ts';
import { decideRollout } from '../../core/rollout/decideRollout.ts';
import { evolveRollout, type RolloutEvent, startRollout } from '../../core/rollout/evolveRollout.ts';
import { assessment, CHANGE, digestOf, pipeline, recorded, stage } from '../../core/rollout/fixtures.ts';
import { planStages } from '../../core/rollout/planStages.ts';
import { mayWait } from '../../core/rollout/release.ts';
import type { Rollout } from '../../core/rollout/rollout.ts';
import { stepping } from '../../core/rollout/stepping.ts';
import { type SlotStanding, type Standing, tallyOf } from '../../core/rollout/tally.ts';
import type { Capacity } from '../../core/topology/capacity.ts';
import type { Service } from '../../core/topology/service.ts';
import type { Target } from '../../core/topology/target.ts';
import { LiveTally } from './liveTally.ts';

const CANDIDATE = CHANGE.slots['config/shop'] ?? null;
const BASELINE = digestOf('b');
const SERVICE: Service = { name: 'shop', roles: ['api', 'web'], slots: {}, metrics: {}, dependsOn: [] };
const CAPACITY: Capacity = { domain: 'zone', unavailable: { count: 2 } };

/** 24 targets of two roles in 3 zones: four of each role in each zone. */
const FLEET: readonly Target[] = [...Array(24).keys()].map((index) => ({
  uid: index.toString(16).padStart(32, '0'),
  name: `shop-${index}`,
  service: 'shop',
  role: index % 2 === 0 ? 'api' : 'web',
  labels: { ring: 'broad', zone: ['a', 'b', 'c'][index % 3] ?? '' },
}));

type Phase = SlotStanding['phase'];

/** What one target really does, and what the control plane last heard of it. */
interface Actor {
  readonly target: Target;
  holds: typeof CANDIDATE;
  phase: Phase;
  away: boolean;
  sick: boolean;
  heard: Standing;
}

const NEXT: Partial<Record<Phase, Phase>> = { preparing: 'applying', applying: 'verifying', verifying: 'provisional' };

class Story {
  rollout: Rollout;
  now = 1_000;
  #position = 2;
  readonly live: LiveTally;
  readonly actors: readonly Actor[];
  readonly capacity: Capacity | null;

  constructor(capacity: Capacity | null, concurrency: number | null, deadlineMs = 1e9) {
    this.capacity = capacity;
    const asked =
      concurrency === null ? {} : { concurrency: { start: { count: concurrency }, most: { count: concurrency } } };
    const through = pipeline({
      stages: [stage('broad', { ...asked, waves: [{ share: 0.5 }, { share: 1 }], applyDeadlineMs: deadlineMs })],
      checks: [],
      heldDeadlineMs: 1e12,
    });
    this.rollout = startRollout(
      recorded(1, 0, {
        type: 'RolloutStarted',
        data: {
          id: 'shop-1',
          change: CHANGE,
          pipeline: through,
          slotRoles: { 'config/shop': CHANGE.roles },
          plan: planStages(through, 'shop-1', FLEET),
        },
      }),
    );
    this.actors = FLEET.map((target) => {
      const actor = { target, holds: BASELINE, phase: 'settled' as const, away: false, sick: false };
      return { ...actor, heard: standingOf(actor) };
    });
    const of = (uid: string) => this.actors.find(({ target }) => target.uid === uid)?.heard ?? null;
    const targets = () => FLEET.values();
    this.live = new LiveTally(
      this.rollout,
      { targets, of },
      () => null,
      this.now,
      () => capacity,
    );
    const pace = asked.concurrency && { concurrency: concurrency ?? 0, says: '', usualMs: null, slower: false };
    this.record({
      type: 'WaveOpened',
      data: {
        id: 'shop-1',
        stage: 0,
        wave: 0,
        below: 0,
        absent: [],
        ...(pace && { pace: { ...pace, confirmed: 0, failed: 0, slow: 0 } }),
      },
    });
  }

  record(event: Parameters<typeof recorded>[2]): void {
    const placed = recorded(this.#position++, this.now, event) as RolloutEvent;
    const service = this.capacity === null ? undefined : { ...SERVICE, capacity: this.capacity };
    this.rollout = beginRelease(evolveRollout(this.rollout, placed), placed, service);
    this.live.follow(this.rollout, this.now);
  }

  /** The control plane looks. Gives what it opened. */
  look(): number {
    this.live.countOn(Number.POSITIVE_INFINITY, this.now);
    const tally = this.live.tally(this.now);
    const anew = this.actors.map(({ heard }) => heard);
    assert.deepEqual(
      tally,
      tallyOf(this.rollout, anew, () => null, this.now, this.capacity),
      'kept as if counted anew',
    );
    const asked = stepping(this.rollout, this.capacity);
    const ahead = asked && this.live.aheadNow(asked.ahead, asked.concurrency - tally.moving, this.now);
    const { release, pace } = this.rollout;
    const left = (pace?.concurrency ?? Number.POSITIVE_INFINITY) - tally.moving;
    const back = release && this.live.backNow(release.below, left, this.now);
    const known = assessment({ tally, verdicts: [], ...(ahead && { ahead }), ...(back && { back }) });
    const decision = decideRollout(this.rollout, { type: 'assess', assessment: known }, this.now);
    assert.ok(decision.ok);
    let opened = 0;
    for (const event of decision.value) {
      if (event.type === 'DigestQuarantined') continue;
      if (event.type === 'WaveOpened' || event.type === 'WaveWidened') opened++;
      this.record(event);
    }
    return opened;
  }

  /** What the newest documents want of a target: it reads them as its own agent does. */
  wanted({ target, holds, phase, sick }: Actor): typeof CANDIDATE {
    const goesBack = this.rollout.rollback !== null || this.rollout.phase === 'rehearsing';
    if (!goesBack) return isOpened('shop-1', this.rollout.openings, target) ? CANDIDATE : BASELINE;
    const { release } = CANDIDATE === null ? {} : releaseOf(this.rollout, CANDIDATE);
    const standing = { current: holds, atRest: phase === 'settled', well: !sick };
    return release !== undefined && mayWait(release, target.uid, standing) ? CANDIDATE : BASELINE;
  }

  /** The target does the next thing by itself. */
  act(actor: Actor): void {
    if (actor.away) return;
    if (actor.phase === 'settled') {
      const back = this.wanted(actor) === BASELINE;
      // Going back asks no check.
      if (this.wanted(actor) !== actor.holds && (back || !actor.sick)) actor.phase = 'preparing';
      return;
    }
    actor.phase = NEXT[actor.phase] ?? 'settled';
    if (actor.phase === 'settled') actor.holds = this.wanted(actor);
  }

  hear(actor: Actor): void {
    actor.heard = standingOf(actor, actor.heard.lostAt ?? this.now);
    this.live.heard(actor.target.uid, this.now);
  }

  /** Targets of each role and zone that were ordered to move, can, and have not come to rest. */
  inMotion(): ReadonlyMap<string, number> {
    const moving = new Map<string, number>();
    for (const actor of this.actors) {
      const rests = actor.phase === 'settled' && (this.wanted(actor) === actor.holds || actor.away);
      // Who is unwell goes back at once, whatever the others do: it is away already.
      if (rests || actor.sick) continue;
      const { role, labels } = actor.target;
      const key = `${role} ${labels.zone}`;
      moving.set(key, (moving.get(key) ?? 0) + 1);
    }
    return moving;
  }
}

function standingOf({ target, holds, phase, away, sick }: Omit<Actor, 'heard'>, now = 0): Standing {
  const slot: SlotStanding = {
    generation: 1_000_000,
    phase,
    current: holds,
    baseline: BASELINE,
    failed: null,
    failureCode: '',
    failure: '',
  };
  return {
    target,
    connected: !away,
    lostAt: away ? now : null,
    slots: new Map([['config/shop', slot]]),
    failingChecks: sick ? ['alive'] : [],
  };
}

/** How often each thing happens, by how often it stands here. */
const EVENTS = 'act act act act act act hear hear hear hear look look look back away sick well'.split(' ');

const anything = fc.array(
  fc.record({
    is: fc.oneof(
      { weight: 200, arbitrary: fc.constantFrom(...EVENTS) },
      { weight: 1, arbitrary: fc.constant('rollback') },
    ),
    index: fc.nat(FLEET.length - 1),
  }),
  { minLength: 100, maxLength: 600 },
);

function happen(story: Story, is: string, actor: Actor): void {
  story.now += 4_000;
  // Who is away before it was ordered does not count as told: it stays as it is until it is back.
  if (is === 'away' && actor.phase === 'settled' && story.wanted(actor) === actor.holds) actor.away = true;
  if (is === 'back') actor.away = false;
  if (is === 'sick' && actor.phase === 'settled' && !actor.away) actor.sick = true;
  if (is === 'well' && actor.phase === 'settled') actor.sick = actor.sick && story.wanted(actor) !== actor.holds;
  if (is === 'rollback' && story.rollout.phase !== 'rollingBack' && story.rollout.endedAt === null)
    story.record({ type: 'RollbackOrdered', data: { id: 'shop-1', code: 'person', says: '', verdicts: [] } });
  if (is === 'act') story.act(actor);
  if (is === 'look') story.look();
  // A link that ends, and a check that fails, are heard of at once; what an apply comes to may be late.
  if (is !== 'act' && is !== 'look') story.hear(actor);
}

describe('law 11: a floor under a fleet, on the way forward and back', () => {
  it('whatever is heard and in whatever order, never are more targets of a role and zone under way than may be', () => {
    fc.assert(
      fc.property(anything, fc.boolean(), (happenings, back) => {
        const story = new Story(CAPACITY, null);
        if (back) {
          play(story, () => story.rollout.phase === 'baking');
          story.record({ type: 'RollbackOrdered', data: { id: 'shop-1', code: 'person', says: '', verdicts: [] } });
        }
        for (const { is, index } of happenings) {
          const actor = story.actors[index];
          assert.ok(actor !== undefined);
          happen(story, is, actor);
          for (const [where, count] of story.inMotion()) assert.ok(count <= 2, `${count} ${where} at once`);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('a tally that is kept step by step is what counting everybody anew would give, deadlines and all', () => {
    fc.assert(
      fc.property(anything, fc.constantFrom(null, 3), (happenings, concurrency) => {
        const story = new Story(CAPACITY, concurrency, 400_000);
        for (const { is, index } of happenings) {
          const actor = story.actors[index];
          assert.ok(actor !== undefined);
          happen(story, is, actor);
        }
        story.look();
      }),
      { numRuns: 200 },
    );
  });

  it('law 12: nor more of the whole fleet than the pace allows', () => {
    fc.assert(
      fc.property(anything, fc.integer({ min: 1, max: 4 }), (happenings, concurrency) => {
        const story = new Story(null, concurrency);
        for (const { is, index } of happenings) {
          const actor = story.actors[index];
          assert.ok(actor !== undefined);
          // Nobody who is away is under way; and without a floor a rollback, which a failing check orders too, is for everyone at once.
          if (['away', 'back', 'sick', 'rollback'].includes(is)) continue;
          happen(story, is, actor);
          const all = [...story.inMotion().values()].reduce((sum, count) => sum + count, 0);
          assert.ok(all <= concurrency, `${all} at once`);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('when everybody is well it gets to the end, in steps', () => {
    for (const [capacity, concurrency] of [
      [CAPACITY, null],
      [null, 1],
      [CAPACITY, 3],
    ] as const) {
      const story = new Story(capacity, concurrency);
      let steps = 0;
      for (let round = 0; round < 400 && story.rollout.endedAt === null; round++) {
        steps += story.look();
        story.now += 5_000;
        for (const actor of story.actors) {
          story.act(actor);
          story.hear(actor);
        }
      }
      assert.equal(story.rollout.phase, 'completed');
      assert.ok(story.actors.every(({ holds }) => holds === CANDIDATE));
      assert.ok(steps >= 24 / (concurrency ?? 12), `${steps} steps`);
    }
  });

  it('a zone in which too many are away holds it, by name, and lets it go on when they are back', () => {
    const story = new Story(CAPACITY, null);
    const away = story.actors.filter(({ target }) => target.role === 'web' && target.labels.zone === 'a').slice(0, 3);
    for (const actor of away) {
      actor.away = true;
      story.hear(actor);
    }
    for (let round = 0; round < 60; round++) {
      story.look();
      story.now += 30_000;
      for (const actor of story.actors) {
        story.act(actor);
        story.hear(actor);
      }
    }
    assert.deepEqual(story.rollout.holds, ['no-capacity']);
    const untouched = story.actors.filter(({ target }) => target.role === 'web' && target.labels.zone === 'a');
    assert.ok(
      untouched.every(({ holds }) => holds === BASELINE),
      'nobody of that zone was taken',
    );
    for (const actor of away) {
      actor.away = false;
      story.hear(actor);
    }
    for (let round = 0; round < 400 && story.rollout.endedAt === null; round++) {
      story.look();
      story.now += 5_000;
      for (const actor of story.actors) {
        story.act(actor);
        story.hear(actor);
      }
      for (const [where, count] of story.inMotion()) assert.ok(count <= 2, `${count} ${where} come back at once`);
    }
    assert.equal(story.rollout.phase, 'completed');
  });

  it('back as well: who is unwell first and at once, the others as far as the floor allows', () => {
    const story = new Story(CAPACITY, null);
    play(story, () => story.rollout.phase === 'baking');
    const unwell = story.actors.filter(({ target }) => target.role === 'api' && target.labels.zone === 'b').slice(0, 3);
    for (const actor of unwell) {
      actor.sick = true;
      story.hear(actor);
    }
    let most = 0;
    play(story, () => story.rollout.phase === 'rollingBack');
    assert.deepEqual(story.rollout.release?.below, 0, 'nobody who is well has gone yet');
    for (const actor of story.actors) story.act(actor);
    const gone = story.actors.filter(({ phase, holds }) => phase !== 'settled' || holds === BASELINE);
    assert.deepEqual(gone, unwell, 'who is unwell goes at once, and by itself');
    play(story, () => {
      most = Math.max(most, ...story.inMotion().values());
      // The way back is what makes them well again.
      for (const actor of unwell) actor.sick &&= actor.holds !== BASELINE;
      return story.rollout.endedAt !== null;
    });
    assert.equal(story.rollout.phase, 'rolledBack');
    assert.ok(story.actors.every(({ holds }) => holds === BASELINE));
    assert.equal(most, 2, 'in steps, and as large as they may be');
  });

  it('law 5: where there is no room on the way back, the floor gives way after the deadline', () => {
    const story = new Story(CAPACITY, null, 100_000);
    play(story, () => story.rollout.phase === 'baking');
    // Three of four are away for good: their zone has no room for the fourth.
    for (const actor of story.actors.filter(({ target }) => target.labels.zone === 'c').slice(0, 6)) {
      actor.away = true;
      story.hear(actor);
    }
    story.record({ type: 'RollbackOrdered', data: { id: 'shop-1', code: 'person', says: '', verdicts: [] } });
    play(story, () => (story.rollout.release?.below ?? 0) >= 1);
    play(story, () => story.actors.every(({ away, holds }) => away || holds === BASELINE));
    assert.ok(story.actors.every(({ away, holds }) => away || holds === BASELINE));
  });
});

/** Looks, acts and hears, again and again, until it is so. */
function play(story: Story, isOver: () => boolean): void {
  for (let round = 0; round < 400 && !isOver(); round++) {
    story.look();
    story.now += 5_000;
    if (isOver()) return;
    for (const actor of story.actors) {
      story.act(actor);
      story.hear(actor);
    }
  }
}
