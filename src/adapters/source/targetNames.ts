import type { World } from '../../core/record/world.ts';
import { nameKey } from '../../core/topology/target.ts';

/** The target of a service that somebody else's label names: by its name, alone or with a port as in `instance`, or by its uid. */
export function uidNamed(world: World, service: string, value: string): string | undefined {
  const byName = world.targetNames.get(nameKey({ service, name: value }));
  if (byName !== undefined) return byName;
  if (world.targets.get(value)?.service === service) return value;
  const host = /^(.+):\d{1,5}$/.exec(value)?.[1];
  return host === undefined ? undefined : world.targetNames.get(nameKey({ service, name: host }));
}

/** Most names that are told. */
const MOST_TOLD = 3;

/** Names in answers that are no target's: they are not judged, and a person should hear of them. */
export class Strangers {
  readonly #names = new Set<string>();

  add(name: string): void {
    this.#names.add(name);
  }

  get size(): number {
    return this.#names.size;
  }

  /** `"a", "b" and 7 more`; empty: there are none. */
  get says(): string {
    const told = [...this.#names].slice(0, MOST_TOLD).map((name) => JSON.stringify(name.slice(0, 80)));
    const more = this.#names.size - told.length;
    return told.join(', ') + (more > 0 ? ` and ${more} more` : '');
  }
}
