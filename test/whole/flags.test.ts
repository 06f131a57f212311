import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ErrorCode, StandardResolutionReasons } from '@openfeature/server-sdk';
import { until } from '../http/apiUnderTest.ts';
import { checkoutFlags, FlagStand } from './flagStand.ts';

/*
 * Flags as a program sees them: a real server, the official OpenFeature SDK and its OFREP provider, through whole rollouts forward and back.
 */

const isWithin = (part: ReadonlySet<string>, whole: ReadonlySet<string>) => [...part].every((user) => whole.has(user));

test('flags go through the same stages by share of users, and back at once', { timeout: 180_000 }, async (t) => {
  const stand = new FlagStand(t);
  await stand.prepare();
  const client = stand.client();

  await t.test('before the first rollout there is no flag, and programs use their own defaults', async () => {
    const details = await client.getBooleanDetails('new-checkout', true, { targetingKey: 'ann' });
    assert.deepEqual([details.value, details.errorCode], [true, ErrorCode.FLAG_NOT_FOUND]);
  });

  const first = await stand.startRollout('a-tenth', checkoutFlags(10));
  await t.test('law 6: the first stage goes forward, back and forward again', async () => {
    await stand.reach(first, 'ready', ({ phase }) => phase === 'ready');
    const { body } = await stand.call<{ rollout: { rehearsal: { provenAt: string | null; targets: number } } }>(
      'GET',
      `/v1/rollouts/${first}`,
    );
    assert.deepEqual([body.rollout.rehearsal.targets, body.rollout.rehearsal.provenAt !== null], [2, true]);
  });
  await stand.complete(first);

  const tenth = await stand.on();
  await t.test('typed values, variants and reasons arrive through the SDK', async () => {
    assert.ok(tenth.size > 5 && tenth.size < 40, `${tenth.size} of 200 users have it`);
    const [user = ''] = tenth;
    const split = await client.getBooleanDetails('new-checkout', false, { targetingKey: user });
    assert.deepEqual([split.variant, split.reason], ['on', StandardResolutionReasons.SPLIT]);
    const { target, slot, service } = split.flagMetadata;
    assert.match(String(target), /^users-(?:canary|rest)-\d$/);
    assert.deepEqual([service, slot], ['shop', 'flags/checkout']);
    const staff = await client.getBooleanDetails('new-checkout', false, { targetingKey: 'x', staff: true });
    assert.deepEqual([staff.value, staff.reason], [true, StandardResolutionReasons.TARGETING_MATCH]);
    const limit = await client.getNumberDetails('limit', 0, { targetingKey: user });
    assert.deepEqual([limit.value, limit.reason], [10, StandardResolutionReasons.STATIC]);
    const wrong = await client.getStringDetails('limit', 'none', { targetingKey: user });
    assert.equal(wrong.errorCode, ErrorCode.TYPE_MISMATCH);
    const nobody = await client.getBooleanDetails('new-checkout', false, {});
    assert.equal(nobody.errorCode, ErrorCode.TARGETING_KEY_MISSING);
  });

  await t.test('law 16: flags that cannot be read are refused before anything moves', async () => {
    const refused = await stand.change('broken', checkoutFlags(10, 'user.staff'));
    assert.equal(refused.status, 422, refused.text);
    assert.match(refused.text, /flags\.new-checkout\.rules\[0\]\.when: there is no \\"user\\"/);
  });

  const second = await stand.startRollout('a-half', checkoutFlags(50));
  await t.test('the first stage changes nothing for users of the other parts', async () => {
    await stand.reach(second, 'ready', ({ phase }) => phase === 'ready');
    const now = await stand.on();
    assert.ok(now.size > tenth.size, 'some of the canary part have it now');
    assert.ok(isWithin(tenth, now), 'nobody who had it lost it');
    for (const user of [...now].filter((each) => !tenth.has(each))) {
      const { flagMetadata } = await client.getBooleanDetails('new-checkout', false, { targetingKey: user });
      assert.match(String(flagMetadata.target), /^users-canary-/);
    }
  });

  await t.test('law 3: a server that is killed serves each user what it served before', async () => {
    const before = await stand.on();
    await stand.kill();
    await stand.start();
    assert.deepEqual(await stand.on(), before);
  });

  await t.test('a rollback restores every user exactly, at once', async () => {
    const answered = await stand.call('POST', `/v1/rollouts/${second}/rollback`, { reason: 'we like the tenth' });
    assert.equal(answered.status, 200, JSON.stringify(answered.body));
    // No waiting: by the time that the order is answered it is in force.
    assert.deepEqual(await stand.on(), tenth);
    await stand.reach(second, 'rolled back', ({ phase }) => phase === 'rolledBack');
  });

  await t.test('a rule that fails for users is a guardrail that fails: it goes back by itself', async () => {
    const third = await stand.startRollout('fails', checkoutFlags(10, 'targetingKey > 3'));
    await stand.reach(third, 'rolled back', ({ phase }) => phase === 'rolledBack');
    assert.deepEqual(await stand.on(), tenth);
  });
});

test('OFREP as the protocol has it', { timeout: 120_000 }, async (t) => {
  const stand = new FlagStand(t);
  await stand.prepare();
  await stand.complete(await stand.startRollout('a-tenth', checkoutFlags(10)));
  const one = '/ofrep/v1/evaluate/flags/new-checkout';
  const all = '/ofrep/v1/evaluate/flags';
  const context = { targetingKey: 'ann' };

  await t.test('bulk evaluation has an ETag, and 304 for who has it already', async () => {
    const answer = await stand.ask(all, { context });
    const etag = answer.headers.get('etag') ?? '';
    const { flags } = (await answer.json()) as { flags: readonly { key: string; value: unknown }[] };
    assert.deepEqual(
      flags.map(({ key }) => key),
      ['limit', 'new-checkout'],
    );
    const again = await stand.ask(all, { context }, { 'if-none-match': etag });
    assert.deepEqual([again.status, await again.text()], [304, '']);
    const other = await stand.ask(all, { context: { ...context, staff: true } }, { 'if-none-match': etag });
    assert.equal(other.status, 200, 'another context has another value');
  });

  await t.test('in bulk, a flag that cannot be evaluated is one of the answers', async () => {
    const broken = await stand.ask(all, { context: {} });
    assert.deepEqual(
      [broken.status, ((await broken.json()) as { errorCode: string }).errorCode],
      [400, 'TARGETING_KEY_MISSING'],
    );
  });

  const refused: readonly [path: string, body: unknown, status: number, errorCode: string][] = [
    [one, '{', 400, 'PARSE_ERROR'],
    [one, { context: 3 }, 400, 'PARSE_ERROR'],
    [one, { context: { targetingKey: 3 } }, 400, 'INVALID_CONTEXT'],
    [one, { context: { ...context, 'ringfence.service': 'shpo' } }, 400, 'INVALID_CONTEXT'],
    [one, { context: { 'ringfence.target': 'nobody' } }, 400, 'INVALID_CONTEXT'],
    [one, {}, 400, 'TARGETING_KEY_MISSING'],
    [`${all}/nope`, { context }, 404, 'FLAG_NOT_FOUND'],
    [`${all}/constructor`, { context }, 404, 'FLAG_NOT_FOUND'],
  ];
  for (const [path, body, status, errorCode] of refused) {
    await t.test(`${status} ${errorCode}: ${path.split('/').at(-1)} ${JSON.stringify(body)}`, async () => {
      const answer = await stand.ask(path, body);
      const said = (await answer.json()) as { key: string; errorCode: string; errorDetails: string };
      assert.deepEqual([answer.status, said.errorCode, said.key], [status, errorCode, path.split('/').at(-1)]);
      assert.ok(said.errorDetails.length > 10);
    });
  }

  await t.test('a token for flags evaluates flags and does nothing else', async () => {
    const headers = { authorization: `Bearer ${stand.readerToken}` };
    assert.equal((await fetch(`${stand.http}/v1/rollouts`, { headers })).status, 403);
    assert.equal((await stand.ask('/v1/rollouts', { change: 'a-tenth' })).status, 403);
    const details = await stand.client('rff_wrong').getBooleanDetails('new-checkout', true, context);
    assert.deepEqual([details.value, details.errorCode], [true, ErrorCode.GENERAL]);
  });

  await t.test('a part of the users that somebody retires is there again', async () => {
    const { body } = await stand.call<{ items: readonly { uid: string }[] }>('GET', '/v1/targets');
    const before = await stand.on();
    for (const { uid } of body.items.slice(0, 3)) await stand.retire(uid);
    await until('everybody to be served as before', async () => {
      const now = await stand.on();
      return now.size === before.size && [...now].every((user) => before.has(user));
    });
  });

  await t.test('shares cannot be cut anew under users', async () => {
    const users = { shares: { canary: 1, rest: 9 } };
    const refused = await stand.apply('Service', 'shop', { roles: { users }, slots: { 'flags/checkout': {} } });
    assert.equal(refused.status, 409, refused.text);
    assert.match(refused.text, /users would change places/);
  });

  await t.test('where several services have flags, the context says whose are meant', async () => {
    const service = await stand.apply('Service', 'till', { roles: { desk: {} }, slots: { 'flags/till': {} } });
    assert.equal(service.status, 200, service.text);
    const several = await stand.ask(one, { context });
    assert.match(((await several.json()) as { errorDetails: string }).errorDetails, /several services have flags/);
    const named = { ...context, 'ringfence.service': 'shop' };
    await until(
      'the shop to answer by its name',
      async () => (await stand.ask(one, { context: named })).status === 200,
    );
  });
});
