import type { DurationMs } from '../../../core/kernel/instant.ts';
import { fields, list } from '../fields.ts';
import { filePath, pattern, text } from '../scalars.ts';
import {
  resolvedTelling,
  type ServiceTelling,
  span,
  telling,
  tellingSpans,
  toTelling,
  watchFor,
} from './serviceTelling.ts';
import { type SlotFormat, slotFormat } from './slotFormat.ts';

/** A file that is replaced as a whole, and the service that reads it. */
export interface FileSlot extends ServiceTelling {
  readonly file: string;
  /** Permission bits, e.g. 0o644; `null` keeps those the file has. */
  readonly mode: number | null;
  /** Names or numbers; `null` keeps those the file has. */
  readonly owner: { readonly user: string; readonly group: string } | null;
  /** Judges the new file before anything moves; `null`: nothing does. */
  readonly validate: ValidateCommand | null;
  /** How long after its confirmation a failing check still takes a new revision back. */
  readonly watchForMs: DurationMs;
}

export interface ValidateCommand {
  /** `{file}` in it stands for the path of the new file, which lies beside the one in force. */
  readonly command: readonly string[];
  readonly timeoutMs: DurationMs;
}

export const CANDIDATE = '{file}';

const schema = fields('a mapping with file, and mode, owner, validate, reload, restart and verify as needed', {
  file: filePath,
  mode: pattern('permission bits in quotes, such as "0644"', /^0?[0-7]{3}$/).optional(),
  owner: pattern(
    'a user and a group, by name or number, such as www-data:www-data',
    /^(?:[a-z_][-a-z0-9_.]{0,31}\$?|[0-9]{1,10}):(?:[a-z_][-a-z0-9_.]{0,31}\$?|[0-9]{1,10})$/,
  ).optional(),
  validate: fields('a mapping with command and timeout', {
    command: list('a list of the program and its arguments; no shell reads them', text, 256).refine(
      (command) => command.some((argument) => argument.includes(CANDIDATE)),
      { error: `a command with ${CANDIDATE} in it, for the path of the new file` },
    ),
    timeout: span.default(10_000).describe('10s if left out'),
  })
    .optional()
    .describe('judges the new file, beside the old one, before anything moves; it must end with 0'),
  ...telling,
  watchFor,
});

/** Of a kind whose slots are files. */
export function fileSlotFormat<Kind extends string>(kind: Kind): SlotFormat<FileSlot & { readonly kind: Kind }> {
  return slotFormat({
    schema,
    read: ({ file, mode, owner, validate, watchFor, ...told }): FileSlot & { readonly kind: Kind } => ({
      kind,
      file,
      mode: mode === undefined ? null : Number.parseInt(mode, 8),
      owner: owner === undefined ? null : toOwner(owner),
      validate: validate === undefined ? null : { command: validate.command, timeoutMs: validate.timeout },
      ...toTelling(told),
      watchForMs: watchFor,
    }),
    resolved: (slot, from) => ({
      ...slot,
      ...resolvedTelling(slot, from),
      file: from.path(slot.file),
      validate: slot.validate && { ...slot.validate, command: from.command(slot.validate.command) },
    }),
    owns: ({ file }) => ({ file }),
    place: ({ file }) => file,
    spans: tellingSpans,
  });
}

function toOwner(owner: string): FileSlot['owner'] {
  const [user = '', group = ''] = owner.split(':');
  return { user, group };
}
