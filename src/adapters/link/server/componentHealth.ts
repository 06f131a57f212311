import type { TargetReport } from '../../../engine/ports/fleet.ts';
import type { ComponentHealth } from '../../../wire/opamp/generated/opamp_pb.ts';
import { FIELD_LIMITS } from '../fieldLimits.ts';

type Components = NonNullable<TargetReport['components']>;

/** Beyond these, and those whose names are longer than a name may be, components are left out: whoever asks for one gets no answer. */
const MAX_COMPONENTS = 256;

/** The health of an agent and of its components, each by the names that lead to it. Of two with the same one, both have to be well. */
export function componentsOf(health: ComponentHealth): Components {
  const found = new Map<string, boolean>();
  const add = (path: string, { healthy, componentHealthMap }: ComponentHealth) => {
    const known = found.get(path);
    if (known === undefined && found.size >= MAX_COMPONENTS) return;
    found.set(path, healthy && known !== false);
    for (const [name, component] of Object.entries(componentHealthMap)) {
      const below = path === '' ? name : `${path}/${name}`;
      if (name !== '' && below.length <= FIELD_LIMITS.name) add(below, component);
    }
  };
  add('', health);
  return [...found].map(([path, healthy]) => ({ path, healthy }));
}
