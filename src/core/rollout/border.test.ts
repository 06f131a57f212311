import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Candidate, nextBorder } from './border.ts';

const roomOf = (left: Readonly<Record<string, number>>, concurrency = 100) => ({
  concurrency,
  domain: (key: string) => left[key] ?? 0,
});
const inZones = (...zones: readonly string[]): Candidate[] =>
  zones.map((zone, index) => ({
    place: (index + 1) / 100,
    domain: zone.replace('!', ''),
    unavailable: zone.endsWith('!'),
  }));

describe('how far the fleet can be ordered to move', () => {
  const cases = [
    [inZones('a', 'b', 'c'), { a: 1, b: 1, c: 1 }, 100, { below: 1, targets: 3, stop: null }, 'all of them fit'],
    [
      inZones('a', 'b', 'a', 'c'),
      { a: 1, b: 1, c: 1 },
      100,
      { below: 0.03, targets: 2, stop: { kind: 'domain', key: 'a' } },
      'a second one of the same domain is one too many, and whoever comes after it waits too',
    ],
    [
      inZones('a', 'b', 'c'),
      { a: 1, b: 1, c: 1 },
      2,
      { below: 0.03, targets: 2, stop: { kind: 'enough' } },
      'only so many at once',
    ],
    [
      inZones('a!', 'a'),
      { a: 0 },
      100,
      { below: 0.02, targets: 1, stop: { kind: 'domain', key: 'a' } },
      'one that is away already takes nothing more away; the next one would',
    ],
    [
      inZones('a!'),
      { a: -1 },
      100,
      { below: 0.01, targets: 0, stop: { kind: 'domain', key: 'a' } },
      'where too many are away none is taken, for all would move when they come back',
    ],
    [[], {}, 100, { below: 1, targets: 0, stop: null }, 'nobody is left'],
    [
      [
        { place: 0.1, domain: 'a', unavailable: false },
        { place: 0.2, domain: 'a', unavailable: false },
        { place: 0.2, domain: 'a', unavailable: false },
      ],
      { a: 2 },
      100,
      { below: 0.2, targets: 1, stop: { kind: 'domain', key: 'a' } },
      'two at one place go together or not at all',
    ],
  ] as const;
  for (const [candidates, left, concurrency, expected, why] of cases) {
    it(`law 11: ${why}`, () => assert.deepEqual(nextBorder(candidates, roomOf(left, concurrency), 1), expected));
  }

  const anyFleet = fc
    .array(
      fc.record({
        place: fc.integer({ min: 0, max: 60 }).map((at) => at / 61),
        domain: fc.constantFrom('a', 'b', 'c'),
        unavailable: fc.boolean(),
      }),
      { maxLength: 40 },
    )
    .map((fleet) => fleet.toSorted((a, b) => a.place - b.place));
  const anyRoom = fc.record({ a: fc.integer({ min: -1, max: 4 }), b: fc.nat(4), c: fc.nat(4) });

  it('law 11: what lies before the border fits into every domain, and with the next place it would not', () => {
    fc.assert(
      fc.property(anyFleet, anyRoom, fc.integer({ min: 0, max: 20 }), (fleet, left, concurrency) => {
        const { below, targets } = nextBorder(fleet, roomOf(left, concurrency), 1);
        const taken = fleet.filter(({ place }) => place < below);
        assert.equal(taken.length, targets);
        assert.ok(fits(taken, left, concurrency));
        const next = fleet.find(({ place }) => place >= below)?.place;
        if (next === undefined) return;
        const more = fleet.filter(({ place }) => place <= next);
        assert.ok(!fits(more, left, concurrency), 'it goes as far as it can');
      }),
    );
  });

  function fits(taken: readonly Candidate[], left: Record<string, number>, concurrency: number): boolean {
    const more = Map.groupBy(taken, ({ domain }) => domain ?? '');
    return (
      taken.length <= concurrency &&
      [...more].every(([key, members]) => {
        const room = left[key] ?? 0;
        return room >= 0 && members.filter(({ unavailable }) => !unavailable).length <= room;
      })
    );
  }
});
