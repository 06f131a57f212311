import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseManifests } from './parseManifests.ts';

const pipeline = (lines: string, later = 'broad') => `apiVersion: ringfence.dev/v1
kind: Pipeline
metadata: { name: shop }
spec:
  service: shop
  stages:
    - { name: canary, targets: { ring: canary }, bake: { minimum: 5s } }
    - { name: ${later}, targets: {}, bake: { minimum: 5s } }
  checks:
    - { name: errors, kind: failureProportion, effect: guardrail, failures: failures, total: requests, margin: 0.02 }
${lines}`;

const read = (text: string) => {
  const parsed = parseManifests(text, 'shop.yaml');
  if (!parsed.ok) return parsed.error.map(({ says }) => says);
  const [manifest] = parsed.value;
  return manifest?.kind === 'Pipeline' ? manifest.pipeline : null;
};

test('law 15: approvals and the fast-track, as a pipeline says them', () => {
  const spec = read(
    pipeline(
      '  approvals: [{ before: start, role: approver, count: 2 }, { before: broad, role: operator }]\n  fastTrack: { minimum: 1s }\n',
    ),
  );
  assert.ok(spec !== null && !Array.isArray(spec) && 'approvals' in spec);
  assert.deepEqual(spec.approvals, [
    { before: 'start', role: 'approver', count: 2 },
    { before: 'broad', role: 'operator', count: 1 },
  ]);
  assert.deepEqual(spec.fastTrack, { minimumMs: 1_000 });
  const bare = read(pipeline(''));
  assert.ok(bare !== null && !('approvals' in bare) && !('fastTrack' in bare), 'left out, nobody is asked');
});

const MISTAKES: readonly (readonly [what: string, manifest: string, says: RegExp])[] = [
  [
    'a stage that is misspelt',
    pipeline('  approvals: [{ before: braod, role: approver }]'),
    /approvals\[0\]\.before.*"broad"/,
  ],
  [
    'the first stage',
    pipeline('  approvals: [{ before: canary, role: approver }]'),
    /start: the first stage opens with it/,
  ],
  [
    'a role that approves nothing',
    pipeline('  approvals: [{ before: start, role: author }]'),
    /approver, operator, admin/,
  ],
  ['nobody', pipeline('  approvals: [{ before: start, role: approver, count: 0 }]'), /whole number from 1 to 20/],
  [
    'the same twice',
    pipeline('  approvals: [{ before: start, role: approver }, { before: start, role: approver, count: 2 }]'),
    /another role, or another stage, than at \[0\]/,
  ],
  [
    'a stage that is called start',
    pipeline('  approvals: [{ before: start, role: approver }]', 'start'),
    /stages\[1\]\.name.*another name than start/,
  ],
];

for (const [what, manifest, says] of MISTAKES) {
  test(`approvals: ${what}`, () => {
    const found = read(manifest);
    assert.ok(Array.isArray(found), JSON.stringify(found));
    assert.match(found.join('\n'), says);
  });
}

const change = (said: string) => `apiVersion: ringfence.dev/v1
kind: Change
metadata: { name: moves }
spec:
  service: shop
  reason: a test
  irreversible: ${said}
  slots: { config/shop: { content: x } }
`;

test('law 6: what cannot be undone says why and how one restores, at some length', () => {
  for (const [said, says] of [
    ['{ reason: it rewrites the stored orders }', /restore/],
    ['{ reason: short, restore: restore the orders from the backup }', /irreversible\.reason.*20 characters or more/],
    ['{ reason: it rewrites the stored orders, restore: "                         x" }', /irreversible\.restore/],
  ] as const) {
    const parsed = parseManifests(change(said), 'change.yaml');
    assert.ok(!parsed.ok);
    assert.match(parsed.error.map((problem) => problem.says).join('\n'), says);
  }
  const whole = '{ reason: it rewrites the stored orders, restore: restore the orders from the backup }';
  const parsed = parseManifests(change(whole), 'change.yaml');
  assert.ok(parsed.ok);
  const [manifest] = parsed.value;
  assert.deepEqual(manifest?.kind === 'Change' && manifest.change.irreversible, {
    reason: 'it rewrites the stored orders',
    restore: 'restore the orders from the backup',
  });
});
