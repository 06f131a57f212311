import { asList, asMapping } from '../manifest/fields.ts';
import { describe, type ManifestPath, type Mistake } from '../manifest/manifestProblem.ts';
import { DEFAULT_NAMESPACE, isEntityName, isNamespace, nodeName, readReference } from './entityReference.ts';

/** Kinds that say who needs whom. */
export const KINDS_READ = ['Component', 'API', 'System', 'Resource'] as const;
/** Kinds of Backstage that say nothing of it. */
export const KINDS_PASSED_OVER = ['Domain', 'Group', 'User', 'Location', 'Template'] as const;

/** Names the service that a component is, where the two are called differently. */
export const SERVICE_ANNOTATION = 'ringfence.dev/service';

interface Link {
  readonly from: string;
  readonly to: string;
}

/** One entity, by the names of a dependency graph. */
export interface Entity {
  readonly name: string;
  readonly dependencies: readonly Link[];
  readonly standIns: readonly Link[];
}

interface Field {
  readonly name: string;
  /** The kind that a reference without one means; `null`: it must say. */
  readonly kind: string | null;
  /** One reference, or a list of them. */
  readonly many: boolean;
  readonly link: 'needs' | 'neededBy' | 'provides' | 'partOf';
}

const DEPENDS_ON: Field = { name: 'dependsOn', kind: null, many: true, link: 'needs' };
const DEPENDENCY_OF: Field = { name: 'dependencyOf', kind: null, many: true, link: 'neededBy' };
const SYSTEM: Field = { name: 'system', kind: 'system', many: false, link: 'partOf' };

/**
 * The fields of each kind that are read. An API is provided by components, and a system consists of its parts: both only stand for
 * them. A component that has parts is there itself, and needs them.
 */
const FIELDS: Readonly<Record<string, readonly Field[]>> = {
  component: [
    DEPENDS_ON,
    DEPENDENCY_OF,
    SYSTEM,
    { name: 'consumesApis', kind: 'api', many: true, link: 'needs' },
    { name: 'providesApis', kind: 'api', many: true, link: 'provides' },
    { name: 'subcomponentOf', kind: 'component', many: false, link: 'neededBy' },
  ],
  resource: [DEPENDS_ON, DEPENDENCY_OF, SYSTEM],
  api: [SYSTEM],
  system: [],
};

/** What one document says. `kind` in small letters, one of {@link KINDS_READ}. Without an entity there is at least one mistake. */
export function readEntity(kind: string, document: object): { entity: Entity | null; mistakes: readonly Mistake[] } {
  const mistakes: Mistake[] = [];
  const wrong = (path: ManifestPath, found: unknown, expected: string) =>
    mistakes.push({ path, at: 'value', found: describe(found), expected, suggestion: null });
  const { metadata, spec } = asMapping(document);
  const { name, namespace = DEFAULT_NAMESPACE, annotations } = asMapping(metadata);
  if (typeof name !== 'string' || !isEntityName(name))
    wrong(['metadata', 'name'], name, 'a name of at most 63 letters, digits and -_. such as shop-web');
  if (typeof namespace !== 'string' || !isNamespace(namespace))
    wrong(['metadata', 'namespace'], namespace, 'a namespace of at most 63 letters, digits and dashes');
  if (spec === null || typeof spec !== 'object' || Array.isArray(spec)) wrong(['spec'], spec, 'a mapping');
  const service = asMapping(annotations)[SERVICE_ANNOTATION];
  if (service !== undefined && (typeof service !== 'string' || !/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(service)))
    wrong(['metadata', 'annotations', SERVICE_ANNOTATION], service, 'the name of a service, such as shop');
  if (mistakes.length > 0) return { entity: null, mistakes };

  const place = String(namespace).toLowerCase();
  const called = nodeName({ kind, namespace: place, name: String(name).toLowerCase() });
  const own = kind === 'component' && typeof service === 'string' ? service : called;
  const dependencies: Link[] = [];
  const standIns: Link[] = own === called ? [] : [{ from: called, to: own }];
  for (const field of FIELDS[kind] ?? []) {
    for (const { text, path } of textsOf(field, asMapping(spec)[field.name], wrong)) {
      const reference = readReference(text, { kind: field.kind, namespace: place });
      if (reference === null) {
        wrong(path, text, expectedOf(field));
        continue;
      }
      const other = nodeName(reference);
      if (field.link === 'needs') dependencies.push({ from: own, to: other });
      else if (field.link === 'neededBy') dependencies.push({ from: other, to: own });
      else standIns.push({ from: other, to: own });
    }
  }
  if (mistakes.length > 0) return { entity: null, mistakes };
  return { entity: { name: own, dependencies, standIns }, mistakes };
}

function textsOf(
  field: Field,
  value: unknown,
  wrong: (path: ManifestPath, found: unknown, expected: string) => void,
): readonly { readonly text: string; readonly path: ManifestPath }[] {
  const at: ManifestPath = ['spec', field.name];
  if (value === undefined || value === null) return [];
  if (!field.many) {
    if (typeof value === 'string') return [{ text: value, path: at }];
    wrong(at, value, expectedOf(field));
    return [];
  }
  if (!Array.isArray(value)) wrong(at, value, 'a list of entity references');
  return asList(value).flatMap((item, index) => {
    if (typeof item === 'string') return [{ text: item, path: [...at, index] }];
    wrong([...at, index], item, expectedOf(field));
    return [];
  });
}

function expectedOf({ kind }: Field): string {
  return kind === null
    ? 'an entity reference with its kind, such as component:default/shop or resource:orders-db'
    : `an entity reference such as ${kind === 'api' ? 'orders' : 'shop'}, or with kind and namespace ${kind}:default/${kind === 'api' ? 'orders' : 'shop'}`;
}
