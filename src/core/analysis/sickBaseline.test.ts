import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SickBaseline, SickLevel, sickLevelIn, type Usual, usualOf } from './sickBaseline.ts';

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

describe('what is usual', () => {
  const table: readonly (readonly [string, readonly number[], Usual | null])[] = [
    ['of nothing', [], null],
    ['of too little', upTo(19), null],
    ['nine tenths are below the most, and above the least', upTo(100), { least: 11, most: 90 }],
    ['a bad tenth is not usual', [...upTo(90).map(() => 1), ...upTo(10).map(() => 50)], { least: 1, most: 1 }],
  ];
  for (const [name, levels, expected] of table) it(name, () => assert.deepEqual(usualOf(levels), expected));
});

describe('a baseline that is counted', () => {
  const usual = { least: 0.5, most: 2 };
  const after = (worse: 'higher' | 'lower', windows: number, events: number, dispersion = 1) => {
    const baseline = new SickBaseline(worse);
    for (let window = 0; window < windows; window++) baseline.see(events, 10, usual, dispersion);
    return baseline;
  };
  const table: readonly (readonly [string, SickBaseline, boolean])[] = [
    ['as ever', after('higher', 1000, 10), false],
    ['at the worst of what is usual', after('higher', 1000, 20), false],
    ['at twice that, the boundary', after('higher', 1000, 40), false],
    ['far beyond', after('higher', 10, 100), true],
    ['one bad window is not enough where counts come in clusters', after('higher', 1, 100, 20), false],
    ['where lower is worse, high is well', after('lower', 10, 100), false],
    ['where lower is worse, nothing is sick', after('lower', 50, 0), true],
    ['half the least of what is usual is the boundary', after('lower', 1000, 2.5), false],
  ];
  for (const [name, baseline, isSick] of table) it(name, () => assert.equal(baseline.sickness !== null, isSick));

  it('says how bad it is, and recovers', () => {
    const baseline = after('higher', 1000, 100);
    assert.deepEqual(baseline.sickness, { level: 10, usual: 2 });
    for (let window = 0; window < 5; window++) baseline.see(10, 10, usual, 1);
    assert.equal(baseline.sickness, null);
  });
  it('says how bad it has been since that began, not how the last window happened to be', () => {
    const baseline = after('higher', 20, 10);
    for (let window = 0; window < 10; window++) baseline.see(100, 10, usual, 1);
    baseline.see(35, 10, usual, 1);
    assert.deepEqual(baseline.sickness, { level: 1035 / 110, usual: 2 });
  });
  it('where nothing was ever counted, a first event is no sickness; many are', () => {
    const never = { least: 0, most: 0 };
    const [one, many] = [new SickBaseline('higher'), new SickBaseline('higher')];
    one.see(1, 10, never, 1);
    for (let window = 0; window < 20; window++) many.see(10, 10, never, 1);
    assert.deepEqual([one.sickness === null, many.sickness === null], [true, false]);
  });
});

describe('a baseline that is measured', () => {
  const usual = { least: 50, most: 100 };
  const after = (worse: 'higher' | 'lower' | 'either', ...levels: readonly number[]) => {
    const sick = new SickLevel(worse);
    for (const level of levels) sick.see(level, usual);
    return sick.sickness !== null;
  };
  it('is sick when it has been for five windows, and well at once', () => {
    assert.equal(after('higher', 300, 300, 300, 300), false);
    assert.equal(after('higher', 300, 300, 300, 300, 300), true);
    assert.equal(after('higher', 300, 300, 300, 300, 300, 90), false);
    assert.equal(after('higher', 300, 300, 90, 300, 300, 300), false);
  });
  it('in the direction that is worse', () => {
    const [high, low] = [[300, 300, 300, 300, 300] as const, [10, 10, 10, 10, 10] as const];
    assert.deepEqual(
      [after('higher', ...high), after('lower', ...high), after('either', ...high)],
      [true, false, true],
    );
    assert.deepEqual([after('higher', ...low), after('lower', ...low), after('either', ...low)], [false, true, true]);
  });
  it('the newest levels against the others', () => {
    const calm = upTo(40).map(() => 100);
    assert.equal(sickLevelIn([...calm, 300, 300, 300, 300, 300], 10, 'higher')?.level, 300);
    assert.equal(sickLevelIn(calm, 10, 'higher'), null);
    assert.equal(sickLevelIn([1, 2, 300, 300, 300, 300, 300], 5, 'higher'), null);
  });
});
