import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { labelsIn, parseTemplate, renderTemplate } from './labelTemplate.ts';

const FACTS = { name: 'shop-eu-1', service: 'shop', role: 'web', labels: { region: 'eu', 'a.b-c': 'x' } };

function rendered(text: string): string {
  const template = parseTemplate(text);
  if (!template.ok) return `cannot be read: ${template.error}`;
  const made = renderTemplate(template.value, FACTS);
  return made.ok ? made.value : `lacks: ${made.error.join(', ')}`;
}

describe('templates over labels', () => {
  // biome-ignore format: a table
  const CASES: readonly (readonly [text: string, expected: string | RegExp, why: string])[] = [
    ['', '', 'nothing'],
    ['{"a": {"b": {}}}', '{"a": {"b": {}}}', 'closing braces alone mean nothing'],
    ['to {{ labels.region }}!', 'to eu!', 'a label'],
    ['{{labels.region}}{{labels.region}}', 'eueu', 'without spaces, twice'],
    ['{{ labels.a.b-c }}', 'x', 'dots and dashes belong to the name'],
    ['{{ target.name }}/{{ target.service }}/{{ target.role }}', 'shop-eu-1/shop/web', 'what every target has'],
    ['{{ "{{" }} .Values }}', '{{ .Values }}', 'the braces themselves'],
    ['{{ labels.zone }} {{ labels.rack }}', 'lacks: rack, zone', 'all that is missing is named'],
    ['{{ labels.__proto__ }}', /cannot be read/, 'no label has such a name'],
    ['{{ labels.constructor }}', 'lacks: constructor', 'what every object inherits is no label'],
    ['a\n{{ region }}', /line 2: found "\{\{ region }}", expected between the braces: labels\.NAME, target\.name/, 'an unknown name'],
    ['a\n\n{{ labels.region', /line 3: "\{\{" without "}}" after it/, 'no end'],
    ['{{ target.uid }}', /expected between the braces/, 'not a fact that is told'],
    ['{{}}', /expected between the braces/, 'nothing in it'],
  ];
  for (const [text, expected, why] of CASES) {
    it(why, () => {
      if (typeof expected === 'string') assert.equal(rendered(text), expected);
      else assert.match(rendered(text), expected);
    });
  }

  it('what has no opening braces is itself', () => {
    fc.assert(fc.property(fc.string(), (text) => text.includes('{{') || rendered(text) === text));
  });

  it('names each label once, sorted', () => {
    const template = parseTemplate('{{ labels.b }}{{ labels.a }}{{ labels.b }}{{ target.name }}');
    assert.deepEqual(template.ok && labelsIn(template.value), ['a', 'b']);
  });
});
