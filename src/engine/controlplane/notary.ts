import type { Verdict } from '../../core/analysis/verdict.ts';
import { canonicalJson } from '../../core/kernel/canonicalJson.ts';
import type { Instant } from '../../core/kernel/instant.ts';
import type { Permit, StageEvidence } from '../../core/policy/permit.ts';
import { evidenceValidMs } from '../../core/policy/pipeline.ts';
import type { Signed } from '../../core/policy/signed.ts';
import type { DomainEvent } from '../../core/record/event.ts';
import { evolveWorld } from '../../core/record/evolveWorld.ts';
import type { RecordedKey, World } from '../../core/record/world.ts';
import { assignmentKey, roleKey } from '../../core/rollout/assignment.ts';
import type { Rollout } from '../../core/rollout/rollout.ts';
import { type Signer, SignerError } from '../ports/signer.ts';

/** How much of a permit's life may be over before it is signed anew: a target that comes late must find it in force. */
const RENEWED_AFTER = 0.5;

/**
 * Signs what was decided, before it is appended: evidence when a stage passes, permits when a part of the fleet is opened or a
 * rollout completes. Ed25519 has no chance in it, so the same decision gets the same signatures. The core decides without keys
 * and gets the signatures as data; what cannot be signed is not appended.
 */
export class Notary {
  readonly #signer: Signer;

  constructor(signer: Signer) {
    this.#signer = signer;
  }

  /** The events with the signatures that they demand. `world` is the world they were decided in. */
  attest(world: World, events: readonly DomainEvent[], now: Instant): readonly DomainEvent[] {
    if (!events.some(({ type }) => demandsSignature(type))) return events;
    const attested: DomainEvent[] = [];
    let after = world;
    const add = (event: DomainEvent) => {
      attested.push(event);
      after = evolveWorld(after, [{ ...event, position: after.position + 1, at: now, actor: 'engine' }]);
    };
    for (const event of events) {
      add(event);
      for (const signed of this.#following(event, after, now)) add(signed);
    }
    return attested;
  }

  /** Permits whose life is half over, signed anew. Nothing is decided: what they permit was decided before. */
  renewed(world: World, id: string, now: Instant): readonly DomainEvent[] {
    const rollout = world.rollouts.get(id);
    if (rollout === undefined || !needsRenewal(world, rollout, now)) return [];
    return this.#stagePermits(rollout, world, now);
  }

  #following(event: DomainEvent, world: World, now: Instant): readonly DomainEvent[] {
    switch (event.type) {
      case 'StagePassed':
        return this.#evidence(rolloutOf(world, event.data.id), event.data.stage, world, now);
      case 'WaveOpened':
      case 'WaveWidened':
        return this.#stagePermits(rolloutOf(world, event.data.id), world, now);
      case 'RolloutCompleted':
        return this.#goodPermits(rolloutOf(world, event.data.id), world, now);
      case 'SigningKeyRetired':
        return this.#signedAnew(event.data.id, world);
      default:
        return [];
    }
  }

  #evidence(rollout: Rollout, index: number, world: World, now: Instant): readonly DomainEvent[] {
    const { change, pipeline, id } = rollout;
    const passed = rollout.evidence[index];
    if (passed === undefined) throw new Error(`invariant broken: stage ${index} of ${id} passed without evidence`);
    return change.roles.map((role) => {
      const evidence: StageEvidence = {
        kind: 'evidence',
        service: change.service,
        role,
        change: change.digest,
        rollout: id,
        stage: passed.stage,
        index,
        outcome: 'pass',
        checks: passed.verdicts
          .filter((verdict) => verdict.role === role || isOfAnother(verdict))
          .map(({ check, outcome, says }) => ({ check, outcome, says })),
        rehearsedAt: passed.rehearsal?.provenAt ?? null,
        exposure: passed.exposure[role] ?? 0,
        issued: now,
        expires: now + evidenceValidMs(pipeline),
      };
      return { type: 'EvidenceSigned', data: { id, stage: index, role, evidence: this.#sign(world, evidence) } };
    });
  }

  #stagePermits(rollout: Rollout, world: World, now: Instant): readonly DomainEvent[] {
    const name = rollout.pipeline.stages[rollout.stage]?.name ?? '';
    const stage = { name, index: rollout.stage, opened: rollout.stageOpenedAt };
    const more = { stage, openings: rollout.openings, expires: now + evidenceValidMs(rollout.pipeline) };
    return this.#permits(rollout, rollout.stage, more, world, now);
  }

  #goodPermits(rollout: Rollout, world: World, now: Instant): readonly DomainEvent[] {
    return this.#permits(
      rollout,
      rollout.pipeline.stages.length,
      { stage: null, openings: [], expires: null },
      world,
      now,
    );
  }

  #permits(
    rollout: Rollout,
    stages: number,
    more: Pick<Permit, 'stage' | 'openings' | 'expires'>,
    world: World,
    now: Instant,
  ): readonly DomainEvent[] {
    const { id, change, slotRoles } = rollout;
    const { service, digest } = change;
    return change.roles.map((role) => {
      const slots = Object.fromEntries(
        Object.entries(change.slots).filter(([slot]) => slotRoles[slot]?.includes(role)),
      );
      const [slot = ''] = Object.keys(slots);
      const generation = world.assignments.get(assignmentKey(service, role, slot))?.generation ?? world.position;
      const evidence = rollout.signedEvidence.slice(0, stages).flatMap((byRole) => byRole[role] ?? []);
      const scope = { service, role, rollout: id, change: digest, slots };
      const permit: Permit = { kind: 'permit', ...scope, ...more, generation, issued: now, evidence };
      return { type: 'PermitIssued', data: { id, role, permit: this.#sign(world, permit) } };
    });
  }

  /**
   * What a retired key has signed and is still needed, signed with the present one: as it stands on the record, and only if the
   * record holds what the old key had signed. What was put there by somebody else gets no second signature.
   */
  #signedAnew(retired: string, world: World): readonly DomainEvent[] {
    const key = world.keys.get(retired);
    if (key === undefined) return [];
    const anew = (evidence: Signed<StageEvidence>) => this.#anew(evidence, key, world);
    const events: DomainEvent[] = [];
    for (const { id, endedAt, signedEvidence } of world.rollouts.values()) {
      if (endedAt !== null) continue;
      for (const [stage, byRole] of signedEvidence.entries()) {
        for (const [role, evidence] of Object.entries(byRole)) {
          if (evidence.key === retired)
            events.push({ type: 'EvidenceSigned', data: { id, stage, role, evidence: anew(evidence) } });
        }
      }
    }
    for (const permit of new Set([...world.permits.values(), ...world.goodPermits.values()])) {
      const { document } = permit;
      if (permit.key !== retired && document.evidence.every((evidence) => evidence.key !== retired)) continue;
      if (!this.#holds(permit, world.keys.get(permit.key))) continue;
      const signed = this.#sign(world, { ...document, evidence: document.evidence.map(anew) });
      events.push({ type: 'PermitIssued', data: { id: document.rollout, role: document.role, permit: signed } });
    }
    return events;
  }

  #anew<T>(signed: Signed<T>, retired: RecordedKey, world: World): Signed<T> {
    return signed.key === retired.id && this.#holds(signed, retired) ? this.#sign(world, signed.document) : signed;
  }

  #holds(signed: Signed<unknown>, key: RecordedKey | undefined): boolean {
    return key !== undefined && this.#signer.verify(key.publicKey, bytesOf(signed.document), signed.signature);
  }

  #sign<T>(world: World, document: T): Signed<T> {
    return signWith(this.#signer, presentKey(world, this.#signer), document);
  }
}

/** The key that is signed with: the newest on the record that is not retired and is held here. Throws a {@link SignerError} without one. */
export function presentKey(world: World, signer: Signer): string {
  const key = findPresentKey(world, signer);
  if (key === null) throw new SignerError('there is no signing key to sign with; restart the server, which makes one');
  return key;
}

/** The same; `null` without one. */
export function findPresentKey(world: World, signer: Signer): string | null {
  const held = new Set(signer.keys.map(({ id }) => id));
  return [...world.keys.values()].findLast(({ id, retirement }) => retirement === null && held.has(id))?.id ?? null;
}

export function signWith<T>(signer: Signer, key: string, document: T): Signed<T> {
  return { document, key, signature: signer.sign(key, bytesOf(document)) };
}

function bytesOf(document: unknown): Uint8Array {
  return Buffer.from(canonicalJson(document));
}

const DEMANDING: ReadonlySet<DomainEvent['type']> = new Set([
  'StagePassed',
  'WaveOpened',
  'WaveWidened',
  'RolloutCompleted',
  'SigningKeyRetired',
]);

function demandsSignature(type: DomainEvent['type']): boolean {
  return DEMANDING.has(type);
}

/** Only what is in force is renewed: a permit that was dropped, because it was rolled back or its evidence revoked, stays away. */
export function needsRenewal(world: World, { change }: Rollout, now: Instant): boolean {
  return change.roles.some((role) => {
    const permit = world.permits.get(roleKey(change.service, role))?.document;
    if (permit === undefined || permit.expires === null) return false;
    return now - permit.issued >= (permit.expires - permit.issued) * RENEWED_AFTER;
  });
}

function rolloutOf(world: World, id: string): Rollout {
  const rollout = world.rollouts.get(id);
  if (rollout === undefined) throw new Error(`invariant broken: ${id} is not in the world its events made`);
  return rollout;
}

/** Of a service that needs the changed one: what it says is about every role of the change. */
function isOfAnother({ role }: Verdict): boolean {
  return role.includes('/');
}
