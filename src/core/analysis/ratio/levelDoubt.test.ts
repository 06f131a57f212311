import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FleetPast } from './fleetPast.ts';
import { dispersionWith, levelDoubt } from './levelDoubt.ts';

/** A past in which targets a, b, c … count so many each in every window. */
function pastOf(windows: number, ...counts: readonly number[]): FleetPast {
  const past = new FleetPast(1000);
  for (let window = 0; window < windows; window++)
    past.add(counts.map((events, index) => ({ target: 'abcdefgh'[index] ?? '', events, exposure: 1 })));
  return past;
}

const arm = (...targets: readonly string[]) => targets.map((target) => ({ target, events: 0, exposure: 1 }));

describe('how badly the level of an arm is known', () => {
  it('of one target of which nothing is known it is a guess, of two half as much', () => {
    const past = new FleetPast(10);
    assert.equal(levelDoubt(past, arm('a'), 1), 0.5);
    assert.equal(levelDoubt(past, arm('a', 'b'), 1), 0.25);
  });
  it('what a target counted tells its level, and less where counts come in clusters', () => {
    const past = pastOf(100, 10, 10, 10, 10);
    const [known, clustered, stranger] = [
      levelDoubt(past, arm('a'), 1),
      levelDoubt(past, arm('a'), 20),
      levelDoubt(past, arm('z'), 1),
    ];
    assert.ok(known < 0.001 && known < clustered && clustered < stranger, `${known} ${clustered} ${stranger}`);
  });
  it('where targets differ, one that nobody knows may be anything', () => {
    const alike = levelDoubt(pastOf(100, 10, 10, 10, 10, 10, 10, 10, 10), arm('z'), 1);
    const unlike = levelDoubt(pastOf(100, 1, 2, 4, 8, 16, 32, 64, 128), arm('z'), 1);
    assert.ok(unlike > 5 * alike, `${unlike} ${alike}`);
  });
  it('nothing is in doubt of nobody', () => assert.equal(levelDoubt(new FleetPast(10), [], 1), 0));
});

describe('the dispersion with that doubt', () => {
  it('is what it was where the past is eight bakes long', () => assert.equal(dispersionWith(3, 1 / 800, 3 * 100), 3));
  it('covers the doubt, by no more than a tenth too much', () => {
    const figure = fc.double({ min: 1, max: 1e4, noNaN: true });
    fc.assert(
      fc.property(figure, fc.double({ min: 0, max: 1, noNaN: true }), figure, (dispersion, doubt, due) => {
        const asked = Math.max(dispersion, dispersion * (1 - 1 / 8) + due * doubt);
        const found = dispersionWith(dispersion, doubt, due);
        assert.ok(found >= asked * (1 - 1e-9) && found <= asked * Math.exp(0.1) * (1 + 1e-9), `${found} of ${asked}`);
      }),
    );
  });
});
