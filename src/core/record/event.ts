import type { Verdict } from '../analysis/verdict.ts';
import type { Digest } from '../kernel/digest.ts';
import type { Instant } from '../kernel/instant.ts';
import type { TokenRole } from '../policy/authority.ts';
import type { Breakable } from '../policy/breakGlass.ts';
import type { Change } from '../policy/change.ts';
import type { Freeze } from '../policy/freeze.ts';
import type { Permit, StageEvidence } from '../policy/permit.ts';
import type { Pipeline } from '../policy/pipeline.ts';
import type { KeyAnnouncement, KeyRetirement, PublicKey, Signed } from '../policy/signed.ts';
import type { HoldReason } from '../rollout/hold.ts';
import type { PaceChange } from '../rollout/pace.ts';
import type { Evidence, PlannedStage, RollbackCode } from '../rollout/rollout.ts';
import type { Catalog } from '../topology/catalog.ts';
import type { Service, SlotName } from '../topology/service.ts';
import type { Target } from '../topology/target.ts';
import type { PlanReference } from './agreement.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Token } from './world.ts';

/** Everything that can be on the record, by type, with its data. A type is never renamed; a new shape gets an upcaster. */
export interface EventData {
  ServiceApplied: { readonly service: Service };
  PipelineApplied: { readonly pipeline: Pipeline };
  ChangeApplied: { readonly change: Change };
  FreezeApplied: { readonly freeze: Freeze };
  FreezeRemoved: { readonly name: string };
  CatalogApplied: { readonly catalog: Catalog };
  CatalogRemoved: { readonly name: string };
  TargetEnrolled: { readonly target: Target };
  TargetRetired: { readonly uid: string };
  TokenIssued: { readonly token: Token };
  TokenRevoked: { readonly id: string };
  /** `announcement: null`: nothing vouches for it; only who trusts no key yet may take it. */
  SigningKeyAdded: { readonly key: PublicKey; readonly announcement: Signed<KeyAnnouncement> | null };
  SigningKeyRetired: { readonly id: string; readonly retirement: Signed<KeyRetirement> };
  /** Law 19: of the event right before it. Decides nothing. */
  CheckpointSigned: { readonly checkpoint: Signed<Checkpoint> };
  LineHalted: { readonly reason: string };
  LineLifted: { readonly reason?: string };

  /** `person` and `role` are those of the token; a person's newest word on a gate takes the place of the one before. */
  ApprovalGiven: ApprovalWord;
  ApprovalRejected: ApprovalWord;
  ApprovalWithdrawn: Omit<ApprovalWord, 'role' | 'reason'>;
  /** Opens nothing until somebody else has confirmed it. */
  BreakGlassAsked: {
    readonly plan: PlanReference;
    readonly person: string;
    readonly reason: string;
    readonly expires: Instant;
  };
  BreakGlassConfirmed: { readonly plan: PlanReference; readonly person: string };
  BreakGlassEnded: { readonly plan: PlanReference; readonly person: string };
  /** What follows went past these gates. */
  BreakGlassUsed: { readonly id: string; readonly gates: readonly Breakable[] };

  RolloutStarted: {
    readonly id: string;
    readonly change: Change;
    readonly pipeline: Pipeline;
    readonly slotRoles: Readonly<Record<SlotName, readonly string[]>>;
    readonly plan: readonly PlannedStage[];
    /** To what is known to be good, by the shorter way of the pipeline. */
    readonly fastTrack?: true;
  };
  WaveOpened: {
    readonly id: string;
    readonly stage: number;
    readonly wave: number;
    readonly below: number;
    /** Uids of targets that this opens and that were not connected: their silence says nothing about the change. */
    readonly absent: readonly string[];
    /** Of those that were absent before: who has been heard of since. Left out by earlier versions, which named everybody absent each time. */
    readonly returned?: readonly string[];
    /** Where the pipeline asks for one (law 12). */
    readonly pace?: PaceChange;
  };
  /** The present wave goes on by one step, where it is opened in steps. `targets`: how many it adds; `absent`: of those. */
  WaveWidened: {
    readonly id: string;
    readonly below: number;
    readonly targets: number;
    readonly absent: readonly string[];
    readonly returned?: readonly string[];
  };
  /** On the way back, where it goes in steps: the border of those who go has come this far. */
  ReleaseWidened: { readonly id: string; readonly below: number; readonly targets: number };
  PaceChanged: { readonly id: string; readonly pace: PaceChange };
  /** The targets of the first stage are to go back, as if the change had failed. */
  RehearsalStarted: { readonly id: string };
  RehearsalProved: { readonly id: string; readonly targets: number };
  BakeStarted: { readonly id: string; readonly stage: number };
  StagePassed: { readonly id: string; readonly stage: number; readonly evidence: Evidence };
  /** Follows the stage's `StagePassed`, one for each role; comes again when the key it is signed with is retired. */
  EvidenceSigned: {
    readonly id: string;
    readonly stage: number;
    readonly role: string;
    readonly evidence: Signed<StageEvidence>;
  };
  EvidenceRevoked: { readonly id: string; readonly stage: number; readonly reason: string };
  /** Follows what gives the role leave, one for each role; comes again when it is renewed or its key is retired. */
  PermitIssued: { readonly id: string; readonly role: string; readonly permit: Signed<Permit> };
  HoldRaised: { readonly id: string; readonly reason: HoldReason; readonly says: string };
  HoldLifted: { readonly id: string; readonly reason: HoldReason };
  HoldsAccepted: { readonly id: string; readonly reasons: readonly HoldReason[] };
  TargetsFailed: {
    readonly id: string;
    readonly failed: readonly { readonly target: string; readonly code: string; readonly says: string }[];
    readonly count: number;
  };
  RolloutPaused: { readonly id: string; readonly reason: string };
  RolloutResumed: { readonly id: string };
  RollbackOrdered: {
    readonly id: string;
    readonly code: RollbackCode;
    readonly says: string;
    readonly verdicts: readonly Verdict[];
  };
  DigestQuarantined: { readonly id: string; readonly change: Digest; readonly says: string };
  StragglersListed: { readonly id: string; readonly targets: readonly string[]; readonly count: number };
  /** `kept`: of what cannot be undone, how many targets keep it. Left out: it was undone everywhere. */
  RolledBack: { readonly id: string; readonly kept?: number };
  RolloutCompleted: { readonly id: string };
}

interface ApprovalWord {
  readonly plan: PlanReference;
  /** `start`, or the name of a stage. */
  readonly before: string;
  readonly person: string;
  readonly role: TokenRole;
  readonly reason: string;
}

export type EventType = keyof EventData;

/** An event as the core makes it. */
export type DomainEvent = {
  readonly [T in EventType]: { readonly type: T; readonly data: EventData[T] & UnderBreakGlass };
}[EventType];

/** What the data of every event of a rollout says besides its own, once break-glass was in force for it (law 15). */
export interface UnderBreakGlass {
  readonly breakGlass?: true;
}

/** An event as it comes back from the log. */
export type RecordedEvent = DomainEvent & { readonly position: number; readonly at: Instant; readonly actor: string };
