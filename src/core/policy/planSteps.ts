import { place } from '../kernel/place.ts';
import type { Refusal } from '../kernel/refusal.ts';
import { type Border, type Candidate, nextBorder } from '../rollout/border.ts';
import { DomainBook } from '../rollout/domainBook.ts';
import { NOTHING_SEEN, type PaceChange } from '../rollout/pace.ts';
import { paceBounds, paceFor } from '../rollout/paceOfWave.ts';
import { PlaceOrder } from '../rollout/placeOrder.ts';
import { stageOf } from '../rollout/planStages.ts';
import type { PlannedStage } from '../rollout/rollout.ts';
import { sayFull } from '../rollout/sayFull.ts';
import { type Capacity, type Domain, domainKey, formatSize } from '../topology/capacity.ts';
import type { Service } from '../topology/service.ts';
import type { Target } from '../topology/target.ts';
import type { Conditions } from './conditions.ts';
import type { Pipeline } from './pipeline.ts';

/** How a stage would be opened where a floor or a pace is asked for. */
export interface StageSteps {
  /** How many steps it takes when everything is well. */
  readonly expected: number;
  /** How many of its targets may be under way at once, at first and at the most; `null`: as many as the floor allows. */
  readonly concurrency: { readonly start: number; readonly most: number } | null;
}

export interface PlannedSteps {
  /** By stage; `null`: a whole wave at a time. */
  readonly stages: readonly (StageSteps | null)[];
  /** The first step of the first wave. */
  readonly first: FirstStep;
  readonly refusals: readonly Refusal[];
}

export interface FirstStep {
  readonly below: number;
  readonly absent: readonly string[];
  readonly pace?: PaceChange;
}

interface Planned {
  readonly id: string;
  readonly pipeline: Pipeline;
  readonly stages: readonly PlannedStage[];
  /** Of the change's roles. */
  readonly targets: readonly Target[];
}

/** Laws 11 and 12: in which steps a rollout would go, how far its first one goes now, and why it could never go at all. */
export function planSteps(
  service: Service,
  { id, pipeline, stages, targets }: Planned,
  { offline, unwell }: Pick<Conditions, 'offline' | 'unwell'>,
): PlannedSteps {
  const capacity = service.capacity ?? null;
  const beginning = { pipeline, plan: stages, stage: 0, pace: null };
  const pace = paceFor(beginning, 0, NOTHING_SEEN);
  const to = stages[0]?.waves[0]?.below ?? 1;
  const absentBelow = (below: number) =>
    targets
      .filter(({ uid, labels }) => offline.has(uid) && place(id, uid) < below && stageOf(pipeline, labels) === 0)
      .map(({ uid }) => uid);
  if (capacity === null && pipeline.stages.every(({ concurrency }) => concurrency === undefined))
    return { stages: stages.map(() => null), first: { below: to, absent: absentBelow(to) }, refusals: [] };

  const away = (uid: string) => offline.has(uid) || unwell?.has(uid) === true;
  const domains = capacity && new DomainBook();
  for (const { uid, name, role, labels } of targets) {
    const domain = { role, value: labels[capacity?.domain ?? ''] ?? '' };
    domains?.count(uid, name, domain, away(uid), 1);
  }
  const never = capacity && domains ? refuseEmptyBudgets(capacity, domains, targets, service) : [];
  const walks = stages.map((_, stage) => walkOf(id, pipeline, stage, targets, capacity));
  const planned = stages.map((stage, index) => {
    const concurrency = paceBounds(beginning, index);
    if (capacity === null && concurrency === null) return null;
    const expected = never.length > 0 ? 0 : countSteps(stage, walks[index] ?? [], concurrency, capacity, domains);
    return { expected, concurrency };
  });
  const border = firstBorder(to, walks[0] ?? [], pace, { capacity, domains, away });
  const first = {
    below: border.below,
    absent: absentBelow(border.below),
    ...(pace === null ? {} : { pace }),
  };
  const full = border.targets === 0 && border.stop?.kind === 'domain' ? border.stop.key : null;
  if (full === null || capacity === null || domains === null || never.length > 0)
    return { stages: planned, first, refusals: never };
  const standing = domains.standing(capacity, full, nameIn(targets));
  const says = standing === null ? 'a failure domain has no room' : sayFull(standing);
  const remedy = 'bring back what is away, or retire what is gone for good';
  return { stages: planned, first, refusals: [{ code: 'no-capacity', says, remedy }] };
}

interface Walked {
  readonly uid: string;
  readonly place: number;
  readonly domain: Domain | null;
}

function walkOf(
  id: string,
  pipeline: Pipeline,
  stage: number,
  targets: readonly Target[],
  capacity: Capacity | null,
): readonly Walked[] {
  const members = targets.filter(({ labels }) => stageOf(pipeline, labels) === stage);
  const byUid = new Map(members.map((target) => [target.uid, target]));
  return Array.from(new PlaceOrder(id, byUid.keys()).between(0, 1), ({ uid, place }) => {
    const target = byUid.get(uid);
    const domain =
      capacity === null || target === undefined
        ? null
        : { role: target.role, value: target.labels[capacity.domain] ?? '' };
    return { uid, place, domain };
  });
}

function firstBorder(
  to: number,
  walk: readonly Walked[],
  pace: PaceChange | null,
  {
    capacity,
    domains,
    away,
  }: {
    readonly capacity: Capacity | null;
    readonly domains: DomainBook | null;
    readonly away: (uid: string) => boolean;
  },
): Border {
  const candidates = walk.filter(({ place }) => place < to).map((one) => candidate(one, away(one.uid)));
  const domain = (key: string) => (capacity && domains ? domains.room(capacity, key) : 0);
  return nextBorder(candidates, { concurrency: pace?.concurrency ?? Number.POSITIVE_INFINITY, domain }, to);
}

function candidate({ place, domain }: Walked, unavailable: boolean): Candidate {
  return { place, domain: domain && domainKey(domain), unavailable };
}

/** Walks the stage as if every step came to rest before the next one, and everybody were well. */
function countSteps(
  { waves }: PlannedStage,
  walk: readonly Walked[],
  concurrency: StageSteps['concurrency'],
  capacity: Capacity | null,
  domains: DomainBook | null,
): number {
  let [steps, at, now] = [0, 0, concurrency?.start ?? Number.POSITIVE_INFINITY];
  const domain = (key: string) => (capacity && domains ? domains.budget(capacity, key) : 0);
  for (const wave of waves) {
    for (;;) {
      const room = { concurrency: now, domain };
      const { below, targets, stop } = nextBorder(untaken(walk, at, wave.below), room, wave.below);
      if (targets > 0) steps++;
      at += targets;
      if (stop === null || targets === 0 || below >= wave.below) break;
      now = Math.min(concurrency?.most ?? now, now + (concurrency?.start ?? 0));
    }
  }
  return steps;
}

function* untaken(walk: readonly Walked[], from: number, to: number): Iterable<Candidate> {
  for (let index = from; index < walk.length; index++) {
    const one = walk[index];
    if (one === undefined || one.place >= to) return;
    yield candidate(one, false);
  }
}

/** A share of a few targets may come to none: then nothing could ever move, and it is said before anything is begun. */
function refuseEmptyBudgets(
  capacity: Capacity,
  domains: DomainBook,
  targets: readonly Target[],
  { name }: Service,
): readonly Refusal[] {
  const empty = domains.all(capacity, nameIn(targets)).filter(({ budget }) => budget === 0);
  const [first] = empty;
  if (first === undefined) return [];
  const where = first.value === '' ? `without a label ${capacity.domain}` : `in ${capacity.domain} ${first.value}`;
  const others = empty.length > 1 ? ` (and in ${empty.length - 1} more)` : '';
  return [
    {
      code: 'no-capacity',
      says: `service "${name}" lets ${formatSize(capacity.unavailable)} of a role be unavailable in one ${capacity.domain}: of ${first.targets} ${first.role} ${where}${others} that is none, so nothing could ever move`,
      remedy: 'let at least 1 be unavailable: capacity.unavailable: 1',
    },
  ];
}

function nameIn(targets: readonly Target[]): (uid: string) => string {
  const names = new Map(targets.map(({ uid, name }) => [uid, name]));
  return (uid) => names.get(uid) ?? uid;
}
