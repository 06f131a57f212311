import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MeanEvidence } from './meanEvidence.ts';
import { MeanJudge } from './meanJudge.ts';
import { MeanPast, type TargetMean } from './meanPast.ts';

/** A value in [−1, 1) that looks like chance and is the same every time. */
const noise = (target: number, window: number) => (Math.imul(target * 7919 + window, 0x9e3779b1) >>> 0) / 2 ** 31 - 1;

/** Twenty targets, each with its own level and some noise about the hour's; the treated ones times a factor. */
function fleet(window: number, treated: number, factor: number) {
  const hour = 100 + 50 * Math.sin(window / 60);
  const values = Array.from({ length: 20 }, (_, target) => ({
    target: String(target),
    value: hour * (0.8 + target / 50) * (1 + 0.2 * noise(target, window)) * (target < treated ? factor : 1),
  }));
  return { treated: values.slice(0, treated), untouched: values.slice(treated) };
}

function see(judge: MeanJudge, past: MeanPast, treated: readonly TargetMean[], untouched: readonly TargetMean[]): void {
  const window = judge.compare(
    past,
    treated.map((each) => ({ ...each, inStage: true })),
    untouched,
  );
  if (typeof window !== 'string') judge.see(window);
  past.add(untouched);
}

function judged(factor: number, margin = {}, worse: 'higher' | 'lower' | 'either' = 'higher') {
  const judge = new MeanJudge({ margin, worse });
  const past = new MeanPast(2880);
  for (let window = 0; window < 400; window++) past.add(fleet(window, 0, 1).untouched);
  judge.begin(judge.noiseOf(past, 60));
  for (let window = 400; window < 460; window++) {
    const { treated, untouched } = fleet(window, 3, factor);
    see(judge, past, treated, untouched);
  }
  return judge;
}

const SURE = Math.log(1000);

describe('a mean', () => {
  const table: readonly (readonly [string, MeanJudge, 'harm' | 'none' | 'neither'])[] = [
    ['unchanged', judged(1), 'neither'],
    ['a fifth higher', judged(1.2), 'harm'],
    ['a fifth higher, and a half accepted', judged(1.2, { relative: 0.5 }), 'none'],
    ['a fifth higher, and 200 accepted', judged(1.2, { absolute: 200 }), 'none'],
    ['a fifth higher, with the wider of two margins', judged(1.2, { relative: 0.01, absolute: 200 }), 'none'],
    ['a fifth lower', judged(0.8), 'none'],
    ['a fifth lower, and lower is worse', judged(0.8, {}, 'lower'), 'harm'],
    ['a fifth lower, and either way is worse', judged(0.8, { relative: 0.05 }, 'either'), 'harm'],
    ['unchanged, and a half either way is accepted', judged(1, { relative: 0.5 }, 'either'), 'none'],
  ];
  for (const [name, judge, expected] of table) {
    it(name, () => {
      const found = judge.harm() > SURE ? 'harm' : judge.noHarm() > SURE ? 'none' : 'neither';
      assert.equal(found, expected, `${judge.harm()} for harm, ${judge.noHarm()} for none`);
    });
  }

  it('is bounded from both sides, and the truth lies between', () => {
    const { lower, upper } = judged(1.2).difference('stage', { harm: 0.01, none: 0.01 });
    assert.ok(lower > 0 && lower < 0.2 && upper > 0.2 && upper < 0.5, `${lower} to ${upper}`);
  });

  it('a target that was always slower is not blamed for that', () => {
    const judge = new MeanJudge({ margin: {}, worse: 'higher' });
    const slow = (window: number) => {
      const { untouched } = fleet(window, 0, 1);
      return untouched.map(({ target, value }) => ({ target, value: target === '0' ? value * 3 : value }));
    };
    const past = new MeanPast(2880);
    for (let window = 0; window < 400; window++) past.add(slow(window));
    judge.begin(judge.noiseOf(past, 60));
    for (let window = 400; window < 460; window++) {
      const [own, ...others] = slow(window);
      see(judge, past, own === undefined ? [] : [own], others);
    }
    assert.ok(judge.harm() < SURE, String(judge.harm()));
  });

  it('without a past it takes more to be sure', () => {
    const judge = new MeanJudge({ margin: {}, worse: 'higher' });
    const past = new MeanPast(2880);
    judge.begin(judge.noiseOf(past, 60));
    const { treated, untouched } = fleet(0, 3, 1.5);
    see(judge, past, treated, untouched);
    assert.ok(judge.harm() < 1, String(judge.harm()));
    assert.equal(judge.noise.blocks, 0);
  });
});

describe('noise of a mean', () => {
  const past = (of: (target: number, window: number) => number) => {
    const found = new MeanPast(1000);
    for (let window = 0; window < 600; window++)
      found.add(Array.from({ length: 10 }, (_, target) => ({ target: String(target), value: of(target, window) })));
    return found;
  };
  it('grows with moods that last', () => {
    const quick = past((target, window) => 100 + 10 * noise(target, window)).noise(64).variance;
    const moody = past((target, window) => 100 + 10 * noise(target, window >> 4)).noise(64).variance;
    assert.ok(quick > 0.001 && quick < 0.01, String(quick));
    assert.ok(moody > 8 * quick, `${moody} against ${quick}`);
  });
  it('grows with rare leaps beyond what their variance says', () => {
    const leaps = past((target, window) => (Math.abs(noise(target, window)) > 0.995 ? 3000 : 100));
    assert.ok(leaps.noise(64).variance > 2, String(leaps.noise(64).variance));
  });
  it('what a sick target does is not learned, of itself or of the others', () => {
    const found = new MeanPast(1000);
    const add = (window: number, sick: number) =>
      found.add(
        Array.from({ length: 10 }, (_, target) => ({
          target: String(target),
          value: 100 * (1 + 0.1 * noise(target, window)) * (target === 9 ? sick : 1),
        })),
      );
    for (let window = 0; window < 200; window++) add(window, 1);
    found.noiseFor(32);
    for (let window = 200; window < 400; window++) add(window, 50);
    for (const target of ['0', '9']) {
      const level = found.levelOf(target);
      assert.ok(Math.abs(level - 1) < 0.1, `${target}: ${level}`);
    }
  });
  it('of nothing is the least there is, and says that it is not known', () => {
    assert.equal(new MeanPast(10).noise(10).blocks, 0);
  });
});

it('evidence about a mean has a mean of at most 1 for normal figures on the boundary', () => {
  const anything = fc.record({
    boundary: fc.double({ min: -1, max: 1, noNaN: true }),
    variance: fc.double({ min: 1e-3, max: 10, noNaN: true }),
  });
  fc.assert(
    fc.property(anything, ({ boundary, variance }) => {
      let mean = 0;
      let mass = 0;
      // Simpson would do as well: the normal density on a grid that is wide and fine enough.
      for (let x = -12; x <= 12; x += 0.01) {
        const density = Math.exp((-x * x) / 2);
        const evidence = new MeanEvidence();
        evidence.add(boundary + x * Math.sqrt(variance), variance, 100);
        mean += density * Math.exp(evidence.ofMore({ relative: boundary, absolute: 0 }));
        mass += density;
      }
      assert.ok(mean / mass <= 1 + 1e-6, String(mean / mass));
    }),
    { numRuns: 20 },
  );
});

it('however often it is begun anew, evidence of nothing is no evidence', () => {
  const evidence = new MeanEvidence();
  for (let beginning = 0; beginning < 20; beginning++) {
    evidence.add(0, 1e9, 1);
    evidence.begin();
  }
  assert.ok(evidence.ofMore({ relative: 0, absolute: 0 }) <= 1e-6);
  assert.ok(evidence.ofLess({ relative: 0, absolute: 0 }) <= 1e-6);
});
