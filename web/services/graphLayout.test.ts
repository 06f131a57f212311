import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { placeGraph } from './graphLayout.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e'];
const graphs = fc
  .array(fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 3 }), { minLength: 5, maxLength: 5 })
  .map((all) => NAMES.map((name, index) => ({ name, needs: all[index] ?? [] })));

test('everybody has one place, and nobody has the place of another, circles included', () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      const { nodes, lines, layers } = placeGraph(graph);
      const drawn = nodes.filter(({ isLane }) => !isLane);
      assert.deepEqual(drawn.map(({ name }) => name).toSorted(), NAMES);
      assert.equal(new Set(nodes.map(({ layer, line }) => `${layer} ${line}`)).size, nodes.length);
      for (const { line, layer } of nodes) assert.ok(line < lines && layer < layers);
    }),
  );
});

test('who needs stands left of what is needed; a need over several layers has a lane in each between', () => {
  const graph = placeGraph([
    { name: 'front', needs: ['shop', 'ledger'] },
    { name: 'shop', needs: ['payments'] },
    { name: 'payments', needs: ['ledger'] },
    { name: 'ledger', needs: [] },
  ]);
  const layerOf = (name: string) => graph.nodes.find((node) => node.name === name)?.layer;
  assert.deepEqual(['front', 'shop', 'payments', 'ledger'].map(layerOf), [0, 1, 2, 3]);
  for (const { from, to } of graph.edges) assert.equal(to.layer - from.layer, 1);
  assert.equal(graph.nodes.filter(({ isLane }) => isLane).length, 2);
});
