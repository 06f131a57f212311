import { cpus } from 'node:os';
import { Worker } from 'node:worker_threads';
import { compare } from './comparison.ts';
import { delayOf, HARM_CASES } from './detectionDelay.ts';
import { isRolledBack } from './falseRollbacks.ts';
import { FLEET_KINDS } from './fleets.ts';
import { USUAL_SHAPE } from './healthyRollout.ts';

/** One piece of a measurement, which a worker does by itself. Kinds of fleets and cases of harm go by their place in their lists. */
export type Piece =
  | {
      readonly do: 'false rollbacks';
      readonly kind: number;
      readonly metrics: number;
      readonly from: number;
      readonly runs: number;
    }
  | { readonly do: 'delay'; readonly case: number; readonly runs: number; readonly alpha: number }
  | { readonly do: 'comparison'; readonly kind: number; readonly times: number; readonly runs: number };

export const BUDGET = 0.01;

/** What a piece comes to; plain data. */
export function perform(piece: Piece): unknown {
  switch (piece.do) {
    case 'false rollbacks': {
      const kind = at(FLEET_KINDS, piece.kind);
      let rolledBack = 0;
      for (let run = 0; run < piece.runs; run++)
        if (isRolledBack(kind, piece.metrics, USUAL_SHAPE, piece.from + run, BUDGET)) rolledBack++;
      return rolledBack;
    }
    case 'delay':
      return delayOf(at(HARM_CASES, piece.case), piece.alpha, piece.runs, piece.case + 1);
    case 'comparison':
      return compare(at(FLEET_KINDS, piece.kind), USUAL_SHAPE, piece.times, piece.runs);
  }
}

/** Performs pieces, one on each core at a time, and tells how far it is. Outcomes are in the order of the pieces. */
export async function performAll(
  pieces: readonly Piece[],
  told: (done: number, of: number) => void,
): Promise<unknown[]> {
  const outcomes: unknown[] = [];
  let next = 0;
  let done = 0;
  const work = async () => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url));
    for (let index = next++; index < pieces.length; index = next++) {
      outcomes[index] = await new Promise((resolve, reject) => {
        worker.once('message', resolve);
        worker.once('error', reject);
        worker.postMessage(pieces[index]);
      });
      worker.removeAllListeners('error');
      told(++done, pieces.length);
    }
    await worker.terminate();
  };
  await Promise.all(Array.from({ length: Math.min(cpus().length, pieces.length) }, work));
  return outcomes;
}

function at<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  if (item === undefined) throw new Error(`there is no number ${index}`);
  return item;
}
