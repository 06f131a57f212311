import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PlanBody } from '../../src/wire/http/plan.ts';
import { type Request, startApi } from './apiUnderTest.ts';
import { connectShopFleet, shopManifests } from './shopFleet.ts';

const post = (path: string, body: unknown): Request => ({ method: 'POST', path, body });

test('rules: shown in a plan, in the way of a start, refused when they cannot be used', async (t) => {
  const api = await startApi();
  t.after(() => api.close());
  const answers = async (status: number, request: Request) => {
    const answer = await api.call(request);
    assert.equal(answer.status, status, answer.text);
    return answer as { body: unknown };
  };
  await answers(200, post('/v1/manifests', { documents: shopManifests() }));
  const fleet = await connectShopFleet(api.controlPlane);
  t.after(() => fleet.stop());
  const pipeline = (require: string) => {
    const [, shop] = shopManifests() as { spec: object }[];
    const rules = [{ name: 'never', before: 'start', require, says: 'not ever' }];
    return { ...shop, spec: { ...shop?.spec, rules } };
  };
  await answers(200, post('/v1/manifests', { documents: [pipeline('stage.number > 1')] }));
  const plan = (await answers(200, post('/v1/plans', { change: 'blue' }))).body as PlanBody;
  assert.deepEqual(plan.rules, [{ rule: 'never', stage: 'canary', wave: 1, outcome: 'refuses', says: 'not ever' }]);
  const refused = await answers(409, post('/v1/rollouts', { change: 'blue' }));
  assert.equal((refused.body as { code: string }).code, 'rule-refused');
  const wrong = await answers(422, post('/v1/manifests', { documents: [pipeline('stage.nubmer > 1')] }));
  assert.deepEqual(
    [(wrong.body as { code: string }).code, (wrong.body as { remedy: string }).remedy],
    ['rule-invalid', 'did you mean "number"?'],
  );
});
