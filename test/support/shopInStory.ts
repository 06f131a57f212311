import type { Digest } from '../../src/core/kernel/digest.ts';
import { pipeline, stage } from '../../src/core/rollout/fixtures.ts';
import type { Service } from '../../src/core/topology/service.ts';
import type { Target } from '../../src/core/topology/target.ts';
import type { ManifestInput } from '../../src/engine/ports/controlPlane.ts';
import type { SlotReport } from '../../src/engine/ports/fleet.ts';

/** The shop of which tests of the engine tell: a service of two roles, two canaries of six targets, and changes with one slot. */

export const SERVICE: Service = {
  name: 'shop',
  roles: ['api', 'web'],
  slots: { 'config/shop': { roles: ['api', 'web'], schema: { type: 'object', required: ['limit'] }, maxBytes: 100 } },
  metrics: { requests: { counter: 'requests_total' }, failures: { counter: 'failures_total' } },
  dependsOn: [],
};
export const BASELINE: Digest = `sha256:${'b'.repeat(64)}`;
export const TARGETS: readonly Target[] = ['canary', 'canary', 'broad', 'broad', 'broad', 'broad'].map(
  (ring, index) => ({
    uid: index.toString(16).padStart(32, '0'),
    name: `shop-${index}`,
    service: 'shop',
    role: index % 2 === 0 ? 'api' : 'web',
    labels: { ring },
  }),
);
export const PIPELINE = pipeline({ stages: [stage('canary'), stage('broad')] });

export function change(name: string, content: unknown): ManifestInput {
  const bytes = Buffer.from(typeof content === 'string' ? content : JSON.stringify(content));
  return { kind: 'Change', change: { name, service: 'shop', roles: [], slots: { 'config/shop': bytes }, reason: '' } };
}

/** What a target says of its slot that holds this, and is done with it. */
export function settled(holds: Digest, generation: number): SlotReport {
  const failure = { failed: null, failureCode: '', failure: '' };
  return {
    slot: 'config/shop',
    phase: 'settled',
    generation,
    current: holds,
    baseline: BASELINE,
    ...failure,
    verifiedBy: 'file',
  };
}
