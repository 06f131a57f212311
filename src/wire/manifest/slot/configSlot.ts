import type { DurationMs } from '../../../core/kernel/instant.ts';
import { fields } from '../fields.ts';
import { filePath, pattern } from '../scalars.ts';
import { resolvedTelling, type ServiceTelling, telling, tellingSpans, toTelling, watchFor } from './serviceTelling.ts';
import { slotFormat } from './slotFormat.ts';

/** A file that is replaced as a whole, and the service that reads it. */
export interface ConfigSlot extends ServiceTelling {
  readonly kind: 'config';
  readonly file: string;
  /** Permission bits, e.g. 0o644; `null` keeps those the file has. */
  readonly mode: number | null;
  /** How long after its confirmation a failing check still takes a new revision back. */
  readonly watchForMs: DurationMs;
}

export const configSlot = slotFormat({
  schema: fields('a mapping with file, and mode, reload, restart and verify as needed', {
    file: filePath,
    mode: pattern('permission bits in quotes, such as "0644"', /^0?[0-7]{3}$/).optional(),
    ...telling,
    watchFor,
  }),
  read: ({ file, mode, watchFor, ...told }): ConfigSlot => ({
    kind: 'config',
    file,
    mode: mode === undefined ? null : Number.parseInt(mode, 8),
    ...toTelling(told),
    watchForMs: watchFor,
  }),
  resolved: (slot, from) => ({ ...slot, ...resolvedTelling(slot, from), file: from.path(slot.file) }),
  owns: ({ file }) => ({ file }),
  place: ({ file }) => file,
  spans: tellingSpans,
});
