import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TOKEN_ROLES, type TokenRole } from '../policy/authority.ts';
import { CHANGE, digestOf, pipeline } from '../rollout/fixtures.ts';
import type { Service } from '../topology/service.ts';
import { type Command, decideCommand } from './decideCommand.ts';
import { EMPTY_WORLD, evolveWorld } from './evolveWorld.ts';
import type { World } from './world.ts';

const SERVICE: Service = { name: 'shop', roles: ['api', 'web'], slots: {}, metrics: {}, dependsOn: [] };
const conditions = { offline: new Set<string>(), metric: () => 'silent' as const, exposedCounters: [], freezes: [] };
const rollout = (type: 'pause' | 'resume' | 'rollback'): Command => ({
  type: 'rollout',
  id: 'shop-1',
  input: type === 'resume' ? { type } : { type, reason: '' },
});
const apply = (...manifests: Extract<Command, { type: 'apply' }>['manifests']): Command => ({
  type: 'apply',
  manifests,
});
const token = { id: 'x', role: 'viewer', name: 'x', hash: '', at: 0 } as const;

/** Who may, of those that are not admins: the same by whatever way it is asked. */
const TABLE: readonly (readonly [what: string, command: Command, roles: readonly TokenRole[]])[] = [
  ['register a change', apply({ kind: 'Change', change: CHANGE }), ['author']],
  ['register a service', apply({ kind: 'Service', service: SERVICE }), []],
  ['register a pipeline', apply({ kind: 'Pipeline', pipeline: pipeline() }), []],
  [
    'register a pipeline beside a change',
    apply({ kind: 'Change', change: CHANGE }, { kind: 'Pipeline', pipeline: pipeline() }),
    [],
  ],
  ['take a freeze away', { type: 'removeFreeze', name: 'x' }, []],
  ['start', { type: 'start', change: digestOf('c'), pipeline: 'shop', conditions }, ['author', 'operator']],
  ['pause', rollout('pause'), ['author', 'approver', 'operator']],
  ['roll back', rollout('rollback'), ['author', 'approver', 'operator']],
  ['resume', rollout('resume'), ['operator']],
  ['halt the line', { type: 'halt', reason: 'smoke' }, ['author', 'approver', 'operator']],
  ['lift the halt', { type: 'lift' }, ['operator']],
  ['revoke evidence', { type: 'revokeEvidence', rollout: 'shop-1', stage: 'canary', reason: '' }, ['operator']],
  ['retire a target', { type: 'retire', uid: 'x' }, ['operator']],
  ['make a token', { type: 'issueToken', token }, []],
  ['revoke a token', { type: 'revokeToken', id: 'admin' }, []],
];

const world: World = evolveWorld(
  EMPTY_WORLD,
  TOKEN_ROLES.map((role, index) => ({
    type: 'TokenIssued',
    data: { token: { id: role, role, name: `the ${role}`, hash: role, at: 0 } },
    position: index + 1,
    at: 0,
    actor: 'engine',
  })),
);

const forbids = (given: World, command: Command, actor: string): string | null => {
  const decision = decideCommand(given, command, 0, actor);
  const [refusal] = decision.ok ? [] : decision.error;
  return refusal?.code === 'forbidden' ? refusal.says : null;
};

for (const [what, command, roles] of TABLE) {
  test(`law 15: who may ${what}: ${[...roles, 'admin'].join(', ')}`, () => {
    for (const role of TOKEN_ROLES) {
      const says = forbids(world, command, `token:${role}`);
      if (roles.includes(role) || role === 'admin') assert.equal(says, null, role);
      else assert.match(says ?? '', new RegExp(`^"the ${role}" has the role ${role}; to .* needs the role .*admin$`));
    }
    assert.match(forbids(world, command, 'anonymous') ?? '', /has no token in force/);
  });
}

test('law 15: a token that was revoked while its command waited does nothing any more', () => {
  const revoked = evolveWorld(world, [
    { type: 'TokenRevoked', data: { id: 'admin' }, position: 99, at: 0, actor: 'engine' },
  ]);
  assert.match(
    forbids(revoked, { type: 'halt', reason: '' }, 'token:admin') ?? '',
    /"the admin" has no token in force/,
  );
});

test('an agent is enrolled by what the link says of it, and can ask for nothing else', () => {
  const target = { uid: 'u', name: 'shop-1', service: 'shop', role: 'api', labels: {} };
  assert.equal(forbids(world, { type: 'enrol', target }, 'agent:shop-1'), null);
  assert.match(forbids(world, { type: 'enrol', target }, 'token:viewer') ?? '', /needs the role agent$/);
});
