import type { z } from 'zod';
import { err, ok, type Result } from '../../core/kernel/result.ts';
import { explainIssues } from './explainIssues.ts';
import { fields } from './fields.ts';
import { toProblem } from './manifestProblem.ts';
import { oneOf, pattern, sentence, url } from './scalars.ts';

/** What a slot of the kind `opamp` holds: a package that an agent which is not ours downloads and installs by itself. */
export const opampPackage = fields('a mapping with version, url and sha256', {
  version: sentence('a version, such as 0.131.0', 128),
  url: url(['http', 'https']).describe('where the agent downloads it'),
  sha256: pattern('the SHA-256 of the file in hexadecimal', /^[0-9a-f]{64}$/),
  signature: pattern(
    'the signature of the file in base64, for agents that check one',
    /^[A-Za-z0-9+/]+={0,2}$/,
  ).optional(),
  type: oneOf(['topLevel', 'addon']).default('topLevel').describe('topLevel is the agent itself; topLevel if left out'),
});

export type OpampPackage = z.output<typeof opampPackage>;

/** Reads a document that is known to be plain data. The error has a sentence for each mistake. */
export function readOpampPackage(document: unknown): Result<OpampPackage, readonly string[]> {
  const parsed = opampPackage.safeParse(document);
  if (parsed.success) return ok(parsed.data);
  return err(explainIssues(document, parsed.error.issues).map((each) => toProblem(each, '', null).says));
}
