import { type DurationMs, formatDuration, type Instant } from '../kernel/instant.ts';

/** Something that is wrong with one target now. */
export interface Fault {
  readonly target: string;
  /** What people call it. */
  readonly name: string;
  readonly service: string;
  /** Since when; `null`: it was so when it was first heard of, and nobody knows since when. Such a fault speaks for nobody. */
  readonly at: Instant | null;
  /** It is not unhealthy any more: a change was stopped on it by its checks, and stays stopped. That it is still so says nothing. */
  readonly stays: boolean;
}

/** How a change came to a target that has a fault. */
export interface Touch {
  /** When, in growing order: of a target itself once, of what it depends on each time that more of it was changed. */
  readonly at: readonly Instant[];
  readonly through: TouchedThrough;
}

/** `itself`; what it needs; what needs it. In how many cases of harm it is the one and not the other, seen beside `itself`. */
export const TOUCH_WEIGHTS = { itself: 1, needs: 1 / 2, neededBy: 1 / 4 } as const;
export type TouchedThrough = keyof typeof TOUCH_WEIGHTS;

/** A rollout that may have caused the faults. */
export interface Suspect {
  readonly rollout: string;
  /** By target; one that is not in it was never reached. */
  readonly touched: ReadonlyMap<string, Touch>;
  /** The share of its service's targets that it has reached, in [0, 1]: to have reached one that has a fault says less, the more it is. */
  readonly share: number;
  /** When it was gone from every target again; `null`: it is not. */
  readonly backAt: Instant | null;
  /** Whether it has gone through: then nothing of it can be held or taken back any more. */
  readonly completed: boolean;
}

/** `contested`: it fits as well as another does. */
export type SuspicionOutcome = 'blamed' | 'contested' | 'cleared';

/** `back`: it was rolled back, and is gone from every target. */
export const SUSPECT_STATES = ['under-way', 'completed', 'back'] as const;
export type SuspectState = (typeof SUSPECT_STATES)[number];

export interface Suspicion {
  readonly rollout: string;
  readonly outcome: SuspicionOutcome;
  readonly state: SuspectState;
  /** How much likelier the typical fault is if it is to blame than if nobody is, as a power of ten: 1 is ten times. */
  readonly score: number;
  /** Faults that came so soon after it that chance is a poor explanation. */
  readonly votes: number;
  /** Faults that it cannot have caused: there before it came, on targets it never reached, or there when it was gone again. */
  readonly vetoes: number;
  /** Why, the strongest first. */
  readonly reasons: readonly string[];
}

export interface Blame {
  /** `none`: no rollout fits, or there is no fault. */
  readonly outcome: 'blamed' | 'contested' | 'none';
  readonly says: string;
  readonly faults: number;
  /** When the first of them began, of those of which that is known; `null`: of none. */
  readonly since: Instant | null;
  /** Every suspect, the most suspicious first. */
  readonly ranked: readonly Suspicion[];
}

/** How soon harm shows, typically: the weight of a vote falls to 37 % in that time. */
const DECAY_MS: DurationMs = 900_000;
/** A fault that nobody caused may come at any moment of this time. */
export const HORIZON_MS: DurationMs = 86_400_000;
/** So many times likelier than by chance, or than by another, is enough to speak of. */
const LIKELIER = 3;
/** A smaller share reached is taken for this: one target of very many proves little more than one of a hundred. */
const LEAST_REACH = 0.01;
/** The share of faults that have nothing to do with whoever is to blame for the others. */
const BYSTANDERS = 0.1;
/** What is still wrong so long after a change was gone again is not its doing. */
const RECOVERY_MS: DurationMs = 60_000;
/** Who explains fewer than this share of the faults is not blamed for them. */
const LEAST_SHARE = 0.2;
/** More faults than this share that nobody explains, and something else is wrong. */
const MOST_UNEXPLAINED = 0.5;

/**
 * Law 13: which of the rollouts is to blame for what is wrong now. A rollout has the vote of a fault that came soon after it on a
 * target it had reached, the more so the fewer it had reached; it is vetoed by a fault that was there before, or where it never
 * was. Where two explain the same faults, the one that explains more takes them; where neither does, both are contested. None is
 * blamed when most faults are explained by none.
 */
export function blame(faults: readonly Fault[], suspects: readonly Suspect[], now: Instant): Blame {
  const dated = faults.filter(({ at }) => at !== null);
  const seen = suspects.map((suspect) => look(suspect, dated, now));
  const { outcomes, taken } = attribute(seen, dated.length);
  const ranked = seen
    .map((sight): Suspicion => {
      const outcome = outcomes.get(sight.suspect.rollout) ?? 'cleared';
      const { suspect, votes, vetoes, score } = sight;
      const { rollout, completed, backAt } = suspect;
      const state: SuspectState = completed ? 'completed' : backAt === null ? 'under-way' : 'back';
      const reasons = [...(outcome === 'cleared' ? sayTaken(sight, taken) : []), ...reasonsOf(sight)];
      return { rollout, outcome, state, score, votes: votes.size, vetoes, reasons };
    })
    .sort((a, b) => RANK[a.outcome] - RANK[b.outcome] || b.score - a.score || (a.rollout < b.rollout ? -1 : 1));
  const since = dated.reduce<Instant | null>(
    (first, { at }) => Math.min(first ?? Number.POSITIVE_INFINITY, at ?? 0),
    null,
  );
  return { ...sum(ranked, faults.length, dated.length), faults: faults.length, since, ranked };
}

const RANK: Readonly<Record<SuspicionOutcome, number>> = { blamed: 0, contested: 1, cleared: 2 };

/** What the faults say of one suspect. */
interface Sight {
  readonly suspect: Suspect;
  /** How many times likelier each fault is if it is to blame, where that is enough to speak of. */
  readonly votes: ReadonlyMap<Fault, number>;
  readonly vetoes: number;
  readonly score: number;
  /** Delays of the votes, by how it came to the target. */
  readonly delays: ReadonlyMap<TouchedThrough, readonly DurationMs[]>;
  readonly before: number;
  readonly elsewhere: number;
  readonly gone: number;
  /** Still there, although it has been gone for long enough. */
  readonly outlived: number;
  /** After it, and too long after. */
  readonly late: number;
}

function look(suspect: Suspect, faults: readonly Fault[], now: Instant): Sight {
  const votes = new Map<Fault, number>();
  const delays = new Map<TouchedThrough, DurationMs[]>();
  const counts = { before: 0, elsewhere: 0, gone: 0, outlived: 0, late: 0 };
  let score = 0;
  for (const fault of faults) {
    const touch = suspect.touched.get(fault.target);
    const at = fault.at ?? 0;
    const reached = touch?.at.findLast((each) => each <= at);
    let ratio = 0;
    if (touch === undefined) counts.elsewhere++;
    else if (reached === undefined) counts.before++;
    else if (suspect.backAt !== null && at > suspect.backAt) counts.gone++;
    else if (suspect.backAt !== null && now - suspect.backAt >= RECOVERY_MS && !fault.stays) counts.outlived++;
    else {
      ratio = likelier(at - reached, suspect.share, TOUCH_WEIGHTS[touch.through]);
      if (ratio < LIKELIER) counts.late++;
      else {
        votes.set(fault, ratio);
        delays.set(touch.through, [...(delays.get(touch.through) ?? []), at - reached]);
      }
    }
    score += Math.log10(BYSTANDERS + (1 - BYSTANDERS) * ratio);
  }
  const vetoes = counts.before + counts.elsewhere + counts.gone + counts.outlived;
  return { suspect, votes, vetoes, score: faults.length === 0 ? 0 : score / faults.length, delays, ...counts };
}

/** In time: it came right after, and not at any moment of the horizon. In place: where it was, and not anywhere. */
function likelier(delayMs: DurationMs, share: number, weight: number): number {
  const inTime = (HORIZON_MS / DECAY_MS) * Math.exp(-delayMs / DECAY_MS);
  return (inTime / Math.max(share, LEAST_REACH)) * weight;
}

interface Attribution {
  readonly outcomes: ReadonlyMap<string, SuspicionOutcome>;
  /** Who got each fault that was given to anybody. */
  readonly taken: ReadonlyMap<Fault, string>;
}

/** Gives the faults to those that explain them, the one that explains most first; who is not in the answer is cleared. */
function attribute(sights: readonly Sight[], total: number): Attribution {
  const outcomes = new Map<string, SuspicionOutcome>();
  const taken = new Map<Fault, string>();
  const attribution = { outcomes, taken };
  const unexplained = new Set(sights.flatMap(({ votes }) => [...votes.keys()]));
  if (total === 0 || (total - unexplained.size) / total > MOST_UNEXPLAINED) return attribution;
  const open = new Set(sights);
  for (;;) {
    const leftOf = (sight: Sight) => [...sight.votes.keys()].filter((fault) => unexplained.has(fault));
    const [first, ...others] = [...open]
      .map((sight) => ({ sight, faults: leftOf(sight) }))
      .sort((a, b) => b.faults.length - a.faults.length || b.sight.score - a.sight.score);
    if (first === undefined || first.faults.length === 0 || first.faults.length / total < LEAST_SHARE)
      return attribution;
    const rivals = others.filter((other) => !leads(first, other));
    for (const { sight, faults } of [first, ...rivals]) {
      outcomes.set(sight.suspect.rollout, rivals.length === 0 ? 'blamed' : 'contested');
      open.delete(sight);
      for (const fault of faults) {
        unexplained.delete(fault);
        taken.set(fault, sight.suspect.rollout);
      }
    }
  }
}

interface Claim {
  readonly sight: Sight;
  readonly faults: readonly Fault[];
}

/** Whether the first explains what both do so much better that it may have it. */
function leads(first: Claim, other: Claim): boolean {
  const both = first.faults.filter((fault) => other.sight.votes.has(fault));
  if (both.length === 0) return true;
  const more = first.faults.length - both.length;
  const less = other.faults.length - both.length;
  if (more > less && more >= LEAST_SHARE * (first.faults.length + less)) return true;
  const ratio = (sight: Sight) => addUp(both.map((fault) => Math.log(sight.votes.get(fault) ?? 1))) / both.length;
  return less <= more && ratio(first.sight) - ratio(other.sight) >= Math.log(LIKELIER);
}

function addUp(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

const REACHED: Readonly<Record<TouchedThrough, string>> = {
  itself: 'it reached them',
  needs: 'it reached what they need',
  neededBy: 'it reached what needs them',
};

function reasonsOf({ suspect, delays, before, elsewhere, gone, outlived, late }: Sight): readonly string[] {
  const votes = [...delays].map(([through, each]) => {
    const span = [Math.min(...each), Math.max(...each)].map(formatDuration);
    const when = span[0] === span[1] ? span[0] : `${span[0]} to ${span[1]}`;
    return { count: each.length, says: `${turned(each.length)} ${when} after ${REACHED[through]}` };
  });
  const against = [
    { count: elsewhere, says: `${are(elsewhere)} where it has never been` },
    { count: before, says: `${before} ${before === 1 ? 'was' : 'were'} unhealthy before it came` },
    { count: gone, says: `${turned(gone)} when it was gone again` },
    { count: outlived, says: `${are(outlived)} still unhealthy although it is gone again` },
    { count: late, says: `${turned(late)} so long after it that it may be chance` },
  ];
  const reached = { count: 0.5, says: `it has reached ${percent(suspect.share)} of its service` };
  return [...votes, ...against, ...(votes.length > 0 ? [reached] : [])]
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count)
    .map(({ says }) => says);
}

/** Of whom is cleared although faults came after it: who explains them better. */
function sayTaken({ votes }: Sight, taken: Attribution['taken']): readonly string[] {
  const by = Map.groupBy(
    [...votes.keys()].filter((fault) => taken.has(fault)),
    (fault) => taken.get(fault),
  );
  return [...by].map(([rollout, each]) => `${rollout} fits better for ${each.length} that came after it`);
}

const turned = (count: number) => `${count} turned unhealthy`;
const are = (count: number) => `${count} ${count === 1 ? 'is' : 'are'}`;
const percent = (share: number) => `${Number((share * 100).toPrecision(2))} %`;

function sum(ranked: readonly Suspicion[], faults: number, dated: number): Pick<Blame, 'outcome' | 'says'> {
  const unhealthy = `${faults} unhealthy ${faults === 1 ? 'target' : 'targets'}`;
  const named = (outcome: SuspicionOutcome) => ranked.filter((each) => each.outcome === outcome);
  const [blamed, contested] = [named('blamed'), named('contested')];
  const say = ({ rollout, reasons }: Suspicion) => `${rollout} (${reasons[0] ?? ''})`;
  if (faults === 0) return { outcome: 'none', says: 'no target is unhealthy' };
  if (contested.length > 0) {
    const also = blamed.length === 0 ? '' : `${blamed.map(say).join(' and ')} fits; `;
    return { outcome: 'contested', says: `of ${unhealthy}: ${also}${contested.map(say).join(' and ')} fit alike` };
  }
  if (blamed.length > 0) {
    return {
      outcome: 'blamed',
      says: `of ${unhealthy}: ${blamed.map(say).join(' and ')} ${blamed.length === 1 ? 'fits' : 'fit'}`,
    };
  }
  if (dated === 0) return { outcome: 'none', says: `${unhealthy}, and nobody knows since when` };
  const whom =
    ranked.length === 0
      ? 'no rollout is or was under way'
      : `none of the rollouts fits (${ranked.map(say).join('; ')})`;
  return { outcome: 'none', says: `${unhealthy}: ${whom}; look for a common cause, or for the probe` };
}
