import assert from 'node:assert/strict';
import { eventually } from '../../src/apps/demo/eventually.ts';
import type { TokenRole } from '../../src/core/policy/authority.ts';
import type { Target } from '../../src/core/topology/target.ts';
import type { ApiUnderTest } from '../http/apiUnderTest.ts';
import { connectShopFleet, type ShopFleet } from '../http/shopFleet.ts';

const DAY_MS = 86_400_000;
/** The whole scene takes seconds; a machine that does other things may need longer. */
const PATIENCE_MS = 120_000;
const never = new AbortController().signal;

/** Six services that need one another; the shop's fleet is large enough to have a shape on the map. */
const SERVICES: Readonly<
  Record<string, { readonly roles: readonly string[]; readonly needs: readonly string[]; readonly targets: number }>
> = {
  shop: { roles: ['web', 'api'], needs: ['payments', 'search'], targets: 180 },
  payments: { roles: ['api'], needs: ['ledger'], targets: 24 },
  search: { roles: ['api'], needs: ['catalog'], targets: 36 },
  catalog: { roles: ['api'], needs: [], targets: 12 },
  ledger: { roles: ['api'], needs: [], targets: 9 },
  backoffice: { roles: ['web'], needs: ['shop', 'ledger'], targets: 6 },
};
const GONE: readonly string[] = ['shop-web-ap-9', 'shop-api-eu-30', 'ledger-api-us-2'];
const REGIONS = ['eu', 'us', 'ap'];

const GOOD = {
  results: 20,
  timeoutMs: 800,
  currency: 'EUR',
  password: 'hunter2',
  features: { search: 'indexed', basket: 'v2' },
};
const SLOWER = { ...GOOD, timeoutMs: 1200, password: 'correct horse' };
const BAD = { ...GOOD, timeoutMs: 5 };
const text = (content: object) => `${JSON.stringify(content, null, 2)}\n`;

export interface BusyScene {
  readonly fleet: ShopFleet;
  /** The rollout that waits for people, the one that a pause keeps, and two that are over. */
  readonly rollouts: {
    readonly asks: string;
    readonly paused: string;
    readonly completed: string;
    readonly back: string;
  };
  /** Tokens of people by their names. */
  readonly people: Readonly<Record<string, string>>;
}

/**
 * A control plane in the middle of a day: one change went all the way, one came back, one waits for an approval, one is paused; freezes
 * are on the calendar, some targets are gone or unwell. Everything is done through its API, as people would.
 */
export async function playBusyScene(api: ApiUnderTest): Promise<BusyScene> {
  const call = async (
    path: string,
    body: unknown,
    token = api.tokens.admin,
  ): Promise<{ id: string; secret: string; rollout: { id: string } }> => {
    const answer = await api.call({
      method: 'POST',
      path,
      body,
      as: 'nobody',
      headers: { authorization: `Bearer ${token}` },
    });
    assert.ok(answer.status < 300, `${path}: ${answer.status} ${answer.text}`);
    return answer.body as never;
  };
  const people: Record<string, string> = {};
  for (const [name, role] of [
    ['ann', 'author'],
    ['bob', 'approver'],
    ['kim', 'operator'],
  ] satisfies [string, TokenRole][]) {
    people[name] = (await call('/v1/tokens', { role, name })).secret;
  }
  await call('/v1/manifests', {
    documents: [
      ...Object.entries(SERVICES).flatMap(([name, spec]) => serviceManifests(name, spec)),
      ...freezes(Date.now()),
    ],
  });
  const fleet = await connectShopFleet(api.controlPlane, {
    targets: allTargets(),
    requests: () => 400,
    failures: () => Math.round(Math.random() * 4),
    slot: 'config/app',
    everyMs: 120,
    ails: ({ name }) => (name === 'shop-web-us-17' ? 'GET /health answered 503, expected 200' : ''),
  });
  // They were gone before anything moved: nobody is to blame for it.
  for (const { uid, name } of allTargets()) {
    if (!GONE.includes(name)) continue;
    fleet.silence(uid);
    api.controlPlane.fleet.lost(uid);
  }
  const register = (service: string, name: string, content: string, reason: string) =>
    call(
      '/v1/manifests',
      { documents: [manifest('Change', name, { service, reason, slots: { 'config/app': { content } } })] },
      people.ann,
    );
  const start = async (change: string) => (await call('/v1/rollouts', { change })).rollout.id;
  const isSo = (id: string, what: string, probe: (rollout: { phase: string; holds: readonly string[] }) => boolean) =>
    eventually(
      `${id} to be ${what}`,
      never,
      () => {
        const view = api.controlPlane.rolloutView(id);
        return (view !== null && probe(view.rollout)) || null;
      },
      PATIENCE_MS,
    );

  await register('search', 'indexed-search', text(GOOD), 'search reads the new index');
  const completed = await start('indexed-search');
  await isSo(completed, 'completed', ({ phase }) => phase === 'completed');

  await register('payments', 'impatient', text(BAD), 'fail fast when the ledger is slow');
  fleet.failOn(text(BAD));
  const back = await start('impatient');
  await isSo(back, 'back', ({ phase }) => phase === 'rolledBack');

  await register('catalog', 'larger-pages', text(GOOD), 'pages of twenty');
  const paused = await start('larger-pages');
  await call(`/v1/rollouts/${paused}/pause`, { reason: 'the colleague who knows it is at lunch' }, people.kim);

  await register('shop', 'basket-v2', text(GOOD), 'the new basket, behind the same address');
  const asks = await start('basket-v2');
  await isSo(asks, 'asking people', ({ holds }) => holds.includes('awaiting-approval'));
  await register('shop', 'patient-shop', text(SLOWER), 'wait longer for search');
  return { fleet, rollouts: { asks, paused, completed, back }, people };
}

function allTargets(): readonly Target[] {
  const targets: Target[] = [];
  for (const [service, { roles, targets: count }] of Object.entries(SERVICES)) {
    for (const role of roles) {
      for (let index = 0; index < count / roles.length; index++) {
        const region = REGIONS[index % REGIONS.length] ?? 'eu';
        const ring = index < 3 ? 'canary' : index < count / roles.length / 4 ? 'pilot' : 'broad';
        const name = `${service}-${role}-${region}-${Math.floor(index / REGIONS.length) + 1}`;
        targets.push({
          uid: (targets.length + 1).toString(16).padStart(32, '0'),
          name,
          service,
          role,
          labels: { ring, region },
        });
      }
    }
  }
  return targets;
}

function manifest(kind: string, name: string, spec: unknown): unknown {
  return { apiVersion: 'ringfence.dev/v1', kind, metadata: { name }, spec };
}

function serviceManifests(
  name: string,
  { roles, needs, targets }: { roles: readonly string[]; needs: readonly string[]; targets: number },
): readonly unknown[] {
  const bake = { minimum: name === 'shop' ? '2s' : '300ms', deadline: '10m' };
  const stages = [
    { name: 'canary', targets: { ring: 'canary' }, bake },
    ...(targets / roles.length > 12 ? [{ name: 'pilot', targets: { ring: 'pilot' }, bake }] : []),
    { name: 'broad', targets: { ring: 'broad' }, waves: ['10%', '50%', '100%'], bake },
  ];
  return [
    manifest('Service', name, {
      roles: Object.fromEntries(roles.map((role) => [role, {}])),
      ...(needs.length === 0 ? {} : { dependsOn: needs }),
      slots: { 'config/app': {} },
      metrics: {
        requests: { counter: 'shop_requests_total' },
        failures: { counter: 'shop_requests_total{code=~"5.."}' },
      },
    }),
    manifest('Pipeline', name, {
      rehearse: false,
      service: name,
      stages,
      checks: [
        {
          name: 'errors',
          kind: 'failureProportion',
          effect: 'guardrail',
          failures: 'failures',
          total: 'requests',
          margin: 0.02,
        },
      ],
      neighbours: 'tellApart',
      ...(name === 'shop' ? { approvals: [{ before: 'broad', role: 'approver', count: 1 }] } : {}),
    }),
  ];
}

function freezes(now: number): readonly unknown[] {
  const day = (ahead: number) => new Date(now + ahead * DAY_MS).toISOString().slice(0, 10);
  const freeze = (name: string, spec: object) => manifest('Freeze', name, { timeZone: 'Europe/Berlin', ...spec });
  return [
    freeze('month-end', { services: ['ledger'], reason: 'the books are closed', starts: day(-1), ends: day(2) }),
    freeze('sale', { services: ['shop', 'payments'], reason: 'the autumn sale', starts: day(6), ends: day(9) }),
    freeze('weekends', {
      services: ['backoffice'],
      reason: 'nobody is there',
      starts: '2026-01-03',
      duration: 'P2D',
      rule: 'FREQ=WEEKLY;BYDAY=SA',
    }),
  ];
}
