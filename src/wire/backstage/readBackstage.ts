import { err, ok, type Result } from '../../core/kernel/result.ts';
import type { CatalogEntity } from '../../core/topology/catalog.ts';
import { countReferences, MOST_ENTITIES, MOST_REFERENCES, MOST_REFERENCES_IN_ALL } from '../manifest/catalog.ts';
import { asMapping } from '../manifest/fields.ts';
import {
  describe,
  type LocatedMistake,
  type ManifestProblem,
  type Mistake,
  toProblem,
} from '../manifest/manifestProblem.ts';
import { MAX_MANIFEST_BYTES } from '../manifest/parseManifests.ts';
import { positionsIn } from '../manifest/positionsIn.ts';
import { yamlDocuments } from '../manifest/yamlDocuments.ts';
import { KINDS_PASSED_OVER, KINDS_READ, readEntity } from './readEntity.ts';

/** What a file of Backstage entities says of who needs whom, and what in it was not read. */
export interface BackstageFile {
  /** By the name under which a dependency graph knows each. */
  readonly entities: Readonly<Record<string, CatalogEntity>>;
  /** Entities of kinds that say nothing of dependencies: `Group team-a`. */
  readonly passedOver: readonly string[];
}

const API_VERSION = /^backstage\.io\/v1(?:alpha1|beta1)$/;
const MAX_DEPTH = 100;

/** Whether a text is meant as Backstage entities: one of its documents says so. */
export function isBackstage(text: string): boolean {
  return /^(?:\{\s*)?["']?apiVersion["']?[ \t]*:[ \t]*["']?backstage\.io\//m.test(text);
}

/** Reads a file of entities (`catalog-info.yaml`): everything in it, or every mistake with its place. Never throws, whatever the text. */
export function readBackstage(text: string, fileName: string): Result<BackstageFile, readonly ManifestProblem[]> {
  const mistakes: LocatedMistake[] = [];
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > MAX_MANIFEST_BYTES) {
    mistakes.push({ ...wrong([], `${bytes} bytes`, `at most ${MAX_MANIFEST_BYTES}`), offset: 0 });
    return err(located(mistakes, fileName, text));
  }
  const entities = new Map<string, { dependsOn: Set<string>; standsFor: Set<string> }>();
  const passedOver: string[] = [];
  const entityOf = (name: string) => {
    const known = entities.get(name) ?? { dependsOn: new Set(), standsFor: new Set() };
    entities.set(name, known);
    return known;
  };
  for (const document of yamlDocuments(text, MAX_DEPTH, mistakes)) {
    mistakes.push(...document.mistakes);
    if (document.mistakes.length > 0) continue;
    const read = readDocument(document.value);
    if (read.kind === 'mistakes') {
      for (const mistake of read.mistakes) mistakes.push({ ...mistake, offset: document.offsetOf(mistake) });
    } else if (read.kind === 'other') passedOver.push(read.says);
    else {
      entityOf(read.entity.name);
      for (const { from, to } of read.entity.dependencies) entityOf(from).dependsOn.add(to);
      for (const { from, to } of read.entity.standIns) entityOf(from).standsFor.add(to);
    }
  }
  if (mistakes.length === 0 && entities.size === 0) {
    const found =
      passedOver.length === 0 ? 'no entity' : `only entities of other kinds (${passedOver.slice(0, 3).join(', ')})`;
    mistakes.push({ ...wrong([], found, `an entity of kind ${KINDS_READ.join(', ')}`), offset: 0 });
  }
  const names = [...entities.keys()].sort();
  const sorted = names.map((name): [string, CatalogEntity] => {
    const { dependsOn, standsFor } = entityOf(name);
    return [name, { dependsOn: [...dependsOn].sort(), standsFor: [...standsFor].sort() }];
  });
  const large = tooLarge(sorted);
  if (large !== null) mistakes.push({ ...large, offset: 0 });
  if (mistakes.length > 0) return err(located(mistakes, fileName, text));
  return ok({ entities: Object.fromEntries(sorted), passedOver });
}

/** What a catalogue cannot hold. */
function tooLarge(entities: readonly (readonly [string, CatalogEntity])[]): Mistake | null {
  if (entities.length > MOST_ENTITIES)
    return wrong([], `${entities.length} entities`, `at most ${MOST_ENTITIES}; split the file`);
  for (const [name, { dependsOn, standsFor }] of entities) {
    const most = Math.max(dependsOn.length, standsFor.length);
    if (most > MOST_REFERENCES)
      return wrong([], `${most} entities behind ${name}`, `at most ${MOST_REFERENCES}; split the file`);
  }
  const all = countReferences(Object.fromEntries(entities));
  if (all <= MOST_REFERENCES_IN_ALL) return null;
  return wrong([], `${all} references`, `at most ${MOST_REFERENCES_IN_ALL}; split the file`);
}

type ReadDocument =
  | { readonly kind: 'entity'; readonly entity: NonNullable<ReturnType<typeof readEntity>['entity']> }
  | { readonly kind: 'other'; readonly says: string }
  | { readonly kind: 'mistakes'; readonly mistakes: readonly Mistake[] };

function readDocument(value: unknown): ReadDocument {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    return {
      kind: 'mistakes',
      mistakes: [wrong([], describe(value), 'a mapping with apiVersion, kind, metadata and spec')],
    };
  }
  const { apiVersion, kind, metadata } = asMapping(value);
  if (typeof apiVersion !== 'string' || !/^backstage\.io\//.test(apiVersion)) {
    // Other programs keep their own documents in these files; ours would be lost in them.
    const ours = typeof apiVersion === 'string' && apiVersion.startsWith('ringfence.dev/');
    if (typeof apiVersion === 'string' && !ours) return { kind: 'other', says: `${apiVersion} ${String(kind)}` };
    const expected = 'backstage.io/v1alpha1; a manifest of Ringfence goes into a file of its own';
    return { kind: 'mistakes', mistakes: [wrong(['apiVersion'], describe(apiVersion), expected)] };
  }
  if (!API_VERSION.test(apiVersion))
    return {
      kind: 'mistakes',
      mistakes: [wrong(['apiVersion'], describe(apiVersion), 'backstage.io/v1alpha1 or backstage.io/v1beta1')],
    };
  if (typeof kind !== 'string')
    return {
      kind: 'mistakes',
      mistakes: [wrong(['kind'], describe(kind), `one of: ${[...KINDS_READ, ...KINDS_PASSED_OVER].join(', ')}`)],
    };
  const name = asMapping(metadata).name;
  if (!KINDS_READ.some((read) => read.toLowerCase() === kind.toLowerCase()))
    return { kind: 'other', says: `${kind} ${typeof name === 'string' ? name : '(without a name)'}` };
  const { entity, mistakes } = readEntity(kind.toLowerCase(), value);
  return entity === null ? { kind: 'mistakes', mistakes } : { kind: 'entity', entity };
}

function wrong(path: Mistake['path'], found: string, expected: string): Mistake {
  return { path, at: 'value', found, expected, suggestion: null };
}

function located(mistakes: LocatedMistake[], fileName: string, text: string): readonly ManifestProblem[] {
  const positionOf = positionsIn(text);
  return mistakes
    .sort((a, b) => a.offset - b.offset)
    .slice(0, 200)
    .map((mistake) => toProblem(mistake, fileName, positionOf(mistake.offset)));
}
