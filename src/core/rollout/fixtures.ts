import type { Verdict, VerdictOutcome } from '../analysis/verdict.ts';
import type { Digest } from '../kernel/digest.ts';
import type { Change } from '../policy/change.ts';
import { FREE_CONSENT } from '../policy/consent.ts';
import type { Pipeline, Stage } from '../policy/pipeline.ts';
import type { RecordedEvent } from '../record/event.ts';
import type { Target } from '../topology/target.ts';
import type { Assessment } from './assessment.ts';
import { evolveRollout, type RolloutEvent, startRollout } from './evolveRollout.ts';
import { planStages } from './planStages.ts';
import type { Rollout } from './rollout.ts';
import type { Tally } from './tally.ts';

/** Ready-made words for tests of the core: two roles, three rings, one slot. Times are milliseconds from 0. */

export const digestOf = (letter: string): Digest => `sha256:${letter.repeat(64)}`;

export const CHANGE: Change = {
  digest: digestOf('c'),
  name: 'faster-search',
  service: 'shop',
  roles: ['api', 'web'],
  slots: { 'config/shop': digestOf('a') },
  reason: '',
  author: 'person:author',
};

export function stage(name: string, more: Partial<Stage> = {}): Stage {
  return {
    name,
    targets: { ring: [name] },
    waves: [{ share: 1 }],
    bake: { minimumMs: 5_000, exposure: { metric: 'requests', atLeast: 100 }, deadlineMs: 60_000 },
    applyDeadlineMs: 20_000,
    tolerateFailures: 0,
    promote: 'auto',
    ...more,
  };
}

export function pipeline(more: Partial<Pipeline> = {}): Pipeline {
  return {
    name: 'shop',
    service: 'shop',
    stages: [stage('canary'), stage('pilot', { waves: [{ count: 1 }, { share: 1 }] }), stage('broad')],
    checks: [
      {
        name: 'errors',
        kind: 'failureProportion',
        effect: 'guardrail',
        failures: 'failures',
        total: 'requests',
        margin: { absolute: 0.02 },
      },
    ],
    errorBudget: 0.01,
    rehearse: false,
    heldDeadlineMs: 600_000,
    pausedDeadlineMs: 300_000,
    rollbackDeadlineMs: 30_000,
    ...more,
  };
}

/** 2 canary, 4 pilot, 8 broad targets, half of each role. */
export const TARGETS: readonly Target[] = [...Array(14).keys()].map((index) => ({
  uid: index.toString(16).padStart(32, '0'),
  name: `shop-${index}`,
  service: 'shop',
  role: index % 2 === 0 ? 'api' : 'web',
  labels: { ring: index < 2 ? 'canary' : index < 6 ? 'pilot' : 'broad' },
}));

export function rolloutOf(through: Pipeline = pipeline(), change: Change = CHANGE): Rollout {
  const started = startRollout(
    recorded(1, 0, {
      type: 'RolloutStarted',
      data: {
        id: 'shop-1',
        change,
        pipeline: through,
        slotRoles: { 'config/shop': change.roles },
        plan: planStages(through, 'shop-1', TARGETS),
      },
    }),
  );
  const below = started.plan[0]?.waves[0]?.below ?? 1;
  return after(started, [{ type: 'WaveOpened', data: { id: 'shop-1', stage: 0, wave: 0, below, absent: [] } }]);
}

type Unplaced<T> = T extends unknown ? Omit<T, 'position' | 'at' | 'actor'> : never;

export function recorded<T extends Unplaced<RecordedEvent>>(
  position: number,
  at: number,
  event: T,
): T & { position: number; at: number; actor: string } {
  return { ...event, position, at, actor: 'person:operator' };
}

/** The rollout after some events, all at one time. Positions go on from 2. A quarantine is the world's affair, not the rollout's. */
export function after(rollout: Rollout, events: readonly Unplaced<RecordedEvent>[], at = 0): Rollout {
  return events
    .filter((event) => event.type !== 'DigestQuarantined')
    .reduce<Rollout>(
      (state, event, index) => evolveRollout(state, recorded(2 + index, at, event) as RolloutEvent),
      rollout,
    );
}

export function tally(more: Partial<Tally> = {}): Tally {
  return {
    opened: 2,
    confirmed: 2,
    underway: 0,
    failed: 0,
    failures: [],
    refused: 0,
    refusals: [],
    notBack: 0,
    kept: 0,
    notBackNames: [],
    absent: 0,
    untouched: 12,
    untouchedSick: 0,
    unsure: 0,
    targets: 14,
    moving: 0,
    slow: 0,
    slowNames: [],
    ordered: [],
    domains: [],
    ...more,
  };
}

export function verdict(outcome: VerdictOutcome, more: Partial<Verdict> = {}): Verdict {
  return {
    check: 'errors',
    role: 'api',
    outcome,
    says: `${more.role ?? 'api'} ${outcome}`,
    estimate: 0,
    lower: 0,
    upper: 0,
    margin: 0.02,
    alpha: 0.01,
    cause: null,
    unit: 'share',
    treated: { level: 0, exposure: 100, targets: 1 },
    untouched: { level: 0, exposure: 100, targets: 1 },
    compared: 'at-the-same-time',
    evidence: { harm: 0, noHarm: 0 },
    spent: 0,
    noise: { figure: 1, blocks: 0 },
    next: null,
    outliers: [],
    leftOut: [],
    ...more,
  };
}

/** All well: every target confirmed, every verdict a pass, enough exposure. */
export function assessment(more: Partial<Assessment> = {}): Assessment {
  const passes = [verdict('pass', { role: 'api' }), verdict('pass', { role: 'web' })];
  return {
    tally: tally(),
    verdicts: [passes, passes, passes],
    exposure: { api: 100, web: 100 },
    contact: () => ({ absent: [], returned: [] }),
    lineHalted: false,
    consent: FREE_CONSENT,
    freezes: [],
    ...more,
  };
}
