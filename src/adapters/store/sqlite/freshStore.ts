import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Store } from '../../../engine/ports/store.ts';
import { openSqliteStore, type SqliteStoreOptions } from './openSqliteStore.ts';

/** An empty directory for one test, removed at its end after `before` is done. */
export function freshDirectory(t: TestContext, before: (directory: string) => unknown = () => {}): string {
  const directory = mkdtempSync(join(tmpdir(), 'ringfence-store-'));
  t.after(async () => {
    await before(directory);
    rmSync(directory, { recursive: true, force: true });
  });
  return directory;
}

/** A new store for one test, closed at its end. */
export async function freshStore(
  t: TestContext,
  options?: SqliteStoreOptions,
): Promise<{ readonly store: Store; readonly directory: string }> {
  let opened: Store | undefined;
  const directory = freshDirectory(t, () => opened?.close());
  opened = await openSqliteStore(directory, options);
  return { store: opened, directory };
}
