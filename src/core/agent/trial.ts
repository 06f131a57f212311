import { type DurationMs, formatDuration } from '../kernel/instant.ts';
import type { Move, Slot } from './slot.ts';
import type { Decision, Moment, SlotInput, StartedAfter } from './slotInput.ts';
import { goBack, just, nothing } from './slotStep.ts';

// Law 9, where each single start looks fine. What is in force stands trial from the moment it is seen to be well until nothing has
// happened for long enough, or its whole rollout is done: what the fleet was found good on is not given up by one target (law 21). No
// clock outlives a restart; so it is counted how often something happened, and every time it does, or the agent is started, the quiet
// time begins anew.

/**
 * What speaks against a revision: the agent was `started` without having been told to end (it crashed, or the machine was booted);
 * the service was `restarted`, and not by us; a local check `sickened`: it fails, and passed before.
 */
export type Strike = 'started' | 'restarted' | 'sickened';

/** Each kind is counted by itself: one power cut is a start of the agent and one of the service, and only once either. */
export type Strikes = Readonly<Record<Strike, number>>;

export interface Trial {
  /** How what is in force came. What it came from stays on the target. */
  readonly move: Move;
  readonly strikes: Strikes;
  /** `null`: it has stood. */
  readonly until: DurationMs | null;
}

type Running = Trial & { readonly until: DurationMs };

export const NO_STRIKES: Strikes = { started: 0, restarted: 0, sickened: 0 };

/** The quiet time begins, or begins anew. */
export function runTrial(_slot: Slot, strikes: Strikes, { now, limits }: Moment): Decision {
  return just({ type: 'TrialRuns', strikes, until: now + limits.trial.quietMs });
}

export function isTrialOver({ trial }: Slot, { now }: Moment): boolean {
  return trial !== null && trial.until !== null && now >= trial.until;
}

/** Counts what was seen. Often enough, it takes back what is in force. */
export function strike(slot: Slot, { by, says }: Extract<SlotInput, { kind: 'struck' }>, at: Moment): Decision {
  const trial = running(slot);
  return trial === null ? nothing() : count(slot, trial, by, says, at);
}

/** What a start of the agent means to what stands trial. */
export function trialAtStart(slot: Slot, after: StartedAfter, at: Moment): Decision {
  const trial = running(slot);
  if (trial === null) return nothing();
  return after === 'stop' ? runTrial(slot, trial.strikes, at) : count(slot, trial, 'started', ENDED[after], at);
}

/** A start that cannot be written down would be counted as the first one for ever. So it counts as the last. */
export function uncounted(slot: Slot, { says }: Extract<SlotInput, { kind: 'journalFailed' }>, at: Moment): Decision {
  const trial = running(slot);
  if (trial === null) return nothing();
  return giveUp(slot, trial, `the agent was started again, which could not be counted: ${says}`, at);
}

function count(slot: Slot, trial: Running, by: Strike, says: string, at: Moment): Decision {
  const times = trial.strikes[by] + 1;
  const { strikes, quietMs } = at.limits.trial;
  if (times < strikes) return runTrial(slot, { ...trial.strikes, [by]: times }, at);
  const often = `${times} times, each within ${formatDuration(quietMs)} of what was before`;
  return giveUp(slot, trial, `with it in force ${WHAT[by]} ${often}; the last time ${says}`, at);
}

function giveUp(slot: Slot, { move }: Running, says: string, at: Moment): Decision {
  const { to, from, rollout } = move;
  return goBack(slot, from, { artifact: to, rollout, code: 'crash-loop', says }, at);
}

function running({ trial, holds, proven }: Slot): Running | null {
  if (trial === null || trial.until === null || (proven && holds === trial.move.to)) return null;
  return { ...trial, until: trial.until };
}

const ENDED: Readonly<Record<Exclude<StartedAfter, 'stop'>, string>> = {
  crash: 'it had not been told to end',
  boot: 'the machine had been booted',
};

const WHAT: Readonly<Record<Strike, string>> = {
  started: 'the agent was started',
  restarted: 'the service was started',
  sickened: 'a local check began to fail',
};
