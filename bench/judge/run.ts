import { cpus } from 'node:os';
import { Worker } from 'node:worker_threads';
import { compare } from './comparison.ts';
import { delayOf, HARM_CASES } from './detectionDelay.ts';
import { rolledBack } from './falseRollbacks.ts';
import { FLEET_KINDS } from './fleets.ts';
import { HEALTHY_CASES, USUAL_SHAPE } from './healthyRollout.ts';
import { costOf } from './judgeCost.ts';
import { digestOf, type KeptPieces } from './keptPieces.ts';
import { OTHER_HARMS, otherDelayOf } from './otherDelays.ts';

/** One piece of a measurement, which a worker does by itself. Kinds of fleets and cases go by their place in their lists. */
export type Piece =
  | { readonly do: 'false rollbacks'; readonly case: number; readonly from: number; readonly runs: number }
  | { readonly do: 'delay'; readonly case: number; readonly runs: number; readonly alpha: number }
  | { readonly do: 'other delay'; readonly case: number; readonly runs: number; readonly alpha: number }
  | { readonly do: 'cost'; readonly targets: number }
  | { readonly do: 'comparison'; readonly kind: number; readonly times: number; readonly runs: number };

/** Where each measurement begins: a piece is measured anew when this module, or one that it imports, has changed. */
const MODULES: Readonly<Record<Piece['do'], URL>> = {
  'false rollbacks': new URL('./falseRollbacks.ts', import.meta.url),
  delay: new URL('./detectionDelay.ts', import.meta.url),
  'other delay': new URL('./otherDelays.ts', import.meta.url),
  cost: new URL('./judgeCost.ts', import.meta.url),
  comparison: new URL('./comparison.ts', import.meta.url),
};

export const BUDGET = 0.01;

/** What a piece comes to; plain data. */
export function perform(piece: Piece): unknown {
  switch (piece.do) {
    case 'false rollbacks': {
      const healthy = at(HEALTHY_CASES, piece.case);
      let counted: readonly number[] = [];
      for (let run = 0; run < piece.runs; run++)
        counted = rolledBack(healthy, piece.from + run, BUDGET).map(
          (isRolledBack, index) => (counted[index] ?? 0) + (isRolledBack ? 1 : 0),
        );
      return counted;
    }
    case 'delay':
      return delayOf(at(HARM_CASES, piece.case), piece.alpha, piece.runs, piece.case + 1);
    case 'other delay':
      return otherDelayOf(at(OTHER_HARMS, piece.case), piece.alpha, piece.runs, piece.case + 1);
    case 'cost':
      return costOf(piece.targets);
    case 'comparison':
      return compare(at(FLEET_KINDS, piece.kind), USUAL_SHAPE, piece.times, piece.runs);
  }
}

/**
 * Performs pieces, one on each core at a time, keeps what each comes to, and tells how far it is. What is kept already is not done again; with
 * `measures` off nothing is done. Outcomes are in the order of the pieces, `undefined` for those that were not done.
 */
export async function performAll(
  pieces: readonly Piece[],
  kept: KeptPieces,
  measures: boolean,
  told: (done: number, of: number) => void,
): Promise<unknown[]> {
  const digests = new Map<Piece['do'], string>();
  for (const { do: what } of pieces) if (!digests.has(what)) digests.set(what, await digestOf(MODULES[what]));
  const digest = (piece: Piece) => digests.get(piece.do) ?? '';
  const open = pieces.filter((piece) => !kept.has(digest(piece), piece));
  let done = pieces.length - open.length;
  if (!measures) open.length = 0;
  const work = async () => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url));
    for (let piece = open.shift(); piece !== undefined; piece = open.shift()) {
      const outcome = await new Promise((resolve, reject) => {
        worker.once('message', resolve);
        worker.once('error', reject);
        worker.postMessage(piece);
      });
      worker.removeAllListeners('error');
      await kept.keep(digest(piece), piece, outcome);
      told(++done, pieces.length);
    }
    await worker.terminate();
  };
  await Promise.all(Array.from({ length: Math.min(cpus().length, open.length) }, work));
  return pieces.map((piece) => kept.get(digest(piece), piece));
}

function at<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  if (item === undefined) throw new Error(`there is no number ${index}`);
  return item;
}
