import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { logSumExp } from '../logSumExp.ts';
import { beginningWeight, RatioEvidence } from './ratioEvidence.ts';

const POISSON = { dispersion: 1, share: null };
const EVEN = { tolerance: 1, margin: 0 };

const window = (treated: number, untouched: number, expected = 1, others = 100) => ({
  treated: { events: treated, exposure: expected, expected },
  untouched: { events: untouched, exposure: others, expected: others },
});

/** So many windows, one like the other. */
function after(windows: number, treated: number, untouched: number): RatioEvidence {
  const evidence = new RatioEvidence();
  for (let index = 0; index < windows; index++) evidence.add(window(treated, untouched), POISSON);
  return evidence;
}

describe('evidence about a ratio', () => {
  const table: readonly (readonly [string, RatioEvidence, 'harm' | 'none' | 'neither'])[] = [
    ['nothing seen', new RatioEvidence(), 'neither'],
    ['twice as many', after(100, 2, 100), 'harm'],
    ['as many', after(100, 1, 100), 'neither'],
    ['half as many', after(100, 0.5, 100), 'none'],
    ['no events at all', after(100, 0, 0), 'neither'],
    ['a first event where the others have none, again and again', after(10, 1, 0), 'harm'],
  ];
  for (const [name, evidence, expected] of table) {
    it(name, () => {
      const [harm, noHarm] = [evidence.ofHarm(EVEN), evidence.ofNoHarm(EVEN)];
      const found = harm > Math.log(100) ? 'harm' : noHarm > Math.log(100) ? 'none' : 'neither';
      assert.equal(found, expected, `${harm} for harm, ${noHarm} for none`);
    });
  }

  it('before anything is seen it is 1', () => {
    assert.ok(
      Math.abs(new RatioEvidence().ofHarm(EVEN) - Math.log(0.9)) < 1e-12,
      'what later beginnings may gather is kept',
    );
  });

  it('a margin is room: what is harm without one is none with a large one', () => {
    const evidence = after(100, 2, 100);
    assert.ok(evidence.ofHarm({ tolerance: 1, margin: 0 }) > 4.6);
    assert.ok(evidence.ofHarm({ tolerance: 1, margin: 2 }) < 0);
    assert.ok(evidence.ofNoHarm({ tolerance: 1, margin: 2 }) > 4.6);
    assert.ok(evidence.ofNoHarm({ tolerance: 4, margin: 0 }) > 4.6);
  });

  it('harm that begins late is found soon after a new beginning, and late without one', () => {
    const looks = (begins: boolean) => {
      const evidence = after(2000, 1, 100);
      if (begins) evidence.begin();
      for (let look = 1; look < 5000; look++) {
        evidence.add(window(3, 100), POISSON);
        if (evidence.ofHarm(EVEN) > Math.log(1000)) return look;
      }
      return Number.POSITIVE_INFINITY;
    };
    assert.ok(looks(true) * 3 < looks(false), `${looks(true)} against ${looks(false)}`);
  });

  it('windows may be added up in any order, and an arm that could count nothing says nothing', () => {
    const some = fc.array(fc.tuple(fc.nat(20), fc.nat(200)), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(some, (windows) => {
        const [forward, backward] = [new RatioEvidence(), new RatioEvidence()];
        for (const [treated, untouched] of windows) forward.add(window(treated, untouched), POISSON);
        backward.add(window(7, 9, 0), POISSON);
        for (const [treated, untouched] of windows.toReversed()) backward.add(window(treated, untouched), POISSON);
        assert.ok(Math.abs(forward.ofHarm(EVEN) - backward.ofHarm(EVEN)) < 1e-6);
      }),
    );
  });
});

it('the weights of beginnings add up to 1', () => {
  let sum = 0;
  for (let index = 0; index < 100_000; index++) sum += beginningWeight(index);
  assert.ok(sum <= 1 && sum > 0.9999, String(sum));
});

it('log Σ exp(x) neither overflows nor forgets', () => {
  assert.equal(logSumExp([]), Number.NEGATIVE_INFINITY);
  assert.ok(Math.abs(logSumExp([1000, 1000]) - 1000 - Math.LN2) < 1e-9);
  assert.ok(Math.abs(logSumExp([-1000, 0])) < 1e-9);
});
