import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { CheckSpec } from './checkSpec.ts';
import type { MetricFault } from './metricFault.ts';
import { PastBook } from './pastBook.ts';
import type { Figures, TargetSample } from './targetSample.ts';
import { JudgedRole, ROLE, stored, WINDOW_MS } from './testing/judgedRole.ts';

const plain = { effect: 'guardrail', margin: { relative: 0.1 } } as const;
/** Every kind of check, some with margins on both sides. */
const CHECKS: readonly CheckSpec[] = [
  { ...plain, name: 'errors', kind: 'failureProportion', failures: 'failures', total: 'requests' },
  { ...plain, name: 'restarts', kind: 'eventRate', events: 'restarts', worse: 'either' },
  { ...plain, name: 'slow', kind: 'quantile', metric: 'latency', quantile: 0.9 },
  { ...plain, name: 'memory', kind: 'mean', metric: 'memory', worse: 'either', effect: 'signal' },
  { ...plain, name: 'well', kind: 'health', metric: 'well' },
  { name: 'traffic', kind: 'vanished', effect: 'guardrail', events: 'requests', atLeast: 0.5 },
];

const TARGETS = ['a', 'b', 'c', 'd', 'e', 'f'];
const count = fc.nat(50);
const some = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<readonly T[]> => fc.array(value, { maxLength: 3 });
const sketch = fc
  .array(fc.nat(5), { minLength: 4, maxLength: 4 })
  .map((counts): Figures => ({ bounds: [10, 20, 50], counts, sum: 7 * counts.length }));
/** What one target reports; what is missing was not reported. */
const report = fc.record(
  {
    requests: some(count),
    failures: some(fc.nat(3)),
    restarts: some(fc.nat(2)),
    latency: fc.oneof(some(fc.double({ min: 0, max: 100, noNaN: true })), sketch),
    memory: some(fc.double({ min: 1, max: 5, noNaN: true })),
    well: some(fc.constantFrom(0, 1)),
  },
  { requiredKeys: [] },
);
const reports = fc.array(fc.option(report), { minLength: TARGETS.length, maxLength: TARGETS.length });

/** A window: what each target reports, how many of them are treated, and how many of those in an earlier stage. */
const window = fc.record({
  reports,
  treated: fc.nat(TARGETS.length),
  before: fc.nat(2),
  minutes: fc.constantFrom(0.25, 1),
  fault: fc.option(fc.constantFrom('requests', 'memory')),
  begins: fc.boolean(),
});
type Window = typeof window extends fc.Arbitrary<infer Found> ? Found : never;

function samplesOf({ reports: each, treated, before, minutes }: Window): TargetSample[] {
  return each.flatMap((found, index) => {
    if (found === null) return [];
    const values = new Map(Object.entries(found).filter(([, figures]) => figures !== undefined));
    const isTreated = index < treated;
    return [
      { target: TARGETS[index] ?? '', treated: isTreated, inStage: isTreated && index >= before, minutes, values },
    ];
  });
}

const FAULT: MetricFault = { code: 'source-down', says: 'nobody answers' };

/** A past, and stages that bake. */
function story(
  past: readonly Window[],
  rollout: readonly Window[],
  after: (role: JudgedRole, index: number) => void = () => {},
): JudgedRole {
  const role = new JudgedRole(CHECKS);
  for (const each of past) role.learn(samplesOf({ ...each, treated: 0 }));
  for (const [index, each] of rollout.entries()) {
    if (index === 0 || (each.begins && index % 3 === 0)) role.begin(8);
    role.see(samplesOf(each), new Map(each.fault === null ? [] : [[each.fault, FAULT]]));
    after(role, index);
  }
  return role;
}

describe('whoever keeps the records gets the same back', () => {
  const stories = [fc.array(window, { maxLength: 30 }), fc.array(window, { minLength: 1, maxLength: 15 })] as const;

  it('a judge, verdict for verdict, that goes on as the first would have', () => {
    fc.assert(
      fc.property(...stories, fc.nat(), (past, rollout, cut) => {
        const whole = story(past, rollout);
        const interrupted = story(past, rollout, (role, index) => {
          if (index !== cut % rollout.length) return;
          const before = role.judge;
          role.restart();
          assert.deepEqual(role.judge.verdicts(), before.verdicts());
          assert.deepEqual(role.judge.failing(), before.failing());
          assert.equal(role.judge.spent, before.spent);
        });
        assert.deepEqual(interrupted.judge.verdicts(), whole.judge.verdicts());
        assert.deepEqual(stored(interrupted.records), stored(whole.records));
      }),
      { numRuns: 100 },
    );
  });

  it('verdicts are plain data, all figures finite', () => {
    fc.assert(
      fc.property(...stories, (past, rollout) => {
        const verdicts = story(past, rollout).judge.verdicts();
        assert.equal(verdicts.length, CHECKS.length);
        assert.deepEqual(stored(verdicts), verdicts);
      }),
      { numRuns: 60 },
    );
  });

  it('a past, from its rows and its newest levels, whether its questions are asked before or after', () => {
    fc.assert(
      fc.property(stories[0], fc.boolean(), (past, askedBefore) => {
        const role = story(past, []);
        const again = new PastBook(WINDOW_MS);
        const follow = () => {
          for (const check of CHECKS) again.follow(ROLE, check);
        };
        if (askedBefore) follow();
        for (const record of stored([...role.past, ...role.book.levels(0)])) again.replay(record);
        if (!askedBefore) follow();
        assert.deepEqual(again.levels(0), role.book.levels(0));
        const levelsAlone = new PastBook(WINDOW_MS);
        for (const record of stored(role.book.levels(0))) levelsAlone.replay(record);
        for (const check of CHECKS) levelsAlone.follow(ROLE, check);
        assert.deepEqual(levelsAlone.levels(0), role.book.levels(0));
        const [one, other] = [new JudgedRole(CHECKS, role.book), new JudgedRole(CHECKS, again)];
        for (const each of [one, other]) each.begin(16);
        assert.deepEqual(other.records, one.records);
      }),
      { numRuns: 60 },
    );
  });

  it('rows of windows of another length are no past; levels are', () => {
    const { past, book } = story(
      Array.from({ length: 40 }, () => ({
        reports: TARGETS.map((_, index) => ({ memory: [index === 0 ? 30 : 10] })),
        treated: 0,
        before: 0,
        minutes: 1,
        fault: null,
        begins: false,
      })),
      [],
    );
    const other = new PastBook(WINDOW_MS * 2);
    for (const record of [...past, ...book.levels(0)]) other.replay(record);
    for (const check of CHECKS) other.follow(ROLE, check);
    const role = new JudgedRole(CHECKS, other);
    role.begin(8);
    const [began] = role.records;
    assert.ok(began?.kind === 'began');
    assert.equal(began.noise.find(({ check }) => check === 'memory')?.noise.blocks, 0);
    assert.deepEqual(other.levels(0), book.levels(0));
  });
});
