import { readdirSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { Json } from '../../../core/kernel/canonicalJson.ts';
import { nearest } from '../../../core/kernel/nearest.ts';
import type { ChangeManifest } from '../../../wire/manifest/change.ts';
import type { ManifestProblem, SourcePosition } from '../../../wire/manifest/manifestProblem.ts';
import type { Source } from './sources.ts';

/** No slot holds more (a service may allow less). */
const MOST_BYTES = 16 * 1024 * 1024;

export interface InlinedChange {
  /** The change's document with `content` or `base64` in the place of every `file`. */
  readonly inlined: Readonly<Record<string, Json>>;
  readonly contents: Readonly<Record<string, Uint8Array>>;
}

/** Reads the files that a change names, relative to its manifest. What cannot be read is reported at its place in the manifest. */
export function inlineFiles(
  change: ChangeManifest,
  document: Readonly<Record<string, Json>>,
  source: Source,
  place: (path: readonly string[]) => SourcePosition,
  readFile: (path: string) => Uint8Array,
  report: (problem: ManifestProblem) => void,
): InlinedChange {
  const slots: Record<string, Json> = {};
  const contents: Record<string, Uint8Array> = {};
  for (const [slot, content] of Object.entries(change.slots)) {
    if (content.kind === 'text') contents[slot] = Buffer.from(content.text, 'utf8');
    else if (content.kind === 'bytes') contents[slot] = Buffer.from(content.base64, 'base64');
    else contents[slot] = readSlot(content.file, ['spec', 'slots', slot, 'file'], { source, place, readFile, report });
    slots[slot] = toContent(contents[slot]);
  }
  const spec = document.spec as Readonly<Record<string, Json>>;
  return { inlined: { ...document, spec: { ...spec, slots } }, contents };
}

interface Reading {
  readonly source: Source;
  readonly place: (path: readonly string[]) => SourcePosition;
  readonly readFile: (path: string) => Uint8Array;
  readonly report: (problem: ManifestProblem) => void;
}

function readSlot(file: string, path: readonly string[], { source, place, readFile, report }: Reading): Uint8Array {
  const full = resolve(source.folder, file);
  const wrong = (found: string, expected: string, suggestion: string | null = null): Uint8Array => {
    const meant = suggestion === null ? '' : `; did you mean "${suggestion}"?`;
    const where = `spec.slots["${path[2]}"].file`;
    const says = `${where}: found ${found}, expected ${expected}${meant}`;
    report({ file: source.name, position: place(path), path: where, found, expected, suggestion, says });
    return new Uint8Array();
  };
  try {
    const bytes = readFile(full);
    if (bytes.byteLength <= MOST_BYTES) return bytes;
    return wrong(`a file of ${bytes.byteLength} bytes`, `at most ${MOST_BYTES}`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const expected = 'a file that can be read, relative to the manifest';
    if (code === 'ENOENT') return wrong(`"${file}", which is not there`, expected, nearestFile(full, file));
    return wrong(
      `"${file}", which ${code === 'EISDIR' ? 'is a folder' : `cannot be read (${code ?? message})`}`,
      expected,
    );
  }
}

function nearestFile(full: string, file: string): string | null {
  try {
    const near = nearest(basename(full), readdirSync(dirname(full)));
    return near === null ? null : file.slice(0, file.length - basename(file).length) + near;
  } catch {
    return null;
  }
}

/** As text when it is text, so that a person can read what is sent; else in base64. The bytes are the same. */
function toContent(bytes: Uint8Array): Json {
  try {
    // Without `ignoreBOM` a byte order mark would be swallowed, and other bytes would arrive.
    return { content: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { base64: Buffer.from(bytes).toString('base64') };
  }
}
