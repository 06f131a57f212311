import type { Blame } from '../analysis/blame.ts';
import type { Verdict } from '../analysis/verdict.ts';
import type { DurationMs } from '../kernel/instant.ts';
import type { Consent } from '../policy/consent.ts';
import type { FreezeWindow } from '../policy/freeze.ts';
import type { PeakWindow } from '../policy/peak.ts';
import type { RuleConditions } from '../policy/rule.ts';
import type { Contact } from './absence.ts';
import type { Opening } from './assignment.ts';
import type { AheadNow, Reachable } from './openAhead.ts';
import type { Tally } from './tally.ts';

/** What the engine knows of a rollout at one moment: everything that deciding needs. */
export interface Assessment {
  readonly tally: Tally;
  /** For each opened stage, in order: the newest verdict of every check for every role. */
  readonly verdicts: readonly (readonly Verdict[])[];
  /** What the treated targets of the present stage have gathered of the exposure metric, by role. Empty when the stage asks for none. */
  readonly exposure: Readonly<Record<string, number>>;
  /** Who of a part that would be opened now is not there. Asked for only by what opens it: the answer may name many. */
  readonly contact: (opening: Opening) => Contact;
  readonly lineHalted: boolean;
  /** How far people let it go: approvals, and break-glass (law 15). */
  readonly consent: Consent;
  /** How far the part that would be opened next can be opened now, where a floor or a pace is asked for; left out: at once. */
  readonly ahead?: AheadNow;
  /** How far the next step of the way back can go now, where it goes in steps. */
  readonly back?: Reachable;
  /** How long the last confirmed applies took, of targets ordered since the pace was last halved; the newest last. */
  readonly latenciesMs?: readonly DurationMs[];
  /** The freezes of the rollout's service that bind about now (law 14). */
  readonly freezes: readonly FreezeWindow[];
  /** While the present stage bakes and asks for a peak: those from the bake's beginning on (law 4), by their start. */
  readonly peaks?: readonly PeakWindow[];
  /** Whose doing it may be what is wrong with targets of its service and its neighbours (law 13); left out: nothing is. */
  readonly blame?: Blame;
  /** Who evaluates the pipeline's rules. Left out: nobody does, and they keep everything shut. */
  readonly rules?: RuleConditions;
}
