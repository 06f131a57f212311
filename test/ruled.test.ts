import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Pipeline } from '../src/core/policy/pipeline.ts';
import type { Target } from '../src/core/topology/target.ts';
import type { ControlPlane, ManifestInput } from '../src/engine/ports/controlPlane.ts';
import type { Store } from '../src/engine/ports/store.ts';
import { parseManifests } from '../src/wire/manifest/parseManifests.ts';
import { parseManifestValue } from '../src/wire/manifest/parseManifestValue.ts';
import { connectShopFleet, type ShopFleet, shopManifests, shopTargets } from './http/shopFleet.ts';
import { ManualClock } from './support/manualClock.ts';
import { openEngine } from './support/openEngine.ts';

/*
 * The rules of docs/guides/rules.md through the whole engine: its real store, signer and CEL, a clock that the test owns, and targets
 * that do as they are told.
 */

/** Thursday, 19 November 2026, 15:57 in Berlin: the first stage bakes until after four. */
const LATE_ON_THURSDAY = Date.UTC(2026, 10, 19, 14, 57);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const CONTENT = '{"colour":"blue"}';

describe('the rules of a pipeline, through the whole engine', () => {
  let directory = '';
  let store: Store;
  let clock: ManualClock;
  let plane: ControlPlane & { close(): Promise<void> };
  let fleet: ShopFleet;

  async function open(at: number, rules?: readonly string[]): Promise<void> {
    directory = await mkdtemp(join(tmpdir(), 'ringfence-ruled-'));
    clock = new ManualClock(at);
    ({ store, plane } = await openEngine(directory, clock));
    const applied = await plane.apply('token:author', await manifests(rules));
    assert.ok(applied.ok, JSON.stringify(applied));
    fleet = await connectShopFleet(plane);
  }
  beforeEach(() => {
    directory = '';
  });
  afterEach(async () => {
    fleet.stop();
    await plane.close();
    await store.close();
    await rm(directory, { recursive: true });
  });

  const rollout = () => plane.world().rollouts.get('shop-1');
  const says = () => plane.rolloutView('shop-1')?.says ?? '';

  async function until(what: string, probe: () => boolean): Promise<void> {
    for (let second = 0; second < 3_600; second++) {
      if (probe()) return;
      await clock.advance(1_000);
    }
    assert.fail(`${what} did not come: ${says()}`);
  }

  /** One target that nobody has touched says that it is well, or that it is not. */
  function lookAfter(name: string, healthy: boolean): void {
    const target = shopTargets().find((each) => each.name === name);
    const view = [...plane.targetViews()].find((each) => each.target.name === name);
    assert.ok(target !== undefined && view?.report);
    plane.fleet.report(target.uid, { ...view.report, checks: [{ name: 'disk', healthy, detail: '' }] });
  }

  it('office-hours: what has passed waits for the hours in which it may open, and keeps what it has proven', async () => {
    await open(LATE_ON_THURSDAY, ['office-hours']);
    assert.ok((await plane.start('token:operator', 'blue')).ok);
    await until('the hold', () => rollout()?.holds.includes('rule-refused') === true);
    assert.equal(rollout()?.phase, 'ready');
    assert.equal(rollout()?.evidence.length, 1);
    assert.match(
      says(),
      /held in "canary": rule "office-hours" refuses: a stage opens from Monday to Thursday, from 9 to 16/,
    );
    const raised = (await plane.log(0, 1_000)).find(
      ({ type, data }) => type === 'HoldRaised' && data.reason === 'rule-refused',
    );
    assert.match(String(raised?.data.says), /rule "office-hours" refuses/);
    assert.ok(clock.now() >= LATE_ON_THURSDAY + 4 * MINUTE);
    const promoted = await plane.promote('token:operator', 'shop-1');
    assert.ok(!promoted.ok && promoted.error.code === 'rule-refused', JSON.stringify(promoted));
    fleet.failOn(CONTENT);
    await until('the rollback', () => rollout()?.phase === 'rolledBack');
    assert.equal(rollout()?.rollback?.code, 'guardrail-failed', 'law 22: harm counts while a rule holds');
  });

  it('office-hours: on a Friday it is not even started, and the plan says why, stage by stage', async () => {
    await open(LATE_ON_THURSDAY + 18 * HOUR, ['office-hours']);
    const plan = plane.plan('blue', undefined, 'token:operator');
    assert.ok(plan.ok);
    assert.deepEqual(
      plan.value.rules.map(({ rule, stage, wave, outcome }) => `${rule} ${stage}.${wave} ${outcome}`),
      ['office-hours canary.1 refuses', 'office-hours broad.1 refuses'],
    );
    const started = await plane.start('token:operator', 'blue');
    assert.ok(!started.ok);
    assert.deepEqual(started.error, plan.value.refusals, 'the plan says the same');
    assert.deepEqual(
      started.error.map(({ code, says }) => [code, says.slice(0, 43)]),
      [['rule-refused', 'rule "office-hours" refuses: a stage opens ']],
    );
    assert.equal(plane.world().rollouts.size, 0);
  });

  it('four-eyes: its author does not start a change, somebody else does', async () => {
    await open(LATE_ON_THURSDAY, ['four-eyes']);
    const own = await plane.start('token:author', 'blue');
    assert.ok(!own.ok && own.error[0]?.code === 'rule-refused');
    const [asked, other] = [
      plane.plan('blue', undefined, 'token:author'),
      plane.plan('blue', undefined, 'token:operator'),
    ];
    assert.ok(asked.ok && asked.value.refusals.length === 1);
    assert.ok(other.ok && other.value.refusals.length === 0);
    assert.ok((await plane.start('token:operator', 'blue')).ok);
  });

  it('fleet-is-well: no wave opens while a target has trouble, and it goes on by itself when that is over', async () => {
    await open(LATE_ON_THURSDAY, ['fleet-is-well']);
    lookAfter('shop-3', false);
    const refused = await plane.start('token:operator', 'blue');
    assert.ok(!refused.ok && /fleet that has trouble/.test(refused.error[0]?.says ?? ''), JSON.stringify(refused));
    lookAfter('shop-3', true);
    assert.ok((await plane.start('token:operator', 'blue')).ok);
    await until('the bake', () => rollout()?.phase === 'baking');
    lookAfter('shop-3', false);
    await until('the hold', () => rollout()?.holds.includes('rule-refused') === true);
    fleet.quiet(true);
    const second = shopTargets()[1] as Target;
    plane.fleet.lost(second.uid);
    lookAfter('shop-3', true);
    await clock.advance(MINUTE);
    assert.match(says(), /fleet that has trouble/, 'two of three are not 95 %');
    await plane.fleet.introduce(second);
    await until('the next stage', () => rollout()?.stage === 1 && rollout()?.holds.length === 0);
    const back = await plane.rollback('token:operator', 'shop-1', 'enough');
    assert.ok(back.ok && back.value.phase === 'rollingBack', 'law 14: no rule stands in its way');
  });

  it('law 16: a pipeline with a rule that cannot work is refused whole, with the nearest name', async () => {
    await open(LATE_ON_THURSDAY);
    const [pipeline] = (await manifests(['four-eyes'])).filter((each) => each.kind === 'Pipeline');
    assert.ok(pipeline);
    const [rule] = pipeline.pipeline.rules ?? [];
    assert.ok(rule);
    const misspelt = { ...pipeline.pipeline, rules: [{ ...rule, require: 'stage.shareOfTarget <= 0.5' }] };
    const refused = await plane.apply('token:author', [{ kind: 'Pipeline', pipeline: misspelt }]);
    assert.ok(!refused.ok);
    assert.deepEqual(refused.error, [
      {
        code: 'rule-invalid',
        says: 'rule "four-eyes" of pipeline "shop": column 6: stage has no field "shareOfTarget"',
        remedy: 'did you mean "shareOfTargets"?',
      },
    ]);
    assert.equal(plane.world().pipelines.get('shop')?.rules, undefined);
  });

  it('law 19: what is on the record is what was applied, and a rollout keeps the rules it was started with', async () => {
    await open(LATE_ON_THURSDAY, ['four-eyes', 'office-hours', 'fleet-is-well']);
    const recorded = plane.world().pipelines.get('shop')?.rules;
    assert.deepEqual(
      recorded?.map(({ name, before, timeZone }) => [name, before, timeZone]),
      [
        ['four-eyes', 'start', 'UTC'],
        ['office-hours', 'stage', 'Europe/Berlin'],
        ['fleet-is-well', 'wave', 'UTC'],
      ],
    );
    assert.ok((await plane.start('token:operator', 'blue')).ok);
    assert.ok((await plane.apply('token:author', await manifests())).ok);
    assert.equal(plane.world().pipelines.get('shop')?.rules, undefined);
    assert.deepEqual(rollout()?.pipeline.rules, recorded);
  });
});

/** The shop and its change, with the pipeline of the guide and these of its rules. */
async function manifests(names: readonly string[] = []): Promise<readonly ManifestInput[]> {
  const [service, , change] = shopManifests(CONTENT).map((document) => {
    const read = parseManifestValue(document);
    assert.ok(read.ok, JSON.stringify(read));
    return read.value;
  });
  assert.ok(service?.kind === 'Service' && change?.kind === 'Change');
  const { rules = [], ...rest } = await guidesPipeline();
  const chosen = rules.filter(({ name }) => names.includes(name));
  assert.equal(chosen.length, names.length);
  const pipeline: Pipeline = { ...rest, ...(chosen.length === 0 ? {} : { rules: chosen }), rehearse: false };
  const { name, roles, reason } = change.change;
  const slots = { 'config/shop': Buffer.from(CONTENT) };
  return [
    { kind: 'Service', service: service.service },
    { kind: 'Pipeline', pipeline },
    { kind: 'Change', change: { name, service: 'shop', roles, reason, slots } },
  ];
}

async function guidesPipeline(): Promise<Pipeline> {
  const guide = await readFile(new URL('../docs/guides/rules.md', import.meta.url), 'utf8');
  const text = /```yaml\n(.*?)```/s.exec(guide)?.[1] ?? '';
  const read = parseManifests(text, 'rules.md');
  assert.ok(read.ok, JSON.stringify(read));
  const [only] = read.value;
  assert.ok(only?.kind === 'Pipeline');
  return only.pipeline;
}
