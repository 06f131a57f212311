import { hash32 } from './hash32.ts';

/**
 * Where a target stands in the order of one rollout: a number in [0, 1) that depends on nothing but the salt and the target's
 * name, so that the server, every gateway and the agent itself agree without asking each other. Uniform enough to cut waves from.
 */
export function place(salt: string, target: string): number {
  return hash32(`${salt}\n${target}`) / 0x1_0000_0000;
}
