import { z } from 'zod';
import { canonicalJson } from '../../core/kernel/canonicalJson.ts';
import { err, ok, type Result } from '../../core/kernel/result.ts';

/**
 * What a slot of kind `package` holds: which archive it is to be, by SHA-256 and size, and who says so. The archive itself is too large to
 * pass through the record; each target fetches it.
 */
export interface PackageDescriptor {
  readonly name: string;
  readonly version: string;
  /** Of the archive, in hexadecimal. */
  readonly sha256: string;
  /** Of the archive, in bytes. */
  readonly size: number;
  /** Where it lies; left out: at the control plane. */
  readonly url?: string;
  /** The publisher's Ed25519 public key, and the signature over {@link packageStatement}, in hexadecimal. */
  readonly key: string;
  readonly signature: string;
}

const WORD = /^[A-Za-z0-9][-A-Za-z0-9._+~]{0,63}$/;

/** Every mistake is said as the field and what it should be. */
const text = (expected: string, pattern: RegExp) => z.string({ error: expected }).regex(pattern, { error: expected });
const bytes = 'size: a whole number of bytes';

const descriptor = z.strictObject(
  {
    name: text('name: letters, digits and -._+~, at most 64', WORD),
    version: text('version: letters, digits and -._+~, at most 64', WORD),
    sha256: text('sha256: 64 lower-case hexadecimal digits', /^[0-9a-f]{64}$/),
    size: z.int({ error: bytes }).min(1, { error: bytes }),
    url: text('url: http:// or https://, without a user in it', /^https?:\/\/[^/@\s]+\/\S*$/).optional(),
    key: text('key: a public key, 64 hexadecimal digits', /^[0-9a-f]{64}$/),
    signature: text('signature: 128 hexadecimal digits', /^[0-9a-f]{128}$/),
  },
  { error: 'a mapping with name, version, sha256, size, key, signature, and url where it lies elsewhere' },
);

/** The error says what is wrong with it, in a sentence. Nothing of who signed it is checked here. */
export function readPackageDescriptor(bytes: Uint8Array): Result<PackageDescriptor, string> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return err('it is not JSON; "ringfence package sign" makes one');
  }
  const read = descriptor.safeParse(value);
  if (!read.success) return err(`expected ${read.error.issues.map(({ message }) => message).join('; ')}`);
  const { url, ...rest } = read.data;
  return ok(url === undefined ? rest : { ...rest, url });
}

/** What the publisher signs. Where the archive lies is not part of it: it may move. */
export function packageStatement({
  name,
  version,
  sha256,
  size,
}: Pick<PackageDescriptor, 'name' | 'version' | 'sha256' | 'size'>): Uint8Array {
  return new TextEncoder().encode(canonicalJson({ kind: 'package', name, version, sha256, size }));
}
