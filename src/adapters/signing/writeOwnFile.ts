import { constants } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Writes a file that its owner alone can read: whole or not at all, and durable when it resolves. */
export async function writeOwnFile(folder: string, name: string, text: string): Promise<void> {
  const path = join(folder, name);
  const unfinished = `${path}.unfinished`;
  await rm(unfinished, { force: true });
  const file = await open(unfinished, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(unfinished, path);
  const directory = await open(folder, 'r');
  await directory.sync().finally(() => directory.close());
}
