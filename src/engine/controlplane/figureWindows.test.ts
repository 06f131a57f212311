import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Target } from '../../core/topology/target.ts';
import { FigureWindows } from './figureWindows.ts';

const target = (uid: string, service = 'shop'): Target => ({ uid, name: uid, service, role: 'web', labels: {} });
const measured = (value: number, minutes = 1 / 60) => ({ metric: 'requests', figures: [value], minutes });

describe('figures are gathered into windows', () => {
  const wallMs = 1_700_000_000_000;
  let ms = 0;
  const clock = { now: () => wallMs + ms, monotonic: () => ms };
  const gathering = () => {
    ms = 100_000;
    return new FigureWindows(clock, () => 10_000);
  };
  const taken = (windows: FigureWindows) =>
    windows.takeClosed().map(({ at, targets }) => ({
      at: at - wallMs,
      seen: [...targets].map(([uid, all]) => [uid, ...all.map(({ figures }) => figures)]),
    }));

  it('by when they arrive, those of one target together, and only once', () => {
    const windows = gathering();
    windows.add(target('one'), measured(1));
    ms = 104_000;
    windows.add(target('one'), measured(2));
    windows.add(target('two'), measured(3));
    assert.deepEqual(taken(windows), []);
    ms = 111_000;
    windows.add(target('one'), measured(4));
    assert.deepEqual(taken(windows), [
      {
        at: 110_000,
        seen: [
          ['one', [1], [2]],
          ['two', [3]],
        ],
      },
    ]);
    assert.deepEqual(taken(windows), []);
    ms = 120_000;
    assert.deepEqual(taken(windows), [{ at: 120_000, seen: [['one', [4]]] }]);
  });

  it('and windows in which nothing arrives are left out', () => {
    const windows = gathering();
    windows.add(target('one'), measured(1));
    ms = 500_000;
    windows.add(target('one'), measured(2));
    ms = 510_000;
    assert.deepEqual(taken(windows), [
      { at: 110_000, seen: [['one', [1]]] },
      { at: 510_000, seen: [['one', [2]]] },
    ]);
  });

  it('each service by itself, with when the figures begin', () => {
    const windows = gathering();
    windows.add(target('one'), measured(1, 0.05));
    windows.add(target('other', 'mail'), measured(2));
    ms = 110_000;
    const closed = windows.takeClosed();
    assert.deepEqual(
      closed.map(({ service }) => service),
      ['shop', 'mail'],
    );
    assert.equal(closed[0]?.targets.get('one')?.[0]?.from, 97_000);
  });

  it('what cannot be known is said in every window, until it can', () => {
    const windows = gathering();
    const fault = { code: 'source-down', says: 'nothing answers at prometheus:9090' } as const;
    windows.fault('shop', 'latency', fault);
    ms = 110_000;
    assert.deepEqual([...(windows.takeClosed()[0]?.faults ?? [])], [['latency', fault]]);
    ms = 120_000;
    assert.equal(windows.takeClosed()[0]?.faults.size, 1, 'though nothing else arrived');
    windows.fault('shop', 'latency', null);
    ms = 130_000;
    assert.equal(windows.takeClosed()[0]?.faults.size, 0);
    ms = 140_000;
    assert.deepEqual(windows.takeClosed(), []);
  });

  it('a source that floods one target does not fill the memory', () => {
    const windows = gathering();
    for (let index = 0; index < 10_000; index++) windows.add(target('one'), measured(index));
    ms = 110_000;
    assert.ok((windows.takeClosed()[0]?.targets.get('one')?.length ?? 0) < 1000);
  });
});
