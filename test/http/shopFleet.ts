import { createHash } from 'node:crypto';
import type { Digest } from '../../src/core/kernel/digest.ts';
import { desiredRevision } from '../../src/core/rollout/assignment.ts';
import type { Target } from '../../src/core/topology/target.ts';
import type { ControlPlane } from '../../src/engine/ports/controlPlane.ts';

const BASELINE: Digest = `sha256:${'b'.repeat(64)}`;

export interface ShopFleet {
  /** Most requests fail on targets that hold this. */
  failOn(content: string): void;
  /** While quiet, nothing is counted anywhere. */
  quiet(on: boolean): void;
  /** This one is heard of no more. */
  silence(uid: string): void;
  stop(): void;
}

export interface FleetShape {
  readonly targets: readonly Target[];
  /** How many requests a target counts each time it is heard of. */
  readonly requests: (target: Target) => number;
  /** How many of them fail, whatever it holds. */
  readonly failures: (target: Target) => number;
  readonly slot: string;
  /** How often each is heard of. */
  readonly everyMs: number;
  /** What its own check says of it; empty: it is well. */
  readonly ails: (target: Target) => string;
}

/**
 * Targets that at once hold what they are told to hold, say so, and count requests: what a link and its agents make of the
 * fleet's port, without sockets. Agents themselves are tested elsewhere.
 */
export async function connectShopFleet(
  { fleet }: ControlPlane,
  {
    targets = shopTargets(),
    requests = () => 200,
    failures = () => 0,
    slot: named = 'config/shop',
    everyMs = 25,
    ails = () => '',
  }: Partial<FleetShape> = {},
): Promise<ShopFleet> {
  const counted = new Map<string, { requests: number; failures: number }>();
  let failing = '';
  const gone = new Set<string>();

  const held = (target: Target): Digest => {
    const assignment = fleet.assignmentsFor(target.uid)?.assignments.find(({ slot }) => slot === named);
    return (assignment && desiredRevision(assignment, target)) ?? BASELINE;
  };
  const report = (target: Target) => {
    const slots = (fleet.assignmentsFor(target.uid)?.assignments ?? []).map(({ slot, generation }) => ({
      slot,
      generation,
      phase: 'settled' as const,
      current: held(target),
      baseline: BASELINE,
      failed: null,
      failureCode: '',
      failure: '',
      verifiedBy: 'file',
    }));
    fleet.report(target.uid, {
      slots,
      checks: [{ name: 'alive', healthy: ails(target) === '', detail: ails(target) }],
    });
  };
  const count = (target: Target) => {
    const artifact = held(target);
    const key = `${target.uid} ${artifact}`;
    const before = counted.get(key) ?? { requests: 0, failures: 0 };
    const now = {
      requests: before.requests + requests(target),
      failures: before.failures + (artifact === failing ? 180 : failures(target)),
    };
    counted.set(key, now);
    const of = (metric: string, total: number) => ({ metric, slot: named, artifact, epoch: 1, total, present: true });
    const observations = [of('requests', now.requests), of('failures', now.failures)];
    fleet.observe(target.uid, { observations, exposedCounters: ['shop_requests_total'], scrapeError: '' });
  };

  const stopListening = fleet.onChange((change) => {
    if (change.kind !== 'assignments') return;
    const { service, role } = change;
    for (const target of targets)
      if (target.role === role && target.service === service && !gone.has(target.uid)) report(target);
  });
  for (const target of targets) {
    const outcome = await fleet.introduce(target);
    if (!outcome.ok) throw new Error(outcome.error.says);
    report(target);
    count(target);
  }
  let silent = false;
  const counting = setInterval(() => {
    if (!silent) targets.filter(({ uid }) => !gone.has(uid)).forEach(count);
  }, everyMs);
  return {
    failOn(content) {
      failing = `sha256:${createHash('sha256').update(content).digest('hex')}`;
    },
    quiet(on) {
      silent = on;
    },
    silence(uid) {
      gone.add(uid);
    },
    stop() {
      clearInterval(counting);
      stopListening();
    },
  };
}

export function shopTargets(): readonly Target[] {
  const rings = ['canary', 'broad', 'broad'];
  return rings.map((ring, index) => ({
    uid: String(index + 1).padStart(32, '0'),
    name: `shop-${index + 1}`,
    service: 'shop',
    role: 'web',
    labels: { ring, region: index === 2 ? 'us' : 'eu' },
  }));
}

/** A service, a pipeline whose first stage a person promotes, and a change: as their authors write them. */
export function shopManifests(content = '{"colour":"blue"}', name = 'blue'): readonly unknown[] {
  const manifest = (kind: string, called: string, spec: unknown) => ({
    apiVersion: 'ringfence.dev/v1',
    kind,
    metadata: { name: called },
    spec,
  });
  const stage = (ring: string, promote: string) => ({
    name: ring,
    targets: { ring },
    bake: { minimum: '1ms', deadline: '1m' },
    promote,
  });
  return [
    manifest('Service', 'shop', {
      roles: { web: {} },
      slots: { 'config/shop': { schema: { type: 'object' } } },
      metrics: {
        requests: { counter: 'shop_requests_total' },
        failures: { counter: 'shop_requests_total{code=~"5.."}' },
      },
    }),
    manifest('Pipeline', 'shop', {
      // Tests halt the line and pause at will: a rehearsal would stand still half-way. It has tests of its own.
      rehearse: false,
      service: 'shop',
      stages: [stage('canary', 'manual'), stage('broad', 'auto')],
      checks: [
        {
          name: 'errors',
          kind: 'failureProportion',
          effect: 'guardrail',
          failures: 'failures',
          total: 'requests',
          margin: 0.2,
        },
      ],
    }),
    manifest('Change', name, { service: 'shop', reason: 'to see', slots: { 'config/shop': { content } } }),
  ];
}
