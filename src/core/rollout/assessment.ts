import type { Verdict } from '../analysis/verdict.ts';
import type { FreezeWindow } from '../policy/freeze.ts';
import type { Tally } from './tally.ts';

/** What the engine knows of a rollout at one moment: everything that deciding needs. */
export interface Assessment {
  readonly tally: Tally;
  /** For each opened stage, in order: the newest verdict of every check for every role. */
  readonly verdicts: readonly (readonly Verdict[])[];
  /** What the treated targets of the present stage have gathered of the exposure metric, by role. Empty when the stage asks for none. */
  readonly exposure: Readonly<Record<string, number>>;
  readonly lineHalted: boolean;
  /** The freezes of the rollout's service that bind about now (law 14). */
  readonly freezes: readonly FreezeWindow[];
}
