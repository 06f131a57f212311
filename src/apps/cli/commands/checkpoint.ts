import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ed25519 } from '../../../adapters/signing/ed25519.ts';
import { canonicalJson } from '../../../core/kernel/canonicalJson.ts';
import { type CheckpointBody, checkpointBody, getCheckpoint, signCheckpoint } from '../../../wire/http/log.ts';
import { toInstant } from '../../../wire/http/schema.ts';
import { CliError } from '../cliError.ts';
import { moment } from '../present/words.ts';
import type { Run } from '../tree/runner.ts';

export const checkpoint: Run<{ now?: true }, []> = async ({ output, client: connect }, { now }) => {
  const client = await connect();
  const signed = await client.call(now ? signCheckpoint : getCheckpoint, {});
  // For a file either way: that is what it is for.
  output.raw(`${JSON.stringify(signed, null, 2)}\n`);
  const { position, at } = signed.document;
  output.notice(`signed with key ${signed.key} at ${moment(toInstant(at))}: everything up to event ${position}`);
  return 'done';
};

/** A checkpoint that was kept in a file. Refuses one that is not what its key has signed. */
export function readCheckpoint(cwd: string, file: string): CheckpointBody {
  const read = checkpointBody.safeParse(contentOf(cwd, file));
  if (!read.success) {
    throw new CliError('usage', `${file} is no checkpoint`, { remedy: 'ringfence log checkpoint > FILE makes one.' });
  }
  const { document, key, publicKey, signature } = read.data;
  const genuine =
    ed25519.keyId(publicKey) === key && ed25519.verify(publicKey, Buffer.from(canonicalJson(document)), signature);
  if (genuine) return read.data;
  throw new CliError('usage', `${file} is not what key ${key} has signed: it was changed since`, {
    remedy: 'Use another copy of it; this one shows nothing.',
  });
}

function contentOf(cwd: string, file: string): unknown {
  try {
    return JSON.parse(readFileSync(resolve(cwd, file), 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw new CliError('usage', `${file} cannot be read: ${(error as Error).message}`);
  }
}
