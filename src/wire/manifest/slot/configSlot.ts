import { type FileSlot, fileSlotFormat } from './fileSlot.ts';

/** Its revisions are the bytes of the file. */
export interface ConfigSlot extends FileSlot {
  readonly kind: 'config';
}

export const configSlot = fileSlotFormat('config');
