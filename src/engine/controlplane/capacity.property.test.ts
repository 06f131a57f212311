import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isOpened } from '../../core/rollout/assignment.ts';
import { decideRollout } from '../../core/rollout/decideRollout.ts';
import { evolveRollout, type RolloutEvent, startRollout } from '../../core/rollout/evolveRollout.ts';
import { assessment, CHANGE, digestOf, pipeline, recorded, stage } from '../../core/rollout/fixtures.ts';
import { planStages } from '../../core/rollout/planStages.ts';
import type { Rollout } from '../../core/rollout/rollout.ts';
import { stepping } from '../../core/rollout/stepping.ts';
import { type SlotStanding, type Standing, tallyOf } from '../../core/rollout/tally.ts';
import type { Capacity } from '../../core/topology/capacity.ts';
import type { Target } from '../../core/topology/target.ts';
import { LiveTally } from './liveTally.ts';

const CANDIDATE = CHANGE.slots['config/shop'] ?? null;
const BASELINE = digestOf('b');
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

  constructor(capacity: Capacity | null, concurrency: number | null) {
    this.capacity = capacity;
    const asked =
      concurrency === null ? {} : { concurrency: { start: { count: concurrency }, most: { count: concurrency } } };
    const through = pipeline({
      stages: [stage('broad', { ...asked, waves: [{ share: 0.5 }, { share: 1 }], applyDeadlineMs: 400_000 })],
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
    const uids = () => FLEET.map(({ uid }) => uid).values();
    this.live = new LiveTally(
      this.rollout,
      { uids, of },
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
    this.rollout = evolveRollout(this.rollout, recorded(this.#position++, this.now, event) as RolloutEvent);
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
    const known = assessment({ tally, verdicts: [], ...(ahead === null ? {} : { ahead }) });
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

  wanted({ target }: Actor): typeof CANDIDATE {
    return isOpened('shop-1', this.rollout.openings, target) ? CANDIDATE : BASELINE;
  }

  /** The target does the next thing by itself. */
  act(actor: Actor): void {
    if (actor.away) return;
    if (actor.phase === 'settled') {
      if (this.wanted(actor) !== actor.holds && !actor.sick) actor.phase = 'preparing';
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
      if (rests) continue;
      const { role, labels } = actor.target;
      const key = `${role} ${labels.zone}`;
      moving.set(key, (moving.get(key) ?? 0) + 1);
    }
    return moving;
  }
}

function standingOf({ target, holds, phase, away, sick }: Omit<Actor, 'heard'>, now = 0): Standing {
  const slot: SlotStanding = {
    generation: 10,
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
const EVENTS = 'act act act act hear hear hear look look back away sick well'.split(' ');

const anything = fc.array(
  fc.record({
    is: fc.constantFrom(...EVENTS),
    index: fc.nat(FLEET.length - 1),
  }),
  { minLength: 100, maxLength: 400 },
);

function happen(story: Story, is: string, actor: Actor): void {
  story.now += 4_000;
  // Who is away before it was ordered does not count as told: it stays as it is until it is back.
  if (is === 'away' && actor.phase === 'settled' && story.wanted(actor) === actor.holds) actor.away = true;
  if (is === 'back') actor.away = false;
  if (is === 'sick' && actor.holds === BASELINE && actor.phase === 'settled' && story.wanted(actor) === BASELINE)
    actor.sick = true;
  if (is === 'well') actor.sick = false;
  if (is === 'act') story.act(actor);
  if (is === 'look') story.look();
  // A link that ends, and a check that fails, are heard of at once; what an apply comes to may be late.
  if (is !== 'act' && is !== 'look') story.hear(actor);
}

describe('law 11: a floor under a fleet, on the way forward', () => {
  it('whatever is heard and in whatever order, never are more targets of a role and zone under way than may be', () => {
    fc.assert(
      fc.property(anything, (happenings) => {
        const story = new Story(CAPACITY, null);
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

  it('law 12: nor more of the whole fleet than the pace allows', () => {
    fc.assert(
      fc.property(anything, fc.integer({ min: 1, max: 4 }), (happenings, concurrency) => {
        const story = new Story(null, concurrency);
        for (const { is, index } of happenings) {
          const actor = story.actors[index];
          assert.ok(actor !== undefined);
          if (is === 'away' || is === 'back') continue;
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
});
