import { create, toBinary } from '@bufbuild/protobuf';
import type { z } from 'zod';
import { canonicalJson } from '../../core/kernel/canonicalJson.ts';
import type { Instant } from '../../core/kernel/instant.ts';
import type { Result } from '../../core/kernel/result.ts';
import type { AnnouncedKey, Signed } from '../../core/policy/signed.ts';
import type { Assignment, Candidate, Opening } from '../../core/rollout/assignment.ts';
import type { Release } from '../../core/rollout/release.ts';
import type { AssignmentSet, Confirmation, SlotReport, TargetPhase, TargetReport } from '../../engine/ports/fleet.ts';
import * as pb from '../../wire/agent/generated/agent_pb.ts';
import { keyAnnouncement, keyRetirement, permit, readDocument } from '../../wire/agent/signedDocument.ts';
import { decodeMessage } from './decodeMessage.ts';
import {
  cutText,
  digestBytes,
  FIELD_LIMITS,
  readCount,
  readDigest,
  readDistinct,
  readList,
  readName,
  readOptionalDigest,
  readText,
} from './fieldLimits.ts';
import { type Malformed, MalformedError } from './malformed.ts';
import { readWatches, watchMessages } from './observationMessages.ts';

/** The OpAMP custom capability under which our agents and servers know each other. */
export const AGENT_CAPABILITY = 'dev.ringfence.agent.v1';

/** `CustomMessage.type`, each with the message of `agent.proto` that it carries. */
export const MESSAGE_TYPE = {
  assignment: 'assignment',
  confirm: 'confirm',
  status: 'status',
  observations: 'observations',
} as const;

// Encoders take what our own code made. Decoders take anything: whatever the bytes, they return and never throw.

export function encodeAssignmentSet(set: AssignmentSet): Uint8Array {
  const slots = set.assignments.map(({ slot, generation, lastKnownGood, candidate, kept = [], release }) => ({
    slot,
    generation: BigInt(generation),
    lastKnownGood: digestBytes(lastKnownGood),
    ...(candidate === null ? {} : { candidate: candidateMessage(candidate) }),
    kept: kept.map(digestBytes),
    ...(release === undefined ? {} : { release: releaseMessage(release) }),
  }));
  const { service, role, confirmWithinMs } = set;
  const permits = set.permits.map(signedMessage);
  const keys = set.keys.map(({ id, publicKey, announcement, retirement }) => ({
    id,
    publicKey: Buffer.from(publicKey, 'hex'),
    ...(announcement !== null && { announcement: signedMessage(announcement) }),
    ...(retirement !== null && { retirement: signedMessage(retirement) }),
  }));
  const serverTimeMs = BigInt(set.serverTime);
  const asked = watchMessages(set.watches);
  const message = { service, role, slots, ...asked, confirmWithinMs, permits, keys, serverTimeMs };
  return toBinary(pb.AssignmentSchema, create(pb.AssignmentSchema, message));
}

/** The same message with a later time: protobuf reads the last one, so the bytes before it are made once for the whole fleet. */
export function withServerTime(assignmentSet: Uint8Array, serverTime: Instant): Uint8Array {
  const message = create(pb.AssignmentSchema, { serverTimeMs: BigInt(Math.max(0, serverTime)) });
  return Buffer.concat([assignmentSet, toBinary(pb.AssignmentSchema, message)]);
}

function signedMessage({ document, key, signature }: Signed<unknown>): pb.SignedDocument {
  return create(pb.SignedDocumentSchema, {
    document: Buffer.from(canonicalJson(document)),
    key,
    signature: Buffer.from(signature, 'hex'),
  });
}

function candidateMessage({ rollout, change, artifact, openings }: Candidate): pb.Candidate {
  return create(pb.CandidateSchema, {
    rollout,
    change: digestBytes(change),
    artifact: digestBytes(artifact),
    openings: openings.map(({ stage, targets, below }) => ({
      stage,
      targets: Object.entries(targets).map(([label, values]) => ({ label, values: [...values] })),
      below,
    })),
  });
}

export function decodeAssignmentSet(bytes: Uint8Array): Result<AssignmentSet, Malformed> {
  return decodeMessage(pb.AssignmentSchema, bytes, (message) => {
    const service = readName('service', message.service);
    const role = readName('role', message.role);
    const readSlot = (
      at: string,
      { slot, generation, lastKnownGood, candidate, kept, release }: pb.SlotAssignment,
    ): Assignment => ({
      service,
      role,
      slot: readName(`${at}.slot`, slot),
      generation: readCount(`${at}.generation`, generation),
      lastKnownGood: readOptionalDigest(`${at}.last_known_good`, lastKnownGood),
      candidate: candidate === undefined ? null : readCandidate(`${at}.candidate`, candidate),
      ...(kept.length === 0 ? {} : { kept: readList(`${at}.kept`, kept, FIELD_LIMITS.kept, readDigest) }),
      ...(release === undefined ? {} : { release: readRelease(`${at}.release`, release) }),
    });
    return {
      service,
      role,
      assignments: readDistinct('slots', message.slots, FIELD_LIMITS.slots, ({ slot }) => slot, readSlot),
      watches: readWatches(message),
      confirmWithinMs: message.confirmWithinMs,
      permits: readLegible('permits', message.permits, FIELD_LIMITS.permits, (at, signed) =>
        readSigned(at, signed, permit),
      ),
      keys: readLegible('keys', message.keys, FIELD_LIMITS.keys, readKey),
      serverTime: readCount('server_time_ms', message.serverTimeMs),
    };
  });
}

/**
 * A permit or a key that cannot be read is none: what it would have allowed is refused. The rest of the message stands, for it may be the
 * order to go back, which needs no permit (law 5).
 */
function readLegible<Item, Value>(
  at: string,
  items: readonly Item[],
  most: number,
  read: (at: string, item: Item) => Value,
): Value[] {
  const readOrSkip = (place: string, item: Item): Value[] => {
    try {
      return [read(place, item)];
    } catch (error) {
      if (error instanceof MalformedError) return [];
      throw error;
    }
  };
  return readList(at, items, most, readOrSkip).flat();
}

function readSigned<T>(at: string, signed: pb.SignedDocument, schema: z.ZodType<T>): Signed<T> {
  const { document, key, signature } = signed;
  if (document.length > FIELD_LIMITS.document) {
    throw new MalformedError(`${at}.document`, `${document.length} bytes; expected at most ${FIELD_LIMITS.document}`);
  }
  const read = readDocument(document, schema);
  if (!read.ok) throw new MalformedError(`${at}.document`, read.error);
  return { document: read.value, key: readName(`${at}.key`, key), signature: Buffer.from(signature).toString('hex') };
}

function readKey(at: string, { id, publicKey, announcement: added, retirement: ended }: pb.SigningKey): AnnouncedKey {
  return {
    id: readName(`${at}.id`, id),
    publicKey: Buffer.from(publicKey).toString('hex'),
    announcement: added === undefined ? null : readSigned(`${at}.announcement`, added, keyAnnouncement),
    retirement: ended === undefined ? null : readSigned(`${at}.retirement`, ended, keyRetirement),
  };
}

function readCandidate(at: string, { rollout, change, artifact, openings }: pb.Candidate): Candidate {
  return {
    rollout: readName(`${at}.rollout`, rollout),
    change: readDigest(`${at}.change`, change),
    artifact: readDigest(`${at}.artifact`, artifact),
    openings: readList(`${at}.openings`, openings, FIELD_LIMITS.openings, readOpening),
  };
}

function releaseMessage({ rollout, artifact, below, afterMs }: Release): pb.Release {
  return create(pb.ReleaseSchema, { rollout, artifact: digestBytes(artifact), below, afterMs: BigInt(afterMs) });
}

function readRelease(at: string, { rollout, artifact, below, afterMs }: pb.Release): Release {
  return {
    rollout: readName(`${at}.rollout`, rollout),
    artifact: readDigest(`${at}.artifact`, artifact),
    below: readPlace(`${at}.below`, below),
    afterMs: readCount(`${at}.after_ms`, afterMs),
  };
}

function readPlace(at: string, below: number): number {
  if (!(below >= 0 && below <= 1)) throw new MalformedError(at, `${below}; expected 0 to 1`);
  return below;
}

function readOpening(at: string, { stage, targets, below }: pb.Opening): Opening {
  const readMatch = (place: string, { label, values }: pb.LabelMatch): [string, readonly string[]] => [
    readName(`${place}.label`, label),
    readList(`${place}.values`, values, FIELD_LIMITS.labelValues, readText),
  ];
  return {
    stage: readName(`${at}.stage`, stage),
    targets: Object.fromEntries(
      readDistinct(`${at}.targets`, targets, FIELD_LIMITS.labels, ({ label }) => label, readMatch),
    ),
    below: readPlace(`${at}.below`, below),
  };
}

export function encodeConfirmation({ slot, generation, artifact }: Confirmation): Uint8Array {
  const message = create(pb.ConfirmSchema, { slot, generation: BigInt(generation), artifact: digestBytes(artifact) });
  return toBinary(pb.ConfirmSchema, message);
}

export function decodeConfirmation(bytes: Uint8Array): Result<Confirmation, Malformed> {
  return decodeMessage(pb.ConfirmSchema, bytes, ({ slot, generation, artifact }) => ({
    slot: readName('slot', slot),
    generation: readCount('generation', generation),
    artifact: readOptionalDigest('artifact', artifact),
  }));
}

const PHASES: Readonly<Record<TargetPhase, pb.Phase>> = {
  settled: pb.Phase.SETTLED,
  preparing: pb.Phase.PREPARING,
  applying: pb.Phase.APPLYING,
  verifying: pb.Phase.VERIFYING,
  provisional: pb.Phase.PROVISIONAL,
  reverting: pb.Phase.REVERTING,
  failed: pb.Phase.FAILED,
};

const PHASE_BY_NUMBER = new Map(Object.entries(PHASES).map(([phase, number]) => [number, phase as TargetPhase]));

/** Texts longer than the limit are cut: a report must not be lost because a command printed much. */
export function encodeReport({ slots, checks }: TargetReport): Uint8Array {
  const message = create(pb.StatusSchema, {
    slots: slots.map((slot) => ({
      slot: slot.slot,
      generation: BigInt(slot.generation),
      phase: PHASES[slot.phase],
      current: digestBytes(slot.current),
      baseline: digestBytes(slot.baseline),
      failed: digestBytes(slot.failed),
      failure: cutText(slot.failure),
      failureCode: slot.failureCode,
      verifiedBy: slot.verifiedBy,
      refusalCode: slot.refusal?.code ?? '',
      refusal: cutText(slot.refusal?.says ?? ''),
    })),
    checks: checks.map(({ name, healthy, detail }) => ({ name, healthy, detail: cutText(detail) })),
  });
  return toBinary(pb.StatusSchema, message);
}

export function decodeReport(bytes: Uint8Array): Result<TargetReport, Malformed> {
  return decodeMessage(pb.StatusSchema, bytes, (message) => ({
    slots: readDistinct('slots', message.slots, FIELD_LIMITS.slots, ({ slot }) => slot, readSlotStatus),
    checks: readDistinct('checks', message.checks, FIELD_LIMITS.checks, ({ name }) => name, readCheck),
  }));
}

function readSlotStatus(at: string, status: pb.SlotStatus): SlotReport {
  const phase = PHASE_BY_NUMBER.get(status.phase);
  if (phase === undefined)
    throw new MalformedError(`${at}.phase`, `${status.phase}; expected 1 to ${PHASE_BY_NUMBER.size}`);
  return {
    slot: readName(`${at}.slot`, status.slot),
    generation: readCount(`${at}.generation`, status.generation),
    phase,
    current: readOptionalDigest(`${at}.current`, status.current),
    baseline: readOptionalDigest(`${at}.baseline`, status.baseline),
    failed: readOptionalDigest(`${at}.failed`, status.failed),
    failureCode: readText(`${at}.failure_code`, status.failureCode),
    failure: readText(`${at}.failure`, status.failure),
    verifiedBy: readText(`${at}.verified_by`, status.verifiedBy),
    ...(status.refusalCode !== '' && {
      refusal: {
        code: readName(`${at}.refusal_code`, status.refusalCode),
        says: readText(`${at}.refusal`, status.refusal),
      },
    }),
  };
}

function readCheck(at: string, { name, healthy, detail }: pb.CheckStatus): TargetReport['checks'][number] {
  return { name: readName(`${at}.name`, name), healthy, detail: readText(`${at}.detail`, detail) };
}
