import { cpus } from 'node:os';
import type { Tally } from './comparison.ts';
import { type Delay, HARM_CASES, type HarmCase } from './detectionDelay.ts';
import { METRICS } from './falseRollbacks.ts';
import { FLEET_KINDS } from './fleets.ts';
import { HEALTHY_CASES } from './healthyRollout.ts';
import type { Cost } from './judgeCost.ts';
import type { KeptPieces } from './keptPieces.ts';
import { OTHER_HARMS, type OtherDelay } from './otherDelays.ts';
import { BUDGET, type Piece, performAll } from './run.ts';

export interface Runs {
  /** Whole rollouts of each case without harm. */
  readonly rollouts: number;
  /** Runs for each case of harm. */
  readonly delays: number;
  readonly otherDelays: number;
  /** Stories for each kind of fleet, with and without harm, that every judge is shown. */
  readonly stories: number;
}

export interface JudgeFigures {
  readonly machine: string;
  readonly runs: Runs;
  readonly falseRollbacks: readonly {
    readonly fleet: string;
    readonly says: string;
    readonly rollouts: number;
    /** How many were rolled back, judged by each of {@link METRICS} metrics. */
    readonly rolledBack: readonly number[];
  }[];
  readonly delays: readonly (Delay & Pick<HarmCase, 'name' | 'times' | 'control' | 'looks'>)[];
  readonly otherDelays: readonly (OtherDelay & { readonly name: string; readonly harm: string })[];
  readonly comparison: readonly (Tally & {
    readonly fleet: string;
    readonly times: number;
    readonly stories: number;
  })[];
  readonly costs: readonly Cost[];
}

/** Without harm, and with twice as many failures. */
export const TIMES: readonly number[] = [1, 2];
/** So many rollouts are one piece of work. */
const AT_ONCE = 50;
const COST_TARGETS = [30, 1000];

/**
 * Performs all that is not kept yet; with `measures` off only what is kept counts. Pieces of different cases are mixed, so that what is kept of a
 * stopped measurement is even.
 */
export async function figuresOf(
  runs: Runs,
  kept: KeptPieces,
  measures: boolean,
  told: (done: number, of: number) => void,
): Promise<JudgeFigures> {
  const chunks = Array.from({ length: Math.ceil(runs.rollouts / AT_ONCE) }, (_, index) => ({
    from: index * AT_ONCE + 1,
    runs: Math.min(AT_ONCE, runs.rollouts - index * AT_ONCE),
  }));
  const pieces: readonly Piece[] = [
    ...COST_TARGETS.map((targets): Piece => ({ do: 'cost', targets })),
    ...HARM_CASES.map((_, index): Piece => ({ do: 'delay', case: index, runs: runs.delays, alpha: BUDGET })),
    ...OTHER_HARMS.map(
      (_, index): Piece => ({ do: 'other delay', case: index, runs: runs.otherDelays, alpha: BUDGET }),
    ),
    ...FLEET_KINDS.flatMap((_, kind) =>
      TIMES.map((times): Piece => ({ do: 'comparison', kind, times, runs: runs.stories })),
    ),
    ...chunks.flatMap((chunk) =>
      HEALTHY_CASES.map((_, index): Piece => ({ do: 'false rollbacks', case: index, ...chunk })),
    ),
  ];
  const outcomes = await performAll(pieces, kept, measures, told);
  const of = <What extends Piece['do']>(what: What) =>
    pieces.flatMap((piece, index) =>
      piece.do === what && outcomes[index] !== undefined
        ? [{ piece: piece as Extract<Piece, { do: What }>, outcome: outcomes[index] }]
        : [],
    );
  const healthy = of('false rollbacks').map(({ piece, outcome }) => ({ piece, counts: outcome as readonly number[] }));
  return {
    machine: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores`,
    runs,
    falseRollbacks: HEALTHY_CASES.flatMap(({ name, says }, index) => {
      const own = healthy.filter(({ piece }) => piece.case === index);
      const rollouts = own.reduce((sum, { piece }) => sum + piece.runs, 0);
      const rolledBack = METRICS.map((_, place) => own.reduce((sum, { counts }) => sum + (counts[place] ?? 0), 0));
      return rollouts === 0 ? [] : [{ fleet: name, says, rollouts, rolledBack }];
    }),
    delays: of('delay').flatMap(({ piece, outcome }) => {
      const harm = HARM_CASES[piece.case];
      if (harm === undefined) return [];
      const { name, times, control, looks } = harm;
      return [{ name, times, control, looks, ...(outcome as Delay) }];
    }),
    otherDelays: of('other delay').flatMap(({ piece, outcome }) => {
      const other = OTHER_HARMS[piece.case];
      return other === undefined ? [] : [{ name: other.name, harm: other.harm, ...(outcome as OtherDelay) }];
    }),
    comparison: of('comparison').flatMap(({ piece, outcome }) =>
      (outcome as readonly Tally[]).map((tally) => ({
        ...tally,
        fleet: FLEET_KINDS[piece.kind]?.name ?? '',
        times: piece.times,
        stories: piece.runs,
      })),
    ),
    costs: of('cost').map(({ outcome }) => outcome as Cost),
  };
}
