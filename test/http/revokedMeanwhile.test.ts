import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refused } from '../../src/engine/ports/refused.ts';
import { startApi } from './apiUnderTest.ts';

test('a token that is revoked while its holder asks for a token or a key: refused, and nothing is handed out', async (t) => {
  const api = await startApi();
  t.after(() => api.close());
  const { controlPlane, tokens } = api;
  const { id } = controlPlane.tokenOf(tokens.admin) ?? assert.fail();
  const actor = `token:${id}`;
  const before = controlPlane.world();
  // Asked for in this order, so decided in this order: the right is gone when the rest is decided.
  const [revoked, token, key] = await Promise.allSettled([
    controlPlane.revokeToken(actor, id),
    controlPlane.issueToken(actor, 'admin', 'another'),
    controlPlane.rotateKey(actor),
  ]);
  assert.equal(revoked.status, 'fulfilled');
  for (const outcome of [token, key]) {
    assert.ok(outcome.status === 'rejected' && outcome.reason instanceof Refused);
    assert.equal(outcome.reason.refusals[0]?.code, 'forbidden');
  }
  assert.deepEqual([...controlPlane.world().keys.keys()], [...before.keys.keys()]);
  assert.equal(controlPlane.world().tokens.size, before.tokens.size - 1);
});
