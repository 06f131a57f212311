import type { Blame } from '../../core/analysis/blame.ts';
import type { Verdict } from '../../core/analysis/verdict.ts';
import type { Digest } from '../../core/kernel/digest.ts';
import type { Instant } from '../../core/kernel/instant.ts';
import type { Refusal } from '../../core/kernel/refusal.ts';
import type { Result } from '../../core/kernel/result.ts';
import type { TokenRole } from '../../core/policy/authority.ts';
import type { Irreversible } from '../../core/policy/change.ts';
import type { Freeze, FreezeWindow } from '../../core/policy/freeze.ts';
import type { Pipeline } from '../../core/policy/pipeline.ts';
import type { Plan } from '../../core/policy/plan.ts';
import type { Signed } from '../../core/policy/signed.ts';
import type { Checkpoint } from '../../core/record/checkpoint.ts';
import type { RecordedKey, Token, World } from '../../core/record/world.ts';
import type { Rollout } from '../../core/rollout/rollout.ts';
import type { HoldWords } from '../../core/rollout/sayPast.ts';
import type { Tally } from '../../core/rollout/tally.ts';
import type { Catalog } from '../../core/topology/catalog.ts';
import type { RolloutBlast } from '../../core/topology/rolloutBlast.ts';
import type { Service, SlotName } from '../../core/topology/service.ts';
import type { Target } from '../../core/topology/target.ts';
import type { StoredEvent } from '../../wire/storedEvent.ts';
import type { Approvals } from './approvals.ts';
import type { FigureIntake } from './figures.ts';
import type { Fleet, TargetReport } from './fleet.ts';
import type { ForeseenDeed } from './foreseenDeed.ts';
import type { JudgedRollout } from './judged.ts';
import type { VerifyOutcome } from './store.ts';

/**
 * What people and programs may ask of the control plane. Every method that changes something resolves only after the change is
 * durable in the log; a refusal changed nothing. A `StoreError` rejects: nothing was changed, try again.
 */
export interface ControlPlane {
  readonly fleet: Fleet;
  /** Where sources of metrics beside the agents hand in what they know. */
  readonly figures: FigureIntake;
  /** What people say of each other's changes. */
  readonly approvals: Approvals;

  /** The present, as this control plane sees it. */
  now(): Instant;

  /** Decided state; a new object after every append, never mutated. */
  world(): World;

  /** Registers, in order: services, pipelines and freezes are replaced by name, changes are immutable (the same one twice is `unchanged`). All or none. */
  apply(
    actor: string,
    manifests: readonly ManifestInput[],
  ): Promise<Result<readonly AppliedManifest[], readonly Refusal[]>>;

  /** What starting would do, if `actor` did it. `change` by digest (a prefix of at least 6 hex digits will do) or by name (the newest of that name). */
  plan(change: string, pipeline?: string, actor?: string): Result<Plan, Refusal>;
  start(actor: string, change: string, pipeline?: string): Promise<Result<Rollout, readonly Refusal[]>>;

  pause(actor: string, rollout: string, reason: string): Promise<Result<Rollout, Refusal>>;
  resume(actor: string, rollout: string): Promise<Result<Rollout, Refusal>>;
  promote(actor: string, rollout: string): Promise<Result<Rollout, Refusal>>;
  rollback(actor: string, rollout: string, reason: string): Promise<Result<Rollout, Refusal>>;
  /** Takes the evidence of a stage back: nothing opens on it any more, and permits that rest on it are withdrawn (law 2). */
  revokeEvidence(actor: string, rollout: string, stage: string, reason: string): Promise<Result<Rollout, Refusal>>;
  halt(actor: string, reason: string): Promise<Result<void, Refusal>>;
  lift(actor: string, reason?: string): Promise<Result<void, Refusal>>;

  /** Takes a freeze off the calendar; what it held goes on. */
  removeFreeze(actor: string, name: string): Promise<Result<void, Refusal>>;
  /** Forgets a catalogue and the dependencies that it brought. */
  removeCatalog(actor: string, name: string): Promise<Result<void, Refusal>>;
  /** The windows of a freeze that have a moment in common with [from, until), which is at most `LONGEST_LOOK_MS`. */
  freezeWindows(freeze: Freeze, from: Instant, until: Instant): readonly FreezeWindow[];
  /** Every freeze as one iCalendar object (RFC 5545). */
  freezesAsICalendar(): string;

  /** Forgets a target that is gone for good, so that no rollout waits for it. It may enrol again. */
  retireTarget(actor: string, uid: string): Promise<Result<void, Refusal>>;

  /** Makes a token; the secret is returned once and kept only as a hash. `Refused` rejects. */
  issueToken(actor: string, role: TokenRole, name: string): Promise<{ readonly id: string; readonly secret: string }>;
  revokeToken(actor: string, id: string): Promise<Result<void, Refusal>>;
  /** Makes a signing key, announced by the present one, and signs with it from then on. A `SignerError` rejects, or `Refused`: there is none. */
  rotateKey(actor: string): Promise<RecordedKey>;
  /** What this key signed is refused from then on; what is still needed of it is signed anew with the present one, in the same append. */
  retireKey(actor: string, id: string): Promise<Result<RecordedKey, Refusal>>;

  /** The token with this secret, compared by hash. */
  tokenOf(secret: string): Token | null;

  /** A rollout with what is happening in it now. Accepts a prefix of the id. */
  rolloutView(id: string): RolloutView | null;
  /** How its checks have gone, window by window, to plot. Accepts a prefix of the id; `null`: there is no such rollout. */
  judged(id: string): Promise<JudgedRollout | null>;
  /** What an actor could do to it now, and why the rest would be refused. Accepts a prefix of the id. */
  foresee(actor: string, rollout: string): Result<readonly ForeseenDeed[], Refusal>;
  /** Targets with what they last reported. */
  targetViews(): Iterable<TargetView>;
  /** Whose doing is what is wrong with targets now: of every one, or of those of a service and its neighbours (law 13). */
  blame(service?: string): Result<Blame, Refusal>;
  /** One of them; `null` when there is none of that uid. */
  targetView(uid: string): TargetView | null;
  connectedTargets(): number;

  log(after: number, limit: number): Promise<readonly StoredEvent[]>;
  /** The decided state as the record has it at a moment. An error says why there is no such moment. Folds the log: takes its time. */
  past(moment: PastMoment): Promise<Result<PastWorld, string>>;
  /** Recomputes every hash and checks every signature on the record; `given` is what a checkpoint that was kept elsewhere has. */
  verifyLog(given?: { readonly position: number; readonly hash: string }): Promise<LogVerification>;
  /** Signs what is not signed yet, now instead of soon. Gives the newest checkpoint; `null` when nothing can be signed. */
  signCheckpoint(): Promise<Signed<Checkpoint> | null>;
  /** Calls back after each append, in order, with what was appended. Returns a way to stop. */
  onAppend(listener: (events: readonly StoredEvent[]) => void): () => void;
  /** Whether commands can be carried out now, and if not, why. */
  readiness(): { readonly ready: boolean; readonly says: string };
  /**
   * Resolves, with a sentence, when another control plane has appended to the log (law 20). This one is behind from then on: it
   * decides nothing, and tells no target anything, so that they keep what they have. Whoever runs it ends it, or starts it anew.
   */
  readonly overtaken: Promise<string>;
}

/** After the event at this position, or after the last one at or before this time. */
export type PastMoment = { readonly position: number } | { readonly at: Instant };

/** Everything that was decided by then. What was measured and heard is not on the record. */
export interface PastWorld {
  /** Of the last event that counts. */
  readonly position: number;
  readonly at: Instant;
  readonly world: World;
  /** By rollout: what was said of each hold when it was last raised. */
  readonly words: ReadonlyMap<string, HoldWords>;
}

/** What was found on the record, and how far signatures vouch for it. */
export type LogVerification =
  | {
      readonly outcome: 'intact';
      readonly head: number;
      /** Of the event at `head`. */
      readonly hash: string;
      /** How many there are, all of them right. */
      readonly checkpoints: number;
      /** The newest checkpoint: everything up to its position is as it was then. `held`: this server has the key. */
      readonly signed: (Checkpoint & { readonly key: string; readonly held: boolean }) | null;
      /** Position of the checkpoint that is kept outside the record, which was compared; `null` without one. */
      readonly kept: number | null;
      /** Signing keys that came when there were others, and for which none of those vouches. */
      readonly unvouched: readonly string[];
    }
  | Extract<VerifyOutcome, { readonly outcome: 'broken' }>;

/** A change arrives with the bytes of its slots; the control plane stores them by digest. */
export type ManifestInput =
  | { readonly kind: 'Service'; readonly service: Service }
  | { readonly kind: 'Pipeline'; readonly pipeline: Pipeline }
  | { readonly kind: 'Change'; readonly change: ChangeInput }
  | { readonly kind: 'Freeze'; readonly freeze: Freeze }
  | { readonly kind: 'Catalog'; readonly catalog: Catalog };

export interface ChangeInput {
  readonly name: string;
  readonly service: string;
  readonly roles: readonly string[];
  readonly slots: Readonly<Record<SlotName, Uint8Array>>;
  readonly reason: string;
  readonly newPath?: string;
  readonly irreversible?: Irreversible;
}

export interface AppliedManifest {
  readonly kind: ManifestInput['kind'];
  readonly name: string;
  readonly outcome: 'created' | 'replaced' | 'unchanged';
  /** Of a change. */
  readonly digest?: Digest;
}

export interface RolloutView {
  readonly rollout: Rollout;
  readonly tally: Tally;
  /** The present stage's verdicts, newest of each check and role. */
  readonly verdicts: readonly Verdict[];
  /** Exposure of the present stage's treated targets by role. */
  readonly exposure: Readonly<Record<string, number>>;
  /** Who is exposed now, and who would be if it went on. A few seconds old at the most. */
  readonly blast: RolloutBlast;
  /** One sentence: what it does or waits for now. */
  readonly says: string;
}

export interface TargetView {
  readonly target: Target;
  readonly connected: boolean;
  readonly lastHeard: Instant | null;
  readonly report: TargetReport | null;
  /** What each slot should hold now. */
  readonly desired: Readonly<Record<SlotName, Digest | null>>;
}
