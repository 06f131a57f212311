import type { DurationMs } from '../../../core/kernel/instant.ts';
import { fields, list } from '../fields.ts';
import { filePath, pattern, wholeNumber } from '../scalars.ts';
import { resolvedTelling, type ServiceTelling, telling, tellingSpans, toTelling, watchFor } from './serviceTelling.ts';
import { slotFormat } from './slotFormat.ts';

/** A folder with versions of a package side by side, and a link to the one that is in force. */
export interface PackageSlot extends ServiceTelling {
  readonly kind: 'package';
  /** In it: `versions/`, `downloads/`, and the link `current`. */
  readonly directory: string;
  /** Public keys of the publishers that are believed, in hexadecimal. */
  readonly keys: readonly string[];
  readonly unpacked: { readonly bytes: number; readonly entries: number };
  readonly watchForMs: DurationMs;
}

/** Reading all files of a version, to see that they are as they were unpacked. */
const INSPECTED_WITHIN_MS = 120_000;
const GIB = 1024 ** 3;

export const packageSlot = slotFormat({
  schema: fields('a mapping with directory and keys, and reload, restart and verify as needed', {
    directory: filePath.describe(
      'where its versions lie side by side; the link "current" in it shows the one in force',
    ),
    keys: list(
      'a list of public keys',
      pattern('a public key: 64 hexadecimal digits, as "ringfence package sign" shows it', /^[0-9a-f]{64}$/),
      64,
    ).describe('whose packages are believed, whatever a server sends'),
    unpacked: fields('a mapping with bytes and entries', {
      bytes: wholeNumber(1, 1024 * GIB)
        .default(GIB)
        .describe('1 GiB if left out'),
      entries: wholeNumber(1, 10_000_000).default(100_000).describe('100000 if left out'),
    })
      .default({ bytes: GIB, entries: 100_000 })
      .describe('how large a version may be once it is unpacked'),
    ...telling,
    watchFor,
  }),
  read: ({ directory, keys, unpacked, watchFor, ...told }): PackageSlot => ({
    kind: 'package',
    directory,
    keys,
    unpacked,
    ...toTelling(told),
    watchForMs: watchFor,
  }),
  resolved: (slot, from) => ({ ...slot, ...resolvedTelling(slot, from), directory: from.path(slot.directory) }),
  owns: ({ directory }) => ({ directory }),
  place: ({ directory }) => directory,
  spans: (slot) => {
    const spans = tellingSpans(slot);
    return {
      ...spans,
      verifyMs: spans.verifyMs + INSPECTED_WITHIN_MS,
      undoMs: spans.undoMs + INSPECTED_WITHIN_MS,
    };
  },
});
