import { err, ok, type Result } from '../../core/kernel/result.ts';
import { API_VERSION } from './envelope.ts';
import { explainIssues, suggest } from './explainIssues.ts';
import { asMapping } from './fields.ts';
import { MANIFEST_KINDS, type ManifestKind } from './manifestKinds.ts';
import { describe, type ManifestPath, type ManifestProblem, type Mistake, toProblem } from './manifestProblem.ts';
import type { ManifestKindName, ParsedManifest } from './parsedManifest.ts';

/** How deep mappings and lists may be nested. A JSON Schema inside a Service is what goes deepest. */
export const MAX_DEPTH = 100;

/** Reads one manifest that arrived as JSON. Problems carry a path and no position. Never throws, whatever the value. */
export function parseManifestValue(value: unknown): Result<ParsedManifest, readonly ManifestProblem[]> {
  const unusable = findUnusable(value);
  const read = unusable === null ? readManifest(value) : err([unusable]);
  if (read.ok) return read;
  return err(read.error.map((mistake) => toProblem(mistake, '', null)));
}

/** Reads a value that is known to be plain data of bounded depth. */
export function readManifest(value: unknown): Result<ParsedManifest, readonly Mistake[]> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    return err([wrong([], value, 'a mapping with apiVersion, kind, metadata and spec')]);
  }
  const { apiVersion, kind } = asMapping(value);
  if (typeof kind !== 'string' || !isManifestKind(kind)) {
    const known = Object.keys(MANIFEST_KINDS);
    const mistakes = [wrong(['kind'], kind, `one of: ${known.join(', ')}`, known)];
    if (apiVersion !== API_VERSION) mistakes.unshift(wrong(['apiVersion'], apiVersion, API_VERSION, [API_VERSION]));
    return err(mistakes);
  }
  // The one place where the registry's entries are used without knowing which: each reads what its own schema has let through.
  const { schema, read } = MANIFEST_KINDS[kind] as ManifestKind<ManifestKindName>;
  const parsed = schema.safeParse(value);
  if (!parsed.success) return err(explainIssues(value, parsed.error.issues));
  const name = String(asMapping(asMapping(value).metadata).name);
  return ok({ kind, name, position: null, ...read(parsed.data) } as ParsedManifest);
}

function isManifestKind(text: string): text is ManifestKindName {
  return Object.hasOwn(MANIFEST_KINDS, text);
}

function wrong(path: ManifestPath, found: unknown, expected: string, known: readonly string[] = []): Mistake {
  const suggestion = typeof found === 'string' ? suggest(found, known) : null;
  return { path, at: 'value', found: describe(found), expected, suggestion };
}

/** Whatever a schema must not even look at: nesting that would exhaust the stack, and names that reach an object's prototype. */
function findUnusable(root: unknown): Mistake | null {
  const open: { readonly value: unknown; readonly path: ManifestPath }[] = [{ value: root, path: [] }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, path } = next;
    if (value === null || typeof value !== 'object') continue;
    if (path.length >= MAX_DEPTH) return wrong(path, value, `at most ${MAX_DEPTH} levels of nesting`);
    if (Object.hasOwn(value, '__proto__'))
      return { ...wrong([...path, '__proto__'], undefined, 'another name'), at: 'name', found: 'the name "__proto__"' };
    const list = Array.isArray(value);
    for (const [key, item] of Object.entries(value)) {
      if (item !== null && typeof item === 'object')
        open.push({ value: item, path: [...path, list ? Number(key) : key] });
    }
  }
  return null;
}
