import type { Digest } from '../src/core/kernel/digest.ts';
import type { ApprovalRule } from '../src/core/policy/approval.ts';
import type { Pipeline, Stage } from '../src/core/policy/pipeline.ts';
import type { Capacity } from '../src/core/topology/capacity.ts';
import type { Service, SlotName } from '../src/core/topology/service.ts';
import type { Labels } from '../src/core/topology/target.ts';
import { digestOf } from '../src/engine/controlplane/readManifests.ts';
import type { ChangeInput } from '../src/engine/ports/controlPlane.ts';
import { FAULT_KINDS, type FaultKind } from './faults.ts';
import type { Chance } from './kernel/chance.ts';
import { GOOD, type Nature } from './target/nature.ts';

export const SHOP_SLOT = 'config/shop';
export const EDGE_SLOT = 'config/edge';

export const SERVICE: Service = {
  name: 'shop',
  roles: ['api', 'web'],
  slots: {
    [SHOP_SLOT]: { roles: ['api', 'web'], schema: null, maxBytes: 1024 },
    [EDGE_SLOT]: { roles: ['web'], schema: null, maxBytes: 1024 },
  },
  metrics: {
    requests: { counter: 'shop_requests_total' },
    failures: { counter: 'shop_failures_total' },
    ghosts: { counter: 'shop_ghosts_total' },
  },
  dependsOn: [],
};

export interface MachineChoice {
  readonly name: string;
  readonly role: string;
  readonly labels: Labels;
  readonly perSecond: number;
  readonly transport: 'stream' | 'poll';
  /** The agent's directory begins in the middle of nothing: these slots have no file at first. */
  readonly absent: readonly SlotName[];
  /** Its own file says that it is never in a first stage. */
  readonly neverFirst: boolean;
}

export interface ChangeChoice {
  readonly input: ChangeInput;
  readonly nature: Nature;
}

/** Everything a seed decides before the first step. */
export interface Choices {
  readonly machines: readonly MachineChoice[];
  /** Whether every target that is not in the first ring is guarded by its own file. */
  readonly guarded: boolean;
  /** With its floor, where it has one. */
  readonly service: Service;
  readonly pipeline: Pipeline;
  readonly changes: readonly ChangeChoice[];
  readonly natures: ReadonlyMap<Digest, Nature>;
  readonly faults: readonly FaultKind[];
  readonly safetyMs: number;
  readonly confirmWithinMs: number;
}

const RINGS = ['canary', 'pilot', 'broad'] as const;

export function choose(chance: Chance, allowed: readonly FaultKind[], faultDensity: number | null): Choices {
  const guarded = chance.fork('guards').happens(0.5);
  const capacity = chooseCapacity(chance.fork('capacity'));
  const pace = choosePace(chance.fork('pace'));
  const isStepped = capacity !== null || pace !== null;
  const machines = chooseMachines(chance.fork('machines'), guarded, isStepped);
  const pipeline = choosePipeline(chance.fork('pipeline'), machines);
  const changes = chooseChanges(chance.fork('changes'));
  const kinds = chance.fork('faults');
  // Some runs have no faults at all but bad changes: what goes wrong there has no excuse.
  const density = faultDensity ?? kinds.pick([0, 0.15, 0.3, 0.6]);
  return {
    machines,
    guarded,
    service: capacity === null ? SERVICE : { ...SERVICE, capacity },
    pipeline: {
      ...pipeline,
      stages: pace === null ? pipeline.stages : pipeline.stages.map((stage) => ({ ...stage, concurrency: pace })),
      approvals: chooseApprovals(chance.fork('approvals')),
    },
    changes,
    natures: new Map(
      changes.flatMap(({ input, nature }) =>
        Object.values(input.slots).map((bytes, index) => [digestOf(bytes), index === 0 ? nature : GOOD] as const),
      ),
    ),
    faults: FAULT_KINDS.filter((kind) => allowed.includes(kind) && kinds.happens(density)),
    safetyMs: chance.fork('span').between(240_000, 480_000),
    confirmWithinMs: chance.fork('confirm').pick([8_000, 15_000, 30_000]),
  };
}

/** A floor, now and then: so few of a role may be unavailable at once in a region. */
function chooseCapacity(chance: Chance): Capacity | null {
  return chance.happens(0.35) ? { domain: 'region', unavailable: { count: chance.pick([1, 1, 2]) } } : null;
}

/** So many targets are under way at once, at first and at most. */
function choosePace(chance: Chance): NonNullable<Stage['concurrency']> | null {
  return chance.happens(0.35) ? { start: { count: chance.pick([1, 2]) }, most: { count: chance.pick([2, 4]) } } : null;
}

function chooseApprovals(chance: Chance): readonly ApprovalRule[] {
  if (chance.happens(0.65)) return [];
  const start = { before: 'start', role: 'approver', count: chance.pick([1, 2]) } as const;
  return chance.happens(0.5) ? [start] : [start, { before: 'broad', role: 'operator', count: 1 }];
}

function chooseMachines(chance: Chance, guarded: boolean, isStepped: boolean): readonly MachineChoice[] {
  // Where waves go in steps there is somebody to take them with.
  const more = isStepped ? 2 : 0;
  const perRing = { canary: 1, pilot: chance.below(2) + 1, broad: chance.below(2) + 1 + more };
  const machines: MachineChoice[] = [];
  for (const ring of RINGS) {
    for (const role of SERVICE.roles) {
      for (let index = 0; index < perRing[ring]; index++) {
        machines.push({
          name: `${ring}-${role}-${index + 1}`,
          role,
          labels: { ring, region: chance.pick(['eu', 'us']) },
          perSecond: chance.between(30, 80),
          transport: chance.pick(['stream', 'stream', 'poll']),
          absent: chance.happens(0.2) ? [SHOP_SLOT] : [],
          neverFirst: guarded && ring !== 'canary',
        });
      }
    }
  }
  return machines;
}

function choosePipeline(chance: Chance, machines: readonly MachineChoice[]): Pipeline {
  const asks = chance.happens(0.75);
  const manual = chance.happens(0.25);
  const stage = (name: string, index: number): Stage => ({
    name,
    targets: { ring: [name] },
    waves: machines.length > 6 && index > 0 && chance.happens(0.5) ? [{ count: 1 }, { share: 1 }] : [{ share: 1 }],
    bake: {
      minimumMs: chance.pick([3_000, 8_000]),
      exposure: asks ? { metric: 'requests', atLeast: chance.pick([100, 400]) } : null,
      deadlineMs: 60_000,
    },
    applyDeadlineMs: chance.pick([30_000, 45_000]),
    tolerateFailures: 0,
    promote: manual && index === 1 ? 'manual' : 'auto',
  });
  const check = {
    name: 'errors',
    kind: 'failureProportion' as const,
    effect: chance.happens(0.85) ? ('guardrail' as const) : ('signal' as const),
    failures: 'failures',
    total: 'requests',
    margin: { absolute: 0.05 },
  };
  return {
    name: 'shop',
    service: 'shop',
    stages: RINGS.map(stage),
    checks: [check],
    errorBudget: 0.01,
    rehearse: chance.happens(0.3),
    heldDeadlineMs: 90_000,
    pausedDeadlineMs: 40_000,
    rollbackDeadlineMs: 30_000,
  };
}

function chooseChanges(chance: Chance): readonly ChangeChoice[] {
  return Array.from({ length: 2 + chance.below(3) }, (_, index) => {
    const bytes = (slot: string) => Buffer.from(`${slot} revision ${index + 1}`);
    const shape = chance.pick(['shop', 'shop', 'edge', 'both'] as const);
    const slots = {
      ...(shape !== 'edge' && { [SHOP_SLOT]: bytes(SHOP_SLOT) }),
      ...(shape !== 'shop' && { [EDGE_SLOT]: bytes(EDGE_SLOT) }),
    };
    const roles = shape === 'edge' ? ['web'] : chance.pick([['api', 'web'], ['api', 'web'], ['web']]);
    return {
      input: { name: `change-${index + 1}`, service: 'shop', roles, slots, reason: '' },
      nature: chooseNature(chance, roles),
    };
  });
}

function chooseNature(chance: Chance, roles: readonly string[]): Nature {
  const kind = chance.pick(['good', 'good', 'good', 'crash', 'errors', 'errors', 'flap', 'deaf'] as const);
  if (kind === 'good') return GOOD;
  const only = chance.pick([null, null, 'role', 'region', 'ring'] as const);
  const values = { role: roles, region: ['eu', 'us'], ring: RINGS };
  return {
    kind,
    afterMs: chance.happens(0.4) ? chance.between(5_000, 60_000) : 0,
    share: chance.between(0.2, 0.6),
    underLoad: chance.happens(0.15),
    only: only === null ? null : { label: only, value: chance.pick(values[only]) },
  };
}
