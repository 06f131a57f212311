import { statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { checkpointFile } from '../../../adapters/signing/checkpointFile.ts';
import { ed25519 } from '../../../adapters/signing/ed25519.ts';
import { keyIdsIn } from '../../../adapters/signing/keyFiles.ts';
import { openSqliteLog } from '../../../adapters/store/sqlite/openSqliteLog.ts';
import { verifyRecord } from '../../../engine/controlplane/verifyRecord.ts';
import { SignerError } from '../../../engine/ports/signer.ts';
import { StoreError } from '../../../engine/ports/store.ts';
import { type CheckpointBody, type LogVerificationBody, verifyLog } from '../../../wire/http/log.ts';
import { toInstant } from '../../../wire/http/schema.ts';
import { CliError } from '../cliError.ts';
import { verificationLines } from '../present/verificationLines.ts';
import type { Context, Run } from '../tree/runner.ts';
import { readCheckpoint } from './checkpoint.ts';

interface VerifyOptions {
  /** `--data`: a folder of a server, or a database. */
  readonly data?: string;
  /** `--checkpoint`: a file. */
  readonly checkpoint?: string;
}

/** Recomputing a long log's hashes takes its time. */
const VERIFY_MS = 30 * 60_000;

export const verify: Run<VerifyOptions, []> = async (context, { data, checkpoint: file }) => {
  const given = file === undefined ? null : readCheckpoint(context.cwd, file);
  const found = data === undefined ? await ask(context, given) : await lookInto(resolve(context.cwd, data), given);
  context.output.document(found);
  context.output.lines(
    verificationLines(found, given === null ? null : { ...given, file: file ?? '' }, context.output.width),
  );
  return found.outcome === 'intact' ? 'done' : 'unexpected';
};

async function ask(context: Context, given: CheckpointBody | null): Promise<LogVerificationBody> {
  const client = await context.client();
  const query = given === null ? {} : { position: given.document.position, hash: given.document.hash };
  return client.call(verifyLog, { query }, VERIFY_MS);
}

/** Reads the record itself, with this program's own eyes: the server need not run, and need not be believed. */
async function lookInto(path: string, given: CheckpointBody | null): Promise<LogVerificationBody> {
  const file = databaseAt(path);
  // A copy of the database alone has no keys beside it, and no witness.
  const keys = join(dirname(file), 'keys');
  try {
    const log = openSqliteLog(file);
    try {
      const found = await verifyRecord({
        log,
        verifier: ed25519,
        held: new Set(await keyIdsIn(keys)),
        witness: checkpointFile(keys),
        given: given === null ? null : { ...given.document, says: 'the checkpoint that was given' },
        noticed: null,
      });
      if (found.outcome === 'broken' || found.signed === null) return found as LogVerificationBody;
      const { position, hash, at, key, held } = found.signed;
      return { ...found, unvouched: [...found.unvouched], signed: { position, hash, at: toInstant(at), key, held } };
    } finally {
      await log.close();
    }
  } catch (error) {
    if (error instanceof StoreError || error instanceof SignerError) throw new CliError('unexpected', error.message);
    throw error;
  }
}

function databaseAt(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  const file = found?.isDirectory() ? join(path, 'ringfence.db') : path;
  if (statSync(file, { throwIfNoEntry: false })?.isFile()) return file;
  throw new CliError('usage', `there is no record at ${file}`, {
    remedy: "Name a server's data folder, or a copy of its ringfence.db.",
  });
}
