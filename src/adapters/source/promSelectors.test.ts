import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { selectorsIn } from './promSelectors.ts';

const TABLE: readonly (readonly [query: string, selectors: readonly string[]])[] = [
  ['shop_load', ['shop_load']],
  ['shop_load{a="b",c=~"d|}e"}', ['shop_load{a="b",c=~"d|}e"}']],
  ['{__name__=~"shop_.+"}', ['{__name__=~"shop_.+"}']],
  ['sum by (instance, le) (rate(a_bucket{b!="c"}[5m]))', ['a_bucket{b!="c"}']],
  ['sum(rate(a[5m])) by (instance) / avg without(x) (b:c)', ['a', 'b:c']],
  ['a{code="500"} or 0 * a', ['a{code="500"}', 'a']],
  ['histogram_quantile(0.99, sum(rate(a[1m])) by (le, instance)) > bool 1e3', ['a']],
  ['a * on (instance) group_left (pod) b unless ignoring(c) d', ['a', 'b', 'd']],
  ['a - a offset 5m', ['a']],
  ['a{b="c"}[5m] offset 1h + d @ end()', []],
  ['max_over_time(rate(a[1m])[10m:30s])', ['a']],
  ['quantile_over_time(0.9, a[5m]) # b', ['a']],
  ["label_replace(a, 'instance', '$1', 'pod', '(.*)-b')", ['a']],
  ['topk by (instance) (1, a)', ['a']],
  ['count_values("version", build)', ['build']],
  ['vector(1) + time()', []],
  ['-inf + NaN + a{}', ['a{}']],
  ['"a"', []],
  ['by', []],
  ['a{', ['a{']],
];

for (const [query, selectors] of TABLE) {
  it(`the selectors in ${query}`, () => assert.deepEqual(selectorsIn(query), selectors));
}

it('ends for any text at all', () => {
  const piece = fc.constantFrom('a', '{', '}', '[', ']', '(', ')', '"', 'by', 'offset', '=', ',', ' ', '\\', '5m');
  fc.assert(fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => void selectorsIn(pieces.join(''))));
});
