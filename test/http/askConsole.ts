import assert from 'node:assert/strict';
import type { TokenRole } from '../../src/core/policy/authority.ts';
import type { ForeseenDeedsBody } from '../../src/wire/http/deed.ts';
import type { PeopleBody } from '../../src/wire/http/people.ts';
import { CSRF_HEADER, type SessionBody } from '../../src/wire/http/session.ts';
import type { ApiUnderTest, Request } from './apiUnderTest.ts';

type Answers = (status: number, request: Request) => Promise<{ readonly body: never; readonly headers: Headers }>;

const post = (path: string, body: object): Request => ({ method: 'POST', path, body });

/** What the console asks besides what everybody does: for a session, and for names. */
export async function askConsole(answers: Answers, { tokens }: ApiUnderTest): Promise<void> {
  const { people } = (await answers(200, { path: '/v1/people', as: 'viewer' })).body as PeopleBody;
  assert.ok(Object.values(people).includes('test operator'));
  await answers(400, { path: '/v1/people?role=admin' });

  await answers(200, { path: '/v1/session', as: 'nobody' });
  await answers(400, { path: '/v1/session?who=1', as: 'nobody' });
  const signIn = (token: string): Request => ({ ...post('/v1/session', { token }), as: 'nobody' });
  const { headers, body } = await answers(201, signIn(tokens.viewer));
  await answers(401, signIn('rfa_nothing'));
  await answers(403, signIn(tokens.agent));
  const cookie = (headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
  const signOut = (csrf: string): Request => {
    const sent = { cookie, [CSRF_HEADER]: csrf };
    return { method: 'DELETE', path: '/v1/session', as: 'nobody', headers: sent };
  };
  await answers(403, signOut('nothing'));
  await answers(204, signOut((body as SessionBody).csrf));
}

/** What may be done to a rollout whose evidence was just taken back, as the server foresees it. */
export async function askDeeds(answers: Answers, id: string): Promise<void> {
  const deeds = async (as: TokenRole) => {
    const { body } = await answers(200, { path: `/v1/rollouts/${id}/deeds`, as });
    const refused = (body as ForeseenDeedsBody).deeds.map(({ deed, refusals }) => [deed, refusals[0]?.code ?? 'done']);
    return Object.fromEntries(refused);
  };
  const { promote, resume, rollback, lift } = await deeds('admin');
  assert.deepEqual([promote, resume, rollback, lift], ['no-evidence', 'done', 'done', 'not-possible-now']);
  const viewer = await deeds('viewer');
  assert.deepEqual([viewer.rollback, viewer.halt], ['forbidden', 'forbidden']);
  await answers(404, { path: '/v1/rollouts/shop-9/deeds' });
}
