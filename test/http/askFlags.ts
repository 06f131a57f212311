import assert from 'node:assert/strict';
import { type ApiUnderTest, type Request, until } from './apiUnderTest.ts';

type Answers = (status: number, request: Request) => Promise<{ readonly body: never; readonly headers: Headers }>;

const post = (path: string, body: object): Request => ({ method: 'POST', path, body });

const manifest = (kind: string, spec: object) => ({
  apiVersion: 'ringfence.dev/v1',
  kind,
  metadata: { name: 'kiosk' },
  spec,
});

/** A service whose only users are one part, and its flag: before and after it is rolled out, by both operations of OFREP. */
export async function askFlags(answers: Answers, api: ApiUnderTest): Promise<void> {
  const as = 'flags';
  const context = { targetingKey: 'ann', 'ringfence.service': 'kiosk' };
  const [one, all] = ['/ofrep/v1/evaluate/flags/greet', '/ofrep/v1/evaluate/flags'];
  const bake = { minimum: '1h', deadline: '2h' };
  const documents = [
    manifest('Service', {
      roles: { users: { shares: { all: 1 } } },
      slots: { 'flags/kiosk': {} },
      metrics: {
        asked: { counter: 'ringfence_flag_evaluations_total' },
        failed: { counter: 'ringfence_flag_errors_total' },
      },
    }),
    manifest('Pipeline', {
      service: 'kiosk',
      stages: [{ name: 'all', targets: {}, bake }],
      checks: [
        {
          name: 'errors',
          kind: 'failureProportion',
          effect: 'guardrail',
          failures: 'failed',
          total: 'asked',
          margin: 0.1,
        },
      ],
    }),
    manifest('Change', {
      service: 'kiosk',
      reason: 'greet everybody',
      slots: { 'flags/kiosk': { content: 'flags: { greet: { type: string, variants: { hi: Hi }, serve: hi } }' } },
    }),
  ];
  await answers(200, post('/v1/manifests', { documents }));
  await until(
    'the flags to be counted',
    async () => (await api.call(post('/v1/plans', { change: 'kiosk' }))).status === 200,
  );
  const isAsked = async (status: number) => (await api.call({ ...post(one, { context }), as })).status === status;
  await until('the part of the users to be there', () => isAsked(404));
  await answers(404, { ...post(one, { context }), as });
  await until(
    'the rollout to start',
    async () => (await api.call(post('/v1/rollouts', { change: 'kiosk' }))).status === 201,
  );
  await until('the flag to be served', () => isAsked(200));
  const { body } = await answers(200, { ...post(one, { context }), as });
  assert.deepEqual([(body as { value: string }).value, (body as { variant: string }).variant], ['Hi', 'hi']);
  const { headers } = await answers(200, { ...post(all, { context }), as });
  await answers(304, { ...post(all, { context }), as, headers: { 'if-none-match': headers.get('etag') ?? '' } });
  for (const path of [one, all]) await answers(400, { ...post(path, { context: { targetingKey: 3 } }), as });
}
