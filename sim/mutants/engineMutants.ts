import type { Assessment } from '../../src/core/rollout/assessment.ts';
import type { Contribution } from '../../src/core/rollout/contribution.ts';
import type { RolloutInput } from '../../src/core/rollout/decideRollout.ts';
import type { Rollout } from '../../src/core/rollout/rollout.ts';
import { forwarding } from '../server/serverHost.ts';
import { type ModuleWrap, type Mutant, replace } from './mutant.ts';

type DecideRollout = typeof import('../../src/core/rollout/decideRollout.ts');
type ContributionModule = typeof import('../../src/core/rollout/contribution.ts');
type PlanRollout = typeof import('../../src/core/policy/planRollout.ts');
type EvolveWorld = typeof import('../../src/core/record/evolveWorld.ts');
type AssignmentModule = typeof import('../../src/core/rollout/assignment.ts');
type JudgePermit = typeof import('../../src/core/policy/judgePermit.ts');
type Border = typeof import('../../src/core/rollout/border.ts');
type ConsentModule = typeof import('../../src/core/policy/consent.ts');
type Decision = ReturnType<DecideRollout['decideRollout']>;

/** Bugs of the control plane. */
export const engineMutants: readonly Mutant[] = [
  {
    law: 'law-1',
    says: 'nobody looks at rings and places: not who evaluates an assignment, not who reads a permit',
    withinSeeds: 3,
    faults: [],
    modules: [
      replace<AssignmentModule>('src/core/rollout/assignment.ts', () => ({
        isOpened: () => true,
        desiredRevision: ({ candidate, lastKnownGood }) => candidate?.artifact ?? lastKnownGood,
      })),
      replace<JudgePermit>('src/core/policy/judgePermit.ts', ({ judgePermits }) => ({
        judgePermits: (assignment, context) => judgePermits(assignment, { ...context, target: null }),
      })),
    ],
  },
  {
    law: 'law-2',
    says: 'a check that cannot tell counts as passed',
    withinSeeds: 8,
    faults: [],
    modules: [
      deciding((real, rollout, input, now) => {
        const seen = withAssessment(input, (assessment) => ({ ...assessment, verdicts: allPassed(assessment) }));
        const decision = real.decideRollout(rollout, seen, now);
        return withEvidence(decision, assessmentOf(input)?.verdicts[rollout.stage] ?? []);
      }),
    ],
  },
  {
    law: 'law-3',
    says: 'what was proven on one role is taken for proof on the others',
    withinSeeds: 10,
    faults: [],
    modules: [
      deciding((real, rollout, input, now) =>
        real.decideRollout(
          rollout,
          withAssessment(input, (assessment) => ({
            ...assessment,
            verdicts: assessment.verdicts.map((verdicts) =>
              verdicts.map((verdict) => ({ ...(verdicts[0] ?? verdict), role: verdict.role })),
            ),
          })),
          now,
        ),
      ),
    ],
  },
  {
    law: 'law-4',
    says: 'a bake counts neither its minimum time nor its exposure',
    withinSeeds: 10,
    faults: [],
    modules: [
      deciding((real, rollout, input, now) => {
        const stages = rollout.pipeline.stages.map((stage) => ({
          ...stage,
          bake: { ...stage.bake, minimumMs: 0, exposure: null },
        }));
        const seen = withAssessment(input, (assessment) => ({ ...assessment, verdicts: allPassed(assessment) }));
        return real.decideRollout({ ...rollout, pipeline: { ...rollout.pipeline, stages } }, seen, now);
      }),
    ],
  },
  {
    law: 'law-6',
    says: 'the rehearsal that a pipeline asks for is left out',
    withinSeeds: 20,
    faults: [],
    modules: [
      deciding((real, rollout, input, now) =>
        real.decideRollout({ ...rollout, pipeline: { ...rollout.pipeline, rehearse: false } }, input, now),
      ),
    ],
  },
  {
    law: 'law-7',
    says: 'a rollback is done as soon as it is ordered',
    withinSeeds: 5,
    faults: [],
    modules: [counting((one) => ({ ...one, notBack: false }))],
  },
  {
    law: 'law-8',
    says: 'a candidate becomes the last known good when its first wave opens',
    withinSeeds: 3,
    faults: [],
    modules: [
      replace<EvolveWorld>('src/core/record/evolveWorld.ts', ({ evolveWorld }) => ({
        evolveWorld: (world, events) => {
          const next = evolveWorld(world, events);
          const assignments = [...next.assignments].map(
            ([key, each]) => [key, { ...each, lastKnownGood: each.candidate?.artifact ?? each.lastKnownGood }] as const,
          );
          return { ...next, assignments: new Map(assignments) };
        },
      })),
    ],
  },
  {
    law: 'law-10',
    says: 'a target that has gone quiet is waited for without end',
    withinSeeds: 20,
    faults: ['machine-reboots', 'partition', 'agent-loops'],
    modules: [counting((one) => (one.failure?.code === 'silent' ? { ...one, failure: null } : one))],
  },
  {
    law: 'law-11',
    says: 'a floor under a failure domain is not minded',
    withinSeeds: 20,
    faults: ['partition', 'machine-reboots'],
    modules: [
      replace<Border>('src/core/rollout/border.ts', ({ nextBorder }) => ({
        nextBorder: (candidates, room, to) =>
          nextBorder(candidates, { ...room, domain: () => Number.POSITIVE_INFINITY }, to),
      })),
    ],
  },
  {
    law: 'law-12',
    says: 'whatever the pace, everybody is ordered to move at once',
    withinSeeds: 20,
    faults: [],
    modules: [
      replace<Border>('src/core/rollout/border.ts', ({ nextBorder }) => ({
        nextBorder: (candidates, room, to) =>
          nextBorder(candidates, { ...room, concurrency: Number.POSITIVE_INFINITY }, to),
      })),
    ],
  },
  {
    law: 'law-13',
    says: 'a rollout starts beside one of the same service that is not over',
    withinSeeds: 20,
    faults: [],
    modules: [admitting('rollout-in-progress')],
  },
  {
    law: 'law-14',
    says: 'a halted line stops no wave, and a paused rollout cannot be rolled back by a person',
    withinSeeds: 20,
    faults: [],
    modules: [
      deciding((real, rollout, input, now) => {
        if (input.type === 'rollback' && rollout.paused !== null)
          return { ok: false, error: { code: 'not-possible-now', says: `${rollout.id} is paused` } };
        return real.decideRollout(
          rollout,
          withAssessment(input, (assessment) => ({ ...assessment, lineHalted: false })),
          now,
        );
      }),
    ],
  },
  {
    law: 'law-15',
    says: 'nobody is asked, whatever the pipeline says',
    withinSeeds: 10,
    faults: [],
    modules: [
      replace<ConsentModule>('src/core/policy/consent.ts', ({ FREE_CONSENT }) => ({ consentOf: () => FREE_CONSENT })),
    ],
  },
  {
    law: 'law-16',
    says: 'a plan minds neither stages that nobody is in nor counters that nobody has',
    withinSeeds: 20,
    faults: [],
    modules: [admitting('selector-matches-nobody', 'metric-without-data')],
  },
  {
    law: 'law-17',
    says: 'nobody asks how those are that the change has not touched',
    withinSeeds: 20,
    faults: ['probes-break'],
    modules: [counting((one) => ({ ...one, untouchedSick: false }))],
  },
  {
    law: 'law-19',
    says: 'what several events of one append do to the quarantine is forgotten until the log is read again',
    withinSeeds: 10,
    faults: [],
    modules: [
      replace<EvolveWorld>('src/core/record/evolveWorld.ts', ({ evolveWorld }) => ({
        evolveWorld: (world, events) => {
          const batch = [...events];
          const next = evolveWorld(world, batch);
          return batch.length > 1 ? { ...next, quarantine: world.quarantine } : next;
        },
      })),
    ],
  },
  {
    law: 'law-20',
    says: 'the store appends what was decided on a log that has grown since',
    withinSeeds: 10,
    faults: ['two-servers'],
    wraps: {
      store: (store) =>
        forwarding(store, {
          append: async (expected, events) => {
            const outcome = await store.append(expected, events);
            return outcome.outcome === 'conflict' ? store.append(outcome.head, events) : outcome;
          },
        }),
    },
  },
  {
    law: 'law-22',
    says: 'harm is looked for only while waves open',
    withinSeeds: 30,
    faults: ['probes-break', 'high-load'],
    modules: [
      deciding((real, rollout, input, now) => {
        const decision = real.decideRollout(rollout, input, now);
        if (!decision.ok || input.type !== 'assess' || rollout.phase === 'rolling') return decision;
        const value = decision.value.filter(({ type }) => type !== 'RollbackOrdered' && type !== 'DigestQuarantined');
        return { ok: true, value };
      }),
    ],
  },
  {
    law: 'liveness',
    says: 'a rollback never ends',
    withinSeeds: 5,
    faults: [],
    modules: [
      deciding((real, rollout, input, now) =>
        rollout.phase === 'rollingBack' && input.type === 'assess'
          ? { ok: true, value: [] }
          : real.decideRollout(rollout, input, now),
      ),
    ],
  },
];

function deciding(
  decide: (real: DecideRollout, rollout: Rollout, input: RolloutInput, now: number) => Decision,
): ModuleWrap {
  return replace<DecideRollout>('src/core/rollout/decideRollout.ts', (real) => ({
    decideRollout: (rollout, input, now) => decide(real, rollout, input, now),
  }));
}

/** Targets add something else to a rollout's tally than what is known of them says. */
function counting(change: (one: Contribution) => Contribution): ModuleWrap {
  return replace<ContributionModule>('src/core/rollout/contribution.ts', ({ contributionOf }) => ({
    contributionOf: (...given) => {
      const one = contributionOf(...given);
      return one === null ? null : change(one);
    },
  }));
}

/** A plan without refusals of these kinds. */
function admitting(...codes: readonly string[]): ModuleWrap {
  return replace<PlanRollout>('src/core/policy/planRollout.ts', ({ planRollout }) => ({
    planRollout: (...given) => {
      const admission = planRollout(...given);
      const refusals = admission.plan.refusals.filter(({ code }) => !codes.includes(code));
      return { ...admission, plan: { ...admission.plan, refusals } };
    },
  }));
}

function assessmentOf(input: RolloutInput): Assessment | null {
  return 'assessment' in input ? input.assessment : null;
}

function withAssessment(input: RolloutInput, change: (assessment: Assessment) => Assessment): RolloutInput {
  return 'assessment' in input ? { ...input, assessment: change(input.assessment) } : input;
}

/** Every verdict that does not say `fail` says `pass`. */
function allPassed({ verdicts }: Assessment): Assessment['verdicts'] {
  return verdicts.map((stage) =>
    stage.map((verdict) => (verdict.outcome === 'fail' ? verdict : { ...verdict, outcome: 'pass' as const })),
  );
}

/** The record keeps what the checks really said. */
function withEvidence(decision: Decision, verdicts: Assessment['verdicts'][number]): Decision {
  if (!decision.ok) return decision;
  const value = decision.value.map((event) =>
    event.type === 'StagePassed'
      ? { ...event, data: { ...event.data, evidence: { ...event.data.evidence, verdicts } } }
      : event,
  );
  return { ok: true, value };
}
