import type { VerdictOutcome } from '../analysis/verdict.ts';
import type { Digest } from '../kernel/digest.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Opening } from '../rollout/assignment.ts';
import type { SlotName } from '../topology/service.ts';
import type { Signed } from './signed.ts';

/** What one stage has proven of one change on one role, and of nothing else (law 3). */
export interface StageEvidence {
  readonly kind: 'evidence';
  readonly service: string;
  readonly role: string;
  readonly change: Digest;
  readonly rollout: string;
  readonly stage: string;
  /** Of the stage in its pipeline, from 0. */
  readonly index: number;
  /** `pass`: every check passed, or was a signal that a person accepted. */
  readonly outcome: VerdictOutcome;
  readonly checks: readonly { readonly check: string; readonly outcome: VerdictOutcome; readonly says: string }[];
  /** When this change was shown to go back, of the first stage; `null` where the pipeline does not ask for it (law 6). */
  readonly rehearsedAt: Instant | null;
  /** What the stage's exposure metric counted on this role; 0 where the pipeline asks for none. */
  readonly exposure: number;
  readonly issued: Instant;
  /** The next stage opens before then, or not on this evidence (law 2). */
  readonly expires: Instant;
}

/**
 * The signed leave for the targets of one role to take one change as far as its newest stage: the same bytes for the whole role.
 * Without a stage it says that the change finished its whole rollout: every target of the role may hold it.
 */
export interface Permit {
  readonly kind: 'permit';
  readonly service: string;
  readonly role: string;
  readonly rollout: string;
  readonly change: Digest;
  /** The role's slots of the change, with what each is to hold. */
  readonly slots: Readonly<Record<SlotName, Digest>>;
  readonly stage: PermittedStage | null;
  /** As in the assignment: one for each stage opened so far. Empty without a stage. */
  readonly openings: readonly Opening[];
  /** Of the assignment that it goes with. */
  readonly generation: number;
  readonly issued: Instant;
  /** `null`: never, for what finished its rollout. */
  readonly expires: Instant | null;
  /** Of every stage before, in order; of all stages where none is left. */
  readonly evidence: readonly Signed<StageEvidence>[];
}

export interface PermittedStage {
  readonly name: string;
  readonly index: number;
  /** When its first wave was opened: the evidence of the stage before was in force then. */
  readonly opened: Instant;
}

/** Why an agent, or the gateway in the place of one that cannot, does not go forward. A closed list; codes are never renamed. */
export const PERMIT_REFUSALS = {
  'no-permit': 'a revision is ordered without a permit for it',
  'unknown-key': 'the permit is signed with a key that is not trusted here',
  'retired-key': 'the permit is signed with a retired key',
  'bad-signature': 'the permit is not what was signed',
  'wrong-service': 'the permit is for another service',
  'wrong-role': 'the permit is for another role',
  'wrong-rollout': 'the permit is for another rollout',
  'wrong-change': 'the permit is for another change',
  'wrong-artifact': 'the permit is for other bytes in this slot',
  'wrong-generation': 'the permit belongs to another generation of the assignment',
  'wrong-openings': 'the assignment opens another part of the fleet than the permit',
  'wrong-stage': 'the stages of the permit, its openings and its evidence do not fit together',
  'not-opened': 'the permit does not cover this target',
  expired: 'the permit has expired',
  'evidence-missing': 'the permit lacks the evidence of a stage before',
  'evidence-unknown-key': 'evidence is signed with a key that is not trusted here',
  'evidence-retired-key': 'evidence is signed with a retired key',
  'evidence-bad-signature': 'evidence is not what was signed',
  'evidence-wrong-scope': 'evidence is about another service, role or change',
  'evidence-wrong-stage': 'evidence is about another stage',
  'evidence-not-pass': 'evidence says something else than pass',
  'evidence-expired': 'the stage was opened on evidence that had expired',
  'never-first': 'this target is told by its own file that it is never in a first stage',
} as const;

export type PermitRefusal = keyof typeof PERMIT_REFUSALS;

/** Whether a target may go forward to something, and why not. */
export type Leave =
  | { readonly granted: true }
  | { readonly granted: false; readonly code: PermitRefusal; readonly says: string };

/** Leave for each of the two revisions that an assignment names. */
export interface Leaves {
  readonly candidate: Leave;
  readonly lastKnownGood: Leave;
}
