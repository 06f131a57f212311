import { posix } from 'node:path';
import type { SourceFile } from './sourceFile.ts';

/** The file a relative import means, or `null` for a package. */
export function importedPath(from: string, specifier: string): string | null {
  return specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier) : null;
}

/** Programs that start without being imported: what a package, a page or a test run begins with. */
export function isProgram(path: string): boolean {
  return /(?:^|\/)main\.tsx?$|\.mjs$/.test(path);
}

/**
 * Every file that the given ones lead to, themselves included: by import, or because a string names it as a program to start
 * in a thread or process of its own. Such a name is written as an address, `new URL('./worker.ts', import.meta.url)`, or, in what is
 * published, with the extension that the present file has: `storeThread.${extension}`, `tether${extension}`.
 */
export function reachableFrom(starts: Iterable<string>, files: readonly SourceFile[]): ReadonlySet<string> {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const reached = new Set<string>();
  const open = [...starts];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const file = byPath.get(path);
    if (file === undefined || reached.has(path)) continue;
    reached.add(path);
    for (const { specifier } of file.imports) {
      const imported = importedPath(path, specifier);
      if (imported !== null) open.push(imported);
    }
    for (const [, name] of file.text.matchAll(/([\w-]+)\.?\$\{extension\}/g)) {
      open.push(posix.join(posix.dirname(path), `${name}.ts`));
    }
    for (const [, name = ''] of file.text.matchAll(/new URL\('(\.[^']+\.ts)', import\.meta\.url\)/g)) {
      open.push(posix.join(posix.dirname(path), name));
    }
  }
  return reached;
}
