import type { FailureCode } from '../../core/agent/failureCode.ts';
import type { Attributes, Content } from '../../core/agent/slot.ts';
import { assert } from '../../core/kernel/assert.ts';
import { parseTemplate, renderTemplate } from '../../core/topology/labelTemplate.ts';
import { type Driver, DriverError, type Reading, type Revision } from '../../engine/ports/driver.ts';
import type { TemplateSlot } from '../../wire/manifest/slot/templateSlot.ts';
import { configDriver } from './config.ts';
import type { DriverTools } from './driverTools.ts';
import { contentOf } from './slotFile.ts';
import { TemplateSources } from './templateSources.ts';

/** Of a baseline that was a template already: its bytes are to be filled in. */
const FILLED_IN: Attributes = { template: 1 };

/**
 * A configuration file that is filled in on the target. Towards the agent a revision is the template; towards the file and the service it
 * is what the template comes to here. Which template a file was made from lies beside it, under the digest of what the file holds: so the
 * renaming that puts the file in force is still the one step that counts.
 */
export const templateDriver = (spec: TemplateSlot, tools: DriverTools): Driver => {
  const config = configDriver(spec, tools);
  const sources = new TemplateSources(spec.file);

  async function read(signal: AbortSignal): Promise<Reading> {
    const found = await config.read(signal);
    const bytes = found.content === 'absent' ? null : await sources.of(found.content);
    if (bytes === null) return found;
    const made = fillIn(bytes, tools.target());
    // Made when the labels were others, or meddled with: then it is just a file that nobody ordered.
    if (!made.ok || contentOf(made.bytes) !== found.content) return found;
    return { ...found, content: contentOf(bytes), bytes, attributes: { ...found.attributes, ...FILLED_IN } };
  }

  /** What the file is to hold. A baseline that was no template is what it was. */
  function filledIn({ content, bytes, attributes }: Revision, code: FailureCode): Revision {
    const { template: isTemplate, ...rest } = attributes ?? FILLED_IN;
    if (content === 'absent' || isTemplate !== 1) return { content, bytes, attributes };
    assert(bytes !== null, `${content} comes with its bytes`);
    const made = fillIn(bytes, tools.target());
    if (!made.ok) throw new DriverError(code, `the template ${content}: ${made.error}`, false);
    return { content: contentOf(made.bytes), bytes: made.bytes, attributes: attributes === null ? null : rest };
  }

  async function prepare(next: Revision, _back: Revision, signal: AbortSignal): Promise<void> {
    const file = filledIn(next, 'prepare-failed');
    await keep(file, next, 'prepare-failed');
    // What is in force now, whatever labels it was made with.
    await config.prepare(file, await config.read(signal), signal);
  }

  async function apply(next: Revision, expected: Content, signal: AbortSignal): Promise<void> {
    const file = filledIn(next, 'apply-failed');
    await keep(file, next, 'apply-failed');
    const { content } = await read(signal);
    const isExpected = content === expected || content === next.content;
    await config.apply(file, isExpected ? (await config.read(signal)).content : expected, signal);
  }

  async function undo(...[back, leaving, signal, by]: Parameters<Driver['undo']>): Promise<string> {
    const file = filledIn(back, 'revert-failed');
    await keep(file, back, 'revert-failed');
    const left = leaving === null || leaving === 'absent' ? leaving : ((await sources.madeFrom(leaving)) ?? leaving);
    return config.undo(file, left, signal, by);
  }

  /** Before the file is in force: a file whose template nobody knows would be one that somebody else wrote. */
  async function keep(file: Revision, source: Revision, code: FailureCode): Promise<void> {
    if (file.content === 'absent' || file.content === source.content || source.bytes === null) return;
    try {
      await sources.keep(file.content, source.bytes);
    } catch (error) {
      throw new DriverError(code, `the template cannot be kept beside ${spec.file}: ${String(error)}`, false);
    }
  }

  return {
    read,
    prepare,
    apply,
    verify: (next, signal) => config.verify(filledIn(next, 'verify-failed'), signal),
    undo,
    async tidy(back, keep) {
      await config.tidy(back, keep);
      const { content } = await config.read(new AbortController().signal);
      await sources.prune(content);
    },
    canRestart: config.canRestart ?? false,
  };
};

type Filled = { readonly ok: true; readonly bytes: Uint8Array } | { readonly ok: false; readonly error: string };

function fillIn(bytes: Uint8Array, facts: Parameters<typeof renderTemplate>[1]): Filled {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { ok: false, error: 'it is not UTF-8 text' };
  }
  const template = parseTemplate(text);
  if (!template.ok) return template;
  const made = renderTemplate(template.value, facts);
  if (made.ok) return { ok: true, bytes: Buffer.from(made.value) };
  const labels = made.error.join(', ');
  return {
    ok: false,
    error: `it needs labels that this target does not have: ${labels}; give them in the agent's file`,
  };
}
