import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Permit } from '../policy/permit.ts';
import { desiredRevision } from '../rollout/assignment.ts';
import { assessment, CHANGE, digestOf, pipeline, TARGETS, tally, verdict } from '../rollout/fixtures.ts';
import type { Service } from '../topology/service.ts';
import { type Command, decideCommand } from './decideCommand.ts';
import type { RecordedEvent } from './event.ts';
import { EMPTY_WORLD, evolveWorld, KEPT_LAST_KNOWN_GOODS } from './evolveWorld.ts';
import type { World } from './world.ts';

const SERVICE: Service = {
  name: 'shop',
  roles: ['api', 'web'],
  slots: { 'config/shop': { roles: ['api', 'web'], schema: null, maxBytes: 1_000 } },
  metrics: { requests: { counter: 'requests_total' }, failures: { counter: 'failures_total' } },
  dependsOn: [],
};
const CONDITIONS = { offline: new Set<string>(), metric: () => 'present' as const, exposedCounters: [], freezes: [] };

/** A control plane without its engine: decides and folds, and keeps the whole log. */
class Story {
  world: World = EMPTY_WORLD;
  readonly log: RecordedEvent[] = [];
  now = 0;

  do(command: Command): string[] {
    const decision = decideCommand(this.world, command, this.now);
    if (!decision.ok) return decision.error.map((refusal) => `refused ${refusal.code}`);
    const events = decision.value.map((event, index) => ({
      ...event,
      position: this.world.position + 1 + index,
      at: this.now,
      actor: 'person:operator',
    }));
    this.log.push(...events);
    this.world = evolveWorld(this.world, events);
    return events.map((event) => event.type);
  }

  /** A service, its pipeline, its targets and one change, ready to start. */
  prepare(): this {
    this.do({
      type: 'apply',
      manifests: [
        { kind: 'Service', service: SERVICE },
        { kind: 'Pipeline', pipeline: pipeline() },
        { kind: 'Change', change: CHANGE },
      ],
    });
    for (const target of TARGETS) this.do({ type: 'enrol', target });
    return this;
  }

  start(change = CHANGE): string[] {
    return this.do({ type: 'start', change: change.digest, pipeline: 'shop', conditions: CONDITIONS });
  }

  assess(more: Parameters<typeof assessment>[0] = {}): string[] {
    this.now += 6_000;
    const running = [...this.world.rollouts.values()].find((rollout) => rollout.endedAt === null);
    return this.do({ type: 'rollout', id: running?.id ?? '', input: { type: 'assess', assessment: assessment(more) } });
  }

  /** What each ring's api targets are to hold. */
  desired(): (string | null)[] {
    const assignment = this.world.assignments.get('shop/api/config/shop');
    return [TARGETS[0], TARGETS[2], TARGETS[8]].map((target) =>
      assignment === undefined || target === undefined ? null : desiredRevision(assignment, target),
    );
  }
}

const candidate = CHANGE.slots['config/shop'];

describe('the world, through a whole rollout', () => {
  it('law 1: only opened stages are given the candidate; completing makes it the last known good', () => {
    const story = new Story().prepare();
    assert.deepEqual(story.start(), ['RolloutStarted', 'WaveOpened']);
    assert.deepEqual(story.desired(), [candidate, null, null]);
    for (let step = 0; step < 20 && story.world.rollouts.get('shop-1')?.endedAt === null; step++) {
      const { stage } = story.world.rollouts.get('shop-1') ?? assert.fail();
      if (stage < 2) assert.equal(story.desired()[2], null, 'broad is not open');
      story.assess();
    }
    assert.deepEqual(story.desired(), [candidate, candidate, candidate]);
    assert.deepEqual(story.world.lastKnownGoods.get('shop/web/config/shop'), [candidate]);
    assert.equal(story.world.assignments.get('shop/api/config/shop')?.candidate, null);
  });

  it('laws 1 and 23: what was signed leave for stays known of the rollout when the leave itself is withdrawn', () => {
    const story = new Story().prepare();
    story.start();
    const { openings } = story.world.rollouts.get('shop-1') ?? assert.fail();
    const issued = (opened: typeof openings, stage: Permit['stage']): RecordedEvent => {
      const scope = { service: 'shop', role: 'api', rollout: 'shop-1', change: CHANGE.digest, slots: CHANGE.slots };
      const document: Permit = {
        ...{ kind: 'permit', ...scope, stage, openings: opened, generation: 9 },
        ...{ issued: 0, expires: null, evidence: [] },
      };
      const permit = { document, key: 'k', signature: '' };
      const data = { id: 'shop-1', role: 'api', permit };
      return { type: 'PermitIssued', data, position: story.world.position + 1, at: 0, actor: 'engine' };
    };
    const signed = evolveWorld(story.world, [issued(openings, { name: 'canary', index: 0, opened: 0 })]);
    assert.deepEqual(signed.rollouts.get('shop-1')?.permitted, openings);
    const back: RecordedEvent = {
      type: 'RehearsalStarted',
      data: { id: 'shop-1' },
      position: 99,
      at: 0,
      actor: 'engine',
    };
    const withdrawn = evolveWorld(signed, [back]);
    assert.equal(withdrawn.permits.size, 0);
    assert.deepEqual(withdrawn.rollouts.get('shop-1')?.permitted, openings);
    const good = evolveWorld(signed, [issued([], null)]);
    assert.deepEqual(good.rollouts.get('shop-1')?.permitted, openings, 'leave for the good opens no stage');
  });

  it('a rollback is one append, and takes the candidate from everybody at once', () => {
    const story = new Story().prepare();
    story.start();
    const { generation } = story.world.assignments.get('shop/api/config/shop') ?? assert.fail();
    assert.deepEqual(story.assess({ verdicts: [[verdict('fail')]], tally: tally({ notBack: 2 }) }), [
      'RollbackOrdered',
      'DigestQuarantined',
    ]);
    assert.deepEqual(story.desired(), [null, null, null]);
    assert.ok(
      (story.world.assignments.get('shop/api/config/shop')?.generation ?? 0) > generation,
      'newer than what agents have',
    );
    assert.deepEqual(story.assess(), ['RolledBack']);
  });

  it('law 6: a rehearsal takes the candidate from the first stage, and gives it again', () => {
    const story = new Story().prepare();
    story.do({ type: 'apply', manifests: [{ kind: 'Pipeline', pipeline: pipeline({ rehearse: true }) }] });
    story.start();
    const canary = [story.desired()[0]];
    for (const expected of [['RehearsalStarted'], ['RehearsalProved', 'WaveOpened']]) {
      assert.deepEqual(story.assess(), expected);
      canary.push(story.desired()[0]);
    }
    assert.deepEqual(canary, [candidate, null, candidate]);
  });

  it('law 18: what was quarantined does not start again', () => {
    const story = new Story().prepare();
    story.start();
    story.assess({ verdicts: [[verdict('fail')]] });
    story.assess();
    assert.deepEqual(story.start(), ['refused quarantined']);
  });

  it('law 8: the newest good ones are kept, each once; what was rolled back earns nothing', () => {
    const story = new Story().prepare();
    const roll = (letter: string, fails: boolean) => {
      const change = { ...CHANGE, digest: digestOf(letter), slots: { 'config/shop': digestOf(letter) } };
      story.do({ type: 'apply', manifests: [{ kind: 'Change', change }] });
      assert.deepEqual(story.start(change), ['RolloutStarted', 'WaveOpened']);
      if (fails) story.assess({ verdicts: [[verdict('fail')]] });
      for (let step = 0; step < 20; step++) {
        if (![...story.world.rollouts.values()].some((rollout) => rollout.endedAt === null)) return;
        story.assess();
      }
      assert.fail('it does not end');
    };
    for (const letter of '1234567') roll(letter, false);
    roll('8', true);
    roll('3', false);
    const kept = story.world.lastKnownGoods.get('shop/api/config/shop') ?? [];
    assert.deepEqual(kept, [...'45673'].map(digestOf));
    assert.equal(kept.length, KEPT_LAST_KNOWN_GOODS);
  });

  it('law 13: services that need each other change one after the other, in either direction', () => {
    for (const [shopNeeds, payNeeds] of [
      [['pay'], []],
      [[], ['shop']],
      [[], []],
    ] as const) {
      const story = new Story().prepare();
      const named = (name: string, dependsOn: readonly string[]) => ({ ...SERVICE, name, dependsOn });
      const change = { ...CHANGE, digest: digestOf('d'), service: 'pay' };
      story.do({
        type: 'apply',
        manifests: [
          { kind: 'Service', service: named('shop', shopNeeds) },
          { kind: 'Service', service: named('pay', payNeeds) },
          { kind: 'Pipeline', pipeline: { ...pipeline(), name: 'pay', service: 'pay' } },
          { kind: 'Change', change },
        ],
      });
      for (const target of TARGETS) {
        story.do({ type: 'enrol', target: { ...target, uid: `pay-${target.uid}`, service: 'pay' } });
      }
      story.start();
      const started = story.do({ type: 'start', change: change.digest, pipeline: 'pay', conditions: CONDITIONS });
      const neighbours = shopNeeds.length + payNeeds.length > 0;
      assert.deepEqual(started, neighbours ? ['refused rollout-in-progress'] : ['RolloutStarted', 'WaveOpened']);
    }
  });

  it('law 13: neighbours change at once where both pipelines have them told apart; one alone is not enough', () => {
    for (const [shop, pay] of [
      ['tellApart', 'tellApart'],
      ['tellApart', 'serialise'],
      ['serialise', 'tellApart'],
    ] as const) {
      const story = new Story().prepare();
      const change = { ...CHANGE, digest: digestOf('d'), service: 'pay' };
      story.do({
        type: 'apply',
        manifests: [
          { kind: 'Service', service: { ...SERVICE, name: 'shop', dependsOn: ['pay'] } },
          { kind: 'Service', service: { ...SERVICE, name: 'pay' } },
          { kind: 'Pipeline', pipeline: pipeline({ neighbours: shop }) },
          { kind: 'Pipeline', pipeline: { ...pipeline({ neighbours: pay }), name: 'pay', service: 'pay' } },
          { kind: 'Change', change },
        ],
      });
      for (const target of TARGETS) {
        story.do({ type: 'enrol', target: { ...target, uid: `pay-${target.uid}`, service: 'pay' } });
      }
      story.start();
      const started = story.do({ type: 'start', change: change.digest, pipeline: 'pay', conditions: CONDITIONS });
      const apart = shop === pay;
      assert.deepEqual(started, apart ? ['RolloutStarted', 'WaveOpened'] : ['refused rollout-in-progress']);
    }
  });

  it('law 13: one rollout of a service at a time', () => {
    const story = new Story().prepare();
    story.start();
    const other = { ...CHANGE, digest: digestOf('d'), name: 'other' };
    story.do({ type: 'apply', manifests: [{ kind: 'Change', change: other }] });
    assert.deepEqual(story.start(other), ['refused rollout-in-progress']);
  });
});

describe('law 16: unknown is refused at plan time', () => {
  const table: readonly [string, (story: Story) => string[], readonly string[]][] = [
    [
      'a change nobody applied',
      (story) => story.do({ type: 'start', change: digestOf('e'), pipeline: 'shop', conditions: CONDITIONS }),
      ['unknown-change'],
    ],
    [
      'a pipeline nobody applied',
      (story) => story.do({ type: 'start', change: CHANGE.digest, pipeline: 'shoop', conditions: CONDITIONS }),
      ['unknown-pipeline'],
    ],
    [
      'a metric that is absent on the baseline',
      (story) =>
        story.do({
          type: 'start',
          change: CHANGE.digest,
          pipeline: 'shop',
          conditions: { ...CONDITIONS, metric: (_, name) => (name === 'failures' ? 'absent' : 'present') },
        }),
      ['metric-without-data', 'metric-without-data'],
    ],
    [
      'a metric nobody has reported on',
      (story) =>
        story.do({
          type: 'start',
          change: CHANGE.digest,
          pipeline: 'shop',
          conditions: { ...CONDITIONS, metric: (role) => (role === 'web' ? 'silent' : 'present') },
        }),
      ['metric-without-data', 'metric-without-data'],
    ],
    [
      'a stage that selects nobody',
      (story) => {
        for (const target of TARGETS) if (target.labels.ring === 'pilot') story.do({ type: 'retire', uid: target.uid });
        return story.start();
      },
      ['selector-matches-nobody'],
    ],
    [
      'law 3: a role that the first stage has no target of',
      (story) => {
        story.do({ type: 'retire', uid: TARGETS[1]?.uid ?? '' });
        return story.start();
      },
      ['selector-matches-nobody'],
    ],
    [
      'a halted line',
      (story) => {
        story.do({ type: 'halt', reason: 'storm' });
        return story.start();
      },
      ['line-halted'],
    ],
    [
      'a service nobody applied',
      (story) =>
        story.do({
          type: 'apply',
          manifests: [{ kind: 'Change', change: { ...CHANGE, digest: digestOf('d'), service: 'shp' } }],
        }),
      ['unknown-service'],
    ],
    [
      'a role the service lacks',
      (story) =>
        story.do({
          type: 'apply',
          manifests: [{ kind: 'Change', change: { ...CHANGE, digest: digestOf('d'), roles: ['ap'] } }],
        }),
      ['unknown-role'],
    ],
    [
      'a slot the service lacks',
      (story) =>
        story.do({
          type: 'apply',
          manifests: [
            { kind: 'Change', change: { ...CHANGE, digest: digestOf('d'), slots: { 'config/sop': digestOf('a') } } },
          ],
        }),
      ['unknown-slot'],
    ],
    [
      'a check on a metric the service lacks',
      (story) => {
        const [check] = pipeline().checks;
        const checks = check === undefined ? [] : [{ ...check, failures: 'failurs' }];
        return story.do({ type: 'apply', manifests: [{ kind: 'Pipeline', pipeline: pipeline({ checks }) }] });
      },
      ['unknown-metric'],
    ],
    [
      'law 4: a new path counted by a metric the service lacks',
      (story) =>
        story.do({
          type: 'apply',
          manifests: [{ kind: 'Change', change: { ...CHANGE, digest: digestOf('d'), newPath: 'reqests' } }],
        }),
      ['unknown-metric'],
    ],
    [
      'a target of an unknown role',
      (story) => story.do({ type: 'enrol', target: { uid: 'x', name: 'x', service: 'shop', role: 'wbe', labels: {} } }),
      ['unknown-role'],
    ],
    [
      'a role that goes while it has targets',
      (story) => story.do({ type: 'apply', manifests: [{ kind: 'Service', service: { ...SERVICE, roles: ['api'] } }] }),
      ['in-use'],
    ],
  ];
  for (const [why, act, expected] of table) {
    it(why, () => {
      const story = new Story().prepare();
      const refusals = act(story);
      assert.deepEqual(
        refusals,
        expected.map((code) => `refused ${code}`),
      );
    });
  }

  it('one bad manifest keeps all of them out', () => {
    const story = new Story();
    assert.deepEqual(
      story.do({
        type: 'apply',
        manifests: [
          { kind: 'Service', service: SERVICE },
          { kind: 'Change', change: { ...CHANGE, roles: ['x'] } },
        ],
      }),
      ['refused unknown-role'],
    );
    assert.equal(story.world.services.size, 0);
  });

  it('the same manifest twice puts nothing on the record', () => {
    const story = new Story().prepare();
    const again: Command = {
      type: 'apply',
      manifests: [
        { kind: 'Service', service: structuredClone(SERVICE) },
        { kind: 'Change', change: CHANGE },
      ],
    };
    assert.deepEqual(story.do(again), []);
  });
});

describe('a target', () => {
  it('that is installed anew takes its name with it, and the old uid is not waited for', () => {
    const story = new Story().prepare();
    const [first] = TARGETS;
    assert.ok(first !== undefined);
    assert.deepEqual(story.do({ type: 'enrol', target: { ...first, uid: 'new' } }), [
      'TargetRetired',
      'TargetEnrolled',
    ]);
    assert.equal(story.world.targets.size, TARGETS.length);
  });

  it('without a role gets the only one there is', () => {
    const story = new Story();
    story.do({ type: 'apply', manifests: [{ kind: 'Service', service: { ...SERVICE, roles: ['api'], slots: {} } }] });
    assert.deepEqual(
      story.do({ type: 'enrol', target: { uid: 'x', name: 'x', service: 'shop', role: '', labels: {} } }),
      ['TargetEnrolled'],
    );
    assert.equal(story.world.targets.get('x')?.role, 'api');
  });
});

describe('law 19: the record', () => {
  it('replays to the same state, in one piece or cut anywhere, and through JSON', () => {
    const anyStep = fc.constantFrom('start', 'assess', 'fail', 'pause', 'resume', 'rollback', 'halt', 'lift');
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 40 }), fc.nat(100), (steps, cut) => {
        const story = new Story().prepare();
        for (const step of steps) {
          const id = [...story.world.rollouts.keys()].at(-1) ?? 'none';
          if (step === 'start') story.start();
          else if (step === 'assess') story.assess();
          else if (step === 'fail')
            story.assess({ verdicts: [[verdict('fail')]], tally: tally({ notBack: 1, notBackNames: ['shop-0'] }) });
          else if (step === 'halt') story.do({ type: 'halt', reason: '' });
          else if (step === 'lift') story.do({ type: 'lift' });
          else
            story.do({
              type: 'rollout',
              id,
              input: step === 'resume' ? { type: 'resume' } : { type: step, reason: '' },
            });
        }
        const log = JSON.parse(JSON.stringify(story.log)) as RecordedEvent[];
        const at = Math.min(cut, log.length);
        assert.deepEqual(evolveWorld(evolveWorld(EMPTY_WORLD, log.slice(0, at)), log.slice(at)), story.world);
      }),
    );
  });

  it('evolving leaves the world it was given as it was', () => {
    const story = new Story().prepare();
    const before = story.world;
    const targets = before.targets.size;
    story.do({ type: 'enrol', target: { uid: 'x', name: 'x', service: 'shop', role: 'api', labels: {} } });
    assert.equal(before.targets.size, targets);
    assert.equal(story.world.targets.size, targets + 1);
  });
});
