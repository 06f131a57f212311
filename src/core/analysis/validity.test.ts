import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CheckSpec } from './checkSpec.ts';
import type { MetricFault } from './metricFault.ts';
import { PastBook } from './pastBook.ts';
import { RolloutJudge } from './rolloutJudge.ts';
import type { Figures, TargetSample } from './targetSample.ts';
import { JudgedRole, WINDOW_MS } from './testing/judgedRole.ts';
import type { Verdict, VerdictCause, VerdictOutcome } from './verdict.ts';

const TARGETS = 20;
const PAST = 240;
const coin = (target: number, window: number) =>
  (Math.imul(target * 7919 + window * 104_729 + 11, 0x9e3779b1) >>> 0) / 2 ** 32;
const near = (mean: number, target: number, window: number) => Math.floor(mean + coin(target, window));

const plain = { name: 'it', effect: 'guardrail', margin: { relative: 0.5 } } as const;
const CHECKS = {
  share: { ...plain, kind: 'failureProportion', failures: 'failures', total: 'requests', margin: { absolute: 0.01 } },
  rate: { ...plain, kind: 'eventRate', events: 'faults' },
  mean: { ...plain, kind: 'mean', metric: 'latency', worse: 'higher' },
  quantile: { ...plain, kind: 'quantile', metric: 'latency', quantile: 0.9 },
  health: { ...plain, kind: 'health', metric: 'well', margin: { absolute: 0.2 } },
  vanished: { name: 'it', effect: 'guardrail', kind: 'vanished', events: 'requests', atLeast: 0.5 },
} as const satisfies Record<string, CheckSpec>;

type Report = Readonly<Record<string, Figures>>;
/** What is reported of a target that is as it always was. */
const usual = (target: number, window: number): Report => ({
  requests: [near(200, target, window)],
  failures: [near(1, target, window)],
  faults: [near(3, target, window)],
  latency: Array.from({ length: 20 }, (_, index) => 100 * (1 + coin(target, window * 31 + index))),
  well: [1],
});

interface Story {
  readonly treated: number;
  readonly windows: number;
  /** What is reported once the stage has begun. */
  readonly report: (isTreated: boolean, usual: Report, window: number, target: number) => Report;
  readonly past: number;
  readonly faults: ReadonlyMap<string, MetricFault>;
}

function judged(check: CheckSpec, more: Partial<Story>): JudgedRole {
  const story: Story = { treated: 4, windows: 60, report: (_, all) => all, past: PAST, faults: new Map(), ...more };
  const role = new JudgedRole([check]);
  const samples = (window: number, treated: number): TargetSample[] =>
    Array.from({ length: TARGETS }, (_, target) => {
      const all = usual(target, window);
      const isTreated = target < treated;
      const now = window - story.past;
      const found = now < 0 ? all : story.report(isTreated, all, now, target);
      const values = new Map(Object.entries(found));
      return { target: `t${target}`, treated: isTreated, inStage: isTreated, minutes: 1, values };
    });
  for (let window = 0; window < story.past; window++) role.learn(samples(window, 0));
  role.begin(story.windows);
  for (let window = 0; window < story.windows; window++)
    role.see(samples(story.past + window, story.treated), story.faults);
  return role;
}

function verdictOf(role: JudgedRole): Verdict {
  const [verdict] = role.judge.verdicts();
  assert.ok(verdict !== undefined);
  return verdict;
}

const times = (figures: Figures | undefined, factor: number): Figures =>
  Array.isArray(figures) ? figures.map((value) => value * factor) : [];
const without = (report: Report, metric: string): Report =>
  Object.fromEntries(Object.entries(report).filter(([name]) => name !== metric));

describe('what makes figures worthless is a verdict of its own', () => {
  const sick =
    (metric: string, factor: number): Story['report'] =>
    (_, all) => ({ ...all, [metric]: times(all[metric], factor) });
  const down: MetricFault = { code: 'source-down', says: 'nothing answers at http://prometheus:9090' };
  const table: readonly (readonly [string, CheckSpec, Partial<Story>, VerdictOutcome, VerdictCause | null, RegExp])[] =
    [
      ['all is as it was', CHECKS.share, {}, 'pass', null, /at most/],
      [
        'treated targets get half the requests',
        CHECKS.share,
        {
          report: (isTreated, all) => ({ ...all, requests: times(all.requests, isTreated ? 0.5 : 1), failures: [0] }),
        },
        'error',
        'sample-ratio',
        /treated targets get 50 % of the requests that they would get as before/,
      ],
      [
        'treated targets get twice the requests',
        CHECKS.share,
        { report: (isTreated, all) => ({ ...all, requests: times(all.requests, isTreated ? 2 : 1) }) },
        'error',
        'sample-ratio',
        /get 200 %/,
      ],
      [
        'a tenth less is no mismatch',
        CHECKS.share,
        { report: (isTreated, all) => ({ ...all, requests: times(all.requests, isTreated ? 0.9 : 1) }) },
        'pass',
        null,
        /at most/,
      ],
      [
        'everybody gets half the requests: the hour, not the change',
        CHECKS.share,
        { report: (_, all) => ({ ...all, requests: times(all.requests, 0.5) }) },
        'pass',
        null,
        /at most/,
      ],
      [
        'so it is where nobody is left untouched',
        CHECKS.share,
        { treated: TARGETS, report: (_, all) => ({ ...all, requests: times(all.requests, 0.5), failures: [0] }) },
        'pass',
        null,
        /at most/,
      ],
      [
        'a quantile above the last bucket',
        CHECKS.quantile,
        { report: (_, all) => ({ ...all, latency: { bounds: [1, 10], counts: [0, 5, 3], sum: 100 } }) },
        'error',
        'source-error',
        /lies above the last bound of its buckets/,
      ],
      [
        'harm is said even so',
        CHECKS.share,
        {
          report: (isTreated, all) => (isTreated ? { ...all, requests: [100], failures: [50] } : all),
        },
        'fail',
        null,
        /at least/,
      ],
      [
        'the counter of requests stands still on treated targets',
        CHECKS.share,
        {
          report: (isTreated, all, window) =>
            isTreated && window > 50 ? { ...all, requests: [0], failures: [0] } : all,
        },
        'no-data',
        'dead-metric',
        /requests stands still on treated targets, while it goes on/,
      ],
      [
        'the counter of failures is gone from treated targets',
        CHECKS.share,
        { report: (isTreated, all, window) => (isTreated && window > 50 ? without(all, 'failures') : all) },
        'no-data',
        'dead-metric',
        /failures and requests were reported by treated targets before and are not any more/,
      ],
      [
        'it is gone from three of four treated targets',
        CHECKS.mean,
        {
          report: (isTreated, all, window, target) =>
            isTreated && target > 0 && window > 50 ? without(all, 'latency') : all,
        },
        'no-data',
        'dead-metric',
        /latency was reported/,
      ],
      [
        'one hiccup is no death',
        CHECKS.mean,
        { report: (isTreated, all, window) => (isTreated && window >= 58 ? without(all, 'latency') : all) },
        'pass',
        null,
        /at most/,
      ],
      [
        'a metric that never moved',
        CHECKS.share,
        { past: 0, report: (_, all) => ({ ...all, requests: [0], failures: [0] }) },
        'no-data',
        'dead-metric',
        /failures and requests does not move on any target/,
      ],
      [
        'all untouched targets fail ten times as often as they ever did',
        CHECKS.share,
        { report: sick('failures', 10) },
        'error',
        'sick-baseline',
        /untouched targets are themselves far from what is usual \(5 %, where 0.5\d* % was the worst to be expected\)/,
      ],
      ['so many events', CHECKS.rate, { report: sick('faults', 10) }, 'error', 'sick-baseline', /far from/],
      ['so high a mean', CHECKS.mean, { report: sick('latency', 3) }, 'error', 'sick-baseline', /far from/],
      ['so slow a quantile', CHECKS.quantile, { report: sick('latency', 3) }, 'error', 'sick-baseline', /far from/],
      ['so many that are not well', CHECKS.health, { report: sick('well', 0) }, 'error', 'sick-baseline', /far from/],
      ['so little traffic', CHECKS.vanished, { report: sick('requests', 0.2) }, 'error', 'sick-baseline', /far from/],
      [
        'a third more is within what may be',
        CHECKS.rate,
        { report: (_, all) => ({ ...all, faults: times(all.faults, 1.33) }) },
        'pass',
        null,
        /at most/,
      ],
      [
        'a source that is down',
        CHECKS.share,
        { faults: new Map([['requests', down]]) },
        'error',
        'source-down',
        /nothing answers at http:\/\/prometheus:9090/,
      ],
      [
        'neither an untouched target nor a past',
        CHECKS.mean,
        { past: 0, treated: TARGETS },
        'no-data',
        'no-control',
        /nothing to compare/,
      ],
      [
        'nothing was reported at all',
        CHECKS.mean,
        { past: 0, report: () => ({}) },
        'no-data',
        null,
        /nothing of it was measured/,
      ],
    ];
  for (const [name, check, story, outcome, cause, says] of table) {
    it(name, () => {
      const verdict = verdictOf(judged(check, story));
      assert.deepEqual([verdict.outcome, verdict.cause], [outcome, cause], verdict.says);
      assert.match(verdict.says, says);
    });
  }

  it('what has recovered is judged again', () => {
    const report: Story['report'] = (_, all, window) => (window < 20 ? { ...all, faults: times(all.faults, 10) } : all);
    assert.equal(verdictOf(judged(CHECKS.rate, { report, windows: 20 })).cause, 'sick-baseline');
    assert.equal(verdictOf(judged(CHECKS.rate, { report, windows: 120 })).outcome, 'pass');
  });
});

describe('what is still missing', () => {
  const narrow: CheckSpec = { ...CHECKS.rate, margin: { relative: 0.2 } };
  const harmful: Story['report'] = (isTreated, all) => ({ ...all, faults: times(all.faults, isTreated ? 1.5 : 1) });

  for (const [name, report, outcome] of [
    ['until a pass', (_: boolean, all: Report) => all, 'pass'],
    ['until harm is sure', harmful, 'fail'],
  ] as const) {
    it(`${name} is said, and is about right`, () => {
      const windows = outcome === 'pass' ? 12 : 3;
      const early = verdictOf(judged(narrow, { windows, report }));
      assert.equal(early.cause, 'too-little-exposure', early.says);
      const { next } = early;
      assert.ok(next !== null && next.expectedAt !== null);
      assert.equal(next.of, 'target-minutes');
      assert.match(early.says, /some [\d,]+ target-minutes more would tell/);
      const more = Math.ceil(next.missing / 4);
      const at = (PAST + windows + next.missing / 4) * WINDOW_MS;
      assert.ok(Math.abs(next.expectedAt - at) <= WINDOW_MS, `${next.expectedAt}, not ${at}`);
      assert.equal(
        verdictOf(judged(narrow, { windows: windows + Math.ceil(more * 1.3) + 2, report })).outcome,
        outcome,
      );
      const before = windows + Math.floor(more * 0.7) - 2;
      if (before > windows)
        assert.equal(verdictOf(judged(narrow, { windows: before, report })).outcome, 'inconclusive');
    });
  }

  it('where the figures lie on the margin, more of them would not tell', () => {
    const onMargin: CheckSpec = { ...CHECKS.rate, margin: { relative: 0.2 } };
    const report: Story['report'] = (isTreated, all) => ({ ...all, faults: times(all.faults, isTreated ? 1.2 : 1) });
    const verdict = verdictOf(judged(onMargin, { report }));
    assert.deepEqual([verdict.outcome, verdict.cause, verdict.next], ['inconclusive', null, null], verdict.says);
    assert.match(verdict.says, /more like this would not tell/);
  });
});

describe('a stage passes by its own targets', () => {
  const samples = (window: number, first: number, stage: number, factor: (target: number) => number): TargetSample[] =>
    Array.from({ length: TARGETS }, (_, target) => ({
      target: `t${target}`,
      treated: target < first + stage,
      inStage: target >= first && target < first + stage,
      minutes: 1,
      values: new Map([['faults', [near(3 * factor(target), target, window)]]]),
    }));
  function stages(second: number, factor: (target: number) => number): JudgedRole {
    const role = new JudgedRole([CHECKS.rate]);
    for (let window = 0; window < PAST; window++) role.learn(samples(window, 0, 0, () => 1));
    role.begin(60);
    for (let window = 0; window < 60; window++) role.see(samples(window, 0, 4, factor));
    role.begin(60);
    for (let window = 60; window < 60 + second; window++) role.see(samples(window, 4, 4, factor));
    return role;
  }

  it('law 3: what an earlier stage proved proves nothing for this one', () => {
    assert.equal(verdictOf(stages(0, () => 1)).outcome, 'no-data');
    const early = verdictOf(stages(2, () => 1));
    assert.equal(early.outcome, 'inconclusive', early.says);
    assert.equal(early.treated.exposure, 8);
    assert.equal(verdictOf(stages(60, () => 1)).outcome, 'pass');
  });

  it('law 22: harm on targets of an earlier stage counts on', () => {
    const verdict = verdictOf(stages(40, (target) => (target < 4 ? 2 : 1)));
    assert.equal(verdict.outcome, 'fail', verdict.says);
    assert.deepEqual([verdict.treated.targets, verdict.treated.exposure], [8, 4 * 60 + 8 * 40]);
  });

  it('targets of an earlier stage that do well do not speak for others that do not', () => {
    const verdict = verdictOf(stages(30, (target) => (target < 4 ? 0.2 : target < 8 ? 1.34 : 1)));
    assert.equal(verdict.outcome, 'inconclusive', verdict.says);
    assert.deepEqual([verdict.treated.targets, verdict.treated.exposure], [4, 4 * 30]);
  });

  it('nor where it is a mean', () => {
    const latencies = (window: number, first: number, stage: number): TargetSample[] =>
      samples(window, first, stage, () => 1).map((sample, target) => {
        const factor = !sample.treated ? 1 : sample.inStage && first > 0 ? 1.45 : 0.5;
        return { ...sample, values: new Map([['latency', [100 * factor * (0.9 + 0.2 * coin(target, window))]]]) };
      });
    const role = new JudgedRole([CHECKS.mean]);
    for (let window = 0; window < PAST; window++) role.learn(latencies(window, 0, 0));
    role.begin(60);
    for (let window = 0; window < 60; window++) role.see(latencies(window, 0, 4));
    assert.equal(verdictOf(role).outcome, 'pass');
    role.begin(60);
    assert.equal(verdictOf(role).outcome, 'no-data');
    role.see(latencies(61, 4, 4));
    assert.equal(verdictOf(role).outcome, 'inconclusive');
    assert.equal(verdictOf(role).treated.exposure, 1);
  });
});

it('where nothing is known of the noise it takes more to be sure', () => {
  const report: Story['report'] = (isTreated, all) => ({ ...all, faults: times(all.faults, isTreated ? 2 : 1) });
  const [known, unknown] = [PAST, 0].map((past) => verdictOf(judged(CHECKS.rate, { past, report, windows: 30 })));
  assert.ok(known !== undefined && unknown !== undefined);
  assert.ok(unknown.evidence.harm > 0 && unknown.evidence.harm < known.evidence.harm * 0.75);
  assert.equal(unknown.noise.blocks, 0);
  assert.match(unknown.says, /its noise is not known/);
});

it('a dependent service is compared with its own past', () => {
  const check: CheckSpec = { ...CHECKS.share, of: 'payments' };
  const policy = { checks: [check], budget: 0.01, missRate: 0.05 };
  const verdictFor = (factor: number): Verdict => {
    const judge = new RolloutJudge(policy, { changed: ['web'], dependents: { payments: ['api'] } });
    const [own, theirs] = [new PastBook(WINDOW_MS), new PastBook(WINDOW_MS)];
    theirs.follow('api', check);
    const samples = (window: number, treated: boolean): TargetSample[] =>
      Array.from({ length: 4 }, (_, target) => {
        const failures = [near(treated ? factor : 1, target, window)];
        const values = new Map([
          ['requests', [200]],
          ['failures', failures],
        ]);
        return { target: `p${target}`, treated, inStage: treated, minutes: 1, values };
      });
    for (let window = 0; window < PAST; window++) theirs.learn(window, 'api', samples(window, false));
    judge.begin(0, 0, 30, (dependent) => (dependent === 'payments' ? theirs : own));
    for (let window = 0; window < 30; window++)
      judge.observe({ at: window, role: 'api', of: 'payments', samples: samples(window, true) }, theirs);
    const [verdict] = judge.verdicts();
    assert.ok(verdict !== undefined);
    return verdict;
  };
  const bad = verdictFor(20);
  assert.equal(bad.outcome, 'fail', bad.says);
  assert.equal(bad.role, 'payments/api');
  assert.equal(bad.compared, 'before');
  assert.match(bad.says, /^payments\/api: .*before.*the hour cannot be told from the change/);
  assert.equal(verdictFor(1).outcome, 'pass');
});
