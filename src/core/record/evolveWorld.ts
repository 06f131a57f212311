import { assert } from '../kernel/assert.ts';
import type { Digest } from '../kernel/digest.ts';
import { keptAfter } from '../policy/irreversible.ts';
import type { Permit } from '../policy/permit.ts';
import type { Signed } from '../policy/signed.ts';
import { assignmentKey, roleKey } from '../rollout/assignment.ts';
import { beginRelease, releaseOf } from '../rollout/beginRelease.ts';
import { evolveRollout, type RolloutEvent, startRollout } from '../rollout/evolveRollout.ts';
import type { Rollout } from '../rollout/rollout.ts';
import { editionKey } from './agreement.ts';
import type { RecordedEvent } from './event.ts';
import { evolveAgreement, followAgreement, startUnder, useUp } from './evolveAgreement.ts';
import { RosterDraft } from './roster.ts';
import type { World } from './world.ts';

/** Law 8: this many last known goods are kept for every slot of every role, with their artifacts. */
export const KEPT_LAST_KNOWN_GOODS = 5;

export const EMPTY_WORLD: World = {
  position: 0,
  services: new Map(),
  pipelines: new Map(),
  changes: new Map(),
  freezes: new Map(),
  catalogs: new Map(),
  targets: new Map(),
  targetNames: new Map(),
  roleSizes: new Map(),
  rollouts: new Map(),
  assignments: new Map(),
  permits: new Map(),
  goodPermits: new Map(),
  lastKnownGoods: new Map(),
  quarantine: new Map(),
  halted: null,
  keys: new Map(),
  checkpoint: null,
  tokens: new Map(),
  people: new Map(),
  editions: new Map(),
  agreements: new Map(),
};

/** A world under construction: the maps an event touches are copied once for a whole batch, however many events it has. */
export type Draft = { -readonly [K in keyof World]: World[K] };

/** Folds a batch of events, in order, into the next world. The one it is given stays as it was (law 19: the record replays to the same state). */
export function evolveWorld(world: World, events: Iterable<RecordedEvent>): World {
  const draft = new WorldDraft(world);
  for (const event of events) draft.apply(event);
  return draft.done();
}

/**
 * A world that takes up one event after the other. Everything is copied at most once, so a log of any length is folded in time that
 * grows with its length alone.
 */
export class WorldDraft {
  readonly #draft: Draft;
  readonly #copied = new Set<keyof World>();
  readonly #roster: RosterDraft;

  constructor(world: World) {
    this.#draft = { ...world };
    this.#roster = new RosterDraft(world);
  }

  get position(): number {
    return this.#draft.position;
  }

  apply(event: RecordedEvent): void {
    this.#draft.position = event.position;
    if (event.type === 'TargetEnrolled') this.#roster.enrol(event.data.target);
    else if (event.type === 'TargetRetired') this.#roster.retire(event.data.uid);
    else applyEvent(this.#draft, this.#copied, event);
  }

  /** The world after all of them. The draft is used up. */
  done(): World {
    return Object.assign(this.#draft, this.#roster.done());
  }
}

type MapName = { [K in keyof World]: World[K] extends ReadonlyMap<infer _K, infer _V> ? K : never }[keyof World];
type KeyOf<N extends MapName> = World[N] extends ReadonlyMap<infer K, infer _V> ? K : never;
type ValueOf<N extends MapName> = World[N] extends ReadonlyMap<infer _K, infer V> ? V : never;

function writable<N extends MapName>(draft: Draft, copied: Set<keyof World>, name: N): Map<KeyOf<N>, ValueOf<N>> {
  const present = draft[name] as unknown as Map<KeyOf<N>, ValueOf<N>>;
  if (copied.has(name)) return present;
  copied.add(name);
  const copy = new Map(present);
  draft[name] = copy as unknown as Draft[N];
  return copy;
}

type RosterEvent = Extract<RecordedEvent, { readonly type: 'TargetEnrolled' | 'TargetRetired' }>;

function applyEvent(draft: Draft, copied: Set<keyof World>, event: Exclude<RecordedEvent, RosterEvent>): void {
  switch (event.type) {
    case 'ServiceApplied':
      writable(draft, copied, 'services').set(event.data.service.name, event.data.service);
      writable(draft, copied, 'editions').set(editionKey('Service', event.data.service.name), event.position);
      return;
    case 'PipelineApplied':
      writable(draft, copied, 'pipelines').set(event.data.pipeline.name, event.data.pipeline);
      writable(draft, copied, 'editions').set(editionKey('Pipeline', event.data.pipeline.name), event.position);
      return;
    case 'ChangeApplied':
      writable(draft, copied, 'changes').set(event.data.change.digest, event.data.change);
      writable(draft, copied, 'editions').set(editionKey('Change', event.data.change.digest), event.position);
      return;
    case 'FreezeApplied':
      writable(draft, copied, 'freezes').set(event.data.freeze.name, {
        freeze: event.data.freeze,
        by: event.actor,
        at: event.at,
      });
      return;
    case 'FreezeRemoved':
      writable(draft, copied, 'freezes').delete(event.data.name);
      return;
    case 'CatalogApplied': {
      const recorded = { catalog: event.data.catalog, by: event.actor, at: event.at };
      writable(draft, copied, 'catalogs').set(event.data.catalog.name, recorded);
      return;
    }
    case 'CatalogRemoved':
      writable(draft, copied, 'catalogs').delete(event.data.name);
      return;
    case 'TokenIssued':
      writable(draft, copied, 'tokens').set(event.data.token.id, event.data.token);
      writable(draft, copied, 'people').set(event.data.token.id, event.data.token.name);
      return;
    case 'TokenRevoked':
      writable(draft, copied, 'tokens').delete(event.data.id);
      return;
    case 'SigningKeyAdded': {
      const { key, announcement } = event.data;
      const added = { ...key, announcement, retirement: null, addedAt: event.at, retiredAt: null };
      writable(draft, copied, 'keys').set(key.id, added);
      return;
    }
    case 'SigningKeyRetired': {
      const { id, retirement } = event.data;
      const key = draft.keys.get(id);
      assert(key !== undefined, `event ${event.position} retires unknown key ${id}`);
      writable(draft, copied, 'keys').set(id, { ...key, retirement, retiredAt: event.at });
      return;
    }
    case 'PermitIssued':
      keepPermit(draft, copied, event.data.permit);
      return;
    case 'CheckpointSigned':
      draft.checkpoint = event.data.checkpoint;
      return;
    case 'LineHalted':
      draft.halted = { by: event.actor, reason: event.data.reason, at: event.at };
      return;
    case 'LineLifted':
      draft.halted = null;
      return;
    case 'DigestQuarantined':
      writable(draft, copied, 'quarantine').set(event.data.change, {
        rollout: event.data.id,
        says: event.data.says,
        at: event.at,
      });
      return;
    case 'RolloutStarted':
      writable(draft, copied, 'rollouts').set(event.data.id, startUnder(draft, startRollout(event)));
      return;
    case 'ApprovalGiven':
    case 'ApprovalRejected':
    case 'ApprovalWithdrawn':
    case 'BreakGlassAsked':
    case 'BreakGlassConfirmed':
    case 'BreakGlassEnded':
      evolveAgreement(writable(draft, copied, 'agreements'), event);
      followAgreement(draft, writable(draft, copied, 'rollouts'), event);
      return;
    default:
      applyRolloutEvent(draft, copied, event);
  }
}

function applyRolloutEvent(draft: Draft, copied: Set<keyof World>, event: RolloutEvent): void {
  const before = draft.rollouts.get(event.data.id);
  if (before === undefined)
    throw new Error(
      `invariant broken: event ${event.position} (${event.type}) is about unknown rollout ${event.data.id}`,
    );
  const rollout = beginRelease(evolveRollout(before, event), event, draft.services.get(before.change.service));
  writable(draft, copied, 'rollouts').set(rollout.id, rollout);
  if (event.type === 'EvidenceRevoked') dropPermits(draft, copied, rollout);
  if (event.type === 'RolledBack' || event.type === 'RolloutCompleted')
    useUp(writable(draft, copied, 'agreements'), rollout);
  if (event.type === 'RolloutCompleted') earnLastKnownGood(draft, copied, rollout);
  if (REASSIGNING.has(event.type) || (event.type === 'RolledBack' && event.data.kept !== undefined))
    reassign(draft, copied, rollout, event.position);
}

/** What changes who is to hold the candidate. */
const REASSIGNING: ReadonlySet<RolloutEvent['type']> = new Set([
  'WaveOpened',
  'WaveWidened',
  'ReleaseWidened',
  'RehearsalStarted',
  'RollbackOrdered',
  'RolloutCompleted',
]);

function earnLastKnownGood(draft: Draft, copied: Set<keyof World>, rollout: Rollout): void {
  const goods = writable(draft, copied, 'lastKnownGoods');
  for (const { key, artifact } of slotsOf(rollout)) {
    const others = (goods.get(key) ?? []).filter((digest) => digest !== artifact);
    goods.set(key, [...others, artifact].slice(-KEPT_LAST_KNOWN_GOODS));
  }
}

/** Promoting and rolling back come down to this: one small document per role and slot. */
function reassign(draft: Draft, copied: Set<keyof World>, rollout: Rollout, generation: number): void {
  dropPermits(draft, copied, rollout);
  const assignments = writable(draft, copied, 'assignments');
  const forward = rollout.rollback === null && rollout.phase !== 'rehearsing' && rollout.phase !== 'completed';
  for (const { key, role, slot, artifact } of slotsOf(rollout)) {
    const kept = keptAfter(rollout, slot, assignments.get(key), draft.rollouts.values());
    assignments.set(key, {
      service: rollout.change.service,
      role,
      slot,
      generation,
      lastKnownGood: draft.lastKnownGoods.get(key)?.at(-1) ?? null,
      candidate: forward
        ? { rollout: rollout.id, change: rollout.change.digest, artifact, openings: rollout.openings }
        : null,
      ...(kept.length === 0 ? {} : { kept }),
      ...releaseOf(rollout, artifact),
    });
  }
}

function keepPermit(draft: Draft, copied: Set<keyof World>, permit: Signed<Permit>): void {
  const { service, role, slots, stage } = permit.document;
  if (stage !== null) {
    writable(draft, copied, 'permits').set(roleKey(service, role), permit);
    const rollout = draft.rollouts.get(permit.document.rollout);
    if (rollout === undefined) return;
    writable(draft, copied, 'rollouts').set(rollout.id, { ...rollout, permitted: permit.document.openings });
    return;
  }
  const goods = writable(draft, copied, 'goodPermits');
  for (const slot of Object.keys(slots)) goods.set(assignmentKey(service, role, slot), permit);
}

/** Law 1: what is ordered anew has no leave until that is issued. */
function dropPermits(draft: Draft, copied: Set<keyof World>, rollout: Rollout): void {
  const permits = writable(draft, copied, 'permits');
  for (const role of rollout.change.roles) permits.delete(roleKey(rollout.change.service, role));
}

function* slotsOf(rollout: Rollout): Iterable<{ key: string; role: string; slot: string; artifact: Digest }> {
  for (const [slot, artifact] of Object.entries(rollout.change.slots)) {
    for (const role of rollout.slotRoles[slot] ?? []) {
      yield { key: assignmentKey(rollout.change.service, role, slot), role, slot, artifact };
    }
  }
}
