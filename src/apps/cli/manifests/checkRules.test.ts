import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CliError } from '../cliError.ts';
import { checkRules } from './checkRules.ts';
import { loadManifests } from './loadManifests.ts';

const pipeline = (rules: string) => `apiVersion: ringfence.dev/v1
kind: Pipeline
metadata: { name: shop }
spec:
  service: shop
  stages:
    - { name: canary, targets: { ring: canary }, bake: { minimum: 5s } }
  checks:
    - { name: errors, kind: failureProportion, effect: guardrail, failures: failures, total: requests, margin: 0.02 }
${rules}`;

const check = (...texts: readonly string[]) =>
  checkRules(loadManifests(texts.map((text, index) => ({ name: `p${index}.yaml`, text, folder: '/', named: true }))));

test('law 16: a rule that cannot be used is a mistake of its file, said before anything is sent', async () => {
  const good = '  rules:\n    - { name: small, require: "stage.shareOfTargets <= 0.5", says: too large }\n';
  await check(pipeline(''));
  await check(pipeline(good));
  await assert.rejects(check(pipeline(good.replace('shareOfTargets', 'share'))), (error) => {
    assert.ok(error instanceof CliError);
    assert.equal(error.message, '1 mistake in p0.yaml');
    assert.equal(error.details.code, 'manifest-invalid');
    assert.match(
      error.details.extract?.join('\n') ?? '',
      /p0.yaml: rule "small" of pipeline "shop": column 6: stage has no field "share"/,
    );
    return true;
  });
});

test('a manifest says where a rule is not even a rule', () => {
  const wrong = (rule: string) => () =>
    loadManifests([{ name: 'p.yaml', text: pipeline(`  rules: [${rule}]\n`), folder: '/', named: true }]);
  assert.throws(wrong('{ name: a, require: "true", says: x, befor: stage }'), /1 mistake/);
  assert.throws(wrong('{ name: a, require: "true" }'), /1 mistake/);
  assert.throws(wrong('{ name: a, require: "true", says: x, timeZone: Europe/Berlim }'), /1 mistake/);
  assert.throws(wrong('{ name: a, require: "true", says: x }, { name: a, require: "true", says: x }'), /1 mistake/);
});
