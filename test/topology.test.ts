import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Target } from '../src/core/topology/target.ts';
import type { PlanBody } from '../src/wire/http/plan.ts';
import type { RolloutViewBody } from '../src/wire/http/rollout.ts';
import type { ServiceView } from '../src/wire/http/service.ts';
import { type ApiUnderTest, startApi, until } from './http/apiUnderTest.ts';
import { connectShopFleet, type ShopFleet, shopManifests } from './http/shopFleet.ts';

/*
 * Who is hurt if a change is bad, through the real HTTP API, store and engine: targets that count requests at rates of their own,
 * and services and catalogues that need each other.
 */

const CONTENT = '{"colour":"blue"}';
type Document = Readonly<Record<string, unknown>> & { readonly kind: string; readonly spec: object };

/** Two canaries and eight others, of which the last takes half of the traffic. Everything in "ap" is in the last stage. */
const TARGETS: readonly Target[] = Array.from({ length: 10 }, (_, index) => ({
  uid: String(index + 1).padStart(32, '0'),
  name: `shop-${index + 1}`,
  service: 'shop',
  role: 'web',
  labels: { ring: index < 2 ? 'canary' : 'broad', region: index < 6 ? 'eu' : 'ap' },
}));
const takes = ({ name }: Target) => (name === 'shop-10' ? 900 : 100);

function documents(pipeline: object = {}): Document[] {
  const shop = (shopManifests(CONTENT) as Document[]).map((document): Document => {
    if (document.kind === 'Service')
      return { ...document, spec: { ...document.spec, traffic: { metric: 'requests' } } };
    return document.kind === 'Pipeline' ? { ...document, spec: { ...document.spec, ...pipeline } } : document;
  });
  return [...shop, service('checkout', ['shop']), service('mail', ['checkout'])];
}
function service(name: string, dependsOn: readonly string[]): Document {
  const needs = dependsOn.length === 0 ? {} : { dependsOn };
  const spec = { roles: { web: {} }, ...needs, slots: { 'config/app': {} } };
  return { apiVersion: 'ringfence.dev/v1', kind: 'Service', metadata: { name }, spec };
}
function catalog(entities: object, name = 'reports-catalog-info'): Document {
  const spec = { source: 'reports/catalog-info.yaml', entities };
  return { apiVersion: 'ringfence.dev/v1', kind: 'Catalog', metadata: { name }, spec };
}
function stages(...waves: readonly unknown[]) {
  const bake = { minimum: '1ms', deadline: '1m' };
  const stage = (ring: string, promote: string, more: object) => ({
    name: ring,
    targets: { ring },
    bake,
    promote,
    ...more,
  });
  return { stages: [stage('canary', 'manual', {}), stage('broad', 'auto', { waves })] };
}

/** What the two canaries take of it all. */
const CANARIES = 2 / 18;
function isNear(found: number | null | undefined, expected: number): boolean {
  return typeof found === 'number' && Math.abs(found - expected) < 0.03;
}

describe('who is hurt if it is bad', () => {
  let api: ApiUnderTest;
  let fleet: ShopFleet;

  beforeEach(async () => {
    api = await startApi();
    await apply(...documents());
    fleet = await connectShopFleet(api.controlPlane, { targets: TARGETS, requests: takes });
  });
  afterEach(async () => {
    fleet.stop();
    await api.close();
  });

  async function apply(...given: readonly Document[]): Promise<void> {
    const { status, text } = await api.call({ method: 'POST', path: '/v1/manifests', body: { documents: given } });
    assert.equal(status, 200, text);
  }
  async function plan(): Promise<PlanBody> {
    const { status, body, text } = await api.call({ method: 'POST', path: '/v1/plans', body: { change: 'blue' } });
    assert.equal(status, 200, text);
    return body as PlanBody;
  }
  /** Rates are known from the second time on that a target is heard of; the first spans are all of different lengths. */
  const informed = () =>
    until('the rates of all targets', async () => {
      const found = await plan();
      const { traffic } = found.stages[0]?.opens ?? { traffic: null };
      return found.blast.unknownTraffic === 0 && isNear(traffic, CANARIES) ? found : undefined;
    });
  async function view(): Promise<RolloutViewBody> {
    return (await api.call({ path: '/v1/rollouts/shop-1' })).body as RolloutViewBody;
  }
  const near = (found: number | null | undefined, expected: number) =>
    assert.ok(isNear(found, expected), `${found} is not ${expected}`);

  it('a plan says it for the whole and for each stage, in targets, in traffic, and in services', async () => {
    const { blast, stages: planned, lateCohorts, warnings } = await informed();
    assert.deepEqual([blast.targets, blast.share, blast.traffic], [10, 1, 1]);
    assert.deepEqual(blast.dependents, [
      { service: 'checkout', distance: 1, registered: true },
      { service: 'mail', distance: 2, registered: true },
    ]);
    assert.deepEqual([planned[0]?.opens.targets, planned[0]?.opens.share], [2, 0.2]);
    near(planned[0]?.opens.traffic, CANARIES);
    near(planned[1]?.opens.traffic, 16 / 18);
    assert.deepEqual(planned[1]?.reached, { targets: 10, share: 1, traffic: 1 });
    assert.deepEqual(lateCohorts, [{ label: 'region', value: 'ap', targets: 4, stage: 'broad' }]);
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ['large-step', 'late-cohort'],
    );
    assert.match(warnings[1]?.says ?? '', /^all 4 targets of region=ap are only in the last stage, "broad"/);
  });

  it('law 16: a step that takes more of the traffic than the pipeline allows is refused, by name, and does not start', async () => {
    await apply(...documents({ largestStep: { traffic: '40%' }, ...stages(1, '50%', '100%') }));
    const { refusals } = await informed();
    assert.deepEqual(new Set(refusals.map(({ code }) => code)), new Set(['step-too-large']));
    assert.match(refusals[0]?.says ?? '', /of stage "broad" opens \d+ % of the traffic, at most 40 % allowed, at once/);
    const start = await api.call({ method: 'POST', path: '/v1/rollouts', body: { change: 'blue' } });
    assert.equal(start.status, 409);
    assert.equal((start.body as { code: string }).code, 'step-too-large');
  });

  it('law 1: waves by traffic are cut where the traffic is, and open what was planned', async () => {
    await apply(...documents(stages({ traffic: '10%' }, { traffic: '45%' }, '100%')));
    const { stages: planned } = await informed();
    const broad = planned[1]?.waves ?? [];
    let sum = 0;
    for (const { opens } of broad.slice(0, -1)) {
      sum += opens.traffic ?? 0;
      // The heaviest target alone is more than a wave may open; it stands by itself when it comes first.
      assert.ok(sum <= 0.45 * (16 / 18) + 0.01 || opens.targets === 1, JSON.stringify(broad));
    }
    assert.equal(broad.at(-1)?.targets, 8);
  });

  it('law 16: what goes by traffic that nobody has heard of is refused', async () => {
    await apply(...documents({ largestStep: { traffic: '50%' } }));
    const [source] = documents();
    assert.ok(source !== undefined);
    await apply({ ...source, spec: { ...source.spec, traffic: { label: 'weight' } } });
    const { refusals, warnings } = await plan();
    assert.deepEqual(
      refusals.map(({ code, remedy }) => [code, remedy]),
      [['traffic-unknown', 'give targets the label "weight" with a number']],
    );
    assert.ok(warnings.some(({ code }) => code === 'traffic-unknown'));
  });

  it('while it moves, what is exposed now, and what would be if it were promoted', async () => {
    await informed();
    assert.equal((await api.call({ method: 'POST', path: '/v1/rollouts', body: { change: 'blue' } })).status, 201);
    const first = await until('the canaries', async () => {
      const now = await view();
      return now.rollout.holds.some(({ reason }) => reason === 'awaiting-promotion') ? now : undefined;
    });
    assert.equal(first.blast.now.targets, 2);
    near(first.blast.now.traffic, CANARIES);
    assert.equal(first.blast.promoted?.stage, 'broad');
    assert.equal(first.blast.promoted?.reach.targets, 10);
    assert.deepEqual(
      first.blast.dependents.map(({ service: name }) => name),
      ['checkout', 'mail'],
    );
    await api.call({ method: 'POST', path: '/v1/rollouts/shop-1/promote' });
    const last = await until('the end', async () => {
      const now = await view();
      return now.rollout.phase === 'completed' ? now : undefined;
    });
    assert.deepEqual([last.blast.now.targets, last.blast.promoted], [10, null]);
  });

  it('a catalogue brings dependents that nothing is registered of, replaces what it said before, and is forgotten', async () => {
    await apply(
      catalog({
        reports: { dependsOn: ['mail'] },
        'api:orders': { standsFor: ['shop'] },
        bi: { dependsOn: ['api:orders'] },
      }),
    );
    assert.deepEqual(
      (await plan()).blast.dependents.map(({ service: name, distance, registered }) => [name, distance, registered]),
      [
        ['bi', 1, false],
        ['checkout', 1, true],
        ['mail', 2, true],
        ['reports', 3, false],
      ],
    );
    const shop = (await api.call({ path: '/v1/services/shop' })).body as ServiceView;
    assert.deepEqual(shop.neededBy, ['bi', 'checkout']);
    assert.equal(shop.dependents.length, 4);
    const mail = (await api.call({ path: '/v1/services/mail' })).body as ServiceView;
    assert.deepEqual(
      mail.dependencies.map(({ service: name, distance }) => `${name} ${distance}`),
      ['checkout 1', 'shop 2'],
    );
    assert.equal((await api.call({ path: '/v1/services/bi' })).status, 404, 'nothing can be rolled out to it');

    await apply(catalog({ reports: { dependsOn: ['shop'] } }));
    assert.deepEqual(
      (await plan()).blast.dependents.map(({ service: name, distance }) => `${name} ${distance}`),
      ['checkout 1', 'reports 1', 'mail 2'],
    );
    const other = await api.call({ method: 'POST', path: '/v1/manifests', body: { documents: [catalog({ x: {} })] } });
    assert.equal((other.body as { code: string }).code, 'name-taken', other.text);

    assert.equal((await api.call({ method: 'DELETE', path: '/v1/catalogs/reports-catalog-info' })).status, 204);
    assert.equal((await api.call({ method: 'DELETE', path: '/v1/catalogs/reports-catalog-info' })).status, 404);
    assert.equal((await plan()).blast.dependents.length, 2);
    const { items } = (await api.call({ path: '/v1/catalogs' })).body as { items: object[] };
    assert.deepEqual(items, []);
  });

  it('law 13: neighbours that only a catalogue knows of change one after the other too', async () => {
    await apply(...rates(), catalog({ shop: { dependsOn: ['rates'] } }));
    assert.equal((await api.call({ method: 'POST', path: '/v1/rollouts', body: { change: 'blue' } })).status, 201);
    const { body } = await api.call({ method: 'POST', path: '/v1/plans', body: { change: 'new-rates' } });
    const says = (body as PlanBody).refusals.map((refusal) => `${refusal.code}: ${refusal.says}`).join('\n');
    assert.match(says, /rollout-in-progress: shop-1 \(blue\) is \w+, and "shop" depends on "rates"/);
  });
});

/** A second service with all it takes to plan a change of it. */
function rates(): Document[] {
  const renamed = JSON.stringify(shopManifests(CONTENT, 'new-rates')).replaceAll('"shop"', '"rates"');
  return JSON.parse(renamed) as Document[];
}
