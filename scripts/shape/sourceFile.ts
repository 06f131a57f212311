import { readdir, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { separateCode } from './separateCode.ts';

/** One text file of the repository, as the rules about its shape look at it. */
export interface SourceFile {
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** Of a program: its text with comments and the insides of strings and patterns blanked; the same offsets. Else empty. */
  readonly code: string;
  /** Of a program: the insides of its strings alone; the same offsets. Else empty. */
  readonly strings: string;
  readonly imports: readonly Import[];
}

export interface Import {
  readonly specifier: string;
  readonly offset: number;
}

const IS_TEXT =
  /\.(?:tsx?|mjs|json|md|yaml|yml|proto|css|html|svg|sql|sh)$|^\.ci\/|(?:^|\/)(?:LICENSE|\.gitignore|\.npmrc)$/;
const LEFT_OUT: ReadonlySet<string> = new Set(['node_modules', 'dist', 'build', '.git', '.ringfence']);

/** Every text file of the repository, in order of its path. */
export async function readRepository(root: string): Promise<readonly SourceFile[]> {
  const paths: string[] = [];
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
      const path = posix.join(folder, entry.name);
      if (entry.isDirectory() && !LEFT_OUT.has(entry.name)) folders.push(path);
      else if (entry.isFile() && IS_TEXT.test(path)) paths.push(path);
    }
  }
  return Promise.all(paths.sort().map(async (path) => toSourceFile(path, await readFile(join(root, path), 'utf8'))));
}

export function toSourceFile(path: string, text: string): SourceFile {
  if (!/\.(?:tsx?|mjs)$/.test(path)) return { path, text, code: '', strings: '', imports: [] };
  const { code, strings } = separateCode(text);
  return { path, text, code, strings, imports: importsOf(text, code) };
}

/** Of every form: `import … from`, `export … from`, `import '…'`, `import('…')`, also of types. */
function importsOf(text: string, code: string): readonly Import[] {
  const imports: Import[] = [];
  const statements = /\b(?:import|export)\b[^'"`;]*?\bfrom\s*(['"])([^'"\n]+)\1|\bimport\s*\(?\s*(['"])([^'"\n]+)\3/g;
  for (const match of text.matchAll(statements)) {
    const specifier = match[2] ?? match[4];
    if (specifier !== undefined && code[match.index] !== ' ') imports.push({ specifier, offset: match.index });
  }
  return imports;
}
