/** Which entity of a Backstage catalogue is meant: compared without regard to case, as Backstage does. */
export interface EntityReference {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

const NAME = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const NAMESPACE = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const KIND = /^[a-z][a-z0-9]{0,62}$/;

export const DEFAULT_NAMESPACE = 'default';

export function isEntityName(text: string): boolean {
  return NAME.test(text);
}

export function isNamespace(text: string): boolean {
  return NAMESPACE.test(text.toLowerCase());
}

/**
 * `[kind:][namespace/]name`. `null`: it is none. What is left out of it is as the field says; where a field has no usual kind,
 * a reference without one is none.
 */
export function readReference(
  text: string,
  defaults: { readonly kind: string | null; readonly namespace: string },
): EntityReference | null {
  const [, kind, namespace, name] = /^(?:([^:/]+):)?(?:([^:/]+)\/)?([^:/]+)$/.exec(text) ?? [];
  if (name === undefined || !NAME.test(name)) return null;
  const meant = {
    kind: kind?.toLowerCase() ?? defaults.kind,
    namespace: (namespace ?? defaults.namespace).toLowerCase(),
    name: name.toLowerCase(),
  };
  if (meant.kind === null || !KIND.test(meant.kind) || !NAMESPACE.test(meant.namespace)) return null;
  return { ...meant, kind: meant.kind };
}

/** The name under which a dependency graph knows it: without the defaults, so that the component `shop` is the service `shop`. */
export function nodeName({ kind, namespace, name }: EntityReference): string {
  const place = namespace === DEFAULT_NAMESPACE ? '' : `${namespace}/`;
  return kind === 'component' ? `${place}${name}` : `${kind}:${place}${name}`;
}
