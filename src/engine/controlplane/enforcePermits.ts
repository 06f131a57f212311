import { canonicalJson } from '../../core/kernel/canonicalJson.ts';
import { judgePermits } from '../../core/policy/judgePermit.ts';
import { checkWith, type Trust } from '../../core/policy/trust.ts';
import type { World } from '../../core/record/world.ts';
import type { AssignmentSet } from '../ports/fleet.ts';
import type { Verifier } from '../ports/signer.ts';

/**
 * Law 1, for agents that cannot check a permit themselves: what has no good permit is not ordered at all. Checks what an agent
 * would check, but for its own place and guards, which only it knows. The last known good stays: it is the way back.
 */
export function enforcePermits(set: AssignmentSet, world: World, verifier: Verifier): AssignmentSet {
  const keys = [...world.keys.values()];
  const trust: Trust = { keys, retired: keys.filter(({ retirement }) => retirement !== null).map(({ id }) => id) };
  const check = checkWith(trust, {
    verify: (publicKey, document, signature) =>
      verifier.verify(publicKey, Buffer.from(canonicalJson(document)), signature),
    keyId: (publicKey) => verifier.keyId(publicKey),
  });
  const assignments = set.assignments.map((assignment) => {
    if (assignment.candidate === null) return assignment;
    const { candidate } = judgePermits(assignment, { ...set, check, target: null, neverFirst: false });
    return candidate.granted ? assignment : { ...assignment, candidate: null };
  });
  return { ...set, assignments };
}
