import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { orOf, rolesFor, TOKEN_ROLES } from '../../src/core/policy/authority.ts';
import type { BlameBody } from '../../src/wire/http/blame.ts';
import type { CallerBody } from '../../src/wire/http/caller.ts';
import type { JudgedRolloutBody } from '../../src/wire/http/judge.ts';
import type { CheckpointBody, EventBody, LogPage, LogVerificationBody } from '../../src/wire/http/log.ts';
import { OPERATIONS } from '../../src/wire/http/operations.ts';
import type { PastRolloutBody, PastRolloutPage } from '../../src/wire/http/past.ts';
import { type ApiUnderTest, type Request, startApi, until } from './apiUnderTest.ts';
import { askCatalogs } from './askCatalogs.ts';
import { askConsole, askDeeds } from './askConsole.ts';
import { askFlags } from './askFlags.ts';
import { askPeople } from './askPeople.ts';
import { DocumentedApi } from './documentedApi.ts';
import { connectShopFleet, type ShopFleet, shopManifests } from './shopFleet.ts';

const UNKNOWN_DIGEST = `sha256:${'0'.repeat(64)}`;
const UNKNOWN_UID = 'f'.repeat(32);

let api: ApiUnderTest;
let fleet: ShopFleet;
let documented: DocumentedApi;
before(async () => {
  api = await startApi();
  documented = new DocumentedApi((await api.call({ path: '/v1/openapi.json', as: 'nobody' })).body);
});
after(async () => {
  fleet?.stop();
  await api?.close();
});

/** Asks, holds the answer against the document, and expects this status. */
async function answers(status: number, request: Request): Promise<{ body: never; headers: Headers; text: string }> {
  const answer = await api.call(request);
  const { method = 'GET', path } = request;
  documented.check(method, path, answer);
  assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`);
  return answer as never;
}

const post = (path: string, body?: unknown): Request => ({ method: 'POST', path, body });

async function rolloutIs(
  id: string,
  wanted: (rollout: { phase: string; holds: { reason: string }[] }) => boolean,
): Promise<void> {
  await until(`${id} to come that far`, async () => {
    const { body } = await answers(200, { path: `/v1/rollouts/${id}` });
    return wanted((body as { rollout: never }).rollout);
  });
}

test('the document is OpenAPI 3.1 and describes every operation there is', () => {
  assert.match(documented.document.openapi, /^3\.1\./);
  assert.deepEqual(documented.operations.toSorted(), OPERATIONS.map(({ id }) => id).toSorted());
});

test('what the process says of itself', async () => {
  await answers(200, { path: '/healthz', as: 'nobody' });
  await answers(200, { path: '/readyz', as: 'nobody' });
  await answers(200, { path: '/v1/openapi.json', as: 'nobody' });
  const { text } = await answers(200, { path: '/metrics', as: 'viewer' });
  for (const name of [
    'nodejs_eventloop_lag_seconds',
    'ringfence_log_head',
    'ringfence_log_signed',
    'ringfence_targets_connected',
    'ringfence_rollouts{phase="baking"}',
  ]) {
    assert.ok(text.includes(name), `${name} is among the metrics`);
  }
  for (const path of ['/healthz', '/readyz', '/v1/openapi.json', '/metrics'])
    await answers(400, { path: `${path}?verbose=1` });
});

test('manifests: applied once, then unchanged; refused with every mistake', async () => {
  const documents = shopManifests();
  const first = await answers(200, post('/v1/manifests', { documents }));
  assert.deepEqual(outcomes(first.body), ['created', 'created', 'created']);
  const again = await answers(200, post('/v1/manifests', { documents }));
  assert.deepEqual(outcomes(again.body), ['unchanged', 'unchanged', 'unchanged']);
  const asText = JSON.stringify(documents[0]);
  const yaml = await answers(200, {
    ...post('/v1/manifests', asText),
    headers: { 'content-type': 'application/yaml' },
  });
  assert.deepEqual(outcomes(yaml.body), ['unchanged']);

  const mistaken = await answers(422, {
    ...post('/v1/manifests', 'kind: Servise\n'),
    headers: { 'content-type': 'application/yaml' },
  });
  const [, kind] = (mistaken.body as { problems: { position: unknown; suggestion: string }[] }).problems;
  assert.deepEqual(
    { position: kind?.position, suggestion: kind?.suggestion },
    { position: { line: 1, column: 7 }, suggestion: 'Service' },
  );
  await answers(400, post('/v1/manifests', {}));
  await answers(
    404,
    post('/v1/manifests', {
      documents: shopManifests()
        .slice(1)
        .map((one) => rename(one, 'stop')),
    }),
  );
  fleet = await connectShopFleet(api.controlPlane);
});

test('what is registered can be read', async () => {
  for (const list of [
    'services',
    'sources',
    'catalogs',
    'pipelines',
    'changes',
    'targets',
    'rollouts',
    'freezes',
    'tokens',
  ]) {
    await answers(200, { path: `/v1/${list}` });
    await answers(400, { path: `/v1/${list}?limit=0` });
    await answers(400, { path: `/v1/${list}?cursor=nothing` });
  }
  await answers(200, { path: '/v1/services/shop' });
  await answers(404, { path: '/v1/services/stop' });

  const { items } = (await answers(200, { path: '/v1/changes?name=blue' })).body as {
    items: { digest: string; slots: Record<string, string> }[];
  };
  const [change] = items;
  const read = await answers(200, { path: `/v1/changes/${change?.digest}` });
  const tag = read.headers.get('etag') ?? '';
  await answers(304, { path: `/v1/changes/${change?.digest}`, headers: { 'if-none-match': `"other", W/${tag}` } });
  await answers(404, { path: `/v1/changes/${UNKNOWN_DIGEST}` });

  const artifact = `/v1/artifacts/${change?.slots['config/shop']}`;
  const bytes = await answers(200, { path: artifact, as: 'agent' });
  assert.equal(bytes.text, '{"colour":"blue"}');
  await answers(304, { path: artifact, headers: { 'if-none-match': bytes.headers.get('etag') ?? '' } });
  await answers(404, { path: `/v1/artifacts/${UNKNOWN_DIGEST}` });
});

test('targets: selected by what they are, page by page', async () => {
  const names = async (query: string) =>
    ((await answers(200, { path: `/v1/targets?${query}` })).body as { items: { name: string }[] }).items.map(
      ({ name }) => name,
    );
  assert.deepEqual(await names('label=ring=broad'), ['shop-2', 'shop-3']);
  assert.deepEqual(await names('label=ring=broad&label=region=eu'), ['shop-2']);
  assert.deepEqual(await names('label=region=eu&label=region=us'), ['shop-1', 'shop-2', 'shop-3']);
  assert.deepEqual(await names('service=shop&role=web&connected=true'), ['shop-1', 'shop-2', 'shop-3']);
  assert.deepEqual(await names('connected=false'), []);

  const seen: string[] = [];
  let next: string | null = '';
  while (next !== null) {
    const page = await answers(200, { path: `/v1/targets?limit=2${next === '' ? '' : `&cursor=${next}`}` });
    const { items, next: after } = page.body as { items: { name: string }[]; next: string | null };
    seen.push(...items.map(({ name }) => name));
    next = after;
  }
  assert.deepEqual(seen, ['shop-1', 'shop-2', 'shop-3']);

  await answers(200, { path: `/v1/targets/${'1'.padStart(32, '0')}` });
  await answers(400, { path: '/v1/targets/shop-1' });
  await answers(404, { path: `/v1/targets/${UNKNOWN_UID}` });
  await answers(404, { method: 'DELETE', path: `/v1/targets/${UNKNOWN_UID}` });
});

test('the halt: raised, repeated, read, lifted', async () => {
  await answers(200, { path: '/v1/halt', as: 'viewer' });
  await answers(400, { path: '/v1/halt?now=1' });
  await answers(200, { method: 'PUT', path: '/v1/halt', body: { reason: 'to see' } });
  await answers(200, { method: 'PUT', path: '/v1/halt', body: { reason: 'to see' } });
  await answers(400, { method: 'PUT', path: '/v1/halt', body: {} });
  const { body } = await answers(409, post('/v1/rollouts', { change: 'blue' }));
  assert.equal((body as { code: string }).code, 'line-halted');
  await answers(200, { method: 'DELETE', path: '/v1/halt' });
  await answers(409, { method: 'DELETE', path: '/v1/halt' });
});

test('blame: what is wrong now, and who may have done it; nobody, where no rollout fits', async () => {
  const well = await answers(200, { path: '/v1/blame', as: 'viewer' });
  assert.equal((well.body as BlameBody).says, 'no target is unhealthy');
  const uid = '3'.padStart(32, '0');
  const sick = (healthy: boolean) =>
    api.controlPlane.fleet.report(uid, { slots: [], checks: [{ name: 'alive', healthy, detail: '' }] });
  sick(false);
  const found = (await answers(200, { path: '/v1/blame?service=shop' })).body as BlameBody;
  assert.deepEqual([found.outcome, found.faults], ['none', 1]);
  assert.match(found.says, /^1 unhealthy target: /);
  sick(true);
  const { detail } = (await answers(404, { path: '/v1/blame?service=shpo' })).body as { detail: string };
  assert.match(detail, /"shpo"/);
  await answers(400, { path: '/v1/blame?sevrice=shop' });
});

test('freezes: put on the calendar, seen, subscribed to, in the way of a start, removed', async () => {
  const freeze = (more: object, name = 'quiet') => ({
    apiVersion: 'ringfence.dev/v1',
    kind: 'Freeze',
    metadata: { name },
    spec: { reason: 'to see', timeZone: 'Europe/Berlin', starts: '2020-01-01', ...more },
  });
  const apply = (document: unknown) => post('/v1/manifests', { documents: [document] });
  await answers(200, apply(freeze({ services: ['shop'], duration: 'P1D', rule: 'FREQ=DAILY' })));
  await answers(200, apply(freeze({ duration: 'P1D', rule: 'FREQ=WEEKLY;BYDAY=FR', starts: '2031-01-01' }, 'fridays')));
  const rule = (says: string) => answers(422, apply(freeze({ duration: 'P1D', rule: says })));
  assert.equal(((await rule('FREQ=HOURLY')).body as { code: string }).code, 'manifest-invalid');
  assert.equal(((await rule('FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30')).body as { code: string }).code, 'freeze-invalid');
  await answers(404, apply(freeze({ services: ['stop'], duration: 'P1D' })));

  const list = async (query: string) =>
    ((await answers(200, { path: `/v1/freezes${query}`, as: 'viewer' })).body as { items: Listed[] }).items;
  interface Listed {
    readonly name: string;
    readonly windows: readonly { readonly starts: string; readonly local: { readonly ends: string } }[];
  }
  assert.ok(((await list(''))[1]?.windows.length ?? 0) >= 90, 'ninety days from now');
  const [fridays] = await list('?from=2031-03-28T00:00:00Z&until=2031-04-05T00:00:00%2B02:00');
  assert.deepEqual(
    fridays?.windows.map(({ starts, local }) => [starts, local.ends]),
    [
      ['2031-03-27T23:00:00.000Z', '2031-03-29 00:00 Europe/Berlin'],
      ['2031-04-03T22:00:00.000Z', '2031-04-05 00:00 Europe/Berlin'],
    ],
  );
  assert.deepEqual(
    (await list('?service=mail')).map(({ name }) => name),
    ['fridays'],
  );
  for (const query of [
    'until=2020-01-01T00:00:00Z',
    'from=tomorrow',
    'from=2020-01-01T00:00:00Z&until=2023-01-01T00:00:00Z',
  ])
    await answers(400, { path: `/v1/freezes?${query}` });

  const published = await answers(200, { path: '/v1/freezes.ics', as: 'viewer' });
  assert.equal(published.headers.get('content-type'), 'text/calendar; charset=utf-8');
  assert.match(
    published.text,
    /^BEGIN:VCALENDAR\r\n[\s\S]*\r\nUID:freeze-quiet@ringfence\.dev\r\n[\s\S]*END:VCALENDAR\r\n$/,
  );
  await answers(400, { path: '/v1/freezes.ics?service=shop' });

  const refused = await answers(409, post('/v1/rollouts', { change: 'blue' }));
  assert.equal((refused.body as { code: string }).code, 'frozen');
  assert.match((refused.body as { detail: string }).detail, /^frozen by "quiet" \(to see\) until .* Europe\/Berlin$/);
  const plan = (await answers(200, post('/v1/plans', { change: 'blue' }))).body as { freezes: { freeze: string }[] };
  assert.equal(plan.freezes[0]?.freeze, 'quiet');

  for (const name of ['quiet', 'fridays']) await answers(204, { method: 'DELETE', path: `/v1/freezes/${name}` });
  await answers(404, { method: 'DELETE', path: '/v1/freezes/quiet' });
});

test('catalogues: taken in, seen, replaced, forgotten; what they say is in services and plans', () =>
  askCatalogs(answers));

test('a rollout: planned, started, paused, resumed, promoted, rolled back', async () => {
  await answers(200, post('/v1/plans', { change: 'blue' }));
  await answers(404, post('/v1/plans', { change: 'bleu' }));
  await answers(404, post('/v1/rollouts', { change: 'blue', pipeline: 'stop' }));
  const started = await answers(201, post('/v1/rollouts', { change: 'blue' }));
  assert.equal(started.headers.get('location'), '/v1/rollouts/shop-1');

  const again = await answers(409, post('/v1/rollouts', { change: 'blue' }));
  assert.match((again.body as { detail: string }).detail, /shop-1/, 'a repeated start names the rollout that runs');

  await answers(200, post('/v1/rollouts/shop-1/pause', { reason: 'lunch' }));
  await answers(400, post('/v1/rollouts/shop-1/pause', { because: 'lunch' }));
  await answers(200, post('/v1/rollouts/shop-1/resume'));
  await answers(409, post('/v1/rollouts/shop-1/resume'));
  await rolloutIs('shop-1', ({ holds }) => holds.some(({ reason }) => reason === 'awaiting-promotion'));
  await answers(
    200,
    post('/v1/rollouts/shop-1/evidence/revoke', { stage: 'canary', reason: 'it looked at the wrong day' }),
  );
  await answers(404, post('/v1/rollouts/shop-1/evidence/revoke', { stage: 'cannary', reason: 'a slip' }));
  await rolloutIs('shop-1', ({ holds }) => holds.some(({ reason }) => reason === 'evidence-revoked'));
  await answers(409, post('/v1/rollouts/shop-1/promote'));
  await askDeeds(answers, 'shop-1');
  await answers(200, post('/v1/rollouts/shop-1/resume'));
  await rolloutIs('shop-1', ({ phase, holds }) => phase === 'ready' && holds.length === 1);
  await answers(200, post('/v1/rollouts/shop-1/promote'));
  await rolloutIs('shop-1', ({ phase }) => phase === 'completed');

  await answers(409, post('/v1/rollouts/shop-1/promote'));
  await answers(409, post('/v1/rollouts/shop-1/rollback', { reason: 'too late' }));
  await answers(404, { path: '/v1/rollouts/shop-9' });
});

test('a rollout that hurts: its guardrail fails, it comes back, its change is quarantined', async () => {
  await answers(200, post('/v1/manifests', { documents: shopManifests('{"colour":"red"}', 'red') }));
  fleet.failOn('{"colour":"red"}');
  await answers(201, post('/v1/rollouts', { change: 'red' }));
  await rolloutIs('shop-2', ({ phase }) => phase === 'rolledBack');
  await answers(200, { path: '/v1/rollouts?phase=rolledBack' });
  const { body } = await answers(200, { path: '/v1/changes?name=red' });
  const [red] = (body as { items: { digest: string; quarantine: { rollout: string } | null }[] }).items;
  assert.equal(red?.quarantine?.rollout, 'shop-2');
  assert.match((await answers(200, { path: `/v1/changes/${red?.digest}` })).headers.get('etag') ?? '', /quarantined/);
  await answers(409, post('/v1/rollouts', { change: 'red' }));

  await answers(200, post('/v1/manifests', { documents: shopManifests('{"colour":"green"}', 'green') }));
  await answers(201, post('/v1/rollouts', { change: 'green' }));
  await answers(200, post('/v1/rollouts/shop-3/rollback', { reason: 'changed my mind' }));
});

test('law 15: approvals and break-glass: asked of people by their tokens, on the way of one change', () =>
  askPeople(answers, rolloutIs));

test('the log: read, verified, followed', async () => {
  const { body } = await answers(200, { path: '/v1/log?after=1&limit=2' });
  assert.deepEqual(
    (body as { items: { position: number }[] }).items.map(({ position }) => position),
    [2, 3],
  );
  await answers(400, { path: '/v1/log?after=-1' });
  const verified = await answers(200, { path: '/v1/log/verification' });
  assert.equal((verified.body as { outcome: string }).outcome, 'intact');
  await answers(400, { path: '/v1/log/verification?deep=1' });
  await answers(400, { path: '/v1/log/verification?position=1' });
  await answers(400, { path: '/v1/events?after=1000000' });

  const stream = await fetch(`${api.origin}/v1/events`, { headers: { authorization: `Bearer ${api.tokens.viewer}` } });
  const reader = stream.body?.getReader();
  const first = await reader?.read();
  documented.check('GET', '/v1/events', {
    status: stream.status,
    headers: stream.headers,
    text: Buffer.from(first?.value ?? []).toString(),
    body: undefined,
  });
  await reader?.cancel();
});

test('law 19: the past: rollouts as the record has them at a moment', async () => {
  const events: EventBody[] = [];
  for (let page: readonly EventBody[] = []; events.length === 0 || page.length > 0; events.push(...page))
    page = ((await answers(200, { path: `/v1/log?limit=1000&after=${events.length}` })).body as LogPage).items;
  const of = (type: string) => events.find((event) => event.type === type) ?? assert.fail(type);
  const started = of('RolloutStarted');
  const { id } = started.data as { id: string };
  const past = async (at: string | number) =>
    (await answers(200, { path: `/v1/past/rollouts/${id}?at=${encodeURIComponent(at)}` })).body as PastRolloutBody;

  const first = await past(started.position);
  assert.deepEqual([first.asOf, first.rollout.phase], [{ position: started.position, at: started.at }, 'rolling']);
  const last = await past(events.length);
  const { body: now } = await answers(200, { path: `/v1/rollouts/${id}` });
  assert.deepEqual(last.rollout, (now as { rollout: unknown }).rollout, 'the record folds to what is served now');
  // Time and position are two names of one moment.
  const baked = of('BakeStarted');
  const moment = new Date(Date.parse(baked.at)).toISOString().replace('Z', '+00:00');
  assert.equal((await past(moment)).asOf.at, baked.at);

  const listed = async (query: string) =>
    (await answers(200, { path: `/v1/past/rollouts?${query}` })).body as PastRolloutPage;
  assert.deepEqual((await listed(`at=${started.position - 1}`)).items, []);
  assert.deepEqual(
    (await listed(`at=${started.position}&phase=rolling&limit=1`)).items.map((one) => one.id),
    [id],
  );
  const judged = (await answers(200, { path: `/v1/rollouts/${id}/judge` })).body as JudgedRolloutBody;
  assert.ok(judged.series.length > 0 && judged.series.every(({ points }) => points.length > 0), JSON.stringify(judged));
  assert.equal(judged.series[0]?.points.at(-1)?.outcome, 'pass');
  await answers(404, { path: '/v1/rollouts/nosuch/judge' });

  const early = await answers(404, { path: `/v1/past/rollouts/${id}?at=${started.position - 1}` });

  assert.match(early.text, new RegExp(`no rollout \\\\"${id}\\\\" yet .* it began with event ${started.position}`));
  for (const at of ['0', String(events.length + 1000), '1999-01-01T00:00:00Z', '2999-01-01T00:00:00Z'])
    assert.match((await answers(404, { path: `/v1/past/rollouts?at=${at}` })).text, /outside-record/);
  for (const at of ['', 'yesterday', '2026-03-01T12:00:00', '-1', '2026-13-01T12:00:00Z'])
    assert.match((await answers(400, { path: `/v1/past/rollouts?at=${at}` })).text, /a time with its zone/);
});

test('law 19: checkpoints: signed, read, and what is kept of one is compared', async () => {
  const signed = (await answers(200, post('/v1/log/checkpoint'))).body as CheckpointBody;
  const read = (await answers(200, { path: '/v1/log/checkpoint', as: 'viewer' })).body as CheckpointBody;
  assert.deepEqual(read, signed, 'nothing came after it, so the same one is the newest');
  const { position, hash } = signed.document;
  const compared = async (other: string) =>
    (await answers(200, { path: `/v1/log/verification?position=${position}&hash=${other}` }))
      .body as LogVerificationBody;
  const same = await compared(hash);
  assert.equal(same.outcome === 'intact' && same.signed?.position, position);
  const other = await compared('0'.repeat(64));
  assert.equal(other.outcome === 'broken' && other.position, position);
});

test('signing keys: listed, replaced, retired', async () => {
  const listed = async () =>
    ((await answers(200, { path: '/v1/keys' })).body as { items: { id: string; retiredAt: string | null }[] }).items;
  const [first] = await listed();
  const made = (await answers(201, post('/v1/keys'))).body as { id: string; announcedBy: string | null };
  assert.equal(made.announcedBy, first?.id);
  await answers(409, { method: 'DELETE', path: `/v1/keys/${made.id}` });
  await answers(200, { method: 'DELETE', path: `/v1/keys/${first?.id}` });
  assert.deepEqual(
    (await listed()).map(({ id, retiredAt }) => [id, retiredAt !== null]),
    [
      [first?.id, true],
      [made.id, false],
    ],
  );
  await answers(404, { method: 'DELETE', path: '/v1/keys/nothing' });
  await answers(403, { ...post('/v1/keys'), as: 'viewer' });
});

test('what the console asks: for a session, and for names', () => askConsole(answers, api));

test('tokens: made, listed without their secrets, revoked', async () => {
  const made = (await answers(201, post('/v1/tokens', { role: 'viewer', name: 'for a wall' }))).body as {
    id: string;
    secret: string;
  };
  const listed = await answers(200, { path: '/v1/tokens' });
  assert.ok(listed.text.includes(made.id) && !listed.text.includes(made.secret));
  await answers(400, post('/v1/tokens', { role: 'king', name: 'me' }));
  const caller = (await answers(200, { path: '/v1/caller', as: 'operator' })).body as CallerBody;
  assert.deepEqual({ ...caller, token: '' }, { person: 'test operator', role: 'operator', token: '' });
  const reads = async () =>
    (await api.call({ path: '/v1/services', as: 'nobody', headers: { authorization: `Bearer ${made.secret}` } }))
      .status;
  assert.equal(await reads(), 200);
  await answers(204, { method: 'DELETE', path: `/v1/tokens/${made.id}` });
  assert.equal(await reads(), 401);
  await answers(404, { method: 'DELETE', path: `/v1/tokens/${made.id}` });
});

test('a target that is gone for good is forgotten', async () => {
  fleet.stop();
  const uid = '3'.padStart(32, '0');
  api.controlPlane.fleet.lost(uid);
  await answers(204, { method: 'DELETE', path: `/v1/targets/${uid}` });
  await answers(404, { path: `/v1/targets/${uid}` });
});

test('flags: evaluated one by one and all at once, by OFREP', () => askFlags(answers, api));

test('metrics of OpenTelemetry are taken in', async () => {
  await answers(200, { ...post('/otlp/v1/metrics', {}), as: 'ingest' });
  await answers(415, {
    ...post('/otlp/v1/metrics', 'shop.requests 5'),
    as: 'ingest',
    headers: { 'content-type': 'text/plain' },
  });
});

test('law 15: every role gets exactly as far as documented, and is told which one it takes', async () => {
  for (const { method, path, access } of OPERATIONS) {
    if (access === 'anyone') continue;
    const real = path.replace(':digest', UNKNOWN_DIGEST).replace(':uid', UNKNOWN_UID).replace(/:\w+/, 'any');
    assert.ok((await answers(401, { method, path: real, as: 'nobody' })).headers.get('www-authenticate'));
    for (const as of TOKEN_ROLES) {
      if (rolesFor(access).includes(as)) continue;
      const { detail } = (await answers(403, { method, path: real, as })).body as { detail: string };
      assert.ok(detail.endsWith(`needs the role ${orOf(rolesFor(access))}`), detail);
    }
  }
});

test('every documented operation was seen to succeed and to refuse', () => {
  for (const operation of documented.operations) {
    const seen = [...documented.statusesOf(operation)];
    assert.ok(
      seen.some((status) => status.startsWith('2')),
      `${operation} never succeeded here`,
    );
    assert.ok(
      seen.some((status) => status.startsWith('4')),
      `${operation} never refused anything here`,
    );
  }
});

function outcomes(body: unknown): readonly string[] {
  return (body as { applied: { outcome: string }[] }).applied.map(({ outcome }) => outcome);
}

/** The same manifest, of another service. */
function rename(manifest: unknown, service: string): unknown {
  const { spec, ...rest } = manifest as { spec: object };
  return { ...rest, spec: { ...spec, service } };
}
