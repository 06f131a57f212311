import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { stringify } from 'yaml';
import type { CheckSpec } from '../../core/analysis/checkSpec.ts';
import type { Margin } from '../../core/analysis/margin.ts';
import type { DurationMs } from '../../core/kernel/instant.ts';
import type { Pipeline, Stage, WaveSize } from '../../core/policy/pipeline.ts';
import type { Service } from '../../core/topology/service.ts';
import type { AgentReload, AgentSpec } from './agent.ts';
import type { ChangeManifest, SlotContent } from './change.ts';
import { parseManifests } from './parseManifests.ts';
import { parseManifestValue } from './parseManifestValue.ts';
import type { ConfigSlot } from './slot/configSlot.ts';

const API = 'ringfence.dev/v1';

// Manifests are written here from what they mean, independently of how they are read.

const span = (ms: DurationMs) =>
  fc.sample(fc.constantFrom(`${ms}ms`, ...(ms % 1000 === 0 ? [`${ms / 1000}s`] : [])), 1)[0];
const names = fc.stringMatching(/^[a-z][a-z0-9]{0,8}(?:-[a-z0-9]{1,8})?$/);
const slotNames = names.map((name) => `config/${name}`);
const spans = fc.integer({ min: 1, max: 86_400_000 });
const labelValues = fc.stringMatching(/^[A-Za-z0-9._:/-]{1,20}$/);
const distinctNames = (minLength: number) => fc.uniqueArray(names, { minLength, maxLength: 4 });
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const perSlot = <T>(value: fc.Arbitrary<T>) => fc.dictionary(slotNames, value, { minKeys: 1, maxKeys: 3 });
const unlessNull = <T>(value: T | null, write: (value: T) => object) => (value === null ? {} : write(value));

const services: fc.Arbitrary<Service> = distinctNames(1).chain((roles) =>
  fc.record({
    name: fc.constant('a-service'),
    roles: fc.constant(roles),
    slots: perSlot(
      fc.record({
        roles: fc.subarray(roles, { minLength: 1 }),
        schema: optional(fc.constantFrom({ type: 'object' }, { properties: { a: { enum: [1, 'two', null] } } }, {})),
        maxBytes: fc.integer({ min: 1, max: 16 * 1024 * 1024 }),
      }),
    ),
    metrics: fc.dictionary(
      names,
      fc.record({ counter: fc.constantFrom('a_total', 'a:b{c="d",e=~"5..|\\"x"}', 'x{}') }),
      { maxKeys: 3 },
    ),
    dependsOn: distinctNames(0),
  }),
);

function serviceSpec({ roles, slots, metrics, dependsOn }: Service) {
  const written = Object.entries(slots).map(([slot, { schema, ...rest }]) => [
    slot,
    { ...rest, ...unlessNull(schema, () => ({ schema })) },
  ]);
  return {
    roles: Object.fromEntries(roles.map((role) => [role, {}])),
    slots: Object.fromEntries(written),
    metrics,
    ...(dependsOn.length > 0 && { dependsOn }),
  };
}

const waves: fc.Arbitrary<readonly WaveSize[]> = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: 1, max: 500 }), { maxLength: 3 }),
    fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 3 }),
    fc.uniqueArray(fc.integer({ min: 1, max: 100 }), { maxLength: 2 }),
  )
  .map(([counts, percents, traffic]) => [
    ...counts.sort((a, b) => a - b).map((count) => ({ count })),
    ...percents.sort((a, b) => a - b).map((percent) => ({ share: percent / 100 })),
    ...traffic.sort((a, b) => a - b).map((percent) => ({ traffic: percent / 100 })),
    { share: 1 },
  ]);

const stages: fc.Arbitrary<Stage> = fc.record({
  name: names,
  targets: fc.dictionary(names, fc.uniqueArray(labelValues, { minLength: 1, maxLength: 3 }), {
    maxKeys: 2,
    noNullPrototype: true,
  }),
  waves,
  bake: fc.record({
    minimumMs: spans,
    exposure: optional(fc.record({ metric: names, atLeast: fc.integer({ min: 1, max: 1e9 }) })),
    deadlineMs: spans.map((ms) => ms + 86_400_000),
  }),
  applyDeadlineMs: spans,
  tolerateFailures: fc.nat({ max: 1000 }),
  promote: fc.constantFrom('auto', 'manual'),
});

const proportions = fc.integer({ min: 1, max: 999 }).map((thousandths) => thousandths / 1000);

const margins: fc.Arbitrary<Margin> = fc.oneof(
  proportions.map((absolute) => ({ absolute })),
  proportions.map((relative) => ({ relative })),
  fc.record({ relative: proportions, absolute: proportions }),
);
const everyCheck = { name: names, effect: fc.constantFrom('guardrail' as const, 'signal' as const), margin: margins };
const worse = fc.constantFrom('higher' as const, 'lower' as const, 'either' as const);

const checks: fc.Arbitrary<CheckSpec> = fc.oneof(
  fc.record({
    ...everyCheck,
    kind: fc.constant('failureProportion' as const),
    failures: fc.constant('failures'),
    total: fc.constant('requests'),
  }),
  fc.record({ ...everyCheck, kind: fc.constant('eventRate' as const), events: names, worse, of: names }),
  fc.record({ ...everyCheck, kind: fc.constant('mean' as const), metric: names, worse }),
  fc.record({ ...everyCheck, kind: fc.constant('quantile' as const), metric: names, quantile: proportions }),
  fc.record({ ...everyCheck, kind: fc.constant('health' as const), metric: names }),
  fc.record({
    name: names,
    effect: everyCheck.effect,
    kind: fc.constant('vanished' as const),
    events: names,
    atLeast: proportions,
  }),
);

const pipelines: fc.Arbitrary<Pipeline> = fc.record({
  name: fc.constant('a-pipeline'),
  service: names,
  stages: fc.uniqueArray(stages, { minLength: 1, maxLength: 4, selector: (stage) => stage.name }),
  checks: fc.uniqueArray(checks, { minLength: 1, maxLength: 6, selector: (check) => check.name }),
  rules: fc.uniqueArray(
    fc.record({
      name: names,
      before: fc.constantFrom('start' as const, 'stage' as const, 'wave' as const),
      require: fc.constantFrom('true', 'stage.shareOfTargets <= 0.5', 'time.weekday != "friday"'),
      says: fc.constant('it is too large'),
      timeZone: fc.constantFrom('UTC', 'Europe/Berlin'),
    }),
    { minLength: 1, maxLength: 3, selector: (rule) => rule.name },
  ),
  neighbours: fc.constantFrom('serialise' as const, 'tellApart' as const),
  errorBudget: proportions,
  missRate: proportions,
  windowMs: fc.integer({ min: 1, max: 3_600_000 }),
  rehearse: fc.boolean(),
  heldDeadlineMs: spans,
  pausedDeadlineMs: spans,
  evidenceValidMs: spans,
  rollbackDeadlineMs: spans,
});

function writtenWave(wave: WaveSize) {
  if ('count' in wave) return wave.count;
  return 'share' in wave ? `${Math.round(wave.share * 100)}%` : { traffic: `${Math.round(wave.traffic * 100)}%` };
}

function pipelineSpec({ service, stages, checks, rules, neighbours, errorBudget, rehearse, ...deadlines }: Pipeline) {
  return {
    service,
    errorBudget,
    rehearse,
    checks,
    rules,
    neighbours,
    ...(deadlines.missRate !== undefined && { missRate: deadlines.missRate }),
    ...(deadlines.windowMs !== undefined && { window: span(deadlines.windowMs) }),
    stages: stages.map(({ targets, waves, bake, applyDeadlineMs, ...rest }) => ({
      ...rest,
      targets: Object.fromEntries(
        Object.entries(targets).map(([label, values]) => [label, values.length === 1 ? values[0] : values]),
      ),
      waves: waves.map(writtenWave),
      bake: {
        minimum: span(bake.minimumMs),
        deadline: span(bake.deadlineMs),
        ...unlessNull(bake.exposure, (exposure) => ({ exposure })),
      },
      applyDeadline: span(applyDeadlineMs),
    })),
    deadlines: {
      held: span(deadlines.heldDeadlineMs),
      paused: span(deadlines.pausedDeadlineMs),
      rollback: span(deadlines.rollbackDeadlineMs),
      ...(deadlines.evidenceValidMs !== undefined && { evidence: span(deadlines.evidenceValidMs) }),
    },
  };
}

const changes: fc.Arbitrary<ChangeManifest> = fc.record({
  name: fc.constant('a-change'),
  service: names,
  roles: distinctNames(0),
  reason: fc.string({ minLength: 1, maxLength: 100 }).filter((text) => /\S/.test(text)),
  slots: perSlot<SlotContent>(
    fc.oneof(
      fc.record({ kind: fc.constant('file' as const), file: fc.constantFrom('./a.json', '/b', 'c d') }),
      fc.record({ kind: fc.constant('text' as const), text: fc.string() }),
      fc.record({
        kind: fc.constant('bytes' as const),
        base64: fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64')),
      }),
    ),
  ),
});

const CONTENT_FIELD = { file: 'file', text: 'content', bytes: 'base64' } as const;

function changeSpec({ service, roles, reason, slots }: ChangeManifest) {
  const written = Object.entries(slots).map(([slot, { kind, ...content }]) => [
    slot,
    { [CONTENT_FIELD[kind]]: Object.values(content)[0] },
  ]);
  return { service, reason, ...(roles.length > 0 && { roles }), slots: Object.fromEntries(written) };
}

const urls = fc.constantFrom('http://127.0.0.1:8080/a', 'https://example.test/b?c=d');
const commands = fc.array(fc.string({ minLength: 1, maxLength: 10 }), { minLength: 1, maxLength: 3 });

const publicKey = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'));

const reloads: fc.Arbitrary<AgentReload> = fc.oneof(
  fc.record({
    kind: fc.constant('signal' as const),
    signal: fc.constantFrom('SIGHUP' as const, 'SIGUSR1' as const),
    pidFile: fc.constant('./pid'),
  }),
  fc.record({ kind: fc.constant('command' as const), command: commands, timeoutMs: spans }),
  fc.record({
    kind: fc.constant('http' as const),
    url: urls,
    method: fc.constantFrom('POST' as const, 'PUT' as const),
    timeoutMs: spans,
  }),
);

/** Its slots are files; other kinds have tests of their own. */
type FileAgent = AgentSpec & { readonly slots: Readonly<Record<string, ConfigSlot>> };

const agents: fc.Arbitrary<FileAgent> = fc.record({
  name: fc.constant('an-agent'),
  server: fc.constantFrom('ws://127.0.0.1:4320/v1/opamp', 'https://example.test/v1/opamp'),
  tokenFile: fc.constant('./agent.token'),
  directory: fc.constant('./state'),
  service: names,
  role: optional(names),
  labels: fc.dictionary(names, labelValues, { maxKeys: 3 }),
  slots: perSlot(
    fc.record({
      kind: fc.constant('config' as const),
      file: fc.uuid(),
      mode: optional(fc.nat({ max: 0o777 })),
      owner: optional(fc.record({ user: fc.constantFrom('root', '33'), group: fc.constantFrom('www-data', '0') })),
      validate: optional(fc.record({ command: fc.constant(['nginx', '-t', '-c', '{file}']), timeoutMs: spans })),
      reload: optional(reloads),
      restart: optional(reloads),
      verify: optional(
        fc.record({
          kind: fc.constant('http' as const),
          url: urls,
          sha256Field: fc.constantFrom('digest', 'a.b'),
          withinMs: spans,
        }),
      ),
      watchForMs: spans,
    }),
  ),
  trust: fc.record({ keys: fc.array(publicKey, { maxLength: 2 }), keysFile: optional(fc.constant('./keys')) }),
  guard: fc.record({ neverFirst: fc.boolean() }),
  checks: fc.uniqueArray(
    fc.record({
      name: names,
      probe: fc.oneof(
        fc.record({ kind: fc.constant('http' as const), url: urls, status: fc.integer({ min: 100, max: 599 }) }),
        fc.record({
          kind: fc.constant('tcp' as const),
          host: fc.constantFrom('127.0.0.1', '::1'),
          port: fc.integer({ min: 1, max: 65535 }),
        }),
        fc.record({ kind: fc.constant('exec' as const), command: commands }),
      ),
      everyMs: spans,
      timeoutMs: spans,
      failures: fc.integer({ min: 1, max: 1000 }),
    }),
    { maxLength: 3, selector: (check) => check.name },
  ),
  metrics: optional(fc.record({ url: urls, everyMs: spans })),
});

function agentSpec({ name: _, role, slots, checks, metrics, trust, ...rest }: FileAgent) {
  const writtenSlots = Object.entries(slots).map(
    ([slot, { file, mode, owner, validate, reload, restart, verify, watchForMs }]) => [
      slot,
      {
        file,
        ...unlessNull(owner, ({ user, group }) => ({ owner: `${user}:${group}` })),
        ...unlessNull(validate, ({ command, timeoutMs }) => ({ validate: { command, timeout: span(timeoutMs) } })),
        ...unlessNull(mode, (bits) => ({ mode: `0${bits.toString(8).padStart(3, '0')}` })),
        ...unlessNull(reload, (how) => ({ reload: reloadSpec(how) })),
        ...unlessNull(restart, (how) => ({ restart: reloadSpec(how) })),
        ...unlessNull(verify, ({ url, sha256Field, withinMs }) => ({
          verify: { http: { url, sha256Field }, within: span(withinMs) },
        })),
        watchFor: span(watchForMs),
      },
    ],
  );
  const writtenChecks = checks.map(({ name, probe: { kind, ...probe }, everyMs, timeoutMs, failures }) => ({
    name,
    [kind]: probe,
    every: span(everyMs),
    timeout: span(timeoutMs),
    failures,
  }));
  return {
    ...rest,
    ...unlessNull(role, () => ({ role })),
    trust: {
      ...(trust.keys.length > 0 && { keys: trust.keys }),
      ...unlessNull(trust.keysFile, (keysFile) => ({ keysFile })),
    },
    slots: Object.fromEntries(writtenSlots),
    ...(checks.length > 0 && { checks: writtenChecks }),
    ...unlessNull(metrics, ({ url, everyMs }) => ({ metrics: { url, every: span(everyMs) } })),
  };
}

function reloadSpec(reload: NonNullable<ConfigSlot['reload']>) {
  if (reload.kind === 'signal') return { signal: reload.signal, pidFile: reload.pidFile };
  const timeout = span(reload.timeoutMs);
  return reload.kind === 'command'
    ? { command: reload.command, timeout }
    : { http: { url: reload.url, method: reload.method }, timeout };
}

describe('what a manifest means survives being written and read, as JSON and as YAML', () => {
  function roundTrip<Meaning extends { readonly name: string }>(
    kind: string,
    field: string,
    meanings: fc.Arbitrary<Meaning>,
    spec: (meaning: Meaning) => object,
  ) {
    test(kind, () => {
      fc.assert(
        fc.property(meanings, (made) => {
          // fast-check's records have no prototype; ours are ordinary objects.
          const meaning: Meaning = JSON.parse(JSON.stringify(made));
          const value = { apiVersion: API, kind, metadata: { name: meaning.name }, spec: spec(meaning) };
          const wanted = { kind, name: meaning.name, [field]: meaning };
          const fromJson = parseManifestValue(value);
          assert.deepEqual(fromJson, { ok: true, value: { ...wanted, position: null } });
          // The second copy must be a document of its own: what is the same object twice would be written as an alias.
          const fromYaml = parseManifests(stringify(JSON.parse(JSON.stringify(value))), 'f');
          assert.deepEqual(fromYaml, { ok: true, value: [{ ...wanted, position: { line: 1, column: 1 } }] });
        }),
        { numRuns: 300 },
      );
    });
  }
  roundTrip('Service', 'service', services, serviceSpec);
  roundTrip('Pipeline', 'pipeline', pipelines, pipelineSpec);
  roundTrip('Change', 'change', changes, changeSpec);
  roundTrip('Agent', 'agent', agents, agentSpec);
});

test('what is left out has the documented default', () => {
  const pipeline = parseManifestValue({
    apiVersion: API,
    kind: 'Pipeline',
    metadata: { name: 'shop' },
    spec: {
      service: 'shop',
      stages: [{ name: 'all', targets: {}, bake: { minimum: '1m' } }],
      checks: [
        { name: 'errors', kind: 'failureProportion', effect: 'signal', failures: 'bad', total: 'all', margin: 0.01 },
      ],
    },
  });
  assert.ok(pipeline.ok && pipeline.value.kind === 'Pipeline');
  const { stages, errorBudget, heldDeadlineMs, pausedDeadlineMs, rollbackDeadlineMs } = pipeline.value.pipeline;
  assert.deepEqual(
    [errorBudget, heldDeadlineMs, pausedDeadlineMs, rollbackDeadlineMs],
    [0.01, 86_400_000, 259_200_000, 600_000],
  );
  assert.deepEqual(stages[0], {
    name: 'all',
    targets: {},
    waves: [{ share: 1 }],
    bake: { minimumMs: 60_000, exposure: null, deadlineMs: 3_600_000 },
    applyDeadlineMs: 300_000,
    tolerateFailures: 0,
    promote: 'auto',
  });
  const service = parseManifestValue({
    apiVersion: API,
    kind: 'Service',
    metadata: { name: 'shop' },
    spec: { roles: { web: {}, api: {} }, slots: { 'config/shop': {} } },
  });
  assert.ok(service.ok && service.value.kind === 'Service');
  assert.deepEqual(service.value.service.slots['config/shop'], {
    roles: ['web', 'api'],
    schema: null,
    maxBytes: 1_048_576,
  });
});
