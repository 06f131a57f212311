import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { CSRF_HEADER, type SessionBody, type SessionStateBody } from '../../src/wire/http/session.ts';
import { type Answer, type ApiUnderTest, type Request, startApi, until } from './apiUnderTest.ts';

let api: ApiUnderTest;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.close());

interface SignedIn {
  readonly session: SessionBody;
  readonly cookie: string;
  /** As the console asks: with the cookie, and with its word against forgery where it changes something. */
  ask(request: Request): Promise<Answer>;
}

async function signIn(token: string): Promise<SignedIn> {
  const answer = await api.call({ method: 'POST', path: '/v1/session', body: { token }, as: 'nobody' });
  assert.equal(answer.status, 201, answer.text);
  const session = answer.body as SessionBody;
  const cookie = (answer.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
  const ask = (request: Request) =>
    api.call({
      ...request,
      as: 'nobody',
      headers: { cookie, ...(request.method === undefined ? {} : { [CSRF_HEADER]: session.csrf }), ...request.headers },
    });
  return { session, cookie, ask };
}

const HALT: Request = { method: 'PUT', path: '/v1/halt', body: { reason: 'to see' } };

test('a token is exchanged for a session: the cookie is out of reach of scripts and of other sites, and is not the token', async () => {
  const answer = await api.call({
    method: 'POST',
    path: '/v1/session',
    body: { token: api.tokens.operator },
    as: 'nobody',
  });
  const cookie = answer.headers.get('set-cookie') ?? '';
  assert.match(cookie, /^ringfence-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=(?:43199|43200)$/);
  assert.equal(`${cookie}${answer.text}`.includes(api.tokens.operator), false);
  const { person, role } = answer.body as SessionBody;
  assert.deepEqual([person, role], ['test operator', 'operator']);

  const { ask, session } = await signIn(api.tokens.operator);
  const state = (await ask({ path: '/v1/session' })).body as SessionStateBody;
  assert.deepEqual(state, { session, anonymousViewer: false });
  assert.equal((await ask({ path: '/v1/rollouts' })).status, 200);
  assert.equal((await ask(HALT)).status, 200);
  const [halted] = (await api.controlPlane.log(0, 1000)).filter(({ type }) => type === 'LineHalted');
  assert.equal(halted?.actor, `token:${session.token}`, 'on the record stands the token, as without a session');
});

test('a session may do what its token may, and no more', async () => {
  const { ask } = await signIn(api.tokens.viewer);
  assert.equal((await ask(HALT)).status, 403);
  assert.equal((await ask({ path: '/v1/tokens' })).status, 403);
});

test('a wrong token, and one of an agent, are signed in as nobody', async () => {
  const attempt = (token: string) => api.call({ method: 'POST', path: '/v1/session', body: { token }, as: 'nobody' });
  for (const [token, status] of [
    ['rfa_no', 401],
    [api.tokens.agent, 403],
  ] as const) {
    const answer = await attempt(token);
    assert.deepEqual([answer.status, answer.headers.get('set-cookie')], [status, null], answer.text);
  }
});

test('forgery: what changes something needs the word of the session, and must come from the console itself', async () => {
  const { ask, session } = await signIn(api.tokens.admin);
  const refused = async (headers: Record<string, string>) => {
    const { status, body } = await ask({ ...HALT, headers });
    assert.equal(status, 403);
    return (body as { detail: string }).detail;
  };
  assert.match(await refused({ [CSRF_HEADER]: '' }), /without its own x-ringfence-csrf/);
  assert.match(await refused({ [CSRF_HEADER]: `${session.csrf}x` }), /without its own/);
  assert.match(await refused({ origin: 'http://127.0.0.1:1' }), /sent by a page of http:\/\/127\.0\.0\.1:1/);
  assert.match(await refused({ 'sec-fetch-site': 'cross-site' }), /another site/);
  assert.deepEqual((await ask({ path: '/v1/halt' })).body, { halt: null });
  assert.equal((await ask({ ...HALT, headers: { origin: api.origin, 'sec-fetch-site': 'same-origin' } })).status, 200);
  const foreign = { origin: 'https://elsewhere.example' };
  const body = { token: api.tokens.viewer };
  const lured = await api.call({ method: 'POST', path: '/v1/session', body, headers: foreign, as: 'nobody' });
  assert.equal(lured.status, 403, 'nobody is signed in as somebody else');
});

test('to sign out ends the session and its streams; the cookie is of no use any more', async () => {
  const { ask, cookie } = await signIn(api.tokens.admin);
  const stream = await fetch(`${api.origin}/v1/events`, { headers: { cookie }, signal: AbortSignal.timeout(20_000) });
  assert.equal(stream.status, 200);
  const over = stream.text();
  assert.equal((await ask({ method: 'DELETE', path: '/v1/session', headers: { [CSRF_HEADER]: 'no' } })).status, 403);
  const gone = await ask({ method: 'DELETE', path: '/v1/session' });
  assert.equal(gone.status, 204);
  assert.match(gone.headers.get('set-cookie') ?? '', /^ringfence-\d+=; .*Max-Age=0$/);
  await over;
  assert.equal((await ask({ path: '/v1/rollouts' })).status, 401);
  assert.deepEqual((await ask({ path: '/v1/session' })).body, { session: null, anonymousViewer: false });
});

test('a token that is revoked ends every session of it, and their streams', async () => {
  const { id, secret } = await api.controlPlane.issueToken('engine', 'viewer', 'a wall');
  const [here, there] = [await signIn(secret), await signIn(secret)];
  const stream = await fetch(`${api.origin}/v1/events`, {
    headers: { cookie: here.cookie },
    signal: AbortSignal.timeout(20_000),
  });
  const over = stream.text();
  await api.controlPlane.revokeToken('engine', id);
  await over;
  for (const { ask } of [here, there]) assert.equal((await ask({ path: '/v1/rollouts' })).status, 401);
});

test('a token goes before the cookie, and a session that is over does not keep an anonymous viewer out', async () => {
  const { ask } = await signIn(api.tokens.viewer);
  const both = await ask({ ...HALT, headers: { authorization: `Bearer ${api.tokens.admin}` } });
  assert.equal(both.status, 200);
  await api.close();
  api = await startApi({ anonymousViewer: true });
  const stale = { cookie: `ringfence-${api.port}=${'a'.repeat(43)}` };
  assert.equal((await api.call({ path: '/v1/rollouts', as: 'nobody', headers: stale })).status, 200);
  await until('the anonymous viewer to be told so', async () => {
    const { body } = await api.call({ path: '/v1/session', as: 'nobody', headers: stale });
    return (body as SessionStateBody).anonymousViewer;
  });
});
