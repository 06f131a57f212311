import type { z } from 'zod';
import type { Irreversible } from '../../core/policy/change.ts';
import type { SlotName } from '../../core/topology/service.ts';
import { envelope } from './envelope.ts';
import { distinct, entries, fields, list, variants } from './fields.ts';
import { filePath, name, pattern, sentence, slotName, text, word } from './scalars.ts';

/** A change as its author wrote it. Who applies it inlines the files' bytes and the server adds digests and the author. */
export interface ChangeManifest {
  readonly name: string;
  readonly service: string;
  /** Empty when left out: every role that has one of the slots. */
  readonly roles: readonly string[];
  readonly reason: string;
  readonly newPath?: string;
  readonly irreversible?: Irreversible;
  readonly slots: Readonly<Record<SlotName, SlotContent>>;
}

export type SlotContent =
  /** A path, relative to the folder of the manifest's file. Never accepted from the network. */
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bytes'; readonly base64: string };

const content = variants('a mapping with file, content or base64', ['file', 'content', 'base64'], {
  file: filePath.optional().describe('a path, relative to the folder of this file'),
  content: text.optional().describe('the text itself'),
  base64: pattern('the bytes in base64', /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/).optional(),
});

/** Long enough to say something: whoever has to restore reads nothing else. */
function explanation(expected: string) {
  return sentence(expected, 4000).refine((text) => text.trim().length >= 20, { error: expected });
}

const spec = fields('a mapping with service, reason and slots', {
  service: name,
  roles: list('a list of roles', name, 256)
    .superRefine(...distinct('a role'))
    .optional()
    .describe('which roles it goes to; left out: every role that has one of the slots'),
  reason: sentence('why this is done, in a sentence', 1000),
  newPath: word
    .optional()
    .describe('a metric of the service that counts only where the new path ran; exposure then counts that alone'),
  irreversible: fields('a mapping with reason and restore', {
    reason: explanation('why going back to the old bytes does not undo it, in a sentence of 20 characters or more'),
    restore: explanation('how people restore what it did, step by step, in 20 characters or more'),
  })
    .optional()
    .describe('says that it cannot be undone: two people approve it, and going back leaves it where it is'),
  slots: entries('a mapping of one slot or more', slotName, content, 1),
});

export const changeManifest = envelope('Change', spec);

export function toChange({ metadata, spec }: z.output<typeof changeManifest>): ChangeManifest {
  const slots = Object.entries(spec.slots).map(([slot, content]) => [slot, toSlotContent(content)]);
  return {
    name: metadata.name,
    service: spec.service,
    roles: spec.roles ?? [],
    reason: spec.reason,
    ...(spec.newPath === undefined ? {} : { newPath: spec.newPath }),
    ...(spec.irreversible === undefined ? {} : { irreversible: spec.irreversible }),
    slots: Object.fromEntries(slots),
  };
}

function toSlotContent(written: z.output<typeof content>): SlotContent {
  if (written.file !== undefined) return { kind: 'file', file: written.file };
  if (written.base64 !== undefined) return { kind: 'bytes', base64: written.base64 };
  return { kind: 'text', text: written.content ?? '' };
}
