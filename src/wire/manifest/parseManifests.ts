import { err, ok, type Result } from '../../core/kernel/result.ts';
import { formatPath, type LocatedMistake, type ManifestProblem, toProblem } from './manifestProblem.ts';
import type { ParsedManifest } from './parsedManifest.ts';
import { MAX_DEPTH, readManifest } from './parseManifestValue.ts';
import { positionsIn } from './positionsIn.ts';
import type { YamlDocument } from './yamlDocument.ts';
import { yamlDocuments } from './yamlDocuments.ts';

/** Of UTF-8. Larger than any file of manifests that a person wrote. */
export const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;
export const MAX_DOCUMENTS = 1000;
/** More than anybody reads at once. */
const MAX_PROBLEMS = 200;

type PositionOf = ReturnType<typeof positionsIn>;

interface Found {
  readonly manifests: { readonly manifest: ParsedManifest; readonly document: YamlDocument }[];
  readonly mistakes: LocatedMistake[];
}

/**
 * Reads a file of manifests: YAML, several documents separated by `---`. Either every manifest in it, in order, or every
 * mistake in it, in order of position (the first 200 of them). Never throws, whatever the text.
 */
export function parseManifests(
  text: string,
  fileName: string,
): Result<readonly ParsedManifest[], readonly ManifestProblem[]> {
  const positionOf = positionsIn(text);
  const { manifests, mistakes } = readText(text, positionOf);
  if (mistakes.length === 0) {
    return ok(manifests.map(({ manifest, document }) => ({ ...manifest, position: positionOf(document.start) })));
  }
  const sorted = mistakes.sort((a, b) => a.offset - b.offset);
  const more = sorted[MAX_PROBLEMS];
  const shown = sorted.slice(0, MAX_PROBLEMS);
  if (more !== undefined) {
    shown.push(ofFile(`${sorted.length - MAX_PROBLEMS} more mistakes`, 'those before to be mended first', more.offset));
  }
  return err(shown.map((mistake) => toProblem(mistake, fileName, positionOf(mistake.offset))));
}

function readText(text: string, positionOf: PositionOf): Found {
  const found: Found = { manifests: [], mistakes: [] };
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > MAX_MANIFEST_BYTES) {
    found.mistakes.push(ofFile(`${bytes} bytes`, `at most ${MAX_MANIFEST_BYTES}`, 0));
    return found;
  }
  let count = 0;
  for (const document of yamlDocuments(text, MAX_DEPTH, found.mistakes)) {
    if (++count > MAX_DOCUMENTS) {
      found.mistakes.push(ofFile('one more document', `at most ${MAX_DOCUMENTS} in one file`, document.start));
      break;
    }
    readDocument(document, found);
  }
  if (count === 0 && found.mistakes.length === 0) {
    found.mistakes.push(ofFile('no manifest', 'a mapping with apiVersion, kind, metadata and spec', 0));
  }
  reportNamesakes(found, positionOf);
  return found;
}

/** What cannot be read as data is not judged a second time as the `null` that stands in its place. */
function readDocument(document: YamlDocument, found: Found): void {
  const unreadable = new Set(document.mistakes.map(({ path }) => formatPath(path)));
  for (const mistake of document.mistakes) found.mistakes.push(mistake);
  const read = readManifest(document.value);
  if (read.ok) found.manifests.push({ manifest: read.value, document });
  else {
    for (const mistake of read.error) {
      if (!unreadable.has(formatPath(mistake.path)))
        found.mistakes.push({ ...mistake, offset: document.offsetOf(mistake) });
    }
  }
}

function reportNamesakes({ manifests, mistakes }: Found, positionOf: PositionOf): void {
  const first = new Map<string, number>();
  for (const { manifest, document } of manifests) {
    const path = ['metadata', 'name'];
    const offset = document.offsetOf({ path, at: 'value' });
    const key = `${manifest.kind} ${manifest.name}`;
    const before = first.get(key);
    if (before === undefined) first.set(key, offset);
    else {
      const expected = `each ${manifest.kind} once; the first is on line ${positionOf(before).line}`;
      mistakes.push({ path, at: 'value', found: `a second ${key}`, expected, suggestion: null, offset });
    }
  }
}

function ofFile(found: string, expected: string, offset: number): LocatedMistake {
  return { path: [], at: 'value', found, expected, suggestion: null, offset };
}
