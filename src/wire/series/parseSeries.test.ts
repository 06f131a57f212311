import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseSeries } from './parseSeries.ts';

const AT = Date.parse('2026-03-01T12:00:00Z');
const row = { at: AT, treated: true, target: 'a', metric: 'faults', value: 3 };

describe('a recorded series', () => {
  const good: readonly (readonly [string, string, unknown])[] = [
    ['CSV', 'time,arm,target,metric,value\n2026-03-01T12:00:00Z,treated,a,faults,3\n', [row]],
    [
      'columns in any order, and others beside',
      'note,value,metric,target,arm,time\n"x, y",3,faults,a,treated,2026-03-01T13:00:00+01:00',
      [row],
    ],
    ['seconds since 1970', `time,arm,target,metric,value\n${AT / 1000},treated,a,faults,3`, [row]],
    ['milliseconds since 1970', `time,arm,target,metric,value\r\n${AT},TREATED,a,faults,3\r\n\r\n`, [row]],
    [
      'a numerator and a denominator',
      `time,arm,target,metric,numerator,denominator\n${AT},treated,a,faults,3,10`,
      [row, { ...row, metric: 'faults.total', value: 10 }],
    ],
    [
      'a quotation mark in quotes',
      `time,arm,target,metric,value\n${AT},treated,"a ""b""",faults,3`,
      [{ ...row, target: 'a "b"' }],
    ],
    ['JSON lines', `{"time":${AT},"arm":"treated","target":"a","metric":"faults","value":3}\n`, [row]],
    ['only a heading', 'time,arm,target,metric,value\n', []],
  ];
  for (const [name, text, expected] of good) {
    it(name, () => {
      const read = parseSeries(text);
      assert.deepEqual(read.ok ? read.value : read.error, expected);
    });
  }

  const bad: readonly (readonly [string, string, number, RegExp])[] = [
    ['nothing', '\n\n', 1, /nothing in it/],
    ['a heading that lacks columns', 'time,target,value\n', 1, /lacks arm, metric/],
    ['a time without a zone', 'time,arm,target,metric,value\n2026-03-01T12:00:00,treated,a,m,1', 2, /is not a time/],
    ['an unknown arm', `time,arm,target,metric,value\n${AT},canary,a,m,1`, 2, /"canary" is not an arm/],
    ['no figure', `time,arm,target,metric,value\n${AT},treated,a,m,`, 2, /has no figure/],
    ['a figure that is none', `time,arm,target,metric,value\n${AT},treated,a,m,NaN`, 2, /has no figure/],
    ['no target', `time,arm,target,metric,value\n${AT},treated,,m,1`, 2, /target or the metric is empty/],
    ['an open quotation mark', `time,arm,target,metric,value\n${AT},treated,"a,m,1`, 2, /not closed/],
    [
      'a line that is not JSON',
      `{"time":${AT},"arm":"treated","target":"a","metric":"m","value":1}\n{"time"`,
      2,
      /not a JSON object/,
    ],
    ['a JSON list', `{"time":${AT},"arm":"treated","target":"a","metric":"m","value":1}\n[1]`, 2, /not a JSON object/],
  ];
  for (const [name, text, line, says] of bad) {
    it(`refuses ${name}, and says where`, () => {
      const read = parseSeries(text);
      assert.ok(!read.ok);
      assert.equal(read.error.line, line);
      assert.match(read.error.says, says);
      assert.notEqual(read.error.remedy, '');
    });
  }
});
