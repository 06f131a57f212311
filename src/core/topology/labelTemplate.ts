import { err, ok, type Result } from '../kernel/result.ts';
import type { Target } from './target.ts';

/**
 * A text that is another one on every target: `{{ labels.region }}` stands for the target's own label. The template has one digest for the
 * whole fleet; what it comes to is the target's. There are no conditions and no loops: what differs more than that is another change.
 */
export interface LabelTemplate {
  readonly parts: readonly (string | TemplateName)[];
}

/** `label: null`: one of the facts every target has. */
export interface TemplateName {
  readonly name: string;
  readonly label: string | null;
}

/** What a template can be told of a target. */
export type TemplateFacts = Pick<Target, 'name' | 'service' | 'role' | 'labels'>;

const FACTS = ['name', 'service', 'role'] as const;
const LABEL = /^labels\.([A-Za-z][-A-Za-z0-9._]{0,62})$/;
const KNOWN = `labels.NAME, ${FACTS.map((fact) => `target.${fact}`).join(', ')}, or "{{" for the braces themselves`;

/** The error says what is wrong, and where. */
export function parseTemplate(text: string): Result<LabelTemplate, string> {
  const parts: (string | TemplateName)[] = [];
  for (let at = 0; ; ) {
    const open = text.indexOf('{{', at);
    if (open === -1) return ok({ parts: [...parts, text.slice(at)] });
    parts.push(text.slice(at, open));
    const close = text.indexOf('}}', open + 2);
    if (close === -1)
      return err(`line ${lineOf(text, open)}: "{{" without "}}" after it; write {{ "{{" }} for the braces themselves`);
    const part = partOf(text.slice(open + 2, close).trim());
    if (part === null) {
      const found = text.slice(open, Math.min(close + 2, open + 80));
      return err(`line ${lineOf(text, open)}: found ${JSON.stringify(found)}, expected between the braces: ${KNOWN}`);
    }
    parts.push(part);
    at = close + 2;
  }
}

function partOf(expression: string): string | TemplateName | null {
  if (expression === '"{{"') return '{{';
  if (FACTS.some((fact) => expression === `target.${fact}`)) return { name: expression, label: null };
  const label = LABEL.exec(expression)?.[1];
  return label === undefined ? null : { name: expression, label };
}

/** The labels that every target needs, each once, sorted. */
export function labelsIn({ parts }: LabelTemplate): readonly string[] {
  const labels = parts.flatMap((part) => (typeof part === 'string' || part.label === null ? [] : [part.label]));
  return [...new Set(labels)].sort();
}

/** What the template comes to. The error names the labels that the target lacks. */
export function renderTemplate(template: LabelTemplate, facts: TemplateFacts): Result<string, readonly string[]> {
  const missing = labelsIn(template).filter((label) => !Object.hasOwn(facts.labels, label));
  if (missing.length > 0) return err(missing);
  return ok(template.parts.map((part) => (typeof part === 'string' ? part : wordFor(part, facts))).join(''));
}

function wordFor({ name, label }: TemplateName, facts: TemplateFacts): string {
  if (label !== null) return facts.labels[label] ?? '';
  return facts[name.slice('target.'.length) as (typeof FACTS)[number]];
}

function lineOf(text: string, at: number): number {
  return text.slice(0, at).split('\n').length;
}
