import { createHash } from 'node:crypto';
import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AgentDiskError } from '../../engine/ports/agentDisk.ts';

/** Files that are being written have names like this; one that is left over was never finished. */
export const UNFINISHED = '.unfinished-';

let writes = 0;

/** Replaces a file as a whole, durably: when it resolves, the new bytes survive a power loss; when it rejects, the old ones are there. */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  // Two slots may keep the same bytes at the same time.
  const unfinished = join(dirname(path), `${UNFINISHED}${basename(path)}.${writes++}`);
  let file: FileHandle | null = null;
  try {
    file = await open(unfinished, 'w', 0o600);
    await file.writeFile(bytes);
    await file.sync();
    await file.close();
    file = null;
    await rename(unfinished, path);
    const folder = await open(dirname(path), 'r');
    await folder.sync().finally(() => folder.close());
  } catch (error) {
    await file?.close();
    await rm(unfinished, { force: true });
    throw diskError(`cannot write ${path}`, error);
  }
}

/** `null` when there is no such file. */
export async function readWhole(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw diskError(`cannot read ${path}`, error);
  }
}

/** Text with its own hash on a line before it. */
export function sealed(text: string): Buffer {
  return Buffer.from(`${sha256(Buffer.from(text))}\n${text}`);
}

export function unsealed(path: string, bytes: Buffer): string {
  const end = bytes.indexOf('\n');
  const text = bytes.subarray(end + 1);
  if (end === 64 && bytes.subarray(0, end).toString('latin1') === sha256(text)) return text.toString('utf8');
  throw new AgentDiskError(
    'corrupt',
    `${path} is not as it was written. The revisions kept beside it are whole or known not to be: put the slot's file into the state you want, remove ${path}, and start again`,
  );
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Anything that is not the system's answer is a bug, and thrown on. */
export function diskError(what: string, error: unknown): AgentDiskError {
  if (error instanceof AgentDiskError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  const says = full ? 'there is no room left on the disk' : message;
  return new AgentDiskError(full ? 'disk-full' : 'unavailable', `${what}: ${says}`, { cause: error });
}
