import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { figuresOf, type JudgeFigures, type Runs } from './judgeFigures.ts';
import { judgePage } from './judgePage.ts';
import { plotDelays, plotFalseRollbacks, plotPeers } from './judgePlots.ts';
import { KeptPieces } from './keptPieces.ts';

export interface BenchOptions {
  readonly runs: Runs;
  /** Where what is measured is kept, piece by piece, and its figures. */
  readonly into: string;
  /** Where the page and its pictures go. */
  readonly page: string;
  /** Off: nothing is measured, and figures and page are those of what is kept. */
  readonly measures: boolean;
  readonly print: (line: string) => void;
}

const NAME = 'judge-benchmark';

/** Measures how often a harmless rollout is rolled back, how soon harm is found, and the same for the judges that users have today; writes figures, page and plots. */
export async function judgeBench({ runs, into, page, measures, print }: BenchOptions): Promise<JudgeFigures> {
  await mkdir(page, { recursive: true });
  const kept = await KeptPieces.open(join(into, 'pieces.jsonl'));
  const figures = await figuresOf(runs, kept, measures, (done, of) => {
    if (done % 20 === 0 || done === of) print(`  ${done} of ${of}`);
  });
  const plot = (name: string) => `${NAME}-${name}.svg`;
  await writeFile(join(into, 'judge.json'), `${JSON.stringify(figures, null, 2)}\n`);
  await writeFile(join(page, `${NAME}.md`), judgePage(figures, plot));
  await writeFile(join(page, plot('false-rollbacks')), plotFalseRollbacks(figures));
  await writeFile(join(page, plot('delay')), plotDelays(figures));
  await writeFile(join(page, plot('peers')), plotPeers(figures));
  return figures;
}
