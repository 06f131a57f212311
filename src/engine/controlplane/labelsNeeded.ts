import { labelsIn, parseTemplate } from '../../core/topology/labelTemplate.ts';
import { changeKindOf, type SlotName } from '../../core/topology/service.ts';

/** The labels that the templates of a change need, by slot: known before any target is asked to hold them (law 16). */
export function labelsNeeded(slots: Readonly<Record<SlotName, Uint8Array>>): {
  readonly labels?: Readonly<Record<SlotName, readonly string[]>>;
} {
  const needed = Object.entries(slots).flatMap(([slot, bytes]) => {
    const template = changeKindOf(slot) === 'template' ? parseTemplate(Buffer.from(bytes).toString()) : null;
    const labels = template?.ok === true ? labelsIn(template.value) : [];
    return labels.length === 0 ? [] : [[slot, labels] as const];
  });
  return needed.length === 0 ? {} : { labels: Object.fromEntries(needed) };
}

/** What keeps bytes from being a template, a sentence each. */
export function templateFaults(bytes: Uint8Array): readonly string[] {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return ['a template is UTF-8 text, and this is not'];
  }
  const template = parseTemplate(text);
  return template.ok ? [] : [template.error];
}
