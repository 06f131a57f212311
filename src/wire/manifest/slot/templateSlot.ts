import { type FileSlot, fileSlotFormat } from './fileSlot.ts';

/** Its revisions are templates over the target's labels; the file holds what they come to here. */
export interface TemplateSlot extends FileSlot {
  readonly kind: 'template';
}

export const templateSlot = fileSlotFormat('template');
