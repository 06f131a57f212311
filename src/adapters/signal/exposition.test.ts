import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseExposition, type Sample } from './exposition.ts';

function samplesOf(text: string): readonly Sample[] {
  const parsed = parseExposition(text);
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.error);
  return parsed.value.samples;
}

describe('exposition', () => {
  it('reads what a service shows', () => {
    const text = `# HELP shop_requests_total Requests, by "code".
# TYPE shop_requests_total counter
shop_requests_total{code="200",path="/search"} 1027 1395066363000
shop_requests_total{code="500",path="/search",} 3

# a comment of its own
# TYPE latency histogram
latency_bucket{le="+Inf"} 1.5e+3
latency_sum 0.25
up 1\r
`;
    const parsed = parseExposition(text);
    assert.ok(parsed.ok);
    assert.deepEqual(Object.fromEntries(parsed.value.types), { shop_requests_total: 'counter', latency: 'histogram' });
    assert.deepEqual(
      parsed.value.samples.map(({ name, labels, value }) => [name, Object.fromEntries(labels), value]),
      [
        ['shop_requests_total', { code: '200', path: '/search' }, 1027],
        ['shop_requests_total', { code: '500', path: '/search' }, 3],
        ['latency_bucket', { le: '+Inf' }, 1500],
        ['latency_sum', {}, 0.25],
        ['up', {}, 1],
      ],
    );
  });

  it('reads what OpenMetrics adds', () => {
    const text = `# TYPE shop_requests counter
# UNIT shop_requests requests
shop_requests_total{code="200"} 17.0 1520879607.789 # {trace_id="oHg5SJYRHA0"} 9.8 1520879607.789
shop_requests_created{code="200"} 1520430000.123
shop_requests_total{code="500"} 1 # {} 1
# EOF`;
    assert.deepEqual(
      samplesOf(text).map(({ value }) => value),
      [17, 1520430000.123, 1],
    );
  });

  // biome-ignore format: a table
  const VALUES: readonly (readonly [written: string, value: number])[] = [
    ['0', 0], ['-1', -1], ['+2.5', 2.5], ['.5', 0.5], ['5.', 5], ['1e3', 1000], ['1E-2', 0.01], ['1.7976931348623157e+308', Number.MAX_VALUE],
    ['1e999', Infinity], ['NaN', NaN], ['nan', NaN], ['+Inf', Infinity], ['-Inf', -Infinity], ['inf', Infinity], ['Infinity', Infinity],
  ];
  it('reads every number that Prometheus does', () => {
    for (const [written, value] of VALUES) assert.equal(samplesOf(`a ${written}`)[0]?.value, value, written);
  });

  it('reads escapes in labels', () => {
    const [sample] = samplesOf(String.raw`a{x="quote \" backslash \\ line \n other \t é 🦊 } , ="} 1`);
    assert.deepEqual(sample?.labels, [['x', 'quote " backslash \\ line \n other \\t é 🦊 } , =']]);
  });

  // biome-ignore format: a table
  const REFUSED: readonly (readonly [text: string, says: RegExp, why: string])[] = [
    ['a 1\n{x="1"} 2', /^line 2: expected the name of a metric$/, 'no name'],
    ['1a 1', /expected the name/, 'a name that starts with a digit'],
    ['a', /expected a number, found ""/, 'no value'],
    ['a 0x10', /expected a number, found "0x10"/, 'not decimal'],
    ['a 1 2 3', /nothing after the timestamp/, 'too much'],
    ['a 1 soon', /expected a timestamp, found "soon"/, 'no timestamp'],
    ['a{x=1} 1', /label x in quotes/, 'no quotes'],
    ['a{x="1} 1', /label x does not end/, 'an open quote'],
    ['a{x="1\\', /label x does not end/, 'an open quote after a backslash'],
    ['a{x="1"y="2"} 1', /expected "," or "}" after the label x/, 'no comma'],
    ['a{x} 1', /expected "=" after the label x/, 'no value'],
    ['a{"x"="1"} 1', /expected the name of a label/, 'a quoted name'],
    ['a{', /expected the name of a label or "}"/, 'cut off'],
    ['<html>', /expected the name of a metric/, 'another page altogether'],
  ];
  for (const [text, says, why] of REFUSED) {
    it(`refuses the whole for ${why}`, () => {
      const parsed = parseExposition(text);
      assert.ok(!parsed.ok);
      assert.match(parsed.error, says);
    });
  }

  it('never throws, whatever the text', () => {
    const pieces = fc.constantFrom(
      'a',
      '{',
      '}',
      '"',
      '\\',
      '=',
      ',',
      '\n',
      ' ',
      '1',
      '#',
      'TYPE',
      'e',
      '.',
      '-',
      'NaN',
      '🦊',
      '\u0000',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(pieces, { maxLength: 60 }).map((parts) => parts.join('')),
        ),
        (text) => {
          parseExposition(text);
        },
      ),
    );
  });

  it('reads back what was written', () => {
    const name = fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,20}$/);
    const label = fc.tuple(fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,20}$/), fc.string());
    const sample = fc.record({ name, labels: fc.array(label, { maxLength: 4 }), value: fc.double() });
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 10 }), (samples) => {
        const text = samples.map(({ name, labels, value }) => {
          const written = labels.map(
            ([key, found]) =>
              `${key}="${found.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`,
          );
          return `${name}{${written.join(',')}} ${Number.isFinite(value) ? value : value > 0 ? '+Inf' : value < 0 ? '-Inf' : 'NaN'}`;
        });
        assert.deepEqual(
          samplesOf(text.join('\n')),
          samples.map((each) => ({ ...each, value: Object.is(each.value, -0) ? 0 : each.value })),
        );
      }),
    );
  });

  it('takes no more than the text is worth: 4 MiB of the worst', () => {
    const size = 4 * 1024 * 1024;
    for (const text of [
      `a ${'1'.repeat(size)}x`,
      `a{x="${'\\\\'.repeat(size / 2)}`,
      `a{${'x="",'.repeat(size / 5)}`,
      ' '.repeat(size),
      '#'.repeat(size),
      'a 1\n'.repeat(size / 4),
    ]) {
      parseExposition(text);
    }
  });
});
