import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { MANIFEST_KINDS } from './manifestKinds.ts';
import type { ManifestProblem } from './manifestProblem.ts';
import { MAX_DOCUMENTS, MAX_MANIFEST_BYTES, parseManifests } from './parseManifests.ts';

const KINDS = Object.keys(MANIFEST_KINDS).join(', ');

const SERVICE = `apiVersion: ringfence.dev/v1
kind: Service
metadata: { name: shop }
spec:
  roles: { web: {}, api: {} }
  dependsOn: [payments]
  slots:
    config/shop:
      roles: [web]
      schema: { type: object }
      maxBytes: 4096
  metrics:
    requests: { counter: shop_requests_total }
`;

const PIPELINE = `apiVersion: ringfence.dev/v1
kind: Pipeline
metadata: { name: shop }
spec:
  service: shop
  errorBudget: 0.01
  stages:
    - name: canary
      targets: { ring: canary }
      bake: { minimum: 5s, exposure: { metric: requests, atLeast: 200 }, deadline: 10m }
    - name: broad
      targets: { ring: [pilot, broad] }
      waves: [1, 50%, 100%]
      bake:
        minimum: 5s
      promote: manual
  checks:
    - { name: errors, kind: failureProportion, effect: guardrail, failures: failures, total: requests, margin: 0.02 }
    - { name: slow, kind: failureProportion, effect: signal, failures: slow, total: requests, margin: 0.02 }
`;

const CHANGE = `apiVersion: ringfence.dev/v1
kind: Change
metadata: { name: faster-search }
spec:
  service: shop
  reason: customers wait
  slots:
    config/shop: { file: ./shop.json }
`;

const AGENT = `apiVersion: ringfence.dev/v1
kind: Agent
metadata: { name: shop-eu-1 }
spec:
  server: ws://127.0.0.1:4320/v1/opamp
  tokenFile: ./agent.token
  directory: ./state
  service: shop
  role: api
  labels: { ring: canary }
  slots:
    config/shop:
      file: ./shop.json
      mode: "0644"
      reload: { signal: SIGHUP, pidFile: ./shop.pid }
      verify: { http: { url: http://127.0.0.1:8080/config, sha256Field: digest }, within: 10s }
    config/other: { file: ./other.json, reload: { command: [kill, -HUP], timeout: 5s } }
  checks:
    - { name: alive, http: { url: http://127.0.0.1:8080/health }, every: 5s }
    - { name: open, tcp: { host: 127.0.0.1, port: 8080 } }
  metrics: { url: http://127.0.0.1:8080/metrics, every: 1s }
`;

interface Case {
  /** A valid manifest, what is replaced in it, and by what. `«` stands where the mistake must be shown. */
  readonly edit: readonly [manifest: string, from: string, to: string];
  readonly path: string;
  readonly found: string;
  readonly expected: string | RegExp;
  readonly meant?: string;
  readonly why: string;
}

const DURATION = /^a duration such as/;

// biome-ignore format: a table
const CASES: readonly Case[] = [
  { edit: [SERVICE, 'apiVersion: ringfence.dev/v1', 'apiVersion: «ringfence.dev/v2'], path: 'apiVersion', found: 'the text "ringfence.dev/v2"', expected: 'ringfence.dev/v1', meant: 'ringfence.dev/v1', why: 'a version of a later Ringfence' },
  { edit: [SERVICE, 'apiVersion: ringfence.dev/v1\nkind', '«kind'], path: 'apiVersion', found: 'nothing', expected: 'ringfence.dev/v1', why: 'what is missing at the top is shown at the top' },
  { edit: [SERVICE, 'kind: Service', 'kind: «service'], path: 'kind', found: 'the text "service"', expected: `one of: ${KINDS}`, meant: 'Service', why: 'kinds have a capital' },
  { edit: [SERVICE, 'kind: Service', 'kind: «5'], path: 'kind', found: 'the number 5', expected: `one of: ${KINDS}`, why: 'a kind that is no text' },
  { edit: [SERVICE, SERVICE, '«just a text'], path: '', found: 'the text "just a text"', expected: /^a mapping with apiVersion/, why: 'a document that is no mapping' },
  { edit: [SERVICE, 'metadata: { name: shop }', 'metadata: «{}'], path: 'metadata.name', found: 'nothing', expected: /^a name of at most/, why: 'missing inside an inline mapping' },
  { edit: [SERVICE, 'name: shop', 'name: «Shop'], path: 'metadata.name', found: 'the text "Shop"', expected: /^a name of at most/, why: 'names go into URLs and host names' },
  { edit: [SERVICE, 'name: shop', 'name: «12'], path: 'metadata.name', found: 'the number 12', expected: /^a name of at most/, why: 'YAML reads digits as a number' },
  { edit: [SERVICE, 'name: shop', 'name: «constructor'], path: 'metadata.name', found: 'the text "constructor"', expected: /reserved by JavaScript$/, why: 'a look-up of it would find something in every object' },
  { edit: [SERVICE, '  dependsOn:', '  «dependOn:'], path: 'spec.dependOn', found: 'the unknown field "dependOn"', expected: /^one of: roles, dependsOn, asynchronousPath, traffic, capacity, slots/, meant: 'dependsOn', why: 'an unknown field is never passed over' },
  { edit: [SERVICE, 'dependsOn: [payments]', 'dependsOn: [«shop]'], path: 'spec.dependsOn[0]', found: 'the text "shop"', expected: 'another service than this one', why: 'a service does not depend on itself' },
  { edit: [SERVICE, '[payments]', '[payments, «payments]'], path: 'spec.dependsOn[1]', found: 'the text "payments"', expected: 'a service that is not at [0] already', why: 'each dependency once' },
  { edit: [SERVICE, 'roles: { web: {}, api: {} }', 'roles: «{}'], path: 'spec.roles', found: 'an empty mapping', expected: /^a mapping of one role or more/, why: 'a service has a role' },
  { edit: [SERVICE, 'roles: { web: {}, api: {} }', 'roles: «[web, api]'], path: 'spec.roles', found: 'a list of 2', expected: /^a mapping of one role or more/, why: 'a list where a mapping belongs' },
  { edit: [SERVICE, 'roles: [web]', 'roles: [«wbe]'], path: 'spec.slots["config/shop"].roles[0]', found: 'the text "wbe"', expected: 'one of the roles in spec.roles: web, api', meant: 'web', why: 'an unknown role in a slot' },
  { edit: [SERVICE, 'roles: [web]', 'roles: «[]'], path: 'spec.slots["config/shop"].roles', found: 'an empty list', expected: 'a list of roles', why: 'left out is every role; empty would be none' },
  { edit: [SERVICE, 'config/shop:', '«confg/shop:'], path: 'spec.slots["confg/shop"]', found: 'the name "confg/shop"', expected: /^a slot whose kind of change is one of: config/, meant: 'config', why: 'an unknown kind of change' },
  { edit: [SERVICE, 'config/shop:', '«shop:'], path: 'spec.slots.shop', found: 'the name "shop"', expected: /^a slot such as config\/shop/, why: 'a slot without a kind' },
  { edit: [SERVICE, 'maxBytes: 4096', 'maxBytes: «16777217'], path: 'spec.slots["config/shop"].maxBytes', found: 'the number 16777217', expected: 'a whole number from 1 to 16777216', why: 'more than 16 MiB' },
  { edit: [SERVICE, 'maxBytes: 4096', 'maxBytes: «4k'], path: 'spec.slots["config/shop"].maxBytes', found: 'the text "4k"', expected: 'a whole number from 1 to 16777216', why: 'the wrong type' },
  { edit: [SERVICE, 'maxBytes: 4096', 'maxBytes: «.nan'], path: 'spec.slots["config/shop"].maxBytes', found: 'the number NaN', expected: 'a finite number', why: 'JSON has no such number' },
  { edit: [SERVICE, '{ type: object }', '{ type: «objct }'], path: 'spec.slots["config/shop"].schema.type', found: 'the text "objct"', expected: /^one of: array, boolean/, meant: 'object', why: 'a schema that is no JSON Schema' },
  { edit: [SERVICE, '{ type: object }', '{ $schema: «http://json-schema.org/draft-07/schema#, type: object }'], path: 'spec.slots["config/shop"].schema["$schema"]', found: 'the text "http://json-schema.org/draft-07/schema#,"'.replace(',"', '"'), expected: 'https://json-schema.org/draft/2020-12/schema', why: 'another dialect than the one that is checked with' },
  { edit: [SERVICE, 'counter: shop_requests_total', 'counter: «shop requests'], path: 'spec.metrics.requests.counter', found: 'the text "shop requests"', expected: /^a counter with optional matchers/, why: 'not what Prometheus can expose' },
  { edit: [SERVICE, 'counter: shop_requests_total', `counter: «'shop_requests_total{code="5'`], path: 'spec.metrics.requests.counter', found: 'the text "shop_requests_total{code=\\"5"', expected: /^a counter with optional matchers/, why: 'matchers that do not end' },
  { edit: [SERVICE, '    requests: {', '    «9lives: {'], path: 'spec.metrics["9lives"]', found: 'the name "9lives"', expected: /starts with a letter/, why: 'a metric by a bad name' },

  { edit: [PIPELINE, 'errorBudget: 0.01', 'errorBudget: «1'], path: 'spec.errorBudget', found: 'the number 1', expected: /^a number above 0 and below 1/, why: 'a budget of everything' },
  { edit: [PIPELINE, 'errorBudget: 0.01', 'errorBudget: «1%'], path: 'spec.errorBudget', found: 'the text "1%"', expected: /^a number above 0 and below 1/, why: 'a probability is no percentage' },
  { edit: [PIPELINE, '      bake:\n        minimum: 5s\n', ''], path: 'spec.stages[1].bake', found: 'nothing', expected: /^a mapping with minimum/, why: 'a stage without a bake, shown at the stage' },
  { edit: [PIPELINE, '        minimum: 5s', '        «minimm: 5s'], path: 'spec.stages[1].bake.minimm', found: 'the unknown field "minimm"', expected: 'one of: minimum, exposure, deadline, peak', meant: 'minimum', why: 'a misspelt field' },
  { edit: [PIPELINE, '        minimum: 5s', '        minimum: «5 sec'], path: 'spec.stages[1].bake.minimum', found: 'the text "5 sec"', expected: DURATION, why: 'a bad duration' },
  { edit: [PIPELINE, '        minimum: 5s', '        minimum: «5'], path: 'spec.stages[1].bake.minimum', found: 'the number 5', expected: DURATION, why: 'a span without its unit' },
  { edit: [PIPELINE, '        minimum: 5s', '        minimum: «0s'], path: 'spec.stages[1].bake.minimum', found: 'the text "0s"', expected: /from 1ms to 366d$/, why: 'law 4: a bake takes time' },
  { edit: [PIPELINE, '        minimum: 5s', '        minimum: «367d'], path: 'spec.stages[1].bake.minimum', found: 'the text "367d"', expected: /from 1ms to 366d$/, why: 'longer than a rollout may ever wait' },
  { edit: [PIPELINE, '        minimum: 5s', '        «minimum:'], path: 'spec.stages[1].bake.minimum', found: 'nothing (null)', expected: DURATION, why: 'a name with nothing after it is shown at the name' },
  { edit: [PIPELINE, 'deadline: 10m', 'deadline: «5s'], path: 'spec.stages[0].bake.deadline', found: 'the text "5s"', expected: /longer than minimum/, why: 'the deadline would always come first' },
  { edit: [PIPELINE, ', atLeast: 200', ''], path: 'spec.stages[0].bake.exposure.atLeast', found: 'nothing', expected: /^a whole number/, why: 'an exposure without a figure' },
  { edit: [PIPELINE, '[1, 50%, 100%]', '«[]'], path: 'spec.stages[1].waves', found: 'an empty list', expected: /^a list of waves/, why: 'an empty list' },
  { edit: [PIPELINE, '[1, 50%, 100%]', '[1, «fifty, 100%]'], path: 'spec.stages[1].waves[1]', found: 'the text "fifty"', expected: /^a number of targets such as 1, a share such as 50%, or/, why: 'a bad percentage' },
  { edit: [PIPELINE, '[1, 50%, 100%]', '[1, «101%]'], path: 'spec.stages[1].waves[1]', found: 'the text "101%"', expected: /^a number of targets/, why: 'more than all' },
  { edit: [PIPELINE, '[1, 50%, 100%]', '[«0%, 100%]'], path: 'spec.stages[1].waves[0]', found: 'the text "0%"', expected: /^a number of targets/, why: 'a wave of nobody' },
  { edit: [PIPELINE, '[1, 50%, 100%]', '[«0, 100%]'], path: 'spec.stages[1].waves[0]', found: 'the number 0', expected: /^a number of targets/, why: 'a wave of nobody, counted' },
  { edit: [PIPELINE, '[1, 50%, 100%]', '[«0.5, 100%]'], path: 'spec.stages[1].waves[0]', found: 'the number 0.5', expected: /^a number of targets/, why: 'half a target; a share is written 50%' },
  { edit: [PIPELINE, '[1, 50%, 100%]', '[50%, «50%, 100%]'], path: 'spec.stages[1].waves[1]', found: 'the text "50%"', expected: /^a wave larger than the one of its kind before/, why: 'a wave that opens nobody' },
  { edit: [PIPELINE, '[1, 50%, 100%]', '[3, «2, 100%]'], path: 'spec.stages[1].waves[1]', found: 'the number 2', expected: /^a wave larger than the one of its kind before/, why: 'waves that shrink' },
  { edit: [PIPELINE, '[1, 50%, 100%]', '[50%, «5, 100%]'], path: 'spec.stages[1].waves[1]', found: 'the number 5', expected: /numbers of targets first/, why: 'which is larger depends on the fleet' },
  { edit: [PIPELINE, '[1, 50%, 100%]', '[1, «50%]'], path: 'spec.stages[1].waves[1]', found: 'the text "50%"', expected: /^100% as the last wave/, why: 'a stage ends with all of its targets' },
  { edit: [PIPELINE, 'name: broad', 'name: «canary'], path: 'spec.stages[1].name', found: 'the text "canary"', expected: 'a name that is not at [0] already', why: 'two stages by one name' },
  { edit: [PIPELINE, '[pilot, broad]', '«[]'], path: 'spec.stages[1].targets.ring', found: 'an empty list', expected: 'a list of values', why: 'a selector that can match nobody' },
  { edit: [PIPELINE, '[pilot, broad]', '[pilot, «true]'], path: 'spec.stages[1].targets.ring[1]', found: 'true', expected: /put numbers and true or false in quotes/, why: 'labels are text' },
  { edit: [PIPELINE, 'promote: manual', 'promote: «maual'], path: 'spec.stages[1].promote', found: 'the text "maual"', expected: 'one of: auto, manual', meant: 'manual', why: 'a misspelt word' },
  { edit: [PIPELINE, 'name: errors, kind: failureProportion', 'name: errors, kind: «failureProportoin'], path: 'spec.checks[0].kind', found: 'the text "failureProportoin"', expected: 'one of: failureProportion, eventRate, mean, quantile, health, vanished', meant: 'failureProportion', why: 'an unknown kind of check' },
  { edit: [PIPELINE, '{ name: errors, kind: failureProportion,', '«{ name: errors,'], path: 'spec.checks[0].kind', found: 'nothing', expected: 'one of: failureProportion, eventRate, mean, quantile, health, vanished', why: 'a check without a kind' },
  { edit: [PIPELINE, 'effect: guardrail', 'effect: «guardrial'], path: 'spec.checks[0].effect', found: 'the text "guardrial"', expected: 'one of: guardrail, signal', meant: 'guardrail', why: 'an unknown effect' },
  { edit: [PIPELINE, 'failures: slow, total: requests', 'failures: slow, total: «slow'], path: 'spec.checks[1].total', found: 'the text "slow"', expected: 'another metric than failures', why: 'such a share is always 1' },
  { edit: [PIPELINE, ', margin: 0.02 }\n    - { name: slow', ', margin: «{} }\n    - { name: slow'], path: 'spec.checks[0].margin', found: 'an empty mapping', expected: 'a number in the unit of the metric, or a mapping with relative and absolute, such as { relative: 0.1 }', why: 'without a margin nothing could pass' },
  { edit: [PIPELINE, 'name: slow,', 'name: «errors,'], path: 'spec.checks[1].name', found: 'the text "errors"', expected: 'a name that is not at [0] already', why: 'two checks by one name' },

  { edit: [CHANGE, '{ file: ./shop.json }', '«{ file: ./shop.json, content: x }'], path: 'spec.slots["config/shop"]', found: 'file and content', expected: 'exactly one of file, content, base64', why: 'two contents for one slot' },
  { edit: [CHANGE, '{ file: ./shop.json }', '«{}'], path: 'spec.slots["config/shop"]', found: 'none of them', expected: 'exactly one of file, content, base64', why: 'no content' },
  { edit: [CHANGE, '{ file: ./shop.json }', '{ base64: «a }'], path: 'spec.slots["config/shop"].base64', found: 'the text "a"', expected: 'the bytes in base64', why: 'half a byte' },
  { edit: [CHANGE, 'reason: customers wait', 'reason: «" "'], path: 'spec.reason', found: 'the text " "', expected: /^why this is done/, why: 'law 19: everything has a reason' },
  { edit: [CHANGE, '  service: shop\n', '  service: shop\n  «roles:\n'], path: 'spec.roles', found: 'nothing (null)', expected: 'a list of roles', why: 'a name with nothing after it is not the same as left out' },

  { edit: [AGENT, 'server: ws://127.0.0.1:4320/v1/opamp', 'server: «localhost:4320'], path: 'spec.server', found: 'the text "localhost:4320"', expected: /^a URL that starts with ws:/, why: 'no scheme' },
  { edit: [AGENT, 'server: ws://127.0.0.1:4320/v1/opamp', 'server: «ws://me:secret@127.0.0.1/'], path: 'spec.server', found: 'a URL with a user or password in it', expected: 'a URL without them', why: 'secrets are not repeated in messages' },
  { edit: [AGENT, 'mode: "0644"', 'mode: «0644'], path: 'spec.slots["config/shop"].mode', found: 'the number 644', expected: 'permission bits in quotes, such as "0644"', why: 'YAML reads it as decimal' },
  { edit: [AGENT, 'signal: SIGHUP', 'signal: «SIGHUB'], path: 'spec.slots["config/shop"].reload.signal', found: 'the text "SIGHUB"', expected: /^one of: SIGHUP/, meant: 'SIGHUP', why: 'an unknown signal' },
  { edit: [AGENT, 'reload: { signal: SIGHUP, pidFile: ./shop.pid }', 'reload: «{ signal: SIGHUP }'], path: 'spec.slots["config/shop"].reload.pidFile', found: 'nothing', expected: /holds the id of the process/, why: 'a signal to whom' },
  { edit: [AGENT, 'reload: { command: [kill, -HUP], timeout', 'reload: { command: [kill, -HUP], «pidFile: x, timeout'], path: 'spec.slots["config/other"].reload.pidFile', found: 'pidFile', expected: 'it only with a signal', why: 'a field of another variant' },
  { edit: [AGENT, 'file: ./other.json', 'file: «./shop.json'], path: 'spec.slots["config/other"].file', found: 'the text "./shop.json"', expected: 'another file than config/shop has', why: 'two slots would overwrite each other' },
  { edit: [AGENT, 'port: 8080', 'port: «80800'], path: 'spec.checks[1].tcp.port', found: 'the number 80800', expected: 'a whole number from 1 to 65535', why: 'no such port' },
  { edit: [AGENT, '- { name: open, tcp: { host: 127.0.0.1, port: 8080 } }', '- «{ name: open }'], path: 'spec.checks[1]', found: 'none of them', expected: 'exactly one of http, tcp, exec', why: 'a check that checks nothing' },

  { edit: [SERVICE, '  metrics:', '  «roles: { web: {} }\n  metrics:'], path: 'spec.roles', found: 'the field "roles" a second time', expected: 'each field once', why: 'a duplicate key: neither of the two wins' },
  { edit: [SERVICE, '{ counter: shop_requests_total }', '&all «{ counter: shop_requests_total }'], path: 'spec.metrics.requests', found: 'the anchor &all', expected: /aliases are not read$/, why: 'anchors are what aliases grow from' },
  { edit: [SERVICE, '{ counter: shop_requests_total }', '«*all'], path: 'spec.metrics.requests', found: 'the alias *all', expected: /aliases are not read$/, why: 'an alias, even one of nothing' },
  { edit: [SERVICE, 'maxBytes: 4096', 'maxBytes: !!int «4096'], path: 'spec.slots["config/shop"].maxBytes', found: 'the tag tag:yaml.org,2002:int', expected: 'a value without a tag', why: 'tags turn values into something else' },
  { edit: [SERVICE, '    requests: {', '    «1: {'], path: 'spec.metrics', found: 'the number 1 as the name of a field', expected: /^a text/, why: 'a name that YAML does not read as text' },
  { edit: [SERVICE, '    requests: {', '    «__proto__: {'], path: 'spec.metrics', found: 'the text "__proto__" as the name of a field', expected: /^a text/, why: 'a name that would change what the others are' },
  { edit: [SERVICE, '  dependsOn: [payments]', '  dependsOn: [payments\n  «slots2: 1'], path: '', found: 'malformed YAML', expected: /must be sufficiently indented and end with a \]/, why: 'a bracket that is not closed' },
  { edit: [SERVICE, '  dependsOn: [payments]', '«\tdependsOn: [payments]'], path: '', found: 'malformed YAML', expected: /[Tt]abs are not allowed/, why: 'a tab as indentation' },
];

function problemsOf(text: string): readonly ManifestProblem[] {
  const parsed = parseManifests(text, 'shop.yaml');
  return parsed.ok ? [] : parsed.error;
}

function lineAndColumn(text: string, offset: number) {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

describe('a mistake is shown where it is, with what was found, expected and probably meant', () => {
  for (const { edit, path, found, expected, meant, why } of CASES) {
    const [manifest, from, to] = edit;
    test(`${path || 'document'}: ${why}`, () => {
      assert.equal(manifest.split(from).length, 2, `the edited text stands once in the manifest: ${from}`);
      const marked = manifest.replace(from, () => to);
      const text = marked.replace('«', '');
      const problem = problemsOf(text).find((each) => each.path === path);
      assert.ok(problem, `no problem at ${path}, but: ${JSON.stringify(problemsOf(text), null, 1)}`);
      assert.equal(problem.found, found);
      if (typeof expected === 'string') assert.equal(problem.expected, expected);
      else assert.match(problem.expected, expected);
      assert.equal(problem.suggestion, meant ?? null);
      if (marked !== text) assert.deepEqual(problem.position, lineAndColumn(text, marked.indexOf('«')));
      assert.equal(problem.file, 'shop.yaml');
      if (found !== 'malformed YAML') assert.equal(problemsOf(text).length, 1, 'one mistake, one problem');
    });
  }
});

test('the manifests of the table are valid before they are edited, and are read in order with their positions', () => {
  const text = [SERVICE, PIPELINE, CHANGE, AGENT].join('---\n');
  const parsed = parseManifests(text, 'shop.yaml');
  assert.ok(parsed.ok);
  assert.deepEqual(
    parsed.value.map(({ kind, name, position }) => [kind, name, position?.line]),
    [
      ['Service', 'shop', 1],
      ['Pipeline', 'shop', 15],
      ['Change', 'faster-search', 35],
      ['Agent', 'shop-eu-1', 44],
    ],
  );
});

test('all mistakes of a file are said at once, in order of position, over documents that cannot be read at all', () => {
  const text = [
    SERVICE.replace('maxBytes: 4096', 'maxBytes: 0').replace('name: shop', 'name: Shop'),
    'a: [\n',
    PIPELINE.replace('[1, 50%, 100%]', '[2, 1]').replace('name: canary', 'nam: canary').replaceAll('5s', '5'),
    CHANGE.replace('kind: Change', 'kind: Chnage'),
  ].join('---\n');
  const problems = problemsOf(text);
  const lineOf = (part: string) => text.slice(0, text.indexOf(part)).split('\n').length;
  assert.deepEqual(
    problems.map(({ position, path }) => [path, position?.line]),
    [
      ['metadata.name', lineOf('name: Shop')],
      ['spec.slots["config/shop"].maxBytes', lineOf('maxBytes: 0')],
      ['', lineOf('a: [') + 1],
      ['spec.stages[0].nam', lineOf('nam: canary')],
      ['spec.stages[0].bake.minimum', lineOf('minimum: 5')],
      ['spec.stages[1].waves[1]', lineOf('[2, 1]')],
      ['spec.stages[1].bake.minimum', lineOf('  minimum: 5\n')],
      ['kind', lineOf('Chnage')],
    ],
  );
});

test('a kind and name may stand once in a file; the second is shown with the line of the first', () => {
  const [problem, ...others] = problemsOf(`${CHANGE}---\n${CHANGE}`);
  assert.equal(
    problem?.says,
    'metadata.name: found a second Change faster-search, expected each Change once; the first is on line 3',
  );
  assert.deepEqual(problem?.position, { line: 12, column: 19 });
  assert.deepEqual(others, []);
});

test('empty documents are passed over; a file of nothing else is a mistake', () => {
  assert.ok(parseManifests(`---\n# nothing\n---\n${SERVICE}---\n`, 'f').ok);
  for (const text of ['', '\n', '# comment', '---\n---\n', '\u{feff}']) {
    assert.equal(problemsOf(text)[0]?.found, 'no manifest', JSON.stringify(text));
  }
});

test('Windows line ends and a byte order mark change nothing', () => {
  const parsed = parseManifests(`\u{feff}${SERVICE.replaceAll('\n', '\r\n')}`, 'f');
  assert.ok(parsed.ok);
  assert.equal(problemsOf(SERVICE.replaceAll('\n', '\r\n').replace('4096', '0'))[0]?.position?.line, 11);
});

test('a directive does not bring back the rules of YAML 1.1', () => {
  const [problem] = problemsOf(`%YAML 1.1\n---\n${PIPELINE.replace('promote: manual', 'promote: on')}`);
  assert.equal(problem?.found, 'the text "on"');
});

describe('limits: a hostile text costs a bounded time and memory, and gets an answer', () => {
  const repeated = (piece: string, count: number) => piece.repeat(count);
  const numbered = (count: number, piece: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => piece(index)).join('');
  const MILLION = 1_000_000;
  // biome-ignore format: a table
  const hostile: readonly (readonly [text: string, says: RegExp, why: string])[] = [
    [repeated('a', MAX_MANIFEST_BYTES + 1), /4194305 bytes, expected at most 4194304/, 'too long'],
    [repeated('é', MAX_MANIFEST_BYTES / 2 + 1), /4194306 bytes/, 'bytes are counted, not letters'],
    [numbered(MAX_DOCUMENTS + 1, (index) => `---\n${CHANGE.replace('faster-search', `change-${index}`)}`), /^found one more document, expected at most 1000 in one file$/, 'too many documents'],
    [repeated('[', MILLION), /more than 500000/, 'too many pieces'],
    [repeated(']', MILLION), /more than 500000/, 'the parser would keep an error for each'],
    [repeated('[', 101) + repeated(']', 101), /nested deeper than 100/, 'inline nesting'],
    [numbered(900, (index) => `${repeated(' ', index)}a:\n`), /nested deeper than 100/, 'nesting by indentation'],
    [repeated('- ', 5000), /nested deeper than 100/, 'nesting on one line'],
    [repeated('{a: ', 5000), /nested deeper than 100/, 'inline mappings that never end'],
    [`a: &a [x]\n${numbered(100, (index) => `b${index}: &b${index} [*a, *a]\n`)}`, /aliases are not read/, 'an alias bomb'],
    [numbered(60_000, (index) => `k${index}: 1\n`), /expected one of: Service/, 'many names are not compared with each other'],
    [repeated('a: 1\n', 60_000), /more mistakes/, 'a mistake in every line'],
    [`${PIPELINE.replace(/stages:.*/s, 'stages:\n')}${repeated('    - {}\n', 40_000)}`, /at most 50/, 'a list without end'],
    [`"${repeated('\\', MILLION)}`, /malformed YAML/, 'escapes without end'],
  ];
  for (const [text, says, why] of hostile) {
    test(why, () => {
      const problems = problemsOf(text);
      assert.ok(
        problems.some((problem) => says.test(problem.says)),
        problems
          .slice(0, 3)
          .map((problem) => problem.says)
          .join('\n'),
      );
      assert.ok(problems.length <= 201);
    });
  }
});

test('never throws, whatever the text; every problem has a place in it', () => {
  const pieces = fc.constantFrom(
    ...[SERVICE, PIPELINE, CHANGE, AGENT].flatMap((text) => text.split(/(?<=[\s:,])/)),
    '&a ',
    '*a ',
    '!!',
    '|',
    '>',
    '"',
    "'",
    '[',
    '}',
    '? ',
    '%',
    '\t',
    '\u{feff}',
    '---\n',
    '...\n',
  );
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 60 }).map((all) => all.join('')),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const lines = text.split('\n');
      for (const { position, says } of problemsOf(text)) {
        assert.ok(position && position.line >= 1 && position.line <= lines.length && position.column >= 1, says);
        assert.ok(position.column <= (lines[position.line - 1]?.length ?? 0) + 1, says);
      }
    }),
    { numRuns: 2000 },
  );
});

test('never throws for a valid manifest with any piece taken out, doubled or replaced', () => {
  const manifest = fc.constantFrom(SERVICE, PIPELINE, CHANGE, AGENT);
  fc.assert(
    fc.property(
      manifest,
      fc.nat(),
      fc.nat({ max: 30 }),
      fc.string({ unit: 'binary', maxLength: 5 }),
      (text, at, length, by) => {
        const from = at % text.length;
        parseManifests(text.slice(0, from) + by + text.slice(from + length), 'f');
      },
    ),
    { numRuns: 2000 },
  );
});
