import { z } from 'zod';
import { FAILURE_CODES, type FailureCode } from '../../core/agent/failureCode.ts';
import { KEPT_CONFIRMED, KEPT_EARNED, newSlot, type Phase, type Slot } from '../../core/agent/slot.ts';
import type { Trial } from '../../core/agent/trial.ts';
import { canonicalJson } from '../../core/kernel/canonicalJson.ts';
import { type Digest, isDigest } from '../../core/kernel/digest.ts';
import { err, ok, type Result } from '../../core/kernel/result.ts';
import { type Leave, PERMIT_REFUSALS, type PermitRefusal } from '../../core/policy/permit.ts';
import type { Assignment } from '../../core/rollout/assignment.ts';

/** Raised when the shape of a record changes; a record of a later version is refused, never guessed at. */
const VERSION = 1;

/**
 * What of a slot outlives the process, as text. Left out: what is read back anew (what is in force), and moments of this
 * process' clock: whatever has a deadline goes back after a restart. Equal states have equal text.
 */
export function writeSlotRecord(slot: Slot): string {
  const {
    name,
    assignment,
    confirmWithinMs,
    leaves,
    baseline,
    holds,
    proven,
    wayBack,
    confirmed,
    earned,
    takenBack,
    trial,
    failure,
    tried,
    phase,
  } = slot;
  const kept = {
    name,
    assignment,
    confirmWithinMs,
    leaves,
    baseline,
    holds,
    proven,
    wayBack,
    confirmed,
    earned,
    takenBack,
    trial: trial && { move: trial.move, strikes: trial.strikes, stood: trial.until === null },
    failure,
    tried,
    phase: keptPhase(phase),
  };
  return canonicalJson({ version: VERSION, ...kept });
}

/** Reads what {@link writeSlotRecord} wrote. The error says what is wrong with it. */
export function readSlotRecord(text: string): Result<Slot, string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return err('it is not JSON');
  }
  const version = (value as { readonly version?: unknown } | null)?.version;
  if (typeof version === 'number' && version > VERSION) {
    return err(`it has version ${version}, this agent knows up to ${VERSION}; run the newer one`);
  }
  const read = record.safeParse(value);
  if (!read.success) {
    const [issue] = read.error.issues;
    return err(`${issue?.path.join('.') || 'the record'}: ${issue?.message}`);
  }
  const { version: _, phase, trial, ...kept } = read.data;
  return ok({ ...newSlot(kept.name), ...kept, trial: revivedTrial(trial), phase: revivedPhase(phase) });
}

type KeptPhase = z.infer<typeof record>['phase'];

function keptPhase(phase: Phase): KeptPhase {
  switch (phase.name) {
    case 'settled':
    case 'failed':
      return { name: phase.name };
    case 'preparing':
    case 'applying':
    case 'verifying':
    case 'checking':
    case 'provisional':
    case 'watching':
      return { name: phase.name, move: phase.move };
    case 'reverting':
    case 'stuck':
      // How often it was tried is of this process; a restart tries at once.
      return { name: 'reverting', revert: { to: phase.revert.to, leaving: phase.revert.leaving } };
  }
}

/** What is on trial is so for as long again. */
function revivedTrial(kept: z.infer<typeof record>['trial']): Trial | null {
  return kept && { move: kept.move, strikes: kept.strikes, until: kept.stood ? null : 0 };
}

/** Spans begin when the input `started` is decided. */
function revivedPhase(kept: KeptPhase): Phase {
  switch (kept.name) {
    case 'settled':
      return { name: 'settled' };
    case 'failed':
      return { name: 'failed', until: null };
    case 'preparing':
      return { ...kept, attempt: 1, until: null };
    case 'reverting':
      return { name: 'reverting', revert: { ...kept.revert, attempt: 1 }, until: 0 };
    default:
      return { ...kept, until: 0 };
  }
}

const digest = z.custom<Digest>(
  (value) => typeof value === 'string' && isDigest(value),
  'expected sha256: and 64 hexadecimal digits',
);
const content = z.union([digest, z.literal('absent')]);
const count = z.int().min(0);
const move = z.strictObject({ to: digest, from: content, rollout: z.string().nullable(), generation: count });

/** Has every member of an assignment: one that is added does not compile until it can be kept, for an agent that cannot read its record does not start. */
const assignmentMembers: { readonly [K in keyof Assignment]-?: z.ZodType<Assignment[K]> } = {
  service: z.string(),
  role: z.string(),
  slot: z.string(),
  generation: count,
  lastKnownGood: digest.nullable(),
  candidate: z
    .strictObject({
      rollout: z.string(),
      change: digest,
      artifact: digest,
      openings: z.array(
        z.strictObject({ stage: z.string(), targets: z.record(z.string(), z.array(z.string())), below: z.number() }),
      ),
    })
    .nullable(),
  kept: z.array(digest).exactOptional(),
  release: z.strictObject({ rollout: z.string(), artifact: digest, below: z.number(), afterMs: count }).exactOptional(),
};
const assignment = z.strictObject(assignmentMembers) as z.ZodType<Assignment>;

const leave: z.ZodType<Leave> = z.discriminatedUnion('granted', [
  z.strictObject({ granted: z.literal(true) }),
  z.strictObject({
    granted: z.literal(false),
    code: z.custom<PermitRefusal>(
      (value) => typeof value === 'string' && Object.hasOwn(PERMIT_REFUSALS, value),
      'expected the code of a refused permit',
    ),
    says: z.string(),
  }),
]);

const record = z.strictObject({
  version: z.literal(VERSION),
  name: z.string(),
  assignment: assignment.nullable(),
  confirmWithinMs: z.number().min(0),
  // Records from before there were permits have none: then nothing is gone forward to until the server has said it again.
  leaves: z.strictObject({ candidate: leave, lastKnownGood: leave }).nullable().default(null),
  baseline: z.strictObject({ content, attributes: z.record(z.string(), z.number()) }).nullable(),
  holds: content.nullable(),
  proven: z.boolean(),
  wayBack: content.nullable(),
  confirmed: z.array(digest).max(KEPT_CONFIRMED),
  // Records of earlier agents: nothing was earned that is known of, nothing is on trial, and at most one thing was taken back.
  earned: z.array(digest).max(KEPT_EARNED).default([]),
  takenBack: z.preprocess((kept) => (typeof kept === 'string' ? [kept] : (kept ?? [])), z.array(content)),
  trial: z
    .strictObject({
      move,
      strikes: z.strictObject({ started: count, restarted: count, sickened: count }),
      stood: z.boolean(),
    })
    .nullable()
    .default(null),
  tried: z.strictObject({ artifact: digest, times: count }).nullable().default(null),
  failure: z
    .strictObject({
      artifact: digest,
      rollout: z.string().nullable(),
      code: z.custom<FailureCode>(
        (value) => typeof value === 'string' && Object.hasOwn(FAILURE_CODES, value),
        'expected a failure code',
      ),
      says: z.string(),
      slot: z.string().exactOptional(),
    })
    .nullable(),
  phase: z.discriminatedUnion('name', [
    z.strictObject({ name: z.enum(['settled', 'failed']) }),
    z.strictObject({ name: z.literal('preparing'), move }),
    z.strictObject({ name: z.enum(['applying', 'verifying', 'checking', 'provisional', 'watching']), move }),
    z.strictObject({
      name: z.literal('reverting'),
      revert: z.strictObject({ to: content, leaving: content.nullable() }),
    }),
  ]),
});
