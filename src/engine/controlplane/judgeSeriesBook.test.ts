import assert from 'node:assert/strict';
import { it } from 'node:test';
import { verdict } from '../../core/rollout/fixtures.ts';
import { JudgeSeriesBook, pointOf } from './judgeSeriesBook.ts';

it('a series is as long as it may be, evenly thinned, with its first and its newest point', () => {
  const book = new JudgeSeriesBook();
  const one = verdict('pass');
  for (let at = 0; at < 10_000; at++) {
    book.take(one, pointOf(one, at, 0));
    const points = book.series[0]?.points ?? [];
    assert.ok(points.length <= 501, `${points.length}`);
    assert.equal(points[0]?.at, 0);
    assert.equal(points.at(-1)?.at, at);
    const steps = points.slice(1, -1).map((point, index) => point.at - (points[index]?.at ?? 0));
    assert.equal(new Set(steps).size <= 1, true, `at ${at}: ${[...new Set(steps)]}`);
  }
});

it('each check and role by itself', () => {
  const book = new JudgeSeriesBook();
  for (const role of ['api', 'web']) book.take(verdict('pass', { role }), pointOf(verdict('fail', { role }), 1, 2));
  assert.deepEqual(
    book.series.map(({ check, role, points }) => [
      check,
      role,
      points.map(({ at, stage, outcome }) => [at, stage, outcome]),
    ]),
    [
      ['errors', 'api', [[1, 2, 'fail']]],
      ['errors', 'web', [[1, 2, 'fail']]],
    ],
  );
});
