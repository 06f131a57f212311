import { sameData } from '../kernel/canonicalJson.ts';
import { shortDigest } from '../kernel/digest.ts';
import type { Instant } from '../kernel/instant.ts';
import { place } from '../kernel/place.ts';
import type { Assignment } from '../rollout/assignment.ts';
import { matches, type Target } from '../topology/target.ts';
import {
  type Leave,
  type Leaves,
  PERMIT_REFUSALS,
  type Permit,
  type PermitRefusal,
  type StageEvidence,
} from './permit.ts';
import { sayOpenings } from './sayOpenings.ts';
import type { CheckSignature, Signed } from './signed.ts';

/** What a permit is held against. All but `permits` and `serverTime` is the judge's own. */
export interface PermitContext {
  /** Everything that came with the assignment. */
  readonly permits: readonly Signed<Permit>[];
  /** What the server says the time is. The clock of the target plays no part. */
  readonly serverTime: Instant;
  readonly check: CheckSignature;
  /** `null`: judged for every target of the role at once, as a gateway does; then nothing is said of places and guards. */
  readonly target: Pick<Target, 'uid' | 'labels'> | null;
  /** The target's own file says that it is never in a first stage. */
  readonly neverFirst: boolean;
}

const GRANTED: Leave = { granted: true };

/**
 * Law 23: whether this target may take what the assignment orders. Pure: what it knows of keys comes as `check`. The order of the
 * tests is the order of precedence, and nothing a permit says is looked at before its signature.
 */
export function judgePermits(assignment: Assignment, context: PermitContext): Leaves {
  return { candidate: judgeCandidate(assignment, context), lastKnownGood: judgeLastKnownGood(assignment, context) };
}

function judgeCandidate(assignment: Assignment, context: PermitContext): Leave {
  const { candidate } = assignment;
  if (candidate === null) return refuse('no-permit', 'the assignment has no candidate');
  const staged = context.permits.filter(({ document }) => document.stage !== null);
  const signed = staged.find(({ document }) => document.rollout === candidate.rollout) ?? staged[0];
  if (signed === undefined) return refuse('no-permit', `${candidate.rollout} has no permit`);
  const fault = context.check(signed);
  if (fault !== null) return refuse(fault, `key ${signed.key}`);

  const { document: permit } = signed;
  const { stage } = permit;
  const scope = judgeScope(permit, assignment);
  if (scope !== null) return scope;
  if (permit.rollout !== candidate.rollout)
    return refuse('wrong-rollout', `${permit.rollout}, ordered is ${candidate.rollout}`);
  if (permit.change !== candidate.change)
    return refuse('wrong-change', `${shortDigest(permit.change)}, ordered is ${shortDigest(candidate.change)}`);
  const artifact = permit.slots[assignment.slot];
  if (artifact !== candidate.artifact) {
    const permitted = artifact === undefined ? 'nothing' : shortDigest(artifact);
    return refuse(
      'wrong-artifact',
      `${permitted} in ${assignment.slot}, ordered is ${shortDigest(candidate.artifact)}`,
    );
  }
  if (permit.generation !== assignment.generation)
    return refuse('wrong-generation', `${permit.generation}, the assignment has ${assignment.generation}`);
  if (!sameData(permit.openings, candidate.openings))
    return refuse(
      'wrong-openings',
      `permitted: ${sayOpenings(permit.openings)}; ordered: ${sayOpenings(candidate.openings)}`,
    );
  if (stage === null || stage.index !== permit.openings.length - 1 || permit.openings.at(-1)?.stage !== stage.name)
    return refuse('wrong-stage', `stage "${stage?.name}" is not the newest of ${sayOpenings(permit.openings)}`);
  if (permit.expires === null || context.serverTime >= permit.expires)
    return refuse('expired', `at ${permit.expires}, the server's time is ${context.serverTime}`);
  const evidence = judgeEvidence(permit, stage.index, context.check);
  if (evidence !== null) return evidence;
  const before = permit.evidence.at(-1)?.document;
  if (before !== undefined && !(before.issued <= stage.opened && stage.opened < before.expires)) {
    const says = `that of "${before.stage}" was good until ${before.expires}, "${stage.name}" was opened at ${stage.opened}`;
    return refuse('evidence-expired', says);
  }
  return context.target === null ? GRANTED : judgePlace(permit, context.target, context.neverFirst);
}

/** What is on offer as the last known good needs proof that it is: the evidence of a whole rollout. */
function judgeLastKnownGood(assignment: Assignment, { permits, check }: PermitContext): Leave {
  const { lastKnownGood, slot } = assignment;
  const whole = permits.filter(({ document }) => document.stage === null);
  const signed = whole.find(({ document }) => document.slots[slot] === lastKnownGood);
  if (signed === undefined || lastKnownGood === null)
    return refuse('no-permit', `nothing shows that ${shortDigest(lastKnownGood)} finished a rollout`);
  const fault = check(signed);
  if (fault !== null) return refuse(fault, `key ${signed.key}`);
  const { document: permit } = signed;
  return judgeScope(permit, assignment) ?? judgeEvidence(permit, Math.max(1, permit.evidence.length), check) ?? GRANTED;
}

function judgeScope(permit: Permit, assignment: Assignment): Leave | null {
  if (permit.service !== assignment.service)
    return refuse('wrong-service', `${permit.service}, this is ${assignment.service}`);
  if (permit.role !== assignment.role) return refuse('wrong-role', `${permit.role}, this is ${assignment.role}`);
  return null;
}

/** Law 2 and law 3: evidence of each of the first `stages` stages, all about this change on this role, all a pass. */
function judgeEvidence(permit: Permit, stages: number, check: CheckSignature): Leave | null {
  if (permit.evidence.length < stages) {
    const missing = permit.openings[permit.evidence.length]?.stage ?? `number ${permit.evidence.length + 1}`;
    return refuse('evidence-missing', `that of stage "${missing}"`);
  }
  if (permit.evidence.length > stages) return refuse('wrong-stage', `there is evidence of later stages`);
  for (const [index, signed] of permit.evidence.entries()) {
    const refusal = judgeOne(permit, index, signed, check);
    if (refusal !== null) return refusal;
  }
  return null;
}

function judgeOne(permit: Permit, index: number, signed: Signed<StageEvidence>, check: CheckSignature): Leave | null {
  const { document: evidence, key } = signed;
  const fault = check(signed);
  if (fault !== null) return refuse(`evidence-${fault}`, `stage "${evidence.stage}", key ${key}`);
  const { service, role, change, rollout } = evidence;
  if (service !== permit.service || role !== permit.role || change !== permit.change || rollout !== permit.rollout) {
    const about = `${service}/${role}, ${shortDigest(change)}, ${rollout}`;
    const says = `about ${about}; needed for ${permit.service}/${permit.role}, ${shortDigest(permit.change)}, ${permit.rollout}`;
    return refuse('evidence-wrong-scope', says);
  }
  const stage = permit.stage === null ? evidence.stage : permit.openings[index]?.stage;
  if (evidence.index !== index || evidence.stage !== stage)
    return refuse(
      'evidence-wrong-stage',
      `"${evidence.stage}" (${evidence.index}) where "${stage}" (${index}) belongs`,
    );
  if (evidence.outcome !== 'pass') return refuse('evidence-not-pass', `stage "${evidence.stage}": ${evidence.outcome}`);
  return null;
}

/** The target's own ring and place, as its own file has them. */
function judgePlace(permit: Permit, { uid, labels }: Pick<Target, 'uid' | 'labels'>, neverFirst: boolean): Leave {
  const where = place(permit.rollout, uid);
  const first = permit.openings.findIndex((opening) => where < opening.below && matches(opening.targets, labels));
  if (first === -1) return refuse('not-opened', `open are ${sayOpenings(permit.openings)}`);
  if (first > 0 || !neverFirst) return GRANTED;
  return refuse(
    'never-first',
    `"${permit.openings[0]?.stage}" is the first stage of ${permit.rollout} and takes it in`,
  );
}

function refuse(code: PermitRefusal, says: string): Leave {
  return { granted: false, code, says: `${PERMIT_REFUSALS[code]}: ${says}` };
}
