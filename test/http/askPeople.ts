import assert from 'node:assert/strict';
import type { TokenRole } from '../../src/core/policy/authority.ts';
import type { ApprovalBody, ApprovalPage } from '../../src/wire/http/approval.ts';
import type { PlanBody } from '../../src/wire/http/plan.ts';
import type { RolloutViewBody } from '../../src/wire/http/rollout.ts';
import type { Request } from './apiUnderTest.ts';

type Answers = (status: number, request: Request) => Promise<{ readonly body: never }>;
type RolloutIs = (
  id: string,
  wanted: (rollout: { phase: string; holds: { reason: string }[] }) => boolean,
) => Promise<void>;

const post = (path: string, body: object): Request => ({ method: 'POST', path, body });

/** What people with tokens of different roles may say of one change on its way, by every operation for that. */
export async function askPeople(answers: Answers, rolloutIs: RolloutIs): Promise<void> {
  const head = (kind: string, name: string, spec: object) => ({
    apiVersion: 'ringfence.dev/v1',
    kind,
    metadata: { name },
    spec,
  });
  const stages = [{ name: 'canary', targets: { ring: 'canary' }, bake: { minimum: '50ms' } }];
  const check = { name: 'errors', kind: 'failureProportion', effect: 'guardrail', failures: 'failures', margin: 0.05 };
  const asked = head('Pipeline', 'asked', {
    service: 'shop',
    stages,
    checks: [{ ...check, total: 'requests' }],
    approvals: [{ before: 'start', role: 'approver', count: 2 }],
  });
  const change = head('Change', 'asked', {
    service: 'shop',
    reason: 'to see',
    slots: { 'config/shop': { content: '{"colour": "asked"}' } },
  });
  const refused = await answers(403, { ...post('/v1/manifests', { documents: [change, asked] }), as: 'author' });
  assert.match(
    (refused.body as { detail: string }).detail,
    /register services, pipelines and freezes needs the role admin/,
  );
  await answers(200, post('/v1/manifests', { documents: [asked] }));
  await answers(200, { ...post('/v1/manifests', { documents: [change] }), as: 'author' });
  const of = { of: 'asked', pipeline: 'asked' };

  const plan = (await answers(200, post('/v1/plans', { change: 'asked', pipeline: 'asked' }))).body as PlanBody;
  assert.deepEqual(
    [plan.gates[0]?.before, plan.gates[0]?.open, plan.gates[0]?.could],
    ['start', false, ['test approver']],
    'whoever asks what starting would do is who would start',
  );
  const start = post('/v1/rollouts', { change: 'asked', pipeline: 'asked' });
  assert.equal(((await answers(409, start)).body as { code: string }).code, 'approval-missing');
  const waiting = async (as: TokenRole) =>
    ((await answers(200, { path: '/v1/approvals?mine=true&service=shop', as })).body as ApprovalPage).items.map(
      (each) => each.change.name,
    );
  assert.ok((await waiting('approver')).includes('asked'));
  assert.deepEqual(await waiting('author'), []);
  await answers(400, { path: '/v1/approvals?mine=perhaps' });

  await answers(403, { ...post('/v1/approvals', { ...of, word: 'approve' }), as: 'operator' });
  await answers(400, { ...post('/v1/approvals', { ...of, word: 'reject' }), as: 'approver' });
  await answers(404, { ...post('/v1/approvals', { ...of, word: 'approve', before: 'broda' }), as: 'approver' });
  const said = await answers(200, { ...post('/v1/approvals', { ...of, word: 'approve' }), as: 'approver' });
  assert.deepEqual((said.body as ApprovalBody).gates[0]?.approved, ['test approver']);
  await answers(200, { ...post('/v1/approvals', { ...of, word: 'withdraw' }), as: 'approver' });
  await answers(409, { ...post('/v1/approvals', { ...of, word: 'withdraw' }), as: 'approver' });

  await answers(400, {
    ...post('/v1/break-glass', { ...of, reason: 'now', forMs: 4 * 3_600_000 + 1 }),
    as: 'operator',
  });
  await answers(409, { ...post('/v1/break-glass/end', of), as: 'operator' });
  await answers(201, { ...post('/v1/break-glass', { ...of, reason: 'now', forMs: 60_000 }), as: 'operator' });
  await answers(409, { ...post('/v1/break-glass/confirm', of), as: 'operator' });
  assert.equal(((await answers(409, start)).body as { code: string }).code, 'approval-missing');
  const open = await answers(200, { ...post('/v1/break-glass/confirm', of), as: 'approver' });
  assert.equal((open.body as ApprovalBody).breakGlass?.confirmedBy, 'test approver');
  const { rollout } = (await answers(201, start)).body as RolloutViewBody;
  assert.deepEqual(rollout.breakGlass?.gates, ['awaiting-approval']);
  await answers(200, { ...post('/v1/break-glass/end', { of: rollout.id }), as: 'approver' });
  await rolloutIs(rollout.id, ({ holds }) => holds.some(({ reason }) => reason === 'awaiting-approval'));
  await answers(200, { ...post(`/v1/rollouts/${rollout.id}/rollback`, { reason: 'enough' }), as: 'author' });
  await rolloutIs(rollout.id, ({ phase }) => phase === 'rolledBack');
  await answers(409, { ...post('/v1/approvals', { of: rollout.id, word: 'approve' }), as: 'approver' });
}
