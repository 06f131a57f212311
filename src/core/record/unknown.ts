import type { Refusal } from '../kernel/refusal.ts';
import { meant } from '../policy/meant.ts';
import type { World } from './world.ts';

export function unknownService(world: World, service: string, by = 'it'): Refusal {
  return {
    code: 'unknown-service',
    says: `${by} names service "${service}", which is not registered`,
    remedy: meant(service, [...world.services.keys()]),
  };
}

export function unknownRollout(world: World, id: string): Refusal {
  return {
    code: 'unknown-rollout',
    says: `there is no rollout "${id}"`,
    remedy: meant(id, [...world.rollouts.keys()]),
  };
}
