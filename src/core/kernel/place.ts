/**
 * Where a target stands in the order of one rollout: a number in [0, 1) that depends on nothing but the salt and the target's
 * name, so that the server, every gateway and the agent itself agree without asking each other. Uniform enough to cut waves
 * from (FNV-1a, then MurmurHash3's 32-bit finaliser to spread its last bytes). Not a cryptographic hash: it guards nothing.
 */
export function place(salt: string, target: string): number {
  let hash = 0x811c9dc5;
  const text = `${salt}\n${target}`;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000;
}
