import type { CheckSpec } from '../analysis/checkSpec.ts';
import type { DurationMs } from '../kernel/instant.ts';
import type { Size } from '../topology/capacity.ts';
import type { Selector } from '../topology/target.ts';
import type { ApprovalRule } from './approval.ts';
import type { PeakHours } from './peak.ts';
import type { Rule } from './rule.ts';

/**
 * How far a wave goes into its stage, counted from the stage's start: a number of targets, a share of them in (0, 1], or as many as
 * together take at most that share of the stage's traffic, in each role.
 */
export type WaveSize = Size | { readonly traffic: number };

/** The most that may open at once, as shares in (0, 1]; what is left out is not bounded. */
export interface LargestStep {
  /** Of one role's traffic. */
  readonly traffic?: number;
  /** Of the targets of the change's roles. */
  readonly targets?: number;
}

export interface Bake {
  /** The least time between the last target's confirmation and the stage's verdict. */
  readonly minimumMs: DurationMs;
  /** The least count of a metric that the treated targets of *each role* must gather; `null` where the pipeline asks for none. */
  readonly exposure: { readonly metric: string; readonly atLeast: number } | null;
  /** When a stage has not earned its evidence by then, it holds and a person is asked. */
  readonly deadlineMs: DurationMs;
  /** When the service has the most to do: the bake is not over before it has covered it. Left out: any hour will do. */
  readonly peak?: PeakHours;
}

export interface Stage {
  readonly name: string;
  readonly targets: Selector;
  /** In growing order; the last one always covers the whole stage. */
  readonly waves: readonly WaveSize[];
  /** How many targets of the stage are under way at once (law 12): how many at first, and the most. Left out: a whole wave. */
  readonly concurrency?: { readonly start: Size; readonly most: Size };
  readonly bake: Bake;
  /** A target that has not confirmed by then is silent, and silence is failure. Counted from the wave's opening. */
  readonly applyDeadlineMs: DurationMs;
  /** How many failed targets in this stage are tolerated before it rolls back. */
  readonly tolerateFailures: number;
  /** `manual`: with the evidence in hand, a person still opens the next stage. */
  readonly promote: 'auto' | 'manual';
}

/** A guardrail that fails rolls back; a signal that fails holds. */
export type CheckEffect = 'guardrail' | 'signal';

/** What is asked of the targets while a stage bakes. Kinds of check: `core/analysis/checkSpec.ts`. */
export type Check = CheckSpec;

export interface Pipeline {
  readonly name: string;
  readonly service: string;
  readonly stages: readonly Stage[];
  readonly checks: readonly Check[];
  /** A plan with a larger step is refused. Left out: large steps are warned of alone. */
  readonly largestStep?: LargestStep;
  /** What must be true before anything opens, beyond the laws. Pipelines on the record from before there were rules have none. */
  readonly rules?: readonly Rule[];
  /** What is asked of people before a stage opens; left out: nothing. */
  readonly approvals?: readonly ApprovalRule[];
  /** A shorter way to what is known to be good: no approvals, and stages that bake for this long at the least. Left out: there is none. */
  readonly fastTrack?: { readonly minimumMs: DurationMs };
  /**
   * What it does beside rollouts of services that need this one, or that it needs (law 13): one after the other, or at once, told
   * apart by blame. Left out: one after the other.
   */
  readonly neighbours?: Neighbours;
  /** Whether the first stage goes forward, back and forward again before anything is promoted (law 6). */
  readonly rehearse: boolean;
  /** Figures of so long are judged together; left out: what fits its bakes. The shortest of a service's pipelines counts. */
  readonly windowMs?: DurationMs;
  /** The probability with which one whole rollout of a harmless change may be rolled back by its checks. */
  readonly errorBudget: number;
  /** The probability with which one check may pass, in one stage and role, what is beyond its margin; {@link USUAL_MISS_RATE} when left out. */
  readonly missRate?: number;
  /** How long a rollout may stay held before it is rolled back. */
  readonly heldDeadlineMs: DurationMs;
  /** How long a person may keep it paused before it is held as well. */
  readonly pausedDeadlineMs: DurationMs;
  /** How long a stage's evidence is good for while the next stage waits to be opened; {@link evidenceValidMs} when left out. */
  readonly evidenceValidMs?: DurationMs;
  /** Targets that are not back by then are listed as stragglers. */
  readonly rollbackDeadlineMs: DurationMs;
}

export const NEIGHBOURS = ['serialise', 'tellApart'] as const;
export type Neighbours = (typeof NEIGHBOURS)[number];

export const EVIDENCE_VALID_MS = 86_400_000;

/** How long evidence, and a permit, is good for. Pipelines on the record from before there was such a deadline do not say. */
export function evidenceValidMs(pipeline: Pipeline): DurationMs {
  return pipeline.evidenceValidMs ?? EVIDENCE_VALID_MS;
}
